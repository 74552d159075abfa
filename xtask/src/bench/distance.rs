//! A proxy on loopback that is as far away as AWS: it charges one delay for each
//! connection, and one for each time that the server speaks after the client
//! did. So a request over TLS 1.3 takes three: connect, hello, request.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::process::{Context as _, Result};

/// The way to a server, with a delay.
pub(super) struct Distance {
    /// Where it is reached now: a port of 127.0.0.1.
    pub(super) port: u16,
    trips: Arc<AtomicUsize>,
}

impl Distance {
    /// The way to the server at `to` (`127.0.0.1:PORT`). Its thread ends with
    /// the process.
    ///
    /// # Errors
    /// There is no port for it.
    pub(super) fn to(to: &str, delay: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port for a proxy")?;
        let port = listener.local_addr().context("no port for a proxy")?.port();
        let trips = Arc::new(AtomicUsize::new(0));
        let (counter, to) = (Arc::clone(&trips), to.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (counter, to) = (Arc::clone(&counter), to.clone());
                thread::spawn(move || {
                    // Who goes away in the middle is their own affair.
                    let charge = move || {
                        counter.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(delay);
                    };
                    let _ = serve(&client, &to, charge);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Ok(Self { port, trips })
    }

    /// Round trips since this was last asked.
    pub(super) fn trips(&self) -> usize {
        self.trips.swap(0, Ordering::Relaxed)
    }
}

fn serve(client: &TcpStream, to: &str, charge: impl Fn() + Send + 'static) -> std::io::Result<()> {
    // What the client sends meanwhile waits: it is on its way.
    charge();
    let server = TcpStream::connect(to)?;
    for stream in [client, &server] {
        stream.set_nodelay(true)?;
    }
    // Whether the client was the last who spoke.
    let asking = Arc::new(Mutex::new(false));
    let (back, answering) = (
        (server.try_clone()?, client.try_clone()?),
        Arc::clone(&asking),
    );
    thread::spawn(move || {
        let (mut from, mut to) = back;
        let mut bytes = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if std::mem::take(&mut *lock(&answering)) {
                charge();
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to, mut bytes) = (client, &server, [0; 16 * 1024]);
    loop {
        let count = from.read(&mut bytes)?;
        if count == 0 {
            return server.shutdown(Shutdown::Write);
        }
        *lock(&asking) = true;
        to.write_all(&bytes[..count])?;
    }
}

fn lock(flag: &Mutex<bool>) -> std::sync::MutexGuard<'_, bool> {
    flag.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_and_each_turn_are_round_trips() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = server.local_addr().unwrap().to_string();
        thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut byte = [0];
            while let Ok(1) = stream.read(&mut byte) {
                // A question of two bytes has one answer.
                if byte == *b"?" {
                    stream.write_all(b"!").unwrap();
                }
            }
        });
        let way = Distance::to(&to, Duration::ZERO).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", way.port)).unwrap();
        let mut ask = |question: &[u8]| {
            client.write_all(question).unwrap();
            client.read_exact(&mut [0]).unwrap();
        };
        ask(b"a?");
        assert_eq!(way.trips(), 2);
        ask(b"b?");
        ask(b"c?");
        assert_eq!(way.trips(), 2);
    }
}

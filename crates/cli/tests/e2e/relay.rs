//! What stands between the program and the private AWS: passes on what both
//! say, counts connections and turns, and misbehaves where it is told to.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::harness::Stage;
use super::terminal::PATIENCE;

/// What it does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Passes everything on.
    Passes,
    /// Closes it at once.
    Closes,
    /// Says this before anything was asked, and passes everything on.
    SpeaksFirst(&'static [u8]),
    /// Takes it, and says nothing.
    Stalls,
    /// Closes it when so many bytes have come; none of them is passed on.
    ClosesAfter(usize),
    /// Passes a request on, and closes it after so many bytes of the answer.
    CutsAnswer(usize),
    /// Closes it after the first answer, which does not say so.
    ClosesAfterAnswer,
    /// Says this after the first answer, and passes everything on.
    SpeaksAfterAnswer(&'static [u8]),
}

/// A relay on loopback; it lasts as long as the test.
pub(crate) struct Relay {
    seen: Arc<(Mutex<Vec<Seen>>, Condvar)>,
}

/// What went over one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// What the program sent.
    pub(crate) sent: Vec<u8>,
    /// How often the program began to speak, and AWS.
    pub(crate) turns: [usize; 2],
    aws_spoke_last: bool,
    /// Whether it was closed, by whomever.
    pub(crate) closed: bool,
}

impl Relay {
    /// In front of the AWS of `stage`, whose profile goes through it from now
    /// on. The first connection is treated as the first of `manners` says, and
    /// so on; all that follow, as the last one says.
    pub(crate) fn before(stage: &Stage, manners: &[Manner]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = stage.sandbox.endpoint();
        let (scheme, aws) = endpoint.split_once("://").unwrap();
        stage.write(
            ".aws/config",
            &format!("[profile base]\nendpoint_url = {scheme}://127.0.0.1:{port}\n"),
        );
        let seen: Arc<(Mutex<Vec<Seen>>, Condvar)> = Arc::default();
        let (log, aws, manners) = (Arc::clone(&seen), aws.to_owned(), manners.to_vec());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = {
                    let mut all = log.0.lock().unwrap();
                    all.push(Seen::default());
                    all.len() - 1
                };
                log.1.notify_all();
                let manner = *manners.get(number).or(manners.last()).unwrap();
                let line = Line {
                    seen: Arc::clone(&log),
                    number,
                };
                let aws = aws.clone();
                thread::spawn(move || {
                    // Who goes away in the middle is their own affair.
                    let _ = line.serve(client, &aws, manner);
                    line.note(|seen| seen.closed = true);
                });
            }
        });
        Self { seen }
    }

    /// What went over each connection so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.0.lock().unwrap().clone()
    }

    /// Round trips so far: one for each connection, one for each time that AWS
    /// answered on it.
    pub(crate) fn round_trips(&self) -> usize {
        let seen = self.seen();
        seen.iter().map(|seen| 1 + seen.turns[1]).sum()
    }

    /// In how many connections the program sent `text`.
    pub(crate) fn uses_of(&self, text: &str) -> usize {
        let has = |seen: &Seen| String::from_utf8_lossy(&seen.sent).matches(text).count();
        self.seen().iter().map(has).sum()
    }

    /// Waits until it `is_so`.
    #[track_caller]
    pub(crate) fn sees_that(&self, what: &str, is_so: impl Fn(&[Seen]) -> bool) {
        let (seen, changed) = &*self.seen;
        let not_yet = |seen: &mut Vec<Seen>| !is_so(seen);
        let seen = changed.wait_timeout_while(seen.lock().unwrap(), PATIENCE, not_yet);
        let (seen, late) = seen.unwrap();
        assert!(!late.timed_out(), "never: {what}: {seen:?}");
    }
}

/// One connection.
struct Line {
    seen: Arc<(Mutex<Vec<Seen>>, Condvar)>,
    number: usize,
}

impl Line {
    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.0.lock().unwrap()[self.number]);
        self.seen.1.notify_all();
    }

    fn program_said(&self, bytes: &[u8]) {
        self.note(|seen| {
            if seen.sent.is_empty() || seen.aws_spoke_last {
                seen.turns[0] += 1;
            }
            seen.aws_spoke_last = false;
            seen.sent.extend_from_slice(bytes);
        });
    }

    fn aws_said(&self) {
        self.note(|seen| {
            if !seen.aws_spoke_last {
                seen.turns[1] += 1;
            }
            seen.aws_spoke_last = true;
        });
    }

    fn serve(&self, mut client: TcpStream, aws: &str, manner: Manner) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let mut buffer = [0; 16 * 1024];
        match manner {
            Manner::Closes => return Ok(()),
            Manner::Stalls => {
                while let count @ 1.. = client.read(&mut buffer)? {
                    self.program_said(&buffer[..count]);
                }
                return Ok(());
            }
            Manner::ClosesAfter(bytes) => {
                let mut some = vec![0; bytes];
                client.read_exact(&mut some)?;
                self.program_said(&some);
                return Ok(());
            }
            Manner::SpeaksFirst(words) => client.write_all(words)?,
            _ => {}
        }
        let mut server = TcpStream::connect(aws)?;
        server.set_nodelay(true)?;
        let (up_from, mut up_to) = (client.try_clone()?, server.try_clone()?);
        let there = Self {
            seen: Arc::clone(&self.seen),
            number: self.number,
        };
        let up = thread::spawn(move || {
            let mut client = up_from;
            let mut buffer = [0; 16 * 1024];
            while let Ok(count @ 1..) = client.read(&mut buffer) {
                there.program_said(&buffer[..count]);
                if up_to.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = up_to.shutdown(Shutdown::Both);
        });
        let answered = self.pass_back(&mut server, &mut client, manner);
        let _ = client.shutdown(Shutdown::Both);
        let _ = up.join();
        answered
    }

    fn pass_back(
        &self,
        server: &mut TcpStream,
        client: &mut TcpStream,
        manner: Manner,
    ) -> std::io::Result<()> {
        let mut answer = Vec::new();
        let mut first = true;
        let mut buffer = [0; 16 * 1024];
        loop {
            let count = server.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            let bytes = &buffer[..count];
            answer.extend_from_slice(bytes);
            self.aws_said();
            if let Manner::CutsAnswer(most) = manner {
                let left = (most + count).saturating_sub(answer.len());
                client.write_all(&bytes[..left.min(count)])?;
                if left <= count {
                    return Ok(());
                }
                continue;
            }
            client.write_all(bytes)?;
            if first && is_whole(&answer) {
                first = false;
                match manner {
                    Manner::ClosesAfterAnswer => return Ok(()),
                    Manner::SpeaksAfterAnswer(words) => client.write_all(words)?,
                    _ => {}
                }
            }
        }
    }
}

/// Whether `answer` has as many bytes as it says.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    length.is_some_and(|length| body.len() >= length.trim().parse().unwrap())
}

//! A proxy of a few lines: it writes down whom it was asked for, and passes
//! everything on, or nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a [`Proxy`] does with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Connects to where it is asked to.
    Passes,
    /// Passes for `user:p@ss`, and sends everyone else away.
    Asks,
    /// Answers 403 to everything.
    Refuses,
}

/// `Basic` of `user:p@ss`.
const PASS: &str = "basic dxnlcjpwqhnz";

/// A proxy on loopback.
pub(crate) struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&log);
                // A client that goes away in the middle is its own affair.
                thread::spawn(move || drop(serve(stream, manner, &log)));
            }
        });
        Self { port, asked }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// As [`Self::url`], with the name and the password that it asks for.
    pub(crate) fn url_with_password(&self) -> String {
        format!("http://user:p%40ss@127.0.0.1:{}", self.port)
    }

    /// The first lines of what it was asked, without the version; forgotten
    /// then.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn serve(client: TcpStream, manner: Manner, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let end = line.trim().is_empty();
        head.push(line);
        if end {
            break;
        }
    }
    let words: Vec<&str> = head[0].split_whitespace().collect();
    let (method, target) = (words[0], words[1]);
    log.lock().unwrap().push(format!("{method} {target}"));
    let known = head.iter().any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with("proxy-authorization:") && line.trim().ends_with(PASS)
    });
    let mut client = client;
    let refusal = match manner {
        Manner::Refuses => Some("403 Forbidden"),
        Manner::Asks if !known => Some("407 Proxy Authentication Required"),
        _ => None,
    };
    if let Some(refusal) = refusal {
        let answer =
            format!("HTTP/1.1 {refusal}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        client.write_all(answer.as_bytes())?;
        // Read to the end, so that closing does not reset the connection.
        client.shutdown(Shutdown::Write)?;
        return std::io::copy(&mut reader, &mut std::io::sink()).map(drop);
    }
    let host = target
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap_or_default();
    let mut server = TcpStream::connect(host)?;
    if method == "CONNECT" {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        server.write_all(head.concat().as_bytes())?;
    }
    let (mut up, mut down) = (server.try_clone()?, client);
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut server, &mut down);
        let _ = down.shutdown(Shutdown::Both);
    });
    copy_now(&mut reader, &mut up)?;
    let _ = up.shutdown(Shutdown::Write);
    let _ = back.join();
    Ok(())
}

/// Copies what comes as it comes.
fn copy_now(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            length => to.write_all(&buffer[..length])?,
        }
    }
}

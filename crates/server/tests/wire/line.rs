//! A connection whose answers are read one by one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::Stage;

/// An answer, as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The lines below the first, sorted.
    pub(crate) head: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let values = self.head.iter().filter_map(|line| line.split_once(": "));
        values
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value)
            .next()
    }

    pub(crate) fn closes(&self, of_old: bool) -> bool {
        // Before HTTP/1.1, a connection ends with its answer.
        of_old || self.header("connection") == Some("close")
    }
}

/// A connection whose answers are read one by one.
pub(crate) struct Line {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    pub(crate) fn to(stage: &Stage) -> Self {
        let stream = stage.connect();
        let read = Vec::new();
        Self { stream, read }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Waits for more; whether there is any.
    fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let count = match self.stream.read(&mut bytes) {
            Ok(count) => count,
            // The other end has gone before it has read everything.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("{error}"),
        };
        self.read.extend(&bytes[..count]);
        count > 0
    }

    /// The next answer, none at the end; `bare` if a body is only spoken of.
    pub(crate) fn next(&mut self, bare: bool) -> Option<Answer> {
        let end = loop {
            let found = self.read.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(at) = found {
                break at + 4;
            }
            if !self.more() {
                assert!(self.read.is_empty(), "{:?}", self.read);
                return None;
            }
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let mut lines = head.trim_end().lines();
        let first = lines.next().unwrap();
        let status = first.strip_prefix("HTTP/1.").unwrap();
        let mut head: Vec<String> = lines.map(str::to_owned).collect();
        head.sort_unstable();
        let mut answer = Answer {
            status: status[2..5].parse().unwrap(),
            head,
            body: String::new(),
        };
        let length: usize = answer.header("content-length").unwrap().parse().unwrap();
        let length = if bare { 0 } else { length };
        while self.read.len() < length {
            assert!(self.more(), "half a body");
        }
        answer.body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        Some(answer)
    }

    /// Asks rightly; whether it gets the credentials.
    pub(crate) fn is_served(&mut self, stage: &Stage) -> bool {
        self.send(stage.request().as_bytes());
        let answer = self.next(false);
        answer.is_some_and(|answer| answer.status == 200 && answer.body.contains("ASIA1"))
    }

    /// Whether nothing comes but the end.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.next(false).is_none()
    }
}

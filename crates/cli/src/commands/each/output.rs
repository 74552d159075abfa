//! What the commands wrote, as it is printed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::asked::Args;
use super::select::Task;
use super::tally::ended;
use super::work::{Output, TaskDone, TaskEnd};
use crate::app::App;
use crate::outcome::Outcome;

/// Bytes that are read at once: whole groups of three for base64.
const CHUNK: usize = 48 * 1024;

/// Prints what is done, in order.
pub(super) struct Printout<'a> {
    app: &'a App<'a>,
    args: &'a Args,
    /// Whether control characters are kept from a terminal.
    cleans: bool,
    /// What waits for its turn.
    waiting: BTreeMap<usize, TaskDone>,
    next: usize,
}

impl<'a> Printout<'a> {
    pub(super) fn new(app: &'a App<'_>, args: &'a Args) -> Self {
        Self {
            app,
            args,
            cleans: app.printer.settings().out_width.is_some() && !args.raw,
            waiting: BTreeMap::new(),
            next: 0,
        }
    }

    /// Takes what is done, and prints what is at its turn.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(super) fn add(&mut self, done: TaskDone) -> Result<()> {
        if self.args.unordered {
            return self.print(done);
        }
        self.waiting.insert(done.number, done);
        while let Some(done) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.print(done)?;
        }
        Ok(())
    }

    fn print(&self, done: TaskDone) -> Result<()> {
        if self.args.json {
            return self.json(done);
        }
        let title = one_line(&done.task.title());
        match done.end {
            TaskEnd::NotBegun => Ok(()),
            TaskEnd::Failed(error) => {
                self.app
                    .printer
                    .error(&error.because(format!("in role {title}")));
                Ok(())
            }
            TaskEnd::Ran(ran) => {
                if self.args.output_dir.is_some() {
                    self.say_failed(&title, ran.status, ran.timed_out);
                    return Ok(());
                }
                let prefix = match self.args.prefix {
                    true => format!("{title}: "),
                    false => {
                        self.app.data(&format!("== {title}\n"))?;
                        String::new()
                    }
                };
                let (status, timed_out) = (ran.status, ran.timed_out);
                for output in [ran.stdout, ran.stderr] {
                    self.lines(output, &prefix)?;
                }
                self.say_failed(&title, status, timed_out);
                Ok(())
            }
        }
    }

    /// Says how a command ended that failed.
    fn say_failed(&self, title: &str, status: ExitStatus, timed_out: bool) {
        if !status.success() || timed_out {
            let how = ended(status, timed_out);
            self.app.printer.note(&format!("{title}: {how}"));
        }
    }

    /// Prints `output`, each line behind `prefix`.
    fn lines(&self, output: Output, prefix: &str) -> Result<()> {
        let mut at_start = true;
        let mut last = b'\n';
        chunks(output, &mut |chunk| {
            let mut out = Vec::with_capacity(chunk.len() + prefix.len());
            for byte in chunk {
                if at_start {
                    out.extend_from_slice(prefix.as_bytes());
                    at_start = false;
                }
                // The second byte of a control character beyond ASCII.
                let beyond = last == 0xc2 && (0x80..0xa0).contains(byte);
                let control = byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t');
                match self.cleans && (control || beyond) {
                    true if beyond => out.extend_from_slice(b"\xa4"),
                    true => out.push(b'?'),
                    false => out.push(*byte),
                }
                last = *byte;
                at_start = *byte == b'\n';
            }
            self.app.bytes(&out).map(drop)
        })?;
        match last {
            b'\n' => Ok(()),
            _ => self.app.data("\n").map(drop),
        }
    }

    fn json(&self, done: TaskDone) -> Result<()> {
        let Task {
            role,
            account,
            region,
            ..
        } = &done.task;
        let region = region.as_ref().map(ToString::to_string);
        let seconds = (done.time.as_secs_f64() * 1000.0).round() / 1000.0;
        let head = |status: Option<i32>, signal: Option<i32>| {
            let head = json!({
                "role": role,
                "account": account,
                "region": region,
                "status": status,
                "signal": signal,
                "seconds": seconds,
            });
            let mut text = head.to_string();
            text.pop();
            text
        };
        let error = |error: Option<String>, id: Option<Id>| {
            format!(",\"error\":{},\"error_id\":{}}}\n", json!(error), json!(id))
        };
        let none = ",\"stdout\":null,\"stderr\":null";
        match done.end {
            TaskEnd::NotBegun => {
                let why = error(Some("not begun".to_owned()), None);
                self.app.data(&format!("{}{none}{why}", head(None, None)))?;
            }
            TaskEnd::Failed(why) => {
                let why = error(Some(why.message().to_owned()), Some(why.id()));
                self.app.data(&format!("{}{none}{why}", head(None, None)))?;
            }
            TaskEnd::Ran(ran) => {
                self.app
                    .data(&head(ran.status.code(), ran.status.signal()))?;
                self.app.data(",\"stdout\":")?;
                self.json_text(ran.stdout)?;
                self.app.data(",\"stderr\":")?;
                self.json_text(ran.stderr)?;
                let late = ran.timed_out.then(|| "its time was up".to_owned());
                self.app.data(&error(late, None))?;
            }
        }
        Ok(())
    }

    /// A string, or what is no UTF-8 as an object with base64.
    fn json_text(&self, mut output: Output) -> Result<()> {
        if is_text(&mut output)? {
            self.app.data("\"")?;
            let mut rest: Vec<u8> = Vec::new();
            chunks(output, &mut |chunk| {
                rest.extend_from_slice(chunk);
                let whole = match std::str::from_utf8(&rest) {
                    Ok(_) => rest.len(),
                    Err(error) => error.valid_up_to(),
                };
                let text = String::from_utf8_lossy(&rest[..whole]);
                let quoted = json!(text).to_string();
                self.app.data(&quoted[1..quoted.len() - 1])?;
                rest.drain(..whole);
                Ok(())
            })?;
            return self.app.data("\"").map(drop);
        }
        self.app.data("{\"base64\":\"")?;
        chunks(output, &mut |chunk| {
            self.app.data(&BASE64_STANDARD.encode(chunk)).map(drop)
        })?;
        self.app.data("\"}").map(drop)
    }
}

fn unreadable(error: io::Error) -> Error {
    Error::new(Kind::Failed, "what a command wrote cannot be read").because(error)
}

/// Whether all of `output` is UTF-8.
fn is_text(output: &mut Output) -> Result<bool> {
    let file = match output {
        Output::Memory(bytes) => return Ok(std::str::from_utf8(bytes).is_ok()),
        Output::File(file) => file,
    };
    let mut rest: Vec<u8> = Vec::new();
    let mut is_text = true;
    read(file, &mut |chunk| {
        rest.extend_from_slice(chunk);
        let valid = match std::str::from_utf8(&rest) {
            Ok(_) => rest.len(),
            Err(error) => {
                is_text &= error.error_len().is_none();
                error.valid_up_to()
            }
        };
        rest.drain(..valid);
        rest.truncate(4);
        Ok(())
    })?;
    file.rewind().map_err(unreadable)?;
    Ok(is_text && rest.is_empty())
}

/// Shows `see` the bytes of `output`, some at a time.
fn chunks(output: Output, see: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    match output {
        Output::Memory(bytes) if bytes.is_empty() => Ok(()),
        Output::Memory(bytes) => see(&bytes),
        Output::File(mut file) => read(&mut file, see),
    }
}

fn read(file: &mut File, see: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        chunk.clear();
        let part = CHUNK as u64;
        Read::take(&mut *file, part)
            .read_to_end(&mut chunk)
            .map_err(unreadable)?;
        if chunk.is_empty() {
            return Ok(());
        }
        see(&chunk)?;
    }
}

/// Shows which roles the command would run in.
///
/// # Errors
/// stdout cannot be written to.
pub(super) fn dry_run(app: &App<'_>, args: &Args, tasks: &[Task]) -> Result<Outcome> {
    let mut text = String::new();
    for task in tasks {
        match args.json {
            true => {
                let region = task.region.as_ref().map(ToString::to_string);
                let line = json!({"role": task.role, "account": task.account, "region": region});
                text.push_str(&format!("{line}\n"));
            }
            false => text.push_str(&format!("{}\n", one_line(&task.title()))),
        }
    }
    app.data(&text)
}

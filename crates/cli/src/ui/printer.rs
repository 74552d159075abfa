//! The one place that writes to stdout (data) and to stderr (talk).

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};
use assumerole_core::diagnostic::{Error, Kind, Warning};
use assumerole_host::env::Env;
use assumerole_host::tty::size_of;
use clap::builder::StyledStr;

use super::look::{Look, TerminalVars};
use super::report::Report;

/// How a [`Printer`] prints, decided once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Leaves out notes and warnings; errors and data stay.
    pub(crate) quiet: bool,
    /// How data may look.
    pub(crate) out: Look,
    /// Columns of the terminal that data goes to; `None` for a pipe or a file,
    /// which get every value whole.
    pub(crate) out_width: Option<usize>,
    /// How talk may look.
    pub(crate) err: Look,
    /// Columns of the terminal that talk goes to, if it is one that
    /// understands escape sequences.
    pub(crate) err_width: Option<usize>,
    /// The home folder, which talk shows as `~`.
    pub(crate) home: Option<String>,
    /// Whether an error is one line, for a program that shows it.
    pub(crate) lines: bool,
    /// Whether the name of an error is shown.
    pub(crate) names: bool,
}

impl Settings {
    /// The settings for the streams of this process.
    pub(crate) fn detect(env: &Env, quiet: bool) -> Self {
        let vars = TerminalVars::read(|name| env.text(name));
        let (out, err) = (stdout(), stderr());
        // A terminal that does not say is taken for the usual one.
        let columns = |stream: BorrowedFd<'_>| {
            size_of(stream).map_or(80, |(columns, _)| usize::from(columns))
        };
        let (to_out, to_err) = (out.is_terminal(), err.is_terminal());
        Self {
            quiet,
            out: vars.look(to_out),
            out_width: to_out.then(|| columns(out.as_fd())),
            err: vars.look(to_err),
            err_width: (to_err && vars.can_move_cursor()).then(|| columns(err.as_fd())),
            home: env
                .home()
                .and_then(|home| home.into_os_string().into_string().ok()),
            lines: false,
            names: false,
        }
    }
}

/// Writes data to stdout and talk to stderr.
pub(crate) struct Printer {
    settings: Settings,
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
}

impl Printer {
    /// A printer for the streams of this process.
    pub(crate) fn new(env: &Env, quiet: bool) -> Self {
        let settings = Settings::detect(env, quiet);
        let choice = |look: Look| match look.color {
            // On an old Windows console this turns sequences into calls.
            true => ColorChoice::Always,
            // Nothing is stripped: data stays what it is.
            false => ColorChoice::AlwaysAnsi,
        };
        let out = AutoStream::new(stdout(), choice(settings.out));
        let err = AutoStream::new(stderr(), choice(settings.err));
        Self::with_streams(Box::new(out), Box::new(err), settings)
    }

    /// A printer for any two streams: data goes to `out`, talk to `err`.
    pub(crate) fn with_streams(
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
        settings: Settings,
    ) -> Self {
        Self {
            settings,
            out: Mutex::new(out),
            err: Mutex::new(err),
        }
    }

    /// The same, with an error in one line if `lines`.
    #[must_use]
    pub(crate) fn in_lines(mut self, lines: bool) -> Self {
        self.settings.lines = lines;
        self
    }

    /// The same, which shows the name of an error or not.
    pub(crate) fn with_names(mut self, names: bool) -> Self {
        self.settings.names = names;
        self
    }

    /// How this prints: for whoever draws a table or a bar for it.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Writes `text` to stdout byte for byte and flushes it.
    ///
    /// # Errors
    /// The reader is gone, or the write failed otherwise (a full disk).
    pub(crate) fn data(&self, text: &str) -> Result<(), WriteError> {
        self.bytes(text.as_bytes())
    }

    /// As [`Printer::data`], of bytes that need not be text.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), WriteError> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(bytes)
            .and_then(|()| out.flush())
            .map_err(WriteError)
    }

    /// Tells the person something, on stderr. Not when quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.settings.quiet {
            let mut text = self.report().clean(text).trim_end().to_owned();
            text.push('\n');
            self.say(&text);
        }
    }

    /// Shows how far something is, in a line of the terminal that the next takes;
    /// `None`: it is over. Nothing where stderr is no terminal.
    pub(crate) fn progress(&self, text: Option<String>) {
        if self.settings.quiet || self.settings.err_width.is_none() {
            return;
        }
        let text = text.map(|text| self.report().clean(&text).trim_end().to_owned());
        self.say(&format!("\r\x1b[K{}", text.unwrap_or_default()));
    }

    /// Tells the person what they have to do, on stderr, quiet or not.
    pub(crate) fn request(&self, text: &str) {
        let mut text = self.report().clean(text).trim_end().to_owned();
        text.push('\n');
        self.say(&text);
    }

    /// Warns the person, on stderr. Not when quiet.
    pub(crate) fn warning(&self, warning: &Warning) {
        if !self.settings.quiet {
            self.say(&self.report().warning(warning));
        }
    }

    /// Says on stderr what went wrong, quiet or not.
    pub(crate) fn error(&self, error: &Error) {
        let report = self.report();
        self.say(&match self.settings.lines {
            true => report.line(error),
            false => report.error(error),
        });
    }

    /// Writes clap's help or version to stdout.
    ///
    /// # Errors
    /// As [`Printer::data`].
    pub(crate) fn help(&self, text: &StyledStr) -> Result<(), WriteError> {
        self.data(&styled(text, self.settings.out))
    }

    /// Writes clap's help to stderr, where a shell evaluates stdout.
    pub(crate) fn help_aside(&self, text: &StyledStr) {
        self.say(&styled(text, self.settings.err));
    }

    fn report(&self) -> Report<'_> {
        Report {
            look: self.settings.err,
            home: self.settings.home.as_deref(),
            width: self.settings.err_width,
            names: self.settings.names,
        }
    }

    /// One write, so that the lines of several processes do not mix. Whoever
    /// closed stderr does not want to hear about it.
    fn say(&self, text: &str) {
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = err.write_all(text.as_bytes());
        let _ = err.flush();
    }
}

impl fmt::Debug for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

fn styled(text: &StyledStr, look: Look) -> String {
    if look.color {
        text.ansi().to_string()
    } else {
        text.to_string()
    }
}

/// Data could not be written to stdout.
#[derive(Debug)]
pub(crate) struct WriteError(io::Error);

impl WriteError {
    /// Whoever read it has gone (`| head`): no reason to complain.
    pub(crate) fn reader_gone(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write to standard output: {}", self.0)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        Self::new(Kind::Failed, "cannot write to standard output")
            .because(assumerole_host::error::reason(&error.0))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one printer")]
fn stdout() -> io::Stdout {
    io::stdout()
}

#[expect(clippy::disallowed_methods, reason = "this is the one printer")]
fn stderr() -> io::Stderr {
    io::stderr()
}

#[cfg(test)]
mod tests;

//! The controlling terminal, whatever the three streams are.

mod keys;
mod mode;

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

use assumerole_core::sanitize::one_line;
use assumerole_core::{Error, Kind};
use rustix::io::Errno;
use rustix::termios::{self, QueueSelector};
use secrecy::SecretString;

use crate::env::{Env, names};
use crate::signals::Watch;
use keys::{Key, Keys, Line};
use mode::Quiet;

/// The controlling terminal, open for reading and writing.
#[derive(Debug)]
pub struct Tty {
    file: File,
    utf8: bool,
}

/// What may be typed, and what is seen of it.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The characters that are taken; every other one is passed over, so that
    /// a code can be pasted with the space that its app shows in the middle.
    pub accept: fn(char) -> bool,
    /// How many characters are taken at most.
    pub most: usize,
    /// Whether they are shown, or a dot for each.
    pub shown: bool,
    /// Whether what was typed before the question stood there is thrown away.
    pub fresh: bool,
}

impl Rules {
    /// A line of text that may be seen.
    const LINE: Self = Self {
        accept: |c| !c.is_control(),
        most: MOST,
        shown: true,
        fresh: false,
    };
}

/// Why there is no answer.
#[derive(Debug)]
pub enum AskError {
    /// Ctrl-C, or a signal from outside; its number. The terminal is as it
    /// was.
    Interrupted(i32),
    /// Ctrl-D, or the terminal is gone.
    Closed,
    /// This process is in the background: to read would stop it.
    Background,
    /// The terminal failed.
    Io(io::Error),
}

/// More than anybody types; memory for it is taken at once, so that no copy
/// of a secret is left behind where it grew.
const MOST: usize = 4096;

impl Tty {
    /// The terminal that controls this process; `None` if there is none, as
    /// for services, in cron jobs and in containers without `-t`.
    ///
    /// # Errors
    /// There is one, and it cannot be opened.
    pub fn open(env: &Env) -> io::Result<Option<Self>> {
        match OpenOptions::new().read(true).write(true).open("/dev/tty") {
            Ok(file) => Ok(Some(Self {
                file,
                utf8: takes_utf8(env),
            })),
            Err(error) => match Errno::from_io_error(&error) {
                Some(Errno::NXIO | Errno::NODEV | Errno::NOENT | Errno::NOTTY | Errno::IO) => {
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }

    /// Columns and rows; `None` if the terminal does not say.
    pub fn size(&self) -> Option<(u16, u16)> {
        size_of(&self.file)
    }

    /// Whether its locale takes UTF-8.
    pub fn takes_utf8(&self) -> bool {
        self.utf8
    }

    /// Asks for something secret: a dot is shown for each character.
    /// `accept` and `most` as in [`Rules`].
    ///
    /// # Errors
    /// There is no answer; the terminal is as it was.
    pub fn prompt_masked(
        &mut self,
        prompt: &str,
        accept: fn(char) -> bool,
        most: usize,
    ) -> Result<SecretString, AskError> {
        let (shown, fresh) = (false, false);
        self.ask(
            prompt,
            Rules {
                accept,
                most,
                shown,
                fresh,
            },
        )
    }

    /// Asks for something that may be seen.
    ///
    /// # Errors
    /// There is no answer; the terminal is as it was.
    pub fn prompt_line(&mut self, prompt: &str) -> Result<SecretString, AskError> {
        self.ask(prompt, Rules::LINE)
    }

    /// As [`Self::prompt_line`], for an answer that consents to something:
    /// what was typed before the question stood there does not answer it.
    ///
    /// # Errors
    /// There is no answer; the terminal is as it was.
    pub fn prompt_consent(&mut self, prompt: &str) -> Result<SecretString, AskError> {
        let fresh = true;
        self.ask(
            prompt,
            Rules {
                fresh,
                ..Rules::LINE
            },
        )
    }

    /// Asks, by `rules`. What was typed before the question is part of the
    /// answer unless [`Rules::fresh`], what is typed after it is left for the
    /// next reader.
    ///
    /// # Errors
    /// There is no answer; the terminal is as it was.
    pub fn ask(&mut self, prompt: &str, rules: Rules) -> Result<SecretString, AskError> {
        if self.in_background() {
            return Err(AskError::Background);
        }
        // In this order, so that whatever comes meanwhile is noticed, and the
        // terminal is in order before a signal can end the process.
        let watch = Watch::start()?;
        let quiet = Quiet::enter(&self.file)?;
        let answer = self.converse(prompt, rules, &quiet, &watch);
        let left = (&self.file).write_all(b"\n");
        drop(quiet);
        match (watch.finish(), answer) {
            (Some(signal), _) => Err(AskError::Interrupted(signal)),
            (None, Ok(answer)) => {
                left?;
                Ok(answer)
            }
            (None, Err(error)) => Err(error),
        }
    }

    fn converse(
        &self,
        prompt: &str,
        rules: Rules,
        quiet: &Quiet<'_>,
        watch: &Watch,
    ) -> Result<SecretString, AskError> {
        let mut file = &self.file;
        let prompt = one_line(prompt);
        if rules.fresh {
            // Right before the question, not behind it: whoever has seen it
            // may answer at once.
            termios::tcflush(file, QueueSelector::IFlush).map_err(io::Error::from)?;
        }
        file.write_all(prompt.as_bytes())?;
        let mut keys = Keys::new(quiet.special());
        let mut line = Line::new(rules, rules.most.min(MOST), self.utf8);
        loop {
            if let Some(signal) = watch.caught() {
                return Err(AskError::Interrupted(signal));
            }
            let key = match self.read_byte()? {
                Some(byte) => keys.next(byte),
                None => {
                    keys.pause();
                    if quiet.renew()? {
                        // We were stopped, and a shell wrote there meanwhile.
                        file.write_all(b"\r")?;
                        file.write_all(prompt.as_bytes())?;
                        file.write_all(line.drawn().as_bytes())?;
                    }
                    continue;
                }
            };
            match key {
                None => {}
                Some(Key::Enter) => return Ok(line.into_secret()),
                Some(Key::Interrupt) => {
                    return Err(AskError::Interrupted(signal_hook::consts::SIGINT));
                }
                Some(Key::End) if line.is_empty() => return Err(AskError::Closed),
                Some(Key::End) => {}
                Some(edit) => file.write_all(line.edit(edit).as_bytes())?,
            }
        }
    }

    /// One byte, or `None` after a tenth of a second without one. One at a
    /// time: what follows the answer belongs to the next reader.
    fn read_byte(&self) -> Result<Option<u8>, AskError> {
        if !crate::sys::terminal::wait_for_key(&self.file) {
            return Ok(None);
        }
        let mut byte = [0];
        match (&self.file).read(&mut byte) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(byte[0])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether reading would stop this process (SIGTTIN). A terminal of
    /// another container does not say; there one can only try.
    pub fn in_background(&self) -> bool {
        termios::tcgetpgrp(&self.file).is_ok_and(|front| front != rustix::process::getpgrp())
    }
}

impl AsFd for Tty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Write for Tty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Columns and rows of the terminal that `stream` is; `None` if it is none,
/// or does not say.
pub fn size_of(stream: impl AsFd) -> Option<(u16, u16)> {
    let size = termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// By the first of the variables of locale(7) that is set.
fn takes_utf8(env: &Env) -> bool {
    let locale = [names::LC_ALL, names::LC_CTYPE, names::LANG]
        .into_iter()
        .find_map(|name| env.text(name))
        // macOS starts graphical programs without any, and is all UTF-8.
        .unwrap_or(if cfg!(target_os = "macos") {
            "UTF-8"
        } else {
            ""
        })
        .to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

impl From<io::Error> for AskError {
    fn from(error: io::Error) -> Self {
        match Errno::from_io_error(&error) {
            // All that a terminal says when its other end is gone.
            Some(Errno::IO) => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted(2) => f.write_str("interrupted"),
            Self::Interrupted(number) => write!(f, "ended by signal {number}"),
            Self::Closed => f.write_str("no answer was given"),
            Self::Background => f.write_str("cannot ask from the background"),
            Self::Io(error) => {
                write!(
                    f,
                    "cannot ask on the terminal: {}",
                    crate::error::reason(error)
                )
            }
        }
    }
}

impl std::error::Error for AskError {}

impl From<AskError> for Error {
    fn from(error: AskError) -> Self {
        let message = error.to_string();
        match error {
            AskError::Interrupted(_) | AskError::Closed => Self::new(Kind::Cancelled, message),
            AskError::Background => Self::new(Kind::Failed, message)
                .because("another process has the terminal")
                .hint("bring it to the front: fg"),
            AskError::Io(_) => Self::new(Kind::Failed, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_locale() {
        let utf8 = |pairs: &[(&str, &str)]| takes_utf8(&Env::from_pairs(pairs.iter().copied()));
        assert!(utf8(&[("LANG", "en_GB.UTF-8")]));
        assert!(utf8(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]));
        assert!(utf8(&[("LC_ALL", ""), ("LANG", "en_GB.UTF-8")]));
        assert_eq!(utf8(&[]), cfg!(target_os = "macos"));
    }

    #[test]
    fn no_answer_is_a_cancellation() {
        for error in [AskError::Interrupted(2), AskError::Closed] {
            assert_eq!(Error::from(error).kind(), Kind::Cancelled);
        }
        let error = Error::from(AskError::Background);
        assert_eq!((error.kind(), error.hints().len()), (Kind::Failed, 1));
    }
}

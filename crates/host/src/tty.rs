//! The controlling terminal, whatever the three streams are.

mod answer;
mod error;
mod holder;
mod keys;
mod line;
mod mode;
mod rules;
mod screen;
mod turn;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use assumerole_core::diagnostic::sanitize::one_line;
use rustix::io::Errno;
use rustix::termios::{self, QueueSelector};
use secrecy::SecretString;
use signal_hook::consts::SIGINT;

use crate::clock::Clock;
use crate::env::{Env, names};
use crate::signals::{self, Watch};
use answer::Answer;
use holder::Shown;
use mode::Quiet;
use rules::MOST;
use turn::Turns;

pub use error::AskError;
pub use holder::TurnHolder;
pub use keys::{Decoder, Key};
pub use line::Line;
pub use rules::Rules;
pub use screen::{Screen, is_gone};
pub use turn::let_others_ask;

/// The controlling terminal, open for reading and writing.
///
/// A question stands there alone, whichever processes want to ask: the others
/// wait, and say for whom.
#[derive(Debug)]
pub struct Tty {
    file: File,
    utf8: bool,
    turns: Turns,
}

/// Whether this process has asked something.
static ASKED: AtomicBool = AtomicBool::new(false);

impl Tty {
    /// The terminal that controls this process; `None` if there is none, as
    /// for services, in cron jobs and in containers without `-t`.
    ///
    /// # Errors
    /// There is one, and it cannot be opened.
    pub fn open(env: &Env, clock: Arc<dyn Clock>) -> io::Result<Option<Self>> {
        match OpenOptions::new().read(true).write(true).open("/dev/tty") {
            Ok(file) => Ok(Some(Self {
                file,
                utf8: takes_utf8(env),
                turns: Turns::new(env, clock),
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
        let shown = false;
        self.ask(
            prompt,
            Rules {
                accept,
                most,
                shown,
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

    /// Asks, by `rules`. What was typed before the question stood there was
    /// meant for something else, another question mostly, and is thrown away;
    /// what is typed after the answer is left for the next reader.
    ///
    /// Without an answer nobody else asks until [`let_others_ask`] is called:
    /// what is said of it is to stand before the next question.
    ///
    /// # Errors
    /// There is no answer; the terminal is as it was.
    pub fn ask(&mut self, prompt: &str, rules: Rules) -> Result<SecretString, AskError> {
        let prompt = one_line(prompt);
        let is_part = self.turns.is_held();
        loop {
            if self.in_background() {
                return Err(AskError::Background);
            }
            self.turns.take(&self.file, Shown::Question(&prompt))?;
            ASKED.store(true, Ordering::SeqCst);
            let error = match self.ask_once(&prompt, rules) {
                Ok(answer) => {
                    if !is_part {
                        self.end_turn();
                    }
                    return Ok(answer);
                }
                Err(Ended::Suspended) => {
                    self.suspended()?;
                    continue;
                }
                Err(Ended::By(error)) => error,
                Err(Ended::CtrlC) => AskError::Interrupted(SIGINT),
            };
            self.turns.keep();
            return Err(error);
        }
    }

    /// Takes the terminal for more than one question: what this process
    /// `does` there, as "asks for a new role". Until [`Self::end_turn`] or the
    /// end of this value.
    ///
    /// # Errors
    /// Another process has it and does not let go, or the person gave up
    /// there.
    pub fn begin_turn(&self, does: &str) -> Result<(), AskError> {
        self.begin(Shown::Other(does))
    }

    /// As [`Self::begin_turn`], for something that is drawn: nobody else
    /// writes there meanwhile.
    ///
    /// # Errors
    /// As there.
    pub fn begin_screen(&self, does: &str) -> Result<(), AskError> {
        self.begin(Shown::Screen(does))
    }

    /// What was typed at a question, of another process or of this one, was
    /// not meant for what is begun.
    fn begin(&self, shown: Shown<'_>) -> Result<(), AskError> {
        let waited = self.turns.take(&self.file, shown)?;
        if waited || ASKED.load(Ordering::SeqCst) {
            self.forget_typed()?;
        }
        Ok(())
    }

    /// Lets another process ask.
    pub fn end_turn(&self) {
        self.turns.leave();
    }

    /// Ctrl-C was pressed: does what the terminal does at that key, which ends
    /// the others of this job, and tells those who wait for this turn. To be
    /// called in a turn, and with a [`Watch`].
    pub fn give_up(&self) {
        self.cancel_turn();
        signals::interrupt_job();
    }

    /// Tells those who wait for this turn that the person gave up.
    pub(crate) fn cancel_turn(&self) {
        self.turns.cancel();
    }

    /// What a program that is run in a turn is told by
    /// [`names::ASSUMEROLE_TURN`].
    pub(crate) fn mark(&self) -> String {
        self.turns.mark()
    }

    /// Stops this job, as Ctrl-Z does, which somebody must be able to undo
    /// ([`signals::can_stop_job`]); the terminal is somebody else's meanwhile.
    /// Returns when it is in front again.
    ///
    /// # Errors
    /// It goes on in the background, and nothing can be done about it.
    pub(crate) fn suspended(&self) -> Result<(), AskError> {
        self.turns.leave();
        signals::stop_job()?;
        if self.in_background() {
            signals::wait_for_front();
        }
        if self.in_background() {
            return Err(AskError::Background);
        }
        Ok(())
    }

    fn ask_once(&self, prompt: &str, rules: Rules) -> Result<SecretString, Ended> {
        // In this order, so that whatever comes meanwhile is noticed, and the
        // terminal is in order before a signal can end the process.
        let watch = Watch::start()?;
        let quiet = Quiet::enter(&self.file)?;
        let answer = self.converse(prompt, rules, &quiet, &watch);
        let left = (&self.file).write_all(b"\n");
        drop(quiet);
        if matches!(answer, Err(Ended::CtrlC)) {
            self.give_up();
        }
        match (watch.finish(), answer) {
            (_, Err(Ended::CtrlC)) => Err(Ended::CtrlC),
            (Some(signal), _) => Err(AskError::Interrupted(signal).into()),
            (None, Ok(answer)) => {
                left?;
                Ok(answer)
            }
            (None, Err(ended)) => Err(ended),
        }
    }

    fn converse(
        &self,
        prompt: &str,
        rules: Rules,
        quiet: &Quiet<'_>,
        watch: &Watch,
    ) -> Result<SecretString, Ended> {
        let mut file = &self.file;
        // Right before the question, not behind it: whoever has seen it may
        // answer at once.
        self.forget_typed()?;
        file.write_all(prompt.as_bytes())?;
        let mut keys = Decoder::of_question(quiet.special());
        let new_line = || Answer::new(rules, rules.most.min(MOST), self.utf8);
        let mut line = new_line();
        loop {
            if let Some(signal) = watch.caught() {
                return Err(AskError::Interrupted(signal).into());
            }
            if self.turns.is_late() {
                return Err(AskError::TooLate.into());
            }
            let key = match read_byte(&self.file)? {
                Some(byte) => keys.push(byte),
                None => {
                    let key = keys.pause();
                    if quiet.renew()? {
                        // We were stopped, and a shell wrote there meanwhile.
                        self.forget_typed()?;
                        line = new_line();
                        file.write_all(b"\r")?;
                        file.write_all(prompt.as_bytes())?;
                        continue;
                    }
                    key
                }
            };
            if self.turns.is_disturbed() {
                file.write_all(prompt.as_bytes())?;
                file.write_all(line.drawn().as_bytes())?;
            }
            match key {
                None => {}
                Some(Key::Enter | Key::Ctrl('j')) => return Ok(line.into_secret()),
                Some(Key::Ctrl('c')) => return Err(Ended::CtrlC),
                Some(Key::Escape) => return Err(AskError::Cancelled.into()),
                Some(Key::Ctrl('z')) if signals::can_stop_job() => return Err(Ended::Suspended),
                Some(Key::Ctrl('z')) => {}
                Some(Key::Ctrl('d')) if line.is_empty() => return Err(AskError::Closed.into()),
                Some(Key::Ctrl('d')) => {}
                Some(edit) => file.write_all(line.edit(edit).as_bytes())?,
            }
        }
    }

    /// Throws away what was typed and not read.
    fn forget_typed(&self) -> io::Result<()> {
        Ok(termios::tcflush(&self.file, QueueSelector::IFlush)?)
    }

    /// Whether reading would stop this process (SIGTTIN). A terminal of
    /// another container does not say; there one can only try.
    pub fn in_background(&self) -> bool {
        termios::tcgetpgrp(&self.file).is_ok_and(|front| front != rustix::process::getpgrp())
    }
}

/// Why asking once came to an end.
enum Ended {
    By(AskError),
    /// By the key, which nobody was told of yet.
    CtrlC,
    /// By Ctrl-Z: it is asked again.
    Suspended,
}

impl<T: Into<AskError>> From<T> for Ended {
    fn from(error: T) -> Self {
        Self::By(error.into())
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

/// One byte, or `None` after a tenth of a second without one. One at a time:
/// what follows the answer belongs to the next reader.
fn read_byte(mut file: &File) -> io::Result<Option<u8>> {
    if !crate::sys::terminal::wait_for_key(file) {
        return Ok(None);
    }
    let mut byte = [0];
    match file.read(&mut byte) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(byte[0])),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}

/// Columns and rows of the terminal that `stream` is; `None` if it is none,
/// or does not say.
pub fn size_of(stream: impl AsFd) -> Option<(u16, u16)> {
    let size = termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// Whether the terminal that `stream` is takes whole lines: no program has it for
/// itself, such as an editor or a shell that waits for a command. `None` if it
/// is no terminal.
pub fn takes_lines(stream: impl AsFd) -> Option<bool> {
    let modes = termios::tcgetattr(stream).ok()?.local_modes;
    Some(modes.contains(termios::LocalModes::ICANON))
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
}

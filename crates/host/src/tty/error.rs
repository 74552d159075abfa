//! Why there is no answer to a question.

use std::fmt;
use std::io;
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind};
use rustix::io::Errno;
use signal_hook::consts::SIGINT;

use super::holder::TurnHolder;

/// Why there is no answer.
#[derive(Debug)]
pub enum AskError {
    /// Ctrl-C, or a signal from outside; its number. The terminal is as it
    /// was.
    Interrupted(i32),
    /// Esc.
    Cancelled,
    /// Ctrl-C at the question of another process, for which this one waited.
    GivenUp,
    /// Another process had the terminal for the whole time.
    TimedOut {
        /// Which, and what for.
        holder: TurnHolder,
        /// How long was waited.
        waited: Duration,
    },
    /// No answer came while the program that waits for one still does.
    TooLate,
    /// Ctrl-D, or the terminal is gone.
    Closed,
    /// This process is in the background: to read would stop it.
    Background,
    /// The terminal failed.
    Io(io::Error),
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
            Self::Interrupted(SIGINT) => f.write_str("cancelled"),
            Self::Interrupted(number) => write!(f, "ended by signal {number}"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::GivenUp => {
                f.write_str("cancelled: Ctrl-C was pressed at the question before this one")
            }
            Self::TimedOut { holder, waited } => {
                write!(f, "waited {} s for {holder}", waited.as_secs())
            }
            Self::TooLate => f.write_str("no answer was given in time"),
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
            AskError::Interrupted(SIGINT) => Self::new(Kind::Interrupted, message),
            AskError::Interrupted(number) => match u8::try_from(number) {
                Ok(number) => Self::new(Kind::Signal(number), message),
                Err(_) => Self::new(Kind::Cancelled, message),
            },
            AskError::Cancelled | AskError::GivenUp | AskError::Closed | AskError::TooLate => {
                Self::new(Kind::Cancelled, message)
            }
            AskError::TimedOut { ref holder, .. } => {
                let error = Self::new(Kind::CannotAsk, message).called(Id::TerminalTaken);
                holder.hints().into_iter().fold(error, Error::hint)
            }
            AskError::Background => Self::new(Kind::Failed, message)
                .called(Id::TerminalTaken)
                .because("another process has the terminal")
                .hint("bring it to the front: fg"),
            AskError::Io(_) => Self::new(Kind::Failed, message).called(Id::TerminalTaken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_answer_is_a_cancellation() {
        for (error, kind) in [
            (AskError::TooLate, Kind::Cancelled),
            (AskError::Closed, Kind::Cancelled),
            (AskError::Cancelled, Kind::Cancelled),
            (AskError::GivenUp, Kind::Cancelled),
            (AskError::Interrupted(SIGINT), Kind::Interrupted),
            (AskError::Interrupted(15), Kind::Signal(15)),
        ] {
            assert_eq!(Error::from(error).kind(), kind);
        }
        let error = Error::from(AskError::Background);
        assert_eq!((error.kind(), error.hints().len()), (Kind::Failed, 1));
    }
}

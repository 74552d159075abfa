//! How a run ends, and the one place where that becomes an exit status.

use assumerole_core::{Error, Kind};

/// SIGINT, which Ctrl-C stands for, on every system.
const INTERRUPT: i32 = 2;

/// How a run ends. (A command or shell that was started has taken this
/// process's place: its status never comes by here.)
#[derive(Debug)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Everything was done, and it found something wrong (`doctor`, `check`).
    Problems,
    /// The person chose nothing.
    Cancelled {
        /// The signal that ended it, if it was none of the person's keys.
        signal: Option<i32>,
    },
    /// The command line made no sense; clap has said so.
    Usage {
        /// Whether a command was to be run.
        running: bool,
    },
    /// Something could not be done. It has been said.
    Failed {
        /// What.
        kind: Kind,
        /// Whether a command was to be run.
        running: bool,
    },
}

impl Outcome {
    /// A failure of `error`'s kind.
    pub(crate) fn failed(error: &Error, running: bool) -> Self {
        Self::Failed {
            kind: error.kind(),
            running,
        }
    }

    /// The signal that ended it, by which this process is to end as well: a
    /// shell that sees that leaves its loop.
    pub fn signal(&self) -> Option<i32> {
        match self {
            Self::Cancelled { signal } => *signal,
            Self::Failed { kind, .. } => match kind {
                Kind::Interrupted => Some(INTERRUPT),
                Kind::Signal(number) => Some((*number).into()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The exit status. Where a command was to be run, our own failures are
    /// 125, 126 and 127, as with `env`, `timeout` and `nohup`, so that they
    /// cannot be mistaken for the command's.
    pub fn status(&self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Problems => 1,
            Self::Cancelled { signal: None } => 130,
            Self::Cancelled {
                signal: Some(number),
            } => u8::try_from(*number).unwrap_or(2).saturating_add(128),
            Self::Usage { running: true } => 125,
            Self::Usage { running: false } => 2,
            Self::Failed { kind, running } => match (kind, running) {
                (Kind::Cancelled | Kind::Interrupted, _) => 130,
                (Kind::Signal(number), _) => number.saturating_add(128),
                (Kind::CannotRun, _) => 126,
                (Kind::NotFound, _) => 127,
                (_, true) => 125,
                (Kind::Usage, _) => 2,
                (Kind::Config, _) => 3,
                (Kind::UnknownName, _) => 4,
                (Kind::Mfa | Kind::CannotAsk, _) => 5,
                (Kind::Refused, _) => 6,
                (Kind::Unreachable, _) => 7,
                (Kind::LoginNeeded, _) => 8,
                (_, false) => 1,
            },
        }
    }
}

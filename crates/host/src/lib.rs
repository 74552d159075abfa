//! The one door to the machine: everything that touches the clock, the
//! environment, files, the terminal, other processes or the operating
//! system's key stores.
//!
//! Synchronous throughout. Nothing here starts a thread, and no process is
//! started unless that is what was asked for.

pub mod browser;
pub mod clipboard;
pub mod clock;
pub mod deadline;
pub mod env;
pub mod error;
pub mod fs;
pub mod harden;
pub mod identity;
pub mod keystore;
pub mod lock;
pub mod peer;
pub mod process;
pub mod random;
pub mod signals;
pub mod ssh_agent;
pub mod streams;
mod sys;
pub mod tty;
mod zone;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

pub use clock::Clock;
pub use env::Env;
pub use error::FileError;
pub use fs::PrivateDir;
pub use streams::Streams;

/// The machine as one value: what a run of the program is given, and what a
/// test gives it instead.
pub struct Host {
    /// The environment, as it was at the start.
    pub env: Env,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// stdin, stdout, stderr.
    pub streams: Streams,
    /// Whether anybody may be asked anything.
    pub prompts: bool,
    /// Whether an AI agent runs this, which answers for nobody.
    pub by_agent: bool,
}

impl Host {
    /// This machine, as this process sees it.
    pub fn system() -> Self {
        Self {
            env: Env::from_process(),
            clock: Arc::new(clock::SystemClock::new()),
            streams: Streams::system(),
            prompts: true,
            by_agent: false,
        }
    }

    /// The same machine, on which nobody is asked anything.
    #[must_use]
    pub fn without_prompts(&self) -> Self {
        Self {
            env: self.env.clone(),
            clock: Arc::clone(&self.clock),
            streams: Streams::system(),
            prompts: false,
            by_agent: self.by_agent,
        }
    }

    /// The same machine, on which an AI agent runs this: nobody is asked anything.
    #[must_use]
    pub fn of_agent(&self) -> Self {
        Self {
            by_agent: true,
            ..self.without_prompts()
        }
    }

    /// The time zone that times are shown in: `TZ`, else that of the machine,
    /// else UTC.
    pub fn time_zone(&self) -> TimeZone {
        zone::of(&self.env)
    }

    /// Who decided that nobody is asked, if somebody did.
    pub fn silenced_by(&self) -> Option<&'static str> {
        if self.by_agent {
            return Some("an AI agent runs this");
        }
        if !self.prompts {
            return Some("--no-prompt is given");
        }
        let is_set = self.env.flag(env::names::ASSUMEROLE_NO_PROMPT);
        is_set.then_some("ASSUMEROLE_NO_PROMPT is set")
    }

    /// The person's home folder; see [`identity::home`].
    pub fn home(&self) -> Option<PathBuf> {
        identity::home(&self.env)
    }

    /// The controlling terminal, if somebody may be asked there; see
    /// [`tty::Tty::open`].
    ///
    /// # Errors
    /// There is one, and it cannot be opened.
    pub fn tty(&self) -> std::io::Result<Option<tty::Tty>> {
        match self.silenced_by() {
            Some(_) => Ok(None),
            None => tty::Tty::open(&self.env, Arc::clone(&self.clock)),
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("env", &self.env)
            .field("streams", &self.streams)
            .finish_non_exhaustive()
    }
}

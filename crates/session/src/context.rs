//! What everything that obtains credentials works with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assumerole_aws::{CallError, Connection, Now};
use assumerole_core::aws_config::AwsFiles;
use assumerole_core::config::Config;
use assumerole_core::plan::settings::RunSettings;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::env::Env;
use assumerole_host::identity;

use crate::cache::Cache;
use crate::report::Report;

/// The machine, the person's files and settings, the cache, and who hears of it.
/// It can [`obtain`](Context::obtain) what a plan leads to.
pub struct Context<'a> {
    /// The machine.
    pub host: &'a Host,
    /// The person's own environment: what a program that is run for them gets,
    /// without what a role of ours set in it.
    pub env: &'a Env,
    /// `~/.assumerole`, for the places of values.
    pub config: &'a Config,
    /// `~/.aws`.
    pub aws_files: &'a AwsFiles,
    /// Environment and command line.
    pub settings: &'a RunSettings,
    /// The sealed cache; none where no folder can be had for it.
    pub cache: Option<&'a Cache>,
    /// Who hears what is going on.
    pub report: &'a dyn Report,
    /// Whether a program that is run for credentials may ask at the terminal.
    pub can_ask: bool,
    /// Whether nothing may be written to stderr, not even by such a program:
    /// whoever reads what this process prints takes that for a failure.
    pub silent: bool,
}

impl Context<'_> {
    /// The person's home folder.
    ///
    /// # Errors
    /// It is not known.
    pub(crate) fn home(&self) -> Result<PathBuf> {
        identity::home(self.env).ok_or_else(|| {
            Error::new(Kind::Failed, "the home folder is not known").hint("set HOME")
        })
    }

    /// Makes `call` and says what came of it; `what` names it.
    ///
    /// # Errors
    /// Those of the call.
    pub(crate) fn traced<T>(
        &self,
        what: &str,
        connection: &Connection,
        call: impl FnOnce() -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let begun = self.host.clock.monotonic();
        let result = call();
        let took = self.host.clock.monotonic().saturating_sub(begun);
        self.trace_request(what, connection, result.is_ok(), took);
        result
    }

    /// Says what came of a request; `what` names it.
    pub(crate) fn trace_request(
        &self,
        what: &str,
        connection: &Connection,
        granted: bool,
        took: Duration,
    ) {
        self.report.trace(&format!(
            "{what} through {}: {} in {} ms",
            connection.endpoint(),
            if granted { "granted" } else { "not granted" },
            took.as_millis()
        ));
    }
}

/// The machine's clock, as the AWS room wants it.
pub fn aws_clock(host: &Host) -> Now {
    let clock = Arc::clone(&host.clock);
    Arc::new(move || clock.now())
}

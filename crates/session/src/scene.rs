//! A machine for unit tests: a home of its own and a clock that is stepped.

use std::sync::{Arc, Mutex};

use assumerole_core::Error;
use assumerole_core::diagnostic::Warning;
use assumerole_host::clock::SteppedClock;
use assumerole_host::fs::PrivateDir;
use assumerole_host::{Env, Host};
use tempfile::TempDir;

use crate::cache::Cache;
use crate::report::Report;

/// Who listens, and remembers.
#[derive(Default)]
pub(crate) struct Heard(pub(crate) Mutex<Vec<String>>);

impl Report for Heard {
    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
    fn warn(&self, warning: &Warning) {
        self.note(&warning.message);
    }
    fn not_cached(&self, why: &Error) {
        self.note(&format!("not cached: {why}"));
    }
    fn trace(&self, _: &str) {}
    fn detail(&self, _: &str) {}
}

/// A home with a cache whose key is a file in it.
pub(crate) struct Scene {
    _home: TempDir,
    pub(crate) state: PrivateDir,
    pub(crate) clock: Arc<SteppedClock>,
    pub(crate) host: Host,
    pub(crate) heard: Heard,
}

impl Scene {
    /// Where it is `time` (RFC 3339).
    pub(crate) fn at(time: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let clock = Arc::new(SteppedClock::new(time.parse().unwrap()));
        let mut host = Host::system();
        host.env = Env::from_pairs([("ASSUMEROLE_KEY_STORE", "file")]);
        host.clock = clock.clone();
        Self {
            state: PrivateDir::create(&home.path().join("state")).unwrap(),
            _home: home,
            clock,
            host,
            heard: Heard::default(),
        }
    }

    pub(crate) fn cache(&self) -> Cache {
        Cache::open(&self.state, &self.host, &self.heard).unwrap()
    }

    /// What was heard since this was asked last.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.0.lock().unwrap())
    }
}

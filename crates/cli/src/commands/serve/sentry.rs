//! Who sees at once that `logout` has forgotten something, whatever else is
//! under way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::CacheKey;
use assumerole_core::shell::command_line::argument;
use assumerole_host::Clock;
use assumerole_host::fs::{self, Stamp};
use assumerole_server::{Offers, Refusal};
use assumerole_session::cache::Cache;

/// How often it is looked.
const TICK: Duration = Duration::from_millis(300);

/// Looks after what is cached of the roles that are handed out.
pub(super) struct Sentry {
    shared: Arc<SentryShared>,
}

struct SentryShared {
    /// Without a cache there is nothing to forget.
    cache: Option<Cache>,
    offers: Arc<Offers>,
    state: Mutex<SentryState>,
    over: AtomicBool,
}

#[derive(Default)]
struct SentryState {
    /// Under which each role is cached.
    keys: BTreeMap<String, CacheKey>,
    /// The roles that were forgotten.
    forgotten: BTreeSet<String>,
}

impl SentryShared {
    fn state(&self) -> MutexGuard<'_, SentryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is not in the cache any more out of what is handed out.
    fn look(&self) {
        let Some(cache) = &self.cache else { return };
        let mut state = self.state();
        let SentryState { keys, forgotten } = &mut *state;
        keys.retain(|name, key| {
            let there = cache.find(key).is_some();
            if !there {
                self.offers
                    .refuse(name, Refusal::nothing_to_give(why(name)));
                forgotten.insert(name.clone());
            }
            there
        });
    }
}

impl Sentry {
    /// One that looks into `cache`, whose folder says at `stamp` when something
    /// was forgotten.
    pub(super) fn start(
        cache: Option<Cache>,
        stamp: Option<PathBuf>,
        offers: Arc<Offers>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let shared = Arc::new(SentryShared {
            cache,
            offers,
            state: Mutex::default(),
            over: AtomicBool::new(false),
        });
        if let Some(path) = stamp.filter(|_| shared.cache.is_some()) {
            let shared = Arc::clone(&shared);
            let first = fs::stamp(&path);
            let watch = move || {
                let mut before: Option<Stamp> = first;
                while !shared.over.load(Ordering::Relaxed) {
                    let now = fs::stamp(&path);
                    if now != before {
                        shared.look();
                        before = now;
                    }
                    clock.sleep(TICK);
                }
            };
            // Without it, what was forgotten is handed out until its end.
            let _ = std::thread::Builder::new()
                .name("sentry".to_owned())
                .spawn(watch);
        }
        Self { shared }
    }

    /// The role `name` lies there under `key`; it does not, without one. It may
    /// have been forgotten before this was said.
    pub(super) fn guard(&self, name: &str, key: Option<CacheKey>) {
        let mut state = self.shared.state();
        match key {
            Some(key) => state.keys.insert(name.to_owned(), key),
            None => state.keys.remove(name),
        };
        drop(state);
        if key.is_some() {
            self.shared.look();
        }
    }

    /// Whether the role `name` was forgotten, and nobody has heeded that yet.
    pub(super) fn is_forgotten(&self, name: &str) -> bool {
        self.shared.state().forgotten.contains(name)
    }

    /// Whether the role `name` was forgotten, which is heeded now.
    pub(super) fn take_forgotten(&self, name: &str) -> bool {
        self.shared.state().forgotten.remove(name)
    }
}

impl Drop for Sentry {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
    }
}

/// What is said of a role that was forgotten.
pub(super) fn why(name: &str) -> String {
    format!(
        "logout forgot the credentials of {}; to go on, type: assumerole login {}",
        one_line(name),
        argument(name)
    )
}

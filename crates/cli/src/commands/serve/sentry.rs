//! Who sees at once that `logout` has forgotten something, whatever else is
//! under way.

use std::collections::BTreeMap;
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
use assumerole_session::cache::{
    Cache, Lineage, Since, forgotten_file, is_under_way, last_forgotten,
};
use jiff::Timestamp;

/// How often it is looked.
const TICK: Duration = Duration::from_millis(300);

/// Looks after the roles that are handed out: what is cached of them, or what is
/// forgotten at all.
pub(super) struct Sentry {
    shared: Arc<SentryShared>,
}

struct SentryShared {
    offers: Arc<Offers>,
    clock: Arc<dyn Clock>,
    /// `~/.assumerole.d`, where there may be a home for one.
    folder: Option<PathBuf>,
    state: Mutex<SentryState>,
    over: AtomicBool,
}

#[derive(Default)]
struct SentryState {
    /// The cache, as it was found last: after all was forgotten, it has another
    /// sealing key.
    cache: Option<Cache>,
    /// By what it is seen that each role was forgotten.
    guarded: BTreeMap<String, Guarded>,
    /// The roles that were forgotten.
    forgotten: BTreeMap<String, Logout>,
}

/// That a role was forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Logout {
    /// When, or not long after that.
    pub(super) at: Timestamp,
    /// What is said of it.
    pub(super) why: String,
}

/// By what it is seen that a role was forgotten.
enum Guarded {
    /// It is not in the cache any more under this key.
    Cached(CacheKey),
    /// Something was forgotten since that may have been meant for it: it was never
    /// in the cache.
    Uncached {
        since: Since,
        lineage: Box<Lineage>,
        /// Whether nothing of it is ever in the cache, where a later session
        /// would be found.
        never: bool,
    },
}

impl SentryShared {
    fn state(&self) -> MutexGuard<'_, SentryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody is still forgetting something.
    fn is_forgetting(&self) -> bool {
        let folder = self.folder.as_deref();
        folder.is_some_and(|folder| is_under_way(folder, self.clock.as_ref()))
    }

    /// Takes what was forgotten out of what is handed out.
    fn look(&self) {
        let mut state = self.state();
        let SentryState {
            cache,
            guarded,
            forgotten,
        } = &mut *state;
        let now = self.clock.now();
        let logout = |why| Logout {
            at: self
                .folder
                .as_deref()
                .and_then(last_forgotten)
                .map_or(now, |at| at.min(now)),
            why,
        };
        guarded.retain(|name, guarded| {
            let why = match guarded {
                Guarded::Cached(key) => {
                    let cache = cache.as_ref();
                    let there = cache.is_some_and(|cache| cache.find(key).is_some());
                    (!there).then(|| why(name))
                }
                Guarded::Uncached {
                    since,
                    lineage,
                    never,
                } => since
                    .is_forgotten(lineage, cache.as_ref(), now)
                    .then(|| why_uncached(name, *never)),
            };
            let there = why.is_none();
            if let Some(why) = why {
                self.offers
                    .refuse(name, Refusal::nothing_to_give(why.clone()));
                forgotten.insert(name.clone(), logout(why));
            }
            there
        });
    }
}

impl Sentry {
    /// One that looks when something is forgotten in `folder`, `~/.assumerole.d`.
    pub(super) fn start(
        folder: Option<PathBuf>,
        offers: Arc<Offers>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let file = folder.as_deref().map(forgotten_file);
        let shared = Arc::new(SentryShared {
            offers,
            clock,
            folder,
            state: Mutex::default(),
            over: AtomicBool::new(false),
        });
        if let Some((path, folder)) = file.zip(shared.folder.clone()) {
            let shared = Arc::clone(&shared);
            // The folder may go where nothing was ever forgotten.
            let states = move || (fs::stamp(&path), fs::stamp(&folder).is_some());
            let first = states();
            let watch = move || {
                let mut before: (Option<Stamp>, bool) = first;
                while !shared.over.load(Ordering::Relaxed) {
                    let now = states();
                    if now != before {
                        // It says so first, and forgets then.
                        let is_over = !shared.is_forgetting();
                        shared.look();
                        if is_over {
                            before = now;
                        }
                    }
                    shared.clock.sleep(TICK);
                }
            };
            // Without it, what was forgotten is handed out until its end.
            let _ = std::thread::Builder::new()
                .name("sentry".to_owned())
                .spawn(watch);
        }
        Self { shared }
    }

    /// The role `name` lies in `cache` under `key`. It may have been forgotten
    /// before this was said.
    pub(super) fn guard(&self, name: &str, cache: Cache, key: CacheKey) {
        self.guard_by(name, Guarded::Cached(key), Some(cache));
    }

    /// The role `name` is not in `cache`, if there is one; what it has comes from
    /// `lineage`, and was obtained `since`. `never`: nor will anything be.
    pub(super) fn guard_uncached(
        &self,
        name: &str,
        cache: Option<Cache>,
        (since, lineage): (Since, Lineage),
        never: bool,
    ) {
        let guarded = Guarded::Uncached {
            since,
            lineage: Box::new(lineage),
            never,
        };
        self.guard_by(name, guarded, cache);
    }

    fn guard_by(&self, name: &str, guarded: Guarded, cache: Option<Cache>) {
        let mut state = self.shared.state();
        state.guarded.insert(name.to_owned(), guarded);
        state.cache = cache.or(state.cache.take());
        drop(state);
        self.shared.look();
    }

    /// The role `name` is not handed out any more.
    pub(super) fn dismiss(&self, name: &str) {
        self.shared.state().guarded.remove(name);
    }

    /// Whether the role `name` was forgotten, and nobody has heeded that yet.
    pub(super) fn is_forgotten(&self, name: &str) -> bool {
        self.shared.state().forgotten.contains_key(name)
    }

    /// That the role `name` was forgotten, if it was, which is heeded now.
    pub(super) fn take_forgotten(&self, name: &str) -> Option<Logout> {
        self.shared.state().forgotten.remove(name)
    }
}

impl Drop for Sentry {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
    }
}

/// What is said of a role that was forgotten.
fn why(name: &str) -> String {
    format!(
        "logout forgot the credentials of {}; {}",
        one_line(name),
        login(name)
    )
}

/// The same of one that was not cached.
fn why_uncached(name: &str, never: bool) -> String {
    let next = match never {
        true => "to go on, start the server again".to_owned(),
        false => login(name),
    };
    format!(
        "after a logout, the credentials of {}, which are not cached, are not handed out any more; {next}",
        one_line(name),
    )
}

fn login(name: &str) -> String {
    format!("to go on, type: assumerole login {}", argument(name))
}

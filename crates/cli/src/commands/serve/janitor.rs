//! Who puts away what a server has on disk when a signal ends it, whatever else
//! is under way.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assumerole_host::signals::{self, Vigil};
use assumerole_host::{Clock, fs};

/// How often it is looked.
const TICK: Duration = Duration::from_millis(100);

/// So many looks a server has to end by itself, which looks at signals more
/// often while it renews nothing.
const GRACE: u32 = 10;

/// Waits for a signal. As long as this lives, none ends the process before what
/// it knows of is removed.
pub(super) struct Janitor {
    shared: Arc<JanitorShared>,
}

struct JanitorShared {
    vigil: Vigil,
    known: Mutex<JanitorState>,
    /// Whether the server was told to end.
    ended: AtomicBool,
    over: AtomicBool,
}

#[derive(Default)]
struct JanitorState {
    /// What is removed.
    files: Vec<Leftover>,
    /// Whether the server ends by itself.
    served: bool,
}

/// A file that is removed at the end.
pub(super) struct Leftover {
    /// Where.
    pub(super) path: PathBuf,
    /// Whether it is still its server's.
    pub(super) is_ours: Box<dyn Fn() -> bool + Send>,
}

impl Janitor {
    /// One that waits. None where the system refuses: then a signal ends the
    /// process as it is.
    pub(super) fn start(clock: Arc<dyn Clock>) -> Option<Self> {
        let shared = Arc::new(JanitorShared {
            vigil: Vigil::start().ok()?,
            known: Mutex::default(),
            ended: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let here = Arc::clone(&shared);
        let wait = move || {
            let mut seen = 0;
            while !here.over.load(Ordering::Relaxed) {
                clock.sleep(TICK);
                seen = match here.caught() {
                    // A program that was started has to be ended first.
                    Some(_) if here.vigil.is_shared() => 0,
                    Some(signal) => {
                        here.put_away(signal, seen);
                        seen + 1
                    }
                    None => 0,
                };
            }
        };
        let thread = std::thread::Builder::new().name("janitor".to_owned());
        thread.spawn(wait).ok()?;
        Some(Self { shared })
    }

    /// Sees to it that `file` goes.
    pub(super) fn knows(&self, file: Leftover) {
        self.shared.with(|known| known.files.push(file));
    }

    /// From now on the server looks at signals itself.
    pub(super) fn is_served(&self) {
        self.shared.with(|known| known.served = true);
    }

    /// The signal that came, if one did.
    pub(super) fn caught(&self) -> Option<i32> {
        self.shared.vigil.caught()
    }

    /// Whether the server was told to end.
    pub(super) fn is_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Relaxed)
    }

    /// What ends the server.
    pub(super) fn ender(&self) -> Ender {
        Ender(Arc::clone(&self.shared))
    }
}

/// Ends a server, whatever it does.
pub(super) struct Ender(Arc<JanitorShared>);

impl Ender {
    /// Has it end.
    pub(super) fn end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

impl JanitorShared {
    /// The signal that the process is to end by, if it is.
    fn caught(&self) -> Option<i32> {
        let ended = self.ended.load(Ordering::Relaxed);
        self.vigil.caught().or(ended.then_some(signals::TERMINATE))
    }

    fn with<T>(&self, what: impl FnOnce(&mut JanitorState) -> T) -> T {
        what(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_away(&self, signal: i32, seen: u32) {
        self.with(|known| {
            if known.served && seen < GRACE || self.over.load(Ordering::Relaxed) {
                return;
            }
            for file in known.files.drain(..) {
                if (file.is_ours)() {
                    let _ = fs::remove(&file.path);
                }
            }
            signals::end_by(signal);
        });
    }
}

impl Drop for Janitor {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
    }
}

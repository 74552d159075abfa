//! Noticing SIGINT, SIGTERM, SIGHUP and SIGQUIT while something must be put
//! back in order first, a terminal mostly.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::{flag, low_level};

const ENDING: [i32; 4] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];

/// While this lives, the signals that end a process are only noted. At its
/// end they end the process again, as they do by default.
///
/// A signal that this process was started to ignore (`nohup`, a background
/// job of a script) stays ignored, as far as the system lets us ask.
pub struct Watch {
    caught: Arc<AtomicUsize>,
    ids: Vec<SigId>,
    _alone: MutexGuard<'static, ()>,
}

/// One at a time: the default is switched on and off for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Whether the signals do what they do by default. signal-hook never takes
/// its handler away, and without this a signal would do nothing afterwards.
static DEFAULT: OnceLock<Arc<AtomicBool>> = OnceLock::new();

impl Watch {
    /// Starts to note the signals. Waits while another one lives.
    ///
    /// # Errors
    /// The system refuses.
    pub fn start() -> io::Result<Self> {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let heeded: Vec<i32> = ENDING
            .into_iter()
            // Once the handler is there, the kernel does not know any more
            // what was ignored; but then it was not.
            .filter(|signal| !crate::sys::proc::ignores(*signal))
            .collect();
        let first = DEFAULT.get().is_none();
        let default = DEFAULT.get_or_init(|| Arc::new(AtomicBool::new(true)));
        let mut watch = Self {
            caught: Arc::default(),
            ids: Vec::with_capacity(heeded.len()),
            _alone: alone,
        };
        for signal in heeded {
            let number = usize::try_from(signal).unwrap_or_default();
            let id = flag::register_usize(signal, Arc::clone(&watch.caught), number)?;
            watch.ids.push(id);
            if first {
                flag::register_conditional_default(signal, Arc::clone(default))?;
            }
        }
        default.store(false, Ordering::SeqCst);
        Ok(watch)
    }

    /// The number of the last signal that came, if one did.
    pub fn caught(&self) -> Option<i32> {
        match self.caught.load(Ordering::SeqCst) {
            0 => None,
            number => i32::try_from(number).ok(),
        }
    }

    /// Ends the watch; what came until its very end.
    pub fn finish(self) -> Option<i32> {
        // Whatever comes from here on ends the process.
        switch_default(true);
        self.caught()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        switch_default(true);
        for id in self.ids.drain(..) {
            low_level::unregister(id);
        }
    }
}

/// Stops this process and the others of its job, as Ctrl-Z on a terminal does,
/// and returns when it goes on. Does nothing unless this process is the first
/// of its job: what a shell runs for itself, as `$(…)`, is none, and nobody
/// would ever let it go on (zsh waits for it, and takes no key meanwhile).
///
/// # Errors
/// The system refuses.
pub fn stop_job() -> io::Result<()> {
    if getpid() == getpgrp() {
        kill_current_process_group(Signal::TSTP)?;
    }
    Ok(())
}

fn switch_default(on: bool) {
    if let Some(default) = DEFAULT.get() {
        default.store(on, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes without a watch ends the process: see `tests/prompt.rs`.
    #[test]
    fn a_signal_is_noted_and_does_not_end_us() {
        let watch = Watch::start().unwrap();
        assert_eq!(watch.caught(), None);
        low_level::raise(SIGTERM).unwrap();
        assert_eq!(watch.caught(), Some(SIGTERM));
        assert_eq!(watch.finish(), Some(SIGTERM));
        assert_eq!(Watch::start().unwrap().finish(), None);
    }
}

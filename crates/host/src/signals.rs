//! Noticing the signals that end a process while something must be put back
//! in order first, a terminal mostly; and what job control does.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::process::{Resource, Signal, getpid, getrlimit, kill_current_process_group};
use signal_hook::consts::{
    SIGABRT, SIGALRM, SIGBUS, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP, SIGUSR1,
    SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
};
use signal_hook::{SigId, flag, low_level};

/// The signal that asks a process to end.
pub const TERMINATE: i32 = SIGTERM;

/// Every signal of POSIX that ends a process by default and that a program
/// may catch with safe code. Not here: what Rust ignores from the start
/// (SIGPIPE), what cannot be caught (SIGKILL), and what a handler may not
/// return from (SIGSEGV, SIGILL, SIGFPE).
const ENDING: [i32; 15] = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGABRT, SIGXCPU, SIGXFSZ,
    SIGVTALRM, SIGPROF, SIGBUS, SIGSYS, SIGTRAP,
];

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

/// While this lives, the signals that end a process are noted, and none ends it
/// by itself, whatever [`Watch`]es come and go meanwhile: for a process that has
/// something to put away at its end, whenever that is.
///
/// What was ignored at the start stays ignored, as with a [`Watch`].
pub struct Vigil {
    caught: Arc<AtomicUsize>,
    ids: Vec<SigId>,
}

/// Whether there is a [`Vigil`].
static VIGIL: AtomicBool = AtomicBool::new(false);

/// Whether there is a [`Watch`].
static WATCHED: AtomicBool = AtomicBool::new(false);

impl Vigil {
    /// Starts to note the signals. Waits while a [`Watch`] lives.
    ///
    /// # Errors
    /// The system refuses.
    pub fn start() -> io::Result<Self> {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let caught = Arc::default();
        let ids = note(&caught)?;
        VIGIL.store(true, Ordering::SeqCst);
        switch_default(false);
        Ok(Self { caught, ids })
    }

    /// The number of the last signal that came, if one did.
    pub fn caught(&self) -> Option<i32> {
        number(&self.caught)
    }

    /// Whether a [`Watch`] has what came as well, and puts something else away.
    pub fn is_shared(&self) -> bool {
        WATCHED.load(Ordering::SeqCst)
    }
}

impl Drop for Vigil {
    fn drop(&mut self) {
        VIGIL.store(false, Ordering::SeqCst);
        if !self.is_shared() {
            switch_default(true);
        }
        for id in self.ids.drain(..) {
            low_level::unregister(id);
        }
    }
}

fn number(caught: &AtomicUsize) -> Option<i32> {
    match caught.load(Ordering::SeqCst) {
        0 => None,
        number => i32::try_from(number).ok(),
    }
}

/// Has the signals noted in `caught`.
fn note(caught: &Arc<AtomicUsize>) -> io::Result<Vec<SigId>> {
    // Once the handler is there, the kernel does not know any more what was
    // ignored; but then it was not.
    let ignored = crate::sys::proc::ignored();
    let first = DEFAULT.get().is_none();
    let default = DEFAULT.get_or_init(|| Arc::new(AtomicBool::new(true)));
    let mut ids = Vec::with_capacity(ENDING.len());
    for signal in ENDING {
        if ignored.has(signal) || signal == SIGXFSZ && LIMITED.get().is_some() {
            continue;
        }
        let number = usize::try_from(signal).unwrap_or_default();
        ids.push(flag::register_usize(signal, Arc::clone(caught), number)?);
        if first {
            flag::register_conditional_default(signal, Arc::clone(default))?;
        }
    }
    Ok(ids)
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
        let caught = Arc::default();
        let ids = note(&caught)?;
        WATCHED.store(true, Ordering::SeqCst);
        switch_default(false);
        Ok(Self {
            caught,
            ids,
            _alone: alone,
        })
    }

    /// The number of the last signal that came, if one did.
    pub fn caught(&self) -> Option<i32> {
        number(&self.caught)
    }

    /// Ends the watch; what came until its very end.
    pub fn finish(self) -> Option<i32> {
        // Whatever comes from here on ends the process, unless there is a vigil.
        switch_default(true);
        self.caught()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.store(false, Ordering::SeqCst);
        switch_default(true);
        for id in self.ids.drain(..) {
            low_level::unregister(id);
        }
    }
}

/// That SIGXFSZ is taken by [`outlive_file_limit`].
static LIMITED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Where files may have a certain size only (`ulimit -f`), lets a write beyond
/// it fail as any other write does: by default it ends the process without a
/// word. What this process becomes has the default again, and a process that
/// was started to ignore the signal is left as it is.
///
/// # Errors
/// The system refuses.
pub fn outlive_file_limit() -> io::Result<()> {
    if getrlimit(Resource::Fsize).current.is_none() || crate::sys::proc::ignored().has(SIGXFSZ) {
        return Ok(());
    }
    let taken = LIMITED.get_or_init(Arc::default);
    flag::register(SIGXFSZ, Arc::clone(taken)).map(drop)
}

/// Some signals, by number.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signals(pub(crate) u64);

impl Signals {
    pub(crate) fn has(self, signal: i32) -> bool {
        let bit = signal
            .checked_sub(1)
            .and_then(|bit| u32::try_from(bit).ok());
        bit.and_then(|bit| 1_u64.checked_shl(bit))
            .is_some_and(|bit| self.0 & bit != 0)
    }
}

/// Ends this process by `signal`, so that whoever waits for it sees that: a
/// shell that sees its child ended by SIGINT leaves its loop, and does not
/// where the child exits with 130. Comes back where that does not end a
/// process: the first one of a container, which the kernel spares, and
/// signals other than those that a [`Watch`] notes.
pub fn end_by(signal: i32) {
    if ENDING.contains(&signal) && !getpid().is_init() {
        let _ = low_level::emulate_default_handler(signal);
    }
}

/// Sends SIGINT to this process and the others of its job, as the terminal
/// does at Ctrl-C where nobody reads that key. This process had better hold a
/// [`Watch`].
pub(crate) fn interrupt_job() {
    let _ = kill_current_process_group(Signal::INT);
}

/// Whether somebody would let this job go on if it stopped, as Ctrl-Z does it:
/// a shell that started it as a job. Not where nothing else runs at the
/// terminal, and not where a shell for people runs this for itself, as in
/// `$(…)`: that is no job, and it would be waited for for ever (zsh takes no
/// key meanwhile). Such a shell does not stop by the signal; that of a script
/// stops with us.
pub(crate) fn can_stop_job() -> bool {
    crate::sys::proc::is_job()
}

/// Stops this process and the others of its job, as Ctrl-Z on a terminal
/// does, and returns when it goes on.
///
/// # Errors
/// The system refuses.
pub(crate) fn stop_job() -> io::Result<()> {
    Ok(kill_current_process_group(Signal::TSTP)?)
}

/// Stops this job as a read from the terminal would that another job has.
/// Returns when it goes on.
pub(crate) fn wait_for_front() {
    let _ = kill_current_process_group(Signal::TTIN);
}

fn switch_default(on: bool) {
    if let Some(default) = DEFAULT.get() {
        let on = on && !VIGIL.load(Ordering::SeqCst);
        default.store(on, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes without a watch ends the process: see `tests/prompt.rs`.
    #[test]
    fn a_signal_is_noted_and_does_not_end_us() {
        for signal in ENDING {
            let watch = Watch::start().unwrap();
            assert_eq!(watch.caught(), None);
            low_level::raise(signal).unwrap();
            assert_eq!(watch.caught(), Some(signal));
            assert_eq!(watch.finish(), Some(signal));
        }
        assert_eq!(Watch::start().unwrap().finish(), None);
    }

    #[test]
    fn a_vigil_notes_what_comes_whatever_watches_there_are() {
        let vigil = Vigil::start().unwrap();
        assert_eq!((vigil.caught(), vigil.is_shared()), (None, false));
        let watch = Watch::start().unwrap();
        assert!(vigil.is_shared());
        low_level::raise(SIGTERM).unwrap();
        assert_eq!(watch.finish(), Some(SIGTERM));
        assert_eq!((vigil.caught(), vigil.is_shared()), (Some(SIGTERM), false));
        // Without the vigil, it would end the process.
        low_level::raise(SIGHUP).unwrap();
        assert_eq!(vigil.caught(), Some(SIGHUP));
    }

    #[test]
    fn sets_of_signals() {
        let some = Signals(0b101);
        assert!(some.has(1) && !some.has(2) && some.has(3));
        assert!(!some.has(0) && !some.has(64) && !some.has(65) && !some.has(-1));
    }
}

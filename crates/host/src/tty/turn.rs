//! One question at a time at a terminal, whichever processes ask.
//!
//! Two processes that read from one terminal share what is typed there: a code
//! would go to the wrong device, a name would confirm the wrong role. So who
//! asks holds the terminal's lock as long as the question stands there. It is
//! an fcntl(2) lock on the terminal's own device: it is the same one whatever
//! the home folder, the streams and the role are, the kernel releases it when
//! its holder dies and says who that is, and no other user can take it who may
//! not open the terminal for writing.
//!
//! A file beside it, in a folder of this user alone, says what is asked and
//! takes the lock's place where the device cannot be had. Without either there
//! is nobody to wait for, and the question is asked.

use std::cell::{OnceCell, RefCell};
use std::ffi::OsString;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;
use rustix::process::{Flock, FlockType, fcntl_getlk, getsid};

use super::error::AskError;
use super::holder::{Shown, TurnHolder, Words, say};
use crate::clock::Clock;
use crate::env::{Env, names};
use crate::fs::{PrivateDir, STATE, runtime_path};
use crate::identity;

/// How long a question waits for another one: a person has to find a phone and
/// wait for a new code, perhaps three times.
const PATIENCE: Duration = Duration::from_secs(180);

/// Waits between two attempts grow from the first to the last.
const WAITS: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// Bytes that say what is asked; more are cut.
const MOST: usize = 1024;

/// What the file holds after Ctrl-C, before what tells one time from another.
const CANCELLED: &str = "cancelled ";

/// Whether this process holds a turn. Closing any descriptor of a device ends
/// every fcntl(2) lock that the process has on it, so there is one only.
static HELD: AtomicBool = AtomicBool::new(false);

/// A turn that has ended without an answer, until that has been said.
static KEPT: Mutex<Option<Held>> = Mutex::new(None);

/// Lets another process ask, after [`super::Tty::ask`] has failed and what is
/// to be said of that has been said.
pub fn let_others_ask() {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(held) = kept {
        held.end();
    }
}

/// Takes turns at one terminal.
pub(super) struct Turns {
    clock: Arc<dyn Clock>,
    /// The processes that run us and hold turns, the outermost first.
    above: Vec<u32>,
    folders: Vec<PathBuf>,
    dir: OnceCell<Option<Arc<PrivateDir>>>,
    held: RefCell<Option<Held>>,
}

/// The turn. Let go of by [`Held::end`], or by the kernel.
struct Held {
    /// What a person takes to answer does not count for it.
    clock: Arc<dyn Clock>,
    /// Closing it releases the lock.
    device: Option<File>,
    words: Option<Paper>,
    /// What is left of the file at the end.
    leaves: Leaves,
}

/// The file that says what is asked, locked.
struct Paper {
    dir: Arc<PrivateDir>,
    name: OsString,
    file: File,
    /// Bytes that this process wrote, and others after them.
    size: u64,
}

#[derive(Clone, Copy)]
enum Leaves {
    Nothing,
    /// Word that the person gave up.
    Cancelled,
    /// What stands there: the word of somebody else.
    AsItIs,
}

/// What came of one attempt.
enum TurnAttempt {
    Mine(Held),
    Taken(TurnHolder),
}

impl Held {
    fn keep(self) {
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }

    fn end(self) {
        if let Some(Paper {
            dir, name, file, ..
        }) = &self.words
        {
            match self.leaves {
                Leaves::AsItIs => {}
                Leaves::Cancelled => {
                    let id = crate::random::number().unwrap_or_default();
                    let _ = write(file, &format!("{CANCELLED}{} {id}", std::process::id()));
                }
                Leaves::Nothing => {
                    // While it is locked: whoever opened it sees that it is gone.
                    let _ = dir.remove(name);
                }
            }
            let _ = file.unlock();
        }
        self.clock.deadline().resume(self.clock.monotonic());
        drop(self);
        HELD.store(false, Ordering::SeqCst);
    }
}

impl Turns {
    fn mine(&self, device: Option<File>, words: Option<Paper>) -> TurnAttempt {
        TurnAttempt::Mine(Held {
            clock: Arc::clone(&self.clock),
            device,
            words,
            leaves: Leaves::Nothing,
        })
    }

    pub(super) fn new(env: &Env, clock: Arc<dyn Clock>) -> Self {
        let above = env.text(names::ASSUMEROLE_TURN).unwrap_or_default();
        let folders = [
            runtime_path(env),
            identity::home(env).map(|home| home.join(STATE)),
        ];
        Self {
            clock,
            above: above
                .split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect(),
            folders: folders.into_iter().flatten().collect(),
            dir: OnceCell::new(),
            held: RefCell::default(),
        }
    }

    /// Whether this one holds the turn.
    pub(super) fn is_held(&self) -> bool {
        self.held.borrow().is_some()
    }

    /// Waits for the turn, and says so at `terminal`. Whether it was waited
    /// for.
    ///
    /// # Errors
    /// The time is up, or whoever had the turn gave up for all.
    pub(super) fn take(&self, terminal: &File, shown: Shown<'_>) -> Result<bool, AskError> {
        let_others_ask();
        if self.is_held() || HELD.swap(true, Ordering::SeqCst) {
            return Ok(false);
        }
        // Who has the turn asks a person, and so does this one then.
        self.clock.deadline().pause(self.clock.monotonic());
        let waited = self.wait(terminal, shown);
        if matches!(waited, Err(AskError::TimedOut { .. })) {
            self.clock.deadline().resume(self.clock.monotonic());
            HELD.store(false, Ordering::SeqCst);
        }
        waited
    }

    fn wait(&self, terminal: &File, shown: Shown<'_>) -> Result<bool, AskError> {
        let before = self.said(0);
        let start = self.clock.monotonic();
        let patience = PATIENCE.min(self.clock.left());
        let (mut waiting, mut wait) = (false, WAITS.0);
        loop {
            let holder = match self.attempt() {
                TurnAttempt::Mine(mut held) => {
                    let says = held.words.as_ref().and_then(|paper| read(&paper.file));
                    if waiting && says != before && is_cancelled(says.as_ref()) {
                        // For the others who wait as well.
                        held.leaves = Leaves::AsItIs;
                        held.keep();
                        return Err(AskError::GivenUp);
                    }
                    let text = Words::text(held.device.is_some(), shown);
                    if let Some(paper) = &mut held.words {
                        paper.size = write(&paper.file, &text).unwrap_or_default();
                    }
                    self.held.replace(Some(held));
                    return Ok(waiting);
                }
                TurnAttempt::Taken(holder) => holder,
            };
            let waited = self.clock.monotonic().saturating_sub(start);
            if waited >= patience {
                return Err(AskError::TimedOut { holder, waited });
            }
            if !waiting {
                waiting = true;
                say(terminal, &holder);
                self.disturb();
            }
            self.clock.sleep(wait.min(patience - waited));
            wait = (wait * 3 / 2).min(WAITS.1);
        }
    }

    /// Whether whoever waits for the answer to this run has waited too long.
    pub(super) fn is_late(&self) -> bool {
        self.clock.left().is_zero()
    }

    /// Lets the next one ask.
    pub(super) fn leave(&self) {
        if let Some(held) = self.held.take() {
            held.end();
        }
    }

    /// Lets the next one ask when [`let_others_ask`] is called.
    pub(super) fn keep(&self) {
        if let Some(held) = self.held.take() {
            held.keep();
        }
    }

    /// The person gave up, for all who wait for this turn.
    pub(super) fn cancel(&self) {
        if let Some(held) = &mut *self.held.borrow_mut() {
            held.leaves = Leaves::Cancelled;
        }
    }

    /// Lets the holder know that its question is no longer what stands last
    /// at the terminal.
    fn disturb(&self) {
        let file = self.dir().zip(file_name(0));
        let file = file.and_then(|(dir, name)| dir.open_lock_file(&name).ok());
        let grown = file.and_then(|file| Some((file.metadata().ok()?.len(), file)));
        if let Some((size, file)) = grown.filter(|(size, _)| *size > 0) {
            let _ = file.write_all_at(b"\n", size);
        }
    }

    /// Whether another process has written at the terminal since this turn
    /// began, or since this was asked last.
    pub(super) fn is_disturbed(&self) -> bool {
        let mut held = self.held.borrow_mut();
        let Some(paper) = held.as_mut().and_then(|held| held.words.as_mut()) else {
            return false;
        };
        let size = paper.file.metadata().map_or(paper.size, |now| now.len());
        std::mem::replace(&mut paper.size, size) < size
    }

    /// What a program that is run in this turn is told by
    /// [`names::ASSUMEROLE_TURN`].
    pub(super) fn mark(&self) -> String {
        let mut pids: Vec<String> = self.above.iter().map(u32::to_string).collect();
        pids.push(std::process::id().to_string());
        pids.join(" ")
    }

    /// One attempt. Who is run by the one that has the turn asks in its place,
    /// and takes turns with its like.
    fn attempt(&self) -> TurnAttempt {
        let mut level = 0;
        loop {
            let holder = match self.attempt_at(level) {
                TurnAttempt::Taken(holder) => holder,
                mine @ TurnAttempt::Mine(_) => return mine,
            };
            let is_above = holder.pid.is_some_and(|pid| self.above.contains(&pid));
            if !is_above || level >= self.above.len() {
                return TurnAttempt::Taken(holder);
            }
            level += 1;
        }
    }

    fn attempt_at(&self, level: usize) -> TurnAttempt {
        let device = match level {
            0 => crate::sys::terminal::device(),
            _ => None,
        };
        let Some(device) = device else {
            return self.attempt_by_file(level, None);
        };
        match fcntl_lock(&device, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => self.attempt_by_file(level, Some(device)),
            Err(Errno::AGAIN | Errno::ACCESS) => {
                let pid = holder_of(&device);
                let words = self.said(level).and_then(|text| Words::read(&text));
                // They may be those of one that was killed.
                let words = words.filter(|words| pid.is_none() || pid == words.pid);
                TurnAttempt::Taken(words.unwrap_or_default().holder(pid))
            }
            // It knows no locks.
            Err(_) => self.attempt_by_file(level, None),
        }
    }

    fn attempt_by_file(&self, level: usize, device: Option<File>) -> TurnAttempt {
        let (Some(dir), Some(name)) = (self.dir(), file_name(level)) else {
            return self.mine(device, None);
        };
        loop {
            // A file that cannot be used is no lock, for nobody.
            let Ok(file) = dir.open_lock_file(&name) else {
                return self.mine(device, None);
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let words = read(&file).and_then(|text| Words::read(&text));
                    let words = words.unwrap_or_default();
                    // The terminal of its holder is another one: we have the
                    // lock of ours.
                    if device.is_some() && words.by_device {
                        return self.mine(device, None);
                    }
                    return TurnAttempt::Taken(words.holder(None));
                }
                Err(TryLockError::Error(_)) => return self.mine(device, None),
            }
            // Its last holder may have removed it after we opened it.
            if dir.is_current(&name, &file).unwrap_or(true) {
                return self.mine(
                    device,
                    Some(Paper {
                        dir: Arc::clone(dir),
                        name,
                        file,
                        size: 0,
                    }),
                );
            }
        }
    }

    /// What the file of `level` says.
    fn said(&self, level: usize) -> Option<String> {
        let bytes = self.dir()?.read(file_name(level)?, MOST).ok()??;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The folder for what is said: none is made at home for this.
    fn dir(&self) -> Option<&Arc<PrivateDir>> {
        let find = || {
            self.folders.iter().find_map(|path| {
                let is_home = path.ends_with(STATE);
                if is_home {
                    PrivateDir::open(path).ok()?
                } else {
                    PrivateDir::create(path).ok()
                }
            })
        };
        self.dir.get_or_init(|| find().map(Arc::new)).as_ref()
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        self.leave();
    }
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns")
            .field("above", &self.above)
            .field("is_held", &self.is_held())
            .finish_non_exhaustive()
    }
}

/// By the session, which has one terminal: that has no number that all systems
/// would tell.
fn file_name(level: usize) -> Option<OsString> {
    let session = getsid(None).ok()?.as_raw_nonzero();
    Some(format!("terminal-{session}-{level}.lock").into())
}

/// Who has the lock of `device`; none that this process could see.
fn holder_of(device: &File) -> Option<u32> {
    let lock = Flock::from(FlockType::WriteLock);
    let holder = fcntl_getlk(device, &lock).ok()??;
    u32::try_from(holder.pid?.as_raw_nonzero().get()).ok()
}

fn is_cancelled(says: Option<&String>) -> bool {
    says.is_some_and(|text| text.starts_with(CANCELLED))
}

fn read(file: &File) -> Option<String> {
    let mut bytes = [0; MOST];
    let count = file.read_at(&mut bytes, 0).ok()?;
    Some(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

/// Writes `text`; how many bytes the file has then.
fn write(file: &File, text: &str) -> io::Result<u64> {
    let mut text = text.to_owned();
    text.truncate(text.floor_char_boundary(MOST));
    file.set_len(0)?;
    file.write_all_at(text.as_bytes(), 0)?;
    Ok(text.len() as u64)
}

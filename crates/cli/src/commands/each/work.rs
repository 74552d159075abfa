//! Obtaining the roles and running the command, many at once.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::clock::{Clock, SystemClock};
use assumerole_host::fs::PrivateDir;
use assumerole_host::process::{Gathered, Halt, run_gathered};
use assumerole_host::signals::Watch;
use assumerole_session::history::Way;

use super::asked::Args;
use super::bar::Bar;
use super::folder::Folder;
use super::questions::ReadyTasks;
use super::select::Task;
use crate::app::App;
use crate::commands::assume::assume;
use crate::deliver;
use crate::options::Global;
use crate::ui::Printer;

/// How often to look for signals.
const TICK: Duration = Duration::from_millis(50);

/// Bytes of output that are kept in memory; more stays in its file.
const IN_MEMORY: u64 = 32 * 1024;

/// The longest wait before a command is run again.
const LONGEST_PAUSE: u64 = 30;

/// How long all wait when AWS wants fewer requests, at first and at most.
const FIRST_REST: Duration = Duration::from_millis(500);
const LONGEST_REST: Duration = Duration::from_secs(20);

/// How often a role is asked for again then.
const MOST_RESTS: u32 = 8;

/// What became of a task.
pub(super) struct TaskDone {
    /// Its place.
    pub(super) number: usize,
    pub(super) task: Task,
    pub(super) end: TaskEnd,
    /// How long it took.
    pub(super) time: Duration,
}

/// How a task ended.
pub(super) enum TaskEnd {
    /// The command ran.
    Ran(Ran),
    /// It did not, and why: the role could not be had, as a rule.
    Failed(Error),
    /// It was not begun: something else had failed, or a signal had come.
    NotBegun,
}

/// A command that ran.
pub(super) struct Ran {
    pub(super) status: ExitStatus,
    pub(super) timed_out: bool,
    /// Whether there should have been a CodeArtifact token.
    pub(super) lacked_token: bool,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
}

/// What a command wrote.
pub(super) enum Output {
    Memory(Vec<u8>),
    File(File),
}

impl Output {
    fn of(mut file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        file.rewind()?;
        if length > IN_MEMORY {
            return Ok(Self::File(file));
        }
        let mut bytes = Vec::new();
        file.take(IN_MEMORY).read_to_end(&mut bytes)?;
        Ok(Self::Memory(bytes))
    }
}

/// What all workers share.
struct Shared<'a> {
    args: &'a Args,
    program: &'a Path,
    ready: &'a ReadyTasks,
    next: AtomicUsize,
    halt: &'a Halt,
    /// Whether no more tasks are begun.
    stopped: Arc<Halt>,
    /// Until when nobody asks AWS, by the clock of all.
    rest: Mutex<Duration>,
    clock: &'a dyn Clock,
    /// The numbers of the tasks in work.
    in_work: Mutex<BTreeSet<usize>>,
    /// Where output goes, if not to stdout.
    folder: Option<Folder>,
}

impl Shared<'_> {
    /// The roles in work, in order.
    fn names(&self) -> Vec<String> {
        let numbers = self.in_work.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = numbers.iter().filter_map(|at| self.ready.tasks.get(*at));
        tasks.map(|(task, _)| task.title()).collect()
    }

    /// Waits while nobody asks AWS.
    fn wait(&self) {
        loop {
            let until = *self.rest.lock().unwrap_or_else(PoisonError::into_inner);
            let left = until.saturating_sub(self.clock.monotonic());
            if left.is_zero() || self.halt.times() > 0 {
                return;
            }
            self.clock.sleep(left.min(TICK));
        }
    }

    /// Has all wait, for the `number`th time.
    fn rest(&self, number: u32) {
        let time = FIRST_REST.saturating_mul(1 << number.min(6));
        let until = self
            .clock
            .monotonic()
            .saturating_add(time.min(LONGEST_REST));
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        *rest = until.max(*rest);
    }
}

/// Does the tasks, and shows `see` each when it is over. Returns the signal that
/// ended it, if one did.
///
/// # Errors
/// Those of `see`; the program's folder cannot be had.
pub(super) fn run(
    app: &App<'_>,
    args: &Args,
    program: &Path,
    ready: &ReadyTasks,
    see: &mut dyn FnMut(TaskDone) -> Result<()>,
) -> Result<Option<i32>> {
    let dir = app.state_dir()?;
    let halt = Halt::default();
    let tasks = ready.tasks.iter().map(|(task, _)| task);
    let folder = args.output_dir.as_deref();
    let folder = folder.map(|path| Folder::open(path, tasks)).transpose()?;
    let shared = Shared {
        args,
        program,
        ready,
        next: AtomicUsize::new(0),
        halt: &halt,
        stopped: Arc::default(),
        rest: Mutex::default(),
        clock: app.host.clock.as_ref(),
        in_work: Mutex::default(),
        folder,
    };
    let worker = Worker::of(app);
    let (tell, told) = channel();
    let jobs = usize::from(args.jobs).min(ready.tasks.len());
    let failed =
        |error: io::Error| Error::new(Kind::Failed, "no thread could be started").because(error);
    std::thread::scope(|scope| {
        for number in 0..jobs {
            let (shared, worker, tell) = (&shared, &worker, tell.clone());
            let thread = std::thread::Builder::new().name(format!("role-{number}"));
            thread
                .spawn_scoped(scope, move || worker.work(shared, dir, &tell))
                .map_err(failed)?;
        }
        drop(tell);
        watched(app, &told, &shared, see)
    })
}

/// Waits for all that is begun, and for signals: the first ends what runs, the
/// second at once.
fn watched(
    app: &App<'_>,
    told: &std::sync::mpsc::Receiver<TaskDone>,
    shared: &Shared<'_>,
    see: &mut dyn FnMut(TaskDone) -> Result<()>,
) -> Result<Option<i32>> {
    use std::sync::mpsc::RecvTimeoutError;

    let watch = || {
        Watch::start()
            .map_err(|error| Error::new(Kind::Failed, "signals cannot be caught").because(error))
    };
    let (mut now, mut signal, mut problem) = (watch()?, None, None);
    let mut bar = Bar::new(app, shared.ready.tasks.len());
    loop {
        bar.show(|| shared.names());
        match told.recv_timeout(TICK) {
            Ok(done) => {
                bar.count(&done);
                if shared.args.fail_fast && !done.is_ok() {
                    shared.stopped.more();
                }
                if problem.is_none()
                    && let Err(error) = see(done)
                {
                    shared.stopped.more();
                    shared.halt.more();
                    problem = Some(error);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if let Some(number) = now.caught() {
            signal = Some(number);
            shared.stopped.more();
            shared.halt.more();
            drop(now);
            now = watch()?;
        }
    }
    match problem {
        Some(error) => Err(error),
        None => Ok(signal.or(now.caught())),
    }
}

impl TaskDone {
    /// Whether the command succeeded.
    pub(super) fn is_ok(&self) -> bool {
        matches!(&self.end, TaskEnd::Ran(ran) if ran.status.success() && !ran.timed_out)
    }
}

/// What a worker's own view of the program is made of.
struct Worker {
    env: assumerole_host::Env,
    host_env: assumerole_host::Env,
    settings: assumerole_core::plan::settings::RunSettings,
    global: Global,
    printing: crate::ui::printer::Settings,
    grammar: crate::grammar::Grammar,
}

impl Worker {
    fn of(app: &App<'_>) -> Self {
        Self {
            env: app.env.clone(),
            host_env: app.host.env.clone(),
            settings: app.settings.clone(),
            global: Global {
                config: app.config_flag.as_ref().map(Into::into),
                quiet: true,
                no_prompt: true,
                verbose: 0,
            },
            printing: app.printer.settings().clone(),
            grammar: app.grammar(),
        }
    }

    fn work(&self, shared: &Shared<'_>, dir: &PrivateDir, tell: &Sender<TaskDone>) {
        // Nobody is asked any more, and nothing is said: errors stand in the
        // summary.
        let host = Host {
            env: self.host_env.clone(),
            clock: Arc::new(SystemClock::new()),
            streams: assumerole_host::Streams::system(),
            by_agent: false,
            prompts: false,
        };
        let printer = Printer::with_streams(
            Box::new(io::sink()),
            Box::new(io::sink()),
            self.printing.clone(),
        );
        let mut app = App::new(
            &host,
            self.env.clone(),
            self.settings.clone(),
            printer,
            &self.global,
            true,
            self.grammar,
        );
        // A file of a tool can hold the token of one role alone.
        app.variables_only = true;
        app.syncs_later = true;
        app.silent = true;
        app.is_typed = false;
        loop {
            let number = shared.next.fetch_add(1, Ordering::SeqCst);
            let Some((task, failure)) = shared.ready.tasks.get(number) else {
                return;
            };
            let in_work = || {
                let numbers = shared.in_work.lock();
                numbers.unwrap_or_else(PoisonError::into_inner)
            };
            in_work().insert(number);
            let start = host.clock.monotonic();
            host.clock.deadline().begin(start);
            let end = match failure {
                _ if shared.stopped.times() > 0 => TaskEnd::NotBegun,
                Some(error) => TaskEnd::Failed(error.clone()),
                None => match one(&app, shared, dir, (number, task)) {
                    Ok(ran) => TaskEnd::Ran(ran),
                    Err(error) => TaskEnd::Failed(error),
                },
            };
            in_work().remove(&number);
            let done = TaskDone {
                number,
                task: task.clone(),
                end,
                time: host.clock.monotonic().saturating_sub(start),
            };
            if tell.send(done).is_err() {
                return;
            }
        }
    }
}

/// The role of `task`. Where AWS wants fewer requests, all wait and this one asks
/// again.
fn assumed(
    app: &App<'_>,
    shared: &Shared<'_>,
    task: &Task,
    obtain: &crate::options::Obtain,
) -> Result<crate::assumed::Assumed> {
    let mut rests = 0;
    loop {
        shared.wait();
        // What was waited for others is not waited for AWS.
        let clock = &app.host.clock;
        clock.deadline().begin(clock.monotonic());
        match assume(app, &task.role, None, None, obtain, Way::Each) {
            Err(error)
                if error.id() == Id::Throttled
                    && rests < MOST_RESTS
                    && shared.halt.times() == 0 =>
            {
                shared.rest(rests);
                rests += 1;
            }
            other => return other,
        }
    }
}

/// Obtains the role of `task` and runs the command in it.
fn one(
    app: &App<'_>,
    shared: &Shared<'_>,
    dir: &PrivateDir,
    (number, task): (usize, &Task),
) -> Result<Ran> {
    let args = shared.args;
    let obtain = args.obtain(task.region.as_ref(), &shared.ready.yes);
    let mut tries = 0;
    loop {
        // Anew each time: a command may fail because its session has ended.
        let assumed = assumed(app, shared, task, &obtain)?;
        let env = deliver::variables(app, &assumed, shared.program.as_os_str())?;
        let mut gathered = run(args.command.get(1..).unwrap_or_default(), &env, shared, dir)?;
        let succeeded = gathered.status.success() && !gathered.timed_out;
        if succeeded || tries >= args.retry || shared.halt.times() > 0 {
            let failed = |error: io::Error| {
                Error::new(Kind::Failed, "what the command wrote cannot be read").because(error)
            };
            if let Some(folder) = &shared.folder {
                folder.keep(number, &mut gathered.stdout, &mut gathered.stderr)?;
                return Ok(Ran {
                    status: gathered.status,
                    timed_out: gathered.timed_out,
                    lacked_token: assumed.lacks_token,
                    stdout: Output::Memory(Vec::new()),
                    stderr: Output::Memory(Vec::new()),
                });
            }
            return Ok(Ran {
                status: gathered.status,
                timed_out: gathered.timed_out,
                lacked_token: assumed.lacks_token,
                stdout: Output::of(gathered.stdout).map_err(failed)?,
                stderr: Output::of(gathered.stderr).map_err(failed)?,
            });
        }
        tries += 1;
        let pause = 1_u64
            .checked_shl(u32::from(tries) - 1)
            .unwrap_or(LONGEST_PAUSE);
        let mut left = Duration::from_secs(pause.min(LONGEST_PAUSE));
        while !left.is_zero() && shared.halt.times() == 0 {
            let part = left.min(TICK);
            app.host.clock.sleep(part);
            left = left.saturating_sub(part);
        }
    }

    fn run(
        words: &[OsString],
        env: &[(OsString, OsString)],
        shared: &Shared<'_>,
        dir: &PrivateDir,
    ) -> Result<Gathered> {
        let timeout = shared.args.timeout.map(Duration::from_secs);
        let program = shared.program.as_os_str();
        Ok(run_gathered(
            program,
            words,
            env,
            dir,
            timeout,
            shared.halt,
        )?)
    }
}

//! Obtaining the roles and running the command, many at once.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::clock::SystemClock;
use assumerole_host::fs::PrivateDir;
use assumerole_host::process::{Gathered, Halt, run_gathered};
use assumerole_host::signals::Watch;
use assumerole_session::history::Way;

use super::asked::Args;
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
    let shared = Shared {
        args,
        program,
        ready,
        next: AtomicUsize::new(0),
        halt: &halt,
        stopped: Arc::default(),
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
        watched(&told, &shared, see)
    })
}

/// Waits for all that is begun, and for signals: the first ends what runs, the
/// second at once.
fn watched(
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
    loop {
        match told.recv_timeout(TICK) {
            Ok(done) => {
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
        app.credentials_only = true;
        app.silent = true;
        app.is_typed = false;
        loop {
            let number = shared.next.fetch_add(1, Ordering::SeqCst);
            let Some((task, failure)) = shared.ready.tasks.get(number) else {
                return;
            };
            let start = host.clock.monotonic();
            host.clock.deadline().begin(start);
            let end = match failure {
                _ if shared.stopped.times() > 0 => TaskEnd::NotBegun,
                Some(error) => TaskEnd::Failed(error.clone()),
                None => match one(&app, shared, dir, task) {
                    Ok(ran) => TaskEnd::Ran(ran),
                    Err(error) => TaskEnd::Failed(error),
                },
            };
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

/// Obtains the role of `task` and runs the command in it.
fn one(app: &App<'_>, shared: &Shared<'_>, dir: &PrivateDir, task: &Task) -> Result<Ran> {
    let args = shared.args;
    let obtain = args.obtain(task.region.as_ref(), &shared.ready.yes);
    let mut tries = 0;
    loop {
        // Anew each time: a command may fail because its session has ended.
        let assumed = assume(app, &task.role, None, None, &obtain, Way::Each)?;
        let env = deliver::variables(app, &assumed, shared.program.as_os_str())?;
        let gathered = run(args.command.get(1..).unwrap_or_default(), &env, shared, dir)?;
        let succeeded = gathered.status.success() && !gathered.timed_out;
        if succeeded || tries >= args.retry || shared.halt.times() > 0 {
            let failed = |error: io::Error| {
                Error::new(Kind::Failed, "what the command wrote cannot be read").because(error)
            };
            return Ok(Ran {
                status: gathered.status,
                timed_out: gathered.timed_out,
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

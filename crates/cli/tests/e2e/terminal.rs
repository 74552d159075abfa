//! A person at a terminal: sees what is on its screen, types, presses Ctrl-C,
//! and looks whether the terminal is left as it was found.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, PtyPair, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::harness::{Stage, program};

/// Long enough for any machine; nobody waits for it unless a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(100);

/// The question for the code of [`super::harness::DEVICE`].
pub(crate) const QUESTION: &str = "MFA code of arn:aws:iam::210987654321:mfa/jdoe:";

/// Ctrl-C.
pub(crate) const CTRL_C: &str = "\x03";
/// Ctrl-D.
pub(crate) const CTRL_D: &str = "\x04";
/// Esc.
pub(crate) const ESC: &str = "\x1b";

/// Every signal that ends a process and that it may catch, and what
/// strsignal(3) calls it.
pub(crate) const NAMES: [(Signal, &str); 15] = [
    (Signal::INT, "Interrupt"),
    (Signal::TERM, "Terminated"),
    (Signal::HUP, "Hangup"),
    (Signal::QUIT, "Quit"),
    (Signal::ALARM, "Alarm clock"),
    (Signal::USR1, "User defined signal 1"),
    (Signal::USR2, "User defined signal 2"),
    (Signal::ABORT, "Aborted"),
    (Signal::XCPU, "CPU time limit exceeded"),
    (Signal::XFSZ, "File size limit exceeded"),
    (Signal::VTALARM, "Virtual timer expired"),
    (Signal::PROF, "Profiling timer expired"),
    (Signal::BUS, "Bus error"),
    (Signal::SYS, "Bad system call"),
    (Signal::TRAP, "Trace/breakpoint trap"),
];

const ROWS: u16 = 24;
const COLUMNS: u16 = 100;

/// What comes last on the screen after a program's end; no terminal shows it.
const END: &[u8] = b"\x1b]9;end of this program\x07";

/// A terminal with a person at it.
pub(crate) struct Terminal {
    keys: Keys,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    /// What programs have of it.
    line: File,
    before: Termios,
    child: Option<Box<dyn Child + Send + Sync>>,
    pair: PtyPair,
}

/// What the person types, and what the terminal answers by itself.
type Keys = Arc<Mutex<Box<dyn Write + Send>>>;

/// A program asks where the cursor is.
const WHERE: &[u8] = b"\x1b[6n";

/// What came to the screen.
struct Seen {
    bytes: Vec<u8>,
    screen: vt100::Parser,
}

impl Terminal {
    /// One of 24 rows and 100 columns that takes UTF-8.
    pub(crate) fn new() -> Self {
        Self::of_size(COLUMNS, ROWS)
    }

    /// One of 24 rows that takes UTF-8.
    pub(crate) fn of_columns(columns: u16) -> Self {
        Self::of_size(columns, ROWS)
    }

    /// One that takes UTF-8.
    pub(crate) fn of_size(columns: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let line = line(&pair);
        let seen = Arc::new((Mutex::new(Seen::nothing(columns, rows)), Condvar::new()));
        let mut screen = pair.master.try_clone_reader().unwrap();
        let eyes = Arc::clone(&seen);
        let keys: Keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let answers = Arc::clone(&keys);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                let answer = eyes.0.lock().unwrap().take(&buffer[..count]);
                // Whoever asked may be gone.
                let _ = answers.lock().unwrap().write_all(answer.as_bytes());
                eyes.1.notify_all();
            }
        });
        Self {
            keys,
            seen,
            before: tcgetattr(&line).unwrap(),
            line,
            child: None,
            pair,
        }
    }

    /// A terminal where `sh` runs `script` on `stage`; the program is in PATH.
    pub(crate) fn running(stage: &Stage, script: &str) -> Self {
        let mut terminal = Self::new();
        terminal.start(stage, script, &[]);
        terminal
    }

    /// Lets `sh` run `script` on `stage`, and takes the terminal away as soon
    /// as it is in raw mode; the name of the signal that ended the process.
    pub(crate) fn hang_up(stage: &Stage, script: &str) -> String {
        // Nobody reads: a descriptor of the reader would keep the terminal.
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let line = line(&pair);
        let mut child = pair
            .slave
            .spawn_command(built(&on(stage, script, &[])))
            .unwrap();
        eventually("raw mode", || {
            let modes = tcgetattr(&line).unwrap().local_modes;
            !modes.contains(LocalModes::ICANON)
        });
        drop(pair);
        let status = child.wait().unwrap();
        status.signal().expect("ended by a signal").to_owned()
    }

    /// Lets `sh` run `script` on `stage`, with more variables in its
    /// environment.
    pub(crate) fn start(&mut self, stage: &Stage, script: &str, env: &[(&str, &str)]) {
        self.start_command(&on(stage, script, env));
    }

    /// Starts `command`, in the environment that it was given and no other.
    pub(crate) fn start_command(&mut self, command: &Command) {
        self.child = Some(self.pair.slave.spawn_command(built(command)).unwrap());
    }

    /// Gives it another size.
    pub(crate) fn resizes(&self, columns: u16, rows: u16) {
        let mut seen = self.seen.0.lock().unwrap();
        let (high, wide) = (rows.try_into().unwrap(), columns.try_into().unwrap());
        seen.screen.screen_mut().set_size(high, wide);
        let size = PtySize {
            rows,
            cols: columns,
            ..PtySize::default()
        };
        self.pair.master.resize(size).unwrap();
    }

    /// Whether the screen without a scroll-back is shown.
    pub(crate) fn is_on_other_screen(&self) -> bool {
        self.now(|seen| seen.screen.screen().alternate_screen())
    }

    /// Whether the program asked the terminal to mark what is pasted.
    pub(crate) fn marks_what_is_pasted(&self) -> bool {
        self.now(|seen| seen.screen.screen().bracketed_paste())
    }

    /// Shows `text`, which another program writes.
    pub(crate) fn shows(&self, text: &str) {
        let mut seen = self.seen.0.lock().unwrap();
        seen.screen.process(text.as_bytes());
    }

    /// Presses `keys`.
    pub(crate) fn types(&mut self, keys: &str) {
        let mut to = self.keys.lock().unwrap();
        to.write_all(keys.as_bytes()).unwrap();
        to.flush().unwrap();
    }

    /// Waits until `text` stands on the screen.
    #[track_caller]
    pub(crate) fn sees(&self, text: &str) {
        self.sees_that(text, |seen| seen.text().contains(text));
    }

    /// Waits for `text` on a screen that is drawn to its end: there the cursor
    /// is shown again.
    #[track_caller]
    pub(crate) fn sees_whole(&self, text: &str) {
        self.sees_that(text, |seen| {
            seen.text().contains(text) && !seen.screen.screen().hide_cursor()
        });
    }

    /// Waits until `text` stands on the screen so many times.
    #[track_caller]
    pub(crate) fn sees_times(&self, text: &str, times: usize) {
        self.sees_that(text, |seen| seen.text().matches(text).count() >= times);
    }

    #[track_caller]
    fn sees_that(&self, what: &str, is_so: impl Fn(&Seen) -> bool) {
        let seen = self.seen.0.lock().unwrap();
        let waited = self
            .seen
            .1
            .wait_timeout_while(seen, PATIENCE, |seen| !is_so(seen))
            .unwrap();
        let screen = waited.0.text();
        drop(waited);
        assert!(self.now(is_so), "never seen: {what:?}, but\n{screen}");
    }

    fn now<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.0.lock().unwrap())
    }

    /// Waits until the question for the code is asked, for the `times`th
    /// time, and the terminal shows nothing by itself.
    #[track_caller]
    pub(crate) fn is_asked(&self, times: usize) {
        self.sees_times(QUESTION, times);
        eventually("the terminal is silent", || !self.echoes());
    }

    /// Whether the terminal shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.line).unwrap().local_modes;
        modes.contains(LocalModes::ECHO)
    }

    /// What stands on the screen, without blanks at the ends of lines.
    pub(crate) fn screen(&self) -> String {
        self.now(Seen::text)
    }

    /// What `draw` makes of the screen.
    pub(crate) fn drawn<T>(&self, draw: impl FnOnce(&vt100::Screen) -> T) -> T {
        self.now(|seen| draw(seen.screen.screen()))
    }

    /// Every byte that came to the screen, as text.
    pub(crate) fn all(&self) -> String {
        self.now(|seen| String::from_utf8_lossy(&seen.bytes).into_owned())
    }

    /// Whether the cursor is to be seen.
    pub(crate) fn shows_cursor(&self) -> bool {
        self.now(|seen| !seen.screen.screen().hide_cursor())
    }

    /// The process that was started.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().process_id().unwrap()
    }

    /// Sends `signal` to the process that was started.
    pub(crate) fn kills(&self, signal: Signal) {
        kill(self.pid(), signal);
    }

    /// Sends `signal` to the job in front.
    pub(crate) fn kills_job(&self, signal: Signal) {
        let leader = self.pair.master.process_group_leader().unwrap();
        kill(leader.try_into().unwrap(), signal);
    }

    /// Waits for the end of what was started, and for all it wrote; its
    /// status.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> u32 {
        let status = self.end();
        match status.signal() {
            None => status.exit_code(),
            Some(name) => panic!("ended by signal {name}:\n{}", self.screen()),
        }
    }

    /// As [`Self::ends`], of what is ended by a signal; its name.
    #[track_caller]
    pub(crate) fn ends_by_signal(&mut self) -> String {
        self.end().signal().expect("ended by a signal").to_owned()
    }

    /// Waits for the end of what was started, which `signal` ends.
    #[track_caller]
    pub(crate) fn is_ended_by(&mut self, signal: Signal) {
        let name = self.ends_by_signal();
        assert!(
            NAMES.contains(&(signal, &name)),
            "{signal:?} ended it as {name}"
        );
    }

    /// Waits until `is_so`, or shows the screen.
    #[track_caller]
    pub(crate) fn eventually(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is_so() {
            let screen = self.screen();
            assert!(start.elapsed() < PATIENCE, "never: {what}\n{screen}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end of a shell, which has the status of what it ran last.
    pub(crate) fn end_of_shell(&mut self) {
        self.end();
    }

    #[track_caller]
    fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "no end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        };
        self.child = None;
        (&self.line).write_all(END).unwrap();
        self.sees_that("the end", |seen| {
            seen.bytes.windows(END.len()).any(|bytes| bytes == END)
        });
        status
    }

    /// Sets the terminal as a person has it who likes another key for Ctrl-C,
    /// so that putting it back cannot be mistaken for setting it to defaults.
    pub(crate) fn has_own_keys(&mut self) {
        use rustix::termios::SpecialCodeIndex;
        let mut modes = tcgetattr(&self.line).unwrap();
        modes.special_codes[SpecialCodeIndex::VQUIT] = 0x18;
        modes.special_codes[SpecialCodeIndex::VMIN] = 3;
        modes.special_codes[SpecialCodeIndex::VTIME] = 7;
        modes.local_modes -= LocalModes::ECHOE;
        tcsetattr(&self.line, OptionalActions::Now, &modes).unwrap();
        self.before = modes;
    }

    /// The terminal is exactly as it was at first.
    #[track_caller]
    pub(crate) fn is_as_before(&self) {
        let now = tcgetattr(&self.line).unwrap();
        assert_eq!(modes(&now), modes(&self.before));
        assert!(self.shows_cursor());
    }
}

/// `sh` that runs `script` on `stage`; the program is in PATH.
fn on(stage: &Stage, script: &str, env: &[(&str, &str)]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    stage.clear(&mut command);
    command
        .env("PATH", path_with_program())
        .env("LANG", "C.UTF-8")
        .env("TERM", "xterm-256color")
        .envs(env.iter().copied());
    command
}

/// `command` as a terminal starts it, in the environment that it was given and
/// no other.
fn built(command: &Command) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    builder.env_clear();
    for (name, value) in command.get_envs() {
        builder.env(name, value.unwrap());
    }
    builder.cwd(command.get_current_dir().unwrap());
    builder
}

/// What programs have of the terminal.
fn line(pair: &PtyPair) -> File {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlags::NOCTTY.bits().cast_signed())
        .open(pair.master.tty_name().unwrap())
        .unwrap()
}

fn modes(all: &Termios) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        all.input_modes, all.output_modes, all.control_modes, all.local_modes, all.special_codes
    )
}

impl Seen {
    fn nothing(columns: u16, rows: u16) -> Self {
        Self {
            bytes: Vec::new(),
            screen: vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0),
        }
    }

    /// Shows `bytes`; what the terminal answers.
    fn take(&mut self, bytes: &[u8]) -> String {
        // It may have come in two parts.
        let from = self.bytes.len().saturating_sub(WHERE.len() - 1);
        self.bytes.extend_from_slice(bytes);
        self.screen.process(bytes);
        let (row, column) = self.screen.screen().cursor_position();
        let asked = self.bytes[from..].windows(WHERE.len());
        let asked = asked.filter(|bytes| *bytes == WHERE);
        asked
            .map(|_| format!("\x1b[{};{}R", row + 1, column + 1))
            .collect()
    }

    fn text(&self) -> String {
        let contents = self.screen.screen().contents();
        let lines: Vec<&str> = contents.lines().map(str::trim_end).collect();
        lines.join("\n").trim_end().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // A shell in front may outlive SIGHUP, and read on for ever.
            let front = self.pair.master.process_group_leader();
            if let Some(group) = front.and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            // Not `Child::kill`, which asks kindly and may ask in vain. What
            // else runs at the terminal gets SIGHUP from the kernel.
            if let Some(pid) = child.process_id().and_then(pid) {
                let _ = kill_process(pid, Signal::KILL);
            }
            let _ = child.wait();
        }
    }
}

/// PATH with the program's folder in front.
pub(crate) fn path_with_program() -> String {
    let folder = program().rsplit_once('/').unwrap().0;
    format!("{folder}:/usr/local/bin:/usr/bin:/bin")
}

/// Sends `signal` to process `pid`.
pub(crate) fn kill(pid: u32, signal: Signal) {
    kill_process(self::pid(pid).unwrap(), signal).unwrap();
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(number.try_into().ok()?)
}

/// Waits until `is_so`.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

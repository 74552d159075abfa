//! A pseudo-terminal and what a person sees on it.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test drives processes, files and time itself, and may fail"
)]

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtyPair, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};
use tempfile::TempDir;

/// Longer than anything here takes: whoever waits so long waits for nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs its arguments with the streams captured in files of the folder $0,
/// and outlives them and Ctrl-C, as the shell of a person does.
const SHELL: &str = r#"
trap : INT
sh -c 'echo $$ >"$0/pid.new"; mv "$0/pid.new" "$0/pid"; exec "$@"' "$0" "$@" </dev/null >"$0/out" 2>"$0/err"
echo $? >"$0/status.new"; mv "$0/status.new" "$0/status"
read -r line; printf %s "$line" >"$0/line.new"; mv "$0/line.new" "$0/line"
"#;

#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
}

impl Size {
    fn pty(self) -> PtySize {
        PtySize {
            rows: self.rows,
            cols: self.columns,
            ..PtySize::default()
        }
    }

    fn screen(self) -> (NonZeroU16, NonZeroU16) {
        let one_or_more = |count| NonZeroU16::new(count).unwrap();
        (one_or_more(self.rows), one_or_more(self.columns))
    }
}

pub(crate) struct Terminal {
    pair: PtyPair,
    keyboard: Box<dyn Write + Send>,
    /// The side of the programs, to look at its modes.
    line: File,
    modes: String,
    shown: Arc<Mutex<Shown>>,
    folder: Arc<TempDir>,
}

/// What was written to the terminal, and what it looks like.
struct Shown {
    parser: vt100::Parser,
    written: Vec<u8>,
}

impl Terminal {
    pub(crate) fn new(size: Size) -> Self {
        let pair = native_pty_system().openpty(size.pty()).unwrap();
        let (rows, columns) = size.screen();
        let shown = Arc::new(Mutex::new(Shown {
            parser: vt100::Parser::new(rows, columns, 100),
            written: Vec::new(),
        }));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let mut shown = screen.lock().unwrap();
                shown.parser.process(&bytes[..count]);
                shown.written.extend_from_slice(&bytes[..count]);
            }
        });
        let line = open_line(&pair);
        Self {
            keyboard: pair.master.take_writer().unwrap(),
            modes: modes(&line),
            line,
            shown,
            folder: Arc::new(TempDir::new().unwrap()),
            pair,
        }
    }

    /// Starts the example under a shell, both of them once.
    pub(crate) fn start(&self, args: &[&str], env: &[(&str, &str)]) -> Program {
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", SHELL]);
        command.arg(self.folder.path());
        command.arg(example());
        command.args(args);
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in env {
            command.env(name, value);
        }
        self.pair.slave.spawn_command(command).unwrap();
        Program(Arc::clone(&self.folder))
    }

    /// What stood there before: none of the programs wrote it.
    pub(crate) fn print(&self, text: &str) {
        self.shown.lock().unwrap().parser.process(text.as_bytes());
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    pub(crate) fn resize(&self, size: Size) {
        let (rows, columns) = size.screen();
        let mut shown = self.shown.lock().unwrap();
        shown.parser.screen_mut().set_size(rows, columns);
        self.pair.master.resize(size.pty()).unwrap();
    }

    /// The text on the screen, without the empty lines at its end.
    pub(crate) fn screen(&self) -> String {
        let shown = self.shown.lock().unwrap();
        shown.parser.screen().contents().trim_end().to_owned()
    }

    /// Everything that was written to the terminal.
    pub(crate) fn written(&self) -> String {
        let shown = self.shown.lock().unwrap();
        String::from_utf8_lossy(&shown.written).into_owned()
    }

    /// Whether everything was ever erased from the first row on, of a terminal
    /// of `size` where the cursor was in `line`.
    pub(crate) fn was_erased_from_the_first_row(&self, size: Size, line: usize) -> bool {
        let (rows, columns) = size.screen();
        let mut parser = vt100::Parser::new(rows, columns, 0);
        parser.process(&b"\n".repeat(line));
        let written = self.written();
        let pieces: Vec<&str> = written.split_inclusive("\u{1b}[J").collect();
        pieces.iter().any(|piece| {
            let before = piece.strip_suffix("\u{1b}[J");
            parser.process(before.unwrap_or(piece).as_bytes());
            let from_first = before.is_some() && parser.screen().cursor_position() == (0, 0);
            parser.process(&piece.as_bytes()[before.unwrap_or(piece).len()..]);
            from_first
        })
    }

    /// Whether the terminal edits lines by itself.
    pub(crate) fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.line).unwrap().local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Whether the program asked for the screen that has no scroll-back.
    pub(crate) fn is_on_other_screen(&self) -> bool {
        let shown = self.shown.lock().unwrap();
        shown.parser.screen().alternate_screen()
    }

    /// Whether the program asked the terminal to do so.
    pub(crate) fn marks_what_is_pasted(&self) -> bool {
        let shown = self.shown.lock().unwrap();
        shown.parser.screen().bracketed_paste()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |terminal| terminal.screen().contains(text));
    }

    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let seen = patiently(|| is_so(self).then_some(()));
        assert!(seen.is_some(), "no {what:?} on:\n{}", self.screen());
    }

    /// Waits for a whole frame with `text`: its cursor comes last. What is drawn
    /// while the size changes is drawn on a screen of either size.
    pub(crate) fn wait_for_whole(&self, text: &str) {
        self.wait_until(text, |terminal| {
            let is_there = terminal.screen().contains(text);
            let shown = terminal.shown.lock().unwrap();
            is_there && !shown.parser.screen().hide_cursor()
        });
    }

    /// Nothing is left but `text`; the cursor is in the line after it and can
    /// be seen; the modes are those from before.
    pub(crate) fn assert_is_as_before(&self, text: &str) {
        self.wait_until("screen as before", |terminal| terminal.screen() == text);
        let shown = self.shown.lock().unwrap();
        let screen = shown.parser.screen();
        let below = u16::try_from(text.lines().count()).unwrap();
        assert_eq!(screen.cursor_position(), (below, 0));
        assert!(!screen.hide_cursor());
        assert_eq!(modes(&self.line), self.modes);
    }

    /// The line that the shell reads when the program has ended.
    pub(crate) fn read_line(&self) -> String {
        Program(Arc::clone(&self.folder)).file("line")
    }
}

/// The example, running or not.
pub(crate) struct Program(Arc<TempDir>);

/// How it ended.
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    pub(crate) fn send(&self, signal: Signal) {
        let pid = self.file("pid").trim().parse().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    pub(crate) fn wait(&self) -> Ended {
        Ended {
            status: self.file("status").trim().parse().unwrap(),
            out: self.file("out"),
            err: self.file("err"),
        }
    }

    /// The content of a file that the shell writes sooner or later.
    fn file(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        let read = patiently(|| fs::read_to_string(&path).ok());
        read.unwrap_or_else(|| panic!("no {name} was written"))
    }
}

/// Starts the example, leaves it without its terminal, and answers how it
/// ended.
pub(crate) fn hang_up() -> i32 {
    // No reader: a descriptor of it would keep the terminal.
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let line = open_line(&pair);
    let mut command = CommandBuilder::new(example());
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let raw = || {
        !tcgetattr(&line)
            .unwrap()
            .local_modes
            .contains(LocalModes::ICANON)
    };
    assert!(patiently(|| raw().then_some(())).is_some());
    drop(pair);
    child.wait().unwrap().exit_code().try_into().unwrap()
}

/// Runs the example without any terminal. (macOS has no setsid(1).)
#[cfg(target_os = "linux")]
pub(crate) fn run_without() -> Ended {
    use std::process::{Command, Stdio};
    let mut command = Command::new("setsid");
    command.arg("--wait").arg(example()).env_clear();
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ended {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The example, two folders up. Cargo builds it with all tests, but not for
/// this one alone: then it may be missing, or an old one.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("examples/ui_chooser");
    let command = "cargo build --package assumerole --example ui_chooser";
    assert!(is_up_to_date(&path), "first: {command}");
    path
}

/// Whether no source of `program` changed since it was built, by the list
/// that cargo leaves beside it: `program: source source…`.
fn is_up_to_date(program: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let list = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let (Some(built), Some((_, sources))) = (changed(program), list.split_once(": ")) else {
        return false;
    };
    // A space in a path has a backslash before it.
    let sources = sources.trim_end().replace("\\ ", "\0");
    sources
        .split(' ')
        .map(|source| PathBuf::from(source.replace('\0', " ")))
        .all(|source| changed(&source).is_some_and(|changed| changed <= built))
}

fn open_line(pair: &PtyPair) -> File {
    let path = pair.master.tty_name().unwrap();
    let no_control = OFlags::NOCTTY.bits().try_into().unwrap();
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(no_control);
    options.open(path).unwrap()
}

/// All modes and special characters.
fn modes(line: &File) -> String {
    format!("{:?}", tcgetattr(line).unwrap())
}

/// What `found` finds, as soon as it does; `None` when patience is over.
fn patiently<T>(found: impl Fn() -> Option<T>) -> Option<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        let value = found();
        if value.is_some() || Instant::now() > end {
            return value;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

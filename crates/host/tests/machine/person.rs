//! A person at a terminal.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, PtyPair, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::Signal;
use rustix::termios::{LocalModes, Termios, tcgetattr};
use tempfile::TempDir;

use crate::probe::{PROBE, signal};

/// Long enough for any machine; nobody waits for it in vain.
const PATIENCE: Duration = Duration::from_secs(120);

/// A terminal, the person at its keys, and a probe whose three streams are
/// captured.
pub(crate) struct Person {
    keys: Option<Box<dyn Write + Send>>,
    shown: Arc<(Mutex<Vec<u8>>, Condvar)>,
    /// What programs see of the terminal, to look at its modes.
    pub(crate) terminal: File,
    before: Termios,
    child: Option<Box<dyn Child + Send + Sync>>,
    files: TempDir,
    pair: Option<PtyPair>,
}

impl Person {
    pub(crate) fn new() -> Self {
        let mut person = Self::blind();
        let pair = person.pair.as_ref().unwrap();
        person.keys = Some(pair.master.take_writer().unwrap());
        let mut screen = pair.master.try_clone_reader().unwrap();
        let shown = Arc::clone(&person.shown);
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                shown.0.lock().unwrap().extend_from_slice(&buffer[..count]);
                shown.1.notify_all();
            }
        });
        person
    }

    /// One who neither looks nor types, so that nothing holds the terminal
    /// when it is taken away.
    pub(crate) fn blind() -> Self {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::NOCTTY.bits().cast_signed())
            .open(pair.master.tty_name().unwrap())
            .unwrap();
        Self {
            keys: None,
            shown: Arc::default(),
            before: tcgetattr(&terminal).unwrap(),
            terminal,
            child: None,
            files: tempfile::tempdir().unwrap(),
            pair: Some(pair),
        }
    }

    /// Starts the probe, its streams captured. `script` is what a shell does
    /// first.
    pub(crate) fn start(&mut self, script: &str, args: &str) {
        self.start_with("en_GB.UTF-8", script, args);
    }

    pub(crate) fn start_with(&mut self, locale: &str, script: &str, args: &str) {
        let out = self.files.path().join("out");
        let mut command = CommandBuilder::new("sh");
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin");
        command.env("LC_ALL", locale);
        command.env("HOME", self.files.path());
        command.arg("-c");
        command.arg(format!(
            "{script}\nexec '{PROBE}' {args} </dev/null >'{}' 2>&1",
            out.display()
        ));
        let pair = self.pair.as_ref().unwrap();
        self.child = Some(pair.slave.spawn_command(command).unwrap());
    }

    pub(crate) fn types(&mut self, keys: &str) {
        let typist = self.keys.as_mut().unwrap();
        typist.write_all(keys.as_bytes()).unwrap();
        typist.flush().unwrap();
    }

    /// Waits until `text` is on the terminal.
    pub(crate) fn sees(&self, text: &str) {
        let shown = self.shown.0.lock().unwrap();
        let missing = |shown: &mut Vec<u8>| !String::from_utf8_lossy(shown).contains(text);
        let wait = self.shown.1.wait_timeout_while(shown, PATIENCE, missing);
        let (shown, result) = wait.unwrap();
        let all = String::from_utf8_lossy(&shown);
        assert!(!result.timed_out(), "{text:?} is not in {all:?}");
    }

    /// Waits until `text` came to the terminal so many times.
    pub(crate) fn sees_times(&self, text: &str, times: usize) {
        let is_so = || self.screen().matches(text).count() >= times;
        eventually(&format!("{text:?}, {times} times"), is_so);
    }

    /// All that was on the terminal.
    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.shown.0.lock().unwrap()).into_owned()
    }

    /// Waits until the terminal shows nothing by itself, which is when the
    /// probe asks.
    pub(crate) fn waits_for_silence(&self) {
        let echoes = || self.modes().contains(LocalModes::ECHO);
        eventually("the terminal is silent", || !echoes());
    }

    pub(crate) fn modes(&self) -> LocalModes {
        tcgetattr(&self.terminal).unwrap().local_modes
    }

    pub(crate) fn kills(&self, what: Signal) {
        signal(self.child.as_ref().unwrap().process_id().unwrap(), what);
    }

    /// Waits until the probe said something.
    pub(crate) fn hears(&self) -> String {
        let out = self.files.path().join("out");
        let said = || fs::read_to_string(&out).unwrap_or_default();
        eventually("the probe says something", || said().ends_with('\n'));
        said()
    }

    /// Waits for the probe's end; what it said in all.
    pub(crate) fn ends(&mut self) -> (String, ExitStatus) {
        let status = self.child.as_mut().unwrap().wait().unwrap();
        let said = fs::read_to_string(self.files.path().join("out")).unwrap();
        (said, status)
    }

    /// The terminal is as it was before the probe asked.
    pub(crate) fn finds_everything_as_before(&self) {
        let now = tcgetattr(&self.terminal).unwrap();
        assert_eq!(now.local_modes, self.before.local_modes);
        assert_eq!(now.input_modes, self.before.input_modes);
        let (codes, before) = (&now.special_codes, &self.before.special_codes);
        assert_eq!(format!("{codes:?}"), format!("{before:?}"));
    }

    /// Unplugs the terminal.
    pub(crate) fn unplugs(&mut self) {
        self.pair = None;
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

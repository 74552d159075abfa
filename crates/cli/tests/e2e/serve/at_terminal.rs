//! A command beside a server has the terminal for itself, as without one.

use std::path::Path;

use super::super::harness::{CONFIG, Stage};
use super::super::support::{Checks, environment};
use super::super::terminal::{CTRL_C, Terminal};
use super::{Time, ask, until};

const CTRL_Z: &str = "\x1a";

/// Says what reaches it, until `$HOME/over` is there.
const CHILD: &str = "#!/bin/sh
trap 'echo it is interrupted' INT
trap 'echo it has $(stty size)' WINCH
trap 'echo it goes on' CONT
env -0 > $HOME/new && mv $HOME/new $HOME/env
echo it has begun
while [ ! -e $HOME/over ]; do sleep 0.1; done
exit 7
";

/// Whether the server of what wrote its environment answers.
fn answers(stage: &Stage) -> bool {
    let env = environment(&std::fs::read_to_string(stage.path("env")).unwrap());
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    ask(uri, &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"]).0 == 200
}

/// Waits until no server is left.
fn is_over(stage: &Stage) {
    let of_server = |name: &String| name.starts_with("serve-") && !name.ends_with(".lock");
    until(|| (!stage.list(".assumerole.d").iter().any(of_server)).then_some(()));
    let env = environment(&std::fs::read_to_string(stage.path("env")).unwrap());
    assert!(!Path::new(&env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).exists());
}

/// A shell of a person.
fn shell(stage: &Stage) -> Terminal {
    let mut terminal = Terminal::new();
    let env = [("PS1", "ready> "), ("SHELL", "/bin/bash")];
    terminal.start(stage, "exec bash --norc -i", &env);
    terminal.types("echo up and run\"ning\"\r");
    terminal.sees("\nup and running");
    terminal
}

#[test]
fn keys_and_the_size_reach_the_command_and_not_its_server() {
    let stage = Stage::new();
    stage.warm("plain");
    stage.script("child", CHILD);
    let mut terminal = shell(&stage);
    terminal.types("assumerole exec --serve plain -- ./child\r");
    terminal.sees("\nit has begun");
    terminal.types(CTRL_C);
    terminal.sees("it is interrupted");
    assert!(answers(&stage));
    terminal.types(CTRL_Z);
    terminal.sees("Stopped");
    // Who has the token elsewhere is answered meanwhile.
    assert!(answers(&stage));
    terminal.types("clear; fg\r");
    // It has the terminal when it goes on.
    terminal.sees("it goes on");
    terminal.resizes(90, 20);
    terminal.sees("it has 20 90");
    stage.write("over", "");
    is_over(&stage);
    terminal.types("echo it ended with $?\r");
    terminal.sees("it ended with 7");
    terminal.types("exit\r");
    terminal.end_of_shell();
}

#[test]
fn a_shell_beside_a_server_is_a_shell() {
    let stage = Stage::new();
    stage.warm("plain");
    stage.write(".bashrc", "PS1='within> '\n");
    let mut terminal = shell(&stage);
    terminal.types("assumerole --quiet --serve plain\r");
    terminal.sees("within>");
    stage.script(
        "sleeps",
        "#!/bin/sh\nenv -0 > env\necho it sleeps $1\nexec sleep 600\n",
    );
    // What has begun has the terminal.
    terminal.types("./sleeps once\r");
    terminal.sees("it sleeps once");
    terminal.types(CTRL_C);
    terminal.types("./sleeps twice\r");
    terminal.sees("it sleeps twice");
    assert!(answers(&stage));
    terminal.types(CTRL_Z);
    terminal.sees("Stopped");
    terminal.types("kill %1; clear\r");
    terminal.resizes(90, 20);
    terminal.types("stty size\r");
    terminal.sees("\n20 90");
    // The whole shell steps aside.
    terminal.types("clear; suspend\r");
    terminal.types("echo out\"side\"\r");
    terminal.sees("\noutside");
    assert!(answers(&stage));
    terminal.types("clear; fg\r");
    terminal.types("echo in\"side\"; exit 7\r");
    terminal.sees("\ninside");
    is_over(&stage);
    terminal.types("echo it ended with $?\r");
    terminal.sees("it ended with 7");
    terminal.types("exit\r");
    terminal.end_of_shell();
}

/// Whatever becomes of the command, it is told as without a server.
#[test]
fn a_command_ends_as_without_a_server() {
    let stage = Stage::new();
    stage.warm("plain");
    stage.write("no-program", "x");
    let mut checks = Checks::default();
    for command in [
        &["true"][..],
        &["sh", "-c", "echo said; echo why >&2; exit 42"],
        &["sh", "-c", "kill -TERM $$"],
        &["sh", "-c", "kill -KILL $$"],
        &["no-such-program"],
        &["./no-program"],
        &["./no-such-program"],
        &["/"],
    ] {
        let plain = [&["exec", "plain", "--"], command].concat();
        let served = [&["exec", "--serve", "plain", "--"], command].concat();
        let wanted = stage.run(&plain);
        let ran = stage.run(&served);
        let case = command.join(" ");
        checks.ran(&case, &ran, &wanted.stdout, &wanted.stderr, wanted.status);
    }
    let left = || {
        let mut left = stage.list(".assumerole.d");
        left.retain(|name| name.starts_with("serve-") && !name.ends_with(".lock"));
        left
    };
    until(|| left().is_empty().then_some(()));
}

/// Notes what it was called with.
const NOTIFIER: &str = "#!/bin/sh\necho \"$@\" >> $HOME/shown\n";

/// A role whose hour began with a session of a quarter of an hour: to renew it
/// takes a question.
struct Hour {
    stage: Stage,
    terminal: Terminal,
}

impl Hour {
    /// Runs `script` beside a server.
    fn of(script: &str) -> Self {
        let stage = Stage::new();
        let config = CONFIG.replacen('{', "{ \"mfa_session_seconds\": 900,", 1);
        stage.write(".assumerole", &config);
        stage.script("desktop/notify-send", NOTIFIER);
        stage.script("child", &format!("#!/bin/sh\n{script}\n"));
        let code = stage.code();
        let mut terminal = Terminal::new();
        let path = format!(
            "{}:{}",
            stage.path("desktop").display(),
            super::super::terminal::path_with_program()
        );
        let script = format!(
            "assumerole exec --serve read --mfa-code {code} -- ./child; echo it ended with $?; read line"
        );
        let mut env = vec![("PATH".to_owned(), path)];
        let mut command = std::process::Command::new("true");
        Time::new(&stage).tell(&mut command);
        env.extend(command.get_envs().map(|(name, value)| {
            let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
            (text(name), text(value.unwrap()))
        }));
        let env: Vec<(&str, &str)> = env
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        terminal.start(&stage, &script, &env);
        terminal.sees("it has begun");
        Self { stage, terminal }
    }

    fn is(&self, minutes: i64) {
        Time::set(&self.stage, minutes);
    }

    /// What was shown on the desktop.
    fn shown(&self) -> String {
        std::fs::read_to_string(self.stage.path("shown")).unwrap_or_default()
    }

    /// Waits until so many lines were shown there.
    fn is_shown(&self, lines: usize) {
        until(|| (self.shown().lines().count() >= lines).then_some(()));
    }

    fn does(&self, what: &str) {
        self.stage.write(what, "");
    }

    /// Ends the command, and waits for what is said then.
    fn ends(&mut self, said: &[&str]) {
        self.does("over");
        self.terminal.sees("it ended with 0");
        for text in said {
            self.terminal.sees(text);
        }
        self.terminal.types("\r");
        assert_eq!(self.terminal.ends(), 0);
    }
}

const WAIT: &str = "while [ ! -e $HOME/over ]; do sleep 0.1; done";
const IN_30: &str = "the credentials of read end in 30 min, and to renew them takes an MFA code";
const IN_10: &str = "the credentials of read end in 10 min";
const ENDED: &str = "the credentials of read have ended";

#[test]
fn a_terminal_that_takes_lines_is_told_in_time() {
    let mut hour = Hour::of(&format!("echo it has begun\n{WAIT}"));
    hour.is(29);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(!hour.terminal.all().contains("credentials"));
    hour.is(30);
    hour.terminal.sees(IN_30);
    hour.is(50);
    hour.terminal.sees(IN_10);
    hour.terminal.sees("assumerole login read");
    hour.is(61);
    hour.terminal.sees(ENDED);
    hour.ends(&[]);
    // Each once.
    for text in [IN_30, IN_10, ENDED] {
        assert_eq!(hour.terminal.all().matches(text).count(), 1, "{text}");
    }
    assert_eq!(hour.shown(), "");
}

/// As an editor has it, and a pager: what is written there would be in the
/// middle of their text.
#[test]
fn a_terminal_in_raw_mode_is_left_alone() {
    for (begins, ends) in [
        ("stty raw -echo", "stty sane"),
        (
            "stty -icanon -echo; printf '\\033[?1049h'",
            "printf '\\033[?1049l'; stty sane",
        ),
    ] {
        let script = format!("{begins}\nprintf 'it has begun'\n{WAIT}\n{ends}");
        let mut hour = Hour::of(&script);
        for (minutes, lines) in [(30, 1), (50, 2), (61, 3)] {
            hour.is(minutes);
            hour.is_shown(lines);
        }
        assert!(!hour.terminal.all().contains("credentials"));
        hour.ends(&[IN_30, IN_10, ENDED]);
        let shown = hour.shown();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines,
            [
                "--app-name=assumerole assumerole The credentials of a running program end in 30 min. Log in: assumerole login",
                "--app-name=assumerole assumerole The credentials of a running program end in 10 min. Log in: assumerole login",
                "--app-name=assumerole assumerole A program gets no more credentials. Log in: assumerole login",
            ]
        );
    }
}

/// Where one comes and goes, each is said where it can be.
#[test]
fn what_an_editor_hid_is_said_behind_it() {
    let script = format!(
        "stty raw -echo\nprintf 'it has begun'\n\
         while [ ! -e $HOME/left ]; do sleep 0.1; done\nstty sane\necho it is left\n{WAIT}"
    );
    let mut hour = Hour::of(&script);
    hour.is(30);
    hour.is_shown(1);
    hour.does("left");
    hour.terminal.sees("it is left");
    hour.is(50);
    hour.terminal.sees(IN_10);
    hour.ends(&[IN_30]);
    assert_eq!(hour.shown().lines().count(), 1);
}

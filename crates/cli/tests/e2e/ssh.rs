//! `sshkey`: a role's key in a real ssh agent.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use super::harness::{Ran, Stage};
use super::support::{Checks, check};
use super::terminal::{NAMES, Terminal, eventually, path_with_program};

/// An `ssh-agent` of its own.
pub(crate) struct Agent {
    child: Child,
    pub(crate) socket: String,
}

impl Agent {
    pub(crate) fn start(stage: &Stage) -> Self {
        let socket = stage.path("agent").into_os_string().into_string().unwrap();
        let child = Command::new("ssh-agent")
            .args(["-D", "-a", &socket])
            .stdout(Stdio::null())
            .spawn()
            .expect("ssh-agent, of the OpenSSH client");
        // Its socket is there a moment before it listens.
        eventually("the agent listens", || UnixStream::connect(&socket).is_ok());
        Self { child, socket }
    }

    /// How many keys it holds.
    pub(crate) fn holds(&self, stage: &Stage) -> usize {
        let mut command = Command::new("ssh-add");
        command.arg("-L");
        stage.clear(&mut command);
        command.env("SSH_AUTH_SOCK", &self.socket);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter(|line| line.starts_with("ssh-")).count()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes the key `~/.ssh/NAME`.
pub(crate) fn make_key(stage: &Stage, name: &str, more: &[&str]) {
    fs::create_dir_all(stage.path(".ssh")).unwrap();
    let path = stage.path(&format!(".ssh/{name}"));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-C", "jdoe@acme", "-f"])
        .arg(path)
        .args(more)
        .status()
        .expect("ssh-keygen, of the OpenSSH client");
    assert!(made.success());
}

const PLAIN: [&str; 4] = ["-t", "ed25519", "-N", ""];
const SECRET: [&str; 4] = ["-t", "ed25519", "-N", "open sesame"];

/// A stage whose role `plain` has these members, and where `ssh-add` writes
/// down how it was called.
pub(crate) fn stage(members: &str) -> Stage {
    let stage = Stage::of_roles(&format!(
        r#""plain": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", {members}}}"#
    ));
    stage.script(
        "bin/ssh-add",
        "#!/bin/sh\necho \"ssh-add $*\" >>\"$HOME/calls\"\nexec /usr/bin/ssh-add \"$@\"\n",
    );
    stage
}

pub(crate) fn path(stage: &Stage) -> String {
    format!("{}:{}", stage.path("bin").display(), path_with_program())
}

fn run(stage: &Stage, env: &[(&str, &str)]) -> Ran {
    let path = path(stage);
    let env = [&[("PATH", path.as_str())], env].concat();
    stage.run_in(&["exec", "plain", "echo", "in"], &env)
}

/// How `ssh-add` was called, since this was asked last.
fn calls(stage: &Stage) -> String {
    let calls = fs::read_to_string(stage.path("calls")).unwrap_or_default();
    let _ = fs::remove_file(stage.path("calls"));
    calls.replace(stage.home().to_str().unwrap(), "$HOME")
}

const LOADED: &str = "~/.ssh/acme is loaded into the ssh agent\n";

#[test]
fn a_key_is_loaded_once() {
    let mut checks = Checks::default();
    for written in ["~/.ssh/acme", "$HOME/.ssh/acme", "${HOME}/.ssh/acme"] {
        let stage = stage(&format!(r#""sshkey": "{written}""#));
        make_key(&stage, "acme", &PLAIN);
        let agent = Agent::start(&stage);
        let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];
        checks.ran(written, &run(&stage, &env), "in\n", LOADED, 0);
        checks.same(written, &calls(&stage), "ssh-add -q $HOME/.ssh/acme\n");
        checks.number(written, agent.holds(&stage), 1);
        checks.ran(written, &run(&stage, &env), "in\n", "", 0);
        checks.same(written, &calls(&stage), "");
    }
}

/// Keys are compared, not what they are called.
#[test]
fn the_same_key_by_another_name_is_the_same_and_another_by_the_same_is_not() {
    let stage = stage(r#""sshkey": "~/.ssh/acme""#);
    make_key(&stage, "acme", &PLAIN);
    let agent = Agent::start(&stage);
    let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];
    let add = |name: &str| {
        let mut command = Command::new("/usr/bin/ssh-add");
        command.arg("-q").arg(stage.path(name));
        stage.clear(&mut command);
        command.env("SSH_AUTH_SOCK", &agent.socket);
        assert!(command.status().unwrap().success());
    };
    fs::rename(stage.path(".ssh/acme"), stage.path(".ssh/other")).unwrap();
    add(".ssh/other");
    fs::rename(stage.path(".ssh/other"), stage.path(".ssh/acme")).unwrap();
    check(&run(&stage, &env), "in\n", "", 0);

    // A new key under the old name, with the old comment; and what lies beside
    // it is the old one's.
    let old = fs::read(stage.path(".ssh/acme.pub")).unwrap();
    fs::remove_file(stage.path(".ssh/acme")).unwrap();
    fs::remove_file(stage.path(".ssh/acme.pub")).unwrap();
    make_key(&stage, "acme", &PLAIN);
    fs::write(stage.path(".ssh/acme.pub"), old).unwrap();
    check(&run(&stage, &env), "in\n", LOADED, 0);
    check(&run(&stage, &env), "in\n", "", 0);
    assert_eq!(agent.holds(&stage), 2);
}

#[test]
fn keys_of_every_kind_and_format() {
    let mut checks = Checks::default();
    for (case, make, beside) in [
        ("rsa", &["-t", "rsa", "-b", "2048", "-N", ""][..], true),
        ("ecdsa", &["-t", "ecdsa", "-N", ""], false),
        (
            "pem",
            &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""],
            true,
        ),
        (
            "pem alone",
            &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""],
            false,
        ),
        ("pkcs8", &["-t", "ecdsa", "-m", "PKCS8", "-N", ""], true),
    ] {
        let stage = stage(r#""sshkey": "~/.ssh/acme""#);
        make_key(&stage, "acme", make);
        if !beside {
            fs::remove_file(stage.path(".ssh/acme.pub")).unwrap();
        }
        let agent = Agent::start(&stage);
        let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];
        checks.ran(case, &run(&stage, &env), "in\n", LOADED, 0);
        checks.ran(case, &run(&stage, &env), "in\n", "", 0);
    }
}

#[test]
fn a_key_can_stay_for_the_life_of_the_role() {
    let stage = stage(r#""sshkey": "~/.ssh/acme", "ssh_lifetime": true"#);
    make_key(&stage, "acme", &PLAIN);
    let agent = Agent::start(&stage);
    let ran = run(&stage, &[("SSH_AUTH_SOCK", &agent.socket)]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("in\n", 0));
    let calls = calls(&stage);
    let seconds = calls
        .strip_prefix("ssh-add -q -t ")
        .and_then(|rest| rest.strip_suffix(" $HOME/.ssh/acme\n"))
        .unwrap_or_else(|| panic!("{calls}"));
    let seconds: u32 = seconds.parse().unwrap();
    assert!((3000..=3600).contains(&seconds), "{seconds}");
    assert!(
        ran.stderr
            .starts_with("~/.ssh/acme is loaded into the ssh agent for ")
    );
}

/// How long `ssh-add` was told to keep the key, in quarters of an hour; empty
/// if it was not called, a hyphen for ever.
fn quarters(stage: &Stage) -> String {
    let calls = calls(stage);
    let lines = calls.lines().map(|line| {
        let rest = line.strip_prefix("ssh-add -q -t ");
        let seconds = rest.and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
        seconds.map_or("-".to_owned(), |seconds| seconds.div_ceil(900).to_string())
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// A key that we have loaded for a session stays for the next one; one that
/// somebody else has loaded is theirs.
#[test]
fn the_life_of_a_key_follows_the_sessions() {
    let mut checks = Checks::default();
    let own = r#""sshkey": "~/.ssh/acme", "ssh_lifetime": true"#;
    for (case, first, second, called) in [
        ("longer", "15m", "1h", "4"),
        ("shorter", "1h", "15m", ""),
        ("the same", "15m", "15m", ""),
        ("somebody else's", "", "1h", ""),
        ("another agent's", "agent", "1h", ""),
        ("for ever", "15m", "for ever", "-"),
    ] {
        let stage = stage(own);
        make_key(&stage, "acme", &PLAIN);
        let mut agent = Agent::start(&stage);
        let path = path(&stage);
        let run = |agent: &Agent, duration: &str| {
            let env = [("PATH", path.as_str()), ("SSH_AUTH_SOCK", &agent.socket)];
            let args = ["exec", "plain", "--duration", duration, "--", "true"];
            let ran = stage.run_in(&args, &env);
            assert_eq!(ran.status, 0, "{ran:?}");
        };
        if matches!(first, "" | "agent") {
            if first == "agent" {
                run(&agent, "15m");
                drop(agent);
                fs::remove_file(stage.path("agent")).unwrap();
                agent = Agent::start(&stage);
            }
            let mut command = Command::new("/usr/bin/ssh-add");
            command.arg("-q").arg(stage.path(".ssh/acme"));
            stage.clear(&mut command);
            command.env("SSH_AUTH_SOCK", &agent.socket);
            assert!(command.status().unwrap().success());
        } else {
            run(&agent, first);
        }
        quarters(&stage);
        if second == "for ever" {
            let text = fs::read_to_string(stage.path(".assumerole")).unwrap();
            let text = text.replace(r#", "ssh_lifetime": true"#, "");
            stage.write(".assumerole", &text);
            run(&agent, "1h");
        } else {
            run(&agent, second);
        }
        checks.same(case, &quarters(&stage), called);
        // A session that is there already takes no look at it.
        run(&agent, if second == "for ever" { "1h" } else { second });
        checks.same(case, &quarters(&stage), "");
        checks.number(case, agent.holds(&stage), 1);
    }
}

/// To stay for the next session it takes its passphrase: where nobody can be
/// asked, it stays for the first.
#[test]
fn a_key_with_a_passphrase_stays_if_it_is_typed_again() {
    let stage = stage(r#""sshkey": "~/.ssh/acme", "ssh_lifetime": true"#);
    make_key(&stage, "acme", &SECRET);
    let agent = Agent::start(&stage);
    for duration in ["15m", "1h"] {
        let script = format!(
            "PATH={}; exec assumerole exec plain --duration {duration} -- echo in",
            shell_words::quote(&path(&stage))
        );
        let mut terminal = Terminal::new();
        terminal.start(&stage, &script, &[("SSH_AUTH_SOCK", &agent.socket)]);
        terminal.sees("Enter passphrase for ");
        eventually("the terminal is silent", || !terminal.echoes());
        terminal.types("open sesame\r");
        assert_eq!(terminal.ends(), 0);
        terminal.is_as_before();
    }
    assert_eq!(quarters(&stage), "1 4");
}

#[test]
fn a_signal_ends_ssh_add_too_and_leaves_the_terminal_as_it_was() {
    for (signal, _) in NAMES {
        let stage = stage(r#""sshkey": "~/.ssh/acme""#);
        make_key(&stage, "acme", &SECRET);
        stage.script(
            "bin/ssh-add",
            "#!/bin/sh\necho $$ >\"$HOME/pid\"\nexec /usr/bin/ssh-add \"$@\"\n",
        );
        let agent = Agent::start(&stage);
        let script = format!(
            "PATH={}; exec assumerole exec plain -- true",
            shell_words::quote(&path(&stage))
        );
        let mut terminal = Terminal::new();
        terminal.has_own_keys();
        terminal.start(&stage, &script, &[("SSH_AUTH_SOCK", &agent.socket)]);
        terminal.sees("Enter passphrase for ");
        eventually("the terminal is silent", || !terminal.echoes());
        terminal.kills(signal);
        terminal.is_ended_by(signal);
        terminal.is_as_before();
        let pid = fs::read_to_string(stage.path("pid")).unwrap();
        assert!(!fs::exists(format!("/proc/{}", pid.trim())).unwrap());
        assert_eq!(agent.holds(&stage), 0);
    }
}

#[test]
fn what_keeps_a_key_from_being_loaded_is_a_warning() {
    let mut checks = Checks::default();
    let stage = stage(r#""sshkey": "~/.ssh/acme""#);
    make_key(&stage, "acme", &PLAIN);
    let agent = Agent::start(&stage);
    let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];

    checks.ran(
        "no agent",
        &run(&stage, &[]),
        "in\n",
        "\
warning: the ssh key ~/.ssh/acme is not loaded: no ssh agent runs (SSH_AUTH_SOCK is not set)
  hint: start one: eval \"$(ssh-agent)\"
",
        0,
    );
    let dead = stage.path("dead").into_os_string().into_string().unwrap();
    drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
    checks.ran("a dead agent", &run(&stage, &[("SSH_AUTH_SOCK", &dead)]), "in\n", "\
warning: the ssh key ~/.ssh/acme is not loaded: the ssh agent at ~/dead cannot be asked: Connection refused
  hint: start another one: eval \"$(ssh-agent)\"
", 0);
    let set_mode = |mode| {
        fs::set_permissions(stage.path(".ssh/acme"), fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(0o644);
    checks.ran(
        "mode",
        &run(&stage, &env),
        "in\n",
        "\
warning: the ssh key ~/.ssh/acme is not loaded: others may read it (mode 644), which ssh-add refuses
  hint: chmod 600 ~/.ssh/acme
",
        0,
    );
    set_mode(0o600);
    let few = stage.path_of(&["setsid", "echo"]);
    let ran = stage.run_in(&["exec", "plain", "echo", "in"], &[env[0], ("PATH", &few)]);
    checks.ran(
        "no ssh-add",
        &ran,
        "in\n",
        "\
warning: the ssh key ~/.ssh/acme is not loaded: ssh-add is not installed, or not in PATH
  hint: install the OpenSSH client
",
        0,
    );
    fs::remove_file(stage.path(".ssh/acme")).unwrap();
    checks.ran("only the public half", &run(&stage, &env), "in\n", "\
warning: the ssh key ~/.ssh/acme is not loaded: only its public half is there, and the agent does not hold it
  hint: load the private half into the agent: it may be in a password manager or on a token
", 0);
    fs::remove_file(stage.path(".ssh/acme.pub")).unwrap();
    checks.ran("no file", &run(&stage, &env), "in\n", "\
warning: the ssh key ~/.ssh/acme is not loaded: there is no such file
 --> ~/.assumerole:1:114
  |
1 | {\"assume_roles\": {\"plain\": {\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\", \"sshkey\": \"~/.ssh/acme\"}}}
  |                                                                                                                  ^^^^^^^^^^^^^
  hint: correct \"sshkey\", or make the key: ssh-keygen -f FILE
", 0);
    stage.write(".ssh/acme", "no key\n");
    checks.number(
        "no key",
        usize::from(
            run(&stage, &env)
                .stderr
                .contains("the file holds no ssh key"),
        ),
        1,
    );
    stage.write(
        ".ssh/acme",
        "-----BEGIN RSA PRIVATE KEY-----\nrubbish\n-----END RSA PRIVATE KEY-----\n",
    );
    let ran = run(&stage, &env);
    checks.number(
        "damaged",
        usize::from(
            ran.stderr
                .starts_with("warning: the ssh key ~/.ssh/acme is not loaded: Error loading key"),
        ),
        1,
    );
    checks.number(
        "damaged",
        usize::from(ran.status == 0 && ran.stdout == "in\n"),
        1,
    );
    checks.number("held", agent.holds(&stage), 0);
}

#[test]
fn a_passphrase_needs_somebody() {
    let stage = stage(r#""sshkey": "~/.ssh/acme""#);
    make_key(&stage, "acme", &SECRET);
    let agent = Agent::start(&stage);
    let ran = run(&stage, &[("SSH_AUTH_SOCK", &agent.socket)]);
    check(&ran, "in\n", "\
warning: the ssh key ~/.ssh/acme is not loaded: it has a passphrase, and there is no terminal to ask for it at
  hint: load it yourself: ssh-add ~/.ssh/acme
", 0);
    assert_eq!(calls(&stage), "");
}

/// A person at a terminal, whose stdout and stderr are captured.
fn at_terminal(stage: &Stage, agent: &Agent) -> Terminal {
    let script = format!(
        "PATH={}; out=$(assumerole exec plain -- echo in 2>err </dev/null); \
         echo \"status $?, got <$out>, said <$(cat err)>\"",
        path(stage)
    );
    let mut terminal = Terminal::new();
    terminal.start(stage, &script, &[("SSH_AUTH_SOCK", &agent.socket)]);
    terminal
}

#[test]
fn a_passphrase_is_typed_at_the_terminal_though_all_is_captured() {
    let stage = stage(r#""sshkey": "~/.ssh/acme""#);
    make_key(&stage, "acme", &SECRET);
    let agent = Agent::start(&stage);
    let mut terminal = at_terminal(&stage, &agent);
    terminal.sees("Enter passphrase for ");
    eventually("the terminal is silent", || !terminal.echoes());
    terminal.types("wrong\r");
    terminal.sees("Bad passphrase, try again for ");
    eventually("the terminal is silent", || !terminal.echoes());
    terminal.types("open sesame\r");
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    let end = format!("status 0, got <in>, said <{}>", LOADED.trim_end());
    assert!(screen.ends_with(&end), "{screen}");
    assert!(!terminal.all().contains("sesame"));
    terminal.is_as_before();
    assert_eq!(agent.holds(&stage), 1);
    // Held: nobody is asked.
    check(
        &run(&stage, &[("SSH_AUTH_SOCK", &agent.socket)]),
        "in\n",
        "",
        0,
    );
}

#[test]
fn who_does_not_know_the_passphrase_goes_on_without_the_key() {
    let stage = stage(r#""sshkey": "~/.ssh/acme""#);
    make_key(&stage, "acme", &SECRET);
    let agent = Agent::start(&stage);
    let mut terminal = at_terminal(&stage, &agent);
    terminal.sees("Enter passphrase for ");
    eventually("the terminal is silent", || !terminal.echoes());
    terminal.types("wrong\r");
    terminal.sees("Bad passphrase, try again for ");
    eventually("the terminal is silent", || !terminal.echoes());
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    let end = "status 0, got <in>, said <warning: the ssh key ~/.ssh/acme is not loaded: ssh-add did not take it\n  hint: load it yourself: ssh-add ~/.ssh/acme>";
    assert!(screen.ends_with(end), "{screen}");
    terminal.is_as_before();
}

#[test]
fn many_at_once_load_a_key_once() {
    let stage = stage(r#""sshkey": "~/.ssh/acme""#);
    make_key(&stage, "acme", &PLAIN);
    // Slow enough for all to have seen that it is not there.
    stage.script(
        "bin/ssh-add",
        "#!/bin/sh\necho \"ssh-add $*\" >>\"$HOME/calls\"\nsleep 1\nexec /usr/bin/ssh-add \"$@\"\n",
    );
    let agent = Agent::start(&stage);
    let path = path(&stage);
    let start = || {
        let mut command = stage.command(&["exec", "plain", "true"]);
        command
            .env("PATH", &path)
            .env("SSH_AUTH_SOCK", &agent.socket)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let mut all: Vec<Child> = (0..6).map(|_| start()).collect();
    for child in &mut all {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(calls(&stage), "ssh-add -q $HOME/.ssh/acme\n");
}

//! Locked and unlocked: by a passphrase at a terminal, by an ssh agent, by the
//! machine, and for one command where the kernel holds no keys.

use std::fs;
use std::process::{Command, Stdio};

use super::pair;
use crate::harness::{KEY, SECRET, Stage};
use crate::support::check;
use crate::terminal::{Terminal, eventually};

pub(super) const PASSPHRASE: &str = "correct horse é";

/// A store with the key of `base`, unlocked by a passphrase, and locked.
pub(super) fn with_passphrase(top: &str) -> Stage {
    let stage = Stage::new();
    let config = crate::harness::CONFIG.replacen('{', &format!("{{{top}"), 1);
    stage.write(".assumerole", &config);
    fs::write(stage.path("pair"), pair()).unwrap();
    let mut terminal = Terminal::new();
    terminal.start(&stage, "assumerole keys add base < pair", &[]);
    let (first, second) = ("New passphrase for the key store:", "The same again:");
    for (question, times, answer) in [
        (first, 1, "short"),
        (first, 2, PASSPHRASE),
        (second, 1, "another one"),
        (first, 3, PASSPHRASE),
        (second, 2, PASSPHRASE),
    ] {
        terminal.sees_times(question, times);
        eventually("the terminal is silent", || !terminal.echoes());
        terminal.types(&format!("{answer}\r"));
    }
    assert_eq!(terminal.ends(), 0);
    assert!(!terminal.all().contains(PASSPHRASE));
    fs::remove_file(stage.path("pair")).unwrap();
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\n"),
    );
    stage.write(
        ".aws/credentials",
        "[base]\ncredential_process = assumerole credential-process --session base\n",
    );
    assert_eq!(stage.keys(&["lock"]).status, 0);
    stage
}

const LOCKED: &str = "error: the key store is locked\n  because: its passphrase cannot be asked for here\n  hint: unlock it: assumerole keys unlock\n";

#[test]
fn a_locked_store_is_status_8_without_a_terminal_and_unlocked_with_one() {
    let stage = with_passphrase("");
    let ran = stage.keys(&["unlock"]);
    check(&ran, "", LOCKED, 8);
    let ran = stage.run(&["export", "plain", "--format", "json"]);
    assert_eq!((ran.stderr.as_str(), ran.status), (LOCKED, 8));
    let ran = stage.run(&["credential-process", "--session", "base"]);
    assert_eq!(ran.status, 8, "{ran:?}");
    assert_eq!(stage.requests(), 0);

    let mut terminal = Terminal::new();
    terminal.start(
        &stage,
        "assumerole exec plain -- true && assumerole keys store",
        &[],
    );
    terminal.sees("Passphrase of the key store:");
    terminal.types("wrong passphrase\r");
    terminal.sees_times("Passphrase of the key store:", 2);
    assert!(
        terminal
            .screen()
            .contains("that passphrase does not open the key store")
    );
    terminal.types(&format!("{PASSPHRASE}\r"));
    assert_eq!(terminal.ends(), 0);
    assert!(!terminal.all().contains(PASSPHRASE));
    assert_eq!(stage.requests(), 1);
    // Where the kernel holds keys, the next command needs nobody.
    if terminal.all().contains("unlocked     yes") {
        let ran = stage.run(&["exec", "plain", "--fresh", "--", "true"]);
        check(&ran, "", "", 0);
        check(&stage.keys(&["lock"]), "", "the key store is locked\n", 0);
    }
    let ran = stage.run(&["export", "plain", "--fresh", "--format", "json"]);
    assert_eq!((ran.stderr.as_str(), ran.status), (LOCKED, 8));
}

#[test]
fn with_unlock_seconds_0_nothing_is_held() {
    let stage = with_passphrase("\"keys\": {\"unlock_seconds\": 0},");
    let mut terminal = Terminal::new();
    terminal.start(&stage, "assumerole keys unlock", &[]);
    terminal.sees("Passphrase of the key store:");
    terminal.types(&format!("{PASSPHRASE}\r"));
    terminal.sees("is not held: each command unlocks it anew");
    assert_eq!(terminal.ends(), 0);
    check(&stage.keys(&["unlock"]), "", LOCKED, 8);
}

#[test]
fn three_wrong_passphrases_are_enough_and_nothing_is_made_anew() {
    let stage = with_passphrase("");
    let before = fs::read(stage.path(".assumerole.d/keys/store")).unwrap();
    let mut terminal = Terminal::new();
    terminal.start(&stage, "assumerole keys unlock", &[]);
    for time in 1..=3 {
        terminal.sees_times("Passphrase of the key store:", time);
        terminal.types("wrong passphrase\r");
    }
    terminal.sees("because: the passphrase is wrong");
    assert_eq!(terminal.ends(), 8);
    assert_eq!(
        before,
        fs::read(stage.path(".assumerole.d/keys/store")).unwrap()
    );
}

/// An agent of its own, which ends with this.
struct Agent {
    socket: String,
    pid: String,
}

impl Agent {
    fn new(stage: &Stage) -> Self {
        let socket = stage.path("agent").into_os_string().into_string().unwrap();
        let mut start = Command::new("ssh-agent");
        start.args(["-s", "-a", &socket]);
        let output = start.stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let pid = text.split("SSH_AGENT_PID=").nth(1).unwrap();
        let pid = pid.split(';').next().unwrap().to_owned();
        Self { socket, pid }
    }

    fn add(&self, stage: &Stage, kind: &str, more: &[&str]) {
        let file = stage.path(&format!("id_{kind}"));
        if !file.exists() {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", kind, "-N", "", "-C", "me@here", "-f"])
                .arg(&file)
                .status();
            assert!(made.unwrap().success());
        }
        let added = Command::new("ssh-add")
            .args(more)
            .arg("-q")
            .arg(&file)
            .env("SSH_AUTH_SOCK", &self.socket)
            .status();
        assert!(added.unwrap().success());
    }

    fn forget(&self) {
        let done = Command::new("ssh-add")
            .args(["-q", "-D"])
            .env("SSH_AUTH_SOCK", &self.socket)
            .stderr(Stdio::null())
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(&self.pid).status();
    }
}

#[test]
fn a_key_of_the_ssh_agent_unlocks_and_no_other() {
    let stage = Stage::new();
    let agent = Agent::new(&stage);
    let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];
    let keys = |args: &[&str]| {
        let mut command = stage.in_path(&[&["keys"], args].concat());
        stage.ran(command.envs(env))
    };
    // What signs in another way at each time is no key for this.
    agent.add(&stage, "ecdsa", &[]);
    let import = ["import", "--yes", "--store", "ssh-agent", "base"];
    let ran = keys(&import);
    assert!(ran.stderr.contains("it holds no Ed25519 key"), "{ran:?}");
    assert_eq!(stage.secret_at(), ["./.aws/credentials"]);
    agent.add(&stage, "ed25519", &[]);
    let ran = keys(&import);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(stage.secret_at().is_empty());
    keys(&["lock"]);
    let ran = stage.run_in(&["exec", "plain", "--", "true"], &env);
    check(&ran, "", "", 0);
    keys(&["lock"]);
    agent.forget();
    let ran = stage.run_in(&["exec", "plain", "--fresh", "--", "true"], &env);
    assert_eq!(ran.status, 125, "{ran:?}");
    assert!(
        ran.stderr.contains("does not sign with the key SHA256:"),
        "{ran:?}"
    );
    let ran = keys(&["unlock"]);
    assert_eq!(ran.status, 8, "{ran:?}");
    // The same key again opens the same store.
    agent.add(&stage, "ed25519", &[]);
    let ran = stage.run_in(&["exec", "plain", "--fresh", "--", "true"], &env);
    check(&ran, "", "", 0);
    keys(&["lock"]);
}

#[test]
fn an_agent_that_does_not_answer_is_not_waited_for_without_end() {
    let stage = Stage::new();
    let agent = Agent::new(&stage);
    agent.add(&stage, "ed25519", &[]);
    let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];
    let mut import = stage.in_path(&["keys", "import", "--yes", "--store", "ssh-agent", "base"]);
    assert_eq!(stage.ran(import.envs(env)).status, 0);
    stage.keys(&["lock"]);
    let silent = stage.path("silent");
    let _listens = std::os::unix::net::UnixListener::bind(&silent).unwrap();
    let env = [("SSH_AUTH_SOCK", silent.to_str().unwrap())];
    let ran = stage.run_in(&["export", "plain"], &env);
    assert_eq!(ran.status, 8, "{ran:?}");
    assert!(ran.stderr.contains("it did not answer for 5 s"), "{ran:?}");
}

#[test]
fn a_copied_home_opens_nothing_without_the_ssh_key() {
    let stage = Stage::new();
    let agent = Agent::new(&stage);
    agent.add(&stage, "ed25519", &[]);
    let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];
    let mut import = stage.in_path(&["keys", "import", "--yes", "--store", "ssh-agent", "base"]);
    assert_eq!(stage.ran(import.envs(env)).status, 0);
    stage.keys(&["lock"]);
    let other = Stage::new();
    let copied = Command::new("cp")
        .arg("-a")
        .arg(stage.path(".assumerole.d"))
        .arg(other.home())
        .status();
    assert!(copied.unwrap().success());
    let stranger = Agent::new(&other);
    stranger.add(&other, "ed25519", &[]);
    let env = [("SSH_AUTH_SOCK", stranger.socket.as_str())];
    let ran = other.run_in(&["keys", "export", "--yes", "base"], &env);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 8), "{ran:?}");
    assert!(!ran.stderr.contains(SECRET));
    let ran = other.run_in(&["keys", "list"], &env);
    assert!(ran.stdout.contains(KEY), "the ID is no secret: {ran:?}");
}

//! `serve --detach`, `--status` and `--stop`: the server that goes on by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::harness::{Ran, Stage, program};
use super::super::support::{Checks, environment};
use super::super::terminal::Terminal;
use super::{ask, until};

/// The folder that a session of a person has, in which nothing is left at the
/// end of a test: neither is a server.
struct Runtime<'s> {
    stage: &'s Stage,
    path: PathBuf,
}

impl<'s> Runtime<'s> {
    fn of(stage: &'s Stage) -> Self {
        let path = stage.path("run");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Self { stage, path }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.stage.command(&[&["serve"], args].concat());
        command.env("XDG_RUNTIME_DIR", &self.path);
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.stage.ran(&mut self.command(args))
    }

    /// What is left of servers.
    fn left(&self) -> Vec<String> {
        let mut left = self.stage.list("run/assumerole");
        left.retain(|name| name.starts_with("serve-") && name != "serve-detach.lock");
        left
    }

    /// The object of `--status --json`.
    fn status(&self) -> serde_json::Value {
        let ran = self.run(&["--status", "--json"]);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    fn pid(&self) -> String {
        self.status()["server"]["pid"].to_string()
    }
}

impl Drop for Runtime<'_> {
    fn drop(&mut self) {
        self.run(&["--stop"]);
    }
}

/// What the lines set, for the role that is named last.
fn set(said: &str, stage: &Stage) -> (String, String, String) {
    let said = said.replace("$HOME", stage.home().to_str().unwrap());
    let script = format!("{said}env -0");
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let env = environment(&String::from_utf8(output.stdout).unwrap());
    (
        env["AWS_CONTAINER_CREDENTIALS_FULL_URI"].clone(),
        env["AWS_CONTAINER_AUTHORIZATION_TOKEN"].clone(),
        env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"].clone(),
    )
}

#[test]
fn it_goes_on_takes_more_roles_and_ends() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    let ran = runtime.run(&["--status"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        ("no server is running for ~/.assumerole\n", "", 1)
    );
    let ran = runtime.run(&["--stop"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        ("", "no server is running for ~/.assumerole\n", 0)
    );
    let ran = runtime.run(&["--detach"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    let first = runtime.run(&["--detach", "plain"]);
    assert_eq!((first.stderr.as_str(), first.status), ("", 0));
    let (uri, token, file) = set(&first.stdout, &stage);
    assert!(!first.stdout.contains(&token), "the token is shown");
    assert!(Path::new(&file).starts_with(&runtime.path), "{file}");
    assert_eq!(fs::read_to_string(&file).unwrap(), token);
    for name in runtime.left() {
        let path = runtime.path.join("assumerole").join(&name);
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
        let holds = fs::read(&path).unwrap_or_default();
        let holds = String::from_utf8_lossy(&holds).into_owned();
        assert_eq!(holds.contains(&token), name.ends_with(".token"), "{name}");
    }
    assert_eq!(ask(&uri, &token).0, 200);
    // The same server, whose roles are added to.
    let code = stage.code();
    let second = runtime.run(&["--detach", "read", "plain", "--mfa-code", &code]);
    assert_eq!((second.stderr.as_str(), second.status), ("", 0));
    let (of_plain, same, _) = set(&second.stdout, &stage);
    assert_eq!((&of_plain, &same), (&uri, &token));
    let of_read = uri.replace("/plain", "/read");
    assert!(ask(&of_read, &token).1.contains("123456789012"));
    // The lines of all of them, at any time.
    let all = runtime.run(&["--detach"]);
    let said = (all.stderr.as_str(), all.status);
    assert_eq!(said, ("", 0));
    assert!(all.stdout.contains("/role/plain\n") && all.stdout.contains("/role/read\n"));
    let status = runtime.status();
    assert_eq!(status["running"], true);
    assert_eq!(status["config"], "~/.assumerole");
    let roles = status["server"]["roles"].as_array().unwrap();
    let names: Vec<_> = roles.iter().map(|role| &role["name"]).collect();
    assert_eq!(names, ["read", "plain"]);
    assert_eq!(roles[0]["url"], of_read.as_str());
    assert_eq!(roles[0]["handed_out"], true);
    let ran = runtime.run(&["--status"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("http://127.0.0.1:"), "{ran:?}");
    assert!(lines[1].starts_with("  read: "), "{ran:?}");
    // As every server, it heeds a logout.
    stage.run(&["logout", "plain"]);
    let body = until(|| match ask(&uri, &token) {
        (403, body) => Some(body),
        _ => None,
    });
    assert!(body.contains("assumerole login plain"), "{body}");
    until(|| (runtime.status()["server"]["roles"][1]["handed_out"] == false).then_some(()));
    let ran = runtime.run(&["--stop"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        ("", "", 0)
    );
    assert!(std::net::TcpStream::connect(uri.split('/').nth(2).unwrap()).is_err());
    assert_eq!(runtime.left(), Vec::<String>::new());
    assert_eq!(runtime.run(&["--status"]).status, 1);
}

#[test]
fn there_is_one_for_each_file_of_roles() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    stage.write("other.json", super::super::harness::CONFIG);
    let first = runtime.run(&["--detach", "plain"]);
    let (uri, token, _) = set(&first.stdout, &stage);
    let other = runtime.run(&["--config", "other.json", "--detach", "plain"]);
    let (of_other, its_token, _) = set(&other.stdout, &stage);
    assert!(uri != of_other && token != its_token);
    assert_eq!(ask(&of_other, &its_token).0, 200);
    assert_eq!(runtime.run(&["--stop"]).status, 0);
    assert_eq!(ask(&of_other, &its_token).0, 200);
    assert_eq!(runtime.run(&["--config", "other.json", "--stop"]).status, 0);
    assert_eq!(runtime.left(), Vec::<String>::new());
}

/// A token that a killed server has left opens nothing, and goes.
#[test]
fn what_a_killed_server_has_left_is_recognised() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    for last in [["--status"].as_slice(), &["--stop"], &["--detach", "plain"]] {
        let first = runtime.run(&["--detach", "plain"]);
        assert_eq!((first.stderr.as_str(), first.status), ("", 0));
        let (_, token, file) = set(&first.stdout, &stage);
        let pid = runtime.pid();
        Command::new("kill").args(["-KILL", &pid]).status().unwrap();
        let proc = format!("/proc/{pid}/fd");
        until(|| fs::read_dir(&proc).is_err().then_some(()));
        assert!(Path::new(&file).exists());
        let ran = runtime.run(last);
        assert_eq!(ran.status, i32::from(last == ["--status"]), "{ran:?}");
        assert!(!Path::new(&file).exists(), "{last:?}");
        if last.len() > 1 {
            assert_ne!(set(&ran.stdout, &stage).1, token);
            runtime.run(&["--stop"]);
        }
        assert_eq!(runtime.left(), Vec::<String>::new());
    }
}

/// The folder goes when its user logs out: nothing would find the server then.
#[test]
fn it_ends_when_its_folder_is_gone() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    runtime.run(&["--detach", "plain"]);
    let pid = runtime.pid();
    fs::remove_dir_all(runtime.path.join("assumerole")).unwrap();
    let proc = format!("/proc/{pid}/fd");
    until(|| fs::read_dir(&proc).is_err().then_some(()));
}

#[test]
fn what_is_not_to_be_is_said_before_anybody_is_asked() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    let mut checks = Checks::default();
    let mut refused = |case: &str, ran: &Ran, status: i32, has: &str| {
        let case = format!("{case}: {}", ran.stderr);
        checks.number(
            &case,
            usize::try_from(ran.status).unwrap(),
            usize::try_from(status).unwrap(),
        );
        checks.same(&case, &ran.stderr.contains(has).to_string(), "true");
        checks.same(&case, &ran.stdout, "");
    };
    for (args, has) in [
        (["--status", "plain"].as_slice(), "--status takes no role"),
        (&["--stop", "plain"], "--stop takes no role"),
        (&["--stop", "--status"], "cannot be used with"),
        (&["--json", "plain"], "--status"),
        (&["--detach", "--stop"], "cannot be used with"),
    ] {
        refused(&format!("{args:?}"), &runtime.run(args), 2, has);
    }
    // No folder, one that is not there, and one that others may write to.
    let detach = |folder: &Path| {
        let mut command = runtime.command(&["--detach", "read"]);
        stage.ran(command.env("XDG_RUNTIME_DIR", folder))
    };
    let ran = detach(Path::new("/nonexistent/run"));
    refused("missing", &ran, 1, "there is no folder /nonexistent/run");
    let open = stage.path("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    refused("open", &detach(&open), 1, "others may write to");
    let ran = detach(Path::new("/proc/1"));
    if !fs::metadata("/proc/1").is_ok_and(|found| found.permissions().mode() & 0o022 != 0) {
        refused("not a folder of ours", &ran, 1, "/proc/1");
    }
    // The disk is full.
    let script = "ulimit -f 0; exec \"$1\" serve --detach plain";
    let mut full = Command::new("bash");
    full.args(["-c", script, "sh", program()]);
    stage.clear(&mut full);
    full.env("XDG_RUNTIME_DIR", &runtime.path);
    let ran = stage.ran(&mut full);
    refused("full", &ran, 1, "File too large");
    assert_eq!(runtime.left(), Vec::<String>::new());
    // No terminal.
    let ran = runtime.run(&["--detach", "read"]);
    refused("no terminal", &ran, 5, "MFA code");
    assert_eq!(runtime.left(), Vec::<String>::new());
    assert_eq!(stage.sandbox.count("GetSessionToken"), 0);
    // What is for a new one.
    runtime.run(&["--detach", "plain"]);
    for flag in [
        ["--port", "4000"].as_slice(),
        &["--token-file", "t"],
        &["--unix", "s"],
        &["--listen", "127.0.0.1"],
        &["--imds"],
    ] {
        let ran = runtime.run(&[&["--detach", "read"], flag].concat());
        refused(flag[0], &ran, 2, &format!("{} is for a new one", flag[0]));
    }
    let mut command = runtime.command(&["--detach", "plain"]);
    command.env("AWS_STS_DURATION_SECONDS", "1800");
    let ran = stage.ran(&mut command);
    refused(
        "other settings",
        &ran,
        1,
        "another AWS_STS_DURATION_SECONDS",
    );
}

/// Whoever cancels the question for the second role has started nothing.
#[test]
fn a_question_that_is_cancelled_leaves_nothing() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    let run = runtime.path.to_str().unwrap();
    let mut terminal = Terminal::new();
    let script = "assumerole serve --detach plain read";
    terminal.start(&stage, script, &[("XDG_RUNTIME_DIR", run)]);
    terminal.is_asked(1);
    terminal.types("\x03");
    terminal.ends_by_signal();
    assert_eq!(runtime.left(), Vec::<String>::new());
    assert_eq!(runtime.run(&["--status"]).status, 1);
    // And whoever answers it has it in the background.
    let mut terminal = Terminal::new();
    let script = "assumerole serve --detach plain read >/dev/null; echo status $?";
    terminal.start(&stage, script, &[("XDG_RUNTIME_DIR", run)]);
    terminal.is_asked(1);
    terminal.types(&format!("{}\r", stage.code()));
    terminal.sees("status 0");
    terminal.ends();
    assert_eq!(runtime.status()["server"]["roles"][1]["name"], "read");
}

#[test]
fn doctor_tells_of_it() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    let doctor = || {
        let mut command = stage.command(&["doctor", "--offline"]);
        let ran = stage.ran(command.env("XDG_RUNTIME_DIR", &runtime.path));
        ran.stdout
    };
    assert!(!doctor().contains("server"));
    let first = runtime.run(&["--detach", "plain"]);
    let (_, _, file) = set(&first.stdout, &stage);
    let said = doctor();
    assert!(
        said.contains("a credentials server is running: http://127.0.0.1:"),
        "{said}"
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let said = doctor();
    assert!(
        said.contains("other users can read the server's token in "),
        "{said}"
    );
    assert!(said.contains("(mode 0644)"), "{said}");
    let pid = runtime.pid();
    Command::new("kill").args(["-KILL", &pid]).status().unwrap();
    let proc = format!("/proc/{pid}/fd");
    until(|| fs::read_dir(&proc).is_err().then_some(()));
    let said = doctor();
    assert!(
        said.contains("removed what 1 credentials server left behind"),
        "{said}"
    );
    assert!(!Path::new(&file).exists());
}

/// As with `exec`: the previous role, and flags after it.
#[test]
fn the_previous_role_is_handed_out() {
    let stage = Stage::new();
    let runtime = Runtime::of(&stage);
    stage.warm("plain");
    let ran = runtime.run(&["--detach", "-"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("/role/plain\n"), "{ran:?}");
}

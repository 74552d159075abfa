//! `logout` stops what servers hand out, whether the cache had it or not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::super::harness::{Stage, program};
use super::super::users::Someone;
use super::Running;
use aws_sandbox::Fault;

/// The roles are refused from now on.
fn is_refused(running: &Running) -> String {
    running.asks_until(|status, _| status == 403)
}

/// Nothing obtained it anew by itself.
fn stays_refused(stage: &Stage, running: &Running) {
    let requests = stage.requests();
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!((running.ask().0, stage.requests()), (403, requests));
}

/// A session is asked for while it is forgotten: it is not kept, and a server
/// does not hand it out.
#[test]
fn a_logout_while_the_first_credentials_are_under_way_is_seen() {
    for names in [&["plain"][..], &[]] {
        let stage = Stage::new();
        stage.warm("read");
        let slow = Fault::hang(std::time::Duration::from_secs(4));
        stage.sandbox.inject(slow.on("AssumeRole").times(1));
        let mut command = stage.command(&["exec", "--serve", "plain"]);
        let asked = stage.sandbox.count("AssumeRole");
        let running = std::thread::scope(|scope| {
            let starts = scope.spawn(|| Running::start(&mut command));
            super::until(|| (stage.sandbox.count("AssumeRole") > asked).then_some(()));
            let ran = stage.run(&[&["logout"], names].concat());
            assert_eq!(ran.status, 0, "{}", ran.stderr);
            starts.join().unwrap()
        });
        let body = is_refused(&running);
        assert!(body.contains("assumerole login plain"), "{body}");
        stays_refused(&stage, &running);
        assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
        running.asks_until(|status, _| status == 200);
        assert!(running.end().contains("logout"));
    }
}

/// Another role is none of its business, whenever that is forgotten.
#[test]
fn a_logout_of_another_role_ends_nothing() {
    let stage = Stage::new();
    stage.warm("read");
    let slow = Fault::hang(std::time::Duration::from_secs(2));
    stage.sandbox.inject(slow.on("AssumeRole").times(1));
    let mut command = stage.command(&["exec", "--serve", "plain"]);
    let asked = stage.sandbox.count("AssumeRole");
    let running = std::thread::scope(|scope| {
        let starts = scope.spawn(|| Running::start(&mut command));
        super::until(|| (stage.sandbox.count("AssumeRole") > asked).then_some(()));
        let ran = stage.run(&["logout", "read"]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        starts.join().unwrap()
    });
    assert_eq!(stage.run(&["logout", "read"]).status, 0);
    // Longer than it takes to see one.
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(running.ask().0, 200);
    assert_eq!(stage.run(&["logout", "plain"]).status, 0);
    is_refused(&running);
    running.end();
}

/// Nor is it of one that is never kept.
#[test]
fn a_logout_of_another_role_ends_nothing_that_is_never_kept() {
    let stage = Stage::new();
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let process = with_process(&stage, &config);
    stage.write(".aws/config", &process);
    stage.warm("plain");
    let running = Running::start(&mut stage.command(&["exec", "--serve", "process"]));
    assert_eq!(running.ask().0, 200);
    for name in ["plain", "read", "base"] {
        let ran = stage.run(&["logout", name]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert_eq!(running.ask().0, 200, "{name}");
    }
    assert_eq!(stage.run(&["logout", "process"]).status, 0);
    is_refused(&running);
    running.end();
}

/// Where much is cached, it takes a while: it is said that something is forgotten
/// before it is.
#[test]
fn a_logout_that_takes_a_while_is_heard() {
    let stage = Stage::new();
    let running = Running::start(&mut stage.command(&["exec", "--serve", "plain"]));
    assert_eq!(running.ask().0, 200);
    let mut command = Someone::who_may_trace().command("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=unlinkat"])
        .args(["-e", "inject=unlinkat:delay_enter=700000"])
        .arg(program())
        .args(["logout", "plain"]);
    stage.clear(&mut command);
    let ran = stage.ran(&mut command);
    assert_eq!((ran.stderr.as_str(), ran.status), ("forgot 1 session\n", 0));
    is_refused(&running);
    running.end();
}

/// `config` with a profile whose credentials end at no known time.
fn with_process(stage: &Stage, config: &str) -> String {
    let script = stage.script(
        "source",
        "#!/bin/sh\nprintf '{\"Version\":1,\"AccessKeyId\":\"ASIAPROCESS\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\"}'\n",
    );
    format!("{config}[profile process]\ncredential_process = {script}\n")
}

/// What could not be kept is handed out all the same, until a logout.
#[test]
fn a_logout_ends_what_could_not_be_kept() {
    for names in [&["plain"][..], &["base"], &[]] {
        let stage = Stage::new();
        stage.warm("plain");
        let cache = stage.path(".assumerole.d/cache");
        let entry = fs::read_dir(&cache).unwrap().find_map(|file| {
            let name = file.unwrap().file_name().into_string().unwrap();
            (name.len() == 32).then_some(name)
        });
        let entry = cache.join(entry.unwrap());
        fs::remove_file(&entry).unwrap();
        let lock = entry.with_extension("lock");
        let _ = fs::remove_file(&lock);
        fs::create_dir(&lock).unwrap();
        let running = Running::start(&mut stage.command(&["exec", "--serve", "plain"]));
        assert_eq!(running.ask().0, 200);
        assert!(!entry.exists(), "it was kept");
        let ran = stage.run(&[&["logout"], names].concat());
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let body = is_refused(&running);
        assert!(body.contains("assumerole login plain"), "{body}");
        stays_refused(&stage, &running);
        running.end();
    }
}

/// What is never kept is no exception. What to type is another thing there.
#[test]
fn a_logout_ends_what_is_never_kept() {
    for names in [&["process"][..], &[]] {
        let stage = Stage::new();
        stage.write(".aws/config", &with_process(&stage, ""));
        let running = Running::start(&mut stage.command(&["exec", "--serve", "process"]));
        assert_eq!(running.ask().0, 200);
        let ran = stage.run(&[&["logout"], names].concat());
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let body = is_refused(&running);
        assert!(body.contains("start the server again"), "{body}");
        stays_refused(&stage, &running);
        running.end();
    }
}

/// With everything, the sealing key is forgotten; what lies there later has
/// another one.
#[test]
fn what_is_obtained_after_a_logout_of_everything_goes_on() {
    let stage = Stage::new();
    let running = Running::start(&mut stage.command(&["exec", "--serve", "plain"]));
    assert_eq!(running.ask().0, 200);
    assert_eq!(stage.run(&["logout"]).status, 0);
    is_refused(&running);
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    running.asks_until(|status, _| status == 200);
    assert_eq!(stage.run(&["logout", "read"]).status, 0);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(running.ask().0, 200, "another role was forgotten");
    assert_eq!(stage.run(&["logout"]).status, 0);
    is_refused(&running);
    running.end();
}

/// Who removes the program's folder, and then forgets all or one, has forgotten
/// what a server still has.
#[test]
fn a_logout_is_heard_where_the_folder_is_gone() {
    for (names, role, has_run) in [
        (&[][..], "plain", true),
        (&["plain"], "plain", true),
        (&[], "process", true),
        // There is no file of the server's any more.
        (&[], "plain", false),
        (&[], "process", false),
    ] {
        let stage = Stage::new();
        let run = stage.path("run");
        fs::create_dir(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
        let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
        stage.write(".aws/config", &with_process(&stage, &config));
        let run = if has_run { run.to_str().unwrap() } else { "" };
        let mut command = stage.command(&["exec", "--serve", role]);
        let running = Running::start(command.env("XDG_RUNTIME_DIR", run));
        assert_eq!(running.ask().0, 200);
        fs::remove_dir_all(stage.path(".assumerole.d")).unwrap();
        let env = [("XDG_RUNTIME_DIR", run)];
        let ran = stage.run_in(&[&["logout"], names].concat(), &env);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        is_refused(&running);
        stays_refused(&stage, &running);
        running.end();
    }
}

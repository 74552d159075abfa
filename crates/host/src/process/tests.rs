use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use super::*;

fn environment() -> Vec<(OsString, OsString)> {
    vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())]
}

fn shell<'a>(script: &str, env: &'a [(OsString, OsString)]) -> Helper<'a> {
    Helper {
        program: "sh".into(),
        args: vec!["-c".into(), script.into()],
        env,
        stdin: Stdin::Null,
        stderr: Stderr::Captured,
        timeout: Duration::from_secs(60),
        limit: 1 << 20,
    }
}

#[test]
fn a_helper_is_heard_on_both_streams_to_the_end() {
    let mut env = environment();
    env.push(("X".into(), "y".into()));
    let script =
        "cat; echo $X; echo bad >&2; dd if=/dev/zero bs=1000 count=300 2>/dev/null; exit 3";
    let captured = run_captured(&shell(script, &env)).unwrap();
    assert_eq!(captured.status.code(), Some(3));
    assert_eq!(captured.stdout.len(), 300_002);
    assert_eq!(&captured.stdout[..2], b"y\n");
    assert_eq!(captured.stderr.as_slice(), b"bad\n");
}

#[test]
fn a_helper_gets_this_environment_and_no_other() {
    let env = [("ONLY".into(), "this".into())];
    let mut helper = shell("", &env);
    helper.program = "/usr/bin/env".into();
    helper.args.clear();
    let captured = run_captured(&helper).unwrap();
    assert_eq!(captured.stdout.as_slice(), b"ONLY=this\n");
}

#[test]
fn a_helper_that_hangs_is_killed() {
    let env = environment();
    let mut helper = shell("echo $$; exec sleep 600", &env);
    helper.timeout = Duration::from_millis(200);
    assert!(matches!(run_captured(&helper), Err(RunError::TimedOut(..))));
}

#[test]
fn a_helper_that_never_stops_talking_is_killed() {
    let env = environment();
    let mut helper = shell("while :; do echo talk; done", &env);
    helper.limit = 1000;
    assert!(matches!(
        run_captured(&helper),
        Err(RunError::TooMuch(_, 1000))
    ));
}

/// The 1Password CLI starts a daemon that keeps the streams open.
#[test]
fn what_a_helper_leaves_behind_is_not_waited_for() {
    let env = environment();
    let captured = run_captured(&shell("sleep 600 & echo $!", &env)).unwrap();
    let pid: i32 = String::from_utf8_lossy(&captured.stdout)
        .trim()
        .parse()
        .unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert!(captured.status.success());
}

#[test]
fn a_helper_that_dies_says_by_what() {
    let env = environment();
    let captured = run_captured(&shell("kill -TERM $$", &env)).unwrap();
    assert_eq!(captured.status.signal(), Some(15));
}

#[test]
fn a_helper_that_is_not_there_and_one_that_cannot_run() {
    let env = environment();
    let mut helper = shell("", &env);
    helper.program = "no-such-helper".into();
    let error = run_captured(&helper).unwrap_err();
    assert!(
        matches!(error, RunError::Start(ExecError::NotFound(_))),
        "{error}"
    );
    helper.program = "/etc/passwd".into();
    let error = run_captured(&helper).unwrap_err();
    assert!(
        matches!(error, RunError::Start(ExecError::CannotRun(..))),
        "{error}"
    );
}

#[test]
fn what_a_helper_said_is_not_shown() {
    let env = environment();
    let captured = run_captured(&shell("echo 123456", &env)).unwrap();
    assert!(!format!("{captured:?}").contains("123456"));
}

/// Failing is all that exec can do without taking the test's place; what it
/// does when it succeeds is in `tests/exec.rs`.
#[test]
fn exec_tells_not_found_from_cannot_run() {
    let env = environment();
    let dir = tempfile::tempdir().unwrap();
    let found = |program: &str| exec(OsStr::new(program), &[], &env);
    assert!(matches!(found("no-such-program"), ExecError::NotFound(_)));
    assert!(matches!(found("/no/such/program"), ExecError::NotFound(_)));
    assert!(matches!(found(""), ExecError::NotFound(_)));
    assert!(matches!(found("/etc"), ExecError::CannotRun(..)));
    assert!(matches!(found("/etc/passwd"), ExecError::CannotRun(..)));
    let orphan = dir.path().join("orphan");
    fs::write(&orphan, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&orphan, Permissions::from_mode(0o755)).unwrap();
    let error = found(orphan.to_str().unwrap());
    assert!(error.to_string().contains("interpreter"), "{error}");
}

#[test]
fn exec_looks_in_the_path_it_is_given() {
    let env = [("PATH".into(), "/nonexistent".into())];
    assert!(matches!(
        exec(OsStr::new("ls"), &[], &env),
        ExecError::NotFound(_)
    ));
}

#[test]
fn names_that_are_no_variables_are_refused() {
    for name in ["", "A=B"] {
        let env = [(name.into(), "x".into())];
        let error = exec(OsStr::new("true"), &[], &env);
        assert!(matches!(error, ExecError::CannotRun(..)), "{name:?}");
    }
}

#[test]
fn errors_of_exec_have_the_kinds_that_pick_126_and_127() {
    let error = Error::from(ExecError::NotFound("nope".into()));
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::NotFound, "nope: command not found")
    );
    let error = ExecError::CannotRun("/x".into(), io::Error::from_raw_os_error(13));
    assert_eq!(error.to_string(), "cannot run /x: Permission denied");
    assert_eq!(Error::from(error).kind(), Kind::CannotRun);
}

#[test]
fn the_first_file_one_may_run_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    for (folder, mode) in [(&one, 0o644), (&two, 0o755)] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("tool"), "").unwrap();
        fs::set_permissions(folder.join("tool"), Permissions::from_mode(mode)).unwrap();
    }
    let path = std::env::join_paths([&one, &two]).unwrap();
    let find = |name: &str| find_in_path(OsStr::new(name), Some(&path));
    assert_eq!(find("tool"), Some(two.join("tool")));
    assert_eq!(find("none"), None);
    assert_eq!(find(""), None);
    let direct = one.join("tool");
    assert_eq!(find(direct.to_str().unwrap()), Some(direct));
    assert!(find_in_path(OsStr::new("sh"), None).is_some());
}

#[test]
fn the_parent_has_a_number() {
    // The test runner's parent is outside of the container only in theory.
    assert!(parent().is_none_or(|parent| parent.pid > 0));
    assert!(own_pid() > 0);
    // Where names are dear, none is asked for.
    let cheap = parent().and_then(|parent| parent.name);
    let expected = if cfg!(target_os = "linux") {
        cheap
    } else {
        None
    };
    assert_eq!(parent_name(), expected);
}

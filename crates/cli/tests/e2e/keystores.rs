//! Where the key that seals the cache lives: logins, users, containers.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use super::harness::{Ran, Stage};
use super::users::Someone;

/// Prints what tells one role session from another.
const SHOW: &str = "assumerole exec plain -- printenv AWS_ACCESS_KEY_ID";

#[test]
fn a_fresh_login_opens_what_another_one_sealed() {
    for someone in [Someone::new(), Someone::root()] {
        let stage = Stage::new();
        someone.moves_into(&stage);
        let script = format!("login {SHOW}\nlogin {SHOW}\nsu {SHOW}\n{SHOW}\nls -A .assumerole.d");
        let ran = stage.ran(&mut someone.shell_with_keyring(&stage, &script));
        let lines: Vec<&str> = ran.stdout.lines().collect();
        assert!(lines[0].starts_with("ASIA"), "{ran:?}");
        assert_eq!(lines[..4], [lines[0]; 4], "{ran:?}");
        assert_eq!(lines[4..], ["cache", "history"], "no key beside the cache");
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
        assert_eq!(stage.requests(), 1);
    }
}

#[test]
fn processes_that_start_together_make_one_key() {
    let someone = Someone::new();
    let stage = Stage::new();
    someone.moves_into(&stage);
    let script = format!(
        "for at in 1 2 3 4 5 6 7 8 9 10 11 12; do login {SHOW} 2>err-$at >out-$at & done; wait
         cat err-* | grep -v '^waiting for '; sort -u out-* | wc -l; cat out-* | wc -l"
    );
    let ran = stage.ran(&mut someone.shell_with_keyring(&stage, &script));
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        ("1\n12\n", "", 0)
    );
    assert_eq!(stage.requests(), 1);
}

/// As with a copy of the home folder: without the key the entries are nothing.
#[test]
fn another_user_has_another_key() {
    for (owner, thief) in [
        (Someone::new(), Someone::new()),
        (Someone::root(), Someone::new()),
    ] {
        let stage = Stage::new();
        owner.moves_into(&stage);
        let script = format!("{SHOW}\nread line\nhas_key");
        let mut first = owner
            .shell_with_keyring(&stage, &script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(first.stdout.take().unwrap());
        let mut id = String::new();
        said.read_line(&mut id).unwrap();
        assert_eq!((stage.entries().len(), stage.requests()), (1, 1));

        thief.moves_into(&stage);
        let script = format!("{SHOW}\nassumerole status --json >rows");
        let ran = stage.ran(&mut thief.shell_with_keyring(&stage, &script));
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
        assert_eq!(stage.requests(), 2);
        let rows = fs::read_to_string(stage.path("rows")).unwrap();
        assert!(
            !rows.contains(id.trim_end()) && rows.contains(ran.stdout.trim_end()),
            "{rows}"
        );

        // All the while the key was there.
        drop(first.stdin.take());
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        assert_eq!(
            (rest.as_str(), first.wait().unwrap().code()),
            ("True\n", Some(0))
        );
    }
}

#[test]
fn logout_takes_the_key_out_of_the_keyring() {
    let someone = Someone::new();
    let stage = Stage::new();
    someone.moves_into(&stage);
    let script = format!("has_key\n{SHOW} >out\nhas_key\nassumerole logout\nhas_key");
    let ran = stage.ran(&mut someone.shell_with_keyring(&stage, &script));
    assert_eq!(ran.stdout, "False\nTrue\nFalse\n");
    assert_eq!((ran.stderr.as_str(), ran.status), ("forgot 1 session\n", 0));
}

/// The key is the user's, and a home folder is not the only one that a user has.
#[test]
fn logout_in_one_home_ends_no_session_of_another() {
    let someone = Someone::new();
    let stage = Stage::new();
    someone.moves_into(&stage);
    let script = format!(
        "mkdir other third; cp -R .aws .assumerole other; there() {{ HOME=\"$PWD/$1\" \"$2\" \"$3\"; }}
         {SHOW} >first; HOME=\"$PWD/other\" {SHOW} >>first
         there third assumerole logout; there other assumerole logout; has_key
         {SHOW} >second; head -n 1 first | cmp - second && echo same
         rm -r third; assumerole logout; has_key
         {SHOW} >third; rm -r other; assumerole logout; has_key"
    );
    let ran = stage.ran(&mut someone.shell_with_keyring(&stage, &script));
    assert_eq!(ran.stdout, "True\nsame\nFalse\nFalse\n");
    let told = "nothing was cached\nforgot 1 session\nforgot 1 session\nforgot 1 session\n";
    assert_eq!((ran.stderr.as_str(), ran.status), (told, 0));
    assert_eq!(stage.requests(), 3);
}

/// Runs `command` where the kernel answers `errno` to whoever asks for keys,
/// as it does in a container.
fn in_container(stage: &Stage, errno: i32, command: &mut Command) -> Ran {
    let calls = [libc::SYS_keyctl, libc::SYS_add_key, libc::SYS_request_key];
    let rules: BTreeMap<i64, _> = calls.into_iter().map(|call| (call, Vec::new())).collect();
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno.cast_unsigned()),
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    // The filter is the thread's and its children's, for ever.
    std::thread::scope(|scope| {
        let run = || {
            apply_filter(&program).unwrap();
            stage.ran(command)
        };
        scope.spawn(run).join().unwrap()
    })
}

const CONTAINERS: [(i32, &str); 2] = [
    (
        libc::EPERM,
        "keyctl is not permitted, as in most containers",
    ),
    (libc::ENOSYS, "this kernel has no keyctl"),
];

#[test]
fn a_container_that_forbids_keys_gets_a_key_file_and_one_warning() {
    for (errno, why) in CONTAINERS {
        let stage = Stage::direct();
        let run = |args: &[&str]| {
            let mut command = stage.command(args);
            in_container(&stage, errno, command.env_remove("ASSUMEROLE_KEY_STORE"))
        };
        let code = stage.code();
        let ran = run(&["exec", "read", "--mfa-code", &code, "--", "echo", "in"]);
        let warning = format!(
            "warning: the cache key is stored in the file ~/.assumerole.d/sealing-key, \
             because the kernel keyring is not available here ({why})\n  \
             hint: keep ~/.assumerole.d out of backups: anyone who can read it can use the cached credentials\n"
        );
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr, ran.status),
            ("in\n", warning, 0)
        );
        let found = fs::metadata(stage.path(".assumerole.d/sealing-key")).unwrap();
        assert_eq!(
            (found.permissions().mode() & 0o7777, found.len()),
            (0o600, 32)
        );

        let ran = run(&["exec", "read", "--", "echo", "in"]);
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
            ("in\n", "", 0)
        );
        assert_eq!(stage.requests(), 1);

        let ran = run(&["logout"]);
        assert_eq!((ran.stderr.as_str(), ran.status), ("forgot 1 session\n", 0));
        assert!(!stage.path(".assumerole.d/sealing-key").exists());
    }
}

/// Who says that it must not be a file gets no file.
#[test]
fn where_the_keyring_is_demanded_and_forbidden_nothing_is_cached() {
    for (errno, why) in CONTAINERS {
        let stage = Stage::new();
        for requests in 1..=2 {
            let mut command = stage.command(&["exec", "plain", "--", "echo", "in"]);
            let ran = in_container(
                &stage,
                errno,
                command.env("ASSUMEROLE_KEY_STORE", "keyring"),
            );
            assert_eq!((ran.stdout.as_str(), ran.status), ("in\n", 0));
            let warning = "warning: nothing is cached: the kernel keyring is not available here";
            assert!(
                ran.stderr.starts_with(warning) && ran.stderr.contains(why),
                "{}",
                ran.stderr
            );
            assert_eq!(stage.requests(), requests);
        }
        assert_eq!(stage.entries(), [""; 0]);
        assert!(!stage.path(".assumerole.d/sealing-key").exists());
    }
}

#[test]
fn a_key_file_that_others_can_read_is_not_used_again() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    let path = stage.path(".assumerole.d/sealing-key");
    let before = fs::read(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    assert_eq!(stage.requests(), 2);
    assert_ne!(fs::read(&path).unwrap(), before);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

//! What a cached call does not do: no network, no other process, no D-Bus, no
//! certificates. The kernel says so, through strace.

use std::fs;
use std::process::Command;

use super::codeartifact;
use super::each;
use super::harness::{Ran, Stage, program};
use super::ssh;
use super::support::check;
use super::users::Someone;

/// What was asked of the kernel, a call a line.
struct Calls(Vec<String>);

impl Calls {
    /// The names of the calls, each with its line.
    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|line| {
            // "123 openat(…", and "123 <... openat resumed>…" of two threads.
            let call = line.split_once(' ')?.1.trim_start();
            let name = call.split('(').next()?;
            let is_name = name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            (is_name && name.len() < call.len()).then_some((name, line.as_str()))
        })
    }

    fn of<'a>(&'a self, names: &'a [&str]) -> Vec<&'a str> {
        self.all()
            .filter(|(name, _)| names.contains(name))
            .map(|(_, line)| line)
            .collect()
    }

    /// The files that were opened, or looked for.
    fn files(&self) -> Vec<&str> {
        self.of(&FILES)
            .into_iter()
            .filter_map(|line| line.split('"').nth(1))
            .collect()
    }
}

/// Runs the program under strace.
fn traced(stage: &Stage, args: &[&str], env: &[(&str, &str)]) -> (Ran, Calls) {
    let found = Command::new("strace").arg("-V").output();
    assert!(
        found.is_ok(),
        "strace is missing; install it: apt-get install strace"
    );
    let log = stage.path("strace.log");
    let mut command = Someone::who_may_trace().command("strace");
    command
        .args(["-f", "-qq", "-v", "-s", "256", "-o"])
        .arg(&log)
        .arg(program())
        .args(args);
    stage.clear(&mut command);
    command.envs(env.iter().copied());
    let ran = stage.ran(&mut command);
    let text = fs::read_to_string(&log).unwrap();
    assert!(
        text.contains("execve(\""),
        "strace cannot read what is traced:\n{text}"
    );
    (ran, Calls(text.lines().map(str::to_owned).collect()))
}

/// A text as it was before strace wrote bytes beyond ASCII as `\\303`.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let octal = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal.filter(|_| *byte == b'\\') {
            Some(octal) => (bytes.push(octal), rest = &after[3..]),
            None => (bytes.push(*byte), rest = after),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Calls that name a file.
const FILES: [&str; 12] = [
    "open",
    "openat",
    "openat2",
    "stat",
    "statx",
    "newfstatat",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "connect",
];

/// Calls of the network.
const NETWORK: [&str; 9] = [
    "socket",
    "socketpair",
    "connect",
    "bind",
    "sendto",
    "sendmsg",
    "recvfrom",
    "recvmsg",
    "getsockopt",
];

/// Calls that make a process or a thread.
const PROCESS: [&str; 4] = ["fork", "vfork", "clone", "clone3"];

#[test]
fn a_cached_call_touches_no_network_and_starts_nothing() {
    let stage = Stage::new();
    stage.warm("read");
    // A role that stands before those of accounts is found without them.
    stage.write(".assumerole.accounts", r#"{"assume_roles": {}}"#);
    let (ran, calls) = traced(&stage, &["exec", "read", "--", "/bin/true"], &[]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
        ("", "", 0)
    );
    assert_eq!(calls.of(&NETWORK), [""; 0]);
    assert_eq!(calls.of(&PROCESS), [""; 0]);
    let programs: Vec<&str> = calls
        .of(&["execve", "execveat"])
        .into_iter()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    let programs: Vec<String> = programs.into_iter().map(unescaped).collect();
    assert_eq!(programs, [program(), "/bin/true"]);
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);

    let foreign = [
        "/etc/ssl",
        "/etc/pki",
        "/usr/share/ca-certificates",
        "dbus",
        "/run/user",
        "/etc/resolv.conf",
        "/etc/hosts",
        "/etc/nsswitch.conf",
        "/dev/tty",
        ".accounts",
    ];
    let files = calls.files();
    // Else the trace would prove nothing.
    assert!(
        files.iter().any(|file| file.ends_with("/.assumerole")),
        "{files:?}"
    );
    let touched = |file: &&&str| foreign.iter().any(|part| file.contains(part));
    assert_eq!(files.iter().filter(touched).collect::<Vec<_>>(), [&""; 0]);
}

/// Also where a session bus, certificates and a proxy are there to be used.
#[test]
fn nothing_in_the_environment_makes_a_cached_call_talk() {
    let stage = Stage::new();
    stage.warm("read");
    let env = [
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/0/bus"),
        ("XDG_RUNTIME_DIR", "/run/user/0"),
        ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ];
    let (ran, calls) = traced(&stage, &["exec", "read", "--", "/bin/true"], &env);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert_eq!(calls.of(&NETWORK), [""; 0]);
    assert_eq!(calls.of(&PROCESS), [""; 0]);
    let talk = |file: &&str| file.contains("/run/user") || file.contains("/etc/ssl");
    assert!(!calls.files().iter().any(talk), "{:?}", calls.files());
}

/// A key that the agent holds costs its file and a question over the socket.
#[test]
fn a_key_that_the_agent_holds_starts_nothing() {
    let stage = ssh::stage(r#""sshkey": "~/.ssh/acme""#);
    ssh::make_key(&stage, "acme", &["-t", "ed25519", "-N", ""]);
    let agent = ssh::Agent::start(&stage);
    let env = [("SSH_AUTH_SOCK", agent.socket.as_str())];
    let args = ["exec", "plain", "--", "/bin/true"];
    assert_eq!(stage.run_in(&args, &env).status, 0);
    let (ran, calls) = traced(&stage, &args, &env);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert_eq!(calls.of(&PROCESS), [""; 0]);
    let talk = calls.of(&["connect"]);
    assert_eq!(talk.len(), 1, "{talk:?}");
    assert!(talk[0].contains(&agent.socket), "{talk:?}");
    let read = calls.files();
    assert!(read.iter().any(|file| file.ends_with("/.ssh/acme")));
}

/// A token that is cached and in `settings.xml` costs the reading of both.
#[test]
fn a_cached_token_touches_no_network_and_changes_no_file() {
    let stage = codeartifact::stage(codeartifact::DOMAIN);
    codeartifact::token(&stage);
    let (ran, calls) = traced(&stage, &["exec", "plain", "--", "/bin/true"], &[]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert_eq!(calls.of(&NETWORK), [""; 0]);
    assert_eq!(calls.of(&PROCESS), [""; 0]);
    let opened = |name: &&&str| name.ends_with(".m2/settings.xml");
    let opens = calls.of(&["open", "openat", "openat2"]);
    let opens: Vec<&str> = opens
        .into_iter()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert_eq!(opens.iter().filter(opened).count(), 1, "{opens:?}");
    // Nothing is replaced, and nobody is waited for.
    assert_eq!(
        calls.of(&["rename", "renameat", "renameat2", "flock"]),
        [""; 0]
    );
    assert_eq!(codeartifact::asked(&stage), 1);
}

/// The names for a prompt or for completion are had without anything at all.
#[test]
fn names_are_had_without_network_process_or_cache() {
    let stage = Stage::new();
    for args in [
        &["accountlist_text"][..],
        &["info", "read"],
        &["list"],
        &["status"],
        &["history"],
        &["plan", "read"],
    ] {
        let (ran, calls) = traced(&stage, args, &[]);
        assert_eq!((ran.status, args), (0, args));
        assert_eq!(calls.of(&NETWORK), [""; 0], "{args:?}");
        assert_eq!(calls.of(&PROCESS), [""; 0], "{args:?}");
        assert_eq!(calls.of(&["execve", "execveat"]).len(), 1, "{args:?}");
    }
    assert_eq!(stage.sandbox.journal().len(), 0);
}

/// The tool that says so would see it: a cold call does talk.
#[test]
fn a_cold_call_is_seen_to_talk() {
    let stage = Stage::new();
    let (ran, calls) = traced(&stage, &["exec", "plain", "--", "/bin/true"], &[]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert!(!calls.of(&["connect"]).is_empty());
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
}

/// Once for all: a loss of power right after it brings back no session.
#[test]
fn what_is_forgotten_is_gone_from_the_disk() {
    let stage = Stage::direct();
    for words in [&["logout"][..], &["logout", "base"]] {
        for role in ["plain", "read"] {
            stage.warm(role);
        }
        let (ran, calls) = traced(&stage, words, &[]);
        check(&ran, "", "forgot 2 sessions\n", 0);
        let calls = calls.of(&["unlinkat", "fsync"]);
        let is_entry = |line: &&str| {
            let name = line.split('"').nth(1).unwrap_or_default();
            line.contains("unlinkat(") && name.len() == 32 && line.ends_with("= 0")
        };
        let last = calls.iter().rposition(is_entry);
        let last = last.unwrap_or_else(|| panic!("{calls:?}"));
        let synced = |calls: &[&str]| calls.iter().filter(|line| line.contains("fsync(")).count();
        // Before it, the note that something is forgotten, and what was meant by a
        // name; behind it the folder, and that of the key, where that goes.
        let expected = if words.len() == 1 { (1, 2) } else { (2, 1) };
        let counts = (synced(&calls[..last]), synced(&calls[last..]));
        assert_eq!(counts, expected, "{calls:?}");
    }
}

/// However many sessions there are, the disk is waited for as often, and each is
/// read and removed once.
#[test]
fn many_sessions_are_forgotten_at_the_price_of_one_wait_for_the_disk() {
    const ROLES: usize = 40;
    let role = |n: usize| {
        let text = r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain""#;
        format!(
            r#""role-{n}": {{{text}, "max_session_duration": {}}}"#,
            900 + n
        )
    };
    let roles: Vec<String> = (0..ROLES).map(role).collect();
    let stage = Stage::of_roles(&roles.join(",\n"));
    for words in [&["logout"][..], &["logout", "base"]] {
        let ran = stage.run(&["each", "*", "--", "true"]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let entries = stage.entries();
        assert_eq!(entries.len(), ROLES);
        let (ran, calls) = traced(&stage, words, &[]);
        check(&ran, "", &format!("forgot {ROLES} sessions\n"), 0);
        assert_eq!(calls.of(&["fsync", "fdatasync"]).len(), 3, "{words:?}");
        for name in &entries {
            let count = |call: &str| {
                let of = calls.of(&FILES).into_iter().chain(calls.of(&["unlinkat"]));
                let quoted = format!("\"{name}\"");
                of.filter(|line| line.contains(call) && line.contains(&quoted))
                    .count()
            };
            assert!(count("openat") <= 1, "{words:?}");
            assert!(count("unlinkat") <= 1, "{words:?}");
        }
    }
}

/// New entries of many roles wait for the disk once, together.
#[test]
fn many_new_entries_are_one_wait_for_the_disk() {
    let stage = each::stage(8);
    // The sealing key and the folder are there.
    assert_eq!(stage.run(&["exec", "r0", "--", "true"]).status, 0);
    let (ran, calls) = traced(&stage, &["each", "all", "--", "true"], &[]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(stage.sandbox.count("AssumeRole"), 8);
    let waits = calls.of(&["fsync", "fdatasync", "syncfs", "sync"]);
    assert_eq!(waits.len(), 1, "{waits:?}");
    // And an entry that a loss of power has emptied is asked for again.
    for file in fs::read_dir(stage.path(".assumerole.d/cache")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.len() == 32 {
            fs::write(path, "").unwrap();
        }
    }
    let ran = stage.run(&["each", "all", "--", "true"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("8 ok\n", 0));
    assert_eq!(stage.sandbox.count("AssumeRole"), 16);
}

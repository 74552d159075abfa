//! What may stand where on the command line, and what it may cost to say so.

use std::collections::BTreeSet;
use std::process::Command;

use super::completion::ROLES;
use super::harness::Stage;
use super::support::check;
use super::terminal::path_with_program;

fn completed(stage: &Stage, words: &[&str]) -> Vec<String> {
    let args = [&["complete", "--shell", "tab", "--", "assumerole"], words].concat();
    let ran = stage.run(&args);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let first = |line: &str| line.split('\t').next().unwrap().to_owned();
    ran.stdout.lines().map(first).collect()
}

#[test]
fn places_where_names_stand() {
    let stage = Stage::of_roles(ROLES);
    stage.write(
        ".aws/config",
        "[profile base]\n[profile inferred]\nrole_arn = arn:aws:iam::123456789012:role/x\n\
         source_profile = base\n[profile keys]\n",
    );
    let roles = [
        "acme-read",
        "acme-write",
        "two words",
        "colon:ed",
        "at@sign",
        "wrong",
    ];
    let targets = [&roles[..], &["inferred", "base"]].concat();
    for place in [
        &["exec"][..],
        &["export"],
        &["plan"],
        &["info"],
        &["logout"],
        &["login"],
        &["codeartifact"],
        &["exec", "--fresh"],
        // Behind these there is no command any more.
        &["--"],
        &["--read-only"],
    ] {
        assert_eq!(
            completed(&stage, &[place, &[""]].concat()),
            targets,
            "{place:?}"
        );
    }
    let top: BTreeSet<String> = completed(&stage, &[""]).into_iter().collect();
    for name in targets
        .iter()
        .chain(&["exec", "doctor", "init", "completions"])
    {
        assert!(top.contains(*name), "{name}");
    }
    for hidden in ["renew", "complete", "--in-place"] {
        assert!(!top.contains(hidden), "{hidden}");
    }
    let profiles = ["base", "inferred", "keys"];
    for (place, names) in [
        (&["logout", "acme-read", "acme-w"][..], &["acme-write"][..]),
        (
            &["--region=us-gov-"],
            &["--region=us-gov-east-1", "--region=us-gov-west-1"],
        ),
        (&["plan", "--mfa", "p"], &["pass", "process", "prompt"]),
        (&["add", "--profile", ""], &profiles),
        (&["import", ""], &profiles),
        (&["keys", "import", ""], &profiles),
        (&["keys", "store", "s"], &["ssh-agent", "systemd-creds"]),
        (&["keys", "add", "--store", "p"], &["passphrase"]),
        (&["add", "--via", ""], &roles),
        // The name of a role in AWS, and one that is not there yet.
        (&["add", "--role", ""], &[]),
        (&["add", "acme"], &[]),
        (&["-q", "hist"], &["history"]),
        (&["help", "hist"], &["history"]),
        (&["help", "profiles", "hist"], &[]),
        (&["init", "el"], &["elvish"]),
        (&["prompt", "--shell", "t"], &["tmux"]),
        (&["acme-read", "e"], &[]),
        (&["--nothing-like-it"], &[]),
        (&["check", "--st"], &["--strict"]),
        (&["exec", "acme-read", "--regi"], &["--region"]),
        (&["exec", "acme-read", "--region", "eu-no"], &["eu-north-1"]),
    ] {
        assert_eq!(completed(&stage, place), names, "{place:?}");
    }
}

/// What a shell completes best by itself: the answer names no candidate.
#[test]
fn places_that_are_left_to_the_shell() {
    let stage = Stage::of_roles(ROLES);
    for (words, left) in [
        (&["--config", ""][..], "files"),
        (&["plan", "--config=fo"], "files"),
        (&["check", ""], "files"),
        (&["exec", "two words", ""], "3"),
        (&["exec", "two words", "--", "l"], "4"),
        (
            &[
                "exec",
                "--region",
                "x",
                "acme-read",
                "--",
                "aws",
                "s3",
                "--re",
            ],
            "6",
        ),
    ] {
        for (shell, before, after) in [("tab", "\t", "\n"), ("zsh", ":", "\n")] {
            let args = [&["complete", "--shell", shell, "--", "assumerole"], words].concat();
            check(&stage.run(&args), &format!("{before}{left}{after}"), "", 0);
        }
        let args = [&["complete", "--shell", "nu", "--", "assumerole"], words].concat();
        check(&stage.run(&args), "null", "", 0);
    }
    // bash counts in characters: it has words of its own.
    let line = "assumerole exec 'two words' -- ls -l";
    let args = ["complete", "--shell", "bash", "--line", line];
    check(&stage.run(&args), "\t30\n", "", 0);
}

/// Nothing is made, nobody is asked, and what is wrong stays unsaid.
#[test]
fn completing_leaves_no_trace() {
    let stage = Stage::of_roles(ROLES);
    assert_eq!(completed(&stage, &["exec", "acme-r"]), ["acme-read"]);
    assert!(!stage.path(".assumerole.d").exists());
    assert_eq!(stage.requests(), 0);
    for broken in ["{", "{\"assume_roles\": 3}", ""] {
        stage.write(".assumerole", broken);
        assert_eq!(completed(&stage, &["exec", "acme-r"]), [""; 0], "{broken}");
    }
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    assert_eq!(completed(&stage, &["exec", "acme-r"]), [""; 0]);
    assert_eq!(completed(&stage, &["stat"]), ["status"]);
}

/// Of ten thousand roles only those that begin so are read; and no file but
/// those that hold them is opened for writing, locked, or sent anywhere.
#[test]
fn ten_thousand_roles() {
    let one = |n: usize| {
        format!(
            r#""role-{n:05}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "r", "description": "number {n}"}}"#
        )
    };
    let roles: Vec<String> = (0..10_000).map(one).collect();
    let stage = Stage::of_roles(&roles.join(",\n"));
    assert_eq!(completed(&stage, &["exec", "role-"]).len(), 10_000);
    let mut command = Command::new("strace");
    command
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=network,flock,openat,read,pread64,process",
            "-o",
        ])
        .arg(stage.path("trace"))
        .arg(super::harness::program())
        .args([
            "complete",
            "--shell",
            "tab",
            "--",
            "assumerole",
            "exec",
            "role-0123",
        ]);
    stage.clear(&mut command);
    command.env("PATH", path_with_program());
    let ran = stage.ran(&mut command);
    let expected: String = (1230..1240)
        .map(|n| format!("role-{n:05}\t123456789012  number {n}\n"))
        .collect();
    check(&ran, &expected, "", 0);
    let trace = std::fs::read_to_string(stage.path("trace")).unwrap();
    // Not the line that starts it: that holds the path of the checkout.
    let calls = || trace.lines().filter(|line| !line.contains(" execve("));
    for call in [
        "socket(", "connect(", "flock(", "O_WRONLY", "O_RDWR", "O_CREAT", "clone(", "clone3(",
        "/dev/tty",
    ] {
        assert!(!calls().any(|line| line.contains(call)), "{call}");
    }
}

//! What may stand where on the command line, and what it may cost to say so.

use std::collections::BTreeSet;
use std::process::Command;

use super::completion::ROLES;
use super::harness::Stage;
use super::support::{Checks, check};
use super::terminal::path_with_program;

pub(crate) fn completed(stage: &Stage, words: &[&str]) -> Vec<String> {
    let args = [&["complete", "--shell", "tab", "--", "assumerole"], words].concat();
    let ran = stage.run(&args);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    // What is left to the shell has no name before the tab.
    let first = |line: &str| {
        let (name, help) = line.split_once('\t').unwrap_or((line, ""));
        (if name.is_empty() { help } else { name }).to_owned()
    };
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
        (&["keys", "rotate", ""], &profiles),
        (&["keys", "store", "s"], &["ssh-agent", "systemd-creds"]),
        (&["keys", "add", "--store", "p"], &["passphrase"]),
        (&["mfa", "list", ""], &profiles),
        (&["mfa", "add", "arn"], &[]),
        (&["mfa", "remove", "arn"], &[]),
        (&["add", "--via", ""], &roles),
        // The name of a role in AWS, and one that is not there yet.
        (&["add", "--role", ""], &[]),
        (&["add", "acme"], &[]),
        (&["-q", "hist"], &["history"]),
        (&["help", "hist"], &["history"]),
        (&["help", "mfa-code-u"], &["mfa-code-used"]),
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

/// Each command of the reference, and the lines of its options.
fn commands() -> Vec<(Vec<&'static str>, Vec<&'static str>)> {
    let page = include_str!("../../../../docs/cli.md");
    let sections = page.split("\n## `assumerole").skip(1);
    let section = |text: &'static str| {
        let (name, rest) = text.split_once('`').unwrap();
        let options = rest.lines().map(str::trim_start);
        let options = options.filter(|line| line.starts_with('-') && line.contains("--"));
        (name.split_whitespace().collect(), options.collect())
    };
    sections.map(section).collect()
}

/// The flag of a line of the reference, and what its value is called.
fn flag(line: &str) -> Option<(&str, Option<&str>)> {
    let start = line.find("--")?;
    let whole = line[start..].split_whitespace();
    let flag = whole.clone().next()?.trim_end_matches("...");
    let value = whole.clone().nth(1).filter(|word| word.starts_with('<'));
    let (name, own) = flag.split_once("[=").unwrap_or((flag, ""));
    let value = value.or((!own.is_empty()).then_some(own));
    let value = value.map(|text| text.trim_matches(|c: char| "<>[]=".contains(c)));
    (name.len() > 2).then_some((name, value))
}

/// What may be the value of a flag: the first that is offered, `files` where it
/// is left to the shell, and nothing where only a person knows.
fn value(command: &[&str], flag: &str, metavar: &str) -> &'static str {
    match (flag, metavar) {
        ("--unix" | "--output-dir", _) | (_, "FILE") => "files",
        ("--via" | "--like" | "--except" | "--yes", _) => "acme-read",
        ("--region" | "--regions", _) => "af-south-1",
        ("--profile", _) => "base",
        ("--mfa", _) => "1password",
        ("--store", _) => "passphrase",
        ("--from", _) => "aws-vault",
        ("--browser", _) => "brave",
        ("--service", _) => "access-analyzer",
        ("--shell", _) => "bash",
        ("--program", _) => "docker",
        ("--format", _) if command == ["export"] => "bash",
        // Behind `=` alone: what follows is the role.
        ("--isolate", _) => "acme-read",
        _ => "",
    }
}

/// Every flag of every command is offered by its name, and behind it what its
/// value may be.
#[test]
fn every_flag_is_completed() {
    let stage = Stage::of_roles(ROLES);
    let mut checks = Checks::default();
    let (mut seen, mut tried) = (0, BTreeSet::new());
    for (command, options) in &commands() {
        let offered = completed(&stage, &[command.as_slice(), &["--"]].concat());
        for (flag, metavar) in options.iter().filter_map(|line| flag(line)) {
            seen += 1;
            let case = format!("{command:?} {flag}");
            let is_offered = offered.iter().any(|name| name == flag);
            checks.same(&case, &is_offered.to_string(), "true");
            // Once each, but for the format, which is another one elsewhere.
            let Some(metavar) = metavar else { continue };
            if flag == "--format" || tried.insert((flag, metavar)) {
                let words = [command.as_slice(), &[flag, ""]].concat();
                let values = completed(&stage, &words);
                let first = values.iter().find(|value| !value.is_empty());
                let first = first.map_or("", String::as_str);
                checks.same(&case, first, value(command, flag, metavar));
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

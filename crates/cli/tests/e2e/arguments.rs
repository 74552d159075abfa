//! The command line: where a role's name ends and a command begins.

use super::harness::Stage;
use super::support::{Checks, check};

#[test]
fn everything_after_the_command_is_the_commands() {
    let stage = Stage::new();
    stage.warm("plain");
    let mut checks = Checks::default();
    for (args, stdout) in [
        (
            &["exec", "plain", "printf", "[%s]", "-v", "--quiet", "--help"][..],
            "[-v][--quiet][--help]",
        ),
        (
            &["exec", "plain", "--", "printf", "[%s]", "-q", "--fresh"],
            "[-q][--fresh]",
        ),
        (
            &["exec", "plain", "printf", "[%s]", "--", "a", "--"],
            "[--][a][--]",
        ),
        (
            &["exec", "plain", "--", "printf", "[%s]", "--", "--"],
            "[--][--]",
        ),
        (
            &[
                "exec", "plain", "printf", "[%s]", "", " ", "a b", "*", "$HOME",
            ],
            "[][ ][a b][*][$HOME]",
        ),
        (
            &["-q", "exec", "--fresh", "plain", "echo", "fresh"],
            "fresh\n",
        ),
        (&["exec", "-q", "plain", "-v", "--", "echo", "x"], "x\n"),
        (
            &[
                "exec",
                "plain",
                "--mfa-code",
                "123456",
                "echo",
                "not needed",
            ],
            "not needed\n",
        ),
    ] {
        checks.ran(&args.join(" "), &stage.run(args), stdout, "", 0);
    }
    // The quoted `$HOME` above came through as it was.
    let ran = stage.run(&[
        "exec",
        "plain",
        "sh",
        "-c",
        "[ \"$1\" = '$HOME' ]",
        "sh",
        "$HOME",
    ]);
    checks.ran("literal", &ran, "", "", 0);
}

#[test]
fn a_role_that_is_named_like_a_command_is_reached_with_two_dashes() {
    let stage = Stage::of_roles(
        r#""list": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    let command = stage.run(&["list", "-v"]);
    assert!(command.stdout.starts_with("NAME"), "{command:?}");
    assert_eq!(stage.requests(), 0);
    let env = [("ASSUMEROLE_COMMAND", "sh -c 'echo $AWS_ACCOUNT'")];
    check(&stage.run_in(&["--", "list"], &env), "list\n", "", 0);
    check(
        &stage.run(&["exec", "list", "sh", "-c", "echo $AWS_ACCOUNT"]),
        "list\n",
        "",
        0,
    );
    assert!(stage.run(&["info", "list"]).stdout.contains("plain"));
}

#[test]
fn odd_names_of_roles_are_names() {
    let names = ["a b", "ünï/code", "-dash", "$HOME", "日本"];
    let roles = names.map(|name| {
        format!(r#"{name:?}: {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}}"#)
    });
    let stage = Stage::of_roles(&roles.join(","));
    let mut checks = Checks::default();
    for name in names {
        let ran = stage.run(&[
            "exec",
            "--",
            name,
            "sh",
            "-c",
            "printf '%s\n' \"$AWS_ACCOUNT\"",
        ]);
        checks.ran(name, &ran, &format!("{name}\n"), "", 0);
    }
    // A shell would split or change some of them, or a program take one for an
    // option.
    checks.same(
        "list",
        &stage.run(&["accountlist_text"]).stdout,
        "ünï/code\n日本\n",
    );
}

#[test]
fn what_is_not_understood_is_told_as_every_other_error() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (args, status, error) in [
        (
            &["--hlp"][..],
            2,
            "there is no option --hlp\n  hint: did you mean --help?\n  hint: see: assumerole --help\n",
        ),
        (
            &["accountlist", "x"],
            2,
            "unexpected argument: \"x\"\n  hint: see: assumerole accountlist --help\n",
        ),
        (
            &["plain", "123456", "more"],
            125,
            "unexpected argument: \"more\"\n  hint: see: assumerole --help\n",
        ),
        (
            &["plain", "--hlp"],
            125,
            "there is no option --hlp\n  hint: did you mean --help?\n  hint: see: assumerole --help\n",
        ),
        (
            &["exec", "plain"],
            125,
            "missing: <COMMAND>...\n  hint: write: assumerole exec [OPTIONS] <ROLE> [--] <COMMAND> [ARGS]...\n  hint: see: assumerole exec --help\n",
        ),
        (
            &["exec", "plain", "--fersh", "--", "true"],
            125,
            "there is no option --fersh\n  hint: run a program of that name by its path: ./--fersh\n  hint: see: assumerole exec --help\n",
        ),
        (
            &["history", "-n", "x"],
            2,
            "--lines <N> cannot be \"x\"\n  because: it is a number of lines\n  hint: see: assumerole history --help\n",
        ),
        (
            &["history", "-n"],
            2,
            "--lines <N> needs a value\n  hint: see: assumerole history --help\n",
        ),
        (
            &["list", "--json", "--json"],
            2,
            "--json cannot be given twice\n  hint: see: assumerole list --help\n",
        ),
        (
            &[
                "exec",
                "--read-only",
                "--policy-arn",
                "arn:aws:iam::aws:policy/X",
                "plain",
                "true",
            ],
            125,
            "--read-only cannot be used with --policy-arn <ARN>\n  hint: see: assumerole exec --help\n",
        ),
        (
            &["export", "--format", "jsn"],
            2,
            "--format <FORMAT> cannot be \"jsn\"\n  because: it can be bash, zsh, sh, fish, nu, powershell, elvish, tcsh, cmd, dotenv, json, credential-process, yaml, ini, docker, systemd, github\n  hint: did you mean json?\n  hint: see: assumerole export --help\n",
        ),
        (
            &["accountlist", "--\u{1b}[2Jx"],
            2,
            "there is no option --�[2Jx\n  hint: see: assumerole accountlist --help\n",
        ),
    ] {
        let ran = stage.run(args);
        checks.ran(
            &args.join(" "),
            &ran,
            "",
            &format!("error: {error}"),
            status,
        );
    }
}

/// The commands that a help lists, in groups or not.
fn commands(help: &str) -> Vec<&str> {
    let sections = help
        .split("\n\n")
        .filter(|part| part.starts_with("Commands"));
    let rows = sections.flat_map(|part| part.lines().skip(1));
    rows.map(|row| row.split_whitespace().next().unwrap())
        .collect()
}

#[test]
fn every_help_fits_80_columns() {
    let stage = Stage::new();
    let top = stage.run(&["--help"]).stdout;
    let commands = commands(&top);
    for command in ["exec", "list", "doctor", "accountlist_text"] {
        assert_eq!(
            commands.iter().filter(|listed| **listed == command).count(),
            1
        );
    }
    let mut wide = Vec::new();
    let mut paths: Vec<Vec<String>> = commands
        .iter()
        .map(|command| vec![(*command).to_owned()])
        .collect();
    let mut seen = 0;
    while let Some(path) = paths.pop() {
        seen += 1;
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        words.push("--help");
        let help = stage.run(&words).stdout;
        let lines = help.lines().filter(|line| line.chars().count() > 80);
        wide.extend(lines.map(|line| format!("{}: {line}", path.join(" "))));
        if help.contains("\nCommands:\n") {
            let below = self::commands(&help);
            paths.extend(below.into_iter().map(|below| {
                let mut path = path.clone();
                path.push(below.to_owned());
                path
            }));
        }
    }
    assert!(seen > commands.len(), "no command has commands of its own");
    wide.extend(
        top.lines()
            .filter(|line| line.chars().count() > 80)
            .map(Into::into),
    );
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn help_and_version_are_data() {
    let stage = Stage::new();
    let ran = stage.run(&["--version"]);
    check(
        &ran,
        &format!("assumerole {}\n", env!("CARGO_PKG_VERSION")),
        "",
        0,
    );
    for args in [
        &["--help"][..],
        &["-h"],
        &["exec", "--help"],
        &["list", "-h"],
        &["doctor", "--help"],
    ] {
        let ran = stage.run(args);
        assert!(ran.stdout.contains("Usage: assumerole"), "{ran:?}");
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
}

/// A slip in a command, a command by another name, a command without `exec`.
#[test]
fn a_mistyped_command_is_told_by_its_right_name() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let see = "  hint: see: assumerole --help\n";
    let meant = |name: &str, line: &str| {
        format!("there is no command \"{name}\"\n  hint: did you mean: assumerole {line}?\n{see}")
    };
    let neither = |name: &str, line: &str| {
        format!(
            "there is no command or role \"{name}\"\n  hint: did you mean: assumerole {line}?\n{see}"
        )
    };
    let run = |word: &str, line: &str| {
        format!(
            "unexpected argument: \"{word}\"\n  hint: run a command in a role: assumerole exec {line}\n{see}"
        )
    };
    let code = |line: &str, word: &str| {
        format!(
            "\"{word}\" after the role is not an MFA code, which has six digits\n  hint: run a command in the role: assumerole exec {line}\n"
        )
    };
    for (args, error) in [
        (&["exce", "plain", "--", "ls"][..], meant("exce", "exec plain -- ls")),
        (&["exce", "plain", "ls", "a b"], meant("exce", "exec plain ls 'a b'")),
        (&["run", "plain", "--", "ls", "-l"], meant("run", "exec plain -- ls -l")),
        (&["lst", "--json"], meant("lst", "list --json")),
        (&["--config", "f", "stauts", "--json"], meant("stauts", "--config f status --json")),
        (&["rm", "-f", "plain"], meant("rm", "remove -f plain")),
        (&["mv", "plain", "a", "b"], meant("mv", "rename plain a b")),
        (&["rm", "plain"], neither("rm", "remove plain")),
        (&["mv", "plain"], neither("mv", "rename plain")),
        (&["plan", "plain", "x"], "unexpected argument: \"x\"\n  hint: see: assumerole plan --help\n".to_owned()),
        (&["plain", "--", "aws", "s3", "ls"], run("s3", "plain -- aws s3 ls")),
        (&["plain", "aws", "s3", "ls"], run("s3", "plain -- aws s3 ls")),
        (&["plain", "aws", "s3", "list"], run("s3", "plain -- aws s3 list")),
        (&["plain", "--", "ls", "-l"], "there is no option -l\n  hint: run a command in a role: assumerole exec plain -- ls -l\n  hint: see: assumerole --help\n".to_owned()),
        (&["--read-only", "plain", "aws", "s3", "ls"], run("s3", "--read-only plain -- aws s3 ls")),
        (&["plain", "--", "ls"], code("plain -- ls", "ls")),
        (&["plain", "ls"], code("plain -- ls", "ls")),
        (&["plain", "admin"], code("plain -- admin", "admin")),
        (&["zzz", "admin"], "there is no role \"zzz\" in ~/.assumerole or ~/.aws\n  hint: see all roles: assumerole list\n".to_owned()),
    ] {
        let ran = stage.run(args);
        let status = match args[0] {
            _ if args.contains(&"lst") || error.starts_with("there is no command or") || error.contains("behind the role") => 125,
            "plan" => 2,
            _ => 125,
        };
        checks.ran(&args.join(" "), &ran, "", &format!("error: {error}"), status);
    }
    check(
        &stage.run(&["exce", "plain", "list"]),
        "",
        &format!(
            "error: there is no command \"exce\"\n  hint: did you mean: assumerole exec …?\n{see}"
        ),
        2,
    );
    check(
        &stage.run(&["plain", "list"]),
        "",
        &format!(
            "error: unexpected argument \"plain\" before the command\n  hint: run a command in a role: assumerole exec plain -- COMMAND\n{see}"
        ),
        2,
    );
    // Neither is one that is called so.
    stage.roles(
        r#""rm": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    let ran = stage.run(&["rm", "plain"]);
    checks.same(
        "rm is a role",
        &ran.stderr,
        &format!("error: {}", code("rm -- plain", "plain")),
    );
    checks.number("nothing was asked", stage.requests(), 0);
}

/// Two words that are no role and no code are a filter of two words.
#[test]
fn words_that_are_no_role_are_chosen_by() {
    let stage = Stage::new();
    let mut terminal = super::terminal::Terminal::running(&stage, "assumerole de ploy");
    terminal.sees("Role: de ploy");
    terminal.types(super::terminal::ESC);
    assert_eq!(terminal.ends(), 130);
}

//! `assumerole ROLE [CODE]`: a shell, or `ASSUMEROLE_COMMAND`, in the role.

use jiff::{SignedDuration, Timestamp};

use super::harness::Stage;
use super::support::{Checks, check};

/// A shell that says how it was started, and ends with 7.
const SHELL: &str = "#!/bin/sh\necho \"$0 $# in $AWS_ACCOUNT\" >&2\nexit 7\n";

/// Until when a session of an hour lasts that begins now, in words.
fn until(stage: &Stage) -> String {
    let now: Timestamp = stage.sandbox.journal().last().unwrap().time;
    let end = now + SignedDuration::from_hours(1);
    let tomorrow = if end.strftime("%d").to_string() == now.strftime("%d").to_string() {
        ""
    } else {
        "tomorrow "
    };
    format!("until {tomorrow}{}", end.strftime("%H:%M"))
}

#[test]
fn a_role_and_a_code_start_the_persons_shell() {
    let stage = Stage::direct();
    let shell = stage.script("my shell", SHELL);
    let code = stage.code();
    let ran = stage.run_in(&["read", &code], &[("SHELL", &shell)]);
    let until = until(&stage);
    assert_eq!(
        ran.stderr,
        format!(
            "read: read of account 123456789012 in eu-central-1, {until} (59m); leave with exit\n\
             $HOME/my shell 0 in read\n"
        )
    );
    assert_eq!((ran.stdout.lines().count(), ran.status), (4, 7));
    assert_eq!(stage.parameter("TokenCode"), Some(code));

    // The next one costs neither a code nor a request.
    let ran = stage.run_in(&["--quiet", "read"], &[("SHELL", &shell)]);
    check(&ran, "", "$HOME/my shell 0 in read\n", 7);
    assert_eq!(stage.requests(), 1);
}

#[test]
fn a_role_is_named_with_its_path_and_with_a_region_if_it_has_one() {
    let stage = Stage::new();
    stage.warm("plain");
    let ran = stage.run(&["plain"]);
    let until = until(&stage);
    let expected =
        format!("plain: plain of account 123456789012, {until} (59m); leave with exit\n");
    // /bin/sh finds an empty standard input and ends.
    assert_eq!((ran.stderr, ran.status), (expected, 0));
    let code = stage.code();
    let ran = stage.run(&["deploy", &code]);
    assert!(
        ran.stderr
            .starts_with("deploy: team/deploy of account 123456789012, until "),
        "{ran:?}"
    );
    assert!(
        ran.stderr.ends_with(" (1h 59m); leave with exit\n"),
        "{ran:?}"
    );
}

#[test]
fn without_a_shell_of_ones_own_it_is_bin_sh() {
    let stage = Stage::new();
    stage.warm("plain");
    for shell in [None, Some("")] {
        let mut command = stage.command(&["-q", "plain"]);
        command
            .env_remove("SHELL")
            .envs(shell.map(|shell| ("SHELL", shell)));
        let file = std::fs::File::open({
            stage.write("typed", "echo \"$0 $AWS_ACCOUNT\"; exit 4\n");
            stage.path("typed")
        });
        command.stdin(file.unwrap());
        check(&stage.ran(&mut command), "/bin/sh plain\n", "", 4);
    }
}

#[test]
fn a_shell_that_is_not_there_is_told_with_the_variable_that_names_it() {
    let stage = Stage::new();
    stage.warm("plain");
    // Before anything is asked for or printed.
    let ran = stage.run_in(&["--fresh", "plain"], &[("SHELL", "/no/such/shell -l")]);
    assert_eq!(stage.requests(), 1);
    check(
        &ran,
        "",
        "\
error: /no/such/shell -l: command not found
  hint: name the shell to start: export SHELL=/bin/sh
",
        127,
    );
}

#[test]
fn a_command_of_the_environment_runs_in_place_of_a_shell() {
    let stage = Stage::new();
    stage.warm("plain");
    let mut checks = Checks::default();
    for (command, stdout, stderr, status) in [
        (
            "sh -c 'echo \"$AWS_ACCOUNT: $1\"' sh 'a  b'",
            "plain: a  b\n",
            "",
            0,
        ),
        (
            "printf '[%s]' a\\ b \"c'd\" '' e\"f\"g",
            "[a b][c'd][][efg]",
            "",
            0,
        ),
        // Split, and nothing else: no expansion, no redirection, no list.
        (
            "printf '[%s]' $HOME ~ * > x ; y | z",
            "[$HOME][~][*][>][x][;][y][|][z]",
            "",
            0,
        ),
        ("  false  ", "", "", 1),
        ("sh -c 'exit 42'", "", "", 42),
        (
            "no-such-command-here",
            "",
            "error: no-such-command-here: command not found\n  hint: see where commands are looked for: echo $PATH\n",
            127,
        ),
        (
            "/etc/passwd",
            "",
            "error: cannot run /etc/passwd\n  because: Permission denied\n",
            126,
        ),
        (
            "printf 'open",
            "",
            "\
error: ASSUMEROLE_COMMAND cannot be split into words: \"printf 'open\"
  because: missing closing quote
  hint: close the quotes
",
            125,
        ),
        (
            "printf \"open",
            "",
            "\
error: ASSUMEROLE_COMMAND cannot be split into words: \"printf \\\"open\"
  because: missing closing quote
  hint: close the quotes
",
            125,
        ),
        (
            "   ",
            "",
            "error: ASSUMEROLE_COMMAND holds no command\n  hint: unset ASSUMEROLE_COMMAND\n",
            125,
        ),
    ] {
        let ran = stage.run_in(&["plain"], &[("ASSUMEROLE_COMMAND", command)]);
        checks.ran(command, &ran, stdout, stderr, status);
    }
    checks.number("requests", stage.requests(), 1);
}

#[test]
fn a_command_of_the_environment_says_nothing_of_our_own() {
    let stage = Stage::new();
    // An unknown key is worth a warning elsewhere.
    stage.roles(r#""plain": {"aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/plain", "colour": 1}"#);
    let env = [("ASSUMEROLE_COMMAND", "echo hello")];
    check(&stage.run_in(&["plain"], &env), "hello\n", "", 0);
    let ran = stage.run_in(&[], &env);
    check(
        &ran,
        "",
        "error: ASSUMEROLE_COMMAND is set, but no role is named\n  hint: name one: ASSUMEROLE_COMMAND='…' assumerole ROLE\n",
        125,
    );
    // A command has a command of its own.
    let ran = stage.run_in(&["-q", "exec", "plain", "echo", "mine"], &env);
    check(&ran, "mine\n", "", 0);
    // Set and empty is not set.
    let ran = stage.run_in(&["-q", "plain"], &[("ASSUMEROLE_COMMAND", "")]);
    check(&ran, "", "", 0);
}

#[test]
fn a_code_that_is_none_is_refused_before_anything_is_asked() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (code, stderr) in [
        (
            "12345",
            "error: an MFA code has six digits\n  because: got 5 characters\n",
        ),
        (
            "12345a",
            "error: an MFA code has six digits\n  because: got 6 characters that are not all digits\n",
        ),
        (
            "1234567",
            "error: an MFA code has six digits\n  because: got 7 characters\n",
        ),
        (
            "",
            "error: an MFA code has six digits\n  because: got 0 characters\n",
        ),
    ] {
        checks.ran(code, &stage.run(&["read", code]), "", stderr, 125);
        let ran = stage.run(&["exec", "read", "--mfa-code", code, "--", "true"]);
        checks.ran(code, &ran, "", stderr, 125);
    }
    checks.number("requests", stage.requests(), 0);
}

//! How a run ends: the command's own end, or ours, told apart.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use aws_sandbox::Fault;

use super::harness::{Stage, program};
use super::support::Checks;

#[test]
fn the_commands_end_is_our_end() {
    let stage = Stage::new();
    stage.warm("plain");
    for status in [0, 1, 2, 42, 125, 126, 127, 255] {
        let ran = stage.run(&["exec", "plain", "--", "sh", "-c", &format!("exit {status}")]);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", status));
    }
    // It takes our process's place, so that a signal that ends it ends us.
    for signal in [1, 2, 9, 13, 15] {
        let mut command = Command::new(program());
        stage.clear(&mut command);
        command.args([
            "exec",
            "plain",
            "--",
            "sh",
            "-c",
            &format!("kill -{signal} $$"),
        ]);
        assert_eq!(command.status().unwrap().signal(), Some(signal));
    }
    let mut command = Command::new(program());
    stage.clear(&mut command);
    command.args(["exec", "plain", "--", "sh", "-c", "echo $$"]);
    let child = command
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let said = child.wait_with_output().unwrap().stdout;
    assert_eq!(String::from_utf8(said).unwrap(), format!("{pid}\n"));
}

#[test]
fn a_command_that_cannot_run_is_told_from_one_that_is_not_there() {
    let stage = Stage::new();
    stage.warm("plain");
    stage.write("data", "#!/bin/sh\n");
    let odd = stage.script("odd", "#!/no/such/interpreter\n");
    let bare = stage.script("bare", "echo bare\n");
    let (data, folder) = (stage.path("data"), stage.home().to_owned());
    let mut checks = Checks::default();
    for (command, stdout, stderr, status) in [
        (
            "no-such-command-here",
            "",
            "error: no-such-command-here: command not found\n  hint: see where commands are looked for: echo $PATH\n",
            127,
        ),
        (
            "/no/such/command",
            "",
            "error: /no/such/command: command not found\n",
            127,
        ),
        (
            "./no-such-command",
            "",
            "error: ./no-such-command: command not found\n",
            127,
        ),
        (
            "",
            "",
            "error: : command not found\n  hint: see where commands are looked for: echo $PATH\n",
            127,
        ),
        (
            data.to_str().unwrap(),
            "",
            "error: cannot run ~/data\n  because: Permission denied\n",
            126,
        ),
        (
            folder.to_str().unwrap(),
            "",
            "error: cannot run ~\n  because: Permission denied\n",
            126,
        ),
        (
            &odd,
            "",
            "error: cannot run ~/odd\n  because: the interpreter that it names does not exist\n",
            126,
        ),
        (&bare, "bare\n", "", 0),
    ] {
        let ran = stage.run(&["exec", "plain", "--", command]);
        checks.ran(command, &ran, stdout, stderr, status);
    }
}

#[test]
fn our_own_failure_before_a_command_is_125() {
    let stage = Stage::new();
    let closed = [
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ];
    let mut checks = Checks::default();
    let mut row = |case: &str, args: &[&str], env: &[(&str, &str)]| {
        let ran = stage.run_in(args, env);
        checks.same(
            case,
            &format!("{:?} {}", ran.stdout, ran.status),
            "\"\" 125",
        );
        checks.same(
            case,
            if ran.stderr.starts_with("error: ") {
                "error"
            } else {
                &ran.stderr
            },
            "error",
        );
    };
    row("usage", &["exec", "plain"], &[]);
    row(
        "usage",
        &["exec", "plain", "--no-such-flag-before", "true"],
        &[("ASSUMEROLE_CONFIG", "/none")],
    );
    row(
        "variable",
        &["exec", "plain", "true"],
        &[("AWS_STS_DURATION_SECONDS", "1h")],
    );
    row(
        "config",
        &["exec", "plain", "true"],
        &[("ASSUMEROLE_CONFIG", "/none")],
    );
    row("name", &["exec", "nobody", "true"], &[]);
    row("name, shell", &["nobody"], &[]);
    row("code", &["exec", "read", "true"], &[]);
    row("code, shell", &["read"], &[]);
    row("unreachable", &["exec", "plain", "true"], &closed);
    stage
        .sandbox
        .inject(Fault::error("AccessDenied", "no", 403));
    row("refused", &["exec", "plain", "true"], &[]);
}

#[test]
fn each_kind_of_failure_has_its_status_where_no_command_is_run() {
    let stage = Stage::new();
    stage.write("wrong", "{");
    let wrong = stage.path("wrong").into_os_string().into_string().unwrap();
    let mut checks = Checks::default();
    for (case, args, status, stderr) in [
        (
            "usage",
            &["accountlist", "--no-such-flag"][..],
            2,
            "\
error: there is no option --no-such-flag
  hint: see: assumerole accountlist --help
",
        ),
        (
            "usage",
            &["info"],
            2,
            "\
error: no role is named, and there is no terminal to choose one on
  hint: name it: assumerole ROLE
  hint: see all roles: assumerole list
",
        ),
        (
            "usage",
            &["plain", "list"],
            2,
            "error: unexpected argument \"plain\" before the command\n  hint: run a command in a role: assumerole exec plain -- COMMAND\n  hint: see: assumerole --help\n",
        ),
        (
            "config",
            &["--config", &wrong, "list"],
            3,
            "\
error: this { is never closed
 --> ~/wrong:1:1
  |
1 | {
  | ^
  = because: the file ends at ~/wrong:1:2
  hint: add the missing }
",
        ),
        (
            "config",
            &["--config", "/none", "accountlist"],
            3,
            "\
error: there is no /none
  because: it names the roles that can be assumed
  hint: create it: assumerole --config /none add
  hint: name another file: --config FILE or ASSUMEROLE_CONFIG
",
        ),
        (
            "name",
            &["info", "nobody"],
            4,
            "error: there is no role \"nobody\" in ~/.assumerole or ~/.aws\n  hint: see all roles: assumerole list\n",
        ),
        (
            "name",
            &["logout", "nobody"],
            4,
            "error: there is no role \"nobody\" in ~/.assumerole or ~/.aws\n  hint: see all roles: assumerole list\n",
        ),
    ] {
        checks.ran(case, &stage.run(args), "", stderr, status);
    }
    let ran = stage.run_in(&["list"], &[("AWS_MAX_ATTEMPTS", "many")]);
    checks.ran("variable", &ran, "", "error: the environment variable AWS_MAX_ATTEMPTS is \"many\"; it should be a number of attempts such as 3\n  hint: unset AWS_MAX_ATTEMPTS\n", 2);
}

#[test]
fn data_that_cannot_be_written_is_a_failure() {
    let stage = Stage::new();
    let full = || {
        std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let mut checks = Checks::default();
    for args in [
        &["list"][..],
        &["accountlist"],
        &["info", "plain"],
        &["doctor", "--offline"],
    ] {
        let output = stage.command(args).stdout(full()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let told = "error: cannot write to standard output\n  because: No space left on device";
        checks.same(args[0], stderr.get(..told.len()).unwrap_or(&stderr), told);
        checks.same(args[0], &format!("{:?}", output.status.code()), "Some(1)");
    }
    // A shell is not started blind.
    stage.warm("plain");
    let output = stage.command(&["plain"]).stdout(full()).output().unwrap();
    checks.same(
        "exports",
        &format!("{:?}", output.status.code()),
        "Some(125)",
    );
}

/// A name that is not text may be that of a role.
#[test]
fn an_argument_that_is_not_text_is_our_failure() {
    use std::os::unix::ffi::OsStrExt;
    let stage = Stage::new();
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    let mut checks = Checks::default();
    for (before, status) in [
        (&[][..], 125),
        (&["exec"], 125),
        (&["--"], 125),
        (&["export"], 2),
    ] {
        let ran = stage.ran(stage.command(before).arg(odd));
        let first = ran.stderr.lines().next().unwrap_or_default();
        let case = before.join(" ");
        checks.same(
            &case,
            first,
            "error: invalid UTF-8 was detected in one or more arguments",
        );
        checks.number(&case, ran.status.try_into().unwrap(), status);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn data_that_cannot_be_written_is_our_failure() {
    let stage = Stage::new();
    stage.warm("plain");
    let mut checks = Checks::default();
    for args in [
        &["--help"][..],
        &["--version"],
        &["list", "--help"],
        &["list"],
        &["list", "--json"],
        &["export", "plain"],
        &["init", "bash"],
        &["schema"],
    ] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = stage.command(args).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let error = "error: cannot write to standard output\n  because: No space left on device\n";
        checks.same(&args.join(" "), &said, error);
        checks.same(
            &args.join(" "),
            &format!("{:?}", output.status.code()),
            "Some(1)",
        );
    }
}

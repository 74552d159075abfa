//! The `export` lines for copy and paste into another shell.

use std::fs;
use std::process::Command;

use super::harness::{CONFIG, Stage};
use super::support::{Checks, environment};

/// A stage whose `$SHELL` writes its environment to `~/seen` and says so.
fn stage() -> (Stage, String) {
    let stage = Stage::new();
    let shell = stage.script("shell", "#!/bin/sh\nenv -0 > \"$HOME/seen\"\n");
    (stage, shell)
}

#[test]
fn the_lines_are_the_credentials_and_the_region_and_any_shell_takes_them() {
    let (stage, shell) = stage();
    let env = [("SHELL", shell.as_str())];
    stage.warm("read");
    stage.warm("plain");
    for (role, names) in [
        (
            "read",
            &[
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_DEFAULT_REGION",
            ][..],
        ),
        (
            "plain",
            &[
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
            ][..],
        ),
    ] {
        let ran = stage.run_in(&[role], &env);
        assert_eq!(ran.status, 0);
        let named: Vec<&str> = ran
            .stdout
            .lines()
            .map(|line| {
                line.strip_prefix("export ")
                    .unwrap()
                    .split_once('=')
                    .unwrap()
                    .0
            })
            .collect();
        assert_eq!(named, names);
        let seen = environment(&fs::read_to_string(stage.path("seen")).unwrap());
        for shell in ["sh", "dash", "bash", "zsh"] {
            let mut command = Command::new(shell);
            stage.clear(&mut command);
            command.args(["-c", "eval \"$1\"; env -0", "-", &ran.stdout]);
            let got = environment(&String::from_utf8(command.output().unwrap().stdout).unwrap());
            for name in names {
                assert_eq!(got.get(*name), seen.get(*name), "{name} in {shell}");
            }
        }
    }
}

#[test]
fn whoever_does_not_want_them_gets_none() {
    let (stage, shell) = stage();
    stage.warm("read");
    let without = CONFIG.replacen('{', "{ \"print_exports\": false,", 1);
    let with = CONFIG.replacen('{', "{ \"print_exports\": true,", 1);
    let mut checks = Checks::default();
    // Without a word of ours, only `print_exports` leaves the talk.
    for (case, args, extra, config, exports, talk) in [
        ("as usual", &["read"][..], None, CONFIG, true, true),
        ("--quiet", &["--quiet", "read"], None, CONFIG, false, false),
        ("-q", &["read", "-q"], None, CONFIG, false, false),
        (
            "variable",
            &["read"],
            Some(("ASSUMEROLE_QUIET", "1")),
            CONFIG,
            false,
            false,
        ),
        (
            "variable 0",
            &["read"],
            Some(("ASSUMEROLE_QUIET", "0")),
            CONFIG,
            true,
            true,
        ),
        (
            "variable empty",
            &["read"],
            Some(("ASSUMEROLE_QUIET", "")),
            CONFIG,
            true,
            true,
        ),
        ("in the file", &["read"], None, &without, false, true),
        ("in the file, true", &["read"], None, &with, true, true),
    ] {
        stage.write(".assumerole", config);
        let mut command = stage.command(args);
        command.env("SHELL", &shell).envs(extra);
        let ran = stage.ran(&mut command);
        checks.number(
            &format!("{case}: lines"),
            ran.stdout.lines().count(),
            if exports { 4 } else { 0 },
        );
        checks.number(
            &format!("{case}: talk"),
            ran.stderr.lines().count(),
            usize::from(talk),
        );
        checks.number(
            &format!("{case}: status"),
            ran.status.try_into().unwrap(),
            0,
        );
    }
}

#[test]
fn a_reader_that_has_gone_stops_nobody() {
    let (stage, _) = stage();
    stage.warm("plain");
    let shell = stage.script("late", "#!/bin/sh\necho started >&2\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = stage.command(&["plain"]);
    let output = command.env("SHELL", shell).stdout(writer).output().unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(
        talk.starts_with("plain: ") && talk.ends_with("\nstarted\n"),
        "{talk}"
    );
    assert!(output.status.success());
}

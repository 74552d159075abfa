//! The scripts under options that change what a shell understands.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::super::harness::Stage;
use super::super::support::environment;
use super::shells::run_script;

/// How a shell is started, and the script's name for `init`.
const MATRIX: &[(&[&str], &str)] = &[
    (&["bash", "-c"], "bash"),
    (&["bash", "-euo", "pipefail", "-c"], "bash"),
    (&["bash", "--posix", "-euc"], "bash"),
    (
        &[
            "bash", "-O", "extglob", "-O", "nullglob", "-O", "failglob", "-c",
        ],
        "bash",
    ),
    (&["bash", "-afCc"], "bash"),
    (&["bash", "-Hc"], "bash"),
    (&["zsh", "-fc"], "zsh"),
    (&["zsh", "-feuc"], "zsh"),
    (
        &[
            "zsh",
            "-f",
            "-o",
            "ksh_arrays",
            "-o",
            "sh_word_split",
            "-o",
            "glob_subst",
            "-c",
        ],
        "zsh",
    ),
    (
        &[
            "zsh",
            "-f",
            "-o",
            "csh_junkie_quotes",
            "-o",
            "rc_quotes",
            "-o",
            "ignore_braces",
            "-c",
        ],
        "zsh",
    ),
    (
        &[
            "zsh",
            "-f",
            "-o",
            "extended_glob",
            "-o",
            "null_glob",
            "-o",
            "all_export",
            "-c",
        ],
        "zsh",
    ),
    (
        &[
            "zsh",
            "-f",
            "-o",
            "warn_create_global",
            "-o",
            "no_clobber",
            "-o",
            "posix_builtins",
            "-c",
        ],
        "zsh",
    ),
    (&["zsh", "-f", "-o", "no_global_export", "-c"], "zsh"),
    (&["zsh", "-fic"], "zsh"),
    (&["dash", "-c"], "sh"),
    (&["dash", "-euCfc"], "sh"),
    (&["bash", "--posix", "-euc"], "sh"),
    (&["zsh", "--emulate", "sh", "-c"], "sh"),
    (&["zsh", "--emulate", "ksh", "-c"], "sh"),
];

fn seen(text: &str) -> Vec<BTreeMap<String, String>> {
    let shells_own = |name: &str| {
        [
            "_",
            "SHLVL",
            "RANDOM",
            "SECONDS",
            "OLDPWD",
            "PWD",
            "EPOCHREALTIME",
            "LINENO",
            "EPOCHSECONDS",
        ]
        .contains(&name)
    };
    text.split("--\0")
        .map(|part| {
            let mut part = environment(part);
            part.retain(|name, _| !shells_own(name));
            part
        })
        .collect()
}

#[test]
fn the_scripts_work_under_every_option() {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    for (start, name) in MATRIX {
        let script = format!(
            "eval \"$(assumerole init --cmd swap {name})\"\n\
             eval \"$(assumerole init --cmd swap {name})\"\n\
             env -0; printf -- '--\\0'\n\
             swap -q read; env -0; printf -- '--\\0'\n\
             swap -q nobody || got=$?\n\
             swap -q plain; swap -q -; env -0; printf -- '--\\0'\n\
             swap -q --off; env -0; printf -- '--\\0STATUS=%s\\0' \"$got\"\n"
        );
        let mut command = run_script(&stage, start, &script);
        command.envs([("AWS_PROFILE", "it's $mine"), ("MYVAR1", "old")]);
        let ran = stage.ran(&mut command);
        let error = "error: there is no role \"nobody\" in ~/.assumerole or ~/.aws\n  hint: see all roles: assumerole list\n";
        assert_eq!(
            (ran.stderr.as_str(), ran.status),
            (error, 0),
            "{start:?}\n{}",
            ran.stdout
        );
        let [before, read, again, after, status] = seen(&ran.stdout).try_into().unwrap();
        assert_eq!(before["AWS_PROFILE"], "it's $mine");
        assert_eq!(
            (read["AWS_ACCOUNT"].as_str(), read.get("AWS_PROFILE")),
            ("read", None),
            "{start:?}"
        );
        // With `set -a` everything is exported, what is kept too.
        let exports_all = start
            .iter()
            .any(|word| *word == "-afCc" || *word == "all_export");
        let without = |mut all: BTreeMap<String, String>| {
            all.retain(|name, _| {
                !exports_all || !name.starts_with("__assumerole") && name != "got"
            });
            all
        };
        let (read, again) = (without(read), without(again));
        let differ: Vec<_> = again
            .iter()
            .filter(|(name, value)| read.get(*name) != Some(value))
            .collect();
        assert_eq!(read, again, "{start:?}: {differ:?}");
        assert_eq!(without(before), without(after), "{start:?}");
        assert_eq!(status["STATUS"], "4", "{start:?}");
    }
}

#[test]
fn shellcheck_is_silent() {
    let stage = Stage::new();
    for shell in ["sh", "bash"] {
        let script = stage.run(&["init", shell]).stdout;
        let mut child = Command::new("shellcheck")
            .args([
                "--severity=style",
                "--enable=all",
                "--exclude=SC2250,SC2312",
                "-",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("shellcheck is missing; run cargo xtask test");
        child
            .stdin
            .take()
            .unwrap()
            .write_all(script.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "{shell}");
        assert!(output.status.success());
    }
}

#[test]
fn a_name_is_one_that_every_shell_takes() {
    let stage = Stage::new();
    for name in ["", "a b", "a;id", "1a", "a-b", "$(id)", "ä", "assumerole"] {
        let ran = stage.run(&["init", "bash", "--cmd", name]);
        assert_eq!((ran.stdout.as_str(), ran.status), ("", 2), "{name:?}");
    }
    let ran = stage.run(&["init", "bash", "--cmd", "r"]);
    assert!(ran.stdout.contains("\nr() {\n"));
    assert_eq!(stage.run(&["init", "csh"]).status, 2);
}

/// PowerShell cannot be run here: at least every bracket is closed.
#[test]
fn the_powershell_script_is_whole() {
    let script = Stage::new().run(&["init", "powershell"]).stdout;
    for (open, close) in [('{', '}'), ('(', ')'), ('[', ']')] {
        assert_eq!(script.matches(open).count(), script.matches(close).count());
    }
}

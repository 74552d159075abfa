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
        // zsh that plays another shell reads all of it before it drops an alias.
        let alias = match start.contains(&"--emulate") {
            true => "",
            false => "alias swap='echo not swap'\n",
        };
        let script = format!(
            "{alias}eval \"$(assumerole init --cmd swap {name})\"\n\
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
        // What is kept is never exported, whatever `set -a` exports.
        let without = |mut all: BTreeMap<String, String>| {
            assert!(!all.keys().any(|name| name.starts_with("__")), "{start:?}");
            all.retain(|name, _| name != "got");
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

/// What a person has set and not exported is no less theirs.
#[test]
fn variables_that_are_not_exported_come_back() {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    let own = "printf '%s|' \"${AWS_REGION-unset}\" \"${AWS_PROFILE-unset}\" \"${MYVAR1-unset}\" \
               \"${AWS_ACCOUNT_ID-unset}\"; env -0; printf -- '--\\0'\n";
    for (start, name) in MATRIX {
        let script = format!(
            "eval \"$(assumerole init --cmd swap {name})\"\n\
             case $- in *a*) set +a; all=1;; *) all=;; esac\n\
             AWS_REGION='it'\\''s $m\\\\ne  *'; AWS_PROFILE=mine; MYVAR1=\n\
             [ -z \"$all\" ] || set -a\n\
             {own}\
             swap -q plain; {own}\
             swap -q read; MYVAR1=changed; swap -q read; {own}\
             swap -q plain; {own}\
             swap -q read; unset AWS_REGION; AWS_REGION=other; swap -q -; swap -q read; unset AWS_REGION\n\
             swap -q --off; {own}\
             swap -q read; swap -q --off; {own}"
        );
        let ran = stage.ran(&mut run_script(&stage, start, &script));
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{start:?}");
        let mut own = Vec::new();
        for part in ran.stdout.split_terminator("--\0") {
            let mut values: Vec<&str> = part.splitn(5, '|').collect();
            let part = environment(values.pop().unwrap());
            assert!(!part.keys().any(|name| name.starts_with("__")), "{start:?}");
            assert!(!part.contains_key("AWS_PROFILE"), "{start:?}");
            own.push(values.join("|"));
        }
        let before = r"it's $m\\ne  *|mine||unset";
        let plain = r"it's $m\\ne  *|mine||123456789012";
        let read = "eu-central-1|mine|my value|123456789012";
        assert_eq!(
            own,
            [before, plain, read, plain, before, before],
            "{start:?}"
        );
    }
}

#[test]
fn lists_come_back() {
    let stage = Stage::new();
    stage.warm("read");
    for (start, name) in MATRIX.iter().filter(|(_, name)| *name != "sh") {
        let show = "printf '<%s>' \"${AWS_REGION[@]}\" \"$AWS_ACCOUNT_ID\"\n";
        let script = format!(
            "eval \"$(assumerole init --cmd swap {name})\"\n\
             AWS_REGION=('a  *' b); typeset -i AWS_ACCOUNT_ID=5\n\
             {show}swap -q read; {show}printenv AWS_REGION\nswap -q --off; {show}"
        );
        let ran = stage.ran(&mut run_script(&stage, start, &script));
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{start:?}");
        let own = "<a  *><b><5>";
        let read = "<eu-central-1><123456789012>eu-central-1\n";
        assert_eq!(ran.stdout, [own, read, own].concat(), "{start:?}");
    }
}

#[test]
fn a_variable_that_is_readonly_is_refused_before_anything_is_changed() {
    let stage = Stage::new();
    stage.warm("read");
    for (start, name) in MATRIX {
        let script = format!(
            "eval \"$(assumerole init --cmd swap {name})\"\n\
             env -0; printf -- '--\\0'\n\
             readonly MYVAR1=mine\n\
             swap -q read || printf 'STATUS=%s\\0' \"$?\"; env -0"
        );
        let ran = stage.ran(&mut run_script(&stage, start, &script));
        assert!(ran.stderr.contains("MYVAR1"), "{start:?}: {}", ran.stderr);
        let [before, mut after] = seen(&ran.stdout).try_into().unwrap();
        assert_eq!(after.remove("STATUS").as_deref(), Some("1"), "{start:?}");
        after.remove("MYVAR1");
        assert_eq!(before, after, "{start:?}");
    }
}

#[test]
fn variables_of_fish_that_are_not_exported_come_back() {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    let own = "for name in AWS_REGION AWS_DEFAULT_REGION MYVAR1 AWS_ACCESS_KEY AWS_ACCOUNT_ID\n\
               set -S $name\nend\nset -n | string match '__assumerole_*'\n\
               env -0 | string split0 | string match '__*'\necho ==\n";
    let script = format!(
        "assumerole init fish --cmd swap | source\n\
         set -g AWS_REGION a 'b  c'\nset -U AWS_DEFAULT_REGION u\nset -Ux AWS_ACCESS_KEY p\nset -g MYVAR1\n\
         {own}swap -q plain\nswap -q read\nswap -q plain\n{own}swap -q read\nswap -q --off\n{own}"
    );
    let mut command = run_script(&stage, &["fish", "-c"], &script);
    let ran = stage.ran(&mut command);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let [before, role, after, _] = ran
        .stdout
        .split("==\n")
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    // In a role that sets neither.
    let both = |text: &str| text.split("$AWS_ACCESS_KEY").next().unwrap().to_owned();
    assert_eq!(both(before), both(role));
    assert_eq!(before, after.replace("__assumerole_previous\n", ""));
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

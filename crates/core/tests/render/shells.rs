//! Every shell evaluates what is written for it, and has every byte.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use proptest::strategy::Strategy as _;

use super::values::{LONG, bytes, line, many, named, texts};
use super::{format, script};

/// A shell: how it is started, and what it runs to evaluate `$FILE` and show
/// its environment.
struct Run {
    /// The format.
    format: &'static str,
    /// The program and its options.
    start: &'static [&'static str],
    /// The script behind them.
    eval: &'static str,
}

const fn run(format: &'static str, start: &'static [&'static str], eval: &'static str) -> Run {
    Run {
        format,
        start,
        eval,
    }
}

const POSIX: &str = "eval \"$(cat \"$FILE\")\" && exec env -0";
const FISH: &str = "cat $FILE | source; and exec env -0";
const ELVISH: &str = "eval (cat $E:FILE | slurp); e:env -0";
const TCSH: &str = "eval \"`cat $FILE`\" && exec env -0";
const NU: &str = "open --raw $env.FILE | from json | load-env; ^env -0";

/// With options that change what quotes mean.
const SHELLS: &[Run] = &[
    run("bash", &["bash", "-c"], POSIX),
    run("bash", &["bash", "-euo", "pipefail", "-c"], POSIX),
    run("bash", &["bash", "--posix", "-c"], POSIX),
    run(
        "bash",
        &["bash", "-H", "-O", "xpg_echo", "-O", "extglob", "-c"],
        POSIX,
    ),
    run("bash", &["bash", "--norc", "-ic"], POSIX),
    run("zsh", &["zsh", "-fc"], POSIX),
    run("zsh", &["zsh", "-feuc"], POSIX),
    run("zsh", &["zsh", "-fic"], POSIX),
    run(
        "zsh",
        &[
            "zsh",
            "-f",
            "-o",
            "csh_junkie_quotes",
            "-o",
            "rc_quotes",
            "-c",
        ],
        POSIX,
    ),
    run(
        "zsh",
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
        POSIX,
    ),
    run(
        "zsh",
        &[
            "zsh",
            "-f",
            "-o",
            "extended_glob",
            "-o",
            "nomatch",
            "-o",
            "ignore_braces",
            "-c",
        ],
        POSIX,
    ),
    run("zsh", &["zsh", "--emulate", "sh", "-c"], POSIX),
    run("zsh", &["zsh", "--emulate", "ksh", "-c"], POSIX),
    run("sh", &["dash", "-c"], POSIX),
    run("sh", &["dash", "-eu", "-c"], POSIX),
    run("sh", &["bash", "--posix", "-c"], POSIX),
    run("sh", &["zsh", "--emulate", "sh", "-c"], POSIX),
    run("fish", &["fish", "--no-config", "-c"], FISH),
    run("fish", &["fish", "--no-config", "-ic"], FISH),
    run("elvish", &["elvish", "-norc", "-c"], ELVISH),
    run("tcsh", &["tcsh", "-fc"], TCSH),
];

/// What `sh` sets by itself.
const BY_ITSELF: [&str; 6] = ["PWD", "OLDPWD", "SHLVL", "_", "FILE", "PATH"];

/// The environment of `run` after it has evaluated `text`, in `locale`.
fn evaluated(
    run: &Run,
    text: &[u8],
    locale: &str,
    before: &[(&str, &str)],
) -> BTreeMap<OsString, OsString> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("script");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(run.start[0]);
    command
        .args(&run.start[1..])
        .arg(run.eval)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", dir.path())
        .env("LC_ALL", locale)
        .env("FILE", &file)
        .envs(before.iter().copied());
    let output = command
        .output()
        .unwrap_or_else(|why| panic!("{}: {why}; run cargo xtask test", run.start[0]));
    assert!(
        output.status.success(),
        "{:?}: {}",
        run.start,
        String::from_utf8_lossy(&output.stderr)
    );
    let pairs = output.stdout.split(|byte| *byte == 0);
    pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap();
            let text = |bytes| OsStr::from_bytes(bytes).to_owned();
            (text(&pair[..at]), text(&pair[at + 1..]))
        })
        .collect()
}

fn round_trips(run: &Run, values: &[(String, Vec<u8>)], locale: &str) {
    let changes: Vec<_> = values
        .iter()
        .map(|(name, value)| (name.clone(), Some(value.clone())))
        .collect();
    let text = script(format(run.format), &changes).unwrap();
    let got = evaluated(run, &text, locale, &[]);
    for (name, value) in values {
        let value = OsStr::from_bytes(value);
        assert_eq!(
            got.get(OsStr::new(name)).map(OsString::as_os_str),
            Some(value),
            "{name} in {:?}, {locale}",
            run.start
        );
    }
}

#[test]
fn every_shell_has_every_byte() {
    let all: Vec<u8> = (1..=255).collect();
    let own = |text: &str| text.as_bytes().to_vec();
    for run in SHELLS {
        let mut values = if run.format == "tcsh" {
            many(300, line().prop_map(String::into_bytes), own)
        } else {
            let mut values = many(150, bytes(), own);
            values.extend((128..=255).map(|byte| vec![byte]));
            values.extend([all.clone(), b"\n".to_vec()]);
            values
        };
        values.extend(
            (1..128)
                .filter(|byte| *byte != b'\n')
                .map(|byte| vec![byte]),
        );
        let values = named(values);
        for locale in ["C.UTF-8", "C"] {
            round_trips(run, &values, locale);
        }
    }
}

#[test]
fn nushell_has_every_text() {
    let Some(nu) = std::env::var_os("ASSUMEROLE_TEST_NU") else {
        panic!("run cargo xtask test");
    };
    let nu: &'static str = nu.into_string().unwrap().leak();
    let start: &'static [&'static str] = vec![nu, "--no-config-file", "-c"].leak();
    let run = run("nu", start, NU);
    let values = texts().into_iter().map(String::into_bytes).collect();
    round_trips(&run, &named(values), "C.UTF-8");
    unsets(&run);
    let bytes = vec![("BYTES".to_owned(), Some(vec![0xff]))];
    assert_eq!(
        script(format("nu"), &bytes).unwrap_err(),
        "the format nu cannot hold the value of BYTES: it is not UTF-8"
    );
}

#[test]
fn what_a_role_does_not_set_is_unset_in_every_shell() {
    SHELLS.iter().for_each(unsets);
}

fn unsets(run: &Run) {
    let changes = [
        ("AWS_PROFILE".to_owned(), None),
        ("NEVER_SET".to_owned(), None),
        ("STAYS".to_owned(), Some(b"new".to_vec())),
    ];
    let text = script(format(run.format), &changes).unwrap();
    let before = [("AWS_PROFILE", "mine"), ("STAYS", "old"), ("OTHER", "x")];
    let mut got = evaluated(run, &text, "C.UTF-8", &before);
    got.retain(|name, _| {
        let name = name.to_str().unwrap();
        !BY_ITSELF.contains(&name) && name != "HOME" && name != "LC_ALL"
    });
    let got: Vec<_> = got
        .iter()
        .filter(|(name, _)| {
            let name = name.to_str().unwrap();
            ["AWS_PROFILE", "NEVER_SET", "STAYS", "OTHER"].contains(&name)
        })
        .map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap()))
        .collect();
    assert_eq!(got, [("OTHER", "x"), ("STAYS", "new")], "{:?}", run.start);
}

#[test]
fn a_long_value_is_a_value() {
    for run in SHELLS {
        let long = vec![(
            "LONG".to_owned(),
            LONG.repeat(131_000 / LONG.len()).into_bytes(),
        )];
        round_trips(run, &long, "C.UTF-8");
    }
}

#[test]
fn what_a_shell_cannot_hold_is_an_error_that_names_it() {
    for (shell, value, why) in [
        ("tcsh", b"a\nb".to_vec(), "it has a line break"),
        ("tcsh", vec![0xff], "it is not UTF-8"),
        ("powershell", vec![b'a', 0xff], "it is not UTF-8"),
        ("cmd", vec![0xff], "it is not UTF-8"),
        (
            "cmd",
            b"100%".to_vec(),
            "it has a control character, % or !",
        ),
        (
            "cmd",
            b"a\"b&c".to_vec(),
            "it has a double quote and one of & | < > ^",
        ),
        ("cmd", Vec::new(), "it is empty, which is the same as unset"),
        ("cmd", vec![b'x'; 8192], "its line is too long"),
    ] {
        let changes = [("MYVAR".to_owned(), Some(value))];
        assert_eq!(
            script(format(shell), &changes).unwrap_err(),
            format!("the format {shell} cannot hold the value of MYVAR: {why}")
        );
    }
}

/// Nothing but a name stands in a script without quotes.
#[test]
fn a_name_that_is_none_goes_into_no_script() {
    for shell in [
        "bash",
        "zsh",
        "sh",
        "fish",
        "nu",
        "powershell",
        "elvish",
        "tcsh",
        "cmd",
    ] {
        for name in ["", "A B", "A;id", "1A", "A-B", "$(id)", "Ä", "A\n"] {
            let changes = [(name.to_owned(), Some(Vec::new()))];
            assert!(
                script(format(shell), &changes).is_err(),
                "{shell}: {name:?}"
            );
            let changes = [(name.to_owned(), None)];
            assert!(
                script(format(shell), &changes).is_err(),
                "{shell}: {name:?}"
            );
        }
    }
}

/// What cannot be run here is held to its documentation.
#[test]
fn powershell_and_cmd_quote_as_documented() {
    let changes = [
        (
            "A".to_owned(),
            Some("it’s 'x' $y `z`\r\n\u{1b}".as_bytes().to_vec()),
        ),
        ("B".to_owned(), None),
    ];
    assert_eq!(
        String::from_utf8(script(format("powershell"), &changes).unwrap()).unwrap(),
        "$env:A = 'it’’s ''x'' $y `z`' + [char]13 + '' + [char]10 + '' + [char]27 + ''\n\
         Remove-Item -LiteralPath Env:B -ErrorAction Ignore\n"
    );
    let changes = [
        ("A".to_owned(), Some(b"a&b ^c'd|e".to_vec())),
        ("J".to_owned(), Some(br#"{"a":null}"#.to_vec())),
        ("B".to_owned(), None),
    ];
    assert_eq!(
        String::from_utf8(script(format("cmd"), &changes).unwrap()).unwrap(),
        "set \"A=a&b ^c'd|e\"\r\nset \"J={\"a\":null}\"\r\nset \"B=\"\r\n"
    );
    // What the lines above were made from is on one line each.
    for value in many(100, line(), str::to_owned) {
        let changes = [("A".to_owned(), Some(value.into_bytes()))];
        let text = String::from_utf8(script(format("powershell"), &changes).unwrap()).unwrap();
        assert_eq!(text.lines().count(), 1);
    }
}

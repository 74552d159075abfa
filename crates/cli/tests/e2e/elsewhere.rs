//! Wherever the program lies, and whatever else the machine has: a folder with a
//! blank and an accent in its name, shells with and without a locale for that, and
//! stand-ins of every program that may give a code, first in PATH.

use std::fs;
use std::process::Command;

use super::harness::{Stage, program};
use super::mfa_stage::{BW, OP, PASS, YKMAN};
use super::support::Checks;

/// A folder that quotes, words and encodings go wrong in.
const FOLDER: &str = "a clone dir/é";

/// The program in such a folder, as a file of its own; and PATH with it first.
fn moved(stage: &Stage) -> String {
    let folder = stage.path(FOLDER);
    fs::create_dir_all(&folder).unwrap();
    let there = folder.join("assumerole");
    fs::hard_link(program(), &there)
        .or_else(|_| fs::copy(program(), &there).map(drop))
        .unwrap();
    format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display())
}

/// `script` in a shell that finds the program there.
fn run(stage: &Stage, shell: &str, locale: &str, script: &str) -> super::harness::Ran {
    let path = moved(stage);
    let mut command = Command::new(shell);
    command.args(["-c", script]);
    stage.clear(&mut command);
    command.env("PATH", path).env("LC_ALL", locale);
    stage.ran(&mut command)
}

/// What is in the role, in place and beside it.
const SHELLS: [(&str, &str); 4] = [
    ("bash", "eval \"$(assumerole init bash)\""),
    ("zsh", "eval \"$(assumerole init zsh)\""),
    ("fish", "assumerole init fish | source"),
    ("dash", "eval \"$(assumerole init sh)\""),
];

#[test]
fn every_shell_finds_it_there() {
    let mut checks = Checks::default();
    for (shell, init) in SHELLS {
        for locale in ["C.UTF-8", "C"] {
            let stage = Stage::new();
            // fish reads PATH in the encoding of its locale, and finds nothing there
            // that the program could help with.
            if (shell, locale) == ("fish", "C") {
                continue;
            }
            let script = format!(
                "{init}\nassume -q plain\nassumerole info >info\nsh -c 'echo $AWS_ACCOUNT'\n\
                 assumerole exec plain -- assumerole accountlist_text | head -n 1\nassume --off\n\
                 sh -c 'echo ${{AWS_ACCOUNT-none}}'\n"
            );
            let ran = run(&stage, shell, locale, &script);
            let case = format!("{shell} {locale}");
            checks.ran(&case, &ran, "plain\nread\nnone\n", "", 0);
        }
    }
}

/// The program starts itself, and is started by what it has written.
#[test]
fn it_finds_itself_there() {
    let mut checks = Checks::default();
    for (case, script, stdout) in [
        (
            "a server",
            "assumerole exec --serve plain -- sh -c 'curl -s -o /dev/null -w \"%{http_code}\\n\" \
             -H \"Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN\" \"$AWS_CONTAINER_CREDENTIALS_FULL_URI\"'",
            "200\n",
        ),
        (
            "a server in the background",
            "mkdir -m 700 run; export XDG_RUNTIME_DIR=$PWD/run; assumerole serve --detach plain >lines && . ./lines
             curl -s -o /dev/null -w '%{http_code}\\n' -H \"Authorization: $(cat \"$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\")\" \
             \"$AWS_CONTAINER_CREDENTIALS_FULL_URI\"; assumerole serve --stop 2>said",
            "200\n",
        ),
        (
            "a profile that it wrote, and a role that begins there",
            "assumerole profiles write plain >said; eval \"$(sed -n 's/^credential_process = //p' .aws/config)\" | grep -c '\"Version\"'",
            "1\n",
        ),
        (
            "a helper of Docker's",
            "ln -s assumerole 'a clone dir/é/docker-credential-assumerole'; docker-credential-assumerole list",
            "{}\n",
        ),
    ] {
        let stage = Stage::new();
        checks.ran(case, &run(&stage, "sh", "C", script), stdout, "", 0);
    }
}

/// A code comes from what is named, and from nothing else that the machine has.
#[test]
fn no_program_is_run_that_nobody_named() {
    let mut checks = Checks::default();
    let stage = Stage::new();
    let path = moved(&stage);
    for (name, text) in [
        ("op", OP),
        ("ykman", YKMAN),
        ("pass", PASS),
        ("bw", BW),
        ("zenity", "#!/bin/sh\n"),
        ("notify-send", "#!/bin/sh\n"),
    ] {
        let (first, rest) = text.split_once('\n').unwrap();
        let log = stage.path("started").display().to_string();
        let text = format!("{first}\necho {name} >>'{log}'\n{rest}");
        stage.script(&format!("{FOLDER}/{name}"), &text);
    }
    let code = stage.code();
    for args in [
        &["exec", "read", "--mfa-code", &code, "--", "true"][..],
        &["exec", "plain", "--", "true"],
        &["list"],
        &["status"],
        &["plan", "read"],
        &["check"],
        &["credential-process", "read"],
        &["exec", "--serve", "read", "--", "true"],
        &["logout"],
    ] {
        let ran = stage.run_in(args, &[("PATH", &path)]);
        checks.number(&format!("{args:?}: {}", ran.stderr), ran.status as usize, 0);
        let started = fs::read_to_string(stage.path("started")).unwrap_or_default();
        checks.same(&format!("{args:?}"), &started, "");
    }
}

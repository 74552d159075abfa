//! `cargo demo`: the program, for someone without an AWS account.

mod rehearsal;
mod shell;
mod steps;

use std::io::IsTerminal as _;

pub(crate) use rehearsal::rehearse;

use crate::process::Result;
use crate::stage::{DEVICE_SECRET, Stage};
use crate::workspace::{self, Programs};
use crate::{process, ui};

/// `cargo demo`: a prompt at which the program works; without a terminal a
/// walk through it.
///
/// # Errors
/// Something does not compile, start or do what it should.
pub(crate) fn demo() -> Result {
    let programs = match Programs::from_environment() {
        Some(programs) => programs,
        None => {
            ui::say("Building assumerole and a private AWS; the first time takes minutes.");
            workspace::build(&["--package", "assumerole", "--package", "aws-sandbox"])?
        }
    };
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        let ends = shell::Ends::watch()?;
        let stage = stage(&programs)?;
        shell::prompt(&stage, &ends)?;
        stage.remove()?;
        ui::say("The demo is over; everything it made is removed.");
        Ok(())
    } else {
        without_terminal(&programs)
    }
}

/// The walk: assumes roles, runs commands in them, shows what happens.
///
/// # Errors
/// A step does not do what it should.
pub(crate) fn without_terminal(programs: &Programs) -> Result {
    // Ctrl-C ends the step that runs; the home must be removed after it.
    let _ends = shell::Ends::watch()?;
    let stage = stage(programs)?;
    steps::walk(&stage)?;
    stage.remove()
}

/// A stage with `mfa-code` on PATH.
fn stage(programs: &Programs) -> Result<Stage> {
    let stage = Stage::new(programs)?;
    let show = process::shown(&stage.sandbox.code_command(DEVICE_SECRET));
    let last = process::quoted(&stage.path("last-code").display().to_string());
    stage.add_script("mfa-code", &mfa_code(&show, &last))?;
    Ok(stage)
}

/// The script that stands in for the phone with the MFA app. As a code works
/// once, it shows each one once, and waits for the next.
fn mfa_code(show: &str, last: &str) -> String {
    format!(
        r#"#!/bin/sh
# The phone of the demo: prints an MFA code that it has not printed before.
last={last}
code=$({show}) || exit
if [ "$code" = "$(cat "$last" 2>/dev/null)" ]; then
    echo "mfa-code: each code works once; the next comes in $((30 - $(date +%s) % 30)) s" >&2
    while [ "$code" = "$(cat "$last")" ]; do
        sleep 1
        code=$({show}) || exit
    done
fi
echo "$code" >"$last"
echo "$code"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Output};

    #[test]
    fn the_phone_shows_each_code_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // A device whose code changes at every second look.
        let looks = path("looks").display().to_string();
        let show = format!("sh -c 'echo >>{looks}; echo $(( $(wc -l <{looks}) / 2 ))'");
        let script = path("mfa-code");
        std::fs::write(&script, mfa_code(&show, &looks.replace("looks", "last"))).unwrap();
        let code = || -> Output { Command::new("sh").arg(&script).output().unwrap() };

        let (first, second, third) = (code(), code(), code());
        assert_eq!(first.stdout, b"0\n");
        assert_eq!(second.stdout, b"1\n");
        assert!(second.stderr.is_empty(), "nothing to wait for");
        assert_eq!(third.stdout, b"2\n");
        assert!(!third.stderr.is_empty(), "it says why it waits");
    }
}

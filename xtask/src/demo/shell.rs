//! The demo with a terminal: an introduction and a shell.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::process::{Context as _, Result, which};
use crate::stage::{DEVICE_SECRET, Stage};
use crate::ui;

/// The signals that would end us before the home is removed.
pub(super) struct Ends(Arc<AtomicBool>);

impl Ends {
    /// From now on SIGTERM and SIGHUP are only noted, and SIGINT is left to
    /// the program in the foreground.
    pub(super) fn watch() -> Result<Self> {
        let noted = Arc::new(AtomicBool::new(false));
        let ignored = Arc::new(AtomicBool::new(false));
        for (signal, flag) in [(SIGTERM, &noted), (SIGHUP, &noted), (SIGINT, &ignored)] {
            signal_hook::flag::register(signal, Arc::clone(flag))
                .context("cannot watch for signals")?;
        }
        Ok(Self(noted))
    }

    /// Waits for `child`; ends it when we are to end.
    fn wait(&self, child: &mut Child) -> std::io::Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.0.load(Ordering::Relaxed) {
                child.kill()?;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Drops the person at a prompt where the program works.
///
/// # Errors
/// The shell cannot be started. How it ends is the person's affair.
pub(super) fn prompt(stage: &Stage, ends: &Ends) -> Result {
    let shell = shell();
    for (name, text) in START_FILES {
        stage.write(name, text)?;
    }
    // Where this is missing, fish fills it in the background for a minute, in a
    // home that may be gone by then.
    let completions = stage.home().join(".local/share/fish/generated_completions");
    fs::create_dir_all(&completions).context(completions.display())?;
    // Shown, and still there for the first `mfa-code`, which so need not wait.
    ui::say(introduction(&stage.sandbox.code(DEVICE_SECRET)?));

    let mut command = stage.command(&shell);
    command.arg("-i").env("SHELL", &shell);
    // What a plain sh reads when it starts.
    command.env("ENV", stage.home().join(".shrc"));
    let mut child = command
        .spawn()
        .context(format!("cannot run {}", shell.display()))?;
    ends.wait(&mut child)
        .context(format!("cannot wait for {}", shell.display()))?;
    Ok(())
}

fn introduction(code: &str) -> String {
    format!(
        "
This is assumerole with a private AWS on this machine. The home, the company and
its keys are made up, and are removed when you leave with `exit`.

  assumerole list                            the roles of ~/.assumerole
  assumerole acme-sandbox-read $(mfa-code)   a shell in a role, until `exit`
  assumerole exec acme-prod-read -- env      another account, and no second code
  assumerole status                          the MFA session and its roles
  assumerole acme-prod-admin                 a refusal, and what to do about it
  assumerole                                 choose a role from a list
  assumerole doctor                          what is set up, and what is not

MFA code now: {code}. Each works once; `mfa-code` prints the next.
"
    )
}

/// What the shells read at their start, here and inside a role, where the
/// prompt shows the role.
const START_FILES: [(&str, &str); 4] = [
    (
        ".bashrc",
        "PS1='demo${AWS_ACCOUNT:+ [$AWS_ACCOUNT]}$ '\nunset PROMPT_COMMAND\n",
    ),
    (
        ".zshrc",
        "setopt PROMPT_SUBST\nPROMPT='demo${AWS_ACCOUNT:+ [$AWS_ACCOUNT]}$ '\nRPROMPT=\n",
    ),
    (
        ".config/fish/config.fish",
        "set -g fish_greeting\nfunction fish_prompt\n    echo -n demo\n    \
         set -q AWS_ACCOUNT; and echo -n \" [$AWS_ACCOUNT]\"\n    echo -n '$ '\nend\n",
    ),
    (".shrc", "PS1='demo${AWS_ACCOUNT:+ [$AWS_ACCOUNT]}$ '\n"),
];

/// The person's own shell, if we know how to give it a prompt, else `sh`.
fn shell() -> PathBuf {
    std::env::var_os("SHELL")
        .map(PathBuf::from)
        .filter(|path| is_known(path))
        .or_else(|| which("sh"))
        .unwrap_or_else(|| "/bin/sh".into())
}

fn is_known(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    ["bash", "zsh", "fish"].iter().any(|known| name == *known) && path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_we_know_is_kept() {
        assert!(is_known(&which("bash").unwrap()));
        for other in ["/bin/sh", "/no/such/bash", "bash", ""] {
            assert!(!is_known(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn the_introduction_names_roles_that_exist() {
        let text = introduction("123456");
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|columns| columns <= 80), "{text}");
        let named: Vec<&str> = text
            .split_whitespace()
            .filter(|word| word.starts_with("acme-"))
            .collect();
        assert_eq!(named.len(), 3);
        for name in named {
            assert!(crate::stage::ROLES.iter().any(|r| r.name == name), "{name}");
        }
    }
}

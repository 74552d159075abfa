//! The demo at a terminal, with a person who types what the introduction says.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::process::{Context as _, Failure, Result, quoted, which};
use crate::ui;
use crate::workspace::Programs;

/// What the person types. The second line must find the role in the shell that
/// the first one starts.
const TYPED: &str = r#"assumerole acme-sandbox-read $(mfa-code)
echo "account=$AWS_ACCOUNT_ID as=$AWS_ACCOUNT"
exit
echo "left=${AWS_ACCOUNT:-yes}"
exit
"#;

/// What must be on the screen at the end. What is typed is on it too, but not
/// with the values in place.
const SEEN: [&str; 5] = [
    "MFA code now: ",
    "demo [acme-sandbox-read]$ ",
    "account=111122223333 as=acme-sandbox-read",
    "left=yes",
    "everything it made is removed",
];

/// Runs the demo with `programs` on a terminal of its own.
///
/// # Errors
/// It fails, or does not show what it should.
pub(crate) fn rehearse(programs: &Programs) -> Result {
    // Not ourselves: building the workspace may have replaced our file.
    let xtask = programs.get("xtask")?;
    let demo = format!("{} demo", quoted(&xtask.display().to_string()));
    // script(1) is what every Debian has to make a terminal with.
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &demo, "/dev/null"])
        .envs(programs.environment()?)
        .env("SHELL", which("bash").unwrap_or_else(|| "/bin/bash".into()))
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run script")?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(TYPED.as_bytes()).context("script")?;
    }
    let output = child.wait_with_output().context("script")?;
    let screen = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    ui::data(screen.trim());
    if !output.status.success() {
        return Err(Failure::new(format!("the demo: {}", output.status)));
    }
    match SEEN.iter().find(|text| !screen.contains(**text)) {
        None => Ok(()),
        Some(text) => Err(Failure::new(format!("the demo did not show {text:?}"))),
    }
}

//! The demo without a terminal: a walk in steps, each of which must work.

use std::process::Stdio;

use crate::process::{Context as _, Failure, Result, capture, shown};
use crate::stage::{ROLES, Stage};
use crate::ui;

/// Run inside a role: says what the program put into the environment.
const WHERE: &str =
    r#"echo "in $AWS_ACCOUNT: account $AWS_ACCOUNT_ID, region $AWS_REGION, until $AWS_EXPIRATION""#;

/// Walks through the program.
///
/// # Errors
/// A step does not do what it should.
pub(super) fn walk(stage: &Stage) -> Result {
    ui::data(format!(
        "A private AWS listens on {}; a throw-away home has {} roles.",
        stage.sandbox.endpoint,
        ROLES.len()
    ));
    let said = step(stage, "The roles of ~/.assumerole", &["list"])?;
    for role in &ROLES {
        expect(&said, role.name)?;
    }

    let code = capture(&mut stage.command(stage.bin().join("mfa-code")))?;
    let first = ["exec", "acme-sandbox-read", "--mfa-code", code.trim(), "--"];
    let said = step(
        stage,
        "A command in a role, with an MFA code",
        &[&first[..], &["sh", "-c", WHERE]].concat(),
    )?;
    expect(
        &said,
        "in acme-sandbox-read: account 111122223333, region eu-central-1",
    )?;

    let asked = stage.sandbox.requests()?.len();
    let again = ["exec", "acme-sandbox-read", "--", "sh", "-c", WHERE];
    let said = step(
        stage,
        "The same again: from the cache, so no code and no request",
        &again,
    )?;
    expect(&said, "in acme-sandbox-read: account 111122223333")?;
    if stage.sandbox.requests()?.len() != asked {
        return Err(Failure::new("a cached role asked AWS again"));
    }

    let other = ["exec", "acme-prod-read", "--", "sh", "-c", WHERE];
    let said = step(
        stage,
        "Another account: from the MFA session, so no second code",
        &other,
    )?;
    expect(&said, "in acme-prod-read: account 444455556666")?;

    let values = r#"echo "bucket $DATA_BUCKET, work in $DATA_WORK""#;
    let etl = ["exec", "acme-data-etl", "--", "sh", "-c", values];
    let said = step(stage, "A role without MFA, and its own environment", &etl)?;
    let work = stage.home().join("data");
    expect(
        &said,
        &format!("bucket acme-data-lake, work in {}", work.display()),
    )?;

    let said = step(stage, "What is cached", &["status"])?;
    expect(&said, "acme-sandbox-read")?;
    expect(&said, "acme-data-etl")?;
    step(stage, "Whether everything is in order", &["doctor"])?;

    let requests = stage.sandbox.requests()?;
    ui::data(format!(
        "\nThe private AWS was asked: {}.",
        requests.join(", ")
    ));
    let granted = requests.iter().filter(|r| *r == "AssumeRole OK").count();
    if granted != 3 {
        let why = format!("three roles were assumed, and AWS granted {granted}");
        return Err(Failure::new(why));
    }
    ui::data("Everything worked. With a terminal, `cargo demo` gives you a prompt to try it.");
    Ok(())
}

/// Runs the program with `args`, shows the call and all it says, and returns
/// what it says on stdout.
fn step(stage: &Stage, title: &str, args: &[&str]) -> Result<String> {
    let mut command = stage.command("assumerole");
    command.args(args).stdin(Stdio::null());
    let line = shown(&command);
    ui::data(format!("\n{title}\n$ {line}"));
    let output = command.output().context("cannot run assumerole")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let talk = String::from_utf8_lossy(&output.stderr);
    for line in talk.lines().chain(said.lines()) {
        ui::data(format!("  {line}"));
    }
    if output.status.success() {
        Ok(said)
    } else {
        Err(Failure::new(format!("{line}: {}", output.status)))
    }
}

fn expect(said: &str, wanted: &str) -> Result {
    if said.contains(wanted) {
        return Ok(());
    }
    Err(Failure::new(format!("it should have said {wanted:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_says_something_else_is_a_failure() {
        assert!(expect("in a: account 1", "account 1").is_ok());
        assert!(expect("", "account 1").is_err());
    }
}

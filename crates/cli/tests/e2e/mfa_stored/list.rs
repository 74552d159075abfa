//! `mfa list`.

use aws_sandbox::{Options, User};

use super::MFA_SECRET;
use crate::harness::{BASE_ACCOUNT, DEVICE, Ran, Stage, world};
use crate::keys::BY_COMMAND;
use crate::support::{Checks, check};
use crate::terminal::Terminal;

const ROW: &str = "\
DEVICE                              USER  PROFILE  ENABLED     STORED
arn:aws:iam::210987654321:mfa/jdoe  jdoe  base     2025-01-01  -
";

const ROW_STORED: &str = "\
DEVICE                              USER  PROFILE  ENABLED     STORED
arn:aws:iam::210987654321:mfa/jdoe  jdoe  base     2025-01-01  DAY
";

fn stage() -> Stage {
    let mut world = world();
    world.users[0].allow = vec!["iam:ListMFADevices".to_owned()];
    Stage::with(world, Options::default())
}

/// What is printed, without the moment of the run.
fn list(stage: &Stage, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = stage.in_path(&[&["mfa", "list"], args].concat());
    let ran = stage.ran(command.envs(env.iter().copied()));
    let mut stdout = String::new();
    for word in ran.stdout.split_inclusive([' ', '"', '\n']) {
        let is_day = word.starts_with("20") && !word.starts_with("2025-01-01");
        match (is_day, word.chars().last()) {
            (true, Some(end)) => stdout.extend(["DAY", &end.to_string()]),
            _ => stdout.push_str(word),
        }
    }
    Ran { stdout, ..ran }
}

#[test]
fn devices_of_iam_and_those_with_a_secret() {
    let stage = stage();
    let mut checks = Checks::default();
    checks.ran("none stored", &list(&stage, &[], &[]), ROW, "", 0);
    checks.same("asked", &stage.actions(), "ListMFADevices");
    let other = "arn:aws:iam::210987654321:mfa/other";
    for device in [DEVICE, other] {
        let ran = stage.mfa(&[&["add", device][..], &BY_COMMAND].concat(), MFA_SECRET);
        checks.number(device, ran.status as usize, 0);
    }
    let json = r#"[
  {
    "device": "arn:aws:iam::210987654321:mfa/jdoe",
    "user": "jdoe",
    "profile": "base",
    "enabled": "2025-01-01T00:00:00Z",
    "stored": "DAY"
  },
  {
    "device": "arn:aws:iam::210987654321:mfa/other",
    "user": null,
    "profile": null,
    "enabled": null,
    "stored": "DAY"
  }
]
"#;
    checks.ran("json", &list(&stage, &["--json"], &[]), json, "", 0);
    let of_base = |env: &[(&str, &str)]| list(&stage, &["base"], env);
    checks.ran("one user", &of_base(&[]), ROW_STORED, "", 0);
    // With the MFA session, if there is one.
    stage.warm("read");
    stage.sandbox.clear_journal();
    checks.ran("session", &of_base(&[]), ROW_STORED, "", 0);
    let asked = "GetCallerIdentity ListMFADevices";
    checks.same("asked", &stage.actions(), asked);
    checks.ran(
        "an agent",
        &of_base(&[("CLAUDECODE", "1")]),
        ROW_STORED,
        "",
        0,
    );
    let nobody = "error: there is no profile nobody\n  because: looked in ~/.aws/config and ~/.aws/credentials\n  hint: create it: aws configure --profile nobody\n";
    checks.ran("nobody", &list(&stage, &["nobody"], &[]), "", nobody, 4);
    // The access key is stored, too.
    stage.import_base();
    checks.ran("a stored key", &of_base(&[]), ROW_STORED, "", 0);
}

const REFUSED: &str = "error: An error occurred (AccessDenied) when calling the ListMFADevices operation: User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: iam:ListMFADevices on resource: user jdoe because no identity-based policy allows the iam:ListMFADevices action\n  hint: allow the user iam:ListMFADevices, or see the device in the AWS console under Security credentials\n";

/// A policy that wants MFA: the code is asked for where there is somebody.
#[test]
fn a_refusal_leads_to_a_code() {
    let stage = Stage::new();
    let ran = list(&stage, &[], &[]);
    check(
        &ran,
        "",
        &format!("{REFUSED}  hint: log in first: assumerole login base\n"),
        6,
    );
    let mut terminal = Terminal::new();
    terminal.start(&stage, "assumerole mfa list", &[]);
    terminal.sees("MFA code of");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
}

/// One user whose key does not work does not hide the others.
#[test]
fn each_user_is_asked_for() {
    let mut world = world();
    world.users[0].allow = vec!["iam:ListMFADevices".to_owned()];
    let world = world.user(User::new("other", BASE_ACCOUNT).key(
        "AKIAI44QH8DHBEXAMPLE",
        "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    ));
    let stage = Stage::with(world, Options::default());
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\n[profile other]\nendpoint_url = {endpoint}\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n"),
    );
    let other = REFUSED.replace("jdoe", "other");
    let told = format!(
        "{other}error: not every user's devices could be listed\n  hint: ask for one user: assumerole mfa list PROFILE\n"
    );
    check(&list(&stage, &[], &[]), ROW, &told, 6);
}

//! `login NAME` of a profile with `login_session`: the session of `aws login`.

use std::process::Command;

use aws_sandbox::{Login, Options, User};

use super::browser::BROWSER;
use crate::harness::{Ran, Stage};
use crate::sources::everything;
use crate::support::Checks;
use crate::terminal::Terminal;

pub(super) const CONFIG: &str =
    "[profile q]\nlogin_session = arn:aws:iam::222222222222:user/dev\nregion = eu-central-1\nSTS\n";
pub(super) const FILE: &str =
    ".aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json";
/// Prints `ASIA`, which temporary keys begin with.
const SHOW: &str = "echo $AWS_ACCESS_KEY_ID | cut -c1-4";

/// A stage with such a profile, and a browser in which `who` signs in.
pub(super) fn stage(who: &str) -> Stage {
    let eve = "arn:aws:iam::222222222222:user/eve";
    let world = everything()
        .user(User::new("eve", "222222222222"))
        .login(Login::new(eve, "eve-refresh"));
    let stage = Stage::with(world, Options::default());
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    stage.config(CONFIG);
    stage.script("browser", BROWSER);
    stage.write("decision", "allow");
    stage.write("who", who);
    stage
}

pub(super) fn logs_in(stage: &Stage) -> Ran {
    let browser = format!("'{}'", stage.path("browser").display());
    let mut command = stage.command(&["login", "q"]);
    stage.ran(command.env("BROWSER", browser))
}

#[test]
fn a_browser_signs_in_to_the_session_of_a_profile() {
    let stage = stage("dev");
    let mut checks = Checks::default();
    let ran = logs_in(&stage);
    checks.number(&format!("{ran:?}"), ran.status.unsigned_abs() as usize, 0);
    let last = ran.stderr.lines().last().unwrap_or_default();
    checks.same(
        "said",
        last,
        &format!("logged in as arn:aws:iam::222222222222:user/dev (~/{FILE}), for the AWS CLI too"),
    );
    let file = stage.json(FILE);
    let names: Vec<&String> = file.as_object().unwrap().keys().collect();
    checks.same(
        "members",
        &format!("{names:?}"),
        r#"["accessToken", "clientId", "dpopKey", "idToken", "refreshToken", "tokenType"]"#,
    );
    assert_eq!(file["accessToken"]["accountId"], "222222222222");
    let key = file["dpopKey"].as_str().unwrap();
    assert!(key.starts_with("-----BEGIN EC PRIVATE KEY-----\n"), "{key}");
    let before = stage.requests();
    let used = stage.run(&["exec", "q", "--", "sh", "-c", SHOW]);
    checks.ran("used", &used, "ASIA\n", "", 0);
    let account = stage.run(&["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"]);
    checks.ran("account", &account, "222222222222\n", "", 0);
    checks.number("requests", stage.requests() - before, 0);
    // Renewed with the key that was written.
    let mut file = file;
    file["accessToken"]["expiresAt"] = "2020-01-01T00:00:00Z".into();
    stage.write(FILE, &file.to_string());
    let fresh = stage.run(&["exec", "--fresh", "q", "--", "sh", "-c", SHOW]);
    checks.ran("renewed", &fresh, "ASIA\n", "", 0);
    checks.number("asked", stage.sandbox.count("CreateOAuth2Token"), 2);
}

#[test]
fn somebody_else_is_not_logged_in() {
    let stage = stage("eve");
    let ran = logs_in(&stage);
    let (_, said) = ran.stderr.split_once("(Ctrl-C to cancel)\n").unwrap();
    let mut checks = Checks::default();
    checks.same(
        "said",
        said,
        "\
error: you signed in as arn:aws:iam::222222222222:user/eve
  because: profile q has login_session = arn:aws:iam::222222222222:user/dev
  because: nothing was written
  hint: sign out of the console, and sign in as arn:aws:iam::222222222222:user/dev
",
    );
    checks.number("status", ran.status.unsigned_abs() as usize, 6);
    assert!(!stage.path(".aws/login").exists());
}

#[test]
fn another_device_shows_a_code() {
    let stage = stage("dev");
    let mut checks = Checks::default();
    let mut terminal = Terminal::of_size(800, 24);
    terminal.start(&stage, "assumerole login --remote q", &[]);
    terminal.sees("The code that the page shows at its end:");
    let screen = terminal.screen();
    let url = screen.lines().find(|line| line.contains("/v1/authorize?"));
    let mut browser = Command::new("python3");
    browser.arg(stage.path("browser")).arg(url.unwrap().trim());
    stage.clear(&mut browser);
    let came = stage.ran(&mut browser);
    checks.number(&format!("{came:?}"), came.status.unsigned_abs() as usize, 0);
    let code = std::fs::read_to_string(stage.path("code")).unwrap();
    terminal.types(&format!("{code}\r"));
    checks.number("status", terminal.ends() as usize, 0);
    checks.same(
        "client",
        stage.json(FILE)["clientId"].as_str().unwrap(),
        "arn:aws:signin:::devtools/cross-device",
    );
    // A code of another sign-in.
    let mut terminal = Terminal::of_size(800, 24);
    terminal.start(&stage, "assumerole login --remote q", &[]);
    terminal.sees("The code that the page shows at its end:");
    terminal.types(&format!("{code}\r"));
    checks.number("status of another", terminal.ends() as usize, 6);
    let without = stage.run(&["login", "--remote", "q"]);
    checks.number("no terminal", without.status.unsigned_abs() as usize, 5);
}

#[test]
fn it_is_offered_too() {
    let stage = stage("dev");
    let mut terminal = Terminal::of_size(200, 50);
    let browser = format!("'{}'", stage.path("browser").display());
    let script = &format!("assumerole exec q -- sh -c '{SHOW}'");
    terminal.start(&stage, script, &[("BROWSER", &browser)]);
    terminal.sees("Log in now, in the browser? [Y/n]");
    terminal.types("\r");
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(screen.contains("\nASIA"), "{screen}");
}

//! `login NAME --browser` of a profile with keys, which gets a `login_session`.

use aws_sandbox::Options;

use super::browser::BROWSER;
use crate::harness::Stage;
use crate::sources::everything;
use crate::support::Checks;
use crate::terminal::Terminal;

const CONFIG: &str = "# mine\n[profile q]\nregion = eu-central-1\nSTS\n[profile c]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\nregion = eu-central-1\nSTS\n[profile a]\nrole_arn = arn:aws:iam::222222222222:role/a\nsource_profile = q\nregion = eu-central-1\n";
const KEYS: &str = "[q]\n# of q\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n\n[other]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = other\n";
const LOGIN: &str = "login_session = arn:aws:iam::222222222222:user/dev\n";
const SHOW: &str = "echo $AWS_ACCESS_KEY_ID | cut -c1-4";

fn stage() -> Stage {
    let stage = Stage::with(everything(), Options::default());
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    stage.config(CONFIG);
    stage.write(".aws/credentials", KEYS);
    stage.script("browser", BROWSER);
    stage.write("decision", "allow");
    stage.write("who", "dev");
    stage
}

fn file(stage: &Stage, path: &str) -> String {
    std::fs::read_to_string(stage.path(path)).unwrap()
}

/// Runs `script` at a terminal and answers the question; the status and the screen.
fn answered(stage: &Stage, script: &str, answer: &str) -> (u32, String) {
    let mut terminal = asked(stage, script, answer);
    (terminal.ends(), terminal.screen())
}

fn asked(stage: &Stage, script: &str, answer: &str) -> Terminal {
    let mut terminal = Terminal::of_size(240, 40);
    let browser = format!("'{}'", stage.path("browser").display());
    terminal.start(stage, script, &[("BROWSER", &browser)]);
    terminal.sees("Sign in now, and change the profile? [y/N]");
    terminal.types(answer);
    terminal
}

#[test]
fn a_profile_with_keys_gets_a_login_after_a_question() {
    let stage = stage();
    let mut checks = Checks::default();
    let before = file(&stage, ".aws/config");
    let (status, screen) = answered(&stage, "assumerole login q --browser", "y\r");
    checks.number(&screen, status as usize, 0);
    let after = before.replace("[profile q]\n", &format!("[profile q]\n{LOGIN}"));
    checks.same("config", &file(&stage, ".aws/config"), &after);
    let kept = "[q]\n# of q\n\n[other]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = other\n";
    checks.same("credentials", &file(&stage, ".aws/credentials"), kept);
    for said in [
        "Profile q gets login_session in ~/.aws/config: from then on it is a login in the browser.",
        "Its key AKIAIOSFODNN7EXAMPLE is removed from ~/.aws/credentials, because it would be used instead.",
        "first run: assumerole keys import q",
        "logged in as arn:aws:iam::222222222222:user/dev (~/.aws/login/cache/",
        "profile q has login_session in ~/.aws/config; AKIAIOSFODNN7EXAMPLE is no longer in ~/.aws/credentials, and still works at AWS until it is deleted there",
    ] {
        assert!(screen.contains(said), "{said}: {screen}");
    }
    let used = stage.run(&["exec", "q", "--", "sh", "-c", SHOW]);
    checks.ran("used", &used, "ASIA\n", "", 0);
    checks.number("signed in", stage.sandbox.count("CreateOAuth2Token"), 1);
}

#[test]
fn keys_of_the_config_file_may_stay() {
    let stage = stage();
    let mut checks = Checks::default();
    let before = file(&stage, ".aws/config");
    let (status, screen) = answered(&stage, "assumerole login c --browser", "y\r");
    checks.number(&screen, status as usize, 0);
    let after = before.replace("[profile c]\n", &format!("[profile c]\n{LOGIN}"));
    checks.same("config", &file(&stage, ".aws/config"), &after);
    checks.same("credentials", &file(&stage, ".aws/credentials"), KEYS);
    let used = stage.run(&["exec", "c", "--", "sh", "-c", SHOW]);
    checks.ran("used", &used, "ASIA\n", "", 0);
}

#[test]
fn nothing_changes_without_a_yes() {
    let stage = stage();
    let mut checks = Checks::default();
    let before = file(&stage, ".aws/config");
    for answer in ["n\r", "\r"] {
        let (status, screen) = answered(&stage, "assumerole login q --browser", answer);
        checks.number(&screen, status as usize, 130);
    }
    let mut cancelled = asked(&stage, "assumerole login q --browser", "\u{3}");
    checks.same("Ctrl-C", &cancelled.ends_by_signal(), "Interrupt");
    let command = |args: &[&str]| {
        let browser = format!("'{}'", stage.path("browser").display());
        let mut command = stage.command(args);
        stage.ran(command.env("BROWSER", browser))
    };
    checks.ran(
        "no terminal",
        &command(&["login", "q", "--browser"]),
        "",
        "\
error: nothing was changed: there is no terminal to ask at
  hint: run it at a terminal: assumerole login q --browser
",
        5,
    );
    // Who refuses at AWS.
    stage.write("decision", "deny");
    let (status, screen) = answered(&stage, "assumerole login q --browser", "y\r");
    checks.number(&screen, status as usize, 6);
    assert!(screen.contains("nothing was written"), "{screen}");
    // Without the flag it is the session of the keys.
    let without = command(&["login", "q"]);
    checks.number(
        &format!("{without:?}"),
        without.status.unsigned_abs() as usize,
        0,
    );
    checks.number("sessions", stage.sandbox.count("GetSessionToken"), 1);
    checks.ran(
        "a role",
        &command(&["login", "a", "--browser"]),
        "",
        "\
error: a does not start at a login in the browser
  because: it starts at keys of profile q
  hint: make it one: assumerole login q --browser
",
        2,
    );
    checks.same("config", &file(&stage, ".aws/config"), &before);
    checks.same("credentials", &file(&stage, ".aws/credentials"), KEYS);
    assert!(!stage.path(".aws/login").exists());
}

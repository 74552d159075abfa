//! A role whose login has ended, at a terminal: the login is offered.

use rustix::process::Signal;

use super::CORP;
use crate::harness::Stage;
use crate::sources::sso_login;
use crate::support::Checks;
use crate::terminal::{CTRL_C, Terminal, kill};

const SHOW: &str = "assumerole exec q -- sh -c 'echo account $AWS_ACCOUNT_ID'";
const QUESTION: &str = "Log in now, in the browser? [Y/n]";

/// A login that has ended and cannot be renewed.
fn stage(auto: bool) -> Stage {
    let stage = Stage::with_browser("allow");
    stage.write(CORP, &sso_login("gone-token", "2020-01-01T00:00:00Z", ""));
    if auto {
        stage.write(".assumerole", "{\"sso_auto_login\": true}");
    }
    stage
}

fn at_terminal(stage: &Stage, script: &str) -> Terminal {
    let mut terminal = Terminal::of_size(200, 50);
    let browser = format!("'{}'", stage.path("browser").display());
    terminal.start(stage, script, &[("BROWSER", &browser)]);
    terminal
}

/// How often a browser was opened.
fn tabs(stage: &Stage) -> usize {
    let log = std::fs::read_to_string(stage.path("browser.log")).unwrap_or_default();
    log.matches("argument ").count()
}

#[test]
fn one_enter_logs_in_and_the_command_goes_on() {
    let stage = stage(false);
    let mut checks = Checks::default();
    let mut terminal = at_terminal(&stage, SHOW);
    terminal.sees(QUESTION);
    checks.number("before", tabs(&stage), 0);
    terminal.types("\r");
    checks.number("status", terminal.ends() as usize, 0);
    let screen = terminal.screen();
    assert!(
        screen.starts_with("The login of sso-session corp has expired.\n"),
        "{screen}"
    );
    assert!(screen.contains("\naccount 222222222222"), "{screen}");
    checks.number("tabs", tabs(&stage), 1);
}

#[test]
fn a_declined_login_fails_as_before() {
    let stage = stage(false);
    let mut checks = Checks::default();
    let mut terminal = at_terminal(&stage, SHOW);
    terminal.sees(QUESTION);
    terminal.types("n\r");
    checks.number("status", terminal.ends() as usize, 125);
    let screen = terminal.screen();
    let (_, said) = screen.split_once("error: ").unwrap();
    checks.same(
        "said",
        said.trim_end(),
        "\
the login of sso-session corp has expired
  because: it was valid until 2020-01-01T00:00:00Z
  because: you chose not to log in now
  hint: log in: assumerole sso login corp",
    );
    let mut terminal = at_terminal(&stage, SHOW);
    terminal.sees(QUESTION);
    terminal.types(CTRL_C);
    terminal.is_ended_by(Signal::INT);
    terminal.is_as_before();
    checks.number("tabs", tabs(&stage), 0);
}

#[test]
fn many_processes_log_in_once() {
    let stage = stage(true);
    let mut checks = Checks::default();
    let script = format!("for i in $(seq 40); do {SHOW} 2>/dev/null & done; wait");
    let mut terminal = at_terminal(&stage, &script);
    terminal.ends();
    let done = terminal.all().matches("account 222222222222").count();
    checks.number("done", done, 40);
    checks.number("tabs", tabs(&stage), 1);
    checks.number("tokens", stage.sandbox.count("CreateToken"), 1);
    checks.number("roles", stage.sandbox.count("GetRoleCredentials"), 1);
}

#[test]
fn many_processes_ask_once_and_share_a_refusal() {
    let stage = stage(false);
    let mut checks = Checks::default();
    let script = format!("for i in 1 2 3 4 5 6; do {SHOW} & done; wait");
    let mut terminal = at_terminal(&stage, &script);
    terminal.sees(QUESTION);
    terminal.sees_times("which logs in to IAM Identity Center", 5);
    terminal.types("n\r");
    terminal.ends();
    let all = terminal.all();
    checks.number("questions", all.matches(QUESTION).count(), 1);
    checks.number("refused", all.matches("you chose not to").count(), 6);
    checks.number("tabs", tabs(&stage), 0);
}

#[test]
fn an_asker_that_dies_lets_the_next_one_ask() {
    let stage = stage(false);
    let mut checks = Checks::default();
    let script = "sh -c 'echo $$ > first; exec assumerole exec q -- true' & wait";
    let mut first = at_terminal(&stage, script);
    first.sees(QUESTION);
    let mut second = at_terminal(&stage, SHOW);
    second.sees("waiting for process");
    let pid = std::fs::read_to_string(stage.path("first")).unwrap();
    kill(pid.trim().parse().unwrap(), Signal::KILL);
    second.sees(QUESTION);
    second.types("\r");
    checks.number("status", second.ends() as usize, 0);
    first.end_of_shell();
}

/// Whoever typed none of these gets no question and no browser.
#[test]
fn programs_are_told_at_once() {
    let stage = stage(true);
    let mut checks = Checks::default();
    for (command, status) in [
        ("credential-process q", 8),
        ("export q --format credential-process", 8),
        ("serve q", 8),
        ("list", 0),
        ("status", 0),
        ("prompt", 0),
        ("plan q", 0),
        ("accountlist", 0),
        ("sso list", 8),
    ] {
        let mut terminal = at_terminal(&stage, &format!("assumerole {command}"));
        checks.number(command, terminal.ends() as usize, status);
    }
    // Without a terminal, nobody is there.
    let ran = stage.run(&["exec", "q", "true"]);
    checks.number("no terminal", ran.status.unsigned_abs() as usize, 125);
    checks.number("tabs", tabs(&stage), 0);
}

#[test]
fn each_asks_before_its_first_role() {
    let stage = stage(false);
    stage.config(&format!(
        "{}[profile r]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Read\nSTS\n",
        super::SSO_CONFIG
    ));
    let mut checks = Checks::default();
    let script = "assumerole each q r -- sh -c 'echo account $AWS_ACCOUNT_ID'";
    let mut terminal = at_terminal(&stage, script);
    terminal.sees(QUESTION);
    terminal.types("\r");
    checks.number("status", terminal.ends() as usize, 0);
    let all = terminal.all();
    checks.number("done", all.matches("account 222222222222").count(), 2);
    checks.number("questions", all.matches(QUESTION).count(), 1);
}

//! The question for the MFA code, with a person at a terminal.

use rustix::process::Signal;

use super::harness::Stage;
use super::terminal::{CTRL_C, CTRL_D, QUESTION, Terminal};

/// Runs a command in a role that wants a code.
const EXEC: &str = "exec assumerole exec read -- sh -c 'echo in $AWS_ACCOUNT'";

/// What AWS says to a wrong code.
const REFUSAL: &str = "An error occurred (AccessDenied) when calling the AssumeRole operation: \
                       MultiFactorAuthentication failed with invalid MFA one time pass code.";

/// Somebody who is asked for a code by `script`.
fn asked(stage: &Stage, script: &str) -> Terminal {
    let mut terminal = Terminal::new();
    terminal.has_own_keys();
    terminal.start(stage, script, &[]);
    terminal.is_asked(1);
    terminal
}

/// A code that is not `code`, nor the one before or after it.
fn wrong(code: &str) -> String {
    code.bytes()
        .map(|digit| char::from(b'0' + (digit - b'0' + 5) % 10))
        .collect()
}

#[test]
fn a_right_code_is_typed_and_not_shown() {
    let stage = Stage::direct();
    let mut terminal = asked(&stage, EXEC);
    assert_eq!(stage.sandbox.journal().len(), 0);
    let code = stage.code();
    terminal.types(&format!("{code}\r"));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), format!("{QUESTION} ••••••\nin read"));
    assert!(!terminal.all().contains(&code));
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 1);
}

#[test]
fn what_is_no_code_costs_no_request() {
    let stage = Stage::direct();
    let mut terminal = asked(&stage, EXEC);
    terminal.types("12ab3\r");
    terminal.is_asked(2);
    terminal.types("\r");
    terminal.is_asked(3);
    assert_eq!(stage.sandbox.journal().len(), 0);
    // As an app shows it, and with a slip of the finger.
    let code = stage.code();
    let (front, back) = code.split_at(3);
    terminal.types(&format!("{front} x{back}\r"));
    assert_eq!(terminal.ends(), 0);
    let again = "An MFA code has six digits (Ctrl-C to cancel).";
    assert_eq!(
        terminal.screen(),
        format!("{QUESTION} •••\n{again}\n{QUESTION}\n{again}\n{QUESTION} ••••••\nin read")
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 1);
}

#[test]
fn a_wrong_code_is_asked_for_three_times_in_all() {
    let stage = Stage::direct();
    let mut terminal = asked(&stage, EXEC);
    let wrong = wrong(&stage.code());
    for time in 1..=3 {
        terminal.is_asked(time);
        terminal.types(&format!("{wrong}\r"));
    }
    assert_eq!(terminal.ends(), 125);
    let again = format!("{REFUSAL}\nEach code works once; wait for the next one (at most 30 s).");
    assert_eq!(
        terminal.screen(),
        format!(
            "{QUESTION} ••••••\n{again}\n{QUESTION} ••••••\n{again}\n{QUESTION} ••••••\n\
             error: {REFUSAL}\n  hint: wait for the next code (at most 30 s): this one is wrong or was \
             used before, and each works once"
        )
    );
    assert!(!terminal.all().contains(&wrong));
    terminal.is_as_before();
    assert_eq!(stage.sandbox.count("AssumeRole"), 3);
}

#[test]
fn a_code_that_was_spent_is_told_and_not_sent_again() {
    let stage = Stage::direct();
    let code = stage.code();
    let ran = stage.run(&["exec", "deploy", "--mfa-code", &code, "--", "true"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let mut terminal = asked(&stage, EXEC);
    terminal.types(&format!("{code}\r"));
    terminal.is_asked(2);
    assert_eq!(stage.sandbox.journal().len(), 1);
    terminal.types(&format!("{}\r", stage.code()));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        format!(
            "{QUESTION} ••••••\nThis code has already been used.\n\
             Each code works once; wait for the next one (at most 30 s).\n\
             {QUESTION} ••••••\nin read"
        )
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 2);
}

#[test]
fn after_a_wrong_argument_there_is_a_question() {
    let stage = Stage::direct();
    let code = stage.code();
    let script = format!(
        "exec assumerole exec read --mfa-code {} -- echo in",
        wrong(&code)
    );
    let mut terminal = asked(&stage, &script);
    terminal.sees(REFUSAL);
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
    terminal.types(&format!("{code}\r"));
    assert_eq!(terminal.ends(), 0);
    terminal.is_as_before();
    assert_eq!(stage.sandbox.count("AssumeRole"), 2);
}

#[test]
fn ctrl_c_gives_up() {
    let stage = Stage::new();
    let mut terminal = asked(&stage, EXEC);
    terminal.types("12");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    assert_eq!(
        terminal.screen(),
        format!("{QUESTION} ••\nerror: cancelled")
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 0);
}

#[test]
fn ctrl_d_is_no_answer() {
    let stage = Stage::new();
    let mut terminal = asked(&stage, EXEC);
    terminal.types(CTRL_D);
    assert_eq!(terminal.ends(), 125);
    assert_eq!(
        terminal.screen(),
        format!(
            "{QUESTION}\nerror: role read needs an MFA code, and none was given\n  \
             hint: give it: assumerole read CODE"
        )
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 0);
}

#[test]
fn a_signal_from_outside_ends_it_in_good_order() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let stage = Stage::new();
        let mut terminal = asked(&stage, EXEC);
        terminal.types("12");
        terminal.sees("••");
        terminal.kills(signal);
        terminal.is_ended_by(signal);
        terminal.is_as_before();
        assert_eq!(stage.sandbox.journal().len(), 0);
    }
}

#[test]
fn all_three_streams_may_be_captured() {
    let stage = Stage::new();
    let script = r#"
        eval "$(assumerole exec read -- sh -c 'echo "got=$AWS_ACCOUNT:$MYVAR1"' 2>err </dev/null)"
        echo "status $?, got $got, said $(wc -c <err)""#;
    let mut terminal = asked(&stage, &script.replace("MYVAR1", "AWS_REGION"));
    terminal.types(&format!("{}\r", stage.code()));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        format!("{QUESTION} ••••••\nstatus 0, got read:eu-central-1, said 0")
    );
    terminal.is_as_before();
}

#[test]
fn ctrl_c_is_heard_though_all_three_streams_are_captured() {
    let stage = Stage::new();
    let script = r#"
        out=$(assumerole read 2>err </dev/null)
        echo "status $?, got <$out>, said $(cat err)""#;
    let mut terminal = asked(&stage, script);
    terminal.types(CTRL_C);
    // The script that runs it ends, too.
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
    assert_eq!(terminal.screen(), QUESTION);
    let said = std::fs::read_to_string(stage.path("err")).unwrap();
    assert_eq!(said, "error: cancelled\n");
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 0);
}

/// Commands that need a code, and what they end with where nobody can be asked.
#[test]
fn without_a_terminal_it_fails_at_once_and_says_what_to_do() {
    let stage = Stage::new();
    for args in [&["exec", "read", "--", "true"][..], &["read"]] {
        let ran = stage.run(args);
        let talk = "\
error: role read needs an MFA code of arn:aws:iam::210987654321:mfa/jdoe
  because: there is no terminal to ask at
  hint: give the code: assumerole read CODE
  hint: give it to other commands so: assumerole exec --mfa-code CODE read COMMAND
";
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str(), ran.status),
            ("", talk, 125)
        );
    }
    let mut scripted = stage.command(&["read"]);
    scripted.env("ASSUMEROLE_COMMAND", "true");
    assert_eq!(stage.ran(&mut scripted).status, 125);
    assert_eq!(stage.sandbox.journal().len(), 0);
}

/// To read would stop it, and nobody would know why.
#[test]
fn a_background_job_fails_at_once_and_says_what_to_do() {
    let stage = Stage::new();
    // With job control, a job in the background is a process group of its
    // own, which does not have the terminal.
    let script = "set -m; assumerole exec read -- true & wait $!; echo status $?";
    let mut terminal = Terminal::running(&stage, script);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        "\
error: role read needs an MFA code, and this runs in the background
  hint: bring it to the foreground: fg
  hint: give the code: assumerole read CODE
status 125"
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.journal().len(), 0);
}

/// A wrong code is told in AWS's words also where nobody can be asked again.
#[test]
fn a_background_job_with_a_wrong_code_hears_what_aws_said() {
    let stage = Stage::direct();
    let wrong = wrong(&stage.code());
    let script = format!(
        "set -m; assumerole exec read --mfa-code {wrong} -- true & wait $!; echo status $?"
    );
    let mut terminal = Terminal::running(&stage, &script);
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(
        screen.starts_with(&format!("error: {REFUSAL}\n  hint: ")),
        "{screen}"
    );
    assert!(screen.ends_with("\nstatus 125"), "{screen}");
    assert_eq!(stage.sandbox.journal().len(), 1);
}

//! 1Password has the code.

use std::fs;

use super::mfa_stage::{ONEPASS, OP, at_terminal, calls, run, stage, then_nobody};
use super::support::{Checks, check};
use super::terminal::QUESTION;

#[test]
fn onepassword_by_its_variables() {
    let stage = stage(&[("op", OP)]);
    check(&run(&stage, &[], &ONEPASS), "in\n", "", 0);
    assert_eq!(calls(&stage), "op item get AWS --otp --account work\n");
    // From the cache: nobody is asked.
    check(&run(&stage, &[], &ONEPASS), "in\n", "", 0);
    assert_eq!(calls(&stage), "");
}

#[test]
fn a_code_that_is_given_comes_before_every_program() {
    let stage = stage(&[("op", OP)]);
    let code = stage.code();
    let ran = run(&stage, &["--mfa-code", &code], &ONEPASS);
    check(&ran, "in\n", "", 0);
    assert_eq!(calls(&stage), "");
}

#[test]
fn onepassword_that_is_not_set_up_is_not_missed() {
    let with_op = stage(&[("op", OP)]);
    let without = stage(&[]);
    let mut checks = Checks::default();
    for (case, stage, env) in [
        ("no variable", &with_op, &[][..]),
        ("no entry", &with_op, &ONEPASS[..1]),
        ("no account", &with_op, &ONEPASS[1..]),
        ("no op", &without, &ONEPASS[..]),
    ] {
        let ran = run(stage, &[], env);
        checks.ran(case, &ran, "", &then_nobody(""), 125);
        checks.same(case, &calls(stage), "");
    }
}

#[test]
fn onepassword_says_why_there_is_no_code() {
    let stage = stage(&[("op", OP)]);
    let mut checks = Checks::default();
    for (case, item, mode, warning) in [
        (
            "cancelled",
            "AWS",
            "dismissed",
            "warning: no MFA code from 1Password: authorization prompt dismissed, please try again\n",
        ),
        (
            "no account",
            "AWS",
            "none",
            "warning: no MFA code from 1Password: No accounts configured for use with 1Password CLI\n  \
             hint: switch on the app's integration (Settings, Developer), or: op account add\n",
        ),
        (
            "no OTP",
            "Plain",
            "app",
            "warning: no MFA code from 1Password: the item \"Plain\" has no one-time password\n",
        ),
        (
            "no item",
            "AWZ",
            "app",
            "warning: no MFA code from 1Password: \"AWZ\" isn't an item. Specify the item with its UUID, name, or domain\n  \
             hint: see the items: op item list\n",
        ),
        (
            "an option",
            "--reveal",
            "app",
            "warning: no MFA code from 1Password: the item begins with a hyphen: op would read it as an option\n",
        ),
    ] {
        let env = [
            ("ONEPASS_ACCOUNT", "work"),
            ("ONEPASS_ENTRY", item),
            ("OP_MODE", mode),
        ];
        checks.ran(
            case,
            &run(&stage, &[], &env),
            "",
            &then_nobody(warning),
            125,
        );
    }
    let env = [("ONEPASS_ACCOUNT", "nobody"), ("ONEPASS_ENTRY", "AWS")];
    checks.ran(
        "unknown account",
        &run(&stage, &[], &env),
        "",
        &then_nobody(
            "warning: no MFA code from 1Password: found no accounts for filter \"nobody\"\n",
        ),
        125,
    );
    // Nobody can type the password.
    let env = [ONEPASS[0], ONEPASS[1], ("OP_MODE", "manual")];
    let warning = "warning: no MFA code from 1Password: Enter the password for jdoe@acme.example at work.1password.com: [ERROR] 2026/11/23 10:00:00 cannot read the password\n";
    checks.ran(
        "signed out",
        &run(&stage, &[], &env),
        "",
        &then_nobody(warning),
        125,
    );
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn who_is_signed_in_to_onepassword_stays_so() {
    let stage = stage(&[("op", OP)]);
    let session = ("OP_SESSION_work", "to-k_En");
    let env = [ONEPASS[0], ONEPASS[1], ("OP_MODE", "manual"), session];
    check(&run(&stage, &[], &env), "in\n", "", 0);
    assert_eq!(calls(&stage), "op item get AWS --otp --account work\n");
}

#[test]
fn onepassword_is_signed_in_to_and_out_of_for_the_code_alone() {
    let stage = stage(&[("op", OP)]);
    let env = [ONEPASS[0], ONEPASS[1], ("OP_MODE", "manual")];
    let mut terminal = at_terminal(&stage, "-vv", &env);
    let asked = "Enter the password for jdoe@acme.example at work.1password.com:";
    terminal.sees(asked);
    terminal.types("open\r");
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    assert!(
        screen.starts_with(&format!("{asked} open\nstatus 0, got <in>")),
        "{screen}"
    );
    assert_eq!(
        calls(&stage),
        "op item get AWS --otp --account work\nop signin --account work\n\
         op item get AWS --otp --account work\nop signout --account work\n"
    );
    let code = fs::read_to_string(stage.path("code")).unwrap();
    assert!(!terminal.all().contains(code.trim()));
    assert!(!terminal.all().contains("to-k_En"));
}

#[test]
fn a_wrong_password_of_onepassword_ends_in_the_question() {
    let stage = stage(&[("op", OP)]);
    let env = [ONEPASS[0], ONEPASS[1], ("OP_MODE", "manual")];
    let mut terminal = at_terminal(&stage, "", &env);
    terminal.sees("1password.com:");
    terminal.types("wrong\r");
    terminal.is_asked(1);
    terminal.types(&format!("{}\r", stage.code()));
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        format!(
            "Enter the password for jdoe@acme.example at work.1password.com: wrong\n\
             [ERROR] 2026/11/23 10:00:00 (401) Unauthorized\n{QUESTION} ••••••\n\
             status 0, got <in>, said <warning: no MFA code from 1Password: op ended with status 1>"
        )
    );
    assert_eq!(
        calls(&stage),
        "op item get AWS --otp --account work\nop signin --account work\n"
    );
}

//! Who has the MFA code, and what happens where nobody has it.

use super::harness::CONFIG;
use super::mfa_stage::{BW, OP, PASS, YKMAN, calls, path, run, stage, then_nobody, with};
use super::support::{Checks, check};

/// The file, the flag and the place of each, by what was called.
#[test]
fn the_flag_wins_over_the_role_that_over_the_device_that_over_all() {
    let programs = [("op", OP), ("ykman", YKMAN), ("pass", PASS), ("bw", BW)];
    let role = r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "read", "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe""#;
    let all = r#""mfa": {"provider": "1password", "item": "AWS"}"#;
    let device = r#""mfa_devices": {"arn:aws:iam::210987654321:mfa/jdoe": {"provider": "pass", "name": "aws/jdoe"}}"#;
    let own = r#", "mfa": {"provider": "yubikey", "name": "AWS:jdoe", "serial": 123}"#;
    let mut checks = Checks::default();
    for (case, top, own, args, called) in [
        (
            "all",
            format!("{all},"),
            "",
            &[][..],
            "op item get AWS --otp\n",
        ),
        (
            "device",
            format!("{all}, {device},"),
            "",
            &[],
            "pass otp code aws/jdoe\n",
        ),
        (
            "role",
            format!("{all}, {device},"),
            own,
            &[],
            "ykman --device 123 oath accounts code -s AWS:jdoe\n",
        ),
        (
            "flag",
            format!("{all}, {device},"),
            own,
            &["--mfa", "pass"],
            "pass otp code aws/jdoe\n",
        ),
        (
            "flag, =",
            format!("{all}, {device},"),
            own,
            &["--mfa=1password"],
            "op item get AWS --otp\n",
        ),
        (
            "flag, bare",
            String::new(),
            "",
            &["--mfa", "yubikey"],
            "ykman oath accounts code -s arn:aws:iam::210987654321:mfa/jdoe\n",
        ),
    ] {
        let stage = stage(&programs);
        stage.write(
            ".assumerole",
            &format!(r#"{{{top} "assume_roles": {{"read": {{{role}{own}}}}}}}"#),
        );
        let ran = run(&stage, args, &[]);
        checks.ran(case, &ran, "in\n", "", 0);
        checks.same(case, &calls(&stage), called);
    }
}

#[test]
fn the_person_can_be_named_too() {
    let stage = stage(&[("pass", PASS)]);
    with(&stage, r#""mfa": "prompt""#);
    let env = [("ONEPASS_ACCOUNT", "work"), ("ONEPASS_ENTRY", "AWS")];
    check(&run(&stage, &[], &env), "", &then_nobody(""), 125);
    with(&stage, r#""mfa": {"provider": "pass", "name": "aws/jdoe"}"#);
    check(
        &run(&stage, &["--mfa", "prompt"], &[]),
        "",
        &then_nobody(""),
        125,
    );
    assert_eq!(calls(&stage), "");
}

#[test]
fn a_provider_that_there_is_not() {
    let stage = stage(&[]);
    let ran = run(&stage, &["--mfa", "authy"], &[]);
    check(
        &ran,
        "",
        "\
error: --mfa <PROVIDER> cannot be \"authy\"
  because: a provider is one of 1password, yubikey, pass, bitwarden, process, prompt
  hint: see: assumerole exec --help
",
        125,
    );
    let ran = run(&stage, &["--mfa", "process"], &[]);
    let warning = "\
warning: no program is named for the MFA code
  hint: name it in ~/.assumerole: \"mfa_process\": \"PROGRAM ARGUMENTS\"
";
    check(&ran, "", &then_nobody(warning), 125);
    // A fault at the top of the file costs the program, not the role.
    stage.write(
        ".assumerole",
        &CONFIG.replacen('{', "{\n  \"mfa\": \"authy\",", 1),
    );
    let warning = "\
warning: mfa is not valid: a provider is one of 1password, yubikey, pass, bitwarden, process, prompt
 --> ~/.assumerole:2:10
  |
2 |   \"mfa\": \"authy\",
  |          ^^^^^^^
  hint: for any other program: \"provider\": \"process\"
";
    check(&run(&stage, &[], &[]), "", &then_nobody(warning), 125);
}

#[test]
fn programs_that_are_not_there() {
    let stage = stage(&[]);
    let mut checks = Checks::default();
    for (provider, warning) in [
        (
            "1password",
            "\
warning: no MFA code from 1Password: no item is named
  hint: name it: \"mfa\": {\"provider\": \"1password\", \"item\": \"ITEM\"}, or ONEPASS_ENTRY
",
        ),
        (
            "yubikey",
            "\
warning: no MFA code from the YubiKey: ykman is not installed, or not in PATH
  hint: see its accounts: ykman oath accounts list
",
        ),
        (
            "pass",
            "\
warning: no MFA code from pass: pass is not installed, or not in PATH
  hint: try it: pass otp code arn:aws:iam::210987654321:mfa/jdoe
",
        ),
        (
            "bitwarden",
            "\
warning: no MFA code from Bitwarden: bw is not installed, or not in PATH
  hint: unlock it for this shell: export BW_SESSION=\"$(bw unlock --raw)\"
",
        ),
    ] {
        let ran = run(&stage, &["--mfa", provider], &[]);
        checks.ran(provider, &ran, "", &then_nobody(warning), 125);
    }
    let env = [("ONEPASS_ENTRY", "AWS")];
    let ran = run(&stage, &["--mfa", "1password"], &env);
    let warning = "\
warning: no MFA code from 1Password: op is not installed, or not in PATH
  hint: get it: https://developer.1password.com/docs/cli/get-started
";
    checks.ran("op", &ran, "", &then_nobody(warning), 125);
}

/// Spent by another role: the next one is waited for. Rejected by AWS: the next
/// one, and then the person.
#[test]
fn a_program_is_waited_for_when_its_code_is_spent() {
    let stage = stage(&[("pass", PASS)]);
    stage.write(
        ".assumerole",
        &CONFIG.replacen(
            '{',
            "{\n  \"mfa\": {\"provider\": \"pass\", \"name\": \"aws/jdoe\"},",
            1,
        ),
    );
    let path = path(&stage);
    let env = [("PATH", path.as_str())];
    check(
        &stage.run_in(&["exec", "read", "--", "echo", "in"], &env),
        "in\n",
        "",
        0,
    );
    let before = stage.requests();
    // What the device shows when it is due.
    stage.write("code", &stage.code());
    let ran = stage.run_in(&["exec", "deploy", "--", "echo", "in"], &env);
    assert_eq!((ran.stdout.as_str(), ran.status), ("in\n", 0));
    let waited =
        "the present MFA code of arn:aws:iam::210987654321:mfa/jdoe was used already; waiting ";
    let rest = ran
        .stderr
        .strip_prefix(waited)
        .unwrap_or_else(|| panic!("{ran:?}"));
    let seconds = rest.strip_suffix(" s for the next one\n").unwrap();
    assert!((1..=30).contains(&seconds.parse::<u32>().unwrap()));
    assert_eq!(stage.requests(), before + 1);
}

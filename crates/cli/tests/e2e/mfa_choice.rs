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
  because: a provider is one of 1password, yubikey, pass, bitwarden, totp, process, prompt
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
    // A fault at the top of the file comes before the question.
    stage.write(
        ".assumerole",
        &CONFIG.replacen('{', "{\n  \"mfa\": \"authy\",", 1),
    );
    let error = "\
error: mfa is not valid
 --> ~/.assumerole:2:10
  |
2 |   \"mfa\": \"authy\",
  |          ^^^^^^^
  = because: a provider is one of 1password, yubikey, pass, bitwarden, totp, process, prompt
  hint: write \"provider\": \"process\" for any other program
";
    check(&run(&stage, &[], &[]), "", error, 125);
    let odd = "{\n  \"mfa\": {\"provider\": \"prompt\", \"itme\": \"x\"},";
    stage.write(".assumerole", &CONFIG.replacen('{', odd, 1));
    let warning = "\
warning: mfa object has an unknown key \"itme\"
 --> ~/.assumerole:2:33
  |
2 |   \"mfa\": {\"provider\": \"prompt\", \"itme\": \"x\"},
  |                                 ^^^^^^
  hint: did you mean item?
";
    check(&run(&stage, &[], &[]), "", &then_nobody(warning), 125);
}

#[test]
fn programs_that_are_not_there() {
    let stage = stage(&[]);
    // The machine may have them.
    let few = stage.path_of(&["setsid"]);
    let nothing = [("PATH", few.as_str())];
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
  hint: install it: https://www.yubico.com/support/download/yubikey-manager
",
        ),
        (
            "pass",
            "\
warning: no MFA code from pass: pass is not installed, or not in PATH
  hint: install it: https://www.passwordstore.org
",
        ),
        (
            "bitwarden",
            "\
warning: no MFA code from Bitwarden: bw is not installed, or not in PATH
  hint: install it: https://bitwarden.com/help/cli
",
        ),
    ] {
        let ran = run(&stage, &["--mfa", provider], &nothing);
        checks.ran(provider, &ran, "", &then_nobody(warning), 125);
    }
    let env = [nothing[0], ("ONEPASS_ENTRY", "AWS")];
    let ran = run(&stage, &["--mfa", "1password"], &env);
    let warning = "\
warning: no MFA code from 1Password: op is not installed, or not in PATH
  hint: install it: https://developer.1password.com/docs/cli/get-started
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
    let waited = "the current MFA code for arn:aws:iam::210987654321:mfa/jdoe has already been used; waiting ";
    let rest = ran
        .stderr
        .strip_prefix(waited)
        .unwrap_or_else(|| panic!("{ran:?}"));
    let seconds = rest.strip_suffix(" s for the next one\n").unwrap();
    assert!((1..=30).contains(&seconds.parse::<u32>().unwrap()));
    assert_eq!(stage.requests(), before + 1);
}

/// aws-vault's key, in a profile of `~/.aws/config`.
#[test]
fn a_profile_can_name_the_program() {
    let stage = stage(&[("pass", PASS)]);
    let base = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
    let role = "[profile there]\nrole_arn = arn:aws:iam::123456789012:role/read\nsource_profile = base\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n";
    let mut checks = Checks::default();
    for (case, config, name) in [
        (
            "the base profile of a role",
            format!("{base}mfa_process = pass otp code 'aws/jdoe'\n{role}"),
            "read",
        ),
        (
            "the source of a profile",
            format!("{base}mfa_process = pass otp code aws/jdoe\n{role}"),
            "there",
        ),
        (
            "the profile itself",
            format!("{base}mfa_process = false\n{role}mfa_process = pass otp code aws/jdoe\n"),
            "there",
        ),
    ] {
        stage.write(".aws/config", &config);
        stage.write("code", &format!("{}\n", stage.code()));
        let path = path(&stage);
        let args = ["exec", "--fresh-mfa", name, "--", "echo", "in"];
        // Codes of one window, each spent once: no wait.
        let _ = std::fs::remove_dir_all(stage.path(".assumerole.d"));
        let endpoint = stage.sandbox.endpoint();
        let env = [("PATH", path.as_str()), ("AWS_ENDPOINT_URL_STS", &endpoint)];
        let ran = stage.run_in(&args, &env);
        checks.ran(case, &ran, "in\n", "", 0);
        checks.same(case, &calls(&stage), "pass otp code aws/jdoe\n");
    }
    let _ = std::fs::remove_dir_all(stage.path(".assumerole.d"));
    stage.write(".aws/config", &format!("{base}mfa_process = pass 'otp\n"));
    let ran = run(&stage, &[], &[]);
    let line = base.lines().count() + 1;
    let warning = format!(
        "warning: mfa_process at ~/.aws/config:{line}:15 cannot be run: it cannot be split into words: missing closing quote\n"
    );
    checks.ran("no command line", &ran, "", &then_nobody(&warning), 125);
}

/// What a device shows at this moment, by RFC 6238.
const TOTP: &str = r#"#!/usr/bin/env python3
import base64, hashlib, hmac, struct, time
key = base64.b32decode("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
at = mac[-1] & 15
print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000))
"#;

/// Two roles at once that take a code each: one waits for the next code, and
/// AWS refuses none.
#[test]
fn two_processes_do_not_send_the_same_code() {
    let stage = stage(&[("otp", TOTP)]);
    stage.write(
        ".assumerole",
        &CONFIG.replacen(
            '{',
            "{\n  \"mfa_session\": false, \"mfa\": {\"provider\": \"process\", \"command\": \"otp\"},",
            1,
        ),
    );
    let path = path(&stage);
    let start = |role: &str| {
        let mut command = stage.command(&["exec", role, "--", "echo", "in"]);
        command
            .env("PATH", &path)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let both = [start("read"), start("deploy")].map(|child| child.wait_with_output().unwrap());
    let mut talk = String::new();
    for output in both {
        talk.push_str(&String::from_utf8(output.stderr).unwrap());
        assert_eq!(
            (output.stdout.as_slice(), output.status.code()),
            (&b"in\n"[..], Some(0)),
            "{talk}"
        );
    }
    let waited = "the current MFA code for arn:aws:iam::210987654321:mfa/jdoe has already been used; waiting ";
    // None if a new window began between the two.
    let waits = talk.matches(waited).count();
    assert!(waits <= 1 && talk.lines().count() == waits, "{talk}");
    assert_eq!(stage.sandbox.count("AssumeRole"), 2);
}

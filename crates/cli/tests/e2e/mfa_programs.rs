//! YubiKey, pass, Bitwarden and any other program have the code.

use std::fs;

use super::mfa_stage::{BW, DONE, PASS, YKMAN, at_terminal, calls, run, stage, then_nobody, with};
use super::support::{Checks, check};

#[test]
fn programs_that_have_no_code_say_why() {
    let stage = stage(&[("ykman", YKMAN), ("pass", PASS), ("bw", BW)]);
    let mut checks = Checks::default();
    for (mfa, env, warning) in [
        (
            r#"{"provider": "yubikey", "name": "GitHub"}"#,
            ("", ""),
            "\
warning: no MFA code from the YubiKey: No matching account found
  hint: see its accounts: ykman oath accounts list
",
        ),
        (
            r#"{"provider": "yubikey", "serial": "9"}"#,
            ("", ""),
            "\
warning: no MFA code from the YubiKey: Failed connecting to a YubiKey with serial: 9
  hint: see its accounts: ykman oath accounts list
",
        ),
        (
            r#"{"provider": "pass", "name": "aws"}"#,
            ("", ""),
            "\
warning: no MFA code from pass: Error: aws is not in the password store
  hint: try it: pass otp code aws
",
        ),
        (
            r#"{"provider": "bitwarden", "item": "AWS"}"#,
            ("BW_SESSION", "old"),
            "\
warning: no MFA code from Bitwarden: Vault is locked
  hint: unlock it for this shell: export BW_SESSION=\"$(bw unlock --raw)\"
",
        ),
        (
            r#"{"provider": "bitwarden", "item": "Bank"}"#,
            ("BW_SESSION", "key"),
            "\
warning: no MFA code from Bitwarden: Not found
  hint: see the items: bw list items --search TEXT
",
        ),
    ] {
        with(&stage, &format!(r#""mfa": {mfa}"#));
        let env = Some(env).filter(|(name, _)| !name.is_empty());
        let ran = run(&stage, &[], env.as_slice());
        checks.ran(mfa, &ran, "", &then_nobody(warning), 125);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn the_touch_that_a_yubikey_wants_is_seen() {
    let stage = stage(&[("ykman", YKMAN)]);
    with(
        &stage,
        r#""mfa": {"provider": "yubikey", "name": "AWS:jdoe"}"#,
    );
    let mut terminal = at_terminal(&stage, "", &[]);
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), format!("Touch your YubiKey...\n{DONE}"));
}

#[test]
fn bitwarden_is_open_or_asks_for_its_password() {
    let stage = stage(&[("bw", BW)]);
    with(&stage, r#""mfa": {"provider": "bitwarden", "item": "AWS"}"#);
    let mut terminal = at_terminal(&stage, "", &[]);
    terminal.sees("Master password");
    terminal.types("open\r");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(
        terminal.screen(),
        format!("? Master password: [input is hidden] open\n{DONE}")
    );
    assert_eq!(calls(&stage), "bw get totp AWS\n");

    let stage = self::stage(&[("bw", BW)]);
    with(&stage, r#""mfa": {"provider": "bitwarden", "item": "AWS"}"#);
    check(&run(&stage, &[], &[("BW_SESSION", "key")]), "in\n", "", 0);
    assert_eq!(calls(&stage), "bw get totp AWS --nointeraction\n");
}

/// It asks at the terminal though all three streams are captured; its words
/// are split as a shell would, and no shell sees them.
#[test]
fn any_program_can_have_the_code() {
    let stage = stage(&[]);
    let program = stage.script(
        "bin/my otp",
        r#"#!/bin/sh
printf 'PIN for <%s>: ' "$2" >&2
read -r pin
[ "$pin" = 1234 ] || { echo "wrong PIN" >&2; exit 3; }
echo "$# arguments"
echo "your code: $(cat "$HOME/code"), valid for 12 s"
"#,
    );
    assert!(program.ends_with("/bin/my otp"));
    with(
        &stage,
        r#""mfa_process": "'~/bin/my otp' -v \"$(touch ran) $HOME\"""#,
    );
    let mut terminal = at_terminal(&stage, "-vv </dev/null", &[]);
    terminal.sees("PIN for");
    terminal.types("1234\r");
    assert_eq!(terminal.ends(), 0);
    let screen = terminal.screen();
    let start = "PIN for <$(touch ran) $HOME>: 1234\nstatus 0, got <in>, said <";
    assert!(screen.starts_with(start), "{screen}");
    let code = fs::read_to_string(stage.path("code")).unwrap();
    assert!(!terminal.all().contains(code.trim()));
    assert!(!terminal.all().contains("-v \"$("));
    assert!(!stage.path("ran").exists());
}

#[test]
fn a_program_that_fails_ends_in_a_reason() {
    let stage = stage(&[]);
    stage.script(
        "bin/fails",
        "#!/bin/sh\necho \"bad  123456 $1\" >&2\nexit 3\n",
    );
    stage.script("bin/silent", "#!/bin/sh\nexit 3\n");
    stage.script("bin/killed", "#!/bin/sh\nkill -9 $$\n");
    stage.script("bin/two", "#!/bin/sh\necho 123456 654321\n");
    stage.script("bin/none", "#!/bin/sh\necho no code\n");
    let mut checks = Checks::default();
    for (command, why) in [
        ("fails JBSWY3DPEHPK3PXP", "bad  ****** JBSWY3DPEHPK3PXP"),
        ("silent JBSWY3DPEHPK3PXP", "silent ended with status 3"),
        ("killed JBSWY3DPEHPK3PXP", "killed was ended by signal 9"),
        (
            "two JBSWY3DPEHPK3PXP",
            "it printed more than one number of six digits",
        ),
        ("none", "it printed no number of six digits"),
        ("missing x", "missing is not installed, or not in PATH"),
    ] {
        with(&stage, &format!(r#""mfa_process": "{command}""#));
        let name = command.split(' ').next().unwrap();
        let warning = format!("warning: no MFA code from the program {name}: {why}\n");
        checks.ran(
            command,
            &run(&stage, &[], &[]),
            "",
            &then_nobody(&warning),
            125,
        );
    }
    checks.number("requests", stage.requests(), 0);
}

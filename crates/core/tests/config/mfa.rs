//! `mfa`, `mfa_devices`, `mfa_process`: who has the code.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::config::{Config, MfaProvider, MfaProviderName};

use crate::{config, told, warned};

const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";
const GOOD: &str = r#""aws_profile": "p", "aws_account": "123456789012", "aws_role": "x""#;

/// A provider on one line.
fn shown(provider: &MfaProvider) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let rest = match provider {
        MfaProvider::Prompt => String::new(),
        MfaProvider::OnePassword { item, account } => format!(" {} {}", text(item), text(account)),
        MfaProvider::YubiKey { name, serial } => format!(" {} {}", text(name), text(serial)),
        MfaProvider::Pass { name } => format!(" {}", text(name)),
        MfaProvider::Bitwarden { item } => format!(" {}", text(item)),
        MfaProvider::Process { words } => format!(" {words:?}"),
        MfaProvider::Totp { unattended } => format!(" {unattended}"),
    };
    format!("{}{rest}", provider.name())
}

/// What a file says for the role `r` and [`DEVICE`].
fn found(file: &Config, named: Option<MfaProviderName>) -> Result<Option<String>, String> {
    let device: MfaDevice = DEVICE.parse().unwrap();
    let role = file.role("r").map_err(|error| told(&error))?;
    let mfa = file.mfa_for(role.as_ref(), &device, named);
    let mfa = mfa.map_err(|error| told(&error))?;
    Ok(mfa.map(|mfa| shown(&mfa.provider)))
}

/// What `value` of a top-level `mfa` is.
fn top(value: &str) -> Result<Option<String>, String> {
    found(&config(&format!(r#"{{"mfa": {value}}}"#)), None)
}

#[test]
fn every_provider() {
    for (value, expected) in [
        (r#""prompt""#, "prompt"),
        (r#"{"provider": "prompt"}"#, "prompt"),
        (r#""1password""#, "1password - -"),
        (
            r#"{"provider": "1password", "item": "AWS", "account": "my.1password.com"}"#,
            "1password AWS my.1password.com",
        ),
        (r#"{"provider": "yubikey"}"#, "yubikey - -"),
        (
            r#"{"provider": "yubikey", "name": "AWS:jdoe", "serial": 123}"#,
            "yubikey AWS:jdoe 123",
        ),
        (
            r#"{"provider": "yubikey", "serial": "0123"}"#,
            "yubikey - 0123",
        ),
        (
            r#"{"name": "aws/jdoe", "provider": "pass"}"#,
            "pass aws/jdoe",
        ),
        (r#""totp""#, "totp false"),
        (r#"{"provider": "totp", "unattended": true}"#, "totp true"),
        (r#"{"provider": "bitwarden", "item": null}"#, "bitwarden -"),
        (
            r#"{"provider": "process", "command": "otp 'a b' \"c\" $HOME"}"#,
            r#"process ["otp", "a b", "c", "$HOME"]"#,
        ),
    ] {
        assert_eq!(top(value), Ok(Some(expected.to_owned())), "{value}");
    }
    assert_eq!(top("null"), Ok(None));
    for name in MfaProviderName::ALL {
        assert_eq!(name.as_str().parse(), Ok(name));
        assert_eq!(name.bare().is_none(), name == MfaProviderName::Process);
    }
}

#[test]
fn the_role_wins_over_the_device_and_that_over_all() {
    let file = |role: &str| {
        config(&format!(
            r#"{{
            "mfa": {{"provider": "yubikey", "name": "all"}},
            "mfa_devices": {{
                "arn:aws:iam::210987654321:mfa/other": {{"provider": "pass", "name": "other"}},
                "{DEVICE}": {{"provider": "pass", "name": "device"}}
            }},
            "assume_roles": {{"r": {{{role} {GOOD}}}}}
            }}"#
        ))
    };
    let bare = file("");
    assert_eq!(found(&bare, None).unwrap().unwrap(), "pass device");
    let with = file(r#""mfa": {"provider": "bitwarden", "item": "i"},"#);
    assert_eq!(found(&with, None).unwrap().unwrap(), "bitwarden i");
    // By name: the first place that names it.
    for (named, expected) in [
        (MfaProviderName::Bitwarden, Some("bitwarden i")),
        (MfaProviderName::Pass, Some("pass device")),
        (MfaProviderName::YubiKey, Some("yubikey all -")),
        (MfaProviderName::OnePassword, None),
    ] {
        assert_eq!(found(&with, Some(named)).unwrap().as_deref(), expected);
    }
    let process = file(r#""mfa_process": "~/bin/otp aws","#);
    assert_eq!(
        found(&process, None).unwrap().unwrap(),
        r#"process ["~/bin/otp", "aws"]"#
    );
    let null = file(r#""mfa": null, "mfa_process": null,"#);
    assert_eq!(found(&null, None).unwrap().unwrap(), "pass device");
}

#[test]
fn faults() {
    let arn = DEVICE;
    let device = |value: &str| format!(r#"{{"mfa_devices": {{"{arn}": {value}}}}}"#);
    let role = |body: &str| format!(r#"{{"assume_roles": {{"r": {{{body}, {GOOD}}}}}}}"#);
    for (text, expected) in [
        (
            r#"{"mfa": 1}"#.to_owned(),
            r#"1:9 «1» mfa must be an object, this is a number | write {"provider": "yubikey", "name": "NAME"}"#,
        ),
        (
            r#"{"mfa": "yubkey"}"#.to_owned(),
            r#"1:9 «"yubkey"» mfa is not valid: a provider is one of 1password, yubikey, pass, bitwarden, totp, process, prompt | did you mean yubikey?"#,
        ),
        (
            r#"{"mfa": "process"}"#.to_owned(),
            r#"1:9 «"process"» mfa is a provider that needs a command | write {"provider": "process", "command": "PROGRAM ARGUMENTS"}"#,
        ),
        (
            r#"{"mfa": {"name": "x"}}"#.to_owned(),
            r#"1:9 «{"name": "x"}» mfa object has no provider | add "provider": "NAME", such as 1password or yubikey"#,
        ),
        (
            r#"{"mfa": {"provder": "pass"}}"#.to_owned(),
            r#"1:10 «"provder"» mfa object has no provider | write provider instead of "provder""#,
        ),
        (
            r#"{"mfa": {"provider": "authy"}}"#.to_owned(),
            r#"1:22 «"authy"» mfa object: provider is not valid: a provider is one of 1password, yubikey, pass, bitwarden, totp, process, prompt | write "provider": "process" for any other program"#,
        ),
        (
            r#"{"mfa": {"provider": "process"}}"#.to_owned(),
            r#"1:9 «{"provider": "process"}» mfa object has no command | add "command": "PROGRAM ARGUMENTS""#,
        ),
        (
            r#"{"mfa": {"provider": "process", "command": "a 'b"}}"#.to_owned(),
            r#"1:44 «"****"» mfa object: command cannot be split into words: missing closing quote | close the quotes"#,
        ),
        (
            r#"{"mfa": {"provider": "process", "command": " "}}"#.to_owned(),
            r#"1:44 «"*"» mfa object: command names no program | "#,
        ),
        (
            r#"{"mfa": {"provider": "pass", "name": "--clip"}}"#.to_owned(),
            r#"1:38 «"--clip"» mfa object: name begins with a hyphen: the program would read it as an option | "#,
        ),
        (
            r#"{"mfa": {"provider": "yubikey", "serial": "12a"}}"#.to_owned(),
            r#"1:43 «"12a"» mfa object: serial must be the serial number of a YubiKey | see those that are plugged in: ykman list --serials"#,
        ),
        (
            r#"{"mfa_devices": []}"#.to_owned(),
            r#"1:17 «[]» mfa_devices must be an object, this is a list | write {"ARN OF THE DEVICE": {"provider": "yubikey", "name": "NAME"}}"#,
        ),
        (
            device(r#""pas""#),
            r#"1:56 «"pas"» mfa_devices of "arn:aws:iam::210987654321:mfa/jdoe" is not valid: a provider is one of 1password, yubikey, pass, bitwarden, totp, process, prompt | did you mean pass?"#,
        ),
        (
            device(&format!(r#""pass", "{arn}": "pass""#)),
            r#"1:64 «"arn:aws:iam::210987654321:mfa/jdoe"» mfa_devices has "arn:aws:iam::210987654321:mfa/jdoe" twice: the first is at ~/.assumerole:1:18 | remove one of the two"#,
        ),
        (
            role(r#""mfa": {"provider": "pass", "name": ""}"#),
            r#"1:61 «""» role "r": mfa object: name is empty | give it a value, or remove the key"#,
        ),
        (
            role(r#""mfa": true"#),
            r#"1:32 «true» role "r": mfa must be an object, this is true or false | write {"provider": "yubikey", "name": "NAME"}"#,
        ),
        (
            role(r#""mfa": "pass", "mfa_process": "x""#),
            r#"1:55 «"*"» role "r" has both mfa and mfa_process: mfa is at ~/.assumerole:1:32 | remove one of the two"#,
        ),
        (
            role(r#""mfa_process": ["x"]"#),
            r#"1:40 «["*"]» role "r": mfa_process must be a string, this is a list | "#,
        ),
    ] {
        assert_eq!(found(&config(&text), None).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn a_fault_for_one_device_is_none_for_another() {
    let text = r#"{"mfa_devices": {"arn:aws:iam::210987654321:mfa/other": 1}, "mfa": "pass"}"#;
    assert_eq!(found(&config(text), None).unwrap().unwrap(), "pass -");
}

/// As `doctor` looks at them.
#[test]
fn every_device_can_be_looked_at() {
    let all = |text: &str| {
        let all = config(text).all_mfa().map_err(|error| told(&error))?;
        Ok::<_, String>(
            all.iter()
                .map(|mfa| shown(&mfa.provider))
                .collect::<Vec<_>>(),
        )
    };
    let good = r#"{"mfa_devices": {"arn:aws:iam::210987654321:mfa/a": "pass", "GAHT12345678": "yubikey", "123456789": null}, "mfa": "prompt"}"#;
    assert_eq!(all(good).unwrap(), ["pass -", "yubikey - -", "prompt"]);
    assert!(all(r#"{"mfa_devices": null}"#).unwrap().is_empty());
    for (text, expected) in [
        (
            r#"{"mfa_devices": {"jdoe": "pass"}}"#,
            r#"1:18 «"jdoe"» a key of mfa_devices is not valid: an MFA device is its ARN (arn:aws:iam::123456789012:mfa/NAME) or a serial number"#,
        ),
        (
            r#"{"mfa_devices": {"GAHT12345678": 1}}"#,
            r#"1:34 «1» mfa_devices of "GAHT12345678" must be an object, this is a number"#,
        ),
        (
            r#"{"mfa_devices": {"GAHT12345678": "pass", "GAHT12345678": "pass"}}"#,
            r#"1:42 «"GAHT12345678"» mfa_devices has "GAHT12345678" twice: the first is at ~/.assumerole:1:18"#,
        ),
    ] {
        let error = all(text).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn unknown_keys_are_warned_of() {
    let file = config(r#"{"mfa": {"provider": "pass", "item": "x"}}"#);
    assert!(file.warnings().is_empty());
    let device: MfaDevice = DEVICE.parse().unwrap();
    let mfa = file.mfa_for(None, &device, None).unwrap().unwrap();
    let warnings: Vec<String> = file.warnings_of_mfa(&mfa).iter().map(warned).collect();
    assert_eq!(
        warnings,
        [r#"1:38 «"x"» mfa object has item, which pass does not use | pass has name"#]
    );
    let text = format!(
        r#"{{"assume_roles": {{"r": {{"mfa": {{"provider": "1password", "items": "x"}}, {GOOD}}}}}}}"#
    );
    let file = config(&text);
    let role = file.role("r").unwrap().unwrap();
    let warnings: Vec<String> = file.warnings_of(&role).iter().map(warned).collect();
    assert_eq!(
        warnings,
        [r#"1:58 «"items"» role "r": mfa object has an unknown key "items" | did you mean item?"#]
    );
}

/// Many a command has a secret in it.
#[test]
fn debug_shows_no_command() {
    let file = config(r#"{"mfa": {"provider": "process", "command": "oathtool -b JBSWY3DP"}}"#);
    let device: MfaDevice = DEVICE.parse().unwrap();
    let mfa = file.mfa_for(None, &device, None).unwrap().unwrap();
    let shown = format!("{mfa:?}");
    assert!(
        shown.contains("Process") && !shown.contains("JBSW"),
        "{shown}"
    );
}

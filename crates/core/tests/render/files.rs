//! Formats that no shell evaluates.

use std::process::Command;

use proptest::strategy::Strategy as _;

use super::values::{many, named, text};
use super::{data, format};

fn out(name: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let variables: Vec<(String, String)> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let rendered = data(format(name), &variables)?;
    Ok(String::from_utf8(rendered.out.to_vec()).unwrap())
}

/// What `sh` makes of a file that it reads.
fn read_by_sh(text: &[u8], name: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, text).unwrap();
    let script = format!("set -a; . \"$0\"; printenv -0 {name}");
    let output = Command::new("dash")
        .args(["-c", &script])
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout.strip_suffix(b"\0").unwrap().to_vec()
}

#[test]
fn the_plain_ones() {
    let variables = [("A", "1"), ("B", "x y"), ("ASSUMEROLE_RESTORE", "{}")];
    for (name, expected) in [
        ("dotenv", "A=1\nB='x y'\n"),
        ("json", "{\n  \"A\": \"1\",\n  \"B\": \"x y\"\n}\n"),
        ("yaml", "A: \"1\"\nB: \"x y\"\n"),
        ("docker", "A=1\nB=x y\n"),
        ("systemd", "A=\"1\"\nB=\"x y\"\n"),
        (
            "ini",
            "[read]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = secret/+=\naws_session_token = token/+==\nregion = eu-west-1\n",
        ),
        (
            "credential-process",
            "{\n  \"Version\": 1,\n  \"AccessKeyId\": \"ASIAEXAMPLE\",\n  \"SecretAccessKey\": \"secret/+=\",\n  \"SessionToken\": \"token/+==\",\n  \"Expiration\": \"2026-11-23T10:00:00Z\"\n}\n",
        ),
    ] {
        assert_eq!(out(name, &variables).unwrap(), expected, "{name}");
    }
}

#[test]
fn github_masks_first_and_no_value_ends_itself() {
    let variables = [
        ("A".to_owned(), "end_0\nB<<end_0\nevil".to_owned()),
        ("CODEARTIFACT_AUTH_TOKEN".to_owned(), "100%\r\n".to_owned()),
        ("ASSUMEROLE_RESTORE".to_owned(), "{}".to_owned()),
    ];
    let rendered = data(format("github"), &variables).unwrap();
    assert_eq!(
        String::from_utf8(rendered.out.to_vec()).unwrap(),
        "::add-mask::secret/+=\n::add-mask::token/+==\n::add-mask::100%25%0D%0A\n"
    );
    let file = rendered.file.unwrap();
    assert_eq!(file.named_by, "GITHUB_ENV");
    assert_eq!(
        String::from_utf8(file.text.to_vec()).unwrap(),
        "A<<end_0123456789abcdef\nend_0\nB<<end_0\nevil\nend_0123456789abcdef\n\
         CODEARTIFACT_AUTH_TOKEN<<end_0123456789abcdef\n100%\r\n\nend_0123456789abcdef\n"
    );
}

#[test]
fn what_a_file_cannot_hold_is_an_error_that_names_it() {
    let agree =
        "readers of .env files do not agree on quotes, backslashes, carriage returns and ${ in it";
    for (name, value, why) in [
        ("docker", "a\nb", "it has a line break"),
        ("docker", "a\r", "it has a line break"),
        ("systemd", "a\rb", "it has a control character"),
        ("systemd", "\u{1b}[0m", "it has a control character"),
        ("dotenv", "a'b\"", agree),
        ("dotenv", "a'b\\", agree),
        ("dotenv", "${HOME}", agree),
        ("dotenv", "a\r\n", agree),
    ] {
        assert_eq!(
            out(name, &[("FINE", "x"), ("MYVAR", value)]).unwrap_err(),
            format!("the format {name} cannot hold the value of MYVAR: {why}"),
            "{value:?}"
        );
    }
}

#[test]
fn systemd_quotes_as_a_shell_reads_it() {
    for (name, value) in named(many(200, text(), str::to_owned)) {
        if let Ok(rendered) = data(format("systemd"), &[(name.clone(), value.clone())]) {
            assert_eq!(
                read_by_sh(&rendered.out, &name),
                value.as_bytes(),
                "{value:?}"
            );
        } else {
            assert!(value.contains(|c: char| c.is_ascii_control()), "{value:?}");
        }
    }
}

#[test]
fn a_shell_reads_a_dotenv_file() {
    let mut written = 0;
    for (name, value) in named(many(200, text(), str::to_owned)) {
        if let Ok(rendered) = data(format("dotenv"), &[(name.clone(), value.clone())]) {
            assert_eq!(
                read_by_sh(&rendered.out, &name),
                value.as_bytes(),
                "{value:?}"
            );
            written += 1;
        }
    }
    assert!(written > 30, "{written}");
}

#[test]
fn json_is_json() {
    let variables = named(many(300, text().prop_map(|text| text), str::to_owned));
    let rendered = data(format("json"), &variables).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&rendered.out).unwrap();
    for (name, value) in &variables {
        assert_eq!(read[name], **value);
    }
}

//! Formats that no shell evaluates.

use std::collections::BTreeMap;
use std::process::Command;

use super::values::{named, texts};
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
    let no_character = "it has what Unicode calls no character";
    for (name, value, why) in [
        ("docker", "a\nb", "it has a line break"),
        ("docker", "a\r", "it has a line break"),
        ("systemd", "a\rb", "it has a control character"),
        ("systemd", "\u{1b}[0m", "it has a control character"),
        ("systemd", "a\u{fdd0}", no_character),
        ("systemd", "\u{1ffff}", no_character),
        ("docker", &"x".repeat(65_530), "its line is too long"),
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

fn is_no_character(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

#[test]
fn systemd_quotes_as_a_shell_reads_it() {
    for (name, value) in named(texts()) {
        if let Ok(rendered) = data(format("systemd"), &[(name.clone(), value.clone())]) {
            assert_eq!(
                read_by_sh(&rendered.out, &name),
                value.as_bytes(),
                "{value:?}"
            );
        } else {
            let refused = |c: char| c.is_ascii_control() || is_no_character(c);
            assert!(value.contains(refused), "{value:?}");
        }
    }
}

/// What `read` makes of the file of all values that the format can hold.
fn is_read_by_its_rules(name: &str, read: impl Fn(&str) -> BTreeMap<String, String>) {
    let mut file = String::new();
    let mut written = BTreeMap::new();
    for (variable, value) in named(texts()) {
        let one = [(variable, value)];
        if let Ok(rendered) = data(format(name), &one) {
            let text = rendered.file.map_or(rendered.out, |file| file.text);
            file.push_str(str::from_utf8(&text).unwrap());
            written.extend(one);
        }
    }
    assert!(written.len() > 200, "{name}: {}", written.len());
    assert!(read(&file) == written, "{name}");
}

/// <https://github.com/docker/cli/blob/master/pkg/kvfile/kvfile.go>
#[test]
fn docker_has_every_line() {
    is_read_by_its_rules("docker", |file| {
        let lines = file.split('\n').map(|line| {
            // The most that Go's bufio.Scanner takes.
            assert!(line.len() < 64 * 1024);
            line.strip_suffix('\r').unwrap_or(line).trim_start()
        });
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pair = |line: &str| {
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        lines.map(pair).collect()
    });
}

/// <https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs>
#[test]
fn github_has_every_text() {
    is_read_by_its_rules("github", |file| {
        let mut lines = file.split('\n');
        let mut read = BTreeMap::new();
        while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
            let (name, end) = line.split_once("<<").unwrap();
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            read.insert(name.to_owned(), value.join("\n"));
        }
        read
    });
}

#[test]
fn a_shell_reads_a_dotenv_file() {
    let mut written = 0;
    for (name, value) in named(texts()) {
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
    let variables = named(texts());
    let rendered = data(format("json"), &variables).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&rendered.out).unwrap();
    for (name, value) in &variables {
        assert_eq!(read[name], **value);
    }
}

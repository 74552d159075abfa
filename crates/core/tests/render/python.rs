//! What Python programs read: python-dotenv, PyYAML, botocore.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::values::{named, texts};
use super::{data, format};

/// What `program`, a Python script, prints as JSON when it reads `input`.
fn python(program: &str, input: &[u8]) -> serde_json::Value {
    let Some(venv) = std::env::var_os("ASSUMEROLE_TEST_VENV") else {
        panic!("run cargo xtask test");
    };
    let mut child = Command::new(std::path::Path::new(&venv).join("bin/python"))
        .args(["-c", program])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_read(format_name: &str, program: &str, at_least: usize) {
    let mut text_of_all = Vec::new();
    let mut written = Vec::new();
    for variable in named(texts()) {
        if let Ok(rendered) = data(format(format_name), std::slice::from_ref(&variable)) {
            text_of_all.extend_from_slice(&rendered.out);
            written.push(variable);
        }
    }
    assert!(written.len() >= at_least, "{}", written.len());
    let read = python(program, &text_of_all);
    for (name, value) in written {
        assert_eq!(read[&name], *value, "{format_name}");
    }
}

#[test]
fn yaml_is_read() {
    is_read(
        "yaml",
        "import sys, json, yaml; json.dump(yaml.safe_load(sys.stdin.buffer), sys.stdout)",
        300,
    );
}

#[test]
fn dotenv_is_read() {
    let program = "import io, sys, json, dotenv; \
        text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='').read(); \
        json.dump(dotenv.dotenv_values(stream=io.StringIO(text, newline='')), sys.stdout)";
    is_read("dotenv", program, 50);
}

#[test]
fn ini_is_read() {
    let rendered = data(format("ini"), &[]).unwrap();
    let program = "import sys, json, tempfile; \
        from botocore.configloader import raw_config_parse; \
        f = tempfile.NamedTemporaryFile(); f.write(sys.stdin.buffer.read()); f.flush(); \
        json.dump(raw_config_parse(f.name), sys.stdout)";
    let read = python(program, &rendered.out);
    assert_eq!(
        read,
        serde_json::json!({ "read": {
            "aws_access_key_id": "ASIAEXAMPLE",
            "aws_secret_access_key": "secret/+=",
            "aws_session_token": "token/+==",
            "region": "eu-west-1",
        }})
    );
}

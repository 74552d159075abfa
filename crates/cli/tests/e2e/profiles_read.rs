//! What `profiles write` makes, as other programs read it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use super::harness::{Stage, program};
use super::support::{Checks, check};

/// Where the programs of the AWS CLI and boto3 are.
fn venv() -> PathBuf {
    let venv = std::env::var_os("ASSUMEROLE_TEST_VENV").expect("run cargo xtask test");
    PathBuf::from(venv).join("bin")
}

/// The usual stage with a profile for each role; the program stands in
/// `folder`.
fn stage(folder: &str) -> Stage {
    let stage = Stage::new();
    fs::create_dir(stage.path(folder)).unwrap();
    symlink(program(), stage.path(folder).join("assumerole")).unwrap();
    let mut command = stage.command(&["profiles", "write"]);
    command.env(
        "PATH",
        format!("{}:/usr/bin:/bin", stage.path(folder).display()),
    );
    let ran = stage.ran(&mut command);
    check(
        &ran,
        "Added to ~/.aws/config:\n  read\n  plain\n  deploy\n",
        "",
        0,
    );
    stage
}

/// Runs `program` of the AWS CLI's environment with the profile `plain`.
fn ran(stage: &Stage, name: &str, args: &[&str]) -> super::harness::Ran {
    let mut command = Command::new(venv().join("python"));
    if name != "python" {
        // Not by its own first line, which cannot hold a path with blanks.
        command.arg(venv().join(name));
    }
    stage.clear(command.args(args));
    command
        .env("AWS_PROFILE", "plain")
        .env("AWS_ENDPOINT_URL", stage.sandbox.endpoint())
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .env("BOTO_CONFIG", "/dev/null");
    stage.ran(&mut command)
}

const WHO: &str = "arn:aws:sts::123456789012:assumed-role/plain/tester\n";

#[test]
fn the_aws_cli_and_boto3_take_the_role_from_its_profile() {
    let mut checks = Checks::default();
    for folder in ["bin", "my tools; $HOME#1 `id` & co"] {
        let stage = stage(folder);
        let asked = [
            "sts",
            "get-caller-identity",
            "--query",
            "Arn",
            "--output",
            "text",
        ];
        checks.ran(folder, &ran(&stage, "aws", &asked), WHO, "", 0);
        let script = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])";
        checks.ran(folder, &ran(&stage, "python", &["-c", script]), WHO, "", 0);
        // They read the file as a whole, and find each profile.
        let script = "import boto3; print(*boto3.Session().available_profiles)";
        let ran = ran(&stage, "python", &["-c", script]);
        checks.ran(folder, &ran, "base read plain deploy\n", "", 0);
    }
}

/// Go, Java, JavaScript and Rust hand the line to `sh -c`, botocore splits it
/// itself.
#[test]
fn a_shell_and_botocore_make_the_same_words_of_a_line() {
    let stage = stage("it is; a $HOME `id` & <x> | (y) *~?!#{z}");
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let line = config
        .lines()
        .find_map(|line| line.strip_prefix("credential_process = "));
    let line = line.unwrap();
    let mut shell = Command::new("sh");
    stage.clear(shell.args(["-c", &format!("printf '%s\\n' {line}")]));
    let mut shlex = Command::new(venv().join("python"));
    let script = "import shlex, sys; print('\\n'.join(shlex.split(sys.argv[1])))";
    stage.clear(shlex.args(["-c", script, line]));
    let words = "\
$HOME/it is; a $HOME `id` & <x> | (y) *~?!#{z}/assumerole
credential-process
--
read
";
    check(&stage.ran(&mut shell), words, "", 0);
    check(&stage.ran(&mut shlex), words, "", 0);
}

//! The blocks of docs/recipes.md are run as they stand there, but for the
//! names of the roles. Programs that the suite does not have are stand-ins,
//! which ask AWS who they are with what they were given.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use super::harness::{Ran, Stage, program};
use super::sources::{PROVIDER, everything};
use super::support::{Checks, check};

/// The blocks in `language` below the heading `title`.
fn blocks(title: &str, language: &str) -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/recipes.md");
    let page = fs::read_to_string(page).unwrap();
    let sections = page.split("\n## ");
    let section = sections
        .into_iter()
        .find(|section| section.starts_with(&format!("{title}\n")))
        .unwrap();
    let fence = format!("```{language}\n");
    let starts = section.split(fence.as_str()).skip(1);
    let blocks = starts.map(|block| block.split("```").next().unwrap());
    blocks
        .map(|block| block.replace("acme-read", "plain"))
        .collect()
}

/// The usual stage, with the program, the AWS CLI and these stand-ins in PATH.
fn stage(stand_ins: &[(&str, &str)]) -> Stage {
    let stage = Stage::new();
    fs::create_dir(stage.path("bin")).unwrap();
    symlink(program(), stage.path("bin/assumerole")).unwrap();
    symlink(venv().join("python"), stage.path("bin/python")).unwrap();
    // Not by its own first line, which cannot hold a path with blanks.
    let [python, aws] = ["python", "aws"].map(|name| {
        let path = venv().join(name);
        shell_words::quote(path.to_str().unwrap()).into_owned()
    });
    stage.script(
        "bin/aws",
        &format!("#!/bin/sh\nexec {python} {aws} \"$@\"\n"),
    );
    for (name, script) in stand_ins {
        stage.script(
            &format!("bin/{name}"),
            &format!("#!/bin/sh\nset -eu\n{script}"),
        );
    }
    stage
}

pub(crate) fn venv() -> PathBuf {
    let venv = std::env::var_os("ASSUMEROLE_TEST_VENV").expect("run cargo xtask test");
    PathBuf::from(venv).join("bin")
}

/// Runs a block as it would be pasted.
fn run(stage: &Stage, shell: &[&str], block: &str) -> Ran {
    let mut command = Command::new("setsid");
    command.arg("--wait").args(shell).arg(block);
    stage.clear(&mut command);
    command
        .env(
            "PATH",
            format!("{}:/usr/bin:/bin", stage.path("bin").display()),
        )
        .env("AWS_ENDPOINT_URL", stage.sandbox.endpoint())
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .env("BOTO_CONFIG", "/dev/null");
    stage.ran(&mut command)
}

const SH: [&str; 3] = ["sh", "-e", "-c"];
const WHO: &str = "arn:aws:sts::123456789012:assumed-role/plain/tester";

#[test]
fn a_notebook_takes_the_role_from_its_profile() {
    let stage = stage(&[]);
    check(
        &run(&stage, &SH, "assumerole profiles write -q plain"),
        "Added to ~/.aws/config:\n  plain\n",
        "",
        0,
    );
    let [cell] = blocks("Notebooks", "python").try_into().unwrap();
    check(
        &run(&stage, &["python", "-c"], &cell),
        &format!("{WHO}\n"),
        "",
        0,
    );
}

#[test]
fn an_ide_is_never_asked_for_a_code() {
    let stage = stage(&[]);
    let [write] = blocks("IDEs", "sh").try_into().unwrap();
    let mut checks = Checks::default();
    let told = "Added to ~/.aws/config:\n  read\n  plain\n  deploy\n";
    checks.ran("write", &run(&stage, &SH, &write), told, "", 0);
    let who = "AWS_PROFILE=plain aws sts get-caller-identity --query Arn --output text";
    checks.ran(
        "no code",
        &run(&stage, &SH, who),
        &format!("{WHO}\n"),
        "",
        0,
    );
    let ran = run(&stage, &SH, &who.replace("plain", "read"));
    checks.same(
        "a code",
        &ran.stderr.contains("assumerole login read").to_string(),
        "true",
    );
    checks.same("a code", &(ran.status != 0).to_string(), "true");
}

#[test]
fn a_container_has_the_role_from_its_variables() {
    // Options as docker has them; the variables are all that the command gets.
    let docker = "\
[ \"$1 $2 $3\" = 'run --rm --env-file' ]
[ \"$5\" = amazon/aws-cli ]
variables=$(grep -v '^[A-Za-z_]*=$' \"$4\")
shift 5
env -i HOME=/nowhere PATH=\"$PATH\" AWS_ENDPOINT_URL=\"$AWS_ENDPOINT_URL\" $variables aws \"$@\" --query Arn --output text
";
    let stage = stage(&[("docker", docker)]);
    stage.roles(r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "aws_region": "eu-west-1"}"#);
    let [block] = blocks("Containers", "sh").try_into().unwrap();
    check(&run(&stage, &SH, &block), &format!("{WHO}\n"), "", 0);
    assert!(!stage.path("role.env").exists());
}

#[test]
fn terraform_has_the_role_from_its_profile() {
    let terraform = "[ \"$1\" = plan ]\naws sts get-caller-identity --query Arn --output text\n";
    let stage = stage(&[("terraform", terraform)]);
    check(
        &run(&stage, &SH, "assumerole profiles write -q plain"),
        "Added to ~/.aws/config:\n  plain\n",
        "",
        0,
    );
    let [block] = blocks("Terraform", "sh").try_into().unwrap();
    // `plain` has no MFA device, and so nothing to log in to.
    let block = block.replace("assumerole login plain\n", "");
    check(&run(&stage, &SH, &block), &format!("{WHO}\n"), "", 0);
}

#[test]
fn a_job_has_the_role_from_the_token_of_its_runner() {
    let mut stage = stage(&[]);
    stage.sandbox =
        aws_sandbox::Sandbox::start(everything(), aws_sandbox::Options::default()).unwrap();
    let subject = "repo:acme/shop:ref:refs/heads/main";
    let token = stage.sandbox.identity_token(PROVIDER, subject, 600);
    stage.write("token", &token);
    let [profile] = blocks("CI jobs", "ini").try_into().unwrap();
    let profile = profile
        .replace("123456789012:role/deploy", "222222222222:role/hub")
        .replace("/run/secrets/token", stage.path("token").to_str().unwrap());
    stage.write(".aws/config", &profile);
    let [block] = blocks("CI jobs", "sh").try_into().unwrap();
    stage.write("variables", "");
    let block = format!("export GITHUB_ENV=variables\n{block}");
    let ran = run(&stage, &SH, &block);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{}", ran.stdout);
    assert!(ran.stdout.contains("assumed-role/hub/"), "{}", ran.stdout);
    assert!(ran.stdout.contains("::add-mask::"), "{}", ran.stdout);
    let variables = fs::read_to_string(stage.path("variables")).unwrap();
    assert!(variables.contains("AWS_SESSION_TOKEN"), "{variables}");
}

//! Files of every shape, as large as may be: at most 64 MB of memory.

use std::fs;

use super::harness::{Stage, program};

/// KiB. What the program itself takes of it is far less where it is built for
/// people than here.
const MOST: u64 = 64 * 1024;

/// Runs the program; how many KiB it had in memory at most.
///
/// A process begins with what its parent has, and the tests have a lot: so a small
/// one runs it.
fn resident(stage: &Stage, args: &[&str]) -> (u64, i32) {
    let script = "import resource, subprocess, sys
status = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], 'w').write(str(most))
sys.exit(status)";
    let note = stage.path("resident");
    let mut command = std::process::Command::new("setsid");
    command.args(["--wait", "python3", "-c", script]);
    command.arg(&note).arg(program()).args(args);
    stage.clear(&mut command);
    let ran = stage.ran(&mut command);
    let most = fs::read_to_string(&note).unwrap();
    (most.parse().unwrap(), ran.status)
}

/// `unit` of each number, up to 15 MB.
fn filled(unit: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0.. {
        let unit = unit(number);
        if text.len() + unit.len() > 15_000_000 {
            break;
        }
        text.push_str(&unit);
    }
    text
}

/// Collects what took too much.
struct Tried<'a> {
    stage: &'a Stage,
    large: Vec<String>,
}

impl Tried<'_> {
    fn run(&mut self, shape: &str, args: &[&str], status: i32) {
        let (most, is) = resident(self.stage, args);
        if most > MOST || is != status {
            let shown = format!("{shape}, {args:?}: {most} KiB, status {is}");
            self.large.push(shown);
        }
    }
}

const PLAIN: &str =
    r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#;

const ADD: [&str; 8] = [
    "add",
    "new",
    "--profile",
    "base",
    "--account",
    "123456789012",
    "--role",
    "x",
];

#[test]
fn any_shape_of_the_file_of_roles() {
    let stage = Stage::new();
    let mut tried = Tried {
        stage: &stage,
        large: Vec::new(),
    };
    let keys = filled(|n| format!("\"k{n}\": 1,"));
    let shapes = [
        (
            "a role of a million keys",
            format!("{{\"assume_roles\": {{\"big\": {{{keys} \"z\": 1}}, {PLAIN}}}}}"),
        ),
        (
            "blank lines",
            format!(
                "{{\"assume_roles\": {{{PLAIN}}}{}}}",
                filled(|_| "\n".to_owned())
            ),
        ),
    ];
    for (shape, text) in shapes {
        stage.write(".assumerole", &text);
        tried.run(shape, &["exec", "plain", "true"], 0);
        tried.run(shape, &ADD, 0);
        tried.run(shape, &["edit", "plain", "--duration", "1800"], 0);
        tried.run(shape, &["rename", "plain", "other"], 0);
        tried.run(shape, &["remove", "--yes", "other"], 0);
    }
    assert!(tried.large.is_empty(), "{}", tried.large.join("\n"));
}

/// Each is told by itself, and none is kept: fewer than there may be, so that it does
/// not take a minute.
#[test]
fn any_number_of_roles() {
    let roles = |count: usize, account: &str| {
        let role = |n| {
            format!(
                "\"r{n}\": {{\"aws_profile\": \"base\", \"aws_account\": \"{account}\", \"aws_role\": \"plain\"}}"
            )
        };
        let roles: Vec<String> = (0..count).map(role).collect();
        format!("{{\"assume_roles\": {{{PLAIN}, {}}}}}", roles.join(","))
    };
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "true"]).status, 0);
    let mut tried = Tried {
        stage: &stage,
        large: Vec::new(),
    };
    stage.write(".assumerole", &roles(40_000, "123456789012"));
    for args in [
        &["list", "--json"][..],
        &["list", "r*"],
        &["logout", "plain"],
    ] {
        tried.run("good roles", args, 0);
    }
    tried.run("good roles", &["doctor", "--offline"], 0);
    stage.write(".assumerole", &roles(40_000, "12345678901"));
    tried.run("wrong roles", &["check", "--json"], 1);
    tried.run("wrong roles", &["doctor", "--offline"], 1);
    assert!(tried.large.is_empty(), "{}", tried.large.join("\n"));
}

/// Of what is wrong with them, no more is kept than is told.
#[test]
fn any_number_of_headers_in_the_aws_files() {
    let stage = Stage::new();
    let mut tried = Tried {
        stage: &stage,
        large: Vec::new(),
    };
    let headers = "[profile base]\nregion = eu-west-1\n".repeat(90_000);
    stage.write(".aws/config", &headers);
    tried.run("a header ninety thousand times", &["check"], 1);
    assert!(tried.large.is_empty(), "{}", tried.large.join("\n"));
}

//! `each`: one command in many roles.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::harness::{Stage, world};
use super::support::Checks;
use super::terminal::Terminal;

/// A stage with `count` roles that take no code, `r0`, `r1` and so on.
pub(crate) fn stage(count: usize) -> Stage {
    let mut world = world();
    let mut roles = String::new();
    for number in 0..count {
        let arn = format!("arn:aws:iam::123456789012:role/r{number}");
        world = world.role(aws_sandbox::Role::new(&arn).trusting("210987654321"));
        roles.push_str(&format!(
            "{}\"r{number}\": {{\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"r{number}\"}}",
            if number > 0 { "," } else { "" }
        ));
    }
    let stage = Stage::with(world, aws_sandbox::Options::default());
    stage.roles(&roles);
    stage
}

const SHOW: &str = r#"echo "$AWS_ACCOUNT ${AWS_REGION-none}"; cat; echo told >&2"#;

#[test]
fn a_command_runs_in_each_role_in_order() {
    let stage = stage(3);
    let mut checks = Checks::default();
    let ran = stage.run(&["each", "r*", "--except", "r1", "--", "sh", "-c", SHOW]);
    checks.ran(
        "blocks",
        &ran,
        "== r0\nr0 none\ntold\n== r2\nr2 none\ntold\n",
        "2 ok\n",
        0,
    );
    let ran = stage.run(&[
        "each",
        "all",
        "--prefix",
        "--",
        "sh",
        "-c",
        "printf 'a\\nb'",
    ]);
    checks.ran(
        "lines",
        &ran,
        "r0: a\nr0: b\nr1: a\nr1: b\nr2: a\nr2: b\n",
        "3 ok\n",
        0,
    );
    let regions = [
        "each",
        "r0",
        "--regions",
        "ew1,us-east-1",
        "--",
        "sh",
        "-c",
        SHOW,
    ];
    checks.ran(
        "regions",
        &stage.run(&regions),
        "== r0 eu-west-1\nr0 eu-west-1\ntold\n== r0 us-east-1\nr0 us-east-1\ntold\n",
        "2 ok\n",
        0,
    );
    let before = stage.requests();
    let ran = stage.run(&["each", "--dry-run", "all", "--", "true"]);
    checks.ran("dry", &ran, "r0\nr1\nr2\n", "", 0);
    checks.number("dry: requests", stage.requests() - before, 0);
}

#[test]
fn the_status_says_what_went_wrong() {
    let stage = stage(3);
    let mut checks = Checks::default();
    let script = "test $AWS_ACCOUNT != r1 || exit 7";
    checks.ran(
        "a command",
        &stage.run(&["each", "all", "--", "sh", "-c", script]),
        "== r0\n== r1\n== r2\n",
        "r1: exit status 7\n2 ok, 1 failed\n  exit status 7: r1\n",
        1,
    );
    let ran = stage.run(&["each", "all", "--json", "--", "sh", "-c", script]);
    let lines: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((lines.len(), ran.stderr.as_str(), ran.status), (3, "", 1));
    assert_eq!(lines[1]["status"], 7);
    assert_eq!(lines[1]["role"], "r1");
    assert_eq!(lines[1]["stdout"], "");
    let bytes = ["each", "r0", "--json", "--", "printf", "\\377\\n"];
    let ran = stage.run(&bytes);
    let line: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line["stdout"]["base64"], "/wo=");
    // A role that is not to be had is worse than a command that fails.
    stage.roles(
        r#""r0": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "r0"},
           "none": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "none"}"#,
    );
    let ran = stage.run(&["each", "all", "--", "false"]);
    assert_eq!(ran.status, 125, "{ran:?}");
    assert!(
        ran.stderr.contains("0 ok, 1 failed, 1 not assumed\n"),
        "{ran:?}"
    );
    let json = stage.run(&["each", "all", "--json", "--", "true"]);
    for line in json.stdout.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = (line["role"] == "none").then_some("not-authorized");
        assert_eq!(line["error_id"].as_str(), id, "{json:?}");
    }
    let none = stage.run(&["each", "x*", "--", "true"]);
    assert_eq!((none.status, none.stdout.as_str()), (4, ""));
    let line = stage.run(&["each", "all", "--", "ls | wc"]);
    checks.ran(
        "a line for a shell",
        &line,
        "",
        "error: \"ls | wc\" is one word, and no shell takes it apart\n  \
         hint: run it in a shell: assumerole each … -- sh -c 'ls | wc'\n",
        2,
    );
}

#[test]
fn output_goes_into_files_of_a_folder_of_ones_own() {
    let stage = stage(2);
    let mut checks = Checks::default();
    let args = ["each", "all", "--output-dir", "out", "--", "sh", "-c"];
    let script = "echo $AWS_ACCOUNT; echo told >&2; test $AWS_ACCOUNT = r0";
    let ran = stage.run(&[&args[..], &[script]].concat());
    let said = "r1: exit status 1\n1 ok, 1 failed\n  exit status 1: r1\n";
    checks.ran("files", &ran, "", said, 1);
    let mode = |name: &str| fs::metadata(stage.path(name)).unwrap().permissions().mode() & 0o777;
    checks.number("folder", mode("out") as usize, 0o700);
    for (name, text) in [
        ("out/r0.out", "r0\n"),
        ("out/r0.err", "told\n"),
        ("out/r1.out", "r1\n"),
        ("out/r1.err", "told\n"),
    ] {
        checks.same(name, &fs::read_to_string(stage.path(name)).unwrap(), text);
        checks.number(name, mode(name) as usize, 0o600);
    }
    // A link is replaced, not followed; a folder that is one is refused.
    stage.write("precious", "as it was");
    fs::remove_file(stage.path("out/r0.out")).unwrap();
    std::os::unix::fs::symlink(stage.path("precious"), stage.path("out/r0.out")).unwrap();
    stage.run(&[&args[..], &[script]].concat());
    checks.same(
        "link",
        &fs::read_to_string(stage.path("precious")).unwrap(),
        "as it was",
    );
    checks.same(
        "new",
        &fs::read_to_string(stage.path("out/r0.out")).unwrap(),
        "r0\n",
    );
    std::os::unix::fs::symlink(stage.path("out"), stage.path("linked")).unwrap();
    let linked = ["each", "r0", "--output-dir", "linked", "--", "echo"];
    let ran = stage.run(&linked);
    checks.same(
        &ran.stderr,
        &ran.stderr.contains("symbolic link").to_string(),
        "true",
    );
}

#[test]
fn all_wait_when_aws_wants_fewer_requests() {
    let stage = stage(3);
    let few = aws_sandbox::Fault::throttle().times(2).on("AssumeRole");
    stage.sandbox.inject(few);
    let args = ["each", "all", "--jobs", "1", "--", "true"];
    let ran = stage.run_in(&args, &[("AWS_MAX_ATTEMPTS", "1")]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("3 ok\n", 0), "{ran:?}");
    assert_eq!(stage.sandbox.count("AssumeRole"), 5);
}

#[test]
fn a_terminal_shows_how_far_it_is_and_the_output_alone_stays() {
    let stage = stage(3);
    let mut terminal = Terminal::new();
    let line = "exec assumerole each all --jobs 1 -- sh -c 'test -e \"$HOME/go\" || { : >\"$HOME/at\"; while ! test -e \"$HOME/go\"; do sleep 0.05; done; }; echo $AWS_ACCOUNT'";
    terminal.start(&stage, line, &[]);
    terminal.sees("[                    ] 0/3: r0");
    stage.write("go", "");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(terminal.screen(), "== r0\nr0\n== r1\nr1\n== r2\nr2\n3 ok");
}

#[test]
fn protected_roles_are_confirmed_once_and_codes_asked_for_once() {
    let stage = stage(2);
    stage.roles(
        r#""r0": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "r0", "confirm": true},
           "r1": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "r1"}"#,
    );
    let mut checks = Checks::default();
    checks.ran(
        "nobody",
        &stage.run(&["each", "all", "--", "echo"]),
        "",
        "error: 1 role is protected, and there is no terminal to confirm them at\n  \
         because: they have \"confirm\": true, or the tag prod\n  \
         hint: add --yes if you mean it, or leave them out: --except PATTERN\n",
        5,
    );
    checks.ran(
        "yes",
        &stage.run(&["each", "--yes", "all", "--", "echo"]),
        "== r0\n\n== r1\n\n",
        "2 ok\n",
        0,
    );
}

#[test]
fn large_output_late_commands_and_failing_fast() {
    let stage = stage(4);
    let big = "head -c 3000000 /dev/zero | tr '\\0' x";
    let ran = stage.run(&["each", "r0", "--json", "--", "sh", "-c", big]);
    let line: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line["stdout"].as_str().unwrap().len(), 3_000_000);
    let late = stage.run(&["each", "r0", "--timeout", "1s", "--", "sleep", "1000"]);
    assert_eq!(
        (late.stderr.as_str(), late.status),
        (
            "r0: its time was up\n0 ok, 1 failed\n  its time was up: r0\n",
            1
        )
    );
    let again = "echo x >>\"$HOME/tries\"; test $(wc -l <\"$HOME/tries\") -ge 2";
    let ran = stage.run(&["each", "r0", "--retry", "2", "--", "sh", "-c", again]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(fs::read_to_string(stage.path("tries")).unwrap(), "x\nx\n");
    let ran = stage.run(&["each", "all", "--jobs", "1", "--fail-fast", "--", "false"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("0 ok, ") && ran.stderr.contains("not begun"),
        "{ran:?}"
    );
    let left = fs::read_dir(stage.path(".assumerole.d")).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        names
            .iter()
            .all(|name| !name.to_string_lossy().starts_with(".tmp-")),
        "{names:?}"
    );
}

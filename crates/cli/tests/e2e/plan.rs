//! `plan`: what assuming a role would do, and why.

use std::fs;

use serde_json::Value;

use super::harness::{KEY, SECRET, Stage};
use super::mfa_stage;
use super::support::{Checks, check};
use super::terminal::Terminal;

/// The plan of `plain` where nothing is cached.
const PLAIN: &str = "\
plain: calls AWS, no prompt

1. keys of profile base
   profile         base                                  ~/.assumerole:12:22
   access key      AKIAIOSFODNN7EXAMPLE                  ~/.aws/credentials:2:21
   secret key      (not shown)                           ~/.aws/credentials:3:25

2. AssumeRole plain: not cached
   role            arn:aws:iam::123456789012:role/plain  ~/.assumerole:14:19
   account         123456789012                          ~/.assumerole:13:22
   session name    tester                                the user of this machine
   seconds         3600                                  default
   MFA device      none                                  default
   region of STS   us-east-1                             the one that serves the partition
   endpoint        https://sts.example                   AWS_ENDPOINT_URL_STS

3. export
   region          none                                  default

4. programs (credential-process, serve)
   time left       16 min or more                        SDKs renew what has 15 min left
";

/// An endpoint that is the same in each run.
const STS: (&str, &str) = ("AWS_ENDPOINT_URL_STS", "https://sts.example");

fn json(stage: &Stage, args: &[&str]) -> Value {
    let ran = stage.run(args);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn every_value_stands_beside_who_decided_it() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let ran = stage.run_in(&["plan", "plain"], &[STS]);
    checks.ran("plain", &ran, PLAIN, "", 0);
    let ran = stage.run_in(
        &["plan", "plain"],
        &[
            STS,
            ("AWS_STS_DURATION_SECONDS", "900"),
            ("AWS_USE_FIPS_ENDPOINT", "true"),
        ],
    );
    let changed = PLAIN
        .replace(
            "seconds         3600                                  default",
            "seconds         900                                   AWS_STS_DURATION_SECONDS",
        )
        .replace(
            "AWS_ENDPOINT_URL_STS\n",
            "AWS_ENDPOINT_URL_STS\n   FIPS            on                                    AWS_USE_FIPS_ENDPOINT\n",
        )
        .replace(
            "16 min or more                        SDKs renew what has 15 min left",
            "7 min 30 s or more                    half of the session",
        );
    checks.ran("variables", &ran, &changed, "", 0);
    let ran = stage.run(&["plan", "read"]);
    let device = "   MFA device      arn:aws:iam::210987654321:mfa/jdoe   ~/.assumerole:6:22\n";
    checks.same("device", &ran.stdout.contains(device).to_string(), "true");
    let head = "read: calls AWS and prompts for an MFA code\n";
    checks.same("asks", &ran.stdout.starts_with(head).to_string(), "true");
    checks.number("requests", stage.requests(), 0);
}

/// Neither folder nor key, and nothing of what is there changes.
#[test]
fn nothing_is_written_and_nobody_is_called() {
    let stage = Stage::new();
    for args in [&["plan", "read"][..], &["plan", "read", "--json"]] {
        assert_eq!(stage.run(args).status, 0);
        assert!(!stage.path(".assumerole.d").exists());
    }
    stage.warm("plain");
    // A damaged entry stays as it is, though it is none.
    let entry = stage
        .path(".assumerole.d/cache")
        .join(stage.entries().remove(0));
    let whole = fs::read(&entry).unwrap();
    fs::write(&entry, "x").unwrap();
    let state = || {
        let names = [
            stage.list(".assumerole.d"),
            stage.list(".assumerole.d/cache"),
        ];
        let history = fs::read(stage.path(".assumerole.d/history")).unwrap();
        (names, history, fs::read(&entry).unwrap())
    };
    let before = state();
    assert_eq!(
        json(&stage, &["plan", "plain", "--json"])["steps"][1]["cached"],
        Value::Null
    );
    assert_eq!(state(), before);
    fs::write(&entry, whole).unwrap();
    // Without its key, what is there is none; and none is made.
    for name in stage.list(".assumerole.d") {
        if name.contains("key") {
            fs::remove_file(stage.path(".assumerole.d").join(name)).unwrap();
        }
    }
    let before = state();
    assert_eq!(
        json(&stage, &["plan", "plain", "--json"])["steps"][1]["cached"],
        Value::Null
    );
    assert_eq!(state(), before);
    assert_eq!(stage.requests(), 1);
}

/// Reading a big file leaves nothing behind, either.
#[test]
fn a_big_file_leaves_no_trace() {
    let stage = Stage::new();
    let role = |number: u32| {
        format!(
            "\"role-{number}\": {{\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \"aws_role\": \"plain\"}}"
        )
    };
    let roles: Vec<String> = (0..2000).map(role).collect();
    stage.roles(&roles.join(",\n"));
    let plan = json(&stage, &["plan", "role-1999", "--json"]);
    assert_eq!(plan["steps"][0]["values"]["profile"]["from"]["line"], 2000);
    assert!(!stage.path(".assumerole.d").exists());
}

#[test]
fn what_is_cached_is_not_asked_for() {
    let stage = Stage::direct();
    stage.warm("read");
    let plan = json(&stage, &["plan", "read", "--json"]);
    assert_eq!(plan["asks"], Value::Array(Vec::new()));
    assert_eq!(plan["requests"], Value::Array(Vec::new()));
    assert_eq!(plan["steps"][0]["needed"], false);
    let cached = &plan["steps"][1]["cached"];
    assert_eq!(cached["usable"], true);
    assert!((3500..=3600).contains(&cached["seconds_left"].as_i64().unwrap()));
    let text = stage.run(&["plan", "read"]).stdout;
    let head = "read: cached: no AWS call, no prompt\n\n1. keys of profile base: not needed\n";
    assert!(text.starts_with(head), "{text}");
    assert!(
        text.contains("\n2. AssumeRole read: cached until "),
        "{text}"
    );

    let fresh = json(&stage, &["plan", "--fresh", "read", "--json"]);
    assert_eq!(fresh["asks"][0], "mfa_code");
    assert_eq!(fresh["requests"][0], "AssumeRole");
    assert_eq!(fresh["steps"][1]["cached"]["usable"], true);
    let text = stage.run(&["plan", "--fresh", "read"]).stdout;
    assert!(
        text.contains("\n2. AssumeRole read: --fresh; cached until "),
        "{text}"
    );

    // An edited role is another session.
    let edited = stage.run_in(&["plan", "read"], &[("AWS_STS_DURATION_SECONDS", "1800")]);
    assert!(
        edited.stdout.contains("\n2. AssumeRole read: not cached\n"),
        "{}",
        edited.stdout
    );
    assert_eq!(stage.requests(), 1);
}

#[test]
fn a_session_that_is_over_is_no_session() {
    let stage = Stage::new();
    let two_hours_ago = jiff::SignedDuration::from_hours(-2);
    stage.sandbox.set_clock_offset(two_hours_ago);
    assert_eq!(stage.run(&["exec", "plain", "true"]).status, 0);
    let plan = json(&stage, &["plan", "plain", "--json"]);
    assert_eq!(plan["steps"][1]["cached"]["usable"], false);
    assert_eq!(plan["requests"][0], "AssumeRole");
    let text = stage.run(&["plan", "plain"]).stdout;
    assert!(text.starts_with("plain: calls AWS"), "{text}");
    assert!(
        text.contains("cached since ") && text.contains("(expired)"),
        "{text}"
    );
}

#[test]
fn json_has_its_fields_and_no_secret() {
    let stage = Stage::new();
    let ran = stage.run_in(&["plan", "deploy", "--json"], &[STS]);
    assert!(ran.stdout.contains(KEY) && !ran.stdout.contains(SECRET));
    let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
    let values = &plan["steps"][1]["values"];
    let at = |line: u32, column: u32| serde_json::json!({"file": "~/.assumerole", "line": line, "column": column});
    for (name, value, from) in [
        (
            "arn",
            "arn:aws:iam::123456789012:role/team/deploy".into(),
            at(18, 19),
        ),
        ("duration_seconds", 7200.into(), at(20, 31)),
        (
            "endpoint_url",
            STS.1.into(),
            serde_json::json!({"variable": STS.0}),
        ),
        ("fips", false.into(), serde_json::json!({"rule": "default"})),
        (
            "ca_bundle",
            Value::Null,
            serde_json::json!({"rule": "default"}),
        ),
    ] {
        let expected: Value = serde_json::json!({"value": value, "from": from});
        assert_eq!(values[name], expected, "{name}");
    }
    assert_eq!(plan["name"], "deploy");
    assert_eq!(plan["steps"][0]["step"], "profile_keys");
    assert_eq!(
        plan["steps"][0]["values"]["secret_access_key"]["value"],
        Value::Null
    );
    assert_eq!(plan["steps"][1]["step"], "assume_role");
    assert_eq!(plan["region"]["value"], Value::Null);
}

#[test]
fn what_could_not_be_assumed_has_no_plan() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    checks.ran(
        "unknown",
        &stage.run(&["plan", "plian"]),
        "",
        "\
error: there is no role \"plian\" in ~/.assumerole or ~/.aws
  hint: did you mean plain?
  hint: see all roles: assumerole list
",
        4,
    );
    checks.number(
        "none",
        stage.run(&["plan"]).status.unsigned_abs() as usize,
        2,
    );
    fs::remove_file(stage.path(".aws/credentials")).unwrap();
    checks.number(
        "keys",
        stage.run(&["plan", "read"]).status.unsigned_abs() as usize,
        3,
    );
    assert!(!stage.path(".assumerole.d").exists());
}

/// A person is asked for no code that a program has.
#[test]
fn a_program_that_has_the_code_is_not_a_person() {
    let stage = mfa_stage::stage(&[("pass", mfa_stage::PASS)]);
    mfa_stage::with(&stage, r#""mfa": {"provider": "pass"}"#);
    let text = stage.run(&["plan", "read"]).stdout;
    let head = "read: calls AWS and a program for the MFA code\n";
    assert!(text.starts_with(head), "{text}");
    let read = json(&stage, &["plan", "read", "--json"]);
    assert_eq!(read["asks"], serde_json::json!([]));
    // Who is named on the command line wins.
    let asked = json(&stage, &["plan", "read", "--mfa", "prompt", "--json"]);
    assert_eq!(asked["asks"][0], "mfa_code");
    assert_eq!(mfa_stage::calls(&stage), "");
}

#[test]
fn the_previous_role_has_one_too() {
    let stage = Stage::new();
    stage.warm("plain");
    let plan = json(&stage, &["plan", "-", "--json"]);
    assert_eq!(plan["name"], "plain");
}

/// As wide as it may be, nothing cut; who decided goes below what is long.
#[test]
fn a_terminal_of_any_width_shows_all_of_it() {
    let stage = Stage::new();
    for (columns, below) in [(60, true), (80, true), (120, false)] {
        let script = format!("stty cols {columns}; exec assumerole plan plain");
        let mut terminal = Terminal::new();
        terminal.start(&stage, &script, &[STS, ("NO_COLOR", "1")]);
        assert_eq!(terminal.ends(), 0);
        // All that was written: at 60 columns the screen has scrolled.
        let all = terminal.all();
        let screen = all.split('\u{1b}').next().unwrap();
        let wide = screen.lines().map(|line| line.chars().count()).max();
        assert!(wide.unwrap() <= columns, "{columns}:\n{screen}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(screen), words(PLAIN), "{columns}");
        let alone = screen
            .lines()
            .any(|line| line.trim() == "~/.assumerole:14:19");
        assert_eq!(alone, below, "{columns}:\n{screen}");
    }
    check(&stage.run_in(&["plan", "plain"], &[STS]), PLAIN, "", 0);
}

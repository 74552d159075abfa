//! Sessions of one role that are not the same are told apart wherever they are
//! shown.

use aws_sandbox::Options;
use serde_json::{Value, json};

use super::harness::{Stage, program, world};
use super::support::Checks;

const ROLES: &str = r#"
    "plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
    "own": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
            "policy_arns": ["arn:aws:iam::aws:policy/job-function/Billing"],
            "session_tags": {"team": "x"}, "session_name": "jdoe-own"}"#;

const S3: &str = "arn:aws:iam::123456789012:policy/team/S3Only";

/// Flags, and what is said of the session.
const KINDS: [(&[&str], &str); 7] = [
    (&[], ""),
    (&["--read-only"], "read-only"),
    (&["--policy-arn", S3], "S3Only"),
    (&["--tag", "team=x"], "tag team=x"),
    (&["--duration", "15m"], "for 15m"),
    (&["--session-name", "ci-7"], "as ci-7"),
    (
        &["--read-only", "--duration", "30m", "--session-name", "ci-8"],
        "read-only, for 30m, as ci-8",
    ),
];

fn stage() -> Stage {
    let stage = Stage::with(world(), Options::default());
    stage.roles(ROLES);
    stage
}

fn rows(stage: &Stage, subcommand: &str) -> Vec<Value> {
    serde_json::from_str(&stage.run(&[subcommand, "--json"]).stdout).unwrap()
}

#[test]
fn status_and_history_say_what_each_session_was_asked_for_with() {
    let stage = stage();
    let mut checks = Checks::default();
    for (flags, _) in KINDS {
        let args = [&["exec"], flags, &["plain", "true"]].concat();
        checks.ran(&args.join(" "), &stage.run(&args), "", "", 0);
    }
    checks.ran("own", &stage.run(&["exec", "own", "true"]), "", "", 0);
    let status = stage.run(&["status"]).stdout;
    let history = stage.run(&["history"]).stdout;
    for (flags, said) in KINDS {
        let ending = |line: &&str| match said {
            "" => line.ends_with(" -"),
            said => line.ends_with(&format!("  {said}")),
        };
        checks.number(said, status.lines().filter(ending).count(), 1);
        let flags: Vec<&str> = match said {
            "" => vec!["-"],
            _ => flags.to_vec(),
        };
        let words = flags
            .join(" ")
            .replace("15m", "900")
            .replace("30m", "1800")
            .replace("team=x", "'team=x'");
        let words = match said.contains(", ") {
            // In an order of their own.
            true => "--duration 1800 --session-name ci-8 --read-only".to_owned(),
            false => words,
        };
        let ending = |line: &&str| line.ends_with(&format!("  {words}"));
        checks.number(&words, history.lines().filter(ending).count(), 1);
    }
    // What the role itself says.
    let own = "Billing, tag team=x";
    let lines =
        |text: &str, ending: &str| text.lines().filter(|line| line.ends_with(ending)).count();
    checks.number("own", lines(&status, &format!("  {own}, as jdoe-own")), 1);
    checks.number("own", lines(&history, &format!("  {own}")), 1);
    let of = |name: &str, rows: Vec<Value>| {
        rows.into_iter()
            .filter(|row| row["name"] == name)
            .collect::<Vec<_>>()
    };
    let row = of("own", rows(&stage, "status")).remove(0);
    checks.same(
        "narrowed",
        &row["narrowed"].to_string(),
        r#"["Billing","tag team=x"]"#,
    );
    checks.same("name", &row["session_name"].to_string(), r#""jdoe-own""#);
    checks.same("duration", &row["duration_seconds"].to_string(), "null");
    let row = of("own", rows(&stage, "history")).remove(0);
    checks.same(
        "narrowed",
        &row["narrowed"].to_string(),
        r#"["Billing","tag team=x"]"#,
    );
    let asked = of("plain", rows(&stage, "status"));
    checks.number("sessions", asked.len(), KINDS.len());
    let last = asked
        .iter()
        .find(|row| row["duration_seconds"] == 1800)
        .unwrap();
    checks.same(
        "last",
        &json!([last["narrowed"], last["session_name"]]).to_string(),
        r#"[["read-only"],"ci-8"]"#,
    );
}

#[test]
fn a_shell_says_what_its_session_was_asked_for_with() {
    let stage = stage();
    let mut checks = Checks::default();
    for (flags, said) in KINDS {
        let shown = match said {
            "" => String::new(),
            said => format!(" ({said})"),
        };
        let format = "{role}[ ({narrowed})]";
        let args = [
            &["exec"],
            flags,
            &["plain", program(), "prompt", "--format", format],
        ]
        .concat();
        checks.ran(said, &stage.run(&args), &format!("plain{shown}"), "", 0);
        let args = [&["exec"], flags, &["plain", program(), "prompt"]].concat();
        let begins = stage
            .run(&args)
            .stdout
            .starts_with(&format!("plain{shown} "));
        checks.same(said, &begins.to_string(), "true");
    }
    let args = [
        "exec",
        "--read-only",
        "--duration",
        "30m",
        "--session-name",
        "ci-8",
        "plain",
        program(),
        "info",
    ];
    let said = "account name: plain\naccount ID:   123456789012\nrole:         plain\nnarrowed by:  ReadOnlyAccess\nasked for:    30m\nsession name: ci-8\n";
    checks.ran("info", &stage.run(&args), said, "", 0);
    let command = [("AWS_STS_DURATION_SECONDS", "1200")];
    let args = [
        "exec",
        "plain",
        program(),
        "prompt",
        "--format",
        "{narrowed}",
    ];
    checks.ran("variable", &stage.run_in(&args, &command), "for 20m", "", 0);
}

/// Where nobody asked for anything there is no column more than before.
#[test]
fn where_there_is_nothing_to_say_nothing_is_said() {
    let stage = stage();
    assert_eq!(stage.run(&["exec", "plain", "true"]).status, 0);
    let status = stage.run(&["status"]).stdout;
    assert!(!status.contains("WITH"), "{status}");
    let row = rows(&stage, "status").remove(0);
    assert_eq!(row["narrowed"], json!([]));
}

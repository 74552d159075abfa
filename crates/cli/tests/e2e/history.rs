//! `history`: what was assumed, when, how, and for how long.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use jiff::Timestamp;
use serde_json::Value;

use super::harness::{Stage, program};
use super::support::{Checks, check};
use super::terminal::Terminal;

const NOTHING: &str = "no role has been assumed yet; assume one: assumerole ROLE\n";

/// Two lines of the first version, one of this, and what is none.
const LINES: &str = r#"{"at":"2026-11-22T08:00:00Z","role":"read"}
{"at":"2026-11-22T09:30:00Z","role":"gone from the file"}
no line at all
{"at":"2026-11-23T10:00:59Z","role":"deploy","expires":"2026-11-23T11:59:59Z","cached":false,"way":"shell","parent":"zsh"}
{"at":"2026-11-23T10:05:00Z","role":"deploy","expires":"2026-11-23T11:59:59Z","cached":true,"way":"exec","parent":"make\u001b[2J"}
"#;

fn with_lines() -> Stage {
    let stage = Stage::new();
    stage.write(".assumerole.d/history", LINES);
    stage
}

/// The array that a run printed.
#[track_caller]
fn rows(stage: &Stage, args: &[&str]) -> Vec<Value> {
    let ran = stage.run(args);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn it_is_a_table_newest_last_and_old_lines_still_read() {
    let stage = with_lines();
    let mut checks = Checks::default();
    checks.ran(
        "all",
        &stage.run(&["history"]),
        "\
WHEN              NAME                   FOR  FROM   WAY    BY
2026-11-22 08:00  read                     -  -      -      -
2026-11-22 09:30  gone from the file       -  -      -      -
2026-11-23 10:00  deploy              1h 59m  AWS    shell  zsh
2026-11-23 10:05  deploy              1h 54m  cache  exec   make�[2J
",
        "",
        0,
    );
    checks.ran(
        "the last",
        &stage.run_in(&["history", "-n", "1"], &[("TZ", "CET-1")]),
        "\
WHEN              NAME       FOR  FROM   WAY   BY
2026-11-23 11:05  deploy  1h 54m  cache  exec  make�[2J
",
        "",
        0,
    );
    checks.ran(
        "more than there are, quiet",
        &stage.run(&["--quiet", "history", "--lines", "99"]),
        &stage.run(&["history"]).stdout,
        "",
        0,
    );
    checks.number("requests", stage.requests(), 0);
    checks.same(
        "untouched",
        &fs::read_to_string(stage.path(".assumerole.d/history")).unwrap(),
        LINES,
    );
}

#[test]
fn as_json_what_was_not_noted_is_null() {
    let stage = with_lines();
    check(
        &stage.run(&["history", "--json", "-n", "3"]),
        "\
[
  {
    \"name\": \"gone from the file\",
    \"at\": \"2026-11-22T09:30:00Z\",
    \"expires\": null,
    \"seconds\": null,
    \"cached\": null,
    \"way\": null,
    \"parent\": null,
    \"arn\": null,
    \"narrowed\": null,
    \"flags\": null,
    \"duration_seconds\": null,
    \"files\": null
  },
  {
    \"name\": \"deploy\",
    \"at\": \"2026-11-23T10:00:59Z\",
    \"expires\": \"2026-11-23T11:59:59Z\",
    \"seconds\": 7140,
    \"cached\": false,
    \"way\": \"shell\",
    \"parent\": \"zsh\",
    \"arn\": null,
    \"narrowed\": null,
    \"flags\": null,
    \"duration_seconds\": null,
    \"files\": null
  },
  {
    \"name\": \"deploy\",
    \"at\": \"2026-11-23T10:05:00Z\",
    \"expires\": \"2026-11-23T11:59:59Z\",
    \"seconds\": 6899,
    \"cached\": true,
    \"way\": \"exec\",
    \"parent\": \"make\\u001b[2J\",
    \"arn\": null,
    \"narrowed\": null,
    \"flags\": null,
    \"duration_seconds\": null,
    \"files\": null
  }
]
",
        "",
        0,
    );
    assert_eq!(rows(&stage, &["history", "--json", "-n0"]).len(), 0);
    assert_eq!(rows(&stage, &["history", "--json"]).len(), 4);
}

/// No file, no folder, no configuration even: and none is made.
#[test]
fn nothing_is_no_error_and_leaves_nothing() {
    let stage = Stage::new();
    fs::remove_file(stage.path(".assumerole")).unwrap();
    check(&stage.run(&["history"]), "", NOTHING, 0);
    check(&stage.run(&["history", "--json"]), "[]\n", "", 0);
    assert!(!stage.path(".assumerole.d").exists());
}

#[test]
fn every_way_of_assuming_a_role_is_noted() {
    let stage = Stage::new();
    let begun = Timestamp::now();
    let script = format!("'{0}' exec plain -- true; '{0}' plain; true", program());
    let mut sh = Command::new("sh");
    stage.clear(&mut sh);
    sh.env("ASSUMEROLE_QUIET", "1").args(["-c", &script]);
    check(&stage.ran(&mut sh), "", "", 0);
    let command = [("ASSUMEROLE_COMMAND", "true")];
    check(&stage.run_in(&["plain"], &command), "", "", 0);
    // What was refused was not assumed.
    assert_eq!(stage.run(&["exec", "read", "--", "true"]).status, 125);

    let rows = rows(&stage, &["history", "--json"]);
    let ways: Vec<(&str, bool)> = rows
        .iter()
        .map(|row| (row["way"].as_str().unwrap(), row["cached"] == true))
        .collect();
    assert_eq!(ways, [("exec", false), ("shell", true), ("exec", true)]);
    for row in &rows {
        assert_eq!(row["name"], "plain");
        let at: Timestamp = row["at"].as_str().unwrap().parse().unwrap();
        assert!(at >= begun && at <= Timestamp::now(), "{row}");
        let expires: Timestamp = row["expires"].as_str().unwrap().parse().unwrap();
        let seconds = row["seconds"].as_i64().unwrap();
        assert_eq!(seconds, expires.duration_since(at).as_secs());
        assert!((3000..=3600).contains(&seconds), "{row}");
    }
    if cfg!(target_os = "linux") {
        assert_eq!(
            (&rows[0]["parent"], &rows[1]["parent"]),
            (&"sh".into(), &"sh".into())
        );
    }
    let mode = fs::metadata(stage.path(".assumerole.d/history"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_narrow_terminal_keeps_what_matters() {
    let stage = with_lines();
    for (columns, head) in [
        (
            120,
            "WHEN              NAME                   FOR  FROM   WAY    BY",
        ),
        (
            60,
            "WHEN              NAME                   FOR  WAY    BY",
        ),
        (40, "WHEN              NAME"),
    ] {
        let mut terminal = Terminal::running(
            &stage,
            &format!("stty cols {columns}; exec assumerole history"),
        );
        assert_eq!(terminal.ends(), 0);
        let screen = terminal.screen();
        let first = screen.lines().next().unwrap();
        assert_eq!(first.trim_end(), head, "{columns}");
        assert!(
            screen.lines().all(|line| line.chars().count() <= columns),
            "{columns}:\n{screen}"
        );
    }
}

/// Flags, and files that are not those of the home folder: what `-` takes up.
#[test]
fn flags_and_files_are_shown_where_there_are_any() {
    let stage = Stage::new();
    stage.write("other.json", super::harness::CONFIG);
    for args in [
        &["exec", "plain", "--", "true"] as &[&str],
        &[
            "exec",
            "--read-only",
            "--tag",
            "k=a b",
            "plain",
            "--",
            "true",
        ],
        &["exec", "--config", "other.json", "plain", "--", "true"],
    ] {
        assert_eq!(stage.run(args).status, 0, "{args:?}");
    }
    let duration = [("AWS_STS_DURATION_SECONDS", "900")];
    assert_eq!(
        stage
            .run_in(&["exec", "plain", "--", "true"], &duration)
            .status,
        0
    );
    let table = stage.run(&["history"]).stdout;
    let last: Vec<&str> = table
        .lines()
        .map(|line| line.rsplit("  ").next().unwrap())
        .collect();
    assert_eq!(
        last,
        [
            "WITH",
            "-",
            "--tag 'k=a b' --read-only",
            "from ~/other.json",
            "AWS_STS_DURATION_SECONDS=900"
        ],
        "{table}"
    );
    let rows = rows(&stage, &["history", "--json"]);
    for (row, flags, duration, config) in [
        (0, serde_json::json!([]), Value::Null, ".assumerole"),
        (
            1,
            serde_json::json!(["--tag", "k=a b", "--read-only"]),
            Value::Null,
            ".assumerole",
        ),
        (2, serde_json::json!([]), Value::Null, "other.json"),
        (
            3,
            serde_json::json!([]),
            serde_json::json!(900),
            ".assumerole",
        ),
    ] {
        let found = &rows[row];
        assert_eq!(found["flags"], flags, "{row}");
        assert_eq!(found["duration_seconds"], duration, "{row}");
        assert_eq!(found["files"]["config"], format!("$HOME/{config}"), "{row}");
        assert_eq!(
            found["arn"], "arn:aws:iam::123456789012:role/plain",
            "{row}"
        );
    }
}

//! What a role owns in the environment, as `docs/environment.md` lists it: the
//! real program, started by a person who has every one of these variables.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::harness::{Stage, program};
use super::support::{Checks, environment};

const PAGE: &str = include_str!("../../../../docs/environment.md");

/// What the person has everywhere: a region, so that it may be one.
const MINE: &str = "us-west-2";

/// A line of the page's table.
struct Row {
    name: &'static str,
    set: bool,
    before: &'static str,
    internal: bool,
}

fn rows() -> Vec<Row> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    // What only a server changes is for the tests of servers.
    let rows = rows.filter(|line| !line.contains(" | kept | "));
    let rows: Vec<Row> = rows
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            Row {
                name: cells[1].trim_matches('`'),
                set: cells[3] == "set",
                before: cells[5],
                internal: cells[7] == "yes",
            }
        })
        .collect();
    assert!(rows.len() > 40);
    rows
}

/// A person who has all of them, but what is ours alone.
fn person() -> Vec<(&'static str, &'static str)> {
    let theirs = rows().into_iter().filter(|row| !row.internal);
    theirs.map(|row| (row.name, MINE)).collect()
}

fn run(stage: &Stage, args: &[&str]) -> BTreeMap<String, String> {
    let ran = stage.run_in(args, &person());
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    environment(&ran.stdout)
}

#[test]
fn nothing_that_another_program_would_take_in_its_place_is_left_in_a_role() {
    let stage = Stage::new();
    stage.warm("plain");
    let env = run(&stage, &["exec", "plain", "--", "env", "-0"]);
    let mut checks = Checks::default();
    for row in rows() {
        let found = env.get(row.name).map(String::as_str);
        let is_left = found == Some(MINE) || !row.set && found.is_some();
        checks.same(row.name, &is_left.to_string(), "false");
    }
    // Nor in one inside another, nor for ASSUMEROLE_COMMAND.
    let nested = [
        "exec",
        "plain",
        "--",
        program(),
        "exec",
        "plain",
        "--",
        "env",
        "-0",
    ];
    assert_eq!(run(&stage, &nested), env);
    let mut shell = stage.command(&["plain"]);
    shell.envs(person());
    shell
        .env("ENV", "/dev/null")
        .env("ASSUMEROLE_COMMAND", "env -0");
    let shell = environment(&stage.ran(&mut shell).stdout);
    for row in rows() {
        checks.same(
            row.name,
            &format!("{:?}", shell.get(row.name)),
            &format!("{:?}", env.get(row.name)),
        );
    }
}

#[test]
fn leaving_a_role_brings_back_what_is_noted_and_nothing_secret_is() {
    let stage = Stage::new();
    stage.warm("plain");
    let script = "eval \"$(\"$1\" export --format bash --off)\"; env -0";
    let inside = ["exec", "plain", "--", "bash", "-c", script, "sh", program()];
    let env = run(&stage, &inside);
    let mut checks = Checks::default();
    for row in rows() {
        let wanted = (row.before == "noted").then_some(MINE);
        let found = env.get(row.name).map(String::as_str);
        checks.same(row.name, &format!("{found:?}"), &format!("{wanted:?}"));
    }
}

/// A shell that changes its role in place keeps for itself what is in no note.
#[test]
fn a_shell_that_was_in_a_role_is_as_it_was() {
    let stage = Stage::new();
    stage.warm("plain");
    let folder = Path::new(program()).parent().unwrap();
    let script = "PATH=$1:$PATH; eval \"$(assumerole init bash)\"; before=$(env | sort); \
                  assume plain && assume plain && assume --off && \
                  test \"$before\" = \"$(env | sort)\" && printf same";
    let mut command = Command::new("bash");
    stage.clear(&mut command);
    command
        .args(["-c", script, "sh"])
        .arg(folder)
        .envs(person());
    let ran = stage.ran(&mut command);
    assert_eq!(
        (ran.stdout.as_str(), ran.status),
        ("same", 0),
        "{}",
        ran.stderr
    );
}

#[test]
fn no_format_for_other_programs_has_what_is_ours_alone() {
    let stage = Stage::new();
    stage.warm("plain");
    let mut checks = Checks::default();
    for format in ["json", "yaml", "dotenv", "docker", "systemd"] {
        let ran = stage.run_in(&["export", "plain", "--format", format], &person());
        for row in rows().iter().filter(|row| row.internal) {
            let what = format!("{format}: {}", row.name);
            checks.same(&what, &ran.stdout.contains(row.name).to_string(), "false");
        }
        checks.same(format, &ran.stdout.contains(MINE).to_string(), "false");
    }
}

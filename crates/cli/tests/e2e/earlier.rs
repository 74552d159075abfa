//! Formats whose reader keeps what it is not told of: nothing of an earlier
//! role, and of no other tool, is seen through the role.

use std::collections::BTreeMap;
use std::fs;

use super::harness::{Stage, program};
use super::support::{Checks, environment};

/// What `text` makes of `env`, as the reader of `format` does it.
fn read_into(env: &mut BTreeMap<String, String>, format: &str, text: &str) {
    let trim = match format {
        "dotenv" => '\'',
        "systemd" => '"',
        _ => '\0',
    };
    for line in text.lines() {
        let (name, value) = line.split_once('=').unwrap();
        env.insert(name.to_owned(), value.trim_matches(trim).to_owned());
    }
}

/// As the runner of GitHub Actions reads it.
fn read_github(text: &str) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        env.insert(name.to_owned(), value.join("\n"));
    }
    env
}

fn stage() -> Stage {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    stage
}

#[test]
fn nothing_of_the_role_that_asks_is_seen_through_the_one_that_is_exported() {
    let stage = stage();
    let mut checks = Checks::default();
    let person = [
        ("MYVAR1", "my own"),
        ("AWS_VAULT", "mine"),
        ("AWS_ACCESS_KEY", "mine"),
    ];
    let within = |args: &[&str]| {
        let ran = stage.run_in(&[&["exec", "read", "--"], args].concat(), &person);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
        ran.stdout
    };
    let outer = environment(&within(&["env", "-0"]));
    let wanted = environment(&within(&[program(), "exec", "plain", "--", "env", "-0"]));
    for format in ["dotenv", "docker", "systemd"] {
        let text = within(&[program(), "export", "--format", format, "plain"]);
        let mut env = outer.clone();
        read_into(&mut env, format, &text);
        for name in outer
            .keys()
            .chain(wanted.keys())
            .filter(|name| !name.starts_with("ASSUMEROLE_"))
        {
            let found = env.get(name).map_or("", String::as_str);
            let wanted = wanted.get(name).map_or("", String::as_str);
            checks.same(&format!("{format} {name}"), found, wanted);
        }
        checks.same(&format!("{format} AWS_REGION"), &env["AWS_REGION"], "");
        checks.same(&format!("{format} MYVAR1"), &env["MYVAR1"], "my own");
    }
}

#[test]
fn what_another_tool_left_is_emptied_and_a_profile_is_not() {
    let stage = stage();
    let mut checks = Checks::default();
    let person = [
        ("AWS_VAULT", "mine"),
        ("AWS_SECURITY_TOKEN", "mine"),
        ("AWS_ACCESS_KEY", "mine"),
        ("AWS_PROFILE", "mine"),
        ("AWS_REGION", "us-west-1"),
    ];
    for format in ["dotenv", "docker", "systemd"] {
        let ran = stage.run_in(&["export", "--format", format, "plain"], &person);
        let mut env = BTreeMap::new();
        read_into(&mut env, format, &ran.stdout);
        for (name, wanted) in [
            ("AWS_VAULT", Some("")),
            ("AWS_SECURITY_TOKEN", Some("")),
            ("AWS_ACCESS_KEY", Some("")),
            // boto3 takes an empty one for one.
            ("AWS_PROFILE", None),
            ("AWS_REGION", None),
        ] {
            let found = env.get(name).map(String::as_str);
            checks.same(
                &format!("{format} {name}"),
                &format!("{found:?}"),
                &format!("{wanted:?}"),
            );
        }
    }
    for format in ["json", "yaml"] {
        let ran = stage.run_in(&["export", "--format", format, "plain"], &person);
        checks.same(
            format,
            &ran.stdout.contains("AWS_VAULT").to_string(),
            "false",
        );
    }
}

/// In the same step the file tells what came before, in a later one the
/// environment does.
#[test]
fn a_later_role_of_a_workflow_leaves_nothing_of_the_one_before() {
    let stage = stage();
    let mut checks = Checks::default();
    let path = stage.path("github-env");
    let run = |role: &str, env: &BTreeMap<String, String>| {
        let mut command = stage.command(&["export", "--format", "github", role]);
        command.env("GITHUB_ENV", &path).envs(env);
        stage.ran(&mut command)
    };
    for same_step in [true, false] {
        stage.write("github-env", "");
        let mut step = BTreeMap::new();
        run("read", &step);
        let first = read_github(&fs::read_to_string(&path).unwrap());
        checks.same("read", &first["AWS_REGION"], "eu-central-1");
        if !same_step {
            step = first.clone();
            stage.write("github-env", "");
        }
        let ran = run("plain", &step);
        checks.same("stderr", &ran.stderr, "");
        let mut env = step;
        env.extend(read_github(&fs::read_to_string(&path).unwrap()));
        for (name, wanted) in [
            ("AWS_ACCOUNT", "plain"),
            ("AWS_REGION", ""),
            ("AWS_DEFAULT_REGION", ""),
            ("MYVAR1", ""),
        ] {
            checks.same(&format!("{same_step} {name}"), &env[name], wanted);
        }
        // And back: it is as if it had been the first.
        run("read", &env);
        let mut again = env.clone();
        again.extend(read_github(&fs::read_to_string(&path).unwrap()));
        for (name, wanted) in &first {
            checks.same(&format!("{same_step} {name}"), &again[name], wanted);
        }
    }
    // Nothing has to be emptied where nothing was.
    stage.write("github-env", "OTHER=1\n");
    run("plain", &BTreeMap::new());
    let text = fs::read_to_string(&path).unwrap();
    checks.same("alone", &text.contains("AWS_REGION").to_string(), "false");
    let profile = BTreeMap::from([("AWS_PROFILE".to_owned(), "mine".to_owned())]);
    let said = "warning: AWS_PROFILE is set for the next steps, where some programs use it instead of the role\n  hint: remove AWS_PROFILE from the workflow\n";
    checks.same("profile", &run("plain", &profile).stderr, said);
}

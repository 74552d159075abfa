//! `serve --check`: which SDKs get a role in this environment.

use std::fs;

use super::super::harness::{Ran, Stage, program};
use super::super::support::Checks;

fn check(stage: &Stage, env: &[(&str, &str)]) -> Ran {
    let mut command = stage.command(&["serve", "--check", "plain"]);
    stage.ran(command.envs(env.iter().copied()))
}

/// Runs `script` under `exec --serve`; its `$0` is the program.
fn under_server(stage: &Stage, script: &str) -> Ran {
    let sh = ["--", "sh", "-c", script, program()];
    stage.run(&[&["exec", "--serve", "plain"][..], &sh].concat())
}

/// What is found for each SDK, without the time of day.
fn found(ran: &Ran) -> String {
    let lines = ran
        .stdout
        .lines()
        .map(|line| match line.split_once(" until ") {
            Some((start, time)) if time.contains(':') && !time.contains("until") => start,
            _ => line,
        });
    lines.map(|line| format!("{line}\n")).collect()
}

const ALL: &str = "\
boto3      gets credentials
JavaScript gets credentials
Go         gets credentials
Java       gets credentials
Rust       gets credentials
";

#[test]
fn each_sdk_is_asked_for() {
    let stage = Stage::new();
    stage.warm("plain");
    let mut checks = Checks::default();
    let mut same = |case: &str, ran: &Ran, expected: &str| {
        checks.same(case, &found(ran), expected);
        checks.same(case, &ran.stderr, "");
        let status = i32::from(expected != ALL);
        checks.same(case, &ran.status.to_string(), &status.to_string());
    };
    same("nothing in the way", &check(&stage, &[]), ALL);
    let ran = check(&stage, &[("HTTP_PROXY", "http://proxy.example:3128")]);
    let rust = "Rust       asks by way of the proxy in HTTP_PROXY, which does not reach the server\n           fix: export NO_PROXY=\"$NO_PROXY,127.0.0.1\" no_proxy=\"$NO_PROXY,127.0.0.1\"\n";
    let expected = ALL.replace("Rust       gets credentials\n", rust);
    same("a proxy", &ran, &expected);
    let path = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    let ran = check(&stage, &[(path, "/x")]);
    let other = format!("asks 169.254.170.2 for /x ({path})\n           fix: unset {path}");
    let go = "Go         gets credentials";
    let expected = ALL.replace("gets credentials", &other);
    let expected = expected.replace(&format!("Go         {other}"), go);
    same("a container's own", &ran, &expected);
    let ran = check(&stage, &[("AWS_PROFILE", "base")]);
    let other =
        "uses the credentials of profile base (AWS_PROFILE)\n           fix: unset AWS_PROFILE";
    same("a profile", &ran, &ALL.replace("gets credentials", other));
    // What a person has set is asked for as it is: at no server.
    let uri = "http://127.0.0.1:1/role/plain";
    let ran = check(&stage, &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]);
    let other = "gets no answer from the server: Connection refused\n           fix: set what this prints: assumerole serve ROLE";
    same("no server", &ran, &ALL.replace("gets credentials", other));
    let ran = check(
        &stage,
        &[(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://127.0.0.1:1/role/other",
        )],
    );
    let other = "asks for another role: /role/other\n           fix: set what this prints: assumerole serve ROLE";
    same(
        "another role",
        &ran,
        &ALL.replace("gets credentials", other),
    );
    // Keys of [default].
    let credentials = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    let default = credentials.replace("[base]", "[default]");
    stage.write(".aws/credentials", &format!("{credentials}{default}"));
    let ran = check(&stage, &[]);
    assert!(
        ran.stdout
            .contains("uses the credentials of [default] in ~/.aws"),
        "{ran:?}"
    );
    assert_eq!(ran.status, 1);
    // Under exec --serve, nothing is in the way.
    let nested = [
        "exec",
        "--serve",
        "plain",
        "--",
        program(),
        "serve",
        "--check",
        "plain",
    ];
    same("exec --serve", &stage.run(&nested), ALL);
}

#[test]
fn a_token_with_a_line_break_is_told_by_sdk() {
    let stage = Stage::new();
    stage.warm("plain");
    let script = "printf '%s\\n' \"$AWS_CONTAINER_AUTHORIZATION_TOKEN\" > token; \
                  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token exec \"$0\" serve --check plain";
    let ran = under_server(&stage, script);
    let other = "refuses the token (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE): it contains a line break\n           fix: write it without one: printf %s";
    let expected = ALL.replace("gets credentials", other);
    let java = format!("Java       {other}");
    assert_eq!(
        found(&ran),
        expected.replace(&java, "Java       gets credentials")
    );
    assert_eq!(ran.status, 1);
    // A wrong token is refused by the server itself.
    let script = "AWS_CONTAINER_AUTHORIZATION_TOKEN=x exec \"$0\" serve --check plain --json";
    let ran = under_server(&stage, script);
    let object: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(object["role"], "plain");
    let sdks = object["sdks"].as_array().unwrap();
    let results: Vec<_> = sdks
        .iter()
        .map(|sdk| sdk["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, ["server", "server", "server", "fails", "server"]);
    let problem = sdks[3]["problem"].as_str().unwrap();
    assert!(
        problem.starts_with("is refused with status 403: a wrong token"),
        "{problem}"
    );
    assert!(sdks[0]["expires"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn it_is_for_one_role() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for args in [
        ["serve", "--check", "plain", "read"].as_slice(),
        &["serve", "--check"],
        &["serve", "--json", "plain"],
        &["serve", "--check", "--detach", "plain"],
    ] {
        let ran = stage.run(args);
        checks.same(
            &format!("{args:?}: {}", ran.stderr),
            &ran.status.to_string(),
            "2",
        );
    }
    assert_eq!(stage.requests(), 0);
}

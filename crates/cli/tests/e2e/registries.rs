//! `ecr-login`, `docker-credential-assumerole` and `ssh-proxy`: logins that go to
//! programs which others wrote. Stand-ins write down what they were given.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use aws_sandbox::{Fault, Options, World};
use serde_json::{Value, json};

use super::harness::{CONFIG, Ran, Stage, program, world};
use super::support::Checks;

const INSTANCE: &str = "i-0123456789abcdef0";
const REGISTRY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// Writes down its arguments and what it reads.
const DOCKER: &str = "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$HOME/arguments\"\ncat >\"$HOME/read\"\necho 'Login Succeeded'\n";

/// Says its version; writes down its arguments and its environment.
const PLUGIN: &str = "#!/bin/sh\n[ \"$1\" = --version ] && { cat \"$HOME/version\"; exit; }\n\
                      printf '<%s>\\n' \"$@\" >\"$HOME/arguments\"\nenv >\"$HOME/environment\"\necho SSH-2.0\n";

fn allowed() -> World {
    let mut world = world().managed(INSTANCE);
    let plain = world
        .roles
        .iter_mut()
        .find(|role| role.arn.ends_with("/plain"));
    plain.unwrap().allow = vec![
        "ecr:GetAuthorizationToken".into(),
        "ssm:StartSession".into(),
    ];
    world
}

fn stage() -> Stage {
    let stage = Stage::with(allowed(), Options::default());
    stage.warm("plain");
    put(&stage, "docker", DOCKER);
    put(&stage, "session-manager-plugin", PLUGIN);
    stage.write("version", "1.2.536.0\n");
    stage
}

fn put(stage: &Stage, name: &str, text: &str) {
    let name = format!("programs/{name}");
    stage.write(&name, text);
    fs::set_permissions(stage.path(&name), fs::Permissions::from_mode(0o755)).unwrap();
}

fn command(stage: &Stage, args: &[&str]) -> Command {
    let mut command = stage.command(args);
    command.env(
        "PATH",
        format!("{}:/usr/bin:/bin", stage.path("programs").display()),
    );
    command
}

fn run(stage: &Stage, args: &[&str]) -> Ran {
    stage.ran(&mut command(stage, args))
}

fn read(stage: &Stage, name: &str) -> String {
    fs::read_to_string(stage.path(name)).unwrap_or_default()
}

/// The program as Docker calls it.
fn asked(stage: &Stage, action: &str, stdin: &str) -> Ran {
    let link = stage.path("programs/docker-credential-assumerole");
    let _ = std::os::unix::fs::symlink(program(), &link);
    let mut command = Command::new(link);
    stage.clear(&mut command);
    let mut child = command
        .arg(action)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(stdin.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap(),
    }
}

#[test]
fn docker_gets_the_password_by_its_stdin() {
    let stage = stage();
    let before = stage.requests();
    let mut checks = Checks::default();
    let ran = run(&stage, &["ecr-login", "--region", "eu-west-1", "plain"]);
    checks.number("status", ran.status as usize, 0);
    checks.same("stdout", &ran.stdout, "");
    let said = format!("docker is logged in to {REGISTRY}, until ");
    checks.same(
        &ran.stderr,
        &ran.stderr.starts_with(&said).to_string(),
        "true",
    );
    checks.same(
        "arguments",
        &read(&stage, "arguments"),
        &format!("login\n--username\nAWS\n--password-stdin\n{REGISTRY}\n"),
    );
    let password = read(&stage, "read");
    checks.same("long", &(password.len() > 100).to_string(), "true");
    checks.same("said", &ran.stderr.contains(&password).to_string(), "false");
    checks.number("requests", stage.requests() - before, 1);
    let entry = stage.sandbox.journal().pop().unwrap();
    checks.same("call", &entry.action, "GetAuthorizationToken");
    checks.same("service", &entry.service, "ecr");
    let other = [
        "ecr-login",
        "--account",
        "210987654321",
        "--region",
        "eu-west-1",
        "plain",
    ];
    run(&stage, &other);
    let last = read(&stage, "arguments");
    checks.same(
        "account",
        last.lines().last().unwrap(),
        "210987654321.dkr.ecr.eu-west-1.amazonaws.com",
    );
    let print = run(
        &stage,
        &["ecr-login", "--print", "--region", "eu-west-1", "plain"],
    );
    checks.same("printed", &print.stderr, "");
    checks.number("lines", print.stdout.lines().count(), 1);
}

#[test]
fn what_a_login_fails_of_is_said_without_the_password() {
    let stage = stage();
    let mut checks = Checks::default();
    put(
        &stage,
        "docker",
        "#!/bin/sh\nread -r it\necho \"no daemon for $it\" >&2\nexit 1\n",
    );
    let args = ["ecr-login", "--region", "eu-west-1", "plain"];
    let ran = run(&stage, &args);
    checks.same(
        "docker",
        &ran.stderr,
        &format!(
            "error: docker did not log in to {REGISTRY}\n  because: no daemon for (secret)\n  \
             hint: see whether it runs: docker info\n"
        ),
    );
    checks.number("status", ran.status as usize, 1);
    let ran = run(
        &stage,
        &[
            "ecr-login",
            "--program",
            "finch",
            "--region",
            "eu-west-1",
            "plain",
        ],
    );
    checks.same(
        "finch",
        &ran.stderr,
        "error: finch: command not found\n  hint: see where commands are looked for: echo $PATH\n  hint: see how another program gets it: assumerole ecr-login --help\n",
    );
    let ran = run(&stage, &["ecr-login", "plain"]);
    checks.same(
        "region",
        &ran.stderr,
        "error: cannot tell in which region the registry is\n  because: plain has no region\n  \
         hint: name it: assumerole ecr-login --region REGION plain\n",
    );
    stage
        .sandbox
        .inject(Fault::throttle().on("GetAuthorizationToken"));
    let mut once = command(&stage, &args);
    let ran = stage.ran(once.env("AWS_MAX_ATTEMPTS", "1"));
    checks.same(
        &ran.stderr,
        &ran.stderr.contains("ThrottlingException").to_string(),
        "true",
    );
    checks.number("throttled", ran.status as usize, 6);
}

#[test]
fn a_role_without_the_permission_is_told_which() {
    let stage = Stage::new();
    stage.warm("plain");
    let ran = run(&stage, &["ecr-login", "--region", "eu-west-1", "plain"]);
    assert_eq!(ran.status, 6);
    let hint = "  hint: give plain the permission ecr:GetAuthorizationToken\n";
    assert!(ran.stderr.starts_with("error: An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: ") && ran.stderr.ends_with(hint), "{}", ran.stderr);
}

#[test]
fn docker_asks_by_itself() {
    let stage = stage();
    let mut checks = Checks::default();
    let several = asked(&stage, "get", &format!("https://{REGISTRY}/"));
    checks.same(
        "several",
        &several.stdout,
        &format!(
            "error: 3 roles are of account 123456789012, whose registry {REGISTRY} is: read, plain, deploy; \
             write into ~/.assumerole: \"registries\": {{\"{REGISTRY}\": \"ROLE\"}}\n"
        ),
    );
    checks.number("several", several.status as usize, 1);
    let other = asked(
        &stage,
        "get",
        "999999999999.dkr.ecr.eu-west-1.amazonaws.com",
    );
    checks.same(
        "none",
        &other.stdout[..43],
        "error: there is no role of account 99999999",
    );
    stage.write(
        ".assumerole",
        &CONFIG.replacen(
            '{',
            &format!("{{ \"registries\": {{\"{REGISTRY}\": \"plain\"}},"),
            1,
        ),
    );
    let got = asked(&stage, "get", REGISTRY);
    checks.same("stderr", &got.stderr, "");
    let value: Value = serde_json::from_str(&got.stdout).unwrap();
    checks.same("server", value["ServerURL"].as_str().unwrap(), REGISTRY);
    checks.same("user", value["Username"].as_str().unwrap(), "AWS");
    checks.same(
        "secret",
        &(value["Secret"].as_str().unwrap().len() > 100).to_string(),
        "true",
    );
    let entry = stage.sandbox.journal().pop().unwrap();
    checks.same("region", &entry.region, "eu-west-1");
    let list: Value = serde_json::from_str(&asked(&stage, "list", "").stdout).unwrap();
    checks.same(
        "list",
        &list.to_string(),
        &json!({ REGISTRY: "AWS" }).to_string(),
    );
    // Of another registry, Docker goes on without a login.
    let elsewhere = asked(&stage, "get", "https://index.docker.io/v1/");
    checks.same(
        "elsewhere",
        &elsewhere.stdout,
        "credentials not found in native keychain\n",
    );
    checks.number("elsewhere", elsewhere.status as usize, 1);
    let stored = |server: &str, user: &str| {
        let text = json!({"ServerURL": server, "Username": user, "Secret": "hush"}).to_string();
        asked(&stage, "store", &text)
    };
    checks.number("store", stored(REGISTRY, "AWS").status as usize, 0);
    for (server, user) in [(REGISTRY, "jdoe"), ("https://index.docker.io/v1/", "jdoe")] {
        let refused = stored(server, user);
        checks.number(server, refused.status as usize, 1);
        checks.same(user, &refused.stdout.contains("hush").to_string(), "false");
    }
    checks.number("erase", asked(&stage, "erase", REGISTRY).status as usize, 0);
    checks.number("version", asked(&stage, "version", "").status as usize, 0);
}

#[test]
fn ssh_goes_by_the_plugin_which_gets_the_token_in_its_environment() {
    let stage = stage();
    let mut checks = Checks::default();
    let args = [
        "ssh-proxy",
        "--region",
        "eu-west-1",
        "plain",
        INSTANCE,
        "2222",
    ];
    let ran = run(&stage, &args);
    checks.same("stderr", &ran.stderr, "");
    // The plugin has taken the place of the program.
    checks.same("stdout", &ran.stdout, "SSH-2.0\n");
    let request = json!({
        "Target": INSTANCE,
        "DocumentName": "AWS-StartSSHSession",
        "Parameters": {"portNumber": ["2222"]},
    });
    let endpoint = stage.sandbox.endpoint();
    checks.same(
        "arguments",
        &read(&stage, "arguments"),
        &format!(
            "<AWS_SSM_START_SESSION_RESPONSE>\n<eu-west-1>\n<StartSession>\n<>\n<{request}>\n<{endpoint}>\n"
        ),
    );
    let environment = read(&stage, "environment");
    let mut lines = environment.lines();
    let answer = lines.find_map(|line| line.strip_prefix("AWS_SSM_START_SESSION_RESPONSE="));
    let answer: Value = serde_json::from_str(answer.unwrap()).unwrap();
    for name in ["SessionId", "StreamUrl", "TokenValue"] {
        checks.same(name, &answer[name].is_string().to_string(), "true");
    }
    checks.same(
        "role",
        &environment.contains("AWS_SESSION_TOKEN=").to_string(),
        "true",
    );
    let entry = stage.sandbox.journal().pop().unwrap();
    checks.same(
        "call",
        &format!("{} {}", entry.service, entry.action),
        "ssm StartSession",
    );
}

#[test]
fn what_stands_in_the_way_of_ssh_is_said_before_a_role_is_assumed() {
    let stage = stage();
    let mut checks = Checks::default();
    let before = stage.requests();
    let install = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html";
    stage.write("version", "1.2.497.0\n");
    let ran = run(&stage, &["ssh-proxy", "plain", INSTANCE]);
    checks.same(
        "old",
        &ran.stderr,
        &format!(
            "error: session-manager-plugin 1.2.497.0 is too old\n  because: up to 1.2.497.0 it takes the session's token as an \
             argument, which every user of this machine can read\n  hint: install a newer one: {install}\n"
        ),
    );
    checks.number("old", ran.status as usize, 126);
    let mut none = stage.command(&["ssh-proxy", "plain", INSTANCE]);
    none.env("PATH", stage.path_of(&["setsid"]));
    let ran = stage.ran(&mut none);
    checks.same(
        "none",
        &ran.stderr,
        &format!(
            "error: session-manager-plugin: command not found\n  because: it is a program of AWS, which speaks for Session \
             Manager\n  hint: install it: {install}\n"
        ),
    );
    checks.number("none", ran.status as usize, 127);
    let ran = run(&stage, &["ssh-proxy", "plain", "web"]);
    checks.same(
        "name",
        &ran.stderr,
        "error: \"web\" is not the ID of an instance\n  hint: name it in ~/.ssh/config: HostName i-0123456789abcdef0\n",
    );
    checks.number("requests", stage.requests() - before, 0);
    stage.write("version", "1.2.764.0\n");
    let ran = run(
        &stage,
        &[
            "ssh-proxy",
            "--region",
            "eu-west-1",
            "plain",
            "i-0000000000000000f",
        ],
    );
    let is_away = ran.stderr.contains("(TargetNotConnected)");
    checks.same(&ran.stderr, &is_away.to_string(), "true");
    checks.number("away", ran.status as usize, 6);
}

/// A build asks for each layer: the login is kept as long as its session, and no longer.
#[test]
fn docker_asks_aws_once_a_session() {
    let stage = stage();
    let mut checks = Checks::default();
    let calls = || stage.sandbox.count("GetAuthorizationToken");
    let other = REGISTRY.replace("eu-west-1", "eu-central-1");
    let named = json!({REGISTRY: "plain", (other.as_str()): "plain"});
    let registries = format!("{{\"registries\": {named},");
    stage.write(".assumerole", &CONFIG.replacen('{', &registries, 1));
    let secret = |ran: &Ran| {
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        json["Secret"].as_str().unwrap().to_owned()
    };
    let first = secret(&asked(&stage, "get", REGISTRY));
    let second = secret(&asked(&stage, "get", REGISTRY));
    checks.same("the same", &(first == second).to_string(), "true");
    checks.number("asked once", calls(), 1);
    // Another region is another login.
    asked(&stage, "get", &other);
    checks.number("another region", calls(), 2);
    // Who logs in by hand has a new one.
    run(
        &stage,
        &["ecr-login", "--print", "--region", "eu-west-1", "plain"],
    );
    checks.number("by hand", calls(), 3);
    // Nothing of it is in clear.
    for file in fs::read_dir(stage.path(".assumerole.d/cache")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let part = &first.as_bytes()[..20];
        assert!(!bytes.windows(part.len()).any(|bytes| bytes == part));
    }
    // It goes with the session that it came from.
    stage.run(&["logout", "plain"]);
    let third = secret(&asked(&stage, "get", REGISTRY));
    checks.same("another", &(first == third).to_string(), "false");
    checks.number("after a logout", calls(), 4);
}

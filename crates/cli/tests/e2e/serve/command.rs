//! The command that is run beside a server.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::super::harness::{Ran, Stage, program};
use super::super::support::{Checks, environment};
use super::{Running, ask, served, until};

const PAGE: &str = include_str!("../../../../../docs/environment.md");

/// Names and what becomes of them with `--serve`, by the page.
fn rows() -> Vec<(&'static str, &'static str, &'static str)> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (cells[1].trim_matches('`'), cells[3], cells[4])
    })
    .collect()
}

#[test]
fn the_environment_leads_to_the_server_and_to_nothing_before_it() {
    let stage = Stage::new();
    stage.warm("read");
    let env = served(&stage, &["read"]);
    let mut checks = Checks::default();
    for (name, in_role, with_server) in rows() {
        let wanted = match (with_server, in_role) {
            ("set", _) => !name.ends_with("_FILE") || name.contains("TOKEN"),
            ("unset", _) | (_, "unset") => false,
            // What this role has.
            _ => ![
                "CODEARTIFACT_AUTH_TOKEN",
                "ASSUMEROLE_FLAGS",
                "ASSUMEROLE_PROD",
            ]
            .contains(&name),
        };
        let found = env.contains_key(name);
        checks.same(name, &found.to_string(), &wanted.to_string());
    }
    checks.same("account", &env["AWS_ACCOUNT"], "read");
    checks.same("region", &env["AWS_REGION"], "eu-central-1");
    checks.same("own", &env["MYVAR1"], "my value");
    checks.same("proxy", &env["NO_PROXY"], "127.0.0.1");
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    assert!(
        uri.starts_with("http://127.0.0.1:") && uri.ends_with("/role/read"),
        "{uri}"
    );
    assert!(!format!("{env:?}").contains("ASIA"), "{env:?}");
}

#[test]
fn it_listens_before_the_command_starts_and_goes_with_it() {
    let stage = Stage::new();
    stage.warm("read");
    let running = Running::start(&mut stage.command(&["exec", "--serve", "read"]));
    let (status, body) = running.ask();
    assert_eq!(status, 200);
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    let mut names: Vec<&str> = answer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "AccessKeyId",
            "AccountId",
            "Expiration",
            "SecretAccessKey",
            "Token"
        ]
    );
    assert_eq!(answer["AccountId"], "123456789012");
    assert!(answer["Expiration"].as_str().unwrap().ends_with('Z'));
    let token = &running.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    let file = running.env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"].clone();
    assert_eq!(&fs::read_to_string(&file).unwrap(), token);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let uri = running.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"].clone();
    let (status, body) = ask(&uri, "");
    assert_eq!(status, 403);
    assert!(body.contains("\"message\":\""), "{body}");
    assert_eq!(running.end(), "");
    until(|| (!Path::new(&file).exists()).then_some(()));
    let address = uri
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    until(|| std::net::TcpStream::connect(address).is_err().then_some(()));
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
}

/// As with `exec`: it is the very process that was started.
#[test]
fn status_and_signals_are_those_of_the_command() {
    let stage = Stage::new();
    stage.warm("plain");
    let mut checks = Checks::default();
    for (script, status) in [("exit 7", 7), ("exit 0", 0)] {
        let ran = stage.run(&["exec", "--serve", "plain", "--", "sh", "-c", script]);
        checks.ran(script, &ran, "", "", status);
    }
    let ran = stage.run(&["exec", "--serve", "plain", "--", "no-such-command"]);
    checks.number("127", usize::try_from(ran.status).unwrap(), 127);
    let ran = stage.run(&["exec", "--serve", "plain", "--", "/"]);
    checks.number("126", usize::try_from(ran.status).unwrap(), 126);
    let ran = stage.run(&["exec", "--serve", "none", "--", "true"]);
    checks.number("125", usize::try_from(ran.status).unwrap(), 125);
    // The process that was started is the command, and the server no child of it.
    let script = "echo $$; for child in $(cat /proc/$$/task/$$/children); do \
                  tr '\\0' ' ' < /proc/$child/cmdline; done 2>/dev/null; true";
    let mut direct = Command::new(program());
    stage.clear(&mut direct);
    let child = direct
        .args(["exec", "--serve", "plain", "--", "sh", "-c", script])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().to_string();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.lines().next(), Some(pid.as_str()), "{said}");
    assert!(!said.contains("handed-over"), "{said}");
}

#[test]
fn a_command_that_is_killed_leaves_nothing_for_long() {
    let stage = Stage::new();
    stage.warm("plain");
    let script = "printf '%s' \"$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\"; kill -9 $$";
    let ran = stage.run(&["exec", "--serve", "plain", "--", "sh", "-c", script]);
    let file = ran.stdout.replace("$HOME", stage.home().to_str().unwrap());
    assert!(file.contains("/serve-"), "{file}");
    until(|| (!Path::new(&file).exists()).then_some(()));
    // What a server that was killed has left goes with the next start.
    let old = "serve-0123456789abcdef";
    stage.write(&format!(".assumerole.d/{old}.token"), "old");
    stage.write(&format!(".assumerole.d/{old}.credentials"), "old");
    served(&stage, &["plain"]);
    let left = stage.list(".assumerole.d");
    assert!(
        !left.iter().any(|name| name.contains("0123456789abcdef")),
        "{left:?}"
    );
}

/// The command goes on without its server, and what that has left is removed by
/// the next one, `[default]`'s copies too.
#[test]
fn a_server_that_is_killed_leaves_nothing_for_long() {
    let stage = Stage::new();
    stage.warm("plain");
    let keys = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    let default = keys.replace("[base]", "[default]");
    stage.write(".aws/credentials", &format!("{keys}{default}"));
    let left = || {
        let mut names = stage.list(".assumerole.d");
        names.retain(|name| name.starts_with("serve-"));
        names
    };
    let running = Running::start(&mut stage.command(&["exec", "--serve", "plain"]));
    assert_eq!(running.ask().0, 200);
    let of_server = left();
    let lock = of_server
        .iter()
        .find(|name| name.ends_with(".lock"))
        .unwrap();
    assert_eq!(of_server.len(), 4, "{of_server:?}");
    let lock = fs::read_to_string(stage.path(".assumerole.d").join(lock)).unwrap();
    let pid = lock.split_whitespace().next().unwrap();
    let killed = Command::new("kill").args(["-KILL", pid]).status().unwrap();
    assert!(killed.success(), "{lock}");
    let host = running.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"].clone();
    let host = host.split('/').nth(2).unwrap();
    until(|| std::net::TcpStream::connect(host).is_err().then_some(()));
    assert_eq!(left(), of_server);
    // The command ends by itself, with its own status.
    assert_eq!(running.end(), "");
    let next = Running::start(&mut stage.command(&["exec", "--serve", "plain"]));
    assert_eq!(next.ask().0, 200);
    let now = left();
    assert!(now.iter().all(|name| !of_server.contains(name)), "{now:?}");
    next.end();
    until(|| left().is_empty().then_some(()));
}

#[test]
fn keys_of_default_are_not_seen_and_other_profiles_are() {
    let stage = Stage::new();
    stage.warm("plain");
    let credentials = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    let keys = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = x\n";
    stage.write(".aws/credentials", &format!("{keys}{credentials}"));
    let env = {
        let mut command = stage.command(&["exec", "--serve", "plain"]);
        command.env("AWS_CONFIG_FILE", stage.path(".aws/config"));
        let running = Running::start(&mut command);
        let copy = &running.env["AWS_SHARED_CREDENTIALS_FILE"];
        let text = fs::read_to_string(copy).unwrap();
        assert_eq!(text, format!("[default]\n{credentials}"));
        let mode = fs::metadata(copy).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        // It is kept up.
        stage.write(
            ".aws/credentials",
            &format!("{keys}{credentials}[new]\nx = 1\n"),
        );
        until(|| {
            fs::read_to_string(copy)
                .unwrap()
                .contains("[new]")
                .then_some(())
        });
        let env = running.env.clone();
        running.end();
        env
    };
    until(|| (!Path::new(&env["AWS_CONFIG_FILE"]).exists()).then_some(()));
    // Inside, the person's own files count.
    let nested = [
        "exec",
        "--serve",
        "plain",
        "--",
        program(),
        "exec",
        "plain",
        "--",
        "env",
        "-0",
    ];
    let mut command = stage.command(&nested);
    command.env("AWS_CONFIG_FILE", stage.path(".aws/config"));
    let inner = environment(&String::from_utf8(command.output().unwrap().stdout).unwrap());
    assert_eq!(
        inner["AWS_CONFIG_FILE"],
        stage.path(".aws/config").to_str().unwrap()
    );
    for name in [
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "NO_PROXY",
        "no_proxy",
    ] {
        assert!(!inner.contains_key(name), "{name}");
    }
    assert!(inner["AWS_ACCESS_KEY_ID"].starts_with("ASIA"));
}

/// Where a session has a folder that goes with it, that is where they are.
#[test]
fn the_files_of_a_server_are_where_a_session_has_its_own() {
    let stage = Stage::new();
    stage.warm("plain");
    let keys = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    let default = keys.replace("[base]", "[default]");
    stage.write(".aws/credentials", &format!("{keys}{default}"));
    let run = stage.path("run");
    fs::create_dir(&run).unwrap();
    fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = stage.command(&["exec", "--serve", "plain"]);
    let running = Running::start(command.env("XDG_RUNTIME_DIR", &run));
    let files = [
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    ]
    .map(|name| running.env[name].clone());
    for file in &files {
        assert!(Path::new(file).starts_with(&run), "{file}");
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{file}");
    }
    running.end();
    until(|| (!files.iter().any(|file| Path::new(file).exists())).then_some(()));
}

/// Runs a script of bash, whose argument is the program, beside a server of the
/// role `plain`.
fn within(stage: &Stage, script: &str) -> Ran {
    let bash = ["--", "bash", "-c", script, "sh", program()];
    stage.run(&[&["exec", "--serve", "plain"], bash.as_slice()].concat())
}

/// The server inside is never asked for the credentials of a profile.
#[test]
fn a_role_inside_never_starts_at_our_own_server() {
    let stage = Stage::new();
    stage.warm("plain");
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let container = "[profile box]\ncredential_source = EcsContainer\nrole_arn = arn:aws:iam::123456789012:role/plain\n";
    stage.write(".aws/config", &format!("{config}{container}"));
    let nested = ["exec", "--serve", "plain", "--", program(), "plan", "box"];
    let ran = stage.run(&nested);
    assert!(!ran.stdout.contains("127.0.0.1"), "{ran:?}");
    assert_ne!(ran.status, 0, "{ran:?}");
}

#[test]
fn a_shell_that_leaves_the_role_leaves_the_server() {
    let stage = Stage::new();
    stage.warm("plain");
    let left = within(
        &stage,
        "eval \"$(\"$1\" export --format bash --off)\"; env -0",
    );
    let env = environment(&left.stdout);
    for (name, _, with_server) in rows() {
        assert!(with_server != "set" || !env.contains_key(name), "{name}");
    }
    // Renewal in place has nothing to do there.
    let ran = within(&stage, "\"$1\" renew --format bash; echo $?");
    assert!(!ran.stdout.contains("ACCESS_KEY"), "{ran:?}");
    assert!(
        ran.stdout.ends_with("0\n") && ran.stderr.is_empty(),
        "{ran:?}"
    );
}

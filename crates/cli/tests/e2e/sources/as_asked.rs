//! Neither wider, nor other, nor longer than asked for: every source by every
//! flag that says what a session shall be, by every command and by what is in
//! the cache already. Each row compares the request that was sent and the key
//! that came out; the sandbox gives each answer another key.

mod targets;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{PROVIDER, Stage, everything, login, sso};
use crate::harness::{ACCOUNT, DEVICE, KEY, Ran, SECRET};
use crate::support::base_keys;
use aws_sandbox::{Entry, Options, Role};
use targets::{ENTRIES, FLAGS, PROFILES, Parameters, TARGETS, Target};

/// What of a request says what the session is.
fn sent(entry: &Entry) -> Parameters {
    const NAMES: [&str; 6] = [
        "Policy",
        "Tags",
        "TransitiveTagKeys",
        "DurationSeconds",
        "RoleSessionName",
        "TokenCode",
    ];
    let is = |name: &String| NAMES.iter().any(|start| name.starts_with(start));
    let all = entry.parameters.iter().filter(|(name, _)| is(name));
    all.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn stage() -> Stage {
    let world = everything()
        .role(Role::new(format!("arn:aws:iam::{ACCOUNT}:role/chained")).trusting(ACCOUNT));
    let stage = Stage::with(world, Options::default());
    stage.write(".assumerole", ENTRIES);
    stage.write(".aws/credentials", &base_keys());
    let user = "arn:aws:iam::210987654321:user/jdoe";
    let keys = stage.sandbox.credentials(user, 7200);
    let printed = stage.sandbox.credentials(user, 7200);
    let (id, secret) = (&printed.access_key_id, &printed.secret_access_key);
    let (token, expires) = (&printed.session_token, printed.expires);
    let process = stage.script(
        "keys",
        &format!("#!/bin/sh\necho '{{\"Version\": 1, \"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{secret}\", \"SessionToken\": \"{token}\", \"Expiration\": \"{expires}\"}}'\n"),
    );
    let config = PROFILES
        .replace("TEMPORARY", &keys.access_key_id)
        .replace("KEYS", &keys.secret_access_key)
        .replace("TOKEN", &keys.session_token)
        .replace("PROCESS", &format!("\"{process}\""));
    stage.config(&config);
    let web = stage.sandbox.identity_token(PROVIDER, "me", 7200);
    stage.write("token", &web);
    stage.write(sso::CORP, &sso::login("good-token", sso::LATER, ""));
    stage.write(login::FILE, &login::session(login::PAST));
    stage
}

const COMMANDS: usize = 4;

/// Runs command `number` for `name`; gives its access key too.
fn run(stage: &Stage, number: usize, flags: &[&str], name: &str) -> (Ran, String) {
    const SHOW: &str = "echo $AWS_ACCESS_KEY_ID";
    let with = |before: &[&str], after: &[&str]| {
        // A role may have the name of a command.
        let role: &[&str] = match number {
            3 => &["--", name],
            _ => &[name],
        };
        let args = [before, flags, role, after].concat();
        let endpoint = stage.sandbox.endpoint();
        let task = format!("{endpoint}/v2/credentials/task-1");
        let mut env = vec![
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", task.as_str()),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &endpoint),
            ("no_proxy", "*"),
        ];
        if name == "r-environment" {
            env.extend([
                ("AWS_ACCESS_KEY_ID", KEY),
                ("AWS_SECRET_ACCESS_KEY", SECRET),
            ]);
        }
        if number == 3 {
            env.push(("ASSUMEROLE_COMMAND", "sh -c 'echo $AWS_ACCESS_KEY_ID'"));
        }
        stage.run_in(&args, &env)
    };
    let member = |ran: &Ran, name: &str| {
        let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        value[name].as_str().unwrap_or_default().to_owned()
    };
    match number {
        0 => {
            let ran = with(&["exec"], &["--", "sh", "-c", SHOW]);
            let key = ran.stdout.trim().to_owned();
            (ran, key)
        }
        1 => {
            let ran = with(&["export", "--format", "json"], &[]);
            let key = member(&ran, "AWS_ACCESS_KEY_ID");
            (ran, key)
        }
        2 => {
            let ran = with(&["export", "--format", "credential-process"], &[]);
            let key = member(&ran, "AccessKeyId");
            (ran, key)
        }
        _ => {
            let ran = with(&[], &[]);
            let key = ran.stdout.trim().to_owned();
            (ran, key)
        }
    }
}

/// The rows of one target, and what was wrong with some.
#[derive(Default)]
struct Rows {
    count: usize,
    wrong: String,
}

impl Rows {
    fn row(&mut self, case: &str, found: &str, expected: &str) {
        self.count += 1;
        if found != expected {
            let _ = write!(
                self.wrong,
                "\n{case}\n  is        {found}\n  should be {expected}"
            );
        }
    }
}

/// What is asked for is cold first, then cached, with everything else that was
/// asked for before beside it.
fn walk(target: &Target, order: &[usize]) -> Rows {
    let stage = stage();
    if target.name == "mfa" {
        let ran = stage.run(&["login", "mfa", "--mfa-code", &stage.sandbox.code(DEVICE)]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }
    let mut rows = Rows::default();
    let mut keys: HashMap<Parameters, String> = HashMap::new();
    for cold in [true, false] {
        for at in order {
            let flags = FLAGS[*at];
            for number in 0..if cold { COMMANDS } else { 2 } {
                // The first to ask is another command each time.
                let number = (number + at) % COMMANDS;
                let case = format!("{} {flags:?} by {number}, cold: {cold}", target.name);
                let before = stage.requests();
                let (ran, key) = run(&stage, number, flags, target.name);
                let requests = stage.sandbox.journal().split_off(before);
                let Some(wanted) = target.wanted(flags) else {
                    let said = ran.stderr.contains(" cannot be used with ");
                    let found = format!(
                        "{} {said} {} <{}>",
                        ran.status == 0,
                        requests.len(),
                        ran.stdout
                    );
                    rows.row(&case, &found, "false true 0 <>");
                    continue;
                };
                if !ran.stderr.is_empty() || ran.status != 0 {
                    rows.row(&case, &ran.stderr, "");
                    continue;
                }
                if let Some(known) = keys.get(&wanted) {
                    // A machine's role and keys in a file are not kept.
                    let asked = requests
                        .iter()
                        .filter(|entry| Some(entry.action.as_str()) == target.action());
                    rows.row(
                        &case,
                        &format!("{} {key}", asked.count()),
                        &format!("0 {known}"),
                    );
                    continue;
                }
                // A key that was not seen before.
                let seen = keys.values().any(|known| *known == key);
                let found = match (requests.last(), target.action()) {
                    (Some(entry), Some(_)) => {
                        format!("{} {:?} {:?} {seen}", entry.action, sent(entry), entry.gave)
                    }
                    (None, None) => format!("no request {seen}"),
                    (entry, _) => format!("{entry:?}"),
                };
                let expected = match target.action() {
                    Some(action) => format!("{action} {wanted:?} {:?} false", Some(&key)),
                    None => "no request false".to_owned(),
                };
                rows.row(&case, &found, &expected);
                keys.insert(wanted, key);
            }
            // What would be done is told likewise, and nothing is done.
            let before = stage.requests();
            for command in ["plan", "codeartifact"] {
                let refused = target.wanted(flags).is_none();
                if command == "codeartifact"
                    && (!refused || flags.contains(&"--tag") && flags.len() > 2)
                {
                    continue;
                }
                let (uri, endpoint) = ("http://127.0.0.1:9/v2", stage.sandbox.endpoint());
                let env = [
                    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri),
                    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &endpoint),
                    ("AWS_ACCESS_KEY_ID", KEY),
                    ("AWS_SECRET_ACCESS_KEY", SECRET),
                ];
                let ran = stage.run_in(&[&[command], flags, &[target.name]].concat(), &env);
                let said = ran.stderr.contains(" cannot be used with ");
                let case = format!("{command} {} {flags:?}", target.name);
                rows.row(
                    &case,
                    &format!("{said} {}", stage.requests() - before),
                    &format!("{refused} 0"),
                );
            }
        }
    }
    rows
}

/// Walks over every target, two at a time.
fn all(order: &[usize]) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut rows = Rows::default();
        while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = walk(target, order);
            rows.count += found.count;
            rows.wrong += &found.wrong;
        }
        rows
    };
    let both: [Rows; 2] = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.map(|thread| thread.join().unwrap())
    });
    let count: usize = both.iter().map(|rows| rows.count).sum();
    let wrong = both.map(|rows| rows.wrong).concat();
    let faults = wrong.matches("should be").count();
    assert!(
        wrong.is_empty(),
        "of {count} rows, {faults} are wrong:{wrong}"
    );
    assert!(count >= 2000, "{count} rows");
}

#[test]
fn nothing_is_wider_or_other_or_longer_than_asked_beside_the_whole_session() {
    all(&(0..FLAGS.len()).collect::<Vec<usize>>());
}

#[test]
fn nothing_is_wider_or_other_or_longer_than_asked_beside_narrower_sessions() {
    all(&(0..FLAGS.len()).rev().collect::<Vec<usize>>());
}

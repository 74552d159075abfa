//! A server that runs for long holds as much as at its start.

use std::fs;

use super::super::harness::Stage;
use super::{Holds, Server, Time, ask, until};

/// What the files of the program take.
fn files(stage: &Stage) -> Vec<String> {
    let mut files = stage.list(".assumerole.d");
    files.extend(stage.list(".assumerole.d/cache"));
    // The number in them is another one with each server.
    files.retain(|name| !name.starts_with("serve-"));
    files
}

#[test]
fn a_day_of_renewals_leaves_nothing_behind() {
    let stage = Stage::new();
    let time = Time::new(&stage);
    let keys = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = x\n";
    let credentials = fs::read_to_string(stage.path(".aws/credentials")).unwrap();
    stage.write(".aws/credentials", &format!("{keys}{credentials}"));
    let mut command = stage.command(&["serve", "plain"]);
    time.tell(&mut command);
    let server = Server::of(&mut command, "/role/plain\n");
    let env = server.sets(&[]);
    let uri = &env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let token = &env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    let mut before = String::new();
    let mut early = None;
    // Its hours are renewed with 20 minutes left.
    for round in 0..=36 {
        time.is(round * 40);
        before = until(|| {
            let (status, body) = ask(uri, token);
            (status == 200 && body != before).then_some(body)
        });
        if round == 6 {
            early = Some((Holds::of(server.pid()), files(&stage)));
        }
    }
    let (early, files_then) = early.unwrap();
    assert_eq!(files(&stage), files_then);
    // What was asked last is put away by then.
    let now = until(|| {
        let now = Holds::of(server.pid());
        (now.files <= early.files).then_some(now)
    });
    assert_eq!(now.threads, early.threads);
    assert!(now.kib < early.kib + 1024, "{early:?}, {now:?}");
    assert_eq!(stage.sandbox.count("AssumeRole"), 37);
    assert_eq!(server.end(), "");
}

//! A process that is killed at any moment leaves the old entry or the new one.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::harness::Stage;
use super::terminal::PATIENCE;

/// How often one is killed, by each way of choosing the moment.
const ROUNDS: u32 = 40;

const FRESH: [&str; 5] = ["exec", "plain", "--fresh", "--", "true"];

/// As long as a whole run takes: the least of three.
fn whole_run(stage: &Stage) -> Duration {
    let run = || {
        let start = Instant::now();
        assert_eq!(stage.run(&FRESH).status, 0);
        start.elapsed()
    };
    (0..3).map(|_| run()).min().unwrap()
}

/// Starts one that wants a new entry, and kills it when `moment` returns.
fn killed_after(stage: &Stage, moment: impl FnOnce()) {
    let mut command = stage.command(&FRESH);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    moment();
    let _ = child.kill();
    child.wait().unwrap();
}

/// The next one is served from the cache, by the only entry that there is. (The
/// requests do not tell: the last one of a killed process may still come.)
#[track_caller]
fn the_cache_opens(stage: &Stage) {
    let entries = || -> Vec<(String, Vec<u8>)> {
        let read = |name: &String| fs::read(stage.path(".assumerole.d/cache").join(name)).unwrap();
        let names = stage.entries().into_iter();
        names.map(|name| (name.clone(), read(&name))).collect()
    };
    let before = entries();
    assert_eq!(before.len(), 1);
    let ran = stage.run(&["exec", "plain", "--", "printenv", "AWS_ACCESS_KEY_ID"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert!(entries() == before, "it was not cached");
    let status = stage.run(&["status", "--json"]).stdout;
    assert_eq!(status.matches("\"access_key_id\"").count(), 1, "{status}");
    assert!(status.contains(ran.stdout.trim_end()), "{status}");
}

/// The unfinished files, with their folders.
fn unfinished(stage: &Stage) -> Vec<String> {
    let folders = [".assumerole.d", ".assumerole.d/cache"];
    let files = |folder| {
        let names = stage.list(folder).into_iter();
        let names = names.filter(|name| name.starts_with(".tmp-"));
        names.map(move |name| format!("{folder}/{name}"))
    };
    folders.into_iter().flat_map(files).collect()
}

/// As if time had gone by since the file was written.
fn make_old(file: &File) {
    let old = SystemTime::now() - Duration::from_secs(600);
    file.set_modified(old).unwrap();
}

fn open(path: &Path) -> File {
    File::options().write(true).open(path).unwrap()
}

#[test]
fn whenever_it_is_killed_the_cache_opens() {
    let stage = Stage::new();
    let mut whole = whole_run(&stage);
    let before = stage.requests();
    // Again, with more time, if the machine was too busy for any to ask.
    while stage.requests() == before {
        for round in 0..ROUNDS {
            // From the start to a little after the end.
            killed_after(&stage, || thread::sleep(whole * round * 5 / 4 / ROUNDS));
            the_cache_opens(&stage);
        }
        whole *= 2;
    }
}

#[test]
fn whenever_it_is_killed_after_the_answer_the_cache_opens() {
    let stage = Stage::new();
    assert_eq!(stage.run(&FRESH).status, 0);
    let (asked, answers) = mpsc::channel();
    stage.sandbox.watch(move |_| asked.send(()).unwrap());
    for round in 0..ROUNDS {
        killed_after(&stage, || {
            answers.recv_timeout(PATIENCE).unwrap();
            thread::sleep(Duration::from_micros(100) * round);
        });
        the_cache_opens(&stage);
    }
    assert!(stage.list(".assumerole.d/cache").len() < 10 + unfinished(&stage).len());

    // What the killed ones left goes once it is too old to be anybody's work.
    for name in unfinished(&stage) {
        make_old(&open(&stage.path(&name)));
    }
    assert_eq!(stage.run(&FRESH).status, 0);
    assert_eq!(unfinished(&stage), [""; 0]);
}

/// What a killed writer leaves: a piece of an entry under a name that is none.
#[test]
fn an_unfinished_file_is_never_read_and_goes_when_its_writer_is_dead() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    let entry = stage.entries().remove(0);
    let whole = fs::read(stage.path(".assumerole.d/cache").join(&entry)).unwrap();
    let unfinished = ".assumerole.d/cache/.tmp-0123456789abcdef";
    fs::write(stage.path(unfinished), &whole[..whole.len() / 2]).unwrap();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
    let file = File::options()
        .write(true)
        .open(stage.path(unfinished))
        .unwrap();

    // A writer that lives has it locked, however slow its disk is.
    file.lock().unwrap();
    make_old(&file);
    assert_eq!(stage.run(&["status"]).status, 0);
    assert!(stage.path(unfinished).exists());
    drop(file);
    assert_eq!(stage.run(&["status"]).status, 0);
    assert!(!stage.path(unfinished).exists());
}

#[test]
fn a_torn_entry_is_a_miss_and_is_replaced() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    let path = stage
        .path(".assumerole.d/cache")
        .join(stage.entries().remove(0));
    let whole = fs::read(&path).unwrap();
    for (requests, length) in [0, 1, 24, 25, whole.len() / 2, whole.len() - 1]
        .into_iter()
        .enumerate()
    {
        fs::write(&path, &whole[..length]).unwrap();
        let ran = stage.run(&["exec", "plain", "--", "true"]);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{length} bytes");
        assert_eq!(
            stage.sandbox.count("AssumeRole"),
            requests + 2,
            "{length} bytes"
        );
    }
}

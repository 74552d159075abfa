//! Who gets nothing: whoever has a copy of the home folder, another user, and who
//! watches what the machine shows of processes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rotate;
use super::unlock::{PASSPHRASE, with_passphrase};
use crate::harness::{SECRET, Stage};
use crate::support::Checks;
use crate::terminal::Terminal;
use crate::users::{Someone, is_root};

/// What leads to the key, or to what is made with it.
const WAYS: [&str; 4] = [
    "assumerole keys export --yes base",
    "assumerole export plain --format json",
    "assumerole credential-process --session base",
    "assumerole keys unlock",
];

/// Unlocked at a terminal, until the machine is started again.
fn unlocked() -> Stage {
    let stage = with_passphrase("");
    let mut terminal = Terminal::new();
    terminal.start(&stage, "assumerole keys unlock", &[]);
    terminal.sees("Passphrase of the key store:");
    terminal.types(&format!("{PASSPHRASE}\r"));
    assert_eq!(terminal.ends(), 0);
    stage
}

#[test]
fn a_copy_of_the_home_folder_opens_nothing_where_another_keyring_is() {
    let (stage, copy, someone) = (unlocked(), Stage::new(), Someone::new());
    let copied = Command::new("cp")
        .args(["-a", "-T"])
        .arg(stage.home())
        .arg(copy.home())
        .output()
        .unwrap();
    assert!(copied.status.success(), "{copied:?}");
    someone.moves_into(&copy);
    let mut checks = Checks::default();
    for way in WAYS {
        let ran = copy.ran(&mut someone.shell(&copy, &format!("setsid --wait {way}")));
        let locked = ran.stderr.contains("the key store is locked");
        let is = (ran.status, ran.stdout.as_str(), locked);
        checks.same(
            &format!("{way} {ran:?}"),
            &format!("{is:?}"),
            "(8, \"\", true)",
        );
    }
    checks.number("requests", stage.requests() + copy.requests(), 0);
    // Where it was unlocked, it still is, if the kernel holds keys here.
    let held = stage.keys(&["store", "--json"]).stdout;
    if held.contains("\"unlocked\": true") {
        let ran = stage.keys(&["export", "--yes", "base"]);
        checks.same("here", &ran.stdout.contains(SECRET).to_string(), "true");
    }
    assert_eq!(stage.keys(&["lock"]).status, 0);
}

#[test]
fn another_user_of_the_machine_gets_no_key() {
    if !is_root() {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "left out: only root can be another user");
        return;
    }
    let (stage, someone) = (unlocked(), Someone::new());
    let mut checks = Checks::default();
    for way in WAYS.into_iter().chain(["cat .assumerole.d/keys/store"]) {
        let script = format!("cd /; HOME={} setsid --wait {way}", stage.home().display());
        let mut command = someone.shell(&stage, &script);
        let ran = stage.ran(command.current_dir("/"));
        let is = (
            ran.status == 0,
            ran.stdout.as_str(),
            ran.stderr.contains(SECRET),
        );
        checks.same(
            &format!("{way} {ran:?}"),
            &format!("{is:?}"),
            "(false, \"\", false)",
        );
    }
    checks.number("requests", stage.requests(), 0);
    assert_eq!(stage.keys(&["lock"]).status, 0);
}

/// What the machine shows of the processes whose home folder is `home`: arguments,
/// variables, and files that they have open; and the files below it.
fn shown(home: &Path, into: &mut BTreeSet<(String, Vec<u8>)>) {
    let is_ours = format!("HOME={}", home.display());
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let process = entry.path();
        let environ = fs::read(process.join("environ")).unwrap_or_default();
        if !environ
            .windows(is_ours.len())
            .any(|part| part == is_ours.as_bytes())
        {
            continue;
        }
        into.insert(("environ".to_owned(), environ));
        let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
        into.insert(("cmdline".to_owned(), arguments));
        let Ok(open) = fs::read_dir(process.join("fd")) else {
            continue;
        };
        for file in open.flatten().map(|entry| entry.path()) {
            let target = fs::read_link(&file).unwrap_or_default();
            let is_file =
                fs::metadata(&file).is_ok_and(|meta| meta.is_file() && meta.len() < 65_536);
            // Where the key stood before; it is open for as long as it is read.
            let was_there = target.to_string_lossy().contains("/.aws/credentials");
            if is_file && !was_there {
                let content = fs::read(&file).unwrap_or_default();
                into.insert((target.display().to_string(), content));
            }
        }
    }
    below(home, into);
}

fn below(folder: &Path, into: &mut BTreeSet<(String, Vec<u8>)>) {
    for path in fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        if path.is_dir() {
            below(&path, into);
        } else if !path.ends_with(".aws/credentials") && !path.ends_with("store-key") {
            into.insert((
                path.display().to_string(),
                fs::read(&path).unwrap_or_default(),
            ));
        }
    }
}

/// Ends the watch, also when an assertion fails.
struct Watch<'a>(&'a AtomicBool);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Whoever looks at `ps`, `/proc` and the folders while keys are stored, replaced
/// and unlocked sees neither an old secret key nor a new one.
#[test]
fn who_watches_sees_no_secret() {
    let stage = rotate::stage();
    let (done, mut seen, mut looks) = (AtomicBool::new(false), BTreeSet::new(), 0);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut seen, mut looks) = (BTreeSet::new(), 0);
            while !done.load(Ordering::SeqCst) {
                shown(stage.home(), &mut seen);
                looks += 1;
            }
            (seen, looks)
        });
        let watch = Watch(&done);
        stage.import_base();
        stage.warm("read");
        for args in [
            &["lock"][..],
            &["unlock"],
            &["rotate", "--yes", "base"],
            &["lock"],
            &["unlock"],
            &["rotate", "--yes", "base"],
        ] {
            let ran = stage.keys(args);
            assert_eq!(ran.status, 0, "{args:?} {ran:?}");
        }
        drop(watch);
        (seen, looks) = watcher.join().unwrap();
    });
    let processes = seen.iter().filter(|(place, _)| place == "cmdline").count();
    assert!(looks > 3 && processes > 0, "{looks} {processes}");
    let mut secrets = vec![SECRET.to_owned()];
    secrets.extend(stage.iam_keys().into_iter().map(|key| key.secret));
    for (place, bytes) in &seen {
        for secret in &secrets {
            let has_it = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!has_it, "{place}");
        }
    }
}

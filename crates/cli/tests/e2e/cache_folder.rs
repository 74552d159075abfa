//! A folder that cannot be had or cannot be trusted: the role is assumed all
//! the same, and nothing is kept.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use super::harness::{Ran, Stage, program};
use super::support::{Checks, check};

/// Nobody's number, for runs that must not be root's: root ignores modes.
pub(super) const NOBODY: u32 = 65_534;

pub(super) fn is_root(stage: &Stage) -> bool {
    fs::metadata(stage.home()).unwrap().uid() == 0
}

/// Gives the home to somebody who is not root.
pub(super) fn give_away(stage: &Stage) {
    if !is_root(stage) {
        return;
    }
    // The program, where that person can reach it. Copied by another process:
    // a child of another test would keep a file open that we write.
    let mut copy = Command::new("cp");
    copy.arg(program()).arg(stage.path("program"));
    assert!(copy.status().unwrap().success());
    let mut todo = vec![stage.home().to_owned()];
    while let Some(path) = todo.pop() {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        if path.is_dir() {
            todo.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
    }
}

/// `exec plain echo works` as a person who is not root.
fn run(stage: &Stage) -> Ran {
    let args = ["exec", "plain", "echo", "works"];
    if stage.path("program").exists() {
        let mut command = Command::new("setpriv");
        stage.clear(&mut command);
        command.args([
            &format!("--reuid={NOBODY}"),
            &format!("--regid={NOBODY}"),
            "--clear-groups",
        ]);
        command
            .arg("setsid")
            .arg("--wait")
            .arg(stage.path("program"))
            .args(args);
        stage.ran(&mut command)
    } else {
        stage.run(&args)
    }
}

fn mode(stage: &Stage, name: &str, mode: u32) {
    fs::set_permissions(stage.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_home_that_is_read_only() {
    let stage = Stage::new();
    give_away(&stage);
    mode(&stage, "", 0o555);
    let mut checks = Checks::default();
    for requests in 1..=2 {
        checks.ran(
            "read-only",
            &run(&stage),
            "works\n",
            "\
warning: nothing is cached: cannot create ~/.assumerole.d: Permission denied
  hint: check the permissions: ls -ld ~ ~/.assumerole.d
",
            0,
        );
        checks.number("requests", stage.requests(), requests);
    }
    mode(&stage, "", 0o755);
    checks.ran("writable again", &run(&stage), "works\n", "", 0);
    checks.ran("cached", &run(&stage), "works\n", "", 0);
    checks.number("requests", stage.requests(), 3);
}

#[test]
fn a_folder_that_is_closed_to_its_owner_is_opened() {
    let stage = Stage::new();
    fs::create_dir_all(stage.path(".assumerole.d/cache")).unwrap();
    mode(&stage, ".assumerole.d/cache", 0o500);
    mode(&stage, ".assumerole.d", 0o500);
    give_away(&stage);
    check(&run(&stage), "works\n", "", 0);
    check(&run(&stage), "works\n", "", 0);
    assert_eq!(stage.requests(), 1);
}

#[test]
fn a_folder_that_is_open_to_others_is_closed() {
    let stage = Stage::new();
    stage.warm("plain");
    for open in [0o770, 0o777, 0o755, 0o1777] {
        for folder in [".assumerole.d", ".assumerole.d/cache"] {
            mode(&stage, folder, open);
        }
        check(
            &stage.run(&["exec", "plain", "echo", "works"]),
            "works\n",
            "",
            0,
        );
        for folder in [".assumerole.d", ".assumerole.d/cache"] {
            let mode = fs::metadata(stage.path(folder))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o700, "{folder} was {open:o}");
        }
    }
    assert_eq!(stage.requests(), 1);
}

#[test]
fn a_folder_that_is_not_ours_or_no_folder_is_not_used() {
    let mut checks = Checks::default();
    type Edit = fn(&Stage);
    let rows: [(&str, Edit, &str); 5] = [
        ("link", |stage| {
            fs::create_dir(stage.path("elsewhere")).unwrap();
            symlink(stage.path("elsewhere"), stage.path(".assumerole.d")).unwrap();
        }, "\
warning: nothing is cached: cannot use ~/.assumerole.d: it is a symbolic link, which others could point elsewhere
  hint: move it away; a new folder is created when needed
"),
        ("dangling link", |stage| symlink("/none", stage.path(".assumerole.d")).unwrap(), "\
warning: nothing is cached: cannot use ~/.assumerole.d: it is a symbolic link, which others could point elsewhere
  hint: move it away; a new folder is created when needed
"),
        ("file", |stage| stage.write(".assumerole.d", ""), "\
warning: nothing is cached: cannot use ~/.assumerole.d: it is not a folder
  hint: move it away; a new folder is created when needed
"),
        ("link below", |stage| {
            fs::create_dir_all(stage.path("elsewhere")).unwrap();
            fs::create_dir(stage.path(".assumerole.d")).unwrap();
            symlink(stage.path("elsewhere"), stage.path(".assumerole.d/cache")).unwrap();
        }, "\
warning: nothing is cached: cannot use ~/.assumerole.d/cache: it is a symbolic link, which others could point elsewhere
  hint: move it away; a new folder is created when needed
"),
        ("file below", |stage| stage.write(".assumerole.d/cache", ""), "\
warning: nothing is cached: cannot use ~/.assumerole.d/cache: it is not a folder
  hint: move it away; a new folder is created when needed
"),
    ];
    for (case, edit, stderr) in rows {
        let stage = Stage::new();
        edit(&stage);
        for requests in 1..=2 {
            let ran = stage.run(&["exec", "plain", "echo", "works"]);
            checks.ran(case, &ran, "works\n", stderr, 0);
            checks.number(case, stage.requests(), requests);
        }
        checks.number(case, stage.list("elsewhere").len(), 0);
    }
}

#[test]
fn a_folder_of_another_user_is_not_used() {
    let stage = Stage::new();
    if !is_root(&stage) {
        // Only root can give a folder away; CI is root.
        return;
    }
    give_away(&stage);
    fs::create_dir(stage.path(".assumerole.d")).unwrap();
    mode(&stage, ".assumerole.d", 0o777);
    let mut checks = Checks::default();
    checks.ran(
        "root's",
        &run(&stage),
        "works\n",
        "\
warning: nothing is cached: cannot use ~/.assumerole.d: it belongs to user 0, this is user 65534
  hint: run this as the user whose home it is in, or set HOME to your own
",
        0,
    );
    // Nor does root use a person's.
    chown(stage.path(".assumerole.d"), Some(NOBODY), Some(NOBODY)).unwrap();
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    checks.ran(
        "a person's",
        &ran,
        "works\n",
        "\
warning: nothing is cached: cannot use ~/.assumerole.d: it belongs to user 65534, this is user 0
  hint: run this as the user whose home it is in, or set HOME to your own
",
        0,
    );
}

#[test]
fn no_home_at_all() {
    let stage = Stage::new();
    let mut command = stage.command(&["--config", "c", "exec", "plain", "echo", "works"]);
    stage.write("c", super::harness::CONFIG);
    let path = |name: &str| stage.path(name);
    command
        .env("HOME", "/none/at/all")
        .env("AWS_CONFIG_FILE", path(".aws/config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", path(".aws/credentials"));
    let ran = stage.ran(&mut command);
    let warning = "\
warning: nothing is cached: cannot create ~/.assumerole.d: No such file or directory
  hint: set HOME to a folder that exists
";
    check(&ran, "works\n", warning, 0);
    // Root could make it.
    assert!(!Path::new("/none").exists());
}

/// Runs `exec plain echo works` with a file system of its own at
/// `~/.assumerole.d`; `fill` is what the shell does to it first.
fn on_small_disk(stage: &Stage, fill: &str) -> Ran {
    fs::create_dir_all(stage.path(".assumerole.d")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k,mode=700 none \"$HOME/.assumerole.d\" || exit 99\n\
         cd \"$HOME\"\n{fill}\nexec setsid --wait '{}' exec plain echo works",
        program()
    );
    let mut command = Command::new("unshare");
    stage.clear(&mut command);
    if !is_root(stage) {
        command.arg("--map-root-user");
    }
    command.args(["--mount", "sh", "-c", &script]);
    let ran = stage.ran(&mut command);
    assert_ne!(ran.status, 99, "no file system could be mounted: {ran:?}");
    without_names(ran)
}

/// With `ENTRY` for the names of entries, which no two runs share.
pub(super) fn without_names(mut ran: Ran) -> Ran {
    let mut words: Vec<String> = ran.stderr.split('/').map(str::to_owned).collect();
    for word in &mut words {
        let digits = word.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits == 32 {
            word.replace_range(..digits, "ENTRY");
        }
    }
    ran.stderr = words.join("/");
    ran
}

#[test]
fn a_disk_that_is_full() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let fill = "cat /dev/zero > .assumerole.d/ballast 2> ballast.err";
    checks.ran(
        "full",
        &on_small_disk(&stage, fill),
        "works\n",
        "\
warning: nothing is cached: cannot write ~/.assumerole.d/sealing-key: No space left on device
  hint: free some space: df -h ~/.assumerole.d
",
        0,
    );
    // With the key there, it is the entry that finds no room.
    let keyed = format!(
        "'{}' -q exec plain true && rm -r .assumerole.d/cache && {fill}",
        program()
    );
    checks.ran("full after the key", &on_small_disk(&stage, &keyed), "works\n", "warning: nothing is cached: cannot write ~/.assumerole.d/cache/ENTRY: No space left on device\n  hint: free some space: df -h ~/.assumerole.d/cache\n", 0);
    let kept = format!("'{}' -q exec plain true && {fill}", program());
    let before = stage.requests();
    checks.ran(
        "full, but cached",
        &on_small_disk(&stage, &kept),
        "works\n",
        "",
        0,
    );
    checks.number("requests", stage.requests(), before + 1);
}

#[test]
fn a_full_disk_keeps_no_session_from_being_forgotten() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let program = program();
    for args in ["logout", "logout plain", "logout base"] {
        let script = format!(
            "'{program}' -q exec plain true && cat /dev/zero > .assumerole.d/ballast 2> ballast.err\n\
             '{program}' {args}; '{program}' status; exit 0"
        );
        checks.ran(
            args,
            &on_small_disk(&stage, &script),
            "",
            "forgot 1 session\nnothing is cached; assume a role: assumerole ROLE\n",
            0,
        );
    }
}

#[test]
fn a_disk_that_is_read_only() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let closed = "mount -o remount,ro none .assumerole.d";
    checks.ran(
        "empty",
        &on_small_disk(&stage, closed),
        "works\n",
        "\
warning: nothing is cached: cannot lock ~/.assumerole.d/sealing-key.lock: Read-only file system
  hint: change the file at its source: the file system is mounted read-only
",
        0,
    );
    let warm = format!("'{}' -q exec plain true && {closed}", program());
    let before = stage.requests();
    checks.ran("cached", &on_small_disk(&stage, &warm), "works\n", "", 0);
    checks.number("requests", stage.requests(), before + 1);
}

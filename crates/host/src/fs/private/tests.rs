use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

fn private() -> (TempDir, PrivateDir) {
    let home = tempfile::tempdir().unwrap();
    let dir = PrivateDir::create(&home.path().join("d")).unwrap();
    (home, dir)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_folder_is_made_private_and_none_above_it() {
    let (home, dir) = private();
    assert_eq!(mode(dir.path()), 0o700);
    assert!(PrivateDir::create(&home.path().join("a/b")).is_err());
    assert!(!home.path().join("a").exists());
    let child = dir.create_child("c").unwrap();
    assert_eq!(mode(child.path()), 0o700);
    assert!(dir.open_child("none").unwrap().is_none());
    assert!(
        PrivateDir::open(&home.path().join("none"))
            .unwrap()
            .is_none()
    );
    assert!(
        PrivateDir::open(&home.path().join("none/none"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn what_is_written_is_read_and_listed_and_removed() {
    let (_home, dir) = private();
    assert!(dir.read("x", 10).unwrap().is_none());
    dir.write("x", b"one").unwrap();
    dir.write("x", b"two").unwrap();
    dir.write("w", b"").unwrap();
    assert_eq!(dir.read("x", 3).unwrap().unwrap(), b"two");
    assert!(dir.read("x", 2).is_err());
    assert_eq!(mode(&dir.path().join("x")), 0o600);
    let listed = dir.list().unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|e| (e.name.to_str().unwrap(), e.size))
        .collect();
    assert_eq!(seen, [("w", 0), ("x", 3)]);
    assert!(listed[1].modified.as_second() > 1_000_000_000);
    assert!(dir.remove("x").unwrap());
    assert!(!dir.remove("x").unwrap());
}

#[test]
fn a_link_in_place_of_the_folder_is_refused() {
    let (home, dir) = private();
    let link = home.path().join("link");
    symlink(dir.path(), &link).unwrap();
    for result in [
        PrivateDir::open(&link).map(|_| ()),
        PrivateDir::create(&link).map(|_| ()),
    ] {
        assert!(result.unwrap_err().to_string().contains("symbolic link"));
    }
    symlink("nowhere", home.path().join("dangling")).unwrap();
    assert!(PrivateDir::create(&home.path().join("dangling")).is_err());
    assert!(!home.path().join("nowhere").exists());
}

#[test]
fn a_file_in_place_of_the_folder_is_refused() {
    let (home, _dir) = private();
    fs::write(home.path().join("f"), "").unwrap();
    let error = PrivateDir::create(&home.path().join("f")).unwrap_err();
    assert!(error.to_string().contains("not a folder"), "{error}");
}

#[test]
fn a_folder_that_another_process_makes_just_now_is_there_or_not() {
    let (_home, dir) = private();
    let path = dir.path().join("c");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3_000 {
                rustix::fs::mkdir(&path, Mode::RWXU).unwrap();
                fs::remove_dir(&path).unwrap();
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        let mut wrong = None;
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            wrong = wrong.or(PrivateDir::open(&path).err());
        }
        assert!(wrong.is_none(), "{wrong:?}");
    });
}

#[test]
fn a_folder_of_ours_is_closed_to_others() {
    let (_home, dir) = private();
    for open in [0o775, 0o755, 0o777, 0o500] {
        fs::set_permissions(dir.path(), Permissions::from_mode(open)).unwrap();
        PrivateDir::open(dir.path()).unwrap().unwrap();
        assert_eq!(mode(dir.path()), 0o700, "was {open:o}");
    }
}

/// Only root can make a folder that belongs to another user.
#[test]
fn a_folder_or_a_file_of_another_user_is_refused() {
    let (_home, dir) = private();
    dir.write("x", b"one").unwrap();
    if !rustix::process::geteuid().is_root() {
        // Every system has a folder that is root's.
        let error = PrivateDir::open(Path::new("/usr")).unwrap_err();
        assert!(error.to_string().contains("belongs to user 0"), "{error}");
        return;
    }
    std::os::unix::fs::chown(dir.path().join("x"), Some(12345), None).unwrap();
    let error = dir.read("x", 10).unwrap_err();
    assert!(
        error.to_string().contains("belongs to user 12345"),
        "{error}"
    );
    std::os::unix::fs::chown(dir.path(), Some(12345), None).unwrap();
    let error = PrivateDir::open(dir.path()).unwrap_err();
    assert!(
        error.to_string().contains("belongs to user 12345"),
        "{error}"
    );
    assert!(error.hint.is_some());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let (_home, dir) = private();
    let long = "n".repeat(256);
    for name in [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "/etc/passwd",
        "a\0b",
        "..x",
        ".tmp-1",
        &long,
    ] {
        assert!(dir.write(name, b"").is_err(), "{name:?}");
        assert!(dir.read(name, 1).is_err(), "{name:?}");
        assert!(dir.remove(name).is_err(), "{name:?}");
        assert!(dir.create_child(name).is_err(), "{name:?}");
    }
    assert!(dir.list().unwrap().is_empty());
}

#[test]
fn links_pipes_and_folders_in_it_are_not_read() {
    let (home, dir) = private();
    fs::write(home.path().join("secret"), "x").unwrap();
    symlink(home.path().join("secret"), dir.path().join("link")).unwrap();
    let mkfifo = std::process::Command::new("mkfifo")
        .arg(dir.path().join("pipe"))
        .status();
    assert!(mkfifo.unwrap().success());
    dir.create_child("folder").unwrap();
    assert!(
        dir.read("link", 10)
            .unwrap_err()
            .to_string()
            .contains("symbolic link")
    );
    assert!(dir.read("pipe", 10).is_err());
    assert!(dir.read("folder", 10).is_err());
    assert!(dir.list().unwrap().is_empty());
    // A write takes the link's place and leaves alone what it led to.
    dir.write("link", b"new").unwrap();
    assert_eq!(fs::read(home.path().join("secret")).unwrap(), b"x");
    assert_eq!(dir.read("link", 10).unwrap().unwrap(), b"new");
}

#[test]
fn a_failed_write_keeps_the_old_and_leaves_nothing() {
    let (_home, dir) = private();
    dir.create_child("folder").unwrap();
    assert!(dir.write("folder", b"x").is_err());
    assert_eq!(dir.names().unwrap(), ["folder"]);
}

#[test]
fn unfinished_files_are_swept_when_nobody_has_them_locked() {
    let (_home, dir) = private();
    for name in [".tmp-dead", ".tmp-alive"] {
        fs::write(dir.path().join(name), "x").unwrap();
    }
    let alive = File::open(dir.path().join(".tmp-alive")).unwrap();
    alive.lock().unwrap();
    assert!(dir.list().unwrap().is_empty());
    assert_eq!(dir.names().unwrap(), [".tmp-alive"]);
    drop(alive);
    dir.write("x", b"").unwrap();
    assert_eq!(dir.names().unwrap(), ["x"]);
}

#[test]
fn the_folder_stays_the_same_when_its_name_moves() {
    let (home, dir) = private();
    fs::rename(dir.path(), home.path().join("moved")).unwrap();
    dir.write("x", b"one").unwrap();
    assert_eq!(fs::read(home.path().join("moved/x")).unwrap(), b"one");
}

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;

fn temporary(number: u64) -> OsString {
    format!("t-{number:x}").into()
}

fn is_temporary(name: &[u8]) -> bool {
    name.starts_with(b"t-")
}

fn names(dir: &tempfile::TempDir) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Both ways: with a file that has no name, and with one that has.
#[test]
fn a_file_is_private_until_it_is_finished() {
    for unnamed in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let folder = File::open(dir.path()).unwrap();
        let mut new = Temporary::create(folder.as_fd(), &temporary, unnamed).unwrap();
        new.file.write_all(b"x").unwrap();
        if !unnamed {
            assert_eq!(names(&dir).len(), 1);
        }
        new.take_name(&temporary).unwrap();
        let [name] = <[String; 1]>::try_from(names(&dir)).unwrap();
        let found = fs::metadata(dir.path().join(&name)).unwrap();
        assert_eq!((found.mode() & 0o7777, found.len()), (0o600, 1));
        // Its writer lives.
        sweep(&folder, found.uid(), &is_temporary);
        assert_eq!(names(&dir), [name]);
        new.rename(OsStr::new("f")).unwrap();
        assert_eq!(names(&dir), ["f"]);
    }
}

#[test]
fn what_cannot_be_finished_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let folder = File::open(dir.path()).unwrap();
    let failed = |fill: bool| {
        replace_in(
            folder.as_fd(),
            OsStr::new("f"),
            &temporary,
            &mut |_| {
                if fill {
                    Err(io::Error::other("full"))
                } else {
                    Ok(())
                }
            },
            true,
            &mut |_| Err(io::Error::other("no rights")),
        )
    };
    assert!(failed(true).is_err() && failed(false).is_err());
    assert_eq!(names(&dir), [""; 0]);
}

#[test]
fn only_what_a_dead_process_of_this_user_left_is_swept() {
    let dir = tempfile::tempdir().unwrap();
    let folder = File::open(dir.path()).unwrap();
    let me = folder.metadata().unwrap().uid();
    for name in ["t-1", "t-2", "other"] {
        fs::write(dir.path().join(name), "x").unwrap();
    }
    fs::create_dir(dir.path().join("t-folder")).unwrap();
    std::os::unix::fs::symlink("t-1", dir.path().join("t-link")).unwrap();
    let alive = File::open(dir.path().join("t-2")).unwrap();
    alive.lock().unwrap();
    sweep(&folder, me + 1, &is_temporary);
    assert_eq!(names(&dir).len(), 5);
    sweep(&folder, me, &is_temporary);
    assert_eq!(names(&dir), ["other", "t-2", "t-folder", "t-link"]);
    drop(alive);
    sweep(&folder, me, &is_temporary);
    assert_eq!(names(&dir), ["other", "t-folder", "t-link"]);
}

#[test]
fn one_that_its_owner_may_not_read_is_swept_when_it_is_old() {
    let dir = tempfile::tempdir().unwrap();
    let folder = File::open(dir.path()).unwrap();
    let me = folder.metadata().unwrap().uid();
    let path = dir.path().join("t-1");
    let file = File::create(&path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(600))
        .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    sweep(&folder, me, &is_temporary);
    assert_eq!(names(&dir), [""; 0]);
}

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn names(dir: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    assert_eq!(replace(&path, b"one").unwrap(), Replaced::Created);
    assert_eq!(mode(&path), 0o600);
    fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
    assert_eq!(replace(&path, b"two").unwrap(), Replaced::Changed);
    assert_eq!(
        (fs::read(&path).unwrap().as_slice(), mode(&path)),
        (&b"two"[..], 0o664)
    );
    assert_eq!(names(&dir), ["f"]);
}

#[test]
fn a_private_file_ends_up_private() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    for (content, before) in [("one", None), ("two", Some(0o644)), ("two", Some(0o666))] {
        if let Some(before) = before {
            fs::set_permissions(&path, Permissions::from_mode(before)).unwrap();
        }
        replace_private(&path, content.as_bytes()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), content.as_bytes());
        assert_eq!(mode(&path), 0o600, "{before:?}");
    }
}

#[test]
fn the_same_content_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    replace(&path, b"one").unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    assert_eq!(replace(&path, b"one").unwrap(), Replaced::Unchanged);
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
}

#[test]
fn links_stay_links_and_their_target_changes() {
    let dir = tempfile::tempdir().unwrap();
    let dotfiles = dir.path().join("dotfiles");
    fs::create_dir(&dotfiles).unwrap();
    let (link, chain) = (dir.path().join("link"), dir.path().join("chain"));
    symlink("dotfiles/real", &link).unwrap();
    symlink(&link, &chain).unwrap();
    assert_eq!(replace(&chain, b"one").unwrap(), Replaced::Created);
    assert_eq!(replace(&chain, b"two").unwrap(), Replaced::Changed);
    assert_eq!(fs::read(dotfiles.join("real")).unwrap(), b"two");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&chain).unwrap().is_symlink());
}

#[test]
fn a_circle_of_links_ends() {
    let dir = tempfile::tempdir().unwrap();
    symlink("b", dir.path().join("a")).unwrap();
    symlink("a", dir.path().join("b")).unwrap();
    let error = replace(&dir.path().join("a"), b"x").unwrap_err();
    assert!(error.to_string().contains("circle"), "{error}");
}

#[test]
fn what_cannot_be_replaced_stays_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("f");
    fs::create_dir(&folder).unwrap();
    assert!(replace(&folder, b"x").is_err());
    assert!(replace(&dir.path().join("none/f"), b"x").is_err());
    assert_eq!(names(&dir), ["f"]);
}

#[test]
fn a_name_at_the_limit_can_be_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("n".repeat(255));
    replace(&path, b"one").unwrap();
    replace(&path, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
}

#[test]
fn a_reader_never_sees_a_part() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let contents = [vec![b'a'; 100_000], vec![b'b'; 200_000]];
    replace(&path, &contents[0]).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..40 {
                replace(&path, &contents[round % 2]).unwrap();
            }
        });
        while !writer.is_finished() {
            let seen = fs::read(&path).unwrap();
            assert!(contents.contains(&seen), "{} bytes", seen.len());
        }
    });
}

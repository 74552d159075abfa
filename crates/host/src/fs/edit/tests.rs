use std::ffi::CStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use rustix::fs::{XattrFlags, getxattr, setxattr};
use tempfile::TempDir;

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn settings(path: &Path, bytes: &[u8]) -> Result<Replaced, FileError> {
    replace(path, bytes, Holds::Settings)
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
    assert_eq!(settings(&path, b"one").unwrap(), Replaced::Created);
    assert_eq!(mode(&path), 0o600);
    set_mode(&path, 0o664);
    assert_eq!(settings(&path, b"two").unwrap(), Replaced::Changed);
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
            set_mode(&path, before);
        }
        let _ = replace(&path, content.as_bytes(), Holds::Login).unwrap();
        assert_eq!(fs::read(&path).unwrap(), content.as_bytes());
        assert_eq!(mode(&path), 0o600, "{before:?}");
    }
}

#[test]
fn the_same_content_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let _ = settings(&path, b"one").unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    assert_eq!(settings(&path, b"one").unwrap(), Replaced::Unchanged);
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
    assert_eq!(settings(&chain, b"one").unwrap(), Replaced::Created);
    assert_eq!(settings(&chain, b"two").unwrap(), Replaced::Changed);
    assert_eq!(fs::read(dotfiles.join("real")).unwrap(), b"two");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&chain).unwrap().is_symlink());
}

#[test]
fn a_circle_of_links_ends() {
    let dir = tempfile::tempdir().unwrap();
    symlink("b", dir.path().join("a")).unwrap();
    symlink("a", dir.path().join("b")).unwrap();
    let error = settings(&dir.path().join("a"), b"x").unwrap_err();
    assert!(error.to_string().contains("loop"), "{error}");
}

#[test]
fn what_cannot_be_replaced_stays_and_nothing_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("f");
    fs::create_dir(&folder).unwrap();
    assert!(settings(&folder, b"x").is_err());
    assert!(settings(&dir.path().join("none/f"), b"x").is_err());
    assert_eq!(names(&dir), ["f"]);
}

#[test]
fn a_name_at_the_limit_can_be_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("n".repeat(255));
    let _ = settings(&path, b"one").unwrap();
    let _ = settings(&path, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
}

#[test]
fn a_reader_never_sees_a_part() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let contents = [vec![b'a'; 100_000], vec![b'b'; 200_000]];
    let _ = settings(&path, &contents[0]).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..40 {
                let _ = settings(&path, &contents[round % 2]).unwrap();
            }
        });
        while !writer.is_finished() {
            let seen = fs::read(&path).unwrap();
            assert!(contents.contains(&seen), "{} bytes", seen.len());
        }
    });
}

/// Attributes by name, as far as the file system has such.
fn attributes_of(path: &Path) -> Vec<Option<Vec<u8>>> {
    let value = |name: &CStr| {
        let mut buffer = vec![0; 256];
        let len = getxattr(path, name, &mut buffer).ok()?;
        buffer.truncate(len);
        Some(buffer)
    };
    vec![value(c"user.note"), value(c"system.posix_acl_access")]
}

/// An access control list of Linux: `user::rw-`, one more user with `r--`,
/// `group::---`, the mask `mask`, `other::---`.
fn acl(mask: u16) -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] = [
        (0x01, 6, u32::MAX),
        (0x02, 4, 12345),
        (0x04, 0, u32::MAX),
        (0x10, mask, u32::MAX),
        (0x20, 0, u32::MAX),
    ];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(rights.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    bytes
}

#[test]
#[cfg(target_os = "linux")]
fn mode_list_and_attributes_stay() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    for (number, before) in [0o600, 0o640, 0o604, 0o2644, 0o4755, 0o200 | 0o400, 0o777]
        .into_iter()
        .enumerate()
    {
        for mask in [None, Some(4), Some(6)] {
            let _ = fs::remove_file(&path);
            fs::write(&path, "old").unwrap();
            set_mode(&path, before);
            // Not every file system has these; what it has is kept.
            let _ = setxattr(&path, c"user.note", b"mine", XattrFlags::empty());
            if let Some(mask) = mask {
                let list = acl(mask);
                let _ = setxattr(
                    &path,
                    c"system.posix_acl_access",
                    &list,
                    XattrFlags::empty(),
                );
            }
            let was = (mode(&path), attributes_of(&path));
            for holds in [Holds::Settings, Holds::Token] {
                let content = format!("{number} {mask:?} {holds:?}");
                assert_eq!(
                    replace(&path, content.as_bytes(), holds).unwrap(),
                    Replaced::Changed
                );
                assert_eq!(fs::read_to_string(&path).unwrap(), content);
                assert_eq!((mode(&path), attributes_of(&path)), was, "{content}");
            }
        }
    }
}

/// A list that the folder gives to every new file is not the file's.
#[test]
#[cfg(target_os = "linux")]
fn a_list_of_the_folder_stays_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    fs::write(&path, "old").unwrap();
    set_mode(&path, 0o660);
    let name = c"system.posix_acl_default";
    let _ = setxattr(dir.path(), name, &acl(6), XattrFlags::empty());
    let _ = settings(&path, b"new").unwrap();
    assert_eq!(
        (mode(&path), attributes_of(&path)[1].clone()),
        (0o660, None)
    );
}

#[test]
fn a_file_of_several_names_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("f"), dir.path().join("g"));
    fs::write(&path, "old").unwrap();
    fs::hard_link(&path, &other).unwrap();
    let error = settings(&path, b"new").unwrap_err();
    assert!(error.to_string().contains("it has 2 names"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    // A login that cannot be kept is lost.
    let _ = replace(&path, b"new", Holds::Login).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::read(&other).unwrap(), b"old");
}

#[test]
fn a_file_of_another_user_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    fs::write(&path, "old").unwrap();
    set_mode(&path, 0o666);
    if std::os::unix::fs::chown(&path, Some(12345), None).is_err() {
        // Who may not give a file away is shown one of root's.
        let error = replace(Path::new("/etc/passwd"), b"x", Holds::Login).unwrap_err();
        assert!(
            error.to_string().contains("it belongs to user 0"),
            "{error}"
        );
        return;
    }
    for holds in [Holds::Settings, Holds::Token, Holds::Login] {
        let error = replace(&path, b"new", holds).unwrap_err();
        assert!(
            error.to_string().contains("it belongs to user 12345"),
            "{error}"
        );
    }
    assert_eq!(
        (fs::read(&path).unwrap().as_slice(), mode(&path)),
        (&b"old"[..], 0o666)
    );
}

#[test]
fn a_token_stays_out_of_a_folder_that_others_can_write() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, link) = (dir.path().join("open"), dir.path().join("link"));
    fs::create_dir(&folder).unwrap();
    symlink("open/f", &link).unwrap();
    for (mode, allowed) in [
        (0o700, true),
        (0o755, true),
        (0o1777, true),
        (0o777, false),
        (0o707, false),
    ] {
        set_mode(&folder, mode);
        let _ = fs::remove_file(folder.join("f"));
        for path in [folder.join("f"), link.clone()] {
            let done = replace(&path, mode.to_string().as_bytes(), Holds::Token);
            assert_eq!(done.is_ok(), allowed, "{mode:o}: {done:?}");
            assert_eq!(folder.join("f").exists(), allowed);
        }
        // What holds no secret may lie where people share it.
        let _ = settings(&folder.join("f"), b"shared").unwrap();
    }
}

#[test]
fn what_another_program_wrote_meanwhile_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let done = |write: &dyn Fn()| {
        let original = Original::open(&path, 100).unwrap();
        write();
        original.replace(b"ours", Holds::Settings).unwrap()
    };
    assert_eq!(
        done(&|| fs::write(&path, "made").unwrap()),
        Replaced::Overtaken
    );
    assert_eq!(
        done(&|| fs::write(&path, "longer").unwrap()),
        Replaced::Overtaken
    );
    let renamed = || {
        fs::write(dir.path().join("g"), "longer").unwrap();
        fs::rename(dir.path().join("g"), &path).unwrap();
    };
    assert_eq!(done(&renamed), Replaced::Overtaken);
    assert_eq!(
        done(&|| fs::remove_file(&path).unwrap()),
        Replaced::Overtaken
    );
    assert!(!path.exists());
    assert_eq!(done(&|| ()), Replaced::Created);
    assert_eq!(done(&|| ()), Replaced::Unchanged);
}

#[test]
fn what_is_no_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    rustix::fs::mkfifoat(CWD, &pipe, Mode::RWXU).unwrap();
    let cases = [
        (pipe.as_path(), "it is a pipe, not a file"),
        (dir.path(), "Is a directory"),
        (Path::new("/dev/null"), "it is a device, not a file"),
        (Path::new("/"), "Is a directory"),
    ];
    for (path, why) in cases {
        let error = settings(path, b"x").unwrap_err();
        assert!(crate::error::reason(&error.source) == why, "{error}");
    }
}

#[test]
fn what_dead_processes_left_is_swept_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settings.xml");
    let left = ".settings.xml.0123456789abcdef.tmp";
    let others = [
        ".settings.xml.0123456789ABCDEF.tmp",
        ".settings.xml.0123456789abcde.tmp",
        ".settings.xml.0123456789abcdef.tmp~",
        ".settings.0123456789abcdef.tmp",
        "settings.xml.0123456789abcdef.tmp",
    ];
    for name in others.iter().chain([&left]) {
        fs::write(dir.path().join(name), "token").unwrap();
    }
    drop(Original::open(&path, 100).unwrap());
    let mut expected = others.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(names(&dir), expected);
}

#[test]
fn folders_are_for_their_owner() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b/f");
    assert_eq!(
        replace(&path, b"x", Holds::Token).unwrap(),
        Replaced::Created
    );
    for folder in ["a", "a/b"] {
        assert_eq!(mode(&dir.path().join(folder)), 0o700);
    }
}

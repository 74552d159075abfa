use std::fs;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use rustix::fs::{CWD, Mode, mkfifoat};

use super::*;

fn fifo(dir: &tempfile::TempDir) -> PathBuf {
    let path = dir.path().join("fifo");
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    path
}

#[test]
fn a_missing_file_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f");
    assert!(read_text(&file, 10).unwrap().is_none());
    fs::write(&file, "x").unwrap();
    assert!(read_text(&file.join("below"), 10).unwrap().is_none());
    assert_eq!(read_text(&file, 10).unwrap().as_deref(), Some("x"));
}

#[test]
fn what_is_no_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let (link, fifo) = (dir.path().join("link"), fifo(&dir));
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    let cases = [
        (dir.path(), "Is a directory"),
        (socket.as_path(), "it is a socket, not a file"),
        (Path::new("/dev/zero"), "it is a device, not a file"),
        (link.as_path(), "it is a device, not a file"),
        (&fifo, "it is a pipe that was not closed within 2 s"),
    ];
    for (path, why) in cases {
        let error = read(path, 10).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot read {}: {why}", path.display())
        );
    }
}

#[test]
fn the_null_device_is_empty() {
    assert_eq!(read(Path::new("/dev/null"), 10).unwrap().unwrap(), b"");
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = fifo(&dir);
    let content = vec![b'x'; 200_000];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut pipe = File::options().write(true).open(&path).unwrap();
            pipe.write_all(&content).unwrap();
        });
        assert!(read(&path, LARGEST).unwrap().unwrap() == content);
    });
}

#[test]
fn a_pipe_without_end_is_given_up_at_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let path = fifo(&dir);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut pipe = File::options().write(true).open(&path).unwrap();
            // Ends with "broken pipe", once nobody reads any more.
            while pipe.write_all(&[b'x'; 1024]).is_ok() {}
        });
        let error = read(&path, 100_000).unwrap_err();
        assert!(
            error.to_string().ends_with("it has more than 100000 bytes"),
            "{error}"
        );
    });
}

#[test]
fn a_limit_is_kept_to_the_byte() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f");
    fs::write(&file, "12345").unwrap();
    assert_eq!(read(&file, 5).unwrap().unwrap(), b"12345");
    let error = read(&file, 4).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("it has 5 bytes; the limit is 4 bytes"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    let file = File::create(&path).unwrap();
    file.set_len(LARGEST as u64 + 1).unwrap();
    let error = read(&path, LARGEST).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("it has 16777217 bytes; the limit is 16 MiB"),
        "{error}"
    );
}

#[test]
fn the_line_that_is_no_text_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f");
    fs::write(&file, b"a\nb\xff\n").unwrap();
    let error = read_text(&file, 10).unwrap_err();
    assert!(
        error.to_string().ends_with("line 2 is not UTF-8"),
        "{error}"
    );
}

//! `corpus/NAME.xml` becomes `NAME.out`, byte for byte, or is refused with the
//! words of `NAME.err`; with neither it is left as it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{TOKEN, edited};

/// Name and content of every file to edit, sorted by name.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "xml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/maven/corpus")
}

#[test]
fn every_file_becomes_what_it_should() {
    let wrong = Path::new(env!("CARGO_TARGET_TMPDIR")).join("maven-corpus");
    let _ = fs::remove_dir_all(&wrong);
    fs::create_dir_all(&wrong).unwrap();
    let mut differ = Vec::new();
    let files = files();
    for (name, bytes) in &files {
        let (end, is) = match edited(bytes, TOKEN) {
            Ok(None) => ("", Vec::new()),
            Ok(Some(bytes)) => ("out", bytes),
            Err(text) => ("err", text.into_bytes()),
        };
        for kind in ["out", "err"] {
            let should = fs::read(folder().join(format!("{name}.{kind}"))).ok();
            let is = (kind == end).then_some(&is);
            if should.as_ref() != is {
                differ.push(format!("{name}.{kind}"));
                if let Some(is) = is {
                    fs::write(wrong.join(format!("{name}.{kind}")), is).unwrap();
                }
            }
        }
    }
    assert!(files.len() >= 100, "only {} files", files.len());
    let wrong = wrong.display();
    assert!(differ.is_empty(), "{differ:#?}\nwhat is, is in {wrong}");
}

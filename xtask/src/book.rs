//! The pages of `docs/` as a book, by mdBook.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{Result, capture, cargo, run, which};
use crate::{ui, workspace};

/// The version that the settings in `book.toml` are for.
const VERSION: &str = "0.5.4";

/// `cargo xtask book`.
///
/// # Errors
/// mdBook cannot be installed, or a page of the summary is missing.
pub(crate) fn book() -> Result {
    let root = workspace::root();
    run(Command::new(mdbook()?).arg("build").current_dir(root))?;
    ui::say(format!(
        "see {}",
        root.join("target/book/index.html").display()
    ));
    Ok(())
}

/// mdBook of that version: the one in PATH, or one that is compiled, once.
fn mdbook() -> Result<PathBuf> {
    let tools = workspace::root().join("target/tools");
    let ours = tools.join("bin/mdbook");
    let found = which("mdbook").into_iter().chain([ours.clone()]);
    for program in found {
        let version = capture(Command::new(&program).arg("--version"));
        if version.is_ok_and(|text| text.trim().trim_start_matches("mdbook v") == VERSION) {
            return Ok(program);
        }
    }
    run(cargo()
        .args(["install", "--locked", "--root"])
        .arg(&tools)
        .args(["--no-default-features", "--features", "search"])
        .arg(format!("mdbook@{VERSION}")))?;
    Ok(ours)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use crate::workspace;

    #[test]
    fn the_summary_has_every_page_once() {
        let docs = workspace::root().join("docs");
        let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
        let listed: Vec<&str> = summary
            .lines()
            .filter_map(|line| line.split_once("](")?.1.strip_suffix(')'))
            .collect();
        let names: BTreeSet<String> = fs::read_dir(&docs)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
            .collect();
        assert_eq!(listed.len(), names.len());
        assert_eq!(
            listed
                .into_iter()
                .map(str::to_owned)
                .collect::<BTreeSet<_>>(),
            names
        );
    }
}

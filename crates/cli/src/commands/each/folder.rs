//! `--output-dir`: what the commands wrote, in files of their own.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use assumerole_core::Result;
use assumerole_host::fs::PrivateDir;

use super::select::Task;

/// Characters of a name; a file system takes 255 bytes.
const LONGEST: usize = 100;

/// The folder, and the names of the tasks in it.
pub(super) struct Folder {
    dir: PrivateDir,
    names: Vec<String>,
}

impl Folder {
    /// Opens or creates the folder, 0700.
    ///
    /// # Errors
    /// It is a link or another user's, or cannot be created.
    pub(super) fn open<'t>(path: &Path, tasks: impl Iterator<Item = &'t Task>) -> Result<Self> {
        let titles: Vec<String> = tasks.map(Task::title).collect();
        Ok(Self {
            dir: PrivateDir::create(path)?,
            names: names(&titles),
        })
    }

    /// Keeps what the command of task `number` wrote.
    ///
    /// # Errors
    /// The disk is full, or something else stands there.
    pub(super) fn keep(&self, number: usize, stdout: &mut File, stderr: &mut File) -> Result<()> {
        let Some(name) = self.names.get(number) else {
            return Ok(());
        };
        self.dir.write_all_of(format!("{name}.out"), stdout)?;
        Ok(self.dir.write_all_of(format!("{name}.err"), stderr)?)
    }
}

/// A name for each of `titles`, of characters that no program takes for anything
/// else, each once.
fn names(titles: &[String]) -> Vec<String> {
    let mut used = HashSet::new();
    let one = |title: &String| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.@+=".contains(c);
        let clean = |c: char| if fits(c) { c } else { '_' };
        let clean: String = title.chars().take(LONGEST).map(clean).collect();
        let clean = match clean.starts_with(['.', '-']) || clean.is_empty() {
            true => format!("_{clean}"),
            false => clean,
        };
        let numbered = (2..).map(|number| format!("{clean}-{number}"));
        // Some file systems tell no case apart.
        let is_free = |name: &String| used.insert(name.to_ascii_lowercase());
        std::iter::once(clean.clone())
            .chain(numbered)
            .find(is_free)
            .unwrap_or(clean.clone())
    };
    titles.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_clean_and_each_there_once() {
        let titles = [
            "acme-read",
            "acme read",
            "acme/read",
            "../x",
            ".ssh",
            "-rf",
            "é\u{1b}",
            "",
            "Acme-Read",
            "acme_read-2",
        ];
        let names = names(&titles.map(str::to_owned));
        assert_eq!(
            names,
            [
                "acme-read",
                "acme_read",
                "acme_read-2",
                "_.._x",
                "_.ssh",
                "_-rf",
                "__",
                "_",
                "Acme-Read-2",
                "acme_read-2-2"
            ]
        );
        let long = super::names(&["a".repeat(300), "a".repeat(400)]);
        assert!(long[0] != long[1] && long[1].len() < 120);
    }
}

//! The person's browser: which program it is, and opening a page in it.
//!
//! What is opened stands in the arguments of the browser, where every user of
//! the machine can read it: never a secret.

mod choice;
mod known;
mod opening;
mod profiles;

pub use choice::{Desktop, Wanted, candidates, named};
pub use known::{Family, NAMES};
pub use opening::{Opening, Progress};
pub use profiles::{Profiles, Removed};

/// A program that opens pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// The program and its arguments. `%s` in one stands for the page, which is
    /// otherwise the last argument.
    pub words: Vec<String>,
    /// What it understands.
    pub family: Family,
}

impl Browser {
    fn new(words: Vec<String>) -> Self {
        let family = known::family(&words);
        Self { words, family }
    }

    /// Program and arguments that open `page`.
    pub fn command(&self, page: &str) -> Vec<String> {
        let holds = self.words.iter().skip(1).any(|word| word.contains("%s"));
        let mut words: Vec<String> = self
            .words
            .iter()
            .enumerate()
            .map(|(at, word)| match at {
                0 => word.clone(),
                _ => word.replace("%s", page),
            })
            .collect();
        if !holds {
            words.push(page.to_owned());
        }
        words
    }

    /// The command that opens a page in the profile whose folder is `folder`; `%s`
    /// stands for the page.
    pub fn in_profile(&self, folder: &str) -> Self {
        let flags = [
            format!("--user-data-dir={folder}"),
            "--no-first-run".to_owned(),
            "--no-default-browser-check".to_owned(),
        ];
        let mut words = self.words.clone();
        // `open` of macOS hands arguments on to an application that it starts.
        if let [program, ..] = words.as_slice()
            && program == "open"
        {
            words.insert(1, "-n".to_owned());
            words.push("--args".to_owned());
            words.extend(flags);
            return Self::new(words);
        }
        let page = words.iter().position(|word| word.contains("%s"));
        let at = page.unwrap_or(words.len());
        words.splice(at..at, flags);
        Self::new(words)
    }

    /// Whether `page` reaches it as it is: cmd.exe reads its line anew.
    fn takes(&self, page: &str) -> bool {
        let program = self.words.first().map(String::as_str).unwrap_or_default();
        !program.ends_with("cmd.exe")
            || page
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b":/.-_?=".contains(&byte))
    }
}

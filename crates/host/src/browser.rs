//! The person's browser: which program it is, and opening a page in it.
//!
//! What is opened stands in the arguments of the browser, where every user of
//! the machine can read it: never a secret.

mod choice;
mod known;
mod opening;

pub use choice::{Desktop, Wanted, candidates, named};
pub use known::Family;
pub use opening::{Opening, Progress};

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

    /// Whether `page` reaches it as it is: cmd.exe reads its line anew.
    fn takes(&self, page: &str) -> bool {
        let program = self.words.first().map(String::as_str).unwrap_or_default();
        !program.ends_with("cmd.exe")
            || page
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b":/.-_?=".contains(&byte))
    }
}

//! `~/.assumerole.d/renamed`: which role has another name now. What was noted
//! of a role elsewhere (the history, a cached session, a shell's own note of
//! what it is in) keeps the name that the role had then, and is read by way of
//! this file. A line of JSON each, 0600, bounded.

use std::path::{Path, PathBuf};

use assumerole_host::fs::PrivateDir;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const FILE: &str = "renamed";

/// A file that has grown beyond this many bytes loses its older half.
const LARGEST: u64 = 64 * 1024;

/// A role that got another name: a line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renaming {
    /// When.
    pub at: Timestamp,
    /// The file that the role is in, absolute.
    pub config: PathBuf,
    /// The name that it had.
    pub from: String,
    /// The name that it has.
    pub to: String,
    /// The role's ARN, where it could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
}

/// Notes it. What cannot be noted is lost.
pub fn note(dir: &PrivateDir, renaming: &Renaming) {
    let Ok(mut line) = serde_json::to_string(renaming) else {
        return;
    };
    line.push('\n');
    let length = dir.append(FILE, line.as_bytes());
    if length.is_ok_and(|length| length > LARGEST) {
        let text = read(dir);
        let from = text.len().div_ceil(2);
        let end = text.as_bytes()[from..]
            .iter()
            .position(|byte| *byte == b'\n');
        if let Some(end) = end {
            let _ = dir.write(FILE, &text.as_bytes()[from + end + 1..]);
        }
    }
}

fn read(dir: &PrivateDir) -> String {
    let bytes = dir.read(FILE, 4 * LARGEST as usize).ok().flatten();
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

/// What was renamed, the oldest first.
#[derive(Debug, Default)]
pub struct Renamed(Vec<Renaming>);

impl Renamed {
    /// What is noted in `dir`.
    pub fn read(dir: &PrivateDir) -> Self {
        let text = read(dir);
        let lines = text.lines();
        Self(
            lines
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect(),
        )
    }

    /// What the role is called now that was called `name` in `config` at `at`.
    pub fn of_file(&self, name: &str, config: &Path, at: Timestamp) -> Option<String> {
        self.follow(name, at, |renaming| renaming.config == *config)
    }

    /// What the role with the ARN is called now that was called `name` at `at`,
    /// whichever file it is in.
    pub fn of_arn(&self, name: &str, arn: &str, at: Timestamp) -> Option<String> {
        self.follow(name, at, |renaming| renaming.arn.as_deref() == Some(arn))
    }

    fn follow(
        &self,
        name: &str,
        at: Timestamp,
        is_its: impl Fn(&Renaming) -> bool,
    ) -> Option<String> {
        let mut now: Option<&str> = None;
        for renaming in self
            .0
            .iter()
            .filter(|renaming| at <= renaming.at && is_its(renaming))
        {
            if renaming.from == now.unwrap_or(name) {
                now = Some(&renaming.to);
            }
        }
        now.map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn names_are_followed_from_when_they_were_noted() {
        let home = tempfile::tempdir().unwrap();
        let dir = PrivateDir::create(&home.path().join("s")).unwrap();
        assert_eq!(
            Renamed::read(&dir).of_file("a", Path::new("/f"), at(1)),
            None
        );
        for (second, config, from, to, arn) in [
            (10, "/f", "a", "b", Some("arn:b")),
            (20, "/f", "b", "c", Some("arn:b")),
            // Another role is called so meanwhile.
            (30, "/f", "a", "d", Some("arn:a")),
            (40, "/g", "a", "e", None),
        ] {
            note(
                &dir,
                &Renaming {
                    at: at(second),
                    config: config.into(),
                    from: from.to_owned(),
                    to: to.to_owned(),
                    arn: arn.map(str::to_owned),
                },
            );
        }
        dir.append(FILE, b"{nonsense\n").unwrap();
        let renamed = Renamed::read(&dir);
        for (name, config, second, now) in [
            ("a", "/f", 5, Some("c")),
            ("a", "/f", 10, Some("c")),
            ("b", "/f", 15, Some("c")),
            ("a", "/f", 25, Some("d")),
            ("a", "/f", 35, None),
            ("c", "/f", 5, None),
            ("a", "/g", 5, Some("e")),
            ("a", "/h", 5, None),
        ] {
            let found = renamed.of_file(name, Path::new(config), at(second));
            assert_eq!(found.as_deref(), now, "{name} of {config} at {second}");
        }
        assert_eq!(renamed.of_arn("a", "arn:b", at(25)), None);
        assert_eq!(renamed.of_arn("a", "arn:b", at(5)).as_deref(), Some("c"));
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let home = tempfile::tempdir().unwrap();
        let dir = PrivateDir::create(&home.path().join("s")).unwrap();
        for second in 0..40 {
            note(
                &dir,
                &Renaming {
                    at: at(second),
                    config: "/f".into(),
                    from: "r".repeat(4000),
                    to: second.to_string(),
                    arn: None,
                },
            );
        }
        assert!(dir.read(FILE, 1 << 20).unwrap().unwrap().len() as u64 <= LARGEST);
        assert_eq!(Renamed::read(&dir).0.last().unwrap().to, "39");
    }
}

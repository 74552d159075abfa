//! `~/.assumerole.d/history`: which role was assumed when, how, and for how
//! long. A line of JSON each, 0600, bounded, no secrets; it feeds `history`,
//! the chooser's order and `assumerole -`.

use std::collections::HashMap;
use std::path::Path;

use assumerole_core::shell::note::{Again, UserFiles};
use assumerole_host::fs::PrivateDir;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::renamed::Renamed;

const FILE: &str = "history";

/// A file that has grown beyond this many bytes loses its older half.
const LARGEST: u64 = 256 * 1024;

/// A role that was assumed: a line of the file. What a line lacks (it was
/// written before that was noted, or it could not be told) is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When.
    pub at: Timestamp,
    /// The role's name in the person's file.
    pub role: String,
    /// When its credentials end, by our clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Whether they came from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<bool>,
    /// What they were for, [`Way::as_str`]. A text, so that a line of a later
    /// version is still a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// The program that started this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The role's ARN, of a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// What narrows its session: policies and tags, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed: Option<Vec<String>>,
    /// The flags that it was assumed with, as words, `--config` left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
    /// `AWS_STS_DURATION_SECONDS`, where it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// The files that it was read from, where they were not those of the home
    /// folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<UserFiles>,
}

impl Record {
    /// Whether a person wanted it, and no program by itself.
    fn is_by_hand(&self) -> bool {
        let by_program = |way| way == PROCESS || BY_PROGRAMS.contains(&way);
        !self.way.as_deref().is_some_and(by_program)
    }

    /// What asks for the same again. `usual` are the files of the home folder;
    /// what an earlier version noted says nothing of flags and files.
    pub fn again(&self, usual: &UserFiles) -> Again {
        let files = self.files.as_ref().unwrap_or(usual);
        Again {
            role: self.role.clone(),
            arn: self.arn.clone(),
            flags: self.flags.clone(),
            duration: self.duration,
            files: self.flags.as_ref().map(|_| files.clone()),
        }
    }
}

/// What a role is assumed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A shell in the role.
    Shell,
    /// A command in the role.
    Exec,
    /// Another program, which was given its variables.
    Export,
    /// A program that asks for credentials by itself.
    Process,
    /// A server, which hands them out.
    Serve,
    /// A browser.
    Console,
    /// A command in many roles.
    Each,
    /// A token or a login for something else than AWS, by the command of this name.
    Token(&'static str),
}

/// [`Way::Process`] in the file.
const PROCESS: &str = "credential-process";

/// The commands that programs call by themselves.
const BY_PROGRAMS: [&str; 2] = ["docker-credential", "eks-token"];

impl Way {
    /// As it stands in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Exec => "exec",
            Self::Export => "export",
            Self::Process => PROCESS,
            Self::Serve => "serve",
            Self::Console => "console",
            Self::Each => "each",
            Self::Token(command) => command,
        }
    }

    /// Whether programs ask in this way by themselves, many times.
    pub fn is_by_program(self) -> bool {
        self == Self::Process || BY_PROGRAMS.contains(&self.as_str())
    }
}

/// How much a role is used: the greater, the nearer to hand it belongs.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rank {
    /// By `frecency`.
    pub score: f64,
    /// When it was used last: what decides between equal scores.
    pub last: Timestamp,
}

/// Days after which a use counts half.
const HALF_LIFE: f64 = 7.0;
const DAY: f64 = 24.0 * 60.0 * 60.0;

/// How often and how lately something was used, in one number. Each day
/// counts for itself, half as much for every week that has passed; and on one
/// day the second use counts less than the first, as log2(1 + uses): a script
/// that takes a role five hundred times is worth nine uses by hand. A use
/// ahead of `now`, by a clock that went wrong, is one of today.
pub(crate) fn frecency(uses: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> f64 {
    let mut days: HashMap<i64, u32> = HashMap::new();
    for at in uses {
        let age = now.duration_since(at).as_secs_f64().max(0.0);
        // Whole days, at most those of all timestamps there are.
        *days.entry((age / DAY) as i64).or_default() += 1;
    }
    let mut days: Vec<(i64, u32)> = days.into_iter().collect();
    // The order of a sum of floating-point numbers is part of it.
    days.sort_unstable();
    days.iter()
        .map(|(age, uses)| (1.0 + f64::from(*uses)).log2() * (-(*age as f64) / HALF_LIFE).exp2())
        .sum()
}

/// Notes that a role was assumed. What cannot be noted is lost.
pub fn record(dir: &PrivateDir, record: &Record) {
    let Ok(mut text) = serde_json::to_string(record) else {
        return;
    };
    text.push('\n');
    if dir
        .append(FILE, text.as_bytes())
        .is_ok_and(|length| length > LARGEST)
    {
        shorten(dir);
    }
}

/// Keeps the newer half, from the start of a line.
fn shorten(dir: &PrivateDir) {
    let Some(text) = read(dir) else { return };
    let from = text.len().div_ceil(2);
    if let Some(end) = text.as_bytes()[from..]
        .iter()
        .position(|byte| *byte == b'\n')
    {
        let _ = dir.write(FILE, &text.as_bytes()[from + end + 1..]);
    }
}

fn read(dir: &PrivateDir) -> Option<String> {
    let bytes = dir.read(FILE, 4 * LARGEST as usize).ok()??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A line that is ours; others are passed over.
fn parse(line: &str) -> Option<Record> {
    serde_json::from_str(line).ok()
}

/// What was assumed, in the order in which it was noted: the newest last. Roles
/// have the names that they have now; `usual` is the file of the home folder.
pub fn records(dir: &PrivateDir, usual: &Path) -> Vec<Record> {
    let (text, renamed) = (read(dir).unwrap_or_default(), Renamed::read(dir));
    let lines = text.lines().filter_map(parse);
    lines
        .map(|record| by_new_name(record, &renamed, usual))
        .collect()
}

fn by_new_name(mut record: Record, renamed: &Renamed, usual: &Path) -> Record {
    let config = record.files.as_ref().map(|files| files.config.as_path());
    let config = config.unwrap_or(usual);
    if let Some(now) = renamed.of_file(&record.role, config, record.at) {
        record.role = now;
    }
    record
}

/// What was used last of what `is_other` lets through; `usual` as in
/// [`records`].
pub fn previous(
    dir: &PrivateDir,
    usual: &Path,
    is_other: impl Fn(&Record) -> bool,
) -> Option<Record> {
    let (text, renamed) = (read(dir)?, Renamed::read(dir));
    let newest_first = text.lines().rev().filter_map(parse);
    newest_first
        .filter(Record::is_by_hand)
        .map(|record| by_new_name(record, &renamed, usual))
        .find(is_other)
}

/// How much each role is used; `usual` as in [`records`].
pub fn ranks(dir: &PrivateDir, usual: &Path, now: Timestamp) -> HashMap<String, Rank> {
    let mut uses: HashMap<String, Vec<Timestamp>> = HashMap::new();
    for line in records(dir, usual).into_iter().filter(Record::is_by_hand) {
        uses.entry(line.role).or_default().push(line.at);
    }
    let rank = |uses: Vec<Timestamp>| {
        let last = uses.iter().copied().max().unwrap_or(now);
        let score = frecency(uses, now);
        Rank { score, last }
    };
    uses.into_iter()
        .map(|(role, uses)| (role, rank(uses)))
        .collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn used(role: &str, second: i64) -> Record {
        Record {
            at: at(second),
            role: role.to_owned(),
            expires: None,
            cached: None,
            way: None,
            parent: None,
            arn: None,
            narrowed: None,
            flags: None,
            duration: None,
            files: None,
        }
    }

    fn folder() -> (TempDir, PrivateDir) {
        let home = tempfile::tempdir().unwrap();
        let dir = PrivateDir::create(&home.path().join("s")).unwrap();
        (home, dir)
    }

    #[test]
    fn much_used_and_lately_used_count() {
        const NOW: i64 = 1_800_000_000;
        let days = |days: f64| NOW - (days * DAY) as i64;
        let score = |uses: &[i64]| frecency(uses.iter().map(|second| at(*second)), at(NOW));
        for (uses, expected) in [
            (vec![], 0.0),
            (vec![NOW], 1.0),
            (vec![days(0.99)], 1.0),
            // From a clock that was ahead.
            (vec![NOW + 3600], 1.0),
            // A week later it counts half, another one later a quarter.
            (vec![days(7.0)], 0.5),
            (vec![days(7.9)], 0.5),
            (vec![days(14.0)], 0.25),
            // On one day the first use counts most.
            (vec![NOW; 3], 2.0),
            (vec![days(0.1), days(0.2), days(0.3)], 2.0),
            (vec![NOW; 511], 9.0),
            // Each day counts for itself.
            (vec![NOW, days(7.0)], 1.5),
            (vec![NOW, days(7.0), days(14.0)], 1.75),
        ] {
            assert!((score(&uses) - expected).abs() < 1e-9, "{uses:?}");
        }
        // What is used each working day beats what a script used once.
        let daily: Vec<i64> = (0..5).map(|day| days(f64::from(day))).collect();
        assert!(score(&daily) > score(&[days(3.0); 20]));
        // And a role of today beats the favourite of two months ago.
        let once: Vec<i64> = (60..80).map(|day| days(f64::from(day))).collect();
        assert!(score(&[NOW]) > score(&once));
        // Nothing is too far away.
        for far in [Timestamp::MIN, Timestamp::MAX] {
            assert!(frecency([far], at(NOW)).is_finite());
        }
    }

    #[test]
    fn ranks_are_by_role_and_garbage_is_passed_over() {
        let (_home, dir) = folder();
        record(&dir, &used("a", 10));
        dir.append(FILE, b"{nonsense\n\xff\n").unwrap();
        record(&dir, &used("b\n\"", 11));
        record(&dir, &used("a", 12));
        record(&dir, &used("a", 11));
        let ranks = ranks(&dir, Path::new("/f"), at(20));
        let rank = |score, second| Rank {
            score,
            last: at(second),
        };
        assert_eq!(ranks["a"], rank(2.0, 12));
        assert_eq!(ranks["b\n\""], rank(1.0, 11));
        assert_eq!(ranks.len(), 2);
        assert!(ranks["a"] > ranks["b\n\""] && rank(1.0, 12) > rank(1.0, 11));
    }

    #[test]
    fn it_never_grows_beyond_its_bound_and_keeps_the_newest() {
        let (_home, dir) = folder();
        let long = "r".repeat(4000);
        for second in 0..200 {
            record(&dir, &used(&long, second));
        }
        record(&dir, &used("newest", 1000));
        assert!(dir.read(FILE, 1 << 20).unwrap().unwrap().len() as u64 <= LARGEST);
        assert!(ranks(&dir, Path::new("/f"), at(1000)).contains_key("newest"));
        assert_eq!(
            records(&dir, Path::new("/f")).last(),
            Some(&used("newest", 1000))
        );
    }

    #[test]
    fn lines_of_other_versions_are_lines() {
        let (_home, dir) = folder();
        let old = r#"{"at":"1970-01-01T00:00:10Z","role":"old"}"#;
        let later = r#"{"at":"1970-01-01T00:00:11Z","role":"new","way":"fly","more":[1]}"#;
        dir.append(FILE, format!("{old}\n{later}\n").as_bytes())
            .unwrap();
        let whole = Record {
            expires: Some(at(3612)),
            cached: Some(false),
            way: Some(Way::Shell.as_str().to_owned()),
            parent: Some("a \"b\"\u{1b}".to_owned()),
            arn: Some("arn:aws:iam::123456789012:role/whole".to_owned()),
            flags: Some(vec!["--read-only".to_owned()]),
            duration: Some(900),
            files: Some(files("/other")),
            ..used("whole", 12)
        };
        record(&dir, &whole);
        let new = Record {
            way: Some("fly".to_owned()),
            ..used("new", 11)
        };
        assert_eq!(
            records(&dir, Path::new("/f")),
            [used("old", 10), new, whole]
        );
    }

    fn files(folder: &str) -> UserFiles {
        let at = |name: &str| format!("{folder}/{name}").into();
        UserFiles {
            config: at("roles.json"),
            aws_config: at("config"),
            aws_credentials: at("credentials"),
        }
    }

    /// What an earlier version noted tells nothing of flags and files; what
    /// this one does tells of those of the home folder by leaving them out.
    #[test]
    fn a_line_says_what_asks_for_the_same_again() {
        let usual = files("/home");
        assert_eq!(used("a", 1).again(&usual), Again::of_name("a"));
        let new = Record {
            flags: Some(vec![]),
            ..used("a", 1)
        };
        assert_eq!(new.again(&usual).files, Some(usual.clone()));
        let other = Record {
            files: Some(files("/other")),
            flags: Some(vec!["--read-only".to_owned()]),
            duration: Some(900),
            ..used("a", 1)
        };
        let again = other.again(&usual);
        assert_eq!((again.files, again.duration), (other.files, Some(900)));
        assert_eq!(again.flags, other.flags);
    }

    #[test]
    fn the_previous_role_is_the_last_other_one() {
        let previous = |dir: &PrivateDir, current: Option<&str>| {
            let is_other = |record: &Record| Some(record.role.as_str()) != current;
            previous(dir, Path::new("/f"), is_other).map(|record| record.role)
        };
        let (_home, dir) = folder();
        assert_eq!(previous(&dir, None), None);
        for (second, role) in ["a", "b", "c", "c"].iter().zip(0..).map(|(r, s)| (s, r)) {
            record(&dir, &used(role, second));
        }
        dir.append(FILE, b"garbage\n").unwrap();
        assert_eq!(previous(&dir, None).as_deref(), Some("c"));
        assert_eq!(previous(&dir, Some("c")).as_deref(), Some("b"));
        assert_eq!(previous(&dir, Some("b")).as_deref(), Some("c"));
        let (_home, dir) = folder();
        record(&dir, &used("a", 1));
        assert_eq!(previous(&dir, Some("a")), None);
    }
}

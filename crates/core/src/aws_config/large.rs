//! Sections of so many keys, and names of so many sections, that each role that
//! comes through one cannot look at all of them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use xxhash_rust::xxh3::xxh3_64;

/// A section has a few keys; in those of more, each is found by its hash.
pub(super) const FEW: usize = 64;

/// The keys of the large sections of a file, by the numbers of these.
#[derive(Debug, Default)]
pub(super) struct Large(HashMap<usize, KeyHashes>);

/// The keys of one section: hashes of them in lower case, each with the number of
/// its property.
#[derive(Debug)]
pub(super) struct KeyHashes(Vec<(u64, usize)>);

impl Large {
    /// Adds the section of this number, which has the keys `written`.
    pub(super) fn add<'a>(&mut self, section: usize, written: impl Iterator<Item = &'a str>) {
        let mut keys: Vec<(u64, usize)> = written.map(hash).zip(0..).collect();
        keys.sort_unstable();
        self.0.insert(section, KeyHashes(keys));
    }

    /// Those of `section`, if it is large.
    pub(super) fn get(&self, section: usize) -> Option<&KeyHashes> {
        self.0.get(&section)
    }
}

impl KeyHashes {
    /// The numbers of the properties that may be called `key`, the last one first.
    pub(super) fn find(&self, key: &str) -> impl Iterator<Item = usize> {
        let hash = hash(key);
        let from = self.0.partition_point(|(other, _)| *other < hash);
        let length = self.0[from..].partition_point(|(other, _)| *other == hash);
        let same = self.0[from..from + length].iter().rev();
        same.map(|(_, number)| *number)
    }

    /// Whether a key may be there twice.
    pub(super) fn repeats(&self) -> bool {
        self.0.windows(2).any(|two| two[0].0 == two[1].0)
    }
}

/// The names that many sections of a file have, by a hash of these.
#[derive(Debug, Default)]
pub(super) struct Crowds(HashMap<u64, Crowd>);

/// The sections of one name.
#[derive(Debug)]
pub(super) struct Crowd {
    /// Those that count: with the header of the last one.
    pub(super) sections: Vec<usize>,
    keys: KeyHashes,
    /// One property of each key, in order.
    pub(super) distinct: Vec<usize>,
    /// Whether they are all the same, word for word.
    pub(super) is_repeated: OnceLock<bool>,
}

impl Crowds {
    pub(super) fn new(crowds: impl Iterator<Item = (u64, Crowd)>) -> Self {
        Self(crowds.collect())
    }

    /// The sections whose name has this hash, if they are many.
    pub(super) fn get(&self, hash: u64) -> Option<&Crowd> {
        self.0.get(&hash)
    }
}

impl Crowd {
    /// That of `sections`, whose properties have these keys in lower case and these
    /// numbers, in order.
    pub(super) fn new<'a>(
        sections: Vec<usize>,
        properties: impl Iterator<Item = (Cow<'a, str>, usize)>,
    ) -> Self {
        let (mut keys, mut distinct, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (key, at) in properties {
            keys.push((xxh3_64(key.as_bytes()), at));
            if seen.insert(key) {
                distinct.push(at);
            }
        }
        keys.sort_unstable();
        Self {
            sections,
            keys: KeyHashes(keys),
            distinct,
            is_repeated: OnceLock::new(),
        }
    }

    /// The properties that may be called `key`, the last one first.
    pub(super) fn find(&self, key: &str) -> impl Iterator<Item = usize> {
        self.keys.find(key)
    }
}

fn hash(key: &str) -> u64 {
    xxh3_64(key.to_lowercase().as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::file::{AwsFile, FileKind};
    use super::super::merged::AwsFiles;

    /// A section is the same whether it is small or large, and `[DEFAULT]` too.
    #[test]
    fn keys_are_found_in_sections_of_any_size() {
        for header in ["[profile a]", "[DEFAULT]"] {
            for more in [0, 60, 64, 65, 5000] {
                let mut text = format!("{header}\nRegion = first\nlast = 1\n");
                for number in 0..more {
                    let _ = writeln!(text, "k{number} = {number}");
                }
                let once = format!("{text}ENDE = x\n[profile a]\n");
                let twice = format!("{text}rEGION = second\n[profile a]\n");
                // With [profile a] itself the second header would stand twice.
                let cut = |text: &str| match header {
                    "[DEFAULT]" => text.to_owned(),
                    _ => text
                        .replace("\n[profile a]\n", "\n")
                        .replacen(header, "[profile a]", 1),
                };
                let files = |text: &str| {
                    let file = AwsFile::parse(FileKind::Config, "config", cut(text));
                    AwsFiles {
                        config: Some(file),
                        credentials: None,
                    }
                };
                let files = [files(&once), files(&twice)];
                let [once, twice] = [0, 1].map(|number| files[number].profile("a").unwrap());
                let get = |key: &str| once.get(key).map(|value| value.text().to_owned());
                assert_eq!(get("region").as_deref(), Some("first"), "{header} {more}");
                assert_eq!(get("ende").as_deref(), Some("x"), "{header} {more}");
                assert_eq!(get("missing"), None);
                assert_eq!(once.twice(), None);
                let region = twice.get("REGION").map(|value| value.text().to_owned());
                assert_eq!(region.as_deref(), Some("second"), "{header} {more}");
                let found = twice.twice().unwrap();
                assert_eq!(found.key.as_deref(), Some("region"));
                assert_eq!(found.second.line, u32::try_from(more + 4).unwrap());
            }
        }
    }

    /// A header may stand twice or a thousand times: what it says is the same.
    #[test]
    fn headers_that_stand_often_say_what_those_say_that_stand_twice() {
        for often in [2, 64, 65, 1000] {
            let one = "[sso-session a]\nRegion = same\n";
            let other = "[sso-session b]\nRegion = first\n";
            let mut text = one.repeat(often) + &other.repeat(often - 1);
            text.push_str("[sso-session \"b\"]\nregion = quoted\n");
            text.push_str(&other.repeat(often - 1));
            text.push_str("[sso-session b]\nlast = 1\nREGION = last\n");
            let files = AwsFiles {
                config: Some(AwsFile::parse(FileKind::Config, "config", text)),
                credentials: None,
            };
            let [a, b] = ["a", "b"].map(|name| files.sso_session(name).unwrap());
            let get = |key: &str| b.get(key).map(|value| value.text().to_owned());
            assert_eq!(get("region").as_deref(), Some("last"), "{often}");
            assert_eq!(get("last").as_deref(), Some("1"), "{often}");
            assert_eq!(get("missing"), None, "{often}");
            assert_eq!(b.keys(), ["region", "last"], "{often}");
            assert!(a.is_repeated() && !b.is_repeated(), "{often}");
            // Its own headers alone, as of any name.
            assert_eq!(b.sections().count(), 2 * often - 1, "{often}");
            let found = a.twice().unwrap();
            assert_eq!((found.first.line, found.second.line), (1, 3), "{often}");
            assert_eq!(a.is_crowd(), often > 64, "{often}");
        }
    }
}

//! Sections of so many keys that each role that comes through one cannot look at
//! all of them.

use std::collections::HashMap;

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
}

//! Sections of so many keys that each role that comes through one cannot look at
//! all of them.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use super::file::{AwsFile, Property, Section};
use super::merged::Twice;
use super::value::lower;

/// A section has a few keys; in those of more, each is found by its hash.
const FEW: usize = 64;

/// The keys of the large sections of a file, by the numbers of these; built when
/// first asked for.
#[derive(Debug)]
pub(super) struct Large(HashMap<usize, Keys>);

/// The keys of one section.
#[derive(Debug)]
pub(super) struct Keys {
    /// Hashes of the keys in lower case, each with the number of its property.
    by_key: Vec<(u64, usize)>,
    /// The first key that it has twice.
    pub(super) twice: Option<Twice>,
}

impl Large {
    pub(super) fn of(file: &AwsFile) -> Self {
        let sections = file.sections().enumerate();
        let large = sections.filter(|(_, section)| section.properties().len() > FEW);
        let keys = large.map(|(number, section)| {
            let keys = section.properties().map(|one| hash(one.written_key()));
            let mut by_key: Vec<(u64, usize)> = keys.zip(0..).collect();
            by_key.sort_unstable();
            let twice = Twice::key(section.properties());
            (number, Keys { by_key, twice })
        });
        Self(keys.collect())
    }

    /// Those of `section`, if it is large.
    pub(super) fn get(&self, section: usize) -> Option<&Keys> {
        self.0.get(&section)
    }
}

impl Keys {
    /// The last of the properties of `section` called `key`.
    pub(super) fn find<'a>(&self, section: &Section<'a>, key: &str) -> Option<Property<'a>> {
        let hash = hash(key);
        let from = self.by_key.partition_point(|(other, _)| *other < hash);
        let length = self.by_key[from..].partition_point(|(other, _)| *other == hash);
        let same = self.by_key[from..from + length].iter().rev();
        let mut found = same.filter_map(|(_, number)| section.properties().nth(*number));
        found.find(|property| property.is(key))
    }
}

fn hash(key: &str) -> u64 {
    xxh3_64(lower(key).as_bytes())
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

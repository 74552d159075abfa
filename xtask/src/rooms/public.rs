//! What a library offers and no other crate takes.
//!
//! The compiler finds dead code only where it sees all callers: what is `pub`
//! in a library is never dead to it. A name that no other crate's program has
//! is either not `pub` or not needed.

use std::collections::{BTreeMap, BTreeSet};

/// What is `pub` for a reason that the names do not show: crate, name, reason.
pub(super) const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("core", "is_nested", BOTOCORE),
    ("core", "key_span", BOTOCORE),
    ("core", "nested", BOTOCORE),
    ("core", "services_names", BOTOCORE),
    ("core", "value_span", BOTOCORE),
    ("core", "written_key", BOTOCORE),
    ("core", "reserved", "its tests hold docs/config.md to it"),
];

const BOTOCORE: &str = "its tests hold all that is read of ~/.aws to botocore";

/// A `pub` item: its file, its kind, its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) file: String,
    pub(super) kind: String,
    pub(super) name: String,
}

/// The items of `own`, the program code of a library by file, that are `pub`
/// for nobody: their name is none of `taken`, the words of the other crates.
/// A type may also be reached by what it stands in, without being named.
pub(super) fn unused(own: &BTreeMap<String, String>, taken: &BTreeSet<String>) -> Vec<Item> {
    let reached: BTreeSet<String> = own.values().flat_map(|code| signatures(code)).collect();
    let renamed: BTreeSet<String> = own
        .values()
        .flat_map(|code| aliases(code))
        .filter(|(_, alias)| taken.contains(alias))
        .map(|(name, _)| name)
        .collect();
    let mut found: Vec<Item> = Vec::new();
    for (file, code) in own {
        found.extend(items(code).into_iter().filter_map(|(kind, name)| {
            let is_type = ["struct", "enum", "trait", "type", "union"].contains(&kind.as_str());
            let is_used = taken.contains(&name)
                || renamed.contains(&name)
                || (is_type && reached.contains(&name));
            (!is_used).then(|| Item {
                file: file.clone(),
                kind,
                name,
            })
        }));
    }
    found.sort();
    found
}

/// The words of `code`.
pub(super) fn words(code: &str) -> impl Iterator<Item = String> + '_ {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
}

/// What stands behind each bare `pub`, to the end of `code`.
fn publics(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("pub ").filter_map(|(at, pub_)| {
        let before = code[..at].chars().next_back();
        let is_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        (!is_word).then(|| &code[at + pub_.len()..])
    })
}

/// Kind and name of each `pub` item of `code`.
fn items(code: &str) -> Vec<(String, String)> {
    const KINDS: [&str; 9] = [
        "fn", "struct", "enum", "trait", "type", "const", "static", "mod", "union",
    ];
    publics(code)
        .filter_map(|rest| {
            let mut words =
                words(rest).skip_while(|word| ["async", "unsafe"].contains(&word.as_str()));
            let (mut kind, mut name) = (words.next()?, words.next()?);
            if kind == "const" && name == "fn" {
                (kind, name) = (name, words.next()?);
            }
            KINDS.contains(&kind.as_str()).then_some((kind, name))
        })
        .collect()
}

/// Name and alias of what `code` exports under another name.
fn aliases(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rest in publics(code).filter(|rest| rest.starts_with("use ")) {
        let words: Vec<String> = words(rest.split(';').next().unwrap_or_default()).collect();
        for window in words.windows(3) {
            if let [name, as_, alias] = window
                && as_ == "as"
            {
                found.push((name.clone(), alias.clone()));
            }
        }
    }
    found
}

/// The words in what `pub` items and fields say of themselves: all up to their
/// body, and for an enum its body, whose variants are as public; but the name
/// of the item.
fn signatures(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in publics(code) {
        let mut first = words(rest);
        let kind = first.next().unwrap_or_default();
        if kind == "use" || kind == "mod" {
            continue;
        }
        // Of a field, its name alone is no type.
        let (end, names) = match kind.as_str() {
            "enum" | "trait" => (rest.find("\n}"), 2),
            "fn" | "async" | "unsafe" | "const" | "static" | "struct" | "type" => {
                (rest.find(['{', ';']), 2)
            }
            _of_a_field => (rest.find('\n'), 1),
        };
        let said = &rest[..end.unwrap_or(rest.len())];
        found.extend(words(said).skip(names));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_else_names_is_found() {
        let own = "
            pub struct Named; pub struct Lonely;
            pub struct Answer {
                pub of: Field,
                of_ours: Hidden,
            }
            pub struct Field; pub struct Hidden;
            pub fn ask() -> Answer { Lonely }
            pub const fn unasked() {}
            pub(crate) fn ours() {}
            pub enum Kind { One(Inner)
}
            pub struct Inner;
            pub const MOST: usize = 1;
            pub fn edit() {}
            pub use crate::a::{edit as edit_a, x::unasked as nobody};
        ";
        let own = [("a.rs".to_owned(), own.to_owned())].into();
        let taken = words("Named ask Kind edit_a").collect();
        let found: Vec<String> = unused(&own, &taken)
            .into_iter()
            .map(|item| format!("{} {}", item.kind, item.name))
            .collect();
        assert_eq!(
            found,
            ["const MOST", "fn unasked", "struct Hidden", "struct Lonely"]
        );
    }
}

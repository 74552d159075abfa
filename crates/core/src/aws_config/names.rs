//! What a header says: which kind of section, and whose.

use std::borrow::Cow;

use super::FileKind;

/// What a section is, by its header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SectionName<'a> {
    /// `[profile NAME]` or `[default]` in the config file, `[NAME]` in the
    /// credentials file.
    Profile(Cow<'a, str>),
    /// `[sso-session NAME]` in the config file.
    SsoSession(Cow<'a, str>),
    /// `[services NAME]` in the config file.
    Services(Cow<'a, str>),
    /// `[DEFAULT]`: its keys hold for every section of its file.
    Defaults,
    /// Anything else in the config file, by the text between the brackets;
    /// `[plugins]` and `[preview]` are the AWS CLI's own. Also a header that
    /// starts like a profile's and does not name exactly one.
    Other(&'a str),
    /// A header that cannot be read; its keys belong to nobody.
    Broken,
}

impl<'a> SectionName<'a> {
    /// Reads `header`, the text between the brackets.
    pub(super) fn of(kind: FileKind, header: &'a str) -> Self {
        if header == "DEFAULT" {
            return Self::Defaults;
        }
        if kind == FileKind::Credentials {
            return Self::Profile(Cow::Borrowed(header));
        }
        // The order and the loose prefixes are botocore's.
        let named: fn(Cow<'a, str>) -> Self = if header.starts_with("profile") {
            Self::Profile
        } else if header.starts_with("sso-session") {
            Self::SsoSession
        } else if header.starts_with("services") {
            Self::Services
        } else if header == "default" {
            return Self::Profile(Cow::Borrowed(header));
        } else {
            return Self::Other(header);
        };
        second_of_two(header).map_or(Self::Other(header), named)
    }
}

/// The second word of `header` if it has exactly two, split as Python's
/// `shlex.split` does.
fn second_of_two(header: &str) -> Option<Cow<'_, str>> {
    // `profile name` without anything to unquote: no need to copy.
    let plain = |b: u8| !matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'\\');
    if let Some((first, second)) = header.split_once(' ')
        && !second.is_empty()
        && header.bytes().filter(|b| !plain(*b)).count() == 1
    {
        debug_assert!(!first.is_empty());
        return Some(Cow::Borrowed(second));
    }
    let mut words = split_words(header)?.into_iter();
    match (words.next(), words.next(), words.next()) {
        (Some(_), Some(second), None) => Some(Cow::Owned(second)),
        _ => None,
    }
}

/// `shlex.split`: words of a POSIX shell, without comments. `None` for a quote
/// that is not closed or a backslash at the end.
fn split_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => {
                let escaped = chars.next()?;
                let word = word.get_or_insert_default();
                if !matches!(escaped, '"' | '\\') {
                    word.push('\\');
                }
                word.push(escaped);
            }
            (None, '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word);
    Some(words)
}

/// Characters of a name, besides letters and digits of ASCII, that all SDKs
/// take in a header as they stand.
pub const HEADER_CHARACTERS: &str = "_-/.%@:+";

/// Whether every SDK finds a profile called `name` under a header without
/// quotes: the AWS SDK for Java passes over all others.
pub fn fits_header(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || HEADER_CHARACTERS.contains(c);
    !name.is_empty() && name.chars().all(fits)
}

/// `name` as it must be written in a header of the config file, behind
/// `profile`: quoted if it would not be read as one word otherwise.
pub fn quoted(name: &str) -> Cow<'_, str> {
    let plain = |c: char| !matches!(c, ' ' | '\t' | '"' | '\'' | '\\');
    if !name.is_empty() && name.chars().all(plain) {
        return Cow::Borrowed(name);
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    Cow::Owned(format!("\"{escaped}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        for (text, expected) in [
            ("profile a", Some(vec!["profile", "a"])),
            ("  profile\t a ", Some(vec!["profile", "a"])),
            ("profile \"a b\"", Some(vec!["profile", "a b"])),
            ("profile a\\ b", Some(vec!["profile", "a b"])),
            ("profile 'a\\'b", Some(vec!["profile", "a\\b"])),
            (
                "profile \"a\\x\\\"\\\\\"",
                Some(vec!["profile", "a\\x\"\\"]),
            ),
            ("profile \"\"", Some(vec!["profile", ""])),
            ("profile\"x\" y", Some(vec!["profilex", "y"])),
            ("profile a#b", Some(vec!["profile", "a#b"])),
            ("profile a\u{a0}b", Some(vec!["profile", "a\u{a0}b"])),
            ("profile \"a", None),
            ("profile 'a", None),
            ("profile a\\", None),
            ("profile \"a\\", None),
            ("", Some(vec![])),
        ] {
            let expected = expected.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(split_words(text), expected, "{text}");
        }
    }

    #[test]
    fn a_quoted_name_is_read_back() {
        for name in ["a", "", "a b", "it's", "\"", "\\", "a\\\"b\tc", "é", "a]b"] {
            let header = format!("profile {}", quoted(name));
            assert_eq!(second_of_two(&header).as_deref(), Some(name), "{header}");
        }
    }
}

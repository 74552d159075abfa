//! What a shell's prompt shows of the role that it is in.

use crate::diagnostic::sanitize::one_line;
use crate::diagnostic::{Error, Kind, Result};

/// What is known of the role, from the environment alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The role's name in the person's file.
    pub role: String,
    /// The account's number.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// How much time is left, for people.
    pub left: Option<String>,
    /// What narrows the session, or was asked for it.
    pub narrowed: Option<String>,
}

/// A part of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it shows.
    pub what: What,
    /// As text on one line.
    pub text: String,
}

/// What a piece shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The format's own text.
    Text,
    /// The role's name.
    Role,
    /// The account.
    Account,
    /// The region.
    Region,
    /// The time left.
    Left,
    /// What narrows the session.
    Narrowed,
}

impl What {
    const NAMED: [(&'static str, Self); 5] = [
        ("role", Self::Role),
        ("account", Self::Account),
        ("region", Self::Region),
        ("left", Self::Left),
        ("narrowed", Self::Narrowed),
    ];

    fn of(self, facts: &Facts) -> Option<String> {
        let value = match self {
            Self::Text => None,
            Self::Role => Some(&facts.role),
            Self::Account => facts.account.as_ref(),
            Self::Region => facts.region.as_ref(),
            Self::Left => facts.left.as_ref(),
            Self::Narrowed => facts.narrowed.as_ref(),
        };
        value
            .map(|value| one_line(value))
            .filter(|value| !value.is_empty())
    }
}

/// Fills `format`: `{role}`, `{account}`, `{region}`, `{left}`, `{narrowed}`; what stands
/// between `[` and `]` is left out if a value in it is not known. `{{`, `}}`,
/// `[[` and `]]` stand for one each.
///
/// # Errors
/// Another name, or a bracket without its other half.
pub fn fill(format: &str, facts: &Facts) -> Result<Vec<Piece>> {
    let wrong = |why: String| {
        Error::new(Kind::Usage, format!("invalid format {format:?}"))
            .because(why)
            .hint("use these names: {role}, {account}, {region}, {left} and {narrowed}")
            .hint("double a bracket to print it: {{ }} [[ ]]")
    };
    let mut pieces: Vec<Piece> = Vec::new();
    // Where the group began, and whether something in it is not known.
    let mut group: Option<(usize, bool)> = None;
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if "{}[]".contains(c) && rest.next_if_eq(&c).is_some() {
            push(&mut pieces, group, c);
            continue;
        }
        match c {
            '{' => {
                let mut name = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some(c) => name.push(c),
                        None => return Err(wrong("{ has no other half".to_owned())),
                    }
                }
                let named = What::NAMED.iter().find(|(known, _)| *known == name);
                let (_, what) = named.ok_or_else(|| wrong(format!("there is no {{{name}}}")))?;
                match (what.of(facts), &mut group) {
                    (Some(text), _) => pieces.push(Piece { what: *what, text }),
                    (None, Some((_, unknown))) => *unknown = true,
                    (None, None) => {}
                }
            }
            '[' if group.is_none() => group = Some((pieces.len(), false)),
            ']' if group.is_some() => {
                if let Some((from, true)) = group.take() {
                    pieces.truncate(from);
                }
            }
            '[' | ']' | '}' => return Err(wrong(format!("{c} has no other half"))),
            _ => push(&mut pieces, group, c),
        }
    }
    match group {
        Some(_) => Err(wrong("[ has no other half".to_owned())),
        None => Ok(pieces),
    }
}

/// Adds to the last piece, but for one from before the group.
fn push(pieces: &mut Vec<Piece>, group: Option<(usize, bool)>, c: char) {
    let begins = group.is_some_and(|(from, _)| from == pieces.len());
    match pieces.last_mut() {
        Some(Piece {
            what: What::Text,
            text,
        }) if !begins => text.push(c),
        _ => pieces.push(Piece {
            what: What::Text,
            text: c.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            role: "read".to_owned(),
            account: Some("123456789012".to_owned()),
            region: None,
            left: Some("59m".to_owned()),
            narrowed: None,
        }
    }

    fn filled(format: &str) -> Result<String> {
        let pieces = fill(format, &facts())?;
        Ok(pieces.into_iter().map(|piece| piece.text).collect())
    }

    #[test]
    fn names_are_filled_in_and_groups_left_out() {
        for (format, text) in [
            ("", ""),
            ("{role}", "read"),
            ("({role} {left})", "(read 59m)"),
            ("{role}{region}", "read"),
            ("{role}[ in {region}][ {left}]!", "read 59m!"),
            ("x[ {region}]y[ {account}]z", "xy 123456789012z"),
            ("[{region} {role}]", ""),
            ("{{role}} [[{role}]]", "{role} [read]"),
            ("é{role}ü", "éreadü"),
            ("[plain]", "plain"),
            ("x[{{{region}]", "x"),
        ] {
            assert_eq!(filled(format).unwrap(), text, "{format}");
        }
    }

    #[test]
    fn what_cannot_be_filled_is_said() {
        for (format, why) in [
            ("{who}", "there is no {who}"),
            ("{role", "{ has no other half"),
            ("[x", "[ has no other half"),
            ("x]", "] has no other half"),
            ("[a[ b]]", "[ has no other half"),
            ("}", "} has no other half"),
        ] {
            let error = filled(format).unwrap_err();
            assert!(error.causes()[0].contains(why), "{format}: {error}");
        }
    }

    #[test]
    fn values_are_text_on_one_line() {
        let facts = Facts {
            role: "a\u{1b}[31m\nb".to_owned(),
            ..Facts::default()
        };
        let pieces = fill("{role}", &facts).unwrap();
        assert!(!pieces[0].text.contains(char::is_control), "{pieces:?}");
    }
}

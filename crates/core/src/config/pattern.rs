//! Patterns that pick roles: the one language for every command that takes
//! more than one role.
//!
//! | pattern | picks |
//! | --- | --- |
//! | `acme-read` | the role of exactly that name |
//! | `acme-*`, `acme-?` | roles by name: `*` is any text, `?` one character |
//! | `tag:KEY` | roles that have the tag |
//! | `tag:KEY=VALUE` | roles whose tag has that value |
//! | `account:NUMBER` | roles of that account |
//! | `profile:NAME` | roles whose first credentials come from that profile |
//! | `ou:PATH` | roles of the accounts in that unit of AWS Organizations, and below it |
//! | `sso:NAME` | roles that come from that session of IAM Identity Center |
//! | `name:TEXT` | the role of exactly that name, whatever characters it has |
//!
//! `*` and `?` work in values, too, and in `name:` alone stand for themselves.
//! A word before a colon that is none of these is an error, so that a mistyped
//! prefix picks nothing by accident, and a later version can add one.

use std::fmt;
use std::str::FromStr;

use super::label::Label;
use crate::aws::assigned::cleaned;
use crate::aws::ids::Invalid;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Error, Kind, Result};

/// What picks roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written, for messages.
    text: String,
    picks: Picks,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Picks {
    /// The role of this name.
    Exactly(String),
    /// By a glob on the name.
    Name(String),
    /// By a tag; the value is a glob.
    Tag(String, Option<String>),
    /// By a glob on the account number.
    Account(String),
    /// By a glob on the profile's name.
    Profile(String),
    /// By a glob on the path of a unit.
    Unit(String),
    /// By a glob on the name of a session of IAM Identity Center.
    SsoSession(String),
}

/// The prefixes, as messages list them.
const PREFIXES: [&str; 6] = ["tag:", "account:", "profile:", "ou:", "sso:", "name:"];

/// What patterns look at.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The role's name.
    pub name: &'a str,
    /// Its account, twelve digits, where it is known.
    pub account: Option<&'a str>,
    /// The profile of the first credentials.
    pub profile: &'a str,
    /// The unit of the account, where it is known: names with slashes between them.
    pub unit: Option<&'a str>,
    /// The session of IAM Identity Center that it comes from, if it does.
    pub sso_session: Option<&'a str>,
    /// What it is tagged with.
    pub tags: &'a [Label],
}

impl FromStr for Pattern {
    type Err = Invalid;

    /// # Errors
    /// It is empty, or has a prefix that is not known.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let picks = match text.split_once(':') {
            _ if text.is_empty() => {
                return Err(Invalid("an empty pattern picks no role".to_owned()));
            }
            None if is_glob(text) => Picks::Name(text.to_owned()),
            None => Picks::Exactly(text.to_owned()),
            Some((_, "")) => {
                return Err(Invalid(format!("nothing follows the colon of {text:?}")));
            }
            Some(("name", name)) => Picks::Exactly(name.to_owned()),
            Some(("account", account)) => Picks::Account(account.to_owned()),
            Some(("ou", unit)) => Picks::Unit(cleaned_path(unit)),
            Some(("sso", session)) => Picks::SsoSession(session.to_owned()),
            Some(("profile", profile)) => Picks::Profile(profile.to_owned()),
            Some(("tag", tag)) => match tag.split_once('=') {
                Some(("", _)) => {
                    return Err(Invalid(format!("{text:?} names no tag")));
                }
                Some((key, value)) => Picks::Tag(key.to_owned(), Some(value.to_owned())),
                None => Picks::Tag(tag.to_owned(), None),
            },
            Some((prefix, _)) => {
                return Err(Invalid(format!(
                    "unknown prefix {prefix:?}; the prefixes are {}; for a role of that very name write name:{text}",
                    PREFIXES.join(", ")
                )));
            }
        };
        Ok(Self {
            text: text.to_owned(),
            picks,
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Pattern {
    /// Whether it picks by tags, which only roles of `~/.assumerole` have.
    pub fn is_of_tags(&self) -> bool {
        matches!(self.picks, Picks::Tag(..))
    }

    /// Whether it picks by the account, which is not always known.
    pub fn is_of_account(&self) -> bool {
        matches!(self.picks, Picks::Account(_))
    }

    /// Whether it picks by the unit of the account, which is not always known.
    pub fn is_of_unit(&self) -> bool {
        matches!(self.picks, Picks::Unit(_))
    }

    /// Whether it picks `candidate`.
    pub fn picks(&self, candidate: &Candidate<'_>) -> bool {
        match &self.picks {
            Picks::Exactly(name) => candidate.name == name,
            Picks::Name(glob) => glob_matches(glob, candidate.name),
            Picks::Account(glob) => candidate
                .account
                .is_some_and(|account| glob_matches(glob, account)),
            Picks::Profile(glob) => glob_matches(glob, candidate.profile),
            Picks::Unit(glob) => candidate
                .unit
                .is_some_and(|unit| upwards(unit).any(|unit| glob_matches(glob, unit))),
            Picks::SsoSession(glob) => candidate
                .sso_session
                .is_some_and(|session| glob_matches(glob, session)),
            Picks::Tag(key, value) => candidate.tags.iter().any(|tag| {
                tag.name == *key
                    && value.as_ref().is_none_or(|glob| {
                        tag.value
                            .as_deref()
                            .is_some_and(|value| glob_matches(glob, value))
                    })
            }),
        }
    }
}

/// The numbers of the `candidates` that one of `patterns` picks, each once, in
/// their order; all of them without a pattern.
///
/// # Errors
/// [`Kind::UnknownName`]: a pattern picks none; what looks like it is named.
pub fn select(patterns: &[Pattern], candidates: &[Candidate<'_>]) -> Result<Vec<usize>> {
    for pattern in patterns {
        if !candidates.iter().any(|candidate| pattern.picks(candidate)) {
            return Err(none(pattern, candidates));
        }
    }
    let is_picked = |candidate: &Candidate<'_>| {
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.picks(candidate))
    };
    let picked = candidates.iter().enumerate();
    Ok(picked
        .filter(|(_, candidate)| is_picked(candidate))
        .map(|(number, _)| number)
        .collect())
}

/// The error of a `pattern` that picks none of the `candidates`.
pub fn none(pattern: &Pattern, candidates: &[Candidate<'_>]) -> Error {
    let error = Error::new(
        Kind::UnknownName,
        format!("no role matches {:?}", pattern.text),
    );
    let names = || candidates.iter().map(|candidate| candidate.name);
    let near: Vec<String> = match &pattern.picks {
        Picks::Exactly(name) => owned(nearest(name, names(), 3)),
        Picks::Name(glob) => {
            let letters: String = glob.chars().filter(|c| !"*?".contains(*c)).collect();
            owned(nearest(&letters, names(), 3))
        }
        Picks::Profile(name) => prefixed("profile:", name, candidates, |candidate| {
            vec![candidate.profile.to_owned()]
        }),
        Picks::Account(number) => prefixed("account:", number, candidates, |candidate| {
            candidate.account.map(str::to_owned).into_iter().collect()
        }),
        Picks::Unit(path) => prefixed("ou:", path, candidates, |candidate| {
            let units = candidate.unit.into_iter().flat_map(upwards);
            units.map(str::to_owned).collect()
        }),
        Picks::SsoSession(name) => prefixed("sso:", name, candidates, |candidate| {
            let session = candidate.sso_session.map(str::to_owned);
            session.into_iter().collect()
        }),
        Picks::Tag(key, value) => {
            let wanted = value
                .as_ref()
                .map_or_else(|| key.clone(), |v| format!("{key}={v}"));
            prefixed("tag:", &wanted, candidates, |candidate| {
                let tags = candidate.tags.iter();
                tags.map(|tag| match (&tag.value, value) {
                    (Some(own), Some(_)) => format!("{}={own}", tag.name),
                    _ => tag.name.clone(),
                })
                .collect()
            })
        }
    };
    match near.is_empty() {
        true => error.hint("see all roles: assumerole list"),
        false => error.suggest(&near),
    }
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// The values nearest to `wanted` of all candidates, as patterns.
fn prefixed(
    prefix: &str,
    wanted: &str,
    candidates: &[Candidate<'_>],
    values: impl Fn(&Candidate<'_>) -> Vec<String>,
) -> Vec<String> {
    let mut all: Vec<String> = candidates.iter().flat_map(values).collect();
    all.sort_unstable();
    all.dedup();
    let near = nearest(wanted, all.iter().map(String::as_str), 3);
    near.into_iter()
        .map(|value| format!("{prefix}{value}"))
        .collect()
}

/// `unit` and the units that it is in.
fn upwards(unit: &str) -> impl Iterator<Item = &str> {
    let ends = unit.match_indices('/').map(|(at, _)| at);
    ends.chain([unit.len()]).map(|end| &unit[..end])
}

/// A path as the names of units are kept: whoever types them need not know how.
fn cleaned_path(path: &str) -> String {
    let clean = |name: &str| match cleaned(name) {
        clean if clean.is_empty() => name.to_owned(),
        clean => clean,
    };
    let names: Vec<String> = path.split('/').map(clean).collect();
    names.join("/")
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether `glob` covers the whole of `text`: `*` is any text, `?` one
/// character, everything else itself. In time that grows with the product of
/// both lengths at most.
fn glob_matches(glob: &str, text: &str) -> bool {
    let (mut glob, mut text) = (glob.chars(), text.chars());
    // What follows the last star, and the text that it was tried at.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        match (glob.next(), text.clone().next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                retry = Some((glob.clone(), text.clone()));
                continue;
            }
            (Some(wanted), Some(c)) if wanted == '?' || wanted == c => {
                text.next();
                continue;
            }
            _ => {}
        }
        // The star takes one character more.
        let Some((behind, at)) = &mut retry else {
            return false;
        };
        if at.next().is_none() {
            return false;
        }
        (glob, text) = (behind.clone(), at.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("?", "", false),
            ("?", "é", true),
            ("a*", "a", true),
            ("a*", "ba", false),
            ("*a", "ba", true),
            ("*a", "ab", false),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("a*b*c", "a-b-b-c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*ab", "aab", true),
            ("*aab", "aaab", true),
            ("a**b", "ab", true),
            ("[a]", "a", false),
            ("A*", "a", false),
        ] {
            assert_eq!(glob_matches(glob, text), expected, "{glob} {text}");
        }
        // Not in exponential time.
        let text = "a".repeat(5_000);
        assert!(!glob_matches(&format!("{}b", "a*".repeat(50)), &text));
    }

    fn label(name: &str, value: Option<&str>) -> Label {
        Label {
            name: name.to_owned(),
            value: value.map(str::to_owned),
        }
    }

    /// What `patterns` pick out of four roles: their names, or the error.
    fn picked(patterns: &[&str]) -> std::result::Result<String, String> {
        let tags = [
            vec![label("env", Some("prod")), label("red", None)],
            vec![label("env", Some("test"))],
            vec![],
            vec![label("Env", Some("prod"))],
        ];
        let roles = [
            (
                "acme-prod",
                Some("111111111111"),
                "bastion",
                Some("Work/Prod-EU"),
            ),
            ("acme-test", Some("222222222222"), "bastion", Some("Work")),
            ("odd:name*", None, "sso", None),
            ("globex", Some("111111111111"), "other", Some("Root")),
        ];
        let candidates: Vec<Candidate<'_>> = roles
            .iter()
            .zip(&tags)
            .map(|((name, account, profile, unit), tags)| Candidate {
                name,
                account: *account,
                profile,
                unit: *unit,
                sso_session: (*profile == "sso").then_some("corp"),
                tags,
            })
            .collect();
        let patterns: std::result::Result<Vec<Pattern>, Invalid> =
            patterns.iter().map(|text| text.parse()).collect();
        let numbers = select(&patterns.map_err(|why| why.0)?, &candidates);
        let numbers = numbers.map_err(|error| {
            let hints = error.hints().join("; ");
            format!("{:?} {}; {hints}", error.kind(), error.message())
        })?;
        let names: Vec<&str> = numbers.iter().map(|at| candidates[*at].name).collect();
        Ok(names.join(" "))
    }

    #[test]
    fn every_kind_of_pattern() {
        for (patterns, names) in [
            (&[][..], "acme-prod acme-test odd:name* globex"),
            (&["globex"], "globex"),
            // In the order of the roles, each once.
            (
                &["globex", "acme-*", "acme-prod"],
                "acme-prod acme-test globex",
            ),
            (&["*"], "acme-prod acme-test odd:name* globex"),
            (&["acme-????"], "acme-prod acme-test"),
            (&["tag:env"], "acme-prod acme-test"),
            (&["tag:env=prod"], "acme-prod"),
            (&["tag:env=*"], "acme-prod acme-test"),
            (&["tag:red"], "acme-prod"),
            (&["account:111111111111"], "acme-prod globex"),
            (&["account:1*"], "acme-prod globex"),
            (&["profile:bastion"], "acme-prod acme-test"),
            (
                &["profile:*o*", "tag:red"],
                "acme-prod acme-test odd:name* globex",
            ),
            (&["ou:Work"], "acme-prod acme-test"),
            (&["ou:Work/Prod EU"], "acme-prod"),
            (&["ou:*/Prod*"], "acme-prod"),
            (&["ou:Root"], "globex"),
            (&["sso:corp"], "odd:name*"),
            (&["sso:c*"], "odd:name*"),
            (&["name:odd:name*"], "odd:name*"),
            (&["name:globex"], "globex"),
        ] {
            assert_eq!(picked(patterns).as_deref(), Ok(names), "{patterns:?}");
        }
    }

    #[test]
    fn what_picks_nothing_is_an_error_with_what_is_near() {
        for (pattern, error) in [
            ("", "an empty pattern picks no role"),
            ("tag:", "nothing follows the colon of \"tag:\""),
            ("tag:=x", "\"tag:=x\" names no tag"),
            (
                "odd:name*",
                "unknown prefix \"odd\"; the prefixes are tag:, account:, profile:, ou:, sso:, name:; for a role of that very name write name:odd:name*",
            ),
            (
                "Tag:env",
                "unknown prefix \"Tag\"; the prefixes are tag:, account:, profile:, ou:, sso:, name:; for a role of that very name write name:Tag:env",
            ),
            (
                "acme-prd",
                "UnknownName no role matches \"acme-prd\"; did you mean acme-prod or acme-test?",
            ),
            (
                "globx*",
                "UnknownName no role matches \"globx*\"; did you mean globex?",
            ),
            (
                "tag:enw",
                "UnknownName no role matches \"tag:enw\"; did you mean tag:Env or tag:env?",
            ),
            (
                "tag:env=prd",
                "UnknownName no role matches \"tag:env=prd\"; did you mean tag:Env=prod or tag:env=prod?",
            ),
            // A tag without a value has no value.
            (
                "tag:red=*",
                "UnknownName no role matches \"tag:red=*\"; did you mean tag:red?",
            ),
            (
                "account:111111111112",
                "UnknownName no role matches \"account:111111111112\"; did you mean account:111111111111?",
            ),
            (
                "profile:bastoin",
                "UnknownName no role matches \"profile:bastoin\"; did you mean profile:bastion?",
            ),
            (
                "ou:Prod-EU",
                "UnknownName no role matches \"ou:Prod-EU\"; did you mean ou:Work/Prod-EU?",
            ),
            (
                "ou:Wrk",
                "UnknownName no role matches \"ou:Wrk\"; did you mean ou:Work?",
            ),
            (
                "sso:crop",
                "UnknownName no role matches \"sso:crop\"; did you mean sso:corp?",
            ),
            (
                "name:acme-*",
                "UnknownName no role matches \"name:acme-*\"; did you mean acme-prod or acme-test?",
            ),
            (
                "zzz",
                "UnknownName no role matches \"zzz\"; see all roles: assumerole list",
            ),
        ] {
            assert_eq!(picked(&["*", pattern]).unwrap_err(), error, "{pattern}");
        }
    }
}

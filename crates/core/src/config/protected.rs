//! Which roles a person confirms by name: for everybody who comes by their
//! ARN, whatever the entry is called that leads there.
//!
//! An entry that is wrong elsewhere, or in whose `confirm` there is a slip,
//! protects all the same: nobody meant to leave the role open.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr_iter, memmem, memrchr};

use super::guard;
use super::node::{Node, Shape};
use crate::aws::ids::{AccountId, Partition, RoleArn};

/// A role of the file with `"confirm": true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Protected {
    /// Its name in the file, which is typed.
    pub(crate) name: String,
    /// What it protects.
    pub(crate) covers: Covers,
    /// The bytes of the key in the file.
    pub(crate) at: Range<usize>,
}

/// What an entry protects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Covers {
    /// One role. Its partition says nothing: accounts are of one alone.
    Role(RoleArn),
    /// It cannot be told of which account: every role of this name, which is
    /// without a path.
    Named(String),
    /// Not even a name can be told: every role.
    Any,
}

/// Whether a file of these bytes can have such a role: cheap, and never wrong
/// when it says no.
pub(super) fn possible(bytes: &[u8]) -> bool {
    // An escape could hide the word.
    memmem::find(bytes, b"\\u").is_some()
        || memchr_iter(b':', bytes).any(|colon| {
            let before = bytes[..colon].trim_ascii_end();
            let Some(key) = before.strip_suffix(b"\"") else {
                return false;
            };
            let start = memrchr(b'"', key).map_or(0, |quote| quote + 1);
            looks_like_confirm(&key[start..])
        })
}

/// As [`possible`], of bytes that may be no JSON and no UTF-8.
pub(super) fn possible_in_rubbish(bytes: &[u8]) -> bool {
    // UTF-16, or UTF-32, which nobody looks into.
    if bytes.contains(&0) || bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let of_a_word =
        |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_-".contains(byte);
    possible(bytes) || bytes.split(|byte| !of_a_word(byte)).any(looks_like_confirm)
}

/// Whether `key` is one that is taken for `confirm`.
pub(super) fn looks_like_confirm(key: &[u8]) -> bool {
    // Comparing costs more than counting, and a large file has many keys.
    may_look_like_confirm(key) && guard::is_confirm(&String::from_utf8_lossy(key))
}

/// Never wrong when it says no: two slips leave five letters of the word, and
/// add no more than two; whatever is longer has it whole.
fn may_look_like_confirm(key: &[u8]) -> bool {
    const WORD: u32 = letters(b"confirm");
    const OTHER: u32 = letters(b"pt");
    if !(4..=64).contains(&key.len()) {
        return false;
    }
    let has = letters(key);
    let missing = (WORD & !has).count_ones();
    // Only letters and digits count where words are compared.
    let is_short = || {
        !key.is_ascii()
            || key
                .iter()
                .filter(|byte| byte.is_ascii_alphanumeric())
                .count()
                <= 10
    };
    missing == 0 || (missing <= 2 || has & OTHER == OTHER) && is_short()
}

/// A bit for each letter of the alphabet that is in `text`, in either case.
const fn letters(text: &[u8]) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while at < text.len() {
        let letter = text[at].to_ascii_lowercase();
        if letter.is_ascii_lowercase() {
            bits |= 1 << (letter - b'a');
        }
        at += 1;
    }
    bits
}

fn named<'a>(node: &Node<'a>) -> Option<Cow<'a, str>> {
    node.string().ok()
}

/// The role under `key`, if it is protected.
pub(super) fn read(key: &Node<'_>, value: &Node<'_>) -> Option<Protected> {
    let protected = |covers, at| {
        Some(Protected {
            name: named(key)?.into_owned(),
            covers,
            at,
        })
    };
    let Ok(members) = value.members() else {
        // A role in an array, say.
        return match possible(value.raw().as_bytes()) {
            true => protected(Covers::Any, key.span()),
            false => None,
        };
    };
    let confirm = members.iter().find(|(key, value)| {
        let off = matches!(value.raw(), "false" | "null");
        !off && named(key).is_some_and(|key| guard::is_confirm(&key))
    })?;
    let all = |wanted: &str| -> Vec<&Node<'_>> {
        let is = |key: &Node<'_>| named(key).is_some_and(|key| key == wanted);
        let found = members.iter().filter(|(key, _)| is(key));
        found.map(|(_, value)| value).collect()
    };
    protected(
        covers(&all("aws_role"), &all("aws_account")),
        confirm.0.span(),
    )
}

/// What an entry protects that says this of its role and its account.
fn covers(roles: &[&Node<'_>], accounts: &[&Node<'_>]) -> Covers {
    let &[role] = roles else {
        return Covers::Any;
    };
    let Some(role) = named(role) else {
        return Covers::Any;
    };
    let account = match accounts {
        [] => Ok(None),
        [account] => match account.shape() {
            Shape::Null => Ok(None),
            Shape::String => named(account)
                .and_then(|text| text.parse::<AccountId>().ok())
                .map(Some)
                .ok_or(()),
            _ => account.raw().parse().map(Some).map_err(|_| ()),
        },
        _ => Err(()),
    };
    // A path may hold much, but this is an ARN with a slip.
    let is_arn = || role.to_ascii_lowercase().contains("arn:");
    let found = match (role.parse::<RoleArn>(), account) {
        (Ok(arn), Ok(account)) if account.as_ref().is_none_or(|one| *one == arn.account) => {
            Some(arn)
        }
        (Err(_), Ok(Some(account))) if !is_arn() => {
            RoleArn::new(Partition::aws(), account, &role).ok()
        }
        _ => None,
    };
    match found {
        Some(arn) => Covers::Role(arn),
        None => base_name(&role).map_or(Covers::Any, |name| Covers::Named(name.to_owned())),
    }
}

/// The name at the end of what may be an ARN or a path, if it is one that a
/// role can have.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
fn base_name(role: &str) -> Option<&str> {
    let role = role.trim().trim_end_matches('/').trim_end();
    let name = role.rsplit('/').next()?.trim_start();
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    ((1..=64).contains(&name.len()) && name.chars().all(fits)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    /// `name account/role` of each.
    fn of(roles: &str) -> Vec<String> {
        let text = format!("{{\"assume_roles\": {{{roles}}}}}");
        let config = Config::parse("f", text).expect("a file");
        let found = config.protected();
        let show = |found: Protected| match found.covers {
            Covers::Role(arn) => format!("{} {}/{}", found.name, arn.account, arn.name),
            Covers::Named(name) => format!("{} */{name}", found.name),
            Covers::Any => format!("{} *", found.name),
        };
        found.into_iter().map(show).collect()
    }

    #[test]
    fn a_slip_or_a_fault_elsewhere_leaves_no_role_open() {
        let role = |more: &str| {
            format!(
                r#""p": {{"aws_profile": "b", "aws_account": "123456789012", "aws_role": "t/a", {more}}}"#
            )
        };
        for more in [
            r#""confirm": true"#,
            r#""Confirm": true"#,
            r#""CONFIRM_": true"#,
            r#""comfirm": true"#,
            r#""confrim": true"#,
            r#""\u0063onfirm": true"#,
            r#""\u0063on\u0066irm": true"#,
            r#""confirm": "yes""#,
            r#""confirm": 1"#,
            r#""confirm": true, "aws_region": "nowhere at all""#,
            r#""confirm": false, "confirm": true"#,
        ] {
            assert_eq!(of(&role(more)), ["p 123456789012/t/a"], "{more}");
        }
        for more in [
            r#""confirm": false"#,
            r#""confirm": null"#,
            r#""description": "confirm""#,
            r#""config": true"#,
        ] {
            assert!(of(&role(more)).is_empty(), "{more}");
        }
        let arn = r#""q": {"confirm": true, "aws_role": "arn:aws-cn:iam::123456789012:role/x"}"#;
        assert_eq!(of(arn), ["q 123456789012/x"]);
    }

    #[test]
    fn an_entry_whose_role_cannot_be_told_protects_whatever_it_may_mean() {
        let account = |text: &str| format!(r#""aws_account": {text}, "aws_role": "t/x""#);
        for (keys, covers) in [
            (r#""aws_role": "x""#.to_owned(), "q */x"),
            (r#""aws_role": "/t/x/""#.to_owned(), "q */x"),
            (account(r#""1111-1111-1111""#), "q */x"),
            (account(r#""11111111111""#), "q */x"),
            (account("11111111111"), "q */x"),
            (account("[]"), "q */x"),
            (account("null"), "q */x"),
            (
                account(r#""111111111111", "aws_account": "222222222222""#),
                "q */x",
            ),
            (account("111111111111"), "q 111111111111/t/x"),
            (
                r#""aws_role": "arn:aws:iam::111111111111:role/x ""#.to_owned(),
                "q */x",
            ),
            (
                r#""aws_role": " ARN:aws:iam::111111111111:role/x""#.to_owned(),
                "q */x",
            ),
            (
                r#""aws_account": "111111111111", "aws_role": "ARN:aws:iam::222222222222:role/x""#
                    .to_owned(),
                "q */x",
            ),
            (
                r#""aws_account": "111111111111", "aws_role": "arn:aws:iam::222222222222:role/x""#
                    .to_owned(),
                "q */x",
            ),
            (
                r#""aws_role": "arn:aws:iam::111111111111:role:x""#.to_owned(),
                "q *",
            ),
            (r#""aws_role": "x", "aws_role": "y""#.to_owned(), "q *"),
            (r#""aws_rol": "x""#.to_owned(), "q *"),
            (r#""aws_role": 5"#.to_owned(), "q *"),
            (r#""aws_role": """#.to_owned(), "q *"),
            (r#""aws_role": "x y!""#.to_owned(), "q *"),
            (r#""via": "y""#.to_owned(), "q *"),
        ] {
            let text = format!(r#""q": {{"confirm": true, {keys}}}"#);
            assert_eq!(of(&text), [covers], "{keys}");
        }
        assert_eq!(of(r#""q": {"confirm": true}, "r": 5"#), ["q *"]);
        assert_eq!(of(r#""q": [{"confirm": true}], "r": ["x"]"#), ["q *"]);
    }

    /// Every text that is one slip away from `word`.
    fn slips(word: &str) -> Vec<String> {
        let word = word.as_bytes();
        let mut found = Vec::new();
        for at in 0..=word.len() {
            let (before, behind) = word.split_at(at);
            let mut add = |middle: &[u8], behind: &[u8]| {
                found.push(String::from_utf8([before, middle, behind].concat()).expect("ASCII"));
            };
            for letter in b"abcdefghijklmnopqrstuvwxyzS_-" {
                add(&[*letter], behind);
                if let Some((_, behind)) = behind.split_first() {
                    add(&[*letter], behind);
                }
            }
            if let [first, second, behind @ ..] = behind {
                add(&[], &[&[*second][..], behind].concat());
                add(&[*second, *first], behind);
            }
        }
        found
    }

    #[test]
    fn whatever_is_taken_for_confirm_is_compared() {
        let words = ["confirm", "protected", "protect", "require_confirmation"];
        let near: Vec<String> = words.iter().flat_map(|word| slips(word)).collect();
        let further = near.iter().step_by(97).flat_map(|word| slips(word));
        let mut taken = 0;
        for key in near.iter().cloned().chain(further) {
            for key in [key.to_uppercase(), format!("{key}s"), key] {
                let is = guard::is_confirm(&key);
                taken += usize::from(is);
                assert!(!is || looks_like_confirm(key.as_bytes()), "{key}");
            }
        }
        assert!(taken > 1_000, "{taken}");
    }

    #[test]
    fn what_cannot_be_there_is_not_looked_for() {
        for (text, is) in [
            ("", false),
            (":", false),
            ("\":", false),
            ("\"confirm\"", false),
            ("\"confirm\":", true),
            ("\"confirm\" \n\t: 5", true),
            ("\"Cofnrim\":", true),
            ("\"confrmi\":", true),
            ("\"\u{441}onfirm\":", true),
            ("\"protected\":", true),
            ("\"config\":", false),
            ("\"aws_profile\": \"confirm\"", false),
            ("\\u0063", true),
        ] {
            assert_eq!(possible(text.as_bytes()), is, "{text}");
            assert!(!is || possible_in_rubbish(text.as_bytes()), "{text}");
        }
        for (text, is) in [
            ("", false),
            ("{,", false),
            ("null", false),
            ("{confirm = yes}", true),
            ("p: {'cofnrim': 1}", true),
            ("{\0}\0", true),
        ] {
            assert_eq!(possible_in_rubbish(text.as_bytes()), is, "{text}");
        }
        assert!(possible_in_rubbish(&[0xff, 0xfe, b'{']));
    }
}

//! Readers of single values, and the forms that many keys share.

use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use serde_json::{Value, json};

use super::fault::{Fault, Read, quoted};
use super::node::{Node, Shape};
use super::schema::{Form, pattern};
use crate::aws::assigned::NameTemplate;
use crate::aws::ids::{AccountId, ExternalId, Invalid, Region, SessionName, SourceIdentity};
use crate::diagnostic::text::Spanned;
use crate::plan::request::MFA_SESSION_SECONDS;

/// A string that is not empty and that a system call can carry.
pub(super) fn text(node: &Node<'_>) -> Read<String> {
    let text = node.string()?;
    if text.is_empty() {
        return Err(Fault::new(node.span(), "is empty").hint("give it a value, or remove the key"));
    }
    no_nul(node, text.into_owned())
}

/// `text` of `node`, if no system call would cut it.
pub(super) fn no_nul(node: &Node<'_>, text: String) -> Read<String> {
    if text.contains('\0') {
        return Err(Fault::new(node.span(), "holds a NUL character (\\u0000)"));
    }
    Ok(text)
}

/// A list of strings, none of them empty.
pub(super) fn texts(node: &Node<'_>) -> Read<Vec<Spanned<String>>> {
    if node.shape() != Shape::List {
        return Err(node.must_be("a list of strings"));
    }
    let read = |(number, item): (usize, &Node<'_>)| {
        let text = text(item).map_err(|fault| fault.about(format!("entry {}", number + 1)))?;
        Ok(Spanned::new(text, item.span()))
    };
    node.items()?.iter().enumerate().map(read).collect()
}

/// A string that is one of AWS's names.
pub(super) fn parsed<T: FromStr<Err = Invalid>>(node: &Node<'_>) -> Read<T> {
    valid(node.span(), text(node)?.parse())
}

/// The fault of a value that breaks one of AWS's rules.
pub(super) fn valid<T>(span: Range<usize>, result: Result<T, Invalid>) -> Read<T> {
    result.map_err(|why| Fault::new(span, "is not valid").because(why))
}

/// An account: a string, or a number because many files have one.
pub(super) fn account(node: &Node<'_>) -> Read<AccountId> {
    match node.shape() {
        Shape::String => parsed(node),
        Shape::Number => valid(node.span(), node.raw().parse()).map_err(|fault| {
            fault.hint("write it as a string, \"012345678901\": a number loses its leading zeros")
        }),
        _ => Err(node.must_be("a string of 12 digits")),
    }
}

/// Whole seconds within `range` (the rule is `rule`'s): a number, or a string
/// of digits because the shell script took one.
pub(super) fn seconds(node: &Node<'_>, range: RangeInclusive<u32>, rule: &str) -> Read<u32> {
    let text = match node.shape() {
        Shape::Number => node.raw().into(),
        Shape::String => node.string()?,
        _ => return Err(node.must_be("a whole number of seconds")),
    };
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        let message = format!(
            "must be a whole number of seconds, this is {}",
            quoted(&text)
        );
        return Err(Fault::new(node.span(), message).hint("write seconds: an hour is 3600"));
    }
    text.parse()
        .ok()
        .filter(|seconds| range.contains(seconds))
        .ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            Fault::new(node.span(), "is out of range")
                .because(format!("{rule}, in seconds: {least} to {most}"))
        })
}

/// `true` or `false`.
pub(super) fn flag(node: &Node<'_>) -> Read<bool> {
    match node.raw() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(node.must_be("true or false")),
    }
}

/// How long an MFA session shall last.
pub(super) struct MfaSessionSeconds;

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>:
/// `DurationSeconds`, 15 minutes to 36 hours.
impl Form for MfaSessionSeconds {
    type Value = u32;

    fn read(node: &Node<'_>) -> Read<u32> {
        seconds(
            node,
            MFA_SESSION_SECONDS,
            "AWS grants an MFA session of 15 minutes to 36 hours",
        )
    }

    fn schema() -> Value {
        seconds_schema(&MFA_SESSION_SECONDS)
    }
}

/// How old what is known of a directory may be.
pub(super) struct IndexSeconds;

/// It is forgotten after three days.
const INDEX_SECONDS: RangeInclusive<u32> = 60..=259_200;

impl Form for IndexSeconds {
    type Value = u32;

    fn read(node: &Node<'_>) -> Read<u32> {
        seconds(node, INDEX_SECONDS, "a minute to three days")
    }

    fn schema() -> Value {
        seconds_schema(&INDEX_SECONDS)
    }
}

impl Form for NameTemplate {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        parsed(node)
    }

    fn schema() -> Value {
        pattern(r".*\{role_name(:(lower|upper))?\}.*")
    }
}

/// Any text that is not empty.
impl Form for String {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        text(node)
    }

    fn schema() -> Value {
        pattern(r"[^\u0000]+")
    }
}

/// A list of such texts.
pub(super) struct Texts;

impl Form for Texts {
    type Value = Vec<Spanned<String>>;

    fn read(node: &Node<'_>) -> Read<Self::Value> {
        texts(node)
    }

    fn schema() -> Value {
        json!({"type": "array", "items": String::schema()})
    }
}

impl Form for bool {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        flag(node)
    }

    fn schema() -> Value {
        json!({"type": "boolean"})
    }
}

impl Form for AccountId {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        account(node)
    }

    fn schema() -> Value {
        json!({
            "type": ["string", "integer"],
            "pattern": "^[0-9]{12}$",
            "minimum": 100_000_000_000_u64,
            "maximum": 999_999_999_999_u64,
        })
    }
}

/// A [`Form`] for each of AWS's names that are read by [`parsed`].
macro_rules! names_of_aws {
    ($($name:ty: $pattern:literal,)*) => { $(
        impl Form for $name {
            type Value = Self;

            fn read(node: &Node<'_>) -> Read<Self> {
                parsed(node)
            }

            fn schema() -> Value {
                pattern($pattern)
            }
        }
    )* };
}

names_of_aws! {
    Region: "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
    ExternalId: "[A-Za-z0-9_+=,.@:/-]{2,1224}",
    SessionName: "[A-Za-z0-9_+=,.@-]{2,64}",
    SourceIdentity: "[A-Za-z0-9_+=,.@-]{2,64}",
}

/// What a schema says of [`seconds`] in `range`. (It cannot say how great a
/// number in a string is.)
pub(super) fn seconds_schema(range: &RangeInclusive<u32>) -> Value {
    json!({
        "type": ["integer", "string"],
        "minimum": range.start(),
        "maximum": range.end(),
        "pattern": "^[0-9]+$",
    })
}

//! A role that is there is changed, renamed or taken out: whatever is not
//! touched by that stays byte for byte.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::super::diagnose;
use super::super::fault::{Fault, quoted};
use super::super::mask;
use super::super::node::{self, Node, Shape};
use super::super::settings::ROLES;
use super::{Config, MemberNodes, Style, add, members, quote, role_exists};
use crate::diagnostic::text::Snippet;
use crate::diagnostic::{Error, Kind, Result};

/// A key of a role, and the value that it gets; `None` takes it out.
pub type RoleChange = (&'static str, Option<Value>);

/// `text`, the content of the file that a person calls `path`, with `changes`
/// made in the role `name`. What is changed already stays as it is written.
///
/// # Errors
/// The file is wrong, or has no such role; or the role would be refused when
/// it is used: then the place is that in the file as it would be.
pub fn change_role(
    path: &str,
    text: &Arc<String>,
    name: &str,
    changes: &[RoleChange],
) -> Result<Arc<String>> {
    let mut text = Arc::clone(text);
    for (key, value) in changes {
        let config = Config::parse(path, Arc::clone(&text))?;
        let Some((_, role)) = member(&text, name) else {
            return Err(no_role(path, name));
        };
        if role.members().is_err() {
            // The reader has the words for it.
            return Err(config
                .role(name)
                .err()
                .unwrap_or_else(|| no_role(path, name)));
        }
        let change = changed(&text, &role, key, value.as_ref());
        drop(config);
        if let Some((at, new)) = change {
            splice(&mut text, at, &new);
        }
    }
    checked(path, text, name)
}

/// `text` with `entry`, a JSON object, in the place of the one of role `name`.
///
/// # Errors
/// As for [`change_role`].
pub fn replace_role(
    path: &str,
    text: &Arc<String>,
    name: &str,
    entry: &str,
) -> Result<Arc<String>> {
    Config::parse(path, Arc::clone(text))?;
    let (_, role) = member(text, name).ok_or_else(|| no_role(path, name))?;
    let mut text = Arc::clone(text);
    splice(&mut text, role.span(), object(entry));
    checked(path, text, name)
}

/// `text` without the role `name`.
///
/// # Errors
/// The file is wrong, or has no such role; a role comes `via` it.
pub fn remove_role(path: &str, text: &Arc<String>, name: &str) -> Result<Arc<String>> {
    let config = Config::parse(path, Arc::clone(text))?;
    let roles = roles(text).ok_or_else(|| no_role(path, name))?;
    let others = members(&roles);
    let at = position(&others, name).ok_or_else(|| no_role(path, name))?;
    let via = coming_via(&others, name);
    if let Some((first, _)) = via.first() {
        let names: Vec<String> = via
            .iter()
            .filter_map(|(role, _)| others.get(*role)?.0.string().ok())
            .map(|name| quoted(&name))
            .collect();
        let (who, hint) = match names.as_slice() {
            [one] => (
                format!("role {one} is assumed"),
                "remove it first, or change its \"via\": assumerole edit",
            ),
            many => (
                format!("roles {} are assumed", many.join(", ")),
                "remove them first, or change their \"via\": assumerole edit",
            ),
        };
        let message = format!("role {} is not removed: {who} via it", quoted(name));
        let first = others.get(*first).map(|(key, _)| key);
        let place = first.map(|key| config.snippet(key.span()));
        let one = match (names.len(), first.and_then(|key| key.string().ok())) {
            (1, Some(name)) => shell_words::quote(&name).into_owned(),
            _ => "ROLE".to_owned(),
        };
        return Err(Error::new(Kind::Usage, message)
            .maybe_at(place)
            .hint(format!("{hint} {one} --via OTHER")));
    }
    let gone = without(&roles, &others, at);
    drop((others, config));
    let mut text = Arc::clone(text);
    splice(&mut text, gone, "");
    Config::parse(path, Arc::clone(&text))?;
    Ok(text)
}

/// `text` with the role `old` called `new`, also by the roles that come `via`
/// it.
///
/// # Errors
/// The file is wrong, has no role `old` or has a role `new`; no role may be
/// called so.
pub fn rename_role(path: &str, text: &Arc<String>, old: &str, new: &str) -> Result<Arc<String>> {
    let config = Config::parse(path, Arc::clone(text))?;
    let roles = roles(text).ok_or_else(|| no_role(path, old))?;
    let others = members(&roles);
    let at = position(&others, old).ok_or_else(|| no_role(path, old))?;
    if let Some(place) = config.place_of_role(new)? {
        return Err(role_exists(new, place));
    }
    let mut places = vec![others[at].0.span()];
    places.extend(coming_via(&others, old).into_iter().map(|(_, span)| span));
    places.sort_by_key(|span| std::cmp::Reverse(span.start));
    let written = quote(new);
    drop((others, config));
    let mut text = Arc::clone(text);
    for span in places {
        splice(&mut text, span, &written);
    }
    let config = Config::parse(path, Arc::clone(&text))?;
    // A role that is wrong may be called otherwise, too; its new name must do.
    match config.place_of_role(new)? {
        Some(_) => Ok(text),
        None => Err(no_role(path, new)),
    }
}

/// The role `name` as it is written; `None` if there is none of that name.
///
/// # Errors
/// The file is wrong.
pub fn written_role(path: &str, text: &Arc<String>, name: &str) -> Result<Option<String>> {
    Config::parse(path, Arc::clone(text))?;
    Ok(member(text, name).map(|(_, value)| value.raw().to_owned()))
}

/// Whether `entry`, the content of a file that a person calls `path`, is an
/// object, as a role is one; whether it is a good role is for the file that it
/// goes into to say.
///
/// # Errors
/// It is none: the place is that in `entry`.
pub fn check_entry(path: &str, entry: &str) -> Result<()> {
    let told = |fault: Box<Fault>| {
        fault.into_error(|span| mask::snippet(entry, span, |span| Snippet::of(path, entry, span)))
    };
    if let Some(fault) = diagnose::fault(entry) {
        return Err(told(fault));
    }
    let json = node::skip_space(entry.strip_prefix('\u{feff}').unwrap_or(entry));
    let value = Node::at(json.trim_end(), node::offset(entry, json));
    match value.shape() {
        Shape::Object => Ok(()),
        _ => Err(told(value.must_be("an object").about("a role"))),
    }
}

/// `text`, whose role `name` must be a good one.
fn checked(path: &str, text: Arc<String>, name: &str) -> Result<Arc<String>> {
    let config = Config::parse(path, Arc::clone(&text))?;
    match config.role(name)? {
        Some(_) => Ok(text),
        None => Err(no_role(path, name)),
    }
}

fn no_role(path: &str, name: &str) -> Error {
    Error::new(
        Kind::UnknownName,
        format!("there is no role {} in {path}", quoted(name)),
    )
}

/// `assume_roles` of `text`, which has been read.
fn roles(text: &str) -> Option<Node<'_>> {
    let json = node::skip_space(text.strip_prefix('\u{feff}').unwrap_or(text));
    let top = Node::at(json.trim_end(), node::offset(text, json));
    let mut settings = members(&top).into_iter();
    let roles = settings.find(|(key, _)| key.string().is_ok_and(|name| name == ROLES))?;
    Some(roles.1)
}

fn member<'a>(text: &'a str, name: &str) -> Option<MemberNodes<'a>> {
    let members = members(&roles(text)?);
    members.get(position(&members, name)?).copied()
}

fn position(members: &[MemberNodes<'_>], name: &str) -> Option<usize> {
    let mut keys = members.iter();
    keys.position(|(key, _)| key.string().is_ok_and(|key| key == name))
}

/// The numbers of the roles that come `via` `name`, and where they say so.
fn coming_via(roles: &[MemberNodes<'_>], name: &str) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    for (number, (_, role)) in roles.iter().enumerate() {
        let keys = members(role);
        let via = keys.iter().filter(|(key, value)| {
            key.string().is_ok_and(|key| key == "via")
                && value.string().is_ok_and(|value| value == name)
        });
        found.extend(via.map(|(_, value)| (number, value.span())));
    }
    found
}

/// What takes the place of which bytes, for `key` of `role` to be `value`;
/// `None` where it is so already.
fn changed(
    text: &str,
    role: &Node<'_>,
    key: &str,
    value: Option<&Value>,
) -> Option<(Range<usize>, String)> {
    let keys = members(role);
    let Some(value) = value else {
        let at = position(&keys, key)?;
        return Some((without(role, &keys, at), String::new()));
    };
    let usual = || Style::usual(text);
    let style = Style::of(role, &keys).unwrap_or_else(usual);
    let written = style.inline(value);
    match position(&keys, key).and_then(|at| keys.get(at)) {
        Some((_, old))
            if serde_json::from_str::<Value>(old.raw()).is_ok_and(|old| old == *value) =>
        {
            None
        }
        Some((_, old)) => Some((old.span(), written)),
        None => Some(add(role, &keys, &style, &[(quote(key), written)])),
    }
}

/// The bytes that go where member `at` of `object` is taken out, one comma
/// among them.
fn without(object: &Node<'_>, members: &[MemberNodes<'_>], at: usize) -> Range<usize> {
    let start = |at: usize| members.get(at).map(|(key, _)| key.span().start);
    let end = |at: usize| members.get(at).map(|(_, value)| value.span().end);
    let whole = object.span().start + 1..object.span().end - 1;
    match (at.checked_sub(1).and_then(end), start(at), start(at + 1)) {
        // What stands before it stands before the next one then.
        (_, Some(this), Some(next)) => this..next,
        (Some(before), ..) => before..end(at).unwrap_or(before),
        _ => whole,
    }
}

/// `entry` without a byte order mark and space around it.
fn object(entry: &str) -> &str {
    entry.strip_prefix('\u{feff}').unwrap_or(entry).trim()
}

/// Room for more than one change: of a large text no third copy shall be made.
const ROOM: usize = 64 * 1024;

/// Puts `new` in the place of the bytes `at`: in place, where nobody else has the
/// text.
fn splice(text: &mut Arc<String>, at: Range<usize>, new: &str) {
    let fits = |own: &String| own.capacity() - own.len() >= new.len();
    if let Some(own) = Arc::get_mut(text).filter(|own| fits(own)) {
        return own.replace_range(at, new);
    }
    let mut made = String::with_capacity(text.len() + new.len() + ROOM);
    made.extend([&text[..at.start], new, &text[at.end..]]);
    *text = Arc::new(made);
}

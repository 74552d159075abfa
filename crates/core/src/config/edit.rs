//! Roles in a file that a person wrote: one more ([`insert_role`]), or one
//! that is there changed ([`change`]). Everything else stays as it is, byte
//! for byte, and new lines look like those around them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::Config;
use super::fault::quoted;
use super::node::{self, Node, Shape};
use super::settings::ROLES;
use crate::diagnostic::text::Snippet;
use crate::diagnostic::{Error, Kind, Result};
use crate::shell::command_line::argument;

mod change;
mod style;

pub use change::{
    RoleChange, change_role, check_entry, remove_role, rename_role, replace_role, written_role,
};
use style::Style;

/// A role to write.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRole {
    /// Its name in the file.
    pub name: String,
    /// Its keys with their values, in the order in which they are written.
    pub members: Vec<(&'static str, Value)>,
}

impl NewRole {
    /// This role for the file `top`: without what the top of the file says for
    /// it already, and with a word where that says too much for it.
    pub fn beside(mut self, top: &Config) -> Self {
        let is = |members: &[(&str, Value)], key: &str, said: Option<Value>| {
            let own = members.iter().find(|(name, _)| *name == key);
            own.map(|(_, value)| value) == said.as_ref() && said.is_some()
        };
        let profile = top
            .aws_profile()
            .map(|said| Value::from(said.value.as_str()));
        let device = top
            .aws_mfa_arn()
            .map(|said| Value::from(said.value.as_str()));
        let seconds = top
            .max_session_duration()
            .map(|said| Value::from(said.value));
        let region = top
            .aws_region()
            .map(|said| Value::from(said.value.as_str()));
        let mut known = Vec::new();
        if is(&self.members, "aws_profile", profile) {
            known.push("aws_profile");
            let own = self.members.iter().any(|(key, _)| *key == "aws_mfa_arn");
            if is(&self.members, "aws_mfa_arn", device.clone()) {
                known.push("aws_mfa_arn");
            } else if device.is_some() && !own {
                self.members.push(("aws_mfa_arn", Value::from(false)));
            }
        }
        for (key, said) in [("max_session_duration", seconds), ("aws_region", region)] {
            if is(&self.members, key, said) {
                known.push(key);
            }
        }
        self.members.retain(|(key, _)| !known.contains(key));
        self
    }
}

/// As it would be written into a file that has no style of its own.
impl fmt::Display for NewRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = Style::usual("");
        let (key, value) = written(self, &style);
        f.write_str(&style.member(&key, &value))
    }
}

/// `text`, the content of the file that a person calls `path`, with `role`
/// behind its other roles. An empty text is a file that is to be made.
///
/// A text is shared here and below: of a large one no more copies are made than there
/// are versions of it.
///
/// # Errors
/// The file is wrong, or has a role of that name; the role would be refused
/// when it is used: then the place is that in the file as it would be.
pub fn insert_role(path: &str, text: &Arc<String>, role: &NewRole) -> Result<Arc<String>> {
    let made = insert_roles(path, text, std::slice::from_ref(role))?;
    made.role(&role.name)?;
    Ok(Arc::clone(made.text()))
}

/// As [`insert_role`], all `roles` at once, none of them if there is none. They
/// are in the file that comes of it, and not read: [`Config::role`] says what is
/// wrong with one.
///
/// # Errors
/// The file is wrong, or has a role of one of the names, or two of them have one
/// name.
pub fn insert_roles(path: &str, text: &Arc<String>, roles: &[NewRole]) -> Result<Config> {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let made = if node::skip_space(json).is_empty() {
        with_roles(&format!("{text}{{}}\n"), roles)
    } else {
        let before = Config::parse(path, Arc::clone(text))?;
        for NewRole { name, .. } in roles {
            if let Some(place) = before.place_of_role(name)? {
                return Err(role_exists(name, place));
            }
        }
        if roles.is_empty() {
            return Ok(before);
        }
        with_roles(text, roles)
    };
    // What was written is read as any other file is.
    Config::parse(path, made)
}

/// The error of a role `name` that is at `place` already.
pub fn role_exists(name: &str, place: Snippet) -> Error {
    let message = format!("there is a role {} already", quoted(name));
    Error::new(Kind::Usage, message).at(place).hint(format!(
        "choose another name, or change that role: assumerole edit {}",
        argument(name)
    ))
}

/// `text`, a whole file, with the roles.
fn with_roles(text: &str, roles: &[NewRole]) -> String {
    let (at, new) = edit(text, roles);
    [&text[..at.start], &new, &text[at.end..]].concat()
}

/// What takes the place of which bytes.
fn edit(text: &str, new: &[NewRole]) -> (Range<usize>, String) {
    let json = node::skip_space(text.strip_prefix('\u{feff}').unwrap_or(text));
    let top = Node::at(json.trim_end(), node::offset(text, json));
    let settings = members(&top);
    let style = Style::of(&top, &settings).unwrap_or_else(|| Style::usual(text));
    let unit = style.indent().unwrap_or("  ").to_owned();
    let is_roles = |(key, _): &&MemberNodes<'_>| key.string().is_ok_and(|name| name == ROLES);
    let within = style.nested(&unit);
    let all = |style: &Style| -> Vec<_> { new.iter().map(|role| written(role, style)).collect() };

    let Some((_, roles)) = settings.iter().find(is_roles) else {
        let value = within.object(&all(&within.nested(&unit)));
        return add(&top, &settings, &style, &[(quote(ROLES), value)]);
    };
    if roles.shape() == Shape::Null {
        return (roles.span(), within.object(&all(&within.nested(&unit))));
    }
    let others = members(roles);
    let style = Style::of(roles, &others).unwrap_or(within);
    let like = others.iter().rev().find_map(|(_, other)| {
        let keys = members(other);
        Style::of(other, &keys)
    });
    let like = like.unwrap_or_else(|| style.nested(&unit));
    add(roles, &others, &style, &all(&like))
}

type MemberNodes<'a> = (Node<'a>, Node<'a>);

fn members<'a>(object: &Node<'a>) -> Vec<MemberNodes<'a>> {
    object.members().unwrap_or_default()
}

/// The key and the value of a role, as they are written.
fn written(role: &NewRole, style: &Style) -> (String, String) {
    let member = |(key, value): &(&str, Value)| (quote(key), style.inline(value));
    let members: Vec<_> = role.members.iter().map(member).collect();
    (quote(&role.name), style.object(&members))
}

/// The `new` members of `object`, behind its `members`.
fn add(
    object: &Node<'_>,
    members: &[MemberNodes<'_>],
    style: &Style,
    new: &[(String, String)],
) -> (Range<usize>, String) {
    let comma = [",", style.between()].concat();
    let new: Vec<String> = new
        .iter()
        .map(|(key, value)| style.member(key, value))
        .collect();
    let new = new.join(&comma);
    match members.last() {
        Some((_, last)) => {
            let end = last.span().end;
            (end..end, [comma, new].concat())
        }
        None => {
            let within = object.span().start + 1..object.span().end - 1;
            (within, [style.before(), &new, style.after()].concat())
        }
    }
}

fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

//! `agents`: what programs get that are AI agents.

use serde_json::{Value, json};

use super::fault::Read;
use super::fields::Fields;
use super::node::{Node, Shape};
use super::pattern::Pattern;
use super::schema::{self, Form, keys};
use super::values;
use crate::diagnostic::text::Spanned;

/// What an AI agent gets, where it asks for credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentSettings {
    /// Whether its sessions may only read.
    pub read_only: bool,
    /// The roles that it may have; `None`: all.
    pub roles: Option<Vec<Pattern>>,
    /// The roles that it may not have.
    pub deny: Vec<Pattern>,
    /// Whether its sessions are tagged with its name.
    pub tag: bool,
}

keys! {
    /// The keys of the object.
    struct AgentKeys {
        /// Whether sessions for an agent are narrowed to AWS's policy ReadOnlyAccess; the default
        /// is false.
        read_only: bool,
        /// The roles that an agent may assume, as patterns such as tag:sandbox; the default is all.
        roles: Patterns,
        /// The roles that an agent may not assume, as patterns such as tag:prod.
        deny: Patterns,
        /// Whether sessions for an agent have the session tag agent with its name; the default
        /// is false.
        tag: bool,
    }
}

impl Form for AgentSettings {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        if node.shape() != Shape::Object {
            return Err(node
                .must_be("an object")
                .hint(r#"write {"read_only": true}"#));
        }
        let (keys, rest) = Fields::read("agents", node.span(), node)?;
        let AgentKeys {
            read_only,
            roles,
            deny,
            tag,
        } = keys;
        // A misspelt key of these would widen what an agent gets.
        rest.no_unknown()?;
        Ok(Self {
            read_only: read_only.is_some_and(|flag| flag.value),
            roles: roles.map(|patterns| patterns.value),
            deny: deny.map_or_else(Vec::new, |patterns| patterns.value),
            tag: tag.is_some_and(|flag| flag.value),
        })
    }

    fn schema() -> Value {
        schema::object::<AgentKeys>(&[])
    }
}

/// As [`AgentSettings::read`]; nothing is said by null.
pub(super) fn of_top(node: &Node<'_>) -> Read<AgentSettings> {
    match node.shape() {
        Shape::Null => Ok(AgentSettings::default()),
        _ => AgentSettings::read(node).map_err(|fault| fault.about("agents")),
    }
}

/// A list of patterns that pick roles.
struct Patterns;

impl Form for Patterns {
    type Value = Vec<Pattern>;

    fn read(node: &Node<'_>) -> Read<Vec<Pattern>> {
        let texts = values::texts(node)?;
        let read = |text: &Spanned<String>| values::valid(text.span.clone(), text.value.parse());
        texts.iter().map(read).collect()
    }

    fn schema() -> Value {
        json!({"type": "array", "items": String::schema()})
    }
}

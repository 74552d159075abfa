//! `environment`: variables of a role, or of all roles.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::{Value, json};

use super::fault::{Fault, Finding, MOST_FINDINGS, Read, quoted};
use super::fields::Fields;
use super::node::{Node, Shape};
use super::schema::{self, Form, keys};
use super::values;
use crate::diagnostic::text::Spanned;
use crate::environment::table;

/// A variable that a role sets. `Debug` shows its name only: many a variable
/// is a password.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvVar {
    /// A name that every shell accepts: `[A-Za-z_][A-Za-z0-9_]*`.
    pub name: Spanned<String>,
    /// The value as it is written: [`crate::environment::expand`] has not been applied.
    pub value: Spanned<String>,
}

impl fmt::Debug for EnvVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvVar")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The list, or the map, as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Environment {
    /// Each name once.
    pub(super) variables: Vec<EnvVar>,
    findings: Vec<Finding>,
}

impl Environment {
    /// What is odd in it; it is called `what`.
    pub(super) fn findings_of(&self, what: &str) -> Vec<Finding> {
        let about = |finding: &Finding| Finding {
            message: format!("{what} {}", finding.message),
            ..finding.clone()
        };
        self.findings.iter().map(about).collect()
    }
}

impl Form for Environment {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        read(node)
    }

    fn schema() -> Value {
        let mut value = ScalarText::schema();
        value["type"] = json!(["string", "number", "boolean", "null"]);
        json!({"anyOf": [
            {"type": "array", "items": schema::object::<VariableKeys>(&["name", "value"])},
            {"type": "object", "propertyNames": Name::schema(), "additionalProperties": value},
        ]})
    }
}

/// The most variables: each may use those before it.
const MOST: usize = 10_000;

/// Of a name that stands there twice the later value is kept, as in a shell,
/// with a warning.
fn read(node: &Node<'_>) -> Read<Environment> {
    let mut variables = Variables::default();
    let few = |count: usize| match count {
        0..=MOST => Ok(()),
        _ => Err(Fault::new(
            node.span(),
            format!("has {count} variables; the limit is {MOST}"),
        )),
    };
    match node.shape() {
        Shape::List => {
            let items = node.items()?;
            few(items.len())?;
            for (number, item) in items.iter().enumerate() {
                let (variable, found) = entry(item, number + 1)?;
                variables.add(variable, found);
            }
        }
        Shape::Object => {
            let members = node.members()?;
            few(members.len())?;
            for (key, value) in members {
                if let Some(variable) = member(&key, &value)? {
                    variables.add(variable, Vec::new());
                }
            }
        }
        _ => {
            return Err(node
                .must_be("an object or a list")
                .hint(r#"write {"MYVAR": "my value"}"#));
        }
    }
    let lengths = variables.read.variables.iter().map(|v| v.value.value.len());
    match lengths.sum::<usize>() {
        0..=LONGEST => Ok(variables.read),
        length => Err(Fault::new(
            node.span(),
            format!("has {length} bytes of values; the limit is {LONGEST}"),
        )),
    }
}

/// Bytes of all values as they are written: Linux starts no program with more.
const LONGEST: usize = 2 * 1024 * 1024;

#[derive(Default)]
struct Variables {
    read: Environment,
    index_of: HashMap<String, usize>,
}

impl Variables {
    /// Adds a variable, of which something may be `found` that is odd.
    fn add(&mut self, variable: EnvVar, mut found: Vec<Finding>) {
        let variables = &mut self.read.variables;
        match self.index_of.entry(variable.name.value.clone()) {
            Entry::Vacant(free) => {
                free.insert(variables.len());
                variables.push(variable);
            }
            Entry::Occupied(taken) => {
                let name = &variable.name;
                found.push(Finding {
                    message: format!("sets {} again", name.value),
                    span: name.span.clone(),
                    hint: Some("the last value counts; remove the others".to_owned()),
                });
                if let Some(earlier) = variables.get_mut(*taken.get()) {
                    *earlier = variable;
                }
            }
        }
        let free = MOST_FINDINGS - self.read.findings.len();
        self.read.findings.extend(found.into_iter().take(free));
    }
}

/// One member of the map; a null is as good as none.
fn member(key: &Node<'_>, value: &Node<'_>) -> Read<Option<EnvVar>> {
    let name = Name::read(key)?;
    if value.shape() == Shape::Null {
        return Ok(None);
    }
    let text = ScalarText::read(value).map_err(|fault| fault.about(&name))?;
    Ok(Some(EnvVar {
        name: Spanned::new(name, key.span()),
        value: Spanned::new(text, value.span()),
    }))
}

/// Those of `all`, but where `own` has the name, and then `own`.
pub(super) fn joined(all: &[EnvVar], own: &[EnvVar]) -> Vec<EnvVar> {
    let taken: HashSet<&str> = own.iter().map(|var| var.name.value.as_str()).collect();
    let others = all
        .iter()
        .filter(|var| !taken.contains(var.name.value.as_str()));
    others.chain(own).cloned().collect()
}

keys! {
    /// An entry of the list.
    struct VariableKeys {
        /// The variable: letters, digits and underscores.
        name: Name,
        /// Its value. $NAME, ${NAME} and ~/ at the beginning are expanded.
        value: ScalarText,
    }
}

/// One entry of the list, the `number`th.
fn entry(item: &Node<'_>, number: usize) -> Read<(EnvVar, Vec<Finding>)> {
    let (keys, rest) = Fields::read(format!("entry {number}"), item.span(), item)?;
    let VariableKeys { name, value } = keys;
    let variable = EnvVar {
        name: rest.required("name", name, "\"name\": \"MYVAR\"")?,
        value: rest.required("value", value, "\"value\": \"\", an empty one if need be")?,
    };
    Ok((variable, rest.findings().collect()))
}

/// The name of a variable that a role may set.
struct Name;

impl Form for Name {
    type Value = String;

    fn read(node: &Node<'_>) -> Read<String> {
        name(node)
    }

    fn schema() -> Value {
        let mut name = schema::pattern("[A-Za-z_][A-Za-z0-9_]*");
        name["not"] = json!({"enum": table::reserved().collect::<Vec<_>>()});
        name
    }
}

fn name(node: &Node<'_>) -> Read<String> {
    let name = values::text(node)?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        let message = format!("{} is not the name of a variable", quoted(&name));
        return Err(Fault::new(node.span(), message)
            .because("a name has letters, digits and underscores and begins with no digit"));
    }
    if table::is(&name, |row| row.reserved) {
        return Err(
            Fault::new(node.span(), format!("{name} cannot be set here"))
                .because("it is among the variables that assumerole itself sets or removes")
                .hint("remove this entry"),
        );
    }
    Ok(name)
}

/// Text, or a number, `true` or `false` as it is written, which is what the
/// shell script made of them. Empty is fine.
struct ScalarText;

impl Form for ScalarText {
    type Value = String;

    fn read(node: &Node<'_>) -> Read<String> {
        match node.shape() {
            Shape::String => values::no_nul(node, node.string()?.into_owned()),
            Shape::Number | Shape::Bool => Ok(node.raw().to_owned()),
            _ => Err(node.must_be("a string")),
        }
    }

    fn schema() -> Value {
        json!({"type": ["string", "number", "boolean"], "pattern": r"^[^\u0000]*$"})
    }
}

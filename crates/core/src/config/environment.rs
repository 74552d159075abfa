//! `environment` of a role: variables for that role only.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde_json::{Value, json};

use super::fault::{Fault, Finding, MOST_FINDINGS, Read, quoted};
use super::fields::Fields;
use super::node::{Node, Shape};
use super::schema::{self, Form, keys};
use super::values;
use crate::text::Spanned;

/// A variable that a role sets. `Debug` shows its name only: many a variable
/// is a password.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvVar {
    /// A name that every shell accepts: `[A-Za-z_][A-Za-z0-9_]*`.
    pub name: Spanned<String>,
    /// The value as it is written: [`crate::expand`] has not been applied.
    pub value: Spanned<String>,
}

impl fmt::Debug for EnvVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvVar")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a role may not set itself: the credentials, what says whose they are
/// and until when, what would make a program use others, and the note by
/// which the next `assumerole` takes this role back.
///
/// `AWS_REGION`, `AWS_DEFAULT_REGION` and `AWSUME_PROFILE` are not among them:
/// files in use set them, and the role's own value wins over the program's.
pub const RESERVED: [&str; 13] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCOUNT",
    "aws_account",
    "AWS_ACCOUNT_ID",
    "AWS_EXPIRATION",
    "AWS_CREDENTIAL_EXPIRATION",
    "CODEARTIFACT_AUTH_TOKEN",
    "ASSUMEROLE_RESTORE",
];

/// The list as it was read.
#[derive(Default)]
pub(super) struct Environment {
    /// Each name once.
    pub(super) variables: Vec<EnvVar>,
    findings: Vec<Finding>,
}

impl Environment {
    /// What is odd in that of `what`.
    pub(super) fn findings_of(&self, what: &str) -> Vec<Finding> {
        let about = |finding: &Finding| Finding {
            message: format!("{what}: environment {}", finding.message),
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
        json!({"type": "array", "items": schema::object::<EntryKeys>(&["name", "value"])})
    }
}

/// Of a name that stands there twice the later value is kept, as in a shell,
/// with a warning.
fn read(node: &Node<'_>) -> Read<Environment> {
    if node.shape() != Shape::List {
        return Err(node
            .must_be("a list")
            .hint(r#"write [{"name": "MYVAR", "value": "my value"}]"#));
    }
    let mut variables: Vec<EnvVar> = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let mut index_of = HashMap::new();
    for (number, item) in node.items()?.iter().enumerate() {
        let (variable, mut found) = entry(item, number + 1)?;
        match index_of.entry(variable.name.value.clone()) {
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
        let free = MOST_FINDINGS - findings.len();
        findings.extend(found.into_iter().take(free));
    }
    Ok(Environment {
        variables,
        findings,
    })
}

keys! {
    /// An entry of the list.
    struct EntryKeys {
        /// The variable: letters, digits and underscores.
        name: Name,
        /// Its value. $NAME, ${NAME} and ~/ at the beginning are expanded.
        value: Text,
    }
}

/// One entry of the list, the `number`th.
fn entry(item: &Node<'_>, number: usize) -> Read<(EnvVar, Vec<Finding>)> {
    let (keys, rest) = Fields::read(format!("entry {number}"), item.span(), item)?;
    let EntryKeys { name, value } = keys;
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
        name["not"] = json!({"enum": RESERVED});
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
    if RESERVED.contains(&name.as_str()) {
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
struct Text;

impl Form for Text {
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

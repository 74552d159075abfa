//! `tags` of a role: what people sort roles by. AWS never sees them.

use serde_json::{Value, json};

use super::fault::{Fault, Read, quoted};
use super::node::{Node, Shape};
use super::schema::Form;
use super::values;

/// What a role is tagged with: `"team": "payments"`, or `"prod"` alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The name.
    pub name: String,
    /// The value; none of a tag out of a list.
    pub value: Option<String>,
}

/// An object or a list of strings; every name once.
pub(super) struct Labels;

impl Form for Labels {
    type Value = Vec<Label>;

    fn read(node: &Node<'_>) -> Read<Vec<Label>> {
        read(node)
    }

    fn schema() -> Value {
        json!({"anyOf": [
            {
                "type": "object",
                "propertyNames": String::schema(),
                "additionalProperties": {"type": "string"},
            },
            {"type": "array", "items": String::schema(), "uniqueItems": true},
        ]})
    }
}

fn read(node: &Node<'_>) -> Read<Vec<Label>> {
    let found: Vec<(Node<'_>, Option<Node<'_>>)> = match node.shape() {
        Shape::Object => {
            let members = node.members()?.into_iter();
            members.map(|(key, value)| (key, Some(value))).collect()
        }
        Shape::List => node.items()?.into_iter().map(|item| (item, None)).collect(),
        _ => {
            return Err(node
                .must_be("an object or a list of strings")
                .hint(r#"write {"team": "payments"} or ["prod"]"#));
        }
    };
    let mut labels: Vec<Label> = Vec::with_capacity(found.len());
    let mut seen = std::collections::HashSet::new();
    for (number, (name, value)) in found.into_iter().enumerate() {
        let at = name.span();
        let name =
            values::text(&name).map_err(|fault| fault.about(format!("entry {}", number + 1)))?;
        if !seen.insert(name.clone()) {
            return Err(Fault::new(at, format!("has {} twice", quoted(&name)))
                .hint("remove one of the two"));
        }
        let value = match value {
            None => None,
            Some(value) => Some(
                value
                    .string()
                    .map_err(|fault| fault.about(quoted(&name)))?
                    .into_owned(),
            ),
        };
        labels.push(Label { name, value });
    }
    Ok(labels)
}

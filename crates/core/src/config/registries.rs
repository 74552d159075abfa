//! `registries`: which role lets Docker into which registry of ECR.

use serde_json::{Value, json};

use super::fault::{Fault, Read, quoted};
use super::node::{Node, Shape};
use super::schema::Form;
use super::values;
use crate::aws::registry::Registry;
use crate::diagnostic::text::Spanned;

/// Registries with their roles, by host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registries(Vec<(Registry, Spanned<String>)>);

impl Registries {
    /// The role for `registry`, if one is named.
    pub fn role(&self, registry: &Registry) -> Option<&str> {
        let mut named = self.0.iter().filter(|(host, _)| host == registry);
        named.next().map(|(_, role)| role.value.as_str())
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> &[(Registry, Spanned<String>)] {
        &self.0
    }
}

/// As [`Registries::read`]; nothing is said by null.
pub(super) fn of_top(node: &Node<'_>) -> Read<Registries> {
    match node.shape() {
        Shape::Null => Ok(Registries::default()),
        _ => Registries::read(node).map_err(|fault| fault.about("registries")),
    }
}

impl Form for Registries {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        const HINT: &str = r#"write {"123456789012.dkr.ecr.eu-west-1.amazonaws.com": "ROLE"}"#;
        if node.shape() != Shape::Object {
            return Err(node.must_be("an object").hint(HINT));
        }
        let one = |(key, value): (Node<'_>, Node<'_>)| {
            let host = key.string()?;
            let registry = host.parse().map_err(|_| {
                let message = format!("names {}, which is not a registry of ECR", quoted(&host));
                Fault::new(key.span(), message).hint(HINT)
            })?;
            let role = values::text(&value)?;
            Ok((registry, Spanned::new(role, value.span())))
        };
        let all: Read<Vec<_>> = node.members()?.into_iter().map(one).collect();
        all.map(Self)
    }

    fn schema() -> Value {
        // As far as a pattern can tell: which domains are AWS's is looked up.
        let host = r"^\s*(https://)?[0-9]{12}\.[A-Za-z]{3}[.-][A-Za-z]{3}(-[A-Za-z]{4})?\.";
        json!({
            "type": "object",
            "propertyNames": {"pattern": host},
            "additionalProperties": String::schema(),
        })
    }
}

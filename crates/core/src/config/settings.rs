//! The members of the file beside the roles.

use std::ops::Range;

use super::fault::{Fault, Finding, MOST_FINDINGS, Read};
use super::fields::unknown_keys;
use super::node::{Node, Shape};
use super::values;
use crate::ids::Region;
use crate::text::Spanned;

/// The key of the roles.
pub(super) const ROLES: &str = "assume_roles";

/// The keys beside [`ROLES`], in the order in which an index has them. A new
/// key is one name here and one field below; then the index gets a new version.
pub(super) const KEYS: [&str; 3] = ["aws_region", "codeartifact", "print_exports"];

/// What the top level says beside the roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) aws_region: Option<Spanned<Region>>,
    pub(super) print_exports: Option<Spanned<bool>>,
    /// The bytes of the members [`KEYS`], key and value.
    pub(super) extents: [Option<Range<usize>>; KEYS.len()],
    /// Unknown keys: a warning each.
    pub(super) findings: Vec<Finding>,
}

impl Settings {
    /// Reads the members of the top level. The roles are only looked at for
    /// being an object.
    pub(super) fn read(members: &[(Node<'_>, Node<'_>)]) -> Read<Self> {
        let mut settings = Self::default();
        let mut roles: Option<Range<usize>> = None;
        let mut unknown = Vec::new();
        let mut more = 0;
        for (key, value) in members {
            let name = key.string().map_err(|fault| fault.about("this key"))?;
            if name == ROLES {
                once(ROLES, key, roles.replace(key.span()))?;
                if !matches!(value.shape(), Shape::Object | Shape::Null) {
                    return Err(not_roles(value));
                }
            } else if let Some(known) = KEYS.iter().position(|known| *known == name) {
                let extent = key.span().start..value.span().end;
                let before = settings.extents[known].replace(extent);
                let before = before.map(|at| at.start..at.start + key.raw().len());
                once(KEYS[known], key, before)?;
                settings.take(KEYS[known], value)?;
            } else if unknown.len() < MOST_FINDINGS {
                unknown.push((name.into_owned(), key.span()));
            } else {
                more += 1;
            }
        }
        let mut known = vec![ROLES];
        known.extend(KEYS);
        settings.findings = unknown_keys("the file".to_owned(), unknown, more, known).collect();
        Ok(settings)
    }

    /// Takes the value of one of [`KEYS`]. Null is as good as nothing.
    pub(super) fn take(&mut self, key: &str, value: &Node<'_>) -> Read<()> {
        if value.shape() == Shape::Null {
            return Ok(());
        }
        let at = |fault: Box<Fault>| fault.about(key);
        match key {
            "aws_region" => {
                let region = values::parsed(value).map_err(at)?;
                self.aws_region = Some(Spanned::new(region, value.span()));
            }
            "print_exports" => {
                let flag = values::flag(value).map_err(at)?;
                self.print_exports = Some(Spanned::new(flag, value.span()));
            }
            // `codeartifact` is read when a profile is asked for.
            _ => {}
        }
        Ok(())
    }
}

/// A fault if the key was there `before`.
fn once(name: &str, key: &Node<'_>, before: Option<Range<usize>>) -> Read<()> {
    match before {
        None => Ok(()),
        Some(first) => Err(Fault::new(key.span(), format!("the file has {name} twice"))
            .see("the first is", first)
            .hint("join the two into one")),
    }
}

fn not_roles(value: &Node<'_>) -> Box<Fault> {
    value
        .must_be("an object")
        .about(ROLES)
        .hint(r#"write "assume_roles": { "NAME": { … } }, a name and an object for each role"#)
}

//! Shells that take names which differ by case for one variable.

use std::ffi::OsStr;

use super::{Pairs, VariableChange};
use crate::config::EnvVar;
use crate::diagnostic::text::{Snippet, Spanned};
use crate::diagnostic::{Error, Kind, Result};
use crate::environment::table::{self, TABLE};

/// How a shell tells the names of variables apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// As the system does: `a` and `A` are two.
    #[default]
    Exact,
    /// `a` and `A` are one: nushell from 0.115, and Windows.
    AnyCase,
}

impl Names {
    /// Whether `a` and `b` are one variable.
    pub(super) fn same(self, a: &OsStr, b: &str) -> bool {
        match self {
            Self::Exact => a == b,
            Self::AnyCase => a.eq_ignore_ascii_case(b),
        }
    }
}

/// Whether a role with this `environment` can be had where names are told
/// apart so: asked before a code is.
///
/// # Errors
/// Two names are one variable there, and have two values; `place` says where
/// the second stands.
pub fn check_names(
    names: Names,
    shell: &str,
    environment: &[EnvVar],
    place: &dyn Fn(&Spanned<String>) -> Option<Snippet>,
) -> Result<()> {
    if names == Names::Exact {
        return Ok(());
    }
    for (at, var) in environment.iter().enumerate() {
        let name = &var.name.value;
        let clashes = |other: &str| other != name && other.eq_ignore_ascii_case(name);
        let earlier = environment[..at]
            .iter()
            .find(|earlier| clashes(&earlier.name.value) && earlier.value.value != var.value.value)
            .map(|earlier| earlier.name.value.as_str());
        let own = || {
            let mut own = TABLE.iter().filter(|row| row.set).map(|row| row.name);
            own.find(|own| clashes(own))
        };
        if let Some(other) = earlier.or_else(own) {
            let message = format!("{shell} treats {other} and {name} as one variable");
            return Err(Error::new(Kind::Config, message)
                .because("the role gives them two values")
                .maybe_at(place(&var.name))
                .hint("remove one of them, assume the role in another shell"));
        }
    }
    Ok(())
}

/// Whether a shell that tells names apart so, and whose environment is
/// `inherited`, can have the variables of a role with this `environment`: it
/// cannot change the case of a name that it has. Asked before a code is.
///
/// # Errors
/// It has one of them in another case.
pub fn check_spelling(
    names: Names,
    shell: &str,
    environment: &[EnvVar],
    inherited: &Pairs,
) -> Result<()> {
    if names == Names::Exact {
        return Ok(());
    }
    let own = TABLE.iter().filter(|row| row.set).map(|row| row.name);
    let own = own.chain(environment.iter().map(|var| var.name.value.as_str()));
    for name in own {
        let Some(have) = spelled(name, inherited) else {
            continue;
        };
        // Both names of the role's name hold the same, so one will do.
        if have != name && !(name == table::ROLE_LOWER && have == table::ROLE) {
            let message =
                format!("{shell} treats {have}, which is set, and {name} as one variable");
            return Err(Error::new(Kind::Usage, message)
                .because("it keeps the spelling that a variable already has")
                .hint(format!(
                    "unset {have} where it is set, and start {shell} anew"
                ))
                .hint("assume the role in another shell"));
        }
    }
    Ok(())
}

/// The name that `inherited` has for what such a shell takes for `name`.
fn spelled<'a>(name: &str, inherited: &'a Pairs) -> Option<&'a str> {
    let same = |have: &&str| have.eq_ignore_ascii_case(name);
    let mut found = inherited
        .iter()
        .filter_map(|(have, _)| have.to_str())
        .filter(same);
    let first = found.next()?;
    // Outside of such a shell there may be several.
    Some(
        found
            .find(|have| *have == name)
            .filter(|_| first != name)
            .unwrap_or(first),
    )
}

/// `changes` for such a shell, whose environment is `inherited`: a variable
/// that is set is not unset by another of its names, nor is one of the person
/// whose name differs by case.
pub fn folded(changes: Vec<VariableChange>, inherited: &Pairs) -> Vec<VariableChange> {
    let is_set = |name: &str| {
        let mut set = changes.iter().filter(|change| change.value.is_some());
        set.any(|change| change.name.eq_ignore_ascii_case(name))
    };
    let keep: Vec<bool> = changes
        .iter()
        .map(|change| {
            let theirs =
                || spelled(&change.name, inherited).is_some_and(|have| have != change.name);
            change.value.is_some() || !is_set(&change.name) && !theirs()
        })
        .collect();
    let mut keep = keep.into_iter();
    let mut changes = changes;
    changes.retain(|_| keep.next().unwrap_or(true));
    changes
}

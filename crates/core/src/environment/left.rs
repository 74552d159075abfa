//! What an earlier role left behind, where nothing can be unset.

use secrecy::ExposeSecret;

use super::table::{ROLE, TABLE};
use super::{Names, Pairs, Variable, into_role, is_in_role, table};
use crate::config::EnvVar;

/// The variables to add for a reader that keeps what it is not told of, and
/// that cannot unset: empty ones, and those that a person had before the role
/// that `inherited` is in. `earlier` is the `environment` of the role that
/// `inherited` names.
///
/// Never a profile, nor a region that no role has set: programs take an empty
/// one for one.
pub fn left_behind(inherited: &Pairs, set: &[Variable], earlier: &[EnvVar]) -> Vec<Variable> {
    let has = |name: &str| {
        let mut found = inherited.iter().filter(|(have, _)| have == name);
        found.next().is_some_and(|(_, value)| !value.is_empty())
    };
    let mut left: Vec<Variable> = Vec::new();
    let mut add = |name: &str, value: &str| {
        let known = |variables: &[Variable]| variables.iter().any(|known| known.name == name);
        if !known(set) && !known(&left) {
            left.push(Variable {
                name: name.to_owned(),
                value: value.into(),
            });
        }
    };
    // A note says what there was; else it is known from what a role sets.
    if is_in_role(inherited) {
        for change in into_role(inherited, set, Names::Exact) {
            let dropped = table::is(&change.name, |row| !row.set && !row.may_be_empty);
            let internal = table::is(&change.name, |row| row.internal);
            if dropped || internal || !has(&change.name) {
                continue;
            }
            let value = change.value.as_ref().map(ExposeSecret::expose_secret);
            match value.map(str::from_utf8) {
                Some(Ok(value)) => add(&change.name, value),
                Some(Err(_)) => {}
                None => add(&change.name, ""),
            }
        }
    } else if has(ROLE) {
        let own = TABLE.iter().filter(|row| row.set && !row.internal);
        let own = own.map(|row| row.name);
        let theirs = earlier.iter().map(|variable| variable.name.value.as_str());
        for name in own.chain(theirs).filter(|name| has(name)) {
            add(name, "");
        }
    }
    let unset = TABLE.iter().filter(|row| !row.set && row.may_be_empty);
    for row in unset.filter(|row| has(row.name)) {
        add(row.name, "");
    }
    left
}

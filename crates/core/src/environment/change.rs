//! What a shell changes to be in a role, and out of it again.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use secrecy::{ExposeSecret as _, SecretSlice};

use super::table::{self, Row, TABLE};
use super::{Names, Pairs, RESTORE, Variable, note, with_role, without_role};

/// A variable as it shall be in a shell. Its value may be secret, and any
/// bytes; without one it is unset.
#[derive(Debug)]
pub struct VariableChange {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Option<SecretSlice<u8>>,
}

/// What a shell whose environment is `inherited` has to change to be in the
/// role that sets `set`. What the role does not set and no role inherits is
/// unset in any case. `names` says how the shell tells names apart.
pub fn into_role(inherited: &Pairs, set: &[Variable], names: Names) -> Vec<VariableChange> {
    let target = with_role(without_role(inherited.clone()), set, names);
    let by_role = |name: &OsStr| name == RESTORE || set.iter().any(|v| name == v.name.as_str());
    let mut changes = difference(inherited, &target, by_role);
    for Row { name, .. } in TABLE {
        if !changes.iter().any(|change| change.name == *name) {
            changes.push(unset(name));
        }
    }
    changes
}

/// What a shell that is in a role changes when its credentials are renewed:
/// what holds them, and when they end. The rest stays as the person has it.
pub fn renewed(inherited: &Pairs, set: &[Variable]) -> Vec<VariableChange> {
    let is_secret = |name: &str| table::is(name, |row| row.set && row.credential);
    let secrets = || set.iter().filter(|variable| is_secret(&variable.name));
    let holds_one = |variable: &Variable| {
        let value = variable.value.expose_secret();
        secrets().any(|secret| value.contains(secret.value.expose_secret()))
    };
    let mut changes = Vec::new();
    for variable in set {
        let name = variable.name.as_str();
        let of_role = inherited.iter().any(|(have, _)| have == name);
        let is_new = table::is(name, |row| row.set && (row.credential || row.time));
        if is_new || of_role && holds_one(variable) {
            changes.extend(put(name.as_ref(), variable.value.expose_secret().as_ref()));
        }
    }
    changes
}

/// What a shell whose environment is `inherited` has to change to be in no
/// role; nothing, if it is in none.
pub fn out_of_role(inherited: &Pairs) -> Vec<VariableChange> {
    if !is_in_role(inherited) {
        return Vec::new();
    }
    difference(inherited, &without_role(inherited.clone()), |_| false)
}

/// What changes the very shell whose environment is `inherited`, which may
/// have variables that it exports to nobody.
#[derive(Debug)]
pub struct InPlace {
    /// The variables to set and to unset.
    pub changes: Vec<VariableChange>,
    /// Names that the role covers, where the shell may have values of its own.
    pub covered: Vec<String>,
    /// Names that a role may have covered, and that are covered no more.
    pub uncovered: Vec<String>,
}

impl InPlace {
    /// Into the role that sets `set`; out of every role, without it.
    pub fn new(inherited: &Pairs, set: Option<&[Variable]>, names: Names) -> Self {
        let mut changes = match set {
            Some(set) => into_role(inherited, set, names),
            None => out_of_role(inherited),
        };
        let is_inherited = |name: &str| inherited.iter().any(|(have, _)| have == name);
        // What the shell exports to nobody does no harm.
        changes.retain(|change| change.value.is_some() || is_inherited(&change.name));
        let set = set.into_iter().flatten().map(|variable| &variable.name);
        let covered = set.filter(|name| !is_inherited(name) && is_of_people(name));
        let covered = covered.cloned().collect();
        let mut uncovered: BTreeSet<String> = match note(inherited) {
            Some(note) => note.into_keys().collect(),
            None => BTreeSet::new(),
        };
        if is_in_role(inherited) {
            let covered = TABLE.iter().filter(|row| row.set || row.is_dropped());
            uncovered.extend(covered.map(|row| row.name.to_owned()));
        }
        for change in changes.iter().filter(|change| change.value.is_some()) {
            uncovered.remove(&change.name);
        }
        uncovered.retain(|name| is_of_people(name));
        Self {
            changes,
            covered,
            uncovered: uncovered.into_iter().collect(),
        }
    }
}

fn is_of_people(name: &str) -> bool {
    !table::is(name, |row| row.internal)
}

/// Whether a role has left its note in `inherited`.
pub fn is_in_role(inherited: &Pairs) -> bool {
    inherited.iter().any(|(name, _)| name == RESTORE)
}

/// What brings back what the first role of a shell drops without a note:
/// credentials, which no other process may inherit. `None` if the shell is in
/// a role already.
pub fn dropped(inherited: &Pairs) -> Option<Vec<VariableChange>> {
    if is_in_role(inherited) {
        return None;
    }
    let dropped = inherited
        .iter()
        .filter(|(name, _)| table::is(name, Row::is_dropped));
    Some(
        dropped
            .filter_map(|(name, value)| put(name, value))
            .collect(),
    )
}

/// What makes `target` of `inherited`; what `always` picks is set even where
/// it is the same.
fn difference(
    inherited: &Pairs,
    target: &Pairs,
    always: impl Fn(&OsStr) -> bool,
) -> Vec<VariableChange> {
    let value = |pairs: &Pairs, name: &OsStr| -> Option<OsString> {
        let found = pairs.iter().find(|(have, _)| have == name);
        found.map(|(_, value)| value.clone())
    };
    let mut changes: Vec<VariableChange> = target
        .iter()
        .filter(|(name, to)| always(name) || value(inherited, name).as_ref() != Some(to))
        .filter_map(|(name, value)| put(name, value))
        .collect();
    let gone = inherited
        .iter()
        .filter(|(name, _)| value(target, name).is_none());
    changes.extend(gone.filter_map(|(name, _)| name.to_str().map(unset)));
    changes
}

fn put(name: &OsStr, value: &OsStr) -> Option<VariableChange> {
    Some(VariableChange {
        name: name.to_str()?.to_owned(),
        value: Some(value.as_encoded_bytes().to_vec().into()),
    })
}

fn unset(name: &str) -> VariableChange {
    VariableChange {
        name: name.to_owned(),
        value: None,
    }
}

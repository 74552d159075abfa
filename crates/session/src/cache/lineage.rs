//! What a cached value comes from, so that `logout` finds all that was obtained
//! by way of something, whatever the files say by then.

use std::collections::HashSet;

use assumerole_core::aws::ids::RoleRef;
use assumerole_core::plan::{CacheKey, Call, Marks, Plan, SourceKind, session_arn};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Cache;

/// Every name of every result on the way to one: roles and profiles as the
/// files call them, ARNs of roles and of their sessions, MFA devices, and the names of the results in the
/// cache. Each alone is reason enough to forget it.
///
/// It stands among the members of the value's own JSON, where a build that does
/// not know it passes over it, and a look-up need not read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lineage {
    lineage: HashSet<String>,
    /// The first credentials, as the cache would name them: those of two
    /// profiles may be the same.
    source: Option<String>,
    /// What tells it from others of its role.
    #[serde(skip_serializing_if = "Option::is_none")]
    marks: Option<Marks>,
}

impl Lineage {
    /// That of result `number` of `plan`, whose keys are `keys`; of its names in
    /// the cache only where there is one, and they are known.
    pub fn of(
        plan: &Plan,
        keys: &[Option<CacheKey>],
        number: usize,
        cache: Option<&Cache>,
    ) -> Self {
        let mut names = HashSet::from([plan.source.profile.value.clone()]);
        match &plan.source.kind {
            SourceKind::WebIdentity(web) => {
                names.insert(web.arn.value.to_string());
                names.insert(session_arn(&web.arn.value, &web.session_name.value));
            }
            SourceKind::Login(login) => {
                names.insert(login.session.value.clone());
            }
            _ => {}
        }
        let steps = plan.steps.iter().take(number);
        for step in steps {
            names.extend(step.device().map(ToString::to_string));
            if let Call::Assume(assume) = &step.call {
                names.insert(assume.name.clone());
                names.insert(assume.arn.value.to_string());
                names.insert(session_arn(&assume.arn.value, &assume.session_name.value));
            }
        }
        if number == plan.steps.len() {
            names.insert(plan.name.clone());
        }
        let mut source = None;
        if let Some(cache) = cache {
            let named = |key: &Option<CacheKey>| key.as_ref().map(|key| cache.entry_name(key));
            source = keys.first().and_then(named);
            names.extend(keys.iter().skip(1).take(number).filter_map(named));
        }
        names.extend(source.clone());
        Self {
            lineage: names,
            source,
            marks: Some(Marks::of(plan, number)),
        }
    }

    /// The first credentials, as the cache would name them.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// What tells it from others of its role; `None` where an earlier build
    /// wrote it.
    pub fn marks(self) -> Option<Marks> {
        self.marks
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.lineage.is_empty()
    }

    /// Whether `is` holds of one of its names.
    pub fn has_any(&self, is: impl Fn(&String) -> bool) -> bool {
        self.lineage.iter().any(is)
    }

    /// Whether it leads through `wanted`, a role or one of its sessions; `more`
    /// is another ARN that it is known by. What an earlier build made does not
    /// say which session of a role it is, and may be any.
    pub fn is_of_role(&self, wanted: &RoleRef, more: Option<&String>) -> bool {
        let names = self.lineage.iter().chain(more);
        let refs = names.filter_map(|name| name.parse::<RoleRef>().ok());
        let refs: Vec<RoleRef> = refs.filter(|one| wanted.is_role_of(one)).collect();
        let mut sessions = refs.iter().filter_map(RoleRef::session).peekable();
        match wanted.session() {
            Some(wanted) if sessions.peek().is_some() => sessions.any(|one| one == wanted),
            _ => !refs.is_empty(),
        }
    }

    /// Puts it among the members of `value`, a JSON object.
    pub(super) fn add_to(&self, value: &Zeroizing<Vec<u8>>) -> Option<Zeroizing<Vec<u8>>> {
        let own = serde_json::to_vec(self).ok()?;
        let object = value.strip_suffix(b"}")?;
        // Sized at once, so that no half-grown buffer with secrets is left.
        let mut bytes = Zeroizing::new(Vec::with_capacity(object.len() + own.len()));
        bytes.extend_from_slice(object);
        bytes.push(b',');
        bytes.extend_from_slice(own.get(1..)?);
        Some(bytes)
    }

    /// Reads what [`Self::add_to`] made; empty where an earlier build wrote the
    /// value.
    pub(super) fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Entry;
    use super::super::entry::tests::entry;
    use super::*;

    #[test]
    fn it_is_a_member_that_others_pass_over() {
        let made = entry("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z");
        let plain = made.encode().unwrap();
        assert_eq!(Lineage::read(&plain), Lineage::default());
        let lineage = Lineage {
            lineage: HashSet::from(["a".to_owned(), "\"b\\".to_owned()]),
            source: Some("c".to_owned()),
            marks: Some(Marks {
                narrowed: vec!["read-only".to_owned()],
                ..Marks::default()
            }),
        };
        let bytes = lineage.add_to(&plain).unwrap();
        assert_eq!(Lineage::read(&bytes), lineage);
        assert_eq!(Entry::decode(&bytes).unwrap().about, made.about);
        assert_eq!(Lineage::read(b""), Lineage::default());
        assert!(lineage.add_to(&Zeroizing::new(b"[]".to_vec())).is_none());
    }
}

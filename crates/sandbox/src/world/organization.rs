//! An organization: accounts in a tree of units.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::World;
use crate::arn::is_account;

/// An organization of AWS Organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Such as `o-exampleorgid`.
    pub id: String,
    /// The account that manages it.
    pub management: String,
    /// The accounts that may look at it, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegated: Vec<String>,
    /// The units below the root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<OrganizationUnit>,
    /// The accounts.
    #[serde(default)]
    pub accounts: Vec<OrganizationAccount>,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationUnit {
    /// Such as `ou-abcd-11111111`.
    pub id: String,
    /// Any text.
    pub name: String,
    /// The unit that it is in; none: the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationAccount {
    /// 12 digits.
    pub id: String,
    /// Any text.
    pub name: String,
    /// `ACTIVE`, or another one of [`STATES`].
    #[serde(default = "active")]
    pub state: String,
    /// The unit that it is in; none: the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// The states of accounts.
const STATES: [&str; 5] = [
    "PENDING_ACTIVATION",
    "ACTIVE",
    "SUSPENDED",
    "PENDING_CLOSURE",
    "CLOSED",
];

fn active() -> String {
    "ACTIVE".to_owned()
}

/// The root of every organization here.
pub(crate) const ROOT_ID: &str = "r-abcd";

impl Organization {
    /// An organization that the account `management` manages.
    pub fn new(id: impl Into<String>, management: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            management: management.into(),
            delegated: Vec::new(),
            units: Vec::new(),
            accounts: Vec::new(),
        }
    }

    /// Lets the account `id` look at it, too.
    #[must_use]
    pub fn delegated_to(mut self, id: impl Into<String>) -> Self {
        self.delegated.push(id.into());
        self
    }

    /// Adds a unit; `parent` is that of a unit, or empty for the root.
    #[must_use]
    pub fn unit(mut self, id: impl Into<String>, name: impl Into<String>, parent: &str) -> Self {
        self.units.push(OrganizationUnit {
            id: id.into(),
            name: name.into(),
            parent: below(parent),
        });
        self
    }

    /// Adds an account; `parent` as for a unit.
    #[must_use]
    pub fn account(mut self, id: impl Into<String>, name: impl Into<String>, parent: &str) -> Self {
        self.accounts.push(OrganizationAccount {
            id: id.into(),
            name: name.into(),
            state: active(),
            parent: below(parent),
        });
        self
    }

    /// Puts the account that was added last in another state.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        if let Some(last) = self.accounts.last_mut() {
            state.clone_into(&mut last.state);
        }
        self
    }

    /// Whether `account` may look at it.
    pub(crate) fn shows_itself_to(&self, account: &str) -> bool {
        self.management == account || self.delegated.iter().any(|id| id == account)
    }

    /// Whether there is a root or a unit of that ID.
    pub(crate) fn has_parent(&self, id: &str) -> bool {
        id == ROOT_ID || self.units.iter().any(|unit| unit.id == id)
    }
}

fn below(parent: &str) -> Option<String> {
    (!parent.is_empty()).then(|| parent.to_owned())
}

/// Whether the organization is one that AWS could have.
///
/// # Errors
/// One sentence about what is not.
pub(super) fn check(world: &World) -> Result<(), String> {
    let Some(organization) = &world.organization else {
        return Ok(());
    };
    let wrong = |what: String| Err(format!("organization {}: {what}", organization.id));
    let low = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_id = |text: &str, start: &str| {
        let rest = text.strip_prefix(start);
        rest.is_some_and(|rest| rest.len() >= 8 && rest.bytes().all(low))
    };
    if !is_id(&organization.id, "o-") {
        return wrong("its ID is none".to_owned());
    }
    let mut seen = HashSet::new();
    let there = |parent: &Option<String>| {
        let parent = parent.as_deref();
        parent.is_none_or(|id| organization.has_parent(id) && id != ROOT_ID)
    };
    for unit in &organization.units {
        if !is_id(&unit.id, "ou-abcd-") || !seen.insert(&unit.id) {
            return wrong(format!("unit {:?} has no ID of its own", unit.id));
        }
        if !there(&unit.parent) || unit.parent.as_ref() == Some(&unit.id) {
            return wrong(format!("unit {} is in no other unit", unit.id));
        }
    }
    for account in &organization.accounts {
        let is_whole = is_account(&account.id)
            && seen.insert(&account.id)
            && STATES.contains(&account.state.as_str());
        if !is_whole || !there(&account.parent) {
            return wrong(format!(
                "account {:?} is none, is there twice, or has no unit or no state",
                account.id
            ));
        }
    }
    Ok(())
}

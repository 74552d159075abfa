//! AWS Organizations: the calls that walk through its tree of accounts.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

use assumerole_core::aws::ids::AccountId;
use assumerole_core::diagnostic::Id;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Credentials, Error};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::call::CallError;
use crate::connection::{Connection, Now};
use crate::failure::Reason;
use crate::json::{self, JsonService};
use crate::sso::ListPage;

const ORGANIZATIONS: JsonService = JsonService {
    name: "organizations",
    target: "AWSOrganizationsV20161128",
};

/// The most that is given at once.
const PAGE: u8 = 20;

/// Whoever asks: the connection, the keys and the clock.
pub struct OrganizationDoor<'a> {
    /// Where to.
    pub connection: &'a Connection,
    /// Of a role of the account that manages the organization, or of one that it
    /// lets look.
    pub keys: &'a Credentials,
    /// Our clock.
    pub now: &'a Now,
}

/// The root of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRoot {
    /// Its ID.
    pub id: String,
    /// The organization's ID.
    pub organization: String,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationUnit {
    /// Its ID.
    pub id: String,
    /// Its name; any text.
    pub name: String,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberAccount {
    /// Its ID.
    pub id: AccountId,
    /// Its name; any text.
    pub name: String,
    /// The address of its root user; any text.
    pub email: String,
    /// Whether it can be used: it is not closed or suspended.
    pub is_active: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ListAnswer {
    roots: Vec<ListedMember>,
    organizational_units: Vec<ListedMember>,
    accounts: Vec<ListedMember>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ListedMember {
    id: String,
    arn: String,
    name: String,
    email: String,
    state: Option<String>,
    /// What was there before `State`.
    status: Option<String>,
}

impl OrganizationDoor<'_> {
    /// The roots, of which there is one.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub fn roots(&self, next: Option<&str>) -> Result<ListPage<OrganizationRoot>, CallError> {
        let answer: ListAnswer = self.ask("ListRoots", None, next)?;
        let root = |listed: ListedMember| {
            let organization = organization_of(&listed.arn)?.to_owned();
            is_parent(&listed.id).then_some(OrganizationRoot {
                id: listed.id,
                organization,
            })
        };
        Ok(ListPage {
            items: answer.roots.into_iter().filter_map(root).collect(),
            next: ListPage::<()>::next(answer.next_token.as_deref()),
        })
    }

    /// The units that are in `parent` itself.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub fn units(
        &self,
        parent: &str,
        next: Option<&str>,
    ) -> Result<ListPage<OrganizationUnit>, CallError> {
        let name = "ListOrganizationalUnitsForParent";
        let answer: ListAnswer = self.ask(name, Some(parent), next)?;
        let unit = |listed: ListedMember| {
            is_parent(&listed.id).then_some(OrganizationUnit {
                id: listed.id,
                name: listed.name,
            })
        };
        let units = answer.organizational_units.into_iter();
        Ok(ListPage {
            items: units.filter_map(unit).collect(),
            next: ListPage::<()>::next(answer.next_token.as_deref()),
        })
    }

    /// The accounts that are in `parent` itself.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub fn accounts(
        &self,
        parent: &str,
        next: Option<&str>,
    ) -> Result<ListPage<MemberAccount>, CallError> {
        let answer: ListAnswer = self.ask("ListAccountsForParent", Some(parent), next)?;
        let account = |listed: ListedMember| {
            let state = listed.state.or(listed.status);
            Some(MemberAccount {
                id: listed.id.parse().ok()?,
                name: listed.name,
                email: listed.email,
                is_active: state.as_deref().is_none_or(|state| state == "ACTIVE"),
            })
        };
        Ok(ListPage {
            items: answer.accounts.into_iter().filter_map(account).collect(),
            next: ListPage::<()>::next(answer.next_token.as_deref()),
        })
    }

    fn ask<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        parent: Option<&str>,
        next: Option<&str>,
    ) -> Result<T, CallError> {
        let mut body = json!({"MaxResults": PAGE});
        if let Some(parent) = parent {
            body["ParentId"] = parent.into();
        }
        if let Some(next) = next {
            body["NextToken"] = next.into();
        }
        let (connection, keys) = (self.connection, self.keys);
        let answer = ORGANIZATIONS.call(operation, connection, keys, self.now, &body)?;
        Ok(answer.value)
    }
}

/// The failure of `operation` as a person reads it, who calls the role `role`.
pub fn explain(error: &CallError, connection: &Connection, role: &str) -> Error {
    let CallError::Aws(failure) = error else {
        return json::explain(error, connection, role, "");
    };
    let action = format!("organizations:{}", failure.operation);
    let explained = json::explain(error, connection, role, &action);
    // Who has the permission, and stands in an account that may not look, is told
    // less.
    let is_member = failure.reason == Reason::NotAuthorized && !failure.message.contains(&action);
    let code = failure.code.as_deref();
    if is_member || code == Some("AWSOrganizationsNotInUseException") {
        return failure.with_hints(vec![format!(
            "use a role of the account that manages the organization, or of a delegated administrator; {} is none",
            argument(role)
        )]);
    }
    match explained.id() {
        Id::Throttled => explained.hint("run it again later: AWS counts the requests of all"),
        _ => explained,
    }
}

/// `arn:aws:organizations::123456789012:root/o-exampleorgid/r-abcd`
fn organization_of(arn: &str) -> Option<&str> {
    let id = arn.split_once(":root/")?.1.split('/').next()?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (id.starts_with("o-") && id.len() <= 34 && id.bytes().all(fits)).then_some(id)
}

/// A root or a unit: what is none is not asked for.
fn is_parent(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (id.starts_with("r-") || id.starts_with("ou-")) && id.len() <= 100 && id.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let arn = "arn:aws:organizations::123456789012:root/o-exampleorgid/r-abcd";
        assert_eq!(organization_of(arn), Some("o-exampleorgid"));
        for wrong in [
            "",
            "arn:aws:organizations::1:root/",
            "x:root/r-1",
            "x:root/o-é/r",
        ] {
            assert_eq!(organization_of(wrong), None, "{wrong}");
        }
        assert!(is_parent("r-abcd") && is_parent("ou-abcd-11111111"));
        assert!(!is_parent("") && !is_parent("x") && !is_parent("ou-A"));
    }

    #[test]
    fn old_and_new_states() {
        let read = |text: &str| {
            let answer: ListAnswer = serde_json::from_str(text).unwrap();
            (answer.accounts.len(), answer.next_token)
        };
        assert_eq!(read("{}"), (0, None));
        assert_eq!(
            read(r#"{"Accounts":[{"Id":"1","Status":"ACTIVE"}],"NextToken":"x"}"#),
            (1, Some("x".to_owned()))
        );
    }
}

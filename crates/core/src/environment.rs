//! What a role changes in the environment of what runs in it, and how the
//! role before it is taken back.
//!
//! A role's shell may be opened inside another's. So that nothing of the outer
//! one is left, each notes in [`RESTORE`] what it changed and what was there
//! before, secrets excepted; the inner one undoes that first.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use secrecy::{ExposeSecret, SecretString};

use crate::Credentials;
use crate::config::EnvVar;
use crate::error::{Error, Kind, Result};
use crate::expand::expand;
use crate::ids::{AccountId, Region};
use crate::text::{Snippet, Spanned};

/// The note for the next `assumerole`: JSON, name → value before or null.
pub const RESTORE: &str = "ASSUMEROLE_RESTORE";

/// Set by every role; never inherited.
pub const OWN: [&str; 11] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_ACCOUNT",
    "aws_account",
    "AWS_ACCOUNT_ID",
    "AWS_EXPIRATION",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWSUME_PROFILE",
];

/// Dropped at the start, so that one session never stacks on another by
/// accident, and never noted in [`RESTORE`].
const DROPPED: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    // The token's old name, which botocore prefers to the new one.
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    // Its old name, which botocore still prefers.
    "AWS_DEFAULT_PROFILE",
    "CODEARTIFACT_AUTH_TOKEN",
];

/// A variable that is set. Values may be secret; `Debug` shows none.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretString,
}

/// What a role sets.
#[derive(Debug)]
pub struct Given<'a> {
    /// The role's name in the person's file.
    pub role: &'a str,
    /// The role's account.
    pub account: &'a AccountId,
    /// The region to export.
    pub region: Option<&'a Region>,
    /// The credentials.
    pub credentials: &'a Credentials,
    /// The role's own `environment`, unexpanded.
    pub extra: &'a [EnvVar],
}

/// An environment: pairs, in order.
pub type Pairs = Vec<(OsString, OsString)>;

/// `inherited` as it was before any role: the outer role is taken back,
/// credentials and profile are dropped.
pub fn without_role(inherited: Pairs) -> Pairs {
    let note = inherited
        .iter()
        .find(|(name, _)| name == RESTORE)
        .and_then(|(_, value)| value.to_str())
        .and_then(|text| serde_json::from_str::<BTreeMap<String, Option<String>>>(text).ok());
    let nested = note.is_some();
    let note = note.unwrap_or_default();
    let gone = |name: &OsStr| {
        name == RESTORE
            || note.keys().any(|noted| name == noted.as_str())
            || (nested && OWN.iter().any(|own| name == *own))
            || DROPPED.iter().any(|dropped| name == *dropped)
    };
    let mut pairs: Pairs = inherited
        .into_iter()
        .filter(|(name, _)| !gone(name))
        .collect();
    for (name, before) in note {
        if let Some(before) = before.filter(|_| !gone_for_good(&name)) {
            pairs.push((name.into(), before.into()));
        }
    }
    pairs
}

/// A note, whoever wrote it, never brings back what is dropped.
fn gone_for_good(name: &str) -> bool {
    DROPPED.contains(&name) || name == RESTORE || !is_name(name)
}

/// Whether `name` can be a variable's name.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// The variables that a role sets. `$NAME` in the role's own `environment`
/// is looked up in what this role sets, earlier entries included, then in
/// `base`.
///
/// # Errors
/// A name in `environment` that is not set; `place` says where it stands.
pub fn variables(
    given: &Given<'_>,
    base: &Pairs,
    home: Option<&str>,
    place: &dyn Fn(&Spanned<String>) -> Option<Snippet>,
) -> Result<Vec<Variable>> {
    let mut set: Vec<Variable> = Vec::new();
    let mut put = |name: &str, value: &str| {
        set.push(Variable {
            name: name.to_owned(),
            value: value.into(),
        });
    };
    put("AWS_ACCESS_KEY_ID", &given.credentials.access_key_id);
    put(
        "AWS_SECRET_ACCESS_KEY",
        given.credentials.secret_access_key.expose_secret(),
    );
    if let Some(token) = &given.credentials.session_token {
        put("AWS_SESSION_TOKEN", token.expose_secret());
    }
    if let Some(region) = given.region {
        put("AWS_DEFAULT_REGION", region.as_str());
        put("AWS_REGION", region.as_str());
    }
    for name in ["AWS_ACCOUNT", "aws_account", "AWSUME_PROFILE"] {
        put(name, given.role);
    }
    put("AWS_ACCOUNT_ID", given.account.as_str());
    if let Some(expires) = given.credentials.expires {
        for name in ["AWS_EXPIRATION", "AWS_CREDENTIAL_EXPIRATION"] {
            put(name, &expires.to_string());
        }
    }
    for EnvVar { name, value } in given.extra {
        let expanded = {
            let lookup = |wanted: &str| look_up(wanted, &set, base);
            expand(&value.value, lookup, home)
        };
        let expanded = expanded.map_err(|why| {
            Error::new(
                Kind::Config,
                format!(
                    "the value of {} in the environment of role {} cannot be expanded",
                    name.value, given.role
                ),
            )
            .because(why)
            .maybe_at(place(value))
            .hint("set that variable first, or take the name out of the value")
        })?;
        set.retain(|v| v.name != name.value);
        set.push(Variable {
            name: name.value.clone(),
            value: expanded.into(),
        });
    }
    Ok(set)
}

fn look_up(wanted: &str, set: &[Variable], base: &Pairs) -> Option<String> {
    let ours = set.iter().find(|v| v.name == wanted);
    ours.map(|v| v.value.expose_secret().to_owned())
        .or_else(|| {
            let (_, value) = base.iter().find(|(name, _)| name == wanted)?;
            value.to_str().map(str::to_owned)
        })
}

/// The whole environment of what runs in the role: `base` (from
/// [`without_role`]) with `set` on top and the note for the next one.
pub fn with_role(base: Pairs, set: &[Variable]) -> Pairs {
    let changed: Vec<&str> = set.iter().map(|v| v.name.as_str()).chain(OWN).collect();
    let mut note: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for name in changed.iter().filter(|name| !DROPPED.contains(name)) {
        let before = base.iter().find(|(have, _)| have == *name);
        // A value that is not text cannot be noted: it is simply gone.
        note.insert(name, before.and_then(|(_, value)| value.to_str()));
    }
    let note = serde_json::to_string(&note).unwrap_or_default();
    let mut pairs: Pairs = base
        .into_iter()
        .filter(|(name, _)| !changed.iter().any(|changed| name == changed))
        .collect();
    pairs.extend(set.iter().map(|v| {
        (
            OsString::from(&v.name),
            OsString::from(v.value.expose_secret()),
        )
    }));
    pairs.push((RESTORE.into(), note.into()));
    pairs
}

#[cfg(test)]
mod tests;

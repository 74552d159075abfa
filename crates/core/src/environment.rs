//! What a role changes in the environment of what runs in it, and how the
//! role before it is taken back.
//!
//! A role's shell may be opened inside another's. So that nothing of the outer
//! one is left, each notes in [`RESTORE`] what it changed and what was there
//! before, secrets excepted; the inner one undoes that first. Which variables
//! these are says [`table`].

pub mod agents;
mod case;
mod change;
pub mod expand;
mod left;
pub mod sdks;
mod served;
pub mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use jiff::Timestamp;

use crate::Credentials;
use crate::aws::ids::{AccountId, Region};
use crate::config::{EnvVar, Label};
use crate::diagnostic::text::{Snippet, Spanned};
use crate::diagnostic::{Error, Kind, Result};
use crate::environment::expand::{Unset, expand};
use crate::shell::expiry::{self, Look};
use crate::shell::note::for_shells;

pub use case::{Names, check_names, check_spelling, folded};
pub use change::{InPlace, VariableChange, dropped, into_role, is_in_role, out_of_role, renewed};
pub use left::left_behind;
pub use served::{AwsFileCopies, Server, served};
use table::{Before, Row, TABLE};
pub use table::{CHECK_AT, EXPIRES, FLAGS, PROD, RESTORE, SESSION};

/// A variable that is set. Values may be secret; `Debug` shows none.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretString,
}

/// A value in the note: text, or bytes that are none.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Noted {
    Text(String),
    Bytes(Vec<u8>),
}

impl Noted {
    fn of(value: &OsStr) -> Self {
        match value.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(value.as_encoded_bytes().to_vec()),
        }
    }

    /// `None` for what cannot be the value of a variable.
    fn value(self) -> Option<OsString> {
        let value = match self {
            Self::Text(text) => OsString::from(text),
            #[cfg(unix)]
            Self::Bytes(bytes) => std::os::unix::ffi::OsStringExt::from_vec(bytes),
            #[cfg(not(unix))]
            Self::Bytes(_) => return None,
        };
        (!value.as_encoded_bytes().contains(&0)).then_some(value)
    }
}

/// What a role sets.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The role's name in the person's file.
    pub role: &'a str,
    /// The role's account, where it is known.
    pub account: Option<&'a AccountId>,
    /// The region to export.
    pub region: Option<&'a Region>,
    /// The credentials.
    pub credentials: &'a Credentials,
    /// When they end by this machine's clock.
    pub ends: Option<Timestamp>,
    /// What time it is.
    pub now: Timestamp,
    /// The flags that the role was assumed with.
    pub flags: &'a [String],
    /// What is written down of the session: the value of [`SESSION`].
    pub note: Option<&'a str>,
    /// What people sort roles by.
    pub tags: &'a [Label],
    /// `environment`, that of all roles and the role's own, unexpanded.
    pub extra: &'a [EnvVar],
}

/// The name and the value of a variable.
pub type Pair = (OsString, OsString);

/// An environment: pairs, in order.
pub type Pairs = Vec<Pair>;

/// What the role that `inherited` is in has left.
fn note(inherited: &Pairs) -> Option<BTreeMap<String, Option<Noted>>> {
    let (_, text) = inherited.iter().find(|(name, _)| name == RESTORE)?;
    serde_json::from_str(text.to_str()?).ok()
}

/// `inherited` as it was before any role: the outer role is taken back,
/// credentials and profile are dropped.
pub fn without_role(inherited: Pairs) -> Pairs {
    let note = note(&inherited);
    let nested = note.is_some();
    let note = note.unwrap_or_default();
    let gone = |name: &OsStr| {
        name == RESTORE
            || note.keys().any(|noted| name == noted.as_str())
            || table::is(name, |row| row.is_dropped() || nested && row.set)
    };
    let mut pairs: Pairs = inherited
        .into_iter()
        .filter(|(name, _)| !gone(name))
        .collect();
    for (name, before) in note {
        let before = before.filter(|_| !gone_for_good(&name));
        if let Some(before) = before.and_then(Noted::value) {
            pairs.push((name.into(), before));
        }
    }
    pairs
}

/// A note, whoever wrote it, never brings back what is dropped.
fn gone_for_good(name: &str) -> bool {
    table::is(name, Row::is_dropped) || name == RESTORE || !is_name(name)
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
    base: &[Pair],
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
    put(table::ACCESS_KEY_ID, &given.credentials.access_key_id);
    put(
        table::SECRET_ACCESS_KEY,
        given.credentials.secret_access_key.expose_secret(),
    );
    if let Some(token) = &given.credentials.session_token {
        put(table::SESSION_TOKEN, token.expose_secret());
    }
    if let Some(region) = given.region {
        put(table::DEFAULT_REGION, region.as_str());
        put(table::REGION, region.as_str());
    }
    for name in [table::ROLE, table::ROLE_LOWER, table::ROLE_OF_PROMPTS] {
        put(name, given.role);
    }
    if let Some(account) = given.account {
        put(table::ACCOUNT_ID, account.as_str());
    }
    if let Some(expires) = given.credentials.expires {
        for name in [table::EXPIRATION, table::CREDENTIAL_EXPIRATION] {
            put(name, &expires.to_string());
        }
    }
    if let Some(ends) = given.ends.map(Timestamp::as_second) {
        put(EXPIRES, &ends.to_string());
        let look = expiry::next_look(&Look::Well, ends, given.now.as_second());
        if let Some(look) = look {
            put(CHECK_AT, &look.to_string());
        }
    }
    if !given.flags.is_empty() {
        put(FLAGS, &shell_words::join(given.flags));
    }
    if let Some(note) = given.note {
        put(SESSION, note);
    }
    if given.tags.iter().any(is_prod) {
        put(PROD, "1");
    }
    let mut length = 0;
    for EnvVar { name, value } in given.extra {
        let expanded = {
            let lookup = |wanted: &str| look_up(wanted, &set, base);
            expand(&value.value, lookup, home)
        };
        let expanded = expanded.and_then(|text| {
            length += text.len();
            if length > MOST {
                Err(Unset::TooLong)
            } else {
                Ok(text)
            }
        });
        let expanded = expanded.map_err(|why| {
            Error::new(
                Kind::Config,
                format!(
                    "the value of {} in the environment of role {} cannot be expanded",
                    name.value, given.role
                ),
            )
            .hint(match why {
                Unset::TooLong => "shorten the values: no program can be started with that much",
                _ => "set that variable first, or take the name out of the value",
            })
            .because(why)
            .maybe_at(place(value))
        })?;
        set.retain(|v| v.name != name.value);
        set.push(Variable {
            name: name.value.clone(),
            value: expanded.into(),
        });
    }
    Ok(set)
}

/// The most bytes of all values of `environment`.
const MOST: usize = 2 * 1024 * 1024;

/// `["prod"]`, `{"prod": …}` or `{"stage": "prod"}`.
fn is_prod(label: &Label) -> bool {
    let is = |text: &str| text.eq_ignore_ascii_case("prod");
    is(&label.name) || label.value.as_deref().is_some_and(is)
}

fn look_up(wanted: &str, set: &[Variable], base: &[Pair]) -> Option<String> {
    let ours = set.iter().find(|v| v.name == wanted);
    ours.map(|v| v.value.expose_secret().to_owned())
        .or_else(|| {
            let (_, value) = base.iter().find(|(name, _)| name == wanted)?;
            value.to_str().map(str::to_owned)
        })
}

/// The whole environment of what runs in the role: `base` (from
/// [`without_role`]) with `set` on top, without what would be taken in the
/// role's place, and with the note for the next one. It is for a program that
/// tells names apart as `case` says: there, what has the name of a variable of
/// the role in another case gives way, too.
pub fn with_role(base: Pairs, set: &[Variable], case: Names) -> Pairs {
    let noted = |name: &str| table::row(name).is_none_or(|row| row.before == Before::Noted);
    let names = || set.iter().map(|v| v.name.as_str());
    // What a role may set is unset when it ends; what it only takes away comes
    // back where it was.
    let own = TABLE.iter().filter(|row| row.set).map(|row| row.name);
    let mut note: BTreeMap<Cow<'_, str>, Option<Noted>> = names()
        .chain(own)
        .filter(|name| noted(name))
        .map(|name| (name.into(), None))
        .collect();
    let mut pairs: Pairs = Vec::with_capacity(base.len() + set.len() + 1);
    for (name, value) in base {
        let row = table::row(&name).map(|row| row.name);
        let Some(changed) = row.or_else(|| names().find(|own| case.same(&name, own))) else {
            pairs.push((name, value));
            continue;
        };
        if noted(changed) {
            let name = match name == *changed {
                true => changed.into(),
                false => name.to_string_lossy().into_owned().into(),
            };
            note.entry(name)
                .or_default()
                .get_or_insert_with(|| Noted::of(&value));
        }
    }
    let note = for_shells(serde_json::to_string(&note).unwrap_or_default());
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

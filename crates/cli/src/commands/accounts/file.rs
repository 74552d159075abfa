//! The file of the roles of accounts: all of it is ours, and written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assumerole_core::config::written_role;
use assumerole_core::diagnostic::suggest::nearest;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::{self, Holds, Original, Replaced};
use assumerole_host::lock::{Lock, LockError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::App;
use crate::role_file;

/// Writing takes milliseconds; whoever holds the lock longer has been stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the file says of itself.
const ABOUT: &str = "Written by assumerole accounts sync, which writes it anew each time. Roles of your own belong into the file without .accounts.";

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AccountsFile {
    about: String,
    /// By the IDs of organizations.
    pub(super) organizations: BTreeMap<String, RolesOf>,
    pub(super) assume_roles: BTreeMap<String, Value>,
}

/// The roles of an organization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RolesOf {
    /// The role of `~/.assumerole` that those of accounts are like.
    pub(super) like: String,
    /// What they are called.
    pub(super) name: String,
    /// Those that were written for it.
    pub(super) roles: BTreeSet<String>,
}

/// What would become of the file.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) added: Vec<String>,
    pub(super) changed: Vec<String>,
    /// Of accounts that are gone or closed, or have other names now.
    pub(super) gone: Vec<String>,
}

impl Changed {
    /// Whether the file stays as it is.
    pub(super) fn is_none(&self, prune: bool) -> bool {
        self.added.is_empty() && self.changed.is_empty() && (self.gone.is_empty() || !prune)
    }
}

impl AccountsFile {
    /// The file as it is; empty where there is none.
    ///
    /// # Errors
    /// It cannot be read, or was not written by us.
    pub(super) fn read(app: &App<'_>) -> Result<Self> {
        // What is wrong with it as a file of roles is said with its place.
        crate::files::accounts(&app.places)?;
        let path = app.places.accounts();
        let bytes = fs::read_regular(&path, fs::LARGEST);
        let bytes = bytes.map_err(|error| error.into_error(Kind::Config))?;
        match bytes {
            Some(bytes) => Self::of(app, &bytes),
            None => Ok(Self::default()),
        }
    }

    fn of(app: &App<'_>, bytes: &[u8]) -> Result<Self> {
        let foreign = |error: serde_json::Error| {
            let shown = app.places.show(&app.places.accounts());
            Error::new(
                Kind::Config,
                format!("cannot use {shown}: it has another form"),
            )
            .because(error)
            .hint("put what you wrote there into ~/.assumerole, and remove the file")
        };
        serde_json::from_slice(bytes).map_err(foreign)
    }

    /// Puts the `roles` of the organization `id`, made like `like` and named by
    /// `name`, in the place of those that were there; those that are gone stay, unless
    /// `prune`.
    pub(super) fn put(
        &mut self,
        id: &str,
        (like, name): (&str, &str),
        roles: BTreeMap<String, Value>,
        prune: bool,
    ) -> Changed {
        ABOUT.clone_into(&mut self.about);
        let mut changed = Changed::default();
        let own = self.organizations.entry(id.to_owned()).or_default();
        like.clone_into(&mut own.like);
        name.clone_into(&mut own.name);
        changed.gone = own
            .roles
            .iter()
            .filter(|name| !roles.contains_key(*name))
            .cloned()
            .collect();
        if prune {
            for name in &changed.gone {
                own.roles.remove(name);
                self.assume_roles.remove(name);
            }
        }
        for (name, role) in roles {
            own.roles.insert(name.clone());
            match self.assume_roles.insert(name.clone(), role.clone()) {
                None => changed.added.push(name),
                Some(before) if before != role => changed.changed.push(name),
                Some(_) => {}
            }
        }
        changed
    }
}

/// Gives the file the content that `change` makes of the one that it has.
///
/// # Errors
/// It cannot be read or written.
pub(super) fn edit(app: &App<'_>, change: impl FnOnce(&mut AccountsFile)) -> Result<()> {
    // Of two who write at once the second builds on what the first wrote.
    let dir = app.state_dir().ok();
    let clock = &*app.host.clock;
    let lock = dir.map(|dir| Lock::acquire(dir, "accounts.lock", clock, PATIENCE, &mut |_| {}));
    let _lock = match lock {
        None | Some(Err(LockError::Io(_))) => None,
        Some(Ok(lock)) => Some(lock),
        Some(Err(error @ LockError::TimedOut { .. })) => return Err(error.into()),
    };
    let path = app.places.accounts();
    let original = Original::open(&path, fs::LARGEST);
    let original = original.map_err(|error| error.into_error(Kind::Config))?;
    let mut file = match original.content() {
        Some(bytes) => AccountsFile::of(app, bytes)?,
        None => AccountsFile::default(),
    };
    change(&mut file);
    let text = serde_json::to_string_pretty(&file)
        .map_err(|error| Error::new(Kind::Failed, "JSON cannot be written").because(error))?;
    // What the template has in its variables may be a secret.
    match original.replace(format!("{text}\n").as_bytes(), Holds::Login)? {
        Replaced::Overtaken => Err(role_file::overtaken(&app.places.show(&path))),
        _ => Ok(()),
    }
}

/// The role `like` of the person's own file, as it is written there, with the
/// values that do not depend on the account.
///
/// # Errors
/// There is none, or it is wrong.
pub(super) fn template(app: &App<'_>, like: &str) -> Result<Map<String, Value>> {
    let config = app.config()?;
    let missing = || {
        let own = config.path();
        let message = format!("there is no role {like:?} in {own} to make others like it");
        let names = config.role_names();
        let near = nearest(like, names.iter().map(String::as_str), 3);
        Error::new(Kind::UnknownName, message)
            .suggest(&near)
            .hint("name one that is written there: --like ROLE")
    };
    let text = role_file::text(app)?;
    let text = match text.trim_start_matches('\u{feff}').trim().is_empty() {
        true => return Err(missing()),
        false => text,
    };
    let written = written_role(config.path(), &text, like)?.ok_or_else(missing)?;
    // What is wrong with it is said with its place.
    let role = config.role(like)?.ok_or_else(missing)?;
    let mut entry: Map<String, Value> = serde_json::from_str(&written)
        .map_err(|error| Error::new(Kind::Config, format!("role {like} is none")).because(error))?;
    entry.insert(
        "aws_role".to_owned(),
        role.aws_role.value.to_string().into(),
    );
    Ok(entry)
}

//! Where a key stands that is replaced: in the store under some names, in
//! profiles of `~/.aws`, or in both.

use assumerole_core::aws_config::{AwsFile, AwsFiles, FileKind, SectionName};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{SourceKind, Target};
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_session::sources;
use assumerole_session::stored_keys::{Rotation, StoredKey, StoredKeys, Unlocked, no_key};
use secrecy::ExposeSecret as _;

use super::super::file::edit;
use super::super::open;
use crate::app::App;

/// The places of one key.
pub(super) struct KeyPlaces {
    stored: Vec<StoredKey>,
    files: Vec<FileKind>,
}

/// The store of keys, unlocked.
pub(super) struct OpenStore {
    pub(super) store: StoredKeys,
    unlocked: Unlocked,
}

/// The ID of the key of profile `name`.
///
/// # Errors
/// There is no such profile, or what it has is no long-term key.
pub(super) fn key_of(app: &App<'_>, name: &str) -> Result<String> {
    let shown = one_line(name);
    let is_there = app.aws_files()?.profile(name).is_some();
    if !is_there {
        let error = Error::new(Kind::UnknownName, format!("there is no profile {shown}"));
        return Err(error.hint("see the profiles: aws configure list-profiles"));
    }
    let plan = app.plan(&Target::Profile(name.to_owned()), &Request::default())?;
    match (plan.role(), &plan.source.kind) {
        (None, SourceKind::Stored { access_key_id, .. })
        | (
            None,
            SourceKind::Keys {
                access_key_id,
                token_from: None,
                ..
            },
        ) => Ok(access_key_id.value.clone()),
        _ => Err(
            Error::new(Kind::Usage, format!("profile {shown} has no long-term key"))
                .because(format!("it starts at {}", plan.source.describe()))
                .hint(format!(
                    "name the profile that has the key: assumerole plan {shown}"
                )),
        ),
    }
}

/// The key of profile `name`, with its secret.
///
/// # Errors
/// The store is locked, or there is no key.
pub(super) fn keys(app: &App<'_>, name: &str, store: Option<&OpenStore>) -> Result<Credentials> {
    let plan = app.plan(&Target::Profile(name.to_owned()), &Request::default())?;
    match (&plan.source.kind, store) {
        (SourceKind::Stored { name, .. }, Some(store)) => store.store.read(&store.unlocked, name),
        (SourceKind::Stored { name, .. }, None) => {
            let store = open::needed(app)?;
            let unlocked = store.unlock(&open::desk(app)?)?;
            store.read(&unlocked, name)
        }
        _ => sources::of_profile(app.aws_files()?, name),
    }
}

/// The new key, if a run before this has kept it: sealed, or in a place that it
/// has taken already.
///
/// # Errors
/// It cannot be read.
pub(super) fn kept(
    app: &App<'_>,
    store: Option<&OpenStore>,
    rotation: &Rotation,
) -> Result<Option<Credentials>> {
    let new = rotation.new.as_ref().map(|(id, _)| id.as_str());
    if let Some(OpenStore { store, unlocked }) = store {
        if let Some(next) = store.next(unlocked, &rotation.old)? {
            return Ok(Some(next));
        }
        let keys = store.keys()?;
        let taken = keys
            .iter()
            .find(|key| Some(key.access_key_id.as_str()) == new);
        if let Some(key) = taken {
            return store.read(unlocked, &key.name).map(Some);
        }
    }
    let files = app.aws_files()?;
    let in_file = new.and_then(|id| profiles_with(files, id).into_iter().next());
    match in_file {
        Some((name, _)) => sources::of_profile(files, &name).map(Some),
        None => Ok(None),
    }
}

/// The profiles that have the key `id` in a file.
fn profiles_with(files: &AwsFiles, id: &str) -> Vec<(String, FileKind)> {
    let mut found = Vec::new();
    for section in files.files().flat_map(AwsFile::sections) {
        let SectionName::Profile(name) = section.name() else {
            continue;
        };
        let property = section.get("aws_access_key_id");
        let value = property.and_then(|property| property.value());
        if value.is_some_and(|value| value.text() == id) {
            found.push((name.into_owned(), section.file().kind()));
        }
    }
    found
}

impl KeyPlaces {
    /// Those of the key `id`.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(super) fn of(app: &App<'_>, id: &str) -> Result<Self> {
        let mut stored = match open::existing(app)? {
            Some(store) => store.keys()?,
            None => Vec::new(),
        };
        stored.retain(|key| key.access_key_id == id);
        let mut files: Vec<FileKind> = profiles_with(app.aws_files()?, id)
            .into_iter()
            .map(|(_, kind)| kind)
            .collect();
        files.dedup();
        Ok(Self { stored, files })
    }

    /// The store, unlocked, where it has the key of profile `name` or the one
    /// that is replaced.
    ///
    /// # Errors
    /// It stays locked.
    pub(super) fn unlock(&self, app: &App<'_>, name: &str) -> Result<Option<OpenStore>> {
        let plan = app.plan(&Target::Profile(name.to_owned()), &Request::default())?;
        let is_stored = matches!(plan.source.kind, SourceKind::Stored { .. });
        if self.stored.is_empty() && !is_stored {
            return Ok(None);
        }
        let store = open::needed(app)?;
        let unlocked = store.unlock(&open::desk(app)?)?;
        Ok(Some(OpenStore { store, unlocked }))
    }

    /// Puts the key `new` in each place of the old one.
    ///
    /// # Errors
    /// A place cannot be written: it has the old key, which works.
    pub(super) fn switch(
        &self,
        app: &App<'_>,
        store: Option<&OpenStore>,
        rotation: &Rotation,
        new: &Credentials,
    ) -> Result<()> {
        let desk = open::desk(app)?;
        for old in &self.stored {
            let Some(OpenStore { store, unlocked }) = store else {
                return Err(no_key(&old.name));
            };
            let key = of_rotation(app, &old.name, rotation, new);
            store.write(&desk, unlocked, key, &new.secret_access_key)?;
        }
        for kind in &self.files {
            edit(app, *kind, |file| {
                let id = &new.access_key_id;
                let secret = new.secret_access_key.expose_secret();
                Ok(file.with_keys(&rotation.old, id, secret))
            })?;
        }
        Ok(())
    }
}

impl OpenStore {
    /// Seals the key `new`, which has no place yet.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn keep_next(
        &self,
        app: &App<'_>,
        rotation: &Rotation,
        new: &Credentials,
    ) -> Result<()> {
        let key = of_rotation(app, &rotation.old, rotation, new);
        let desk = open::desk(app)?;
        self.store
            .keep_next(&desk, &self.unlocked, key, &new.secret_access_key)
    }
}

/// The key `new` as it is stored under `name`.
fn of_rotation(app: &App<'_>, name: &str, rotation: &Rotation, new: &Credentials) -> StoredKey {
    let mut key = StoredKey::new(name, &new.access_key_id, app.host.clock.now());
    key.user = Some(rotation.user.clone());
    key.created = rotation.new.as_ref().map(|(_, created)| *created);
    key
}

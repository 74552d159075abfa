//! What a server is to do, handed to the process that does it, and what that
//! answers. Both hold secrets: they go through pipes alone.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use assumerole_core::diagnostic::Id;
use assumerole_core::shell::note::Note;
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::assumed::Assumed;

/// How this program is called to be a server for whoever has started it; that
/// calls it [`APART`].
pub(super) const HANDED_OVER: [&str; 3] = ["server-process", "--handed-over", "near"];

/// The same, for the process that goes on by itself.
pub(super) const APART: [&str; 3] = ["server-process", "--handed-over", "apart"];

/// What a server is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    /// For which roles.
    pub(super) roles: Vec<Role>,
    /// The process with which it ends.
    pub(super) watch: Option<u32>,
    /// The files of `~/.aws` that programs read, where the credentials of
    /// `[default]` shall not be seen.
    pub(super) aws_files: Option<AwsPaths>,
    /// Where it listens.
    pub(super) place: Place,
    /// Whether it stands in for the metadata service of an instance.
    pub(super) instance: bool,
    /// Where the token is to be written, too.
    pub(super) token_file: Option<PathBuf>,
    /// The `~/.assumerole` whose server goes on by itself, if this does.
    pub(super) detached: Option<PathBuf>,
}

impl Spec {
    /// The same without roles.
    pub(super) fn shape(&self) -> Self {
        Self {
            roles: Vec::new(),
            watch: self.watch,
            aws_files: self.aws_files.clone(),
            place: self.place.clone(),
            instance: self.instance,
            token_file: self.token_file.clone(),
            detached: self.detached.clone(),
        }
    }
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// At a port of an address of this machine; 0 for one that is free.
    Address(IpAddr, u16),
    /// At a socket.
    Socket(PathBuf),
}

impl Place {
    /// A free port on loopback.
    pub(super) const LOOPBACK: Self = Self::Address(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
}

/// Where the files of `~/.aws` are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AwsPaths {
    pub(super) config: PathBuf,
    pub(super) credentials: PathBuf,
}

/// A role, with the credentials that it has.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Role {
    /// What is written down of its session ([`Note::write`]).
    note: String,
    /// What was confirmed for it by name.
    pub(super) confirmed: Vec<String>,
    access_key_id: String,
    #[serde(serialize_with = "exposed")]
    secret_access_key: SecretString,
    #[serde(serialize_with = "some_exposed")]
    session_token: Option<SecretString>,
    expires: Option<Timestamp>,
    /// When they were asked for, or before that.
    pub(super) began: Timestamp,
    /// Whether they lie in the cache, unless they were forgotten since.
    pub(super) cached: bool,
    /// When they end by our clock.
    pub(super) ends: Option<Timestamp>,
}

/// What comes of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Word {
    /// It listens.
    Ready(Box<Ready>),
    /// It does not.
    Failed(Error),
}

/// How a server is reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ready {
    /// `http://127.0.0.1:PORT`; of a socket `http://localhost`.
    pub(super) origin: String,
    #[serde(serialize_with = "exposed")]
    pub(super) token: SecretString,
    /// The file that holds the token.
    pub(super) token_file: Option<String>,
    /// Whether the kernel tells which user asks; else the token alone decides.
    pub(super) tells: bool,
    /// Copies of the files of `~/.aws`.
    pub(super) copies: Option<CopyPaths>,
}

/// Where copies of the files of `~/.aws` are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CopyPaths {
    pub(super) config: String,
    pub(super) credentials: String,
}

pub(super) fn exposed<S: Serializer>(secret: &SecretString, to: S) -> Result<S::Ok, S::Error> {
    secret.expose_secret().serialize(to)
}

fn some_exposed<S: Serializer>(secret: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(ExposeSecret::expose_secret)
        .serialize(to)
}

impl Role {
    /// What `assumed` is; `confirmed` are the roles that somebody confirmed.
    ///
    /// # Errors
    /// Nobody can tell which files are in force.
    pub(super) fn of(assumed: &Assumed, confirmed: Vec<String>) -> Result<Self> {
        let credentials = &assumed.credentials;
        let note = assumed.note.as_ref().ok_or_else(|| {
            Error::new(
                Kind::Failed,
                "the folder that this runs in does not exist any more",
            )
            .called(Id::ServerFailed)
            .hint("go to another one: cd")
        })?;
        Ok(Self {
            note: note.write(),
            confirmed,
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.clone(),
            session_token: credentials.session_token.clone(),
            expires: credentials.expires,
            began: assumed.began,
            cached: assumed.cached,
            ends: assumed.ends,
        })
    }

    /// What is written down of its session.
    ///
    /// # Errors
    /// It was not written by this program.
    pub(super) fn note(&self) -> Result<Note> {
        Note::read(&self.note).map_err(|why| garbled().because(why))
    }

    /// Its credentials.
    pub(super) fn credentials(&self) -> Credentials {
        Credentials {
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
            session_token: self.session_token.clone(),
            expires: self.expires,
        }
    }
}

/// `value` as bytes for a pipe, wiped when they are dropped.
pub(super) fn written<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    serde_json::to_writer(&mut *bytes, value).map_err(|_| garbled())?;
    Ok(bytes)
}

/// Reads [`written`]'s bytes.
pub(super) fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|_| garbled())
}

fn garbled() -> Error {
    Error::new(Kind::Failed, "the credentials server did not start").called(Id::ServerFailed)
}

//! What a format is given, and what it makes of it.

use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::Credentials;
use crate::aws::ids::{AccountId, Region};
use crate::diagnostic::{Error, Kind, Result};
use crate::environment::{Variable, table};

/// Bytes that hold secrets: wiped when they are dropped.
pub type SecretBytes = Zeroizing<Vec<u8>>;

/// What a role gives.
#[derive(Debug)]
pub struct Handover<'a> {
    /// The role's name in the person's file.
    pub role: &'a str,
    /// The credentials.
    pub credentials: &'a Credentials,
    /// Their account, where it is known.
    pub account: Option<&'a AccountId>,
    /// The region to export.
    pub region: Option<&'a Region>,
    /// Everything that the role sets.
    pub variables: &'a [Variable],
    /// A text that nobody can guess, of letters and digits.
    pub nonce: &'a str,
}

impl Handover<'_> {
    /// The variables that are meant for programs other than `assumerole`.
    pub(super) fn shared(&self) -> impl Iterator<Item = &Variable> {
        let ours = |v: &&Variable| !table::is(&v.name, |row| row.internal);
        self.variables.iter().filter(ours)
    }

    /// The values that must not be seen, in no order.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        // Not among the credentials, and one all the same.
        let token = |v: &&Variable| v.name == table::CODEARTIFACT_TOKEN;
        let token = self.variables.iter().filter(token);
        [&self.credentials.secret_access_key]
            .into_iter()
            .chain(&self.credentials.session_token)
            .chain(token.map(|v| &v.value))
            .map(ExposeSecret::expose_secret)
    }
}

/// What a format makes of a [`Handover`].
#[derive(Debug, Default)]
pub struct Rendered {
    /// For stdout.
    pub out: SecretBytes,
    /// For a file, where the format has one.
    pub file: Option<ForFile>,
}

/// Text to append to a file.
#[derive(Debug)]
pub struct ForFile {
    /// The variable of the environment that names the file.
    pub named_by: &'static str,
    /// The text.
    pub text: SecretBytes,
}

impl From<SecretBytes> for Rendered {
    fn from(out: SecretBytes) -> Self {
        Self { out, file: None }
    }
}

/// Why `format` cannot hold something; the value itself is not repeated.
pub(super) fn cannot(format: &str, name: &str, why: &str) -> Error {
    Error::new(
        Kind::Usage,
        format!("the format {format} cannot hold the value of {name}"),
    )
    .because(why)
    .hint("use another format, such as: --format json")
}

/// The value as text.
pub(super) fn text<'v>(format: &str, name: &str, value: &'v [u8]) -> Result<&'v str> {
    str::from_utf8(value).map_err(|_| cannot(format, name, "it is not UTF-8"))
}

/// Whether every shell and file takes `name` for a variable's name.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

//! A key of `~/.aws`, and what takes its place.

use assumerole_core::aws_config::FileKind;
use assumerole_core::diagnostic::text::Snippet;
use secrecy::SecretString;

/// A key that is to be taken.
pub(super) struct Taken {
    pub(super) profile: String,
    pub(super) id: String,
    pub(super) secret: SecretString,
    pub(super) kind: FileKind,
    /// Where the pair stands.
    pub(super) at: Snippet,
    /// What takes its place.
    pub(super) line: String,
}

//! What AWS says when it says no.

use std::borrow::Cow;

/// An error as a service answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The error code that SDKs match on.
    pub(crate) code: Cow<'static, str>,
    /// The text that people read.
    pub(crate) message: String,
    /// What JSON services say besides, by name.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// With something that JSON services say besides.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// `AccessDenied`, 403.
    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// `ValidationError`, 400.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    /// `SignatureDoesNotMatch`, 403.
    pub(crate) fn signature(message: impl Into<String>) -> Self {
        Self::new(403, "SignatureDoesNotMatch", message)
    }

    /// `IncompleteSignature`, 400.
    pub(crate) fn incomplete(message: impl Into<String>) -> Self {
        Self::new(400, "IncompleteSignature", message)
    }

    /// `InvalidClientTokenId`, 403, for a key that AWS does not know.
    pub(crate) fn unknown_key() -> Self {
        let text = "The security token included in the request is invalid.";
        Self::new(403, "InvalidClientTokenId", text)
    }

    /// `InvalidClientTokenId`, 403, for a session token that is not the key's.
    pub(crate) fn invalid_token() -> Self {
        let text = "The security token included in the request is invalid";
        Self::new(403, "InvalidClientTokenId", text)
    }

    /// `ExpiredToken`, 403.
    pub(crate) fn expired_token() -> Self {
        let text = "The security token included in the request is expired";
        Self::new(403, "ExpiredToken", text)
    }
}

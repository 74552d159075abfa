//! What the services remember while a sandbox runs, a file for each that does.

pub(crate) mod artifacts;
pub(crate) mod federation;
pub(crate) mod iam;
pub(crate) mod metadata;
pub(crate) mod signin;
pub(crate) mod sso;

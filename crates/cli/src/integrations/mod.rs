//! What is set up around a role, beside its credentials: a file each. None of
//! it keeps a role from being used: what goes wrong is a warning.

pub(crate) mod codeartifact;
pub(crate) mod ssh;

//! What is set up around a role, beside its credentials: a file each. What goes
//! wrong there is a warning, and keeps no role from being used.

pub(crate) mod codeartifact;
pub(crate) mod ssh;

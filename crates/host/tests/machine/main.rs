//! This crate against the real machine: other processes, terminals, kills.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is tests, their helpers included"
)]

mod exec;
#[cfg(target_os = "linux")]
mod keyring;
mod locks;
mod person;
mod probe;
mod prompt;
mod writes;

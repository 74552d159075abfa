//! Runs a plan until there are credentials.

pub mod artifacts;
mod asked;
pub mod cache;
mod connect;
mod context;
mod describe;
mod engine;
pub mod gate;
pub mod history;
mod made;
pub mod mfa;
pub mod organization;
mod registries;
pub mod renamed;
mod report;
#[cfg(test)]
mod scene;
pub mod signin;
pub mod sources;
pub mod stored_keys;

pub use connect::{check_proxies, connect};
pub use context::{Context, aws_clock};
pub use engine::{Obtained, cached_shorter, granted_shorter};
pub use report::Report;

/// What `fuzz/` reads without a cache around it.
#[cfg(fuzzing)]
pub mod fuzzing {
    pub use crate::sources::fuzzing::{process_output, token_file};

    /// Reads an entry, and writes what was read.
    pub fn entry(bytes: &[u8]) {
        if let Some(entry) = crate::cache::Entry::decode(bytes) {
            let _ = entry.encode();
        }
    }
}

//! Runs a plan until there are credentials.

pub mod artifacts;
mod asked;
pub mod cache;
mod connect;
mod describe;
mod engine;
pub mod gate;
pub mod history;
pub mod mfa;
pub mod renamed;
mod report;
#[cfg(test)]
mod scene;
pub mod sources;

pub use connect::{check_proxies, connect};
pub use engine::{Engine, Obtained, aws_clock, cached_shorter, granted_shorter};
pub use report::Report;

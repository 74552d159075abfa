//! Runs a plan until there are credentials.

pub mod cache;
mod engine;
pub mod history;
pub mod mfa;
mod report;
pub mod sources;

pub use engine::{Engine, Obtained, aws_clock, connect};
pub use report::Report;

//! The plan: what will be done to get credentials, as data. Pure, printable,
//! and walked from its end: work starts after the last step whose result is
//! cached and fresh.

mod connection;
mod key;
mod keys;
mod planner;
mod steps;
#[cfg(test)]
mod tests;
mod why;

pub use connection::StsConnection;
pub use key::CacheKey;
pub use keys::StaticKeys;
pub use planner::{Inputs, plan, policy_file};
pub use steps::{AssumeRole, Origin, Plan, Source};
pub use why::{Content, Decided, Fact, Why};

//! The one call to IAM: which MFA devices a user has. Only `add` asks.
//!
//! The official client of IAM is one of the largest there is: 49 s to compile
//! for one call. So the request is made here, and sent, signed, retried and
//! timed by the same machinery as those of the official clients.

mod answer;
mod endpoint;
mod explain;
mod list_mfa_devices;
mod query;

pub use explain::explain;
pub use list_mfa_devices::list_mfa_devices;

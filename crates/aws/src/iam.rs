//! The calls to IAM: which MFA devices and which access keys a user has, and new
//! keys in place of old ones. Only `add` and `keys rotate` ask.
//!
//! The official client of IAM is one of the largest there is: 49 s to compile
//! for a few calls. So the requests are made here, and sent, signed, retried and
//! timed by the same machinery as those of the official clients.

mod access_keys;
mod answer;
mod endpoint;
mod explain;
mod list_mfa_devices;
mod query;

pub use access_keys::{AccessKeys, KeyStatus, LastUse, NewKey};
pub use explain::explain;
pub use list_mfa_devices::{DeviceStatus, list_mfa_devices};

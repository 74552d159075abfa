//! What AWS has names and rules for: accounts, ARNs, regions, services, the
//! parameters of a session, and where requests go.

pub mod access_key;
pub mod assigned;
pub mod console;
pub mod credentials;
pub mod database;
pub mod ids;
pub mod login;
pub mod registry;
pub mod service;
pub mod totp;
pub mod url;

pub use credentials::{Credentials, is_sendable};

//! The one door to AWS: one typed call a file, and what AWS's refusals mean.
//! No other crate knows the SDK.

pub mod account_access;
mod body;
mod call;
pub mod codeartifact;
mod connection;
mod dates;
mod early;
pub mod ecr;
mod endpoint;
mod failure;
pub mod federation;
mod granted;
mod hints;
pub mod iam;
mod json;
pub mod metadata;
mod network;
pub mod organizations;
mod other_shape;
pub mod presigned;
mod request;
mod resolver;
mod rest;
pub mod signin;
pub mod ssm;
pub mod sso;
pub mod sts;
mod trust;

pub use call::CallError;
pub use connection::{Connection, Left, Now, Proxy, is_left_out};
pub use early::Early;
pub use failure::{Failure, Reason};
pub use granted::Granted;
pub use hints::{Asked, AskedSource, clock_hint};

/// What `fuzz/` reads without a request around it.
#[cfg(fuzzing)]
pub mod fuzzing {
    /// Reads an answer as that of a refusal, and as one that was cut off.
    pub fn answer(bytes: &[u8]) {
        let _ = crate::other_shape::read(bytes);
        let _ = crate::other_shape::description(bytes);
        let _ = crate::body::is_cut(bytes);
    }
}

//! The one door to AWS: one typed call a file, and what AWS's refusals mean.
//! No other crate knows the SDK.

mod call;
pub mod codeartifact;
mod connection;
mod dates;
mod failure;
mod hints;
mod other_shape;
pub mod sts;
mod trust;

pub use connection::{Connection, Now, Proxy};
pub use failure::{Failure, Reason};
pub use hints::{Asked, clock_hint};

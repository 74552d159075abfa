//! The one door to AWS: one typed call a file, and what AWS's refusals mean.
//! No other crate knows the SDK.

mod body;
mod call;
pub mod codeartifact;
mod connection;
mod dates;
mod early;
mod failure;
mod granted;
mod hints;
pub mod iam;
pub mod metadata;
mod network;
mod other_shape;
mod resolver;
pub mod signin;
pub mod sso;
pub mod sts;
mod trust;

pub use call::CallError;
pub use connection::{Connection, Left, Now, Proxy, is_left_out};
pub use early::Early;
pub use failure::{Failure, Reason};
pub use granted::Granted;
pub use hints::{Asked, AskedSource, clock_hint};

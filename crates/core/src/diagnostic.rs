//! What is said of something that is wrong: the words, the place, what to do
//! about it; and what of foreign text may be shown.

mod error;
mod id;
pub mod sanitize;
pub mod sent;
pub mod suggest;
pub mod text;

pub use error::{Error, Kind, Result, Warning};
pub use id::Id;

//! The call to AWS sign-in, which keeps sessions of `aws login`.

mod create_oauth2_token;
mod proof;

pub use create_oauth2_token::{Renewed, create_oauth2_token};
pub use proof::ProofKey;

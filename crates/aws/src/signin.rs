//! AWS sign-in, which keeps sessions of `aws login`: its page and its call.

mod authorize;
mod create_oauth2_token;
mod proof;
mod sessions;

pub use authorize::{SignInClient, sign_in_base, sign_in_url};
pub use create_oauth2_token::{LoginGrant, Renewed, create_oauth2_token};
pub use proof::ProofKey;
pub use sessions::{
    NotRevoked, SignInSession, is_revocable, list_sessions, revoke_sessions, revoke_token,
};

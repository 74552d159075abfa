//! The calls to IAM Identity Center: its portal, and its tokens.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/>
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/>

mod create_token;
mod get_role_credentials;

pub use create_token::{Client, Tokens, create_token};
pub use get_role_credentials::get_role_credentials;

//! The calls to IAM Identity Center: its portal, and its tokens.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/>
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/>

mod authorize;
mod create_token;
mod get_role_credentials;
mod logout;
mod register_client;
mod start_device_authorization;

pub use authorize::{Authorization, authorize_url};
pub use create_token::{Client, Grant, Tokens, create_token};
pub use get_role_credentials::get_role_credentials;
pub use logout::logout;
pub use register_client::{NewClient, register_client};
pub use start_device_authorization::{Device, start_device_authorization};

//! The calls to IAM Identity Center: its portal, and its tokens.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/>
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/>

mod authorize;
mod create_token;
mod get_role_credentials;
mod list_account_roles;
mod list_accounts;
mod logout;
mod register_client;
mod start_device_authorization;
mod start_page;

pub use authorize::{Authorization, authorize_url};
pub use create_token::{Client, Grant, Tokens, create_token};
pub use get_role_credentials::get_role_credentials;
pub use list_account_roles::list_account_roles;
pub use list_accounts::{Account, list_accounts};
pub use logout::logout;
pub use register_client::{NewClient, register_client};
pub use start_device_authorization::{Device, start_device_authorization};

pub use start_page::redirect_of;

/// The most that the portal gives at once; it refuses more.
const PAGE: i32 = 100;

/// A part of a list.
#[derive(Debug)]
pub struct ListPage<T> {
    /// What is in it.
    pub items: Vec<T>,
    /// Where the next part begins, if there is one.
    pub next: Option<String>,
}

impl<T> ListPage<T> {
    /// The end of a list is told by an empty token, too.
    pub(crate) fn next(token: Option<&str>) -> Option<String> {
        token.filter(|token| !token.is_empty()).map(str::to_owned)
    }
}

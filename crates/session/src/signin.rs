//! Logins at IAM Identity Center: how one comes by them, and the one that is
//! there.

mod access;
mod account;
mod accounts;
mod browser;
mod device;
mod directory;
mod held;
mod keep;
mod logout;
mod registration;
mod sealed;
mod sessions;
mod start;
mod turn;

use std::path::PathBuf;

use assumerole_core::plan::SsoPortal;
use assumerole_core::{Error, Result};
use jiff::Timestamp;

use crate::context::Context;
pub(crate) use access::managed_credentials;
pub use account::{Elsewhere, SignIn, sign_in, sign_in_anew};
pub use accounts::AccountNames;
pub use browser::{Browser, CALLBACK, by_browser};
pub use device::{DeviceCode, by_device};
pub use directory::{
    Directory, DirectoryAccount, ask_directory, forget_directory, known_directory,
};
pub use held::refresh_token_in_clear;
pub(crate) use held::{AccessToken, SsoLogin};
pub use logout::{EndedLogin, log_out};
pub use sessions::{PortalLogin, end_session, log_out_of_account, portal_login, sessions_at_aws};
pub use turn::{LoginTurn, Turn};

/// Who logs in.
pub trait Person {
    /// Is shown where, and with which code, to sign in.
    ///
    /// # Errors
    /// Nobody sees it.
    fn show(&mut self, code: &DeviceCode) -> Result<()>;

    /// Says whether the login of another directory, `whose`, may be replaced.
    ///
    /// # Errors
    /// It may not, or nobody can be asked.
    fn replace(&mut self, whose: &str) -> Result<()>;

    /// Says whether a login is theirs that has `now`, and none of the accounts that
    /// were there before.
    ///
    /// # Errors
    /// It is not, or nobody can be asked.
    fn other_accounts(&mut self, now: &AccountNames) -> Result<()>;
}

/// A login that was made.
#[derive(Debug)]
pub struct NewLogin {
    /// When its access token ends.
    pub ends: Timestamp,
    /// Whether it can be renewed without the person.
    pub renewable: bool,
    /// Its file, for people.
    pub place: String,
    /// The accounts that it gives; `None` where that cannot be told.
    pub accounts: Option<AccountNames>,
}

/// Where the AWS CLI keeps logins.
///
/// # Errors
/// The home folder is not known.
fn folder(context: &Context<'_>) -> Result<PathBuf> {
    Ok(context.home()?.join(".aws/sso/cache"))
}

/// The scope that gives a token for the portal, and a refresh token with it.
const ACCOUNTS: &str = "sso:account:access";

/// What a login at `portal` asks for. The older form of profile has none: the
/// AWS CLI does not renew its tokens, and without scopes they last eight hours.
fn scopes(portal: &SsoPortal) -> Vec<String> {
    let mut scopes = match (&portal.session, portal.scopes.as_slice()) {
        (Some(_), []) => vec![ACCOUNTS.to_owned()],
        _ => portal.scopes.clone(),
    };
    if portal.access.is_some() {
        for scope in ACCESS {
            if !scopes.iter().any(|own| own == scope) {
                scopes.push(scope.to_owned());
            }
        }
    }
    scopes
}

/// The scopes of account access manager: to list roles, and to get them.
const ACCESS: [&str; 2] = ["account_access:read_only", "account_access:assume"];

/// An error of a sign-in in which nothing was written.
fn nothing_written(error: Error) -> Error {
    error.because("nothing was written")
}

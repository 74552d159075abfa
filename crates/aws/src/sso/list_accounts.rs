//! `ListAccounts`: the accounts of which somebody was assigned a role.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html>

use assumerole_core::aws::ids::AccountId;
use assumerole_core::diagnostic::sent::Sent;
use secrecy::{ExposeSecret, SecretString};

use super::{ListPage, PAGE};
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::incomplete;

/// An account, in the words of whoever named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its ID.
    pub id: AccountId,
    /// Its name; any text.
    pub name: String,
    /// The address of its root user; any text.
    pub email: String,
}

/// The accounts of whoever holds `token`, from `next` on. Not signed.
///
/// # Errors
/// AWS's refusal or silence.
pub fn list_accounts(
    connection: &Connection,
    now: &Now,
    token: &SecretString,
    next: Option<&str>,
) -> Result<ListPage<Account>, CallError> {
    const OPERATION: &str = "ListAccounts";
    let answer = call::unsigned(
        OPERATION,
        connection,
        now,
        &Sent::default().with(token),
        |_| None,
        |config, date| {
            let config = aws_sdk_sso::config::Builder::from(&config);
            aws_sdk_sso::Client::from_conf(config.interceptor(date).build())
                .list_accounts()
                .access_token(token.expose_secret())
                .max_results(PAGE)
                .set_next_token(next.map(str::to_owned))
                .send()
        },
    )?
    .value;
    let account = |given: &aws_sdk_sso::types::AccountInfo| {
        let id = given.account_id().unwrap_or_default().parse();
        Ok(Account {
            id: id.map_err(|_| incomplete(OPERATION, "an account ID that is none"))?,
            name: given.account_name().unwrap_or_default().to_owned(),
            email: given.email_address().unwrap_or_default().to_owned(),
        })
    };
    let items: Result<_, CallError> = answer.account_list().iter().map(account).collect();
    Ok(ListPage {
        items: items?,
        next: ListPage::<Account>::next(answer.next_token()),
    })
}

//! `ListAccountRoles`: the roles of one account that somebody was assigned.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccountRoles.html>

use assumerole_core::aws::ids::AccountId;
use assumerole_core::diagnostic::sent::Sent;
use secrecy::{ExposeSecret, SecretString};

use super::{ListPage, PAGE};
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};

/// The names of the roles of `account`, from `next` on. Not signed.
///
/// # Errors
/// AWS's refusal or silence.
pub fn list_account_roles(
    connection: &Connection,
    now: &Now,
    token: &SecretString,
    account: &AccountId,
    next: Option<&str>,
) -> Result<ListPage<String>, CallError> {
    let answer = call::unsigned(
        "ListAccountRoles",
        connection,
        now,
        &Sent::default().with(token),
        |_| None,
        |config, date| {
            let config = aws_sdk_sso::config::Builder::from(&config);
            aws_sdk_sso::Client::from_conf(config.interceptor(date).build())
                .list_account_roles()
                .access_token(token.expose_secret())
                .account_id(account.as_str())
                .max_results(PAGE)
                .set_next_token(next.map(str::to_owned))
                .send()
        },
    )?
    .value;
    let names = answer
        .role_list()
        .iter()
        .filter_map(|role| role.role_name());
    Ok(ListPage {
        items: names.map(str::to_owned).collect(),
        next: ListPage::<String>::next(answer.next_token()),
    })
}

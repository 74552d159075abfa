//! Whose a new login is, as far as anybody can tell: which accounts it gives.
//! Whoever signs in as himself in the person's place gives them other ones.

use assumerole_aws::sso::{self, Account, Tokens};
use assumerole_core::Result;
use secrecy::SecretString;

use super::{ACCOUNTS, Person, SsoLogin, known_directory, scopes};
use crate::connect::connect;
use crate::context::aws_clock;

/// The accounts of a login: as many as the portal gives at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountNames {
    /// What the directory calls them; any text.
    pub names: Vec<String>,
    /// Whether there are more.
    pub more: bool,
}

impl SsoLogin<'_> {
    /// The accounts that the new `tokens` give. Where they are all other ones than
    /// before, `person` is asked; a login that is not theirs is ended.
    ///
    /// # Errors
    /// It is not theirs.
    pub(super) fn accounts(
        &self,
        tokens: &Tokens,
        person: &mut dyn Person,
    ) -> Result<Option<AccountNames>> {
        let scopes = scopes(self.portal);
        if !scopes.is_empty() && !scopes.iter().any(|scope| scope == ACCOUNTS) {
            return Ok(None);
        }
        let Some((accounts, more)) = self.first_accounts(&tokens.access) else {
            return Ok(None);
        };
        let known = |cache| known_directory(cache, self.portal, self.context.host);
        let before = self.context.cache.and_then(known);
        let before = before.filter(|directory| !directory.accounts.is_empty());
        let is_new = |account: &Account| {
            let mut known = before.iter().flat_map(|directory| &directory.accounts);
            !known.any(|known| known.id == account.id.as_str())
        };
        let is_other = before.is_some() && !more && accounts.iter().all(is_new);
        let names = AccountNames {
            names: accounts.into_iter().map(|account| account.name).collect(),
            more,
        };
        if is_other && let Err(error) = person.other_accounts(&names) {
            self.end(&tokens.access);
            return Err(error);
        }
        Ok(Some(names))
    }

    /// Asks the portal, once: the login is good without an answer.
    fn first_accounts(&self, access: &SecretString) -> Option<(Vec<Account>, bool)> {
        let context = self.context;
        let mut connection = connect(&self.portal.portal, context.settings, context.host).ok()?;
        connection.hurry();
        let page = context.traced("ListAccounts", &connection, || {
            sso::list_accounts(&connection, &aws_clock(context.host), access, None)
        });
        let page = page.ok()?;
        Some((page.items, page.next.is_some()))
    }

    fn end(&self, access: &SecretString) {
        let context = self.context;
        if let Ok(connection) = connect(&self.portal.portal, context.settings, context.host) {
            // It ends by itself, and nothing here has it.
            let _ = context.traced("Logout", &connection, || {
                sso::logout(&connection, &aws_clock(context.host), access)
            });
        }
    }
}

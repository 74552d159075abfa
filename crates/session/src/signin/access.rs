//! Roles of account access manager, by the token of a login at IAM Identity Center.

use assumerole_aws::account_access::{EntitledRole, get_role_credentials, list_roles};
use assumerole_aws::{CallError, Connection, Granted, Reason, sso};
use assumerole_core::plan::{AccessTenant, ManagedAccess};
use assumerole_core::{Error, Kind, Result};
use secrecy::SecretString;

use super::SsoLogin;
use super::held::AccessToken;
use crate::connect::connect;
use crate::context::aws_clock;

impl SsoLogin<'_> {
    /// The roles of `tenant` that the person is entitled to.
    ///
    /// # Errors
    /// There is no login, or it is not for that; AWS's refusal or silence.
    pub(super) fn entitled_roles(&self, tenant: &AccessTenant) -> Result<Vec<EntitledRole>> {
        let context = self.context;
        let connection = connect(&tenant.route, context.settings, context.host)?;
        let clock = aws_clock(context.host);
        let ask = |token: &SecretString| {
            context.traced("ListRoles", &connection, || {
                list_roles(&connection, &clock, &tenant.id, token)
            })
        };
        let held = self.read()?;
        Ok(self.managed(held, &connection, &tenant.id, &ask)?.0)
    }

    /// What `ask` gets with the login's token; the token. A token that AWS takes for
    /// the portal alone is told apart from one that has ended.
    fn managed<T>(
        &self,
        held: AccessToken,
        connection: &Connection,
        tenant: &str,
        ask: &dyn Fn(&SecretString) -> Result<T, CallError>,
    ) -> Result<(T, AccessToken)> {
        let mut token = self.good(held)?;
        let mut result = ask(token.secret());
        let is_refused = |result: &Result<T, CallError>| {
            let error = result.as_ref().err();
            error.is_some_and(|error| error.reason() == Some(Reason::LoggedOut))
        };
        let mut is_taken = false;
        if is_refused(&result) {
            is_taken = self.is_taken(&token);
            // Ended earlier than the file says, as the portal sees it, too.
            if !is_taken && let Ok(Some(renewed)) = self.renew(token.secret(), true) {
                result = ask(renewed.secret());
                token = renewed;
                is_taken = is_refused(&result) && self.is_taken(&token);
            }
        }
        match result {
            Ok(answer) => Ok((answer, token)),
            Err(error) if is_taken && error.reason() == Some(Reason::LoggedOut) => {
                Err(self.lacks_scopes(tenant))
            }
            Err(error) => Err(error.explain(&self.asked(&connection.route, None))),
        }
    }

    /// Whether the portal takes the token.
    fn is_taken(&self, token: &AccessToken) -> bool {
        let context = self.context;
        let route = &self.portal.portal;
        let Ok(connection) = connect(route, context.settings, context.host) else {
            return false;
        };
        let clock = aws_clock(context.host);
        let asked = context.traced("ListAccounts", &connection, || {
            sso::list_accounts(&connection, &clock, token.secret(), None)
        });
        asked.is_ok()
    }

    fn lacks_scopes(&self, tenant: &str) -> Error {
        let name = self.portal.name();
        let message = format!("the login of {name} is not for account access manager");
        Error::new(Kind::LoginNeeded, message)
            .because("it is valid, and was made without the scopes account_access:read_only and account_access:assume")
            .because(format!("tenant {tenant} is in access_manager of ~/.assumerole"))
            .hint(format!("log in again, which asks for them: {}", self.command()))
    }
}

/// The credentials of the role `access`, by `login`, whose token may be `held` already;
/// the token.
///
/// # Errors
/// There is no login, or it is not for that; AWS's refusal or silence.
pub(crate) fn managed_credentials(
    login: &SsoLogin<'_>,
    access: &ManagedAccess,
    held: Option<AccessToken>,
) -> Result<(Granted, AccessToken)> {
    let context = login.context;
    let connection = connect(&access.route, context.settings, context.host)?;
    let clock = aws_clock(context.host);
    let what = format!("GetRoleCredentials {}", access.arn.value);
    let ask = |token: &SecretString| {
        context.traced(&what, &connection, || {
            get_role_credentials(&connection, &clock, access, token)
        })
    };
    let held = held.map_or_else(|| login.read(), Ok)?;
    let got = login.managed(held, &connection, &access.tenant.value, &ask);
    got.map_err(|error| match error.kind() {
        Kind::Refused => {
            error.hint("see the roles that you are entitled to: assumerole sso list --refresh")
        }
        _ => error,
    })
}

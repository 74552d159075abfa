//! What AWS knows of logins, and their end there.

use assumerole_aws::signin::{
    NotRevoked, SignInSession, is_revocable, list_sessions, revoke_sessions, revoke_token,
};
use assumerole_aws::{CallError, Connection, Reason, sso};
use assumerole_core::plan::{Login, SsoPortal};
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::Timestamp;

use super::logout::EndedLogin;
use super::{ACCOUNTS, SsoLogin, scopes};
use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::sources::login::{ConsoleLogin, credentials};

/// The clients that a session of `aws login` is of.
const CLI: &str = "CLI";

/// A session at AWS that is in use.
const ACTIVE: &str = "ACTIVE";

/// Where sessions of `login` are asked for, and with what.
struct AccountSessions<'d> {
    held: ConsoleLogin<'d>,
    connection: Connection,
    keys: Credentials,
    profile: &'d str,
}

impl<'d> AccountSessions<'d> {
    fn open(context: &'d Context<'d>, profile: &'d str, login: &'d Login) -> Result<Self> {
        let keys = credentials(context, profile, login)?.credentials;
        let held = ConsoleLogin::of(context, profile, login)?;
        let mut connection = connect(&login.route, context.settings, context.host)?;
        connection.route.region.value = held.home().unwrap_or_else(|| login.region.value.clone());
        Ok(Self {
            held,
            connection,
            keys,
            profile,
        })
    }

    fn told(&self, error: &CallError) -> Error {
        let refused = matches!(error.reason(), Some(Reason::NotAuthorized));
        let told = error.explain(&self.held.asked(self.profile, &self.connection));
        match refused {
            true => told.hint("allow signin:ListSessions and signin:BatchRevokeSessions"),
            false => told,
        }
    }

    fn sessions(&self, context: &Context<'_>) -> Result<Vec<SignInSession>> {
        let clock = aws_clock(context.host);
        let listed = context.traced("ListSessions", &self.connection, || {
            list_sessions(&self.connection, &self.keys, &clock)
        });
        listed.map_err(|error| self.told(&error))
    }

    fn end(&self, context: &Context<'_>, arns: &[String]) -> Result<Vec<NotRevoked>> {
        let clock = aws_clock(context.host);
        let ended = context.traced("BatchRevokeSessions", &self.connection, || {
            revoke_sessions(&self.connection, &self.keys, &clock, arns)
        });
        ended.map_err(|error| self.told(&error))
    }

    /// Ends the session of the file.
    fn end_own(&self, context: &Context<'_>) -> Result<()> {
        if let Some(token) = self.held.refresh_token()
            && is_revocable(&self.connection, &token)
        {
            let clock = aws_clock(context.host);
            let ended = context.traced("RevokeOAuth2TokenWithIAM", &self.connection, || {
                revoke_token(&self.connection, &self.keys, &clock, &token)
            });
            return ended.map_err(|error| self.told(&error));
        }
        // AWS does not say which of them is the one of a token.
        let is_one = |it: &SignInSession| {
            it.status.as_deref().is_none_or(|status| status == ACTIVE)
                && it.client.as_deref().is_none_or(|client| client == CLI)
        };
        let mut active = self.sessions(context)?;
        active.retain(is_one);
        match active.as_slice() {
            [] => Ok(()),
            [one] => {
                let left = self.end(context, std::slice::from_ref(&one.arn))?;
                match left.into_iter().next() {
                    None => Ok(()),
                    Some(why) => Err(Error::new(Kind::Refused, why.message)),
                }
            }
            several => {
                let message = format!("AWS has {} sessions of this login", several.len());
                Err(Error::new(Kind::Refused, message)
                    .because("it does not say which of them is the one of this machine")
                    .hint("see them: assumerole status --aws")
                    .hint("end one: assumerole logout --revoke ARN"))
            }
        }
    }
}

/// The sessions that AWS has of whoever signed in to `login`, on all machines.
///
/// # Errors
/// There is no login, or AWS's refusal or silence.
pub fn sessions_at_aws(
    context: &Context<'_>,
    profile: &str,
    login: &Login,
) -> Result<Vec<SignInSession>> {
    AccountSessions::open(context, profile, login)?.sessions(context)
}

/// Ends the session `arn` of whoever signed in to `login`.
///
/// # Errors
/// There is no login, or AWS's refusal or silence.
pub fn end_session(context: &Context<'_>, profile: &str, login: &Login, arn: &str) -> Result<()> {
    let desk = AccountSessions::open(context, profile, login)?;
    let left = desk.end(context, &[arn.to_owned()])?;
    match left.into_iter().next() {
        None => Ok(()),
        Some(why) => {
            let message = format!("AWS did not end {}", why.session_arn);
            Err(Error::new(Kind::Refused, message)
                .because(why.message)
                .hint("see the sessions: assumerole status --aws"))
        }
    }
}

/// Ends the session `login` that `profile` names: at AWS, then here, whatever AWS says.
/// `None`: there is none. `forget` is called while its file is still there.
///
/// # Errors
/// The file cannot be removed.
pub fn log_out_of_account(
    context: &Context<'_>,
    profile: &str,
    login: &Login,
    forget: impl FnOnce() -> Result<()>,
) -> Result<Option<EndedLogin>> {
    let held = ConsoleLogin::of(context, profile, login)?;
    if held.file.read()?.is_none() {
        return Ok(None);
    }
    let ended =
        AccountSessions::open(context, profile, login).and_then(|desk| desk.end_own(context));
    let lives_on = match ended {
        // AWS knows it no more, or the file was never one of it.
        Err(error) if error.kind() == Kind::LoginNeeded => None,
        ended => ended.err(),
    };
    forget()?;
    let place = held.file.shown();
    let cache = context.cache;
    let _guard = cache.map(|cache| cache.guard(&place, true, context.host));
    held.file.remove()?;
    Ok(Some(EndedLogin { lives_on, place }))
}

/// A login at a portal.
#[derive(Debug)]
pub struct PortalLogin {
    /// When its access token ends.
    pub ends: Timestamp,
    /// Whether AWS takes the token; `None`: it has no scope that could be tried.
    pub is_taken: Option<bool>,
}

/// The login at `portal`, as AWS sees its token; `None`: there is none.
///
/// # Errors
/// AWS's silence, or a refusal that says nothing of the token.
pub fn portal_login(context: &Context<'_>, portal: &SsoPortal) -> Result<Option<PortalLogin>> {
    let login = SsoLogin::of(context, portal, None)?;
    let Ok(held) = login.read() else {
        return Ok(None);
    };
    let ends = held.ends();
    if login.has_ended(&held) {
        let is_taken = Some(false);
        return Ok(Some(PortalLogin { ends, is_taken }));
    }
    let scopes = scopes(portal);
    if !scopes.is_empty() && !scopes.iter().any(|scope| scope == ACCOUNTS) {
        let is_taken = None;
        return Ok(Some(PortalLogin { ends, is_taken }));
    }
    let connection = connect(&portal.portal, context.settings, context.host)?;
    let clock = aws_clock(context.host);
    let asked = context.traced("ListAccounts", &connection, || {
        sso::list_accounts(&connection, &clock, held.secret(), None)
    });
    let is_taken = match asked {
        Ok(_) => Some(true),
        Err(error) if error.reason() == Some(Reason::LoggedOut) => Some(false),
        Err(error) => return Err(error.explain(&login.asked(&portal.portal, None))),
    };
    Ok(Some(PortalLogin { ends, is_taken }))
}

//! A role of IAM Identity Center, by the token that `aws sso login` left.
//!
//! The AWS CLI and the SDKs share the token's file: it is renewed where they
//! renew it, so that whoever comes next finds the new one.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>

use assumerole_aws::{Asked, AskedSource, Reason, sso};
use assumerole_core::aws::login::is_same_portal;
use assumerole_core::plan::{Caller, Sso, Whose};
use assumerole_core::shell::command_line::quoted;
use assumerole_core::{Error, Kind, Result};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha1::{Digest as _, Sha1};

use super::token_file::{Document, TokenFile, written};
use super::traced;
use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::made::Made;

/// A token that ends sooner is renewed first, if it can be: as in the AWS CLI.
const NEARLY_ENDED: SignedDuration = SignedDuration::from_mins(15);

/// The login of one session, or of one portal.
struct SsoLogin<'l> {
    context: &'l Context<'l>,
    profile: &'l str,
    sso: &'l Sso,
    file: TokenFile,
    /// What logs in.
    command: String,
}

/// An access token as its file has it.
pub(crate) struct AccessToken {
    access: SecretString,
    ends: Timestamp,
    document: Document,
    /// Whose login it was before we renewed it.
    before: Option<Caller>,
    /// Whether renewing it was tried in vain.
    tried: bool,
}

/// The role of `sso`, by the login `held`, where it was read already.
///
/// # Errors
/// There is no login or it has ended ([`Kind::LoginNeeded`]), or AWS's refusal
/// or silence.
pub(super) fn credentials(
    context: &Context<'_>,
    profile: &str,
    sso: &Sso,
    held: Option<AccessToken>,
) -> Result<Made> {
    let login = SsoLogin::of(context, profile, sso)?;
    let connection = connect(&sso.portal, context.settings, context.host)?;
    let what = format!(
        "GetRoleCredentials {}@{}",
        sso.role.value, sso.account.value
    );
    let ask = |access: &SecretString| {
        traced(context, &what, &connection, || {
            sso::get_role_credentials(&connection, &aws_clock(context.host), sso, access)
        })
    };
    let held = held.map_or_else(|| login.read(), Ok)?;
    let mut token = login.good(held)?;
    let mut result = ask(&token.access);
    // Ended earlier than the file says: revoked, or our clock is behind.
    if let Err(error) = &result
        && error.reason() == Some(Reason::LoggedOut)
        && let Ok(Some(renewed)) = login.renew(&token.access, true)
    {
        result = ask(&renewed.access);
        token = renewed;
    }
    let granted = result.map_err(|error| error.explain(&login.asked(profile, true)))?;
    Ok(Made {
        whose: Some(Whose::Caller(token.caller())),
        ..granted.into()
    })
}

/// The login as it is, ended or not.
///
/// # Errors
/// There is none.
pub(super) fn held(context: &Context<'_>, profile: &str, sso: &Sso) -> Result<AccessToken> {
    SsoLogin::of(context, profile, sso)?.read()
}

/// The file of the login.
///
/// # Errors
/// The home folder is not known.
pub(super) fn place(context: &Context<'_>, profile: &str, sso: &Sso) -> Result<String> {
    Ok(SsoLogin::of(context, profile, sso)?.file.shown())
}

/// The login `held`, renewed if it must be.
///
/// # Errors
/// It has ended, and cannot be renewed.
pub(super) fn renewed(
    context: &Context<'_>,
    profile: &str,
    sso: &Sso,
    held: AccessToken,
) -> Result<AccessToken> {
    SsoLogin::of(context, profile, sso)?.good(held)
}

/// Whether there is a login, and until when.
///
/// # Errors
/// There is none, or it has ended.
pub(super) fn look(context: &Context<'_>, profile: &str, sso: &Sso) -> Result<String> {
    let login = SsoLogin::of(context, profile, sso)?;
    let token = login.read()?;
    let ends = written(token.ends);
    match (
        login.has_ended(&token),
        token.can_be_renewed(context.host.clock.now()),
    ) {
        (false, _) => Ok(format!(
            "the login of {} is valid until {ends}",
            login.name()
        )),
        (true, true) => Ok(format!(
            "the login of {} has expired and will be renewed",
            login.name()
        )),
        (true, false) => Err(login.ended(&token)),
    }
}

impl<'l> SsoLogin<'l> {
    fn of(context: &'l Context<'l>, profile: &'l str, sso: &'l Sso) -> Result<Self> {
        let (key, command) = match &sso.session {
            Some(session) => {
                let name = session.value.as_str();
                (
                    name,
                    format!("aws sso login --sso-session {}", quoted(name)),
                )
            }
            None => {
                let command = format!("aws sso login --profile {}", quoted(profile));
                (sso.start_url.value.as_str(), command)
            }
        };
        let folder = context.home()?.join(".aws/sso/cache");
        Ok(Self {
            context,
            profile,
            sso,
            file: TokenFile::new(&folder, &Sha1::digest(key.as_bytes())),
            command,
        })
    }

    fn name(&self) -> String {
        match &self.sso.session {
            Some(session) => format!("sso-session {}", session.value),
            None => self.sso.start_url.value.clone(),
        }
    }

    fn needed(&self, why: impl std::fmt::Display) -> Error {
        let message = format!("there is no login for {}", self.name());
        Error::new(Kind::LoginNeeded, message)
            .because(why)
            .hint(format!("log in: {}", self.command))
    }

    fn ended(&self, token: &AccessToken) -> Error {
        let message = format!("the login of {} has expired", self.name());
        Error::new(Kind::LoginNeeded, message)
            .because(format!("it was valid until {}", written(token.ends)))
            .hint(format!("log in: {}", self.command))
    }

    fn asked(&self, profile: &str, role: bool) -> Asked {
        let route = match role {
            true => &self.sso.portal,
            false => &self.sso.oidc,
        };
        Asked {
            profile: profile.to_owned(),
            region: route.region.value.to_string(),
            source: Some(AskedSource::Login {
                command: self.command.clone(),
                role: role.then(|| {
                    let account = self.sso.account.value.to_string();
                    (account, self.sso.role.value.clone())
                }),
            }),
            ..Asked::default()
        }
    }

    /// Whether the login in the file is one at the portal of the session: its
    /// file is found by a name, and a name may have stood for another portal.
    fn check_portal(&self, document: &Document) -> Result<()> {
        let shown = self.file.shown();
        let said = |name: &str| {
            let text = document.text(name).map(str::trim);
            text.ok_or_else(|| self.needed(format!("{shown} has no {name}")))
        };
        let (start, region) = (said("startUrl")?, said("region")?);
        let (here, there) = (&self.sso.start_url.value, &self.sso.portal.region.value);
        if is_same_portal(here, start) && region.eq_ignore_ascii_case(there.as_str()) {
            return Ok(());
        }
        let who = match &self.sso.session {
            Some(_) => self.name(),
            None => format!("profile {}", self.profile),
        };
        let message = format!("the login in {shown} is for another portal");
        Err(Error::new(Kind::LoginNeeded, message)
            .because(format!(
                "it is for {start} in {region}, and {who} has {here} in {there}"
            ))
            .hint(format!("log in: {}", self.command)))
    }

    /// The token in the file, ended or not.
    fn read(&self) -> Result<AccessToken> {
        let shown = self.file.shown();
        let document = match self.file.read()? {
            Some(Ok(document)) => document,
            Some(Err(what)) => return Err(self.needed(format!("{shown} holds {what}"))),
            None => return Err(self.needed(format!("there is no file {shown}"))),
        };
        let part = |name: &str| self.needed(format!("{shown} has no {name}"));
        self.check_portal(&document)?;
        Ok(AccessToken {
            access: document
                .token("accessToken")
                .ok_or_else(|| part("accessToken"))?,
            ends: document
                .time("expiresAt")
                .ok_or_else(|| part("expiresAt"))?,
            document,
            before: None,
            tried: false,
        })
    }

    fn has_ended(&self, token: &AccessToken) -> bool {
        token.ends <= self.context.host.clock.now()
    }

    /// `token` if it has not ended, renewed if it must be.
    fn good(&self, token: AccessToken) -> Result<AccessToken> {
        let left = token.ends.duration_since(self.context.host.clock.now());
        if left > NEARLY_ENDED || (token.tried && left.is_positive()) {
            return Ok(token);
        }
        match self.renew(&token.access, self.has_ended(&token)) {
            Ok(Some(renewed)) => Ok(renewed),
            // Good as long as it lasts.
            _ if !self.has_ended(&token) => Ok(AccessToken {
                tried: true,
                ..token
            }),
            Ok(None) => Err(self.ended(&token)),
            Err(error) => Err(error),
        }
    }

    /// A newer token than `old`: another process's, or one that is asked for
    /// now. `None`: it cannot be renewed. One that is good still is not `needed`:
    /// nobody is waited for long, and another process may be renewing it.
    fn renew(&self, old: &SecretString, needed: bool) -> Result<Option<AccessToken>> {
        let context = self.context;
        let cache = context.cache;
        // A refresh token may be good once: two processes must not send it.
        let guard = cache.map(|cache| cache.guard(&self.file.shown(), needed, context.host));
        if !needed && matches!(guard, Some(None)) {
            return Ok(None);
        }
        let mut token = self.read()?;
        let other = token.access.expose_secret() != old.expose_secret();
        if other && !self.has_ended(&token) {
            return Ok(Some(token));
        }
        let now = context.host.clock.now();
        let Some((client, refresh)) = token.renewal(now) else {
            return Ok(None);
        };
        let mut connection = connect(&self.sso.oidc, context.settings, context.host)?;
        if !needed {
            connection.hurry();
        }
        let tokens = traced(context, "CreateToken", &connection, || {
            sso::create_token(&connection, &aws_clock(context.host), &client, &refresh)
        });
        let tokens = tokens.map_err(|error| error.explain(&self.asked("", false)))?;
        let life = SignedDuration::from_secs(tokens.seconds);
        token.ends = now.checked_add(life).unwrap_or(now);
        let before = token.caller();
        token.before = (!other).then_some(before);
        token.access = tokens.access;
        if let Some(cache) = cache {
            cache.note_renewal(before, token.caller(), context.host, context.report);
        }
        let document = &mut token.document;
        document.set("accessToken", token.access.expose_secret());
        document.set("expiresAt", &written(token.ends));
        if let Some(refresh) = &tokens.refresh {
            document.set("refreshToken", refresh.expose_secret());
        }
        self.file.keep(document, context.report);
        Ok(Some(token))
    }
}

impl AccessToken {
    /// Whose login it is: that of whoever has the token, which is another one for
    /// whoever logs in next, and after each renewal.
    pub(super) fn caller(&self) -> Caller {
        let caller = Caller::of([("sso_token", self.access.expose_secret().as_bytes())]);
        match &self.before {
            Some(before) => caller.renewed_from(before),
            None => caller,
        }
    }

    /// The client and the refresh token that it can be renewed with at `now`.
    fn renewal(&self, now: Timestamp) -> Option<(sso::Client, SecretString)> {
        let document = &self.document;
        let registered = document.time("registrationExpiresAt")?;
        let client = sso::Client {
            id: document.text("clientId")?.to_owned(),
            secret: document.token("clientSecret")?,
        };
        let refresh = document.token("refreshToken")?;
        (registered > now).then_some((client, refresh))
    }

    fn can_be_renewed(&self, now: Timestamp) -> bool {
        self.renewal(now).is_some()
    }
}

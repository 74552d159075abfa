//! The login at a portal as its file has it, and its renewal.
//!
//! The AWS CLI and the SDKs share the file: it is renewed where they renew it, so
//! that whoever comes next finds the new one.

use assumerole_aws::sso::Grant;
use assumerole_aws::{Asked, AskedSource, Reason, sso};
use assumerole_core::aws::login::is_same_portal;
use assumerole_core::diagnostic::Warning;
use assumerole_core::plan::{Caller, Route, SsoPortal};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha1::{Digest as _, Sha1};

use super::{folder, sealed};
use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::sources::token_file::{Document, TokenFile, written};

/// A token that ends sooner is renewed first, if it can be: as in the AWS CLI.
pub(super) const NEARLY_ENDED: SignedDuration = SignedDuration::from_mins(15);

/// The login of one session, or of one portal.
pub(crate) struct SsoLogin<'l> {
    pub(super) context: &'l Context<'l>,
    pub(super) portal: &'l SsoPortal,
    /// The profile that names the portal, if one does.
    profile: Option<&'l str>,
    pub(super) file: TokenFile,
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

impl<'l> SsoLogin<'l> {
    /// The login at `portal`, which `profile` names.
    ///
    /// # Errors
    /// The home folder is not known.
    pub(crate) fn of(
        context: &'l Context<'l>,
        portal: &'l SsoPortal,
        profile: Option<&'l str>,
    ) -> Result<Self> {
        let (key, command) = match (&portal.session, profile) {
            (Some(session), _) => {
                let name = session.value.as_str();
                (name, format!("assumerole sso login {}", argument(name)))
            }
            (None, profile) => {
                let profile = argument(profile.unwrap_or("default"));
                let command = format!("assumerole login {profile}");
                (portal.start_url.value.as_str(), command)
            }
        };
        Ok(Self {
            context,
            portal,
            profile,
            file: TokenFile::new(&folder(context)?, &Sha1::digest(key.as_bytes())),
            command,
        })
    }
    /// What logs in.
    pub(super) fn command(&self) -> &str {
        &self.command
    }

    fn needed(&self, why: impl std::fmt::Display) -> Error {
        let message = format!("there is no login for {}", self.portal.name());
        Error::new(Kind::LoginNeeded, message)
            .because(why)
            .hint(format!("log in: {}", self.command))
    }

    fn ended(&self, token: &AccessToken) -> Error {
        let message = format!("the login of {} has expired", self.portal.name());
        Error::new(Kind::LoginNeeded, message)
            .because(format!("it was valid until {}", written(token.ends)))
            .hint(format!("log in: {}", self.command))
    }

    /// For hints about a request by `route`, for a role of an account if it was
    /// one.
    pub(crate) fn asked(&self, route: &Route, role: Option<(String, String)>) -> Asked {
        Asked {
            profile: self.profile.unwrap_or_default().to_owned(),
            region: route.region.value.to_string(),
            source: Some(AskedSource::Login {
                command: self.command.clone(),
                role,
            }),
            ..Asked::default()
        }
    }

    /// Removes its file.
    ///
    /// # Errors
    /// That cannot be.
    pub(super) fn remove(&self) -> Result<()> {
        let cache = self.context.cache;
        let _guard = cache.map(|cache| cache.guard(&self.file.shown(), true, self.context.host));
        self.remove_sealed();
        self.file.remove()
    }

    /// Its file, for people.
    pub(crate) fn place(&self) -> String {
        self.file.shown()
    }

    /// Whether there is a login, and until when.
    ///
    /// # Errors
    /// There is none, or it has ended.
    pub(crate) fn look(&self) -> Result<String> {
        let token = self.read()?;
        let (name, ends) = (self.portal.name(), written(token.ends));
        let renewable = token.renewal(self.context.host.clock.now()).is_some();
        let in_clear =
            !sealed::is_on(self.context) && token.document.text("refreshToken").is_some();
        let clear = match in_clear {
            true => format!("; its refresh token is in clear in {}", self.place()),
            false => String::new(),
        };
        match (self.has_ended(&token), renewable) {
            (false, _) => Ok(format!("the login of {name} is valid until {ends}{clear}")),
            (true, true) => Ok(format!(
                "the login of {name} has expired and will be renewed{clear}"
            )),
            (true, false) => Err(self.ended(&token)),
        }
    }

    /// The portal that the login in `document` is for, if it is another one: the
    /// file is found by a name, and a name may have stood for another portal.
    pub(super) fn other_portal(&self, document: &Document) -> Option<String> {
        let said = |name: &str| document.text(name).map(str::trim);
        let (start, region) = (said("startUrl")?, said("region")?);
        let (here, there) = (&self.portal.start_url.value, self.region());
        let same = is_same_portal(here, start) && region.eq_ignore_ascii_case(there);
        (!same).then(|| format!("{start} in {region}"))
    }

    pub(super) fn region(&self) -> &str {
        self.portal.portal.region.value.as_str()
    }

    fn check_portal(&self, document: &Document) -> Result<()> {
        let shown = self.file.shown();
        for name in ["startUrl", "region"] {
            if document.text(name).is_none() {
                return Err(self.needed(format!("{shown} has no {name}")));
            }
        }
        let Some(other) = self.other_portal(document) else {
            return Ok(());
        };
        let who = match (&self.portal.session, self.profile) {
            (None, Some(profile)) => format!("profile {profile}"),
            _ => self.portal.name(),
        };
        let (here, there) = (&self.portal.start_url.value, self.region());
        let message = format!("the login in {shown} is for another portal");
        Err(Error::new(Kind::LoginNeeded, message)
            .because(format!(
                "it is for {other}, and {who} has {here} in {there}"
            ))
            .hint(format!("log in: {}", self.command)))
    }

    /// The token in the file, ended or not.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn read(&self) -> Result<AccessToken> {
        let shown = self.file.shown();
        let document = match self.load()? {
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

    pub(super) fn has_ended(&self, token: &AccessToken) -> bool {
        token.ends <= self.context.host.clock.now()
    }

    /// `token` if it has not ended, renewed if it must be.
    ///
    /// # Errors
    /// It has ended, and cannot be renewed.
    pub(crate) fn good(&self, token: AccessToken) -> Result<AccessToken> {
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
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub(crate) fn renew(&self, old: &SecretString, needed: bool) -> Result<Option<AccessToken>> {
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
        let mut connection = connect(&self.portal.oidc, context.settings, context.host)?;
        if !needed {
            connection.hurry();
        }
        let tokens = context.traced("CreateToken", &connection, || {
            let grant = Grant::Refresh(&refresh);
            sso::create_token(&connection, &aws_clock(context.host), &client, grant)
        });
        let tokens = match tokens {
            Ok(tokens) => tokens,
            Err(error) => {
                // The AWS CLI takes no lock: it may have renewed the login while we
                // asked, with the refresh token that was good once.
                if error.reason() == Some(Reason::LoggedOut)
                    && let Ok(now) = self.read()
                    && now.access.expose_secret() != token.access.expose_secret()
                    && !self.has_ended(&now)
                {
                    return Ok(Some(now));
                }
                return Err(error.explain(&self.asked(&self.portal.oidc, None)));
            }
        };
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
        if let Err(why) = self.store(document) {
            context.report.warn(&Warning::new(format!(
                "the renewed login could not be kept: {why}"
            )));
        }
        Ok(Some(token))
    }
}

/// The file with the refresh token of the login at `portal`, where it lies in clear, for
/// people.
pub fn refresh_token_in_clear(context: &Context<'_>, portal: &SsoPortal) -> Option<String> {
    if sealed::is_on(context) {
        return None;
    }
    let login = SsoLogin::of(context, portal, None).ok()?;
    let document = login.file.read().ok()??.ok()?;
    document.text("refreshToken")?;
    Some(login.place())
}

impl AccessToken {
    /// What is sent.
    pub(crate) fn secret(&self) -> &SecretString {
        &self.access
    }

    /// When it ends.
    pub(super) fn ends(&self) -> Timestamp {
        self.ends
    }

    /// Whose login it is: that of whoever has the token, which is another one for
    /// whoever logs in next, and after each renewal.
    pub(crate) fn caller(&self) -> Caller {
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
}

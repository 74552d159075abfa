//! A session of `aws login`: credentials of fifteen minutes, which its refresh
//! token renews for as long as the session lasts.
//!
//! The AWS CLI and the SDKs share the session's file: it is renewed where they
//! renew it, so that whoever comes next finds the new credentials.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>

use std::path::{Path, PathBuf};

use assumerole_aws::signin::{LoginGrant, ProofKey, Renewed, create_oauth2_token};
use assumerole_aws::{Asked, AskedSource, Connection};
use assumerole_core::aws::ids::Region;
use assumerole_core::aws::login::subject;
use assumerole_core::environment::expand::expand;
use assumerole_core::plan::{self, Caller, Whose};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::env::names;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

use super::token_file::{Document, TokenFile, written};
use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::made::Made;

/// Credentials that end sooner are renewed, as in the AWS CLI.
const NEARLY_ENDED: SignedDuration = SignedDuration::from_mins(5);

/// One session.
pub(crate) struct ConsoleLogin<'l> {
    context: &'l Context<'l>,
    login: &'l plan::Login,
    pub(crate) file: TokenFile,
    /// What logs in.
    command: String,
}

/// The credentials of the session `login`.
///
/// # Errors
/// There is no session or it is over ([`Kind::LoginNeeded`]), or AWS's refusal
/// or silence.
pub(crate) fn credentials(
    context: &Context<'_>,
    profile: &str,
    login: &plan::Login,
) -> Result<Made> {
    let login = ConsoleLogin::of(context, profile, login)?;
    let (document, held) = login.read()?;
    if login.left(&held) > NEARLY_ENDED {
        return Ok(made(&document, held));
    }
    match login.renew(profile) {
        Ok(made) => Ok(made),
        // Better than nothing while they last.
        Err(error) if error.kind() == Kind::Unreachable && login.left(&held).is_positive() => {
            Ok(made(&document, held))
        }
        Err(error) => Err(error),
    }
}

/// Whose login it is: what its file holds that is another one for whoever logs
/// in next, and after each renewal. One whose credentials have ended counts: it
/// was theirs.
///
/// # Errors
/// There is none.
pub(super) fn caller(context: &Context<'_>, profile: &str, login: &plan::Login) -> Result<Caller> {
    let (document, _) = ConsoleLogin::of(context, profile, login)?.read()?;
    Ok(of_document(&document))
}

/// The file of the login.
///
/// # Errors
/// The home folder is not known.
pub(super) fn place(context: &Context<'_>, profile: &str, login: &plan::Login) -> Result<String> {
    Ok(ConsoleLogin::of(context, profile, login)?.file.shown())
}

fn of_document(document: &Document) -> Caller {
    let parts = ["accessToken.accessKeyId", "refreshToken", "dpopKey"];
    let text = |name| document.text(name).unwrap_or_default();
    let caller = Caller::of(parts.map(|name| (name, text(name).as_bytes())));
    // What stays when the credentials are renewed. Without it nobody can tell a
    // renewed login from another person's.
    let id_token = text("idToken");
    let who = subject(id_token).unwrap_or_else(|| id_token.to_owned());
    if who.is_empty() {
        return caller;
    }
    let account = "accessToken.accountId";
    caller.keeping([
        ("subject", who.as_bytes()),
        (account, text(account).as_bytes()),
    ])
}

fn made(document: &Document, credentials: Credentials) -> Made {
    Made::of(credentials, Whose::Caller(of_document(document)))
}

/// Puts what AWS gave into the file's `document`.
pub(crate) fn set_credentials(document: &mut Document, given: &Renewed) {
    let new = &given.credentials;
    document.set("accessToken.accessKeyId", &new.access_key_id);
    let secret = new.secret_access_key.expose_secret();
    document.set("accessToken.secretAccessKey", secret);
    if let Some(token) = &new.session_token {
        document.set("accessToken.sessionToken", token.expose_secret());
    }
    if let Some(ends) = new.expires {
        document.set("accessToken.expiresAt", &written(ends));
    }
    document.set("refreshToken", given.refresh.expose_secret());
}

/// Whether there is a session.
///
/// # Errors
/// There is none.
pub(super) fn look(context: &Context<'_>, profile: &str, login: &plan::Login) -> Result<String> {
    let login = ConsoleLogin::of(context, profile, login)?;
    let (_, held) = login.read()?;
    let name = &login.login.session.value;
    Ok(match (login.left(&held).is_positive(), held.expires) {
        (true, Some(ends)) => format!(
            "the login of {name} has credentials until {}; they are renewed",
            written(ends)
        ),
        _ => format!("the login of {name} has no credentials now; they are renewed"),
    })
}

/// As the AWS CLI reads it: with `~` and variables.
fn expanded(context: &Context<'_>, folder: &str) -> Result<PathBuf> {
    let variable = |name: &str| context.env.get(name)?.to_str().map(str::to_owned);
    let home = context.home().ok();
    let home = home.as_deref().and_then(Path::to_str);
    let folder = expand(folder, variable, home).map_err(|why| {
        let name = names::AWS_LOGIN_CACHE_DIRECTORY;
        Error::new(Kind::Usage, format!("{name} cannot be expanded")).because(why)
    })?;
    Ok(folder.into())
}

impl<'l> ConsoleLogin<'l> {
    pub(crate) fn of(
        context: &'l Context<'l>,
        profile: &str,
        login: &'l plan::Login,
    ) -> Result<Self> {
        let named = context.env.text(names::AWS_LOGIN_CACHE_DIRECTORY);
        let folder = match named {
            Some(folder) => expanded(context, folder)?,
            None => context.home()?.join(".aws/login/cache"),
        };
        Ok(Self {
            context,
            login,
            file: TokenFile::new(&folder, &Sha256::digest(login.session.value.as_bytes())),
            command: format!("assumerole login {}", argument(profile)),
        })
    }

    fn needed(&self, why: impl std::fmt::Display) -> Error {
        let message = format!("there is no login of {}", self.login.session.value);
        Error::new(Kind::LoginNeeded, message)
            .because(why)
            .hint(format!("log in: {}", self.command))
    }

    /// The file, and the credentials in it, ended or not.
    fn read(&self) -> Result<(Document, Credentials)> {
        let shown = self.file.shown();
        let document = match self.file.read()? {
            Some(Ok(document)) => document,
            Some(Err(what)) => return Err(self.needed(format!("{shown} holds {what}"))),
            None => return Err(self.needed(format!("there is no file {shown}"))),
        };
        let part = |name: &str| self.needed(format!("{shown} has no {name}"));
        let text = |name: &str| document.text(name).ok_or_else(|| part(name));
        let ends = document.time("accessToken.expiresAt");
        self.check_session(&document)?;
        let held = Credentials {
            access_key_id: text("accessToken.accessKeyId")?.to_owned(),
            secret_access_key: text("accessToken.secretAccessKey")?.into(),
            session_token: Some(text("accessToken.sessionToken")?.into()),
            expires: Some(ends.ok_or_else(|| part("accessToken.expiresAt"))?),
        };
        Ok((document, held))
    }

    /// Whether the file is of the session that is named: the account of its
    /// credentials, and whom its ID token names.
    fn check_session(&self, document: &Document) -> Result<()> {
        let (shown, session) = (self.file.shown(), self.login.session.value.as_str());
        let name = "accessToken.accountId";
        let account = document.text(name);
        let account = account.ok_or_else(|| self.needed(format!("{shown} has no {name}")))?;
        let foreign = |whose: &str| {
            let message = format!("the login in {shown} is not that of {session}");
            Err(Error::new(Kind::LoginNeeded, message)
                .because(format!("it is that of {whose}"))
                .hint(format!("log in: {}", self.command)))
        };
        if let Some(right) = session.split(':').nth(4)
            && right != account
        {
            return foreign(&format!("account {account}"));
        }
        match document.text("idToken").and_then(subject) {
            Some(whose) if whose != session => foreign(&whose),
            _ => Ok(()),
        }
    }

    /// Where it was logged in, if the file says so.
    pub(crate) fn home(&self) -> Option<Region> {
        let (document, _) = self.read().ok()?;
        document.text("signInRegion")?.parse().ok()
    }

    /// The refresh token, if there is a login.
    pub(crate) fn refresh_token(&self) -> Option<SecretString> {
        let (document, _) = self.read().ok()?;
        document.token("refreshToken")
    }

    fn left(&self, held: &Credentials) -> SignedDuration {
        let now = self.context.host.clock.now();
        let left = held.expires.map(|ends| ends.duration_since(now));
        left.unwrap_or(SignedDuration::ZERO)
    }

    /// For hints about a request through `connection`.
    pub(crate) fn asked(&self, profile: &str, connection: &Connection) -> Asked {
        Asked {
            profile: profile.to_owned(),
            region: connection.region().to_string(),
            source: Some(AskedSource::Login {
                command: self.command.clone(),
                role: None,
            }),
            ..Asked::default()
        }
    }

    /// New credentials: another process's, or those that are asked for now.
    fn renew(&self, profile: &str) -> Result<Made> {
        let context = self.context;
        let cache = context.cache;
        // A refresh token may be good once: two processes must not send it.
        // Nobody is waited for long while the old ones are good.
        let (mut document, mut held) = self.read()?;
        let needed = !self.left(&held).is_positive();
        let guard = cache.map(|cache| cache.guard(&self.file.shown(), needed, context.host));
        if guard.is_some() {
            (document, held) = self.read()?;
        }
        if self.left(&held) > NEARLY_ENDED || (!needed && matches!(guard, Some(None))) {
            return Ok(made(&document, held));
        }
        let part = |name: &str| self.needed(format!("{} has no {name}", self.file.shown()));
        let refresh = document.token("refreshToken");
        let refresh: SecretString = refresh.ok_or_else(|| part("refreshToken"))?;
        let key = document.secret("dpopKey").ok_or_else(|| part("dpopKey"))?;
        let key = ProofKey::from_pem(&key).map_err(|error| self.needed(error))?;
        let client = document.text("clientId").ok_or_else(|| part("clientId"))?;
        let mut connection = connect(&self.login.route, context.settings, context.host)?;
        if !needed {
            connection.hurry();
        }
        // Where it was logged in; the region of the profile may be another.
        let home = document.text("signInRegion");
        if let Some(region) = home.and_then(|region| region.parse().ok()) {
            connection.route.region.value = region;
        }
        let renewed = context.traced("CreateOAuth2Token", &connection, || {
            let grant = LoginGrant::Refresh(&refresh);
            create_oauth2_token(&connection, &aws_clock(context.host), client, grant, key)
        });
        let renewed = renewed.map_err(|error| error.explain(&self.asked(profile, &connection)))?;
        set_credentials(&mut document, &renewed);
        self.file.keep(&document, context.report);
        // Its end was reckoned by our clock already.
        Ok(made(&document, renewed.credentials))
    }
}

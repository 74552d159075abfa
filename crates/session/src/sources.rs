//! Where the first credentials of a plan come from. A source is one file and
//! one line here.

mod container;
mod environment;
mod instance;
mod keys;
pub(crate) mod login;
mod process;
mod sso;
mod stored_keys;
pub(crate) mod token_file;
mod web_identity;

use assumerole_aws::metadata::InstanceRole;
use assumerole_core::plan::{CacheKey, Caller, Plan, Source, SourceKind, Whose};
use assumerole_core::{Credentials, Error, Kind, Result};
use jiff::SignedDuration;
use secrecy::SecretString;

use crate::context::Context;
use crate::gate::MachineRole;
use crate::made::Made;
use crate::signin::AccessToken;

pub use environment::session_token;
pub use keys::credentials as of_profile;
pub(crate) use process::printed;
pub use process::read as of_output;

/// Whose the credentials of `plan`'s source are, as far as that can be told
/// without asking anybody, and what was read for that: it may be a pipe, which
/// says it once.
///
/// # Errors
/// Nobody's: there is no login, no token, no such command line.
pub(crate) fn whose(context: &Context<'_>, plan: &Plan) -> Result<(Whose, Asked)> {
    let profile = plan.source.profile.value.as_str();
    let nothing = |whose| (whose, Asked::Nothing);
    Ok(match &plan.source.kind {
        SourceKind::Keys { .. } | SourceKind::Stored { .. } | SourceKind::Environment { .. } => {
            nothing(Whose::Said)
        }
        SourceKind::Process { command } => nothing(Whose::Process {
            run: process::run(context, profile, command)?,
            printed: None,
        }),
        SourceKind::Sso(sso) => {
            let held = sso::held(context, profile, sso)?;
            (Whose::Caller(held.caller()), Asked::Sso(Box::new(held)))
        }
        SourceKind::WebIdentity(web) => {
            let token = web_identity::token(context, profile, web)?;
            let caller = web_identity::caller(&token);
            (Whose::Caller(caller), Asked::WebIdentity(token))
        }
        SourceKind::Login(login) => nothing(Whose::Caller(login::caller(context, profile, login)?)),
        SourceKind::Container { .. } | SourceKind::Instance { .. } => nothing(Whose::Unknown),
    })
}

/// What tells the callers of a source apart, for a person.
#[derive(Debug)]
pub struct Identified {
    /// What is looked at.
    pub by: String,
    /// What may make another caller and cannot be looked at.
    pub unseen: Option<&'static str>,
    /// How long the credentials are kept, where somebody would wonder.
    pub kept: Option<&'static str>,
}

/// What tells the callers of `source` apart; `None` where the plan says it.
/// Nobody is asked.
pub fn identified(context: &Context<'_>, source: &Source) -> Option<Identified> {
    let profile = source.profile.value.as_str();
    let login = |caller: Result<Caller>, place: Result<String>| match (caller, place) {
        (Ok(_), Ok(place)) => format!("the login in {place}"),
        (Err(error), _) | (_, Err(error)) => {
            let why = error.causes().first().cloned();
            format!("nobody: {}", why.unwrap_or_else(|| error.to_string()))
        }
    };
    let by = match &source.kind {
        SourceKind::Keys { .. } | SourceKind::Stored { .. } | SourceKind::Environment { .. } => {
            return None;
        }
        SourceKind::Process { .. } => {
            "its program, arguments, the folder and the environment; roles, by the access key that it prints".to_owned()
        }
        SourceKind::Sso(sso) => login(
            sso::held(context, profile, sso).map(|held| held.caller()),
            sso::place(context, profile, sso),
        ),
        SourceKind::Login(of) => login(
            login::caller(context, profile, of),
            login::place(context, profile, of),
        ),
        SourceKind::WebIdentity(web) => match web_identity::token(context, profile, web) {
            Ok(_) => format!("the token in {}", web.token_file.value),
            Err(error) => {
                let why = error.causes().first().cloned();
                format!("nobody: {}", why.unwrap_or_else(|| error.to_string()))
            }
        },
        SourceKind::Container { .. } => {
            "the token that is shown, and the role that is answered".to_owned()
        }
        SourceKind::Instance { .. } => "the role and the instance profile that are answered".to_owned(),
    };
    let (unseen, kept) = match &source.kind {
        SourceKind::Process { .. } => (
            Some("files and services that it reads"),
            Some("as long as its answer says, and not without an Expiration"),
        ),
        SourceKind::Container { .. } | SourceKind::Instance { .. } => (
            Some("who it is now: it is asked when its roles are used"),
            Some("not at all; roles that come from them are"),
        ),
        _ => (None, None),
    };
    Some(Identified { by, unseen, kept })
}

/// The file of the login that `source` comes from; `None` where
/// there is none.
pub(crate) fn login(context: &Context<'_>, source: &Source) -> Option<Result<String>> {
    let profile = source.profile.value.as_str();
    match &source.kind {
        SourceKind::Sso(sso) => Some(sso::place(context, profile, sso)),
        SourceKind::Login(login) => Some(login::place(context, profile, login)),
        _ => None,
    }
}

/// What is known of a source before its credentials are needed.
pub(crate) enum Asked {
    /// Nothing that [`whose`] does not say.
    Nothing,
    /// The token of a web identity.
    WebIdentity(SecretString),
    /// The login of IAM Identity Center.
    Sso(Box<AccessToken>),
    /// The role of the instance.
    Instance(InstanceRole),
    /// The credentials, which say whose they are.
    Made(Made),
}

/// As [`whose`], which has found `held`, where somebody has to be asked, or a
/// login that has ended has to be renewed: for whoever needs the source's
/// credentials next.
///
/// # Errors
/// Nobody's, or nobody answers.
pub(crate) fn ask(context: &Context<'_>, source: &Source, held: Asked) -> Result<Asked> {
    let profile = source.profile.value.as_str();
    Ok(match (&source.kind, held) {
        (SourceKind::Sso(sso), Asked::Sso(held)) => {
            Asked::Sso(Box::new(sso::renewed(context, profile, sso, *held)?))
        }
        (SourceKind::Login(login), _) => Asked::Made(login::credentials(context, profile, login)?),
        (SourceKind::Container { uri, .. }, _) => {
            Asked::Made(container::credentials(context, uri)?)
        }
        (SourceKind::Instance { service, .. }, _) => {
            Asked::Instance(instance::role(context, service)?)
        }
        (
            SourceKind::Keys { .. }
            | SourceKind::Stored { .. }
            | SourceKind::Environment { .. }
            | SourceKind::WebIdentity(_)
            | SourceKind::Sso(_)
            | SourceKind::Process { .. },
            held,
        ) => held,
    })
}

impl Asked {
    /// The role that a machine has said it has.
    pub(crate) fn role(&self) -> Option<MachineRole> {
        match self {
            Self::Instance(role) => Some(instance::machine_role(role)),
            Self::Made(made) => made.role.clone(),
            Self::Nothing | Self::WebIdentity(_) | Self::Sso(_) => None,
        }
    }

    /// Whose they are, if that was learnt.
    pub(crate) fn whose(&self) -> Option<Whose> {
        match self {
            Self::Nothing => None,
            Self::WebIdentity(token) => Some(Whose::Caller(web_identity::caller(token))),
            Self::Sso(held) => Some(Whose::Caller(held.caller())),
            Self::Instance(role) => Some(Whose::Caller(instance::caller(role))),
            Self::Made(made) => made.whose.clone(),
        }
    }
}

/// The credentials of `plan`'s source, of which `asked` was learnt already.
/// `may_ask`: whether a person may be asked for what they are locked with.
///
/// # Errors
/// They cannot be had.
pub(crate) fn credentials(
    context: &Context<'_>,
    plan: &Plan,
    asked: Asked,
    may_ask: bool,
) -> Result<Made> {
    let source = &plan.source;
    let profile = source.profile.value.as_str();
    let made = match (&source.kind, asked) {
        (_, Asked::Made(made)) => made,
        (SourceKind::Keys { .. }, _) => Made::of(of_keys(context, profile)?, Whose::Said),
        (
            SourceKind::Stored {
                name,
                access_key_id,
            },
            _,
        ) => {
            let keys = stored_keys::credentials(context, name, &access_key_id.value, may_ask)?;
            Made::of(keys, Whose::Said)
        }
        (SourceKind::Environment { .. }, _) => Made::of(of_environment(context)?, Whose::Said),
        (SourceKind::Process { command }, _) => {
            process::credentials(context, profile, command, &plan.source_key())?
        }
        (SourceKind::Sso(sso), Asked::Sso(held)) => {
            sso::credentials(context, profile, sso, Some(*held))?
        }
        (SourceKind::Sso(sso), _) => sso::credentials(context, profile, sso, None)?,
        (SourceKind::WebIdentity(web), Asked::WebIdentity(token)) => {
            web_identity::credentials(context, profile, web, Some(token))?
        }
        (SourceKind::WebIdentity(web), _) => {
            web_identity::credentials(context, profile, web, None)?
        }
        (SourceKind::Login(login), _) => login::credentials(context, profile, login)?,
        (SourceKind::Container { uri, .. }, _) => container::credentials(context, uri)?,
        (SourceKind::Instance { service, .. }, Asked::Instance(role)) => {
            instance::credentials(context, service, &role)?
        }
        (SourceKind::Instance { service, .. }, _) => {
            let role = instance::role(context, service)?;
            instance::credentials(context, service, &role)?
        }
    };
    match made.credentials.odd_part() {
        None => Ok(made),
        Some(part) => {
            let message = format!("the {part} of {} is invalid", source.describe());
            Err(Error::new(Kind::Failed, message)
                .because("it has characters that no credentials of AWS have"))
        }
    }
}

fn of_keys(context: &Context<'_>, profile: &str) -> Result<Credentials> {
    keys::credentials(context.aws_files, profile)
}

fn of_environment(context: &Context<'_>) -> Result<Credentials> {
    environment::credentials(&context.host.env)
}

/// The keys of `source`, if they are written down somewhere, or stored and
/// unlocked; `None` where somebody has to be asked for them.
pub fn written_keys(context: &Context<'_>, source: &Source) -> Option<Result<Credentials>> {
    match &source.kind {
        SourceKind::Keys { .. } => Some(of_keys(context, &source.profile.value)),
        SourceKind::Stored {
            name,
            access_key_id,
        } => stored_keys::at_hand(context, name, &access_key_id.value),
        SourceKind::Environment { .. } => Some(of_environment(context)),
        SourceKind::Process { .. }
        | SourceKind::Sso(_)
        | SourceKind::WebIdentity(_)
        | SourceKind::Login(_)
        | SourceKind::Container { .. }
        | SourceKind::Instance { .. } => None,
    }
}

/// Looks whether this process was started, by way of whoever, to make just the
/// credentials that it is about to ask `source` for. It would wait for the one
/// that waits for it.
///
/// # Errors
/// It was.
pub(crate) fn check_circle(context: &Context<'_>, source: &Source, key: &CacheKey) -> Result<()> {
    match &source.kind {
        SourceKind::Process { command } => {
            process::check_circle(context, &source.profile.value, command, key)
        }
        _ => Ok(()),
    }
}

/// What can be told of `source` without a request: one sentence that says that
/// it is there; `None` where there is nothing to see.
///
/// # Errors
/// It is not there, or not as it should be.
pub fn look(context: &Context<'_>, source: &Source) -> Result<Option<String>> {
    let profile = source.profile.value.as_str();
    match &source.kind {
        SourceKind::Keys { .. } | SourceKind::Environment { .. } => Ok(None),
        SourceKind::Stored { name, .. } => stored_keys::look(context, name).map(Some),
        SourceKind::Process { command } => process::look(context, profile, command).map(Some),
        SourceKind::Sso(sso) => sso::look(context, profile, sso).map(Some),
        SourceKind::WebIdentity(web) => web_identity::look(context, profile, web).map(Some),
        SourceKind::Login(login) => login::look(context, profile, login).map(Some),
        SourceKind::Container { uri, .. } => Ok(Some(container::look(uri))),
        SourceKind::Instance { service, .. } => Ok(Some(instance::look(service))),
    }
}

impl Made {
    fn of(credentials: Credentials, whose: Whose) -> Self {
        Self {
            credentials,
            skew: SignedDuration::ZERO,
            kept: true,
            whose: Some(whose),
            role: None,
        }
    }
}

/// What `fuzz/` reads without a plan around it.
#[cfg(fuzzing)]
pub(crate) mod fuzzing {
    use super::process;
    use super::token_file::Document;

    /// Reads what a process printed.
    pub fn process_output(bytes: &[u8]) {
        let _ = process::read(bytes);
    }

    /// Reads a file of tokens, and changes it.
    pub fn token_file(bytes: &[u8]) {
        let Ok(mut document) = Document::read(bytes) else {
            return;
        };
        for name in ["expiresAt", "refreshToken", "accessToken.expiresAt"] {
            let _ = (document.token(name), document.time(name));
            document.set(name, "2026-11-23T15:04:05Z");
            assert!(document.text(name).is_some() && document.time(name).is_some());
        }
    }
}

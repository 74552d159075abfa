//! Who asks IAM, and how long a new key is waited for.

use std::time::Duration;

use assumerole_aws::{Asked, CallError, Connection, iam, sts};
use assumerole_core::diagnostic::Id;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Fresh, Plan, Route, Step};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::deadline;
use assumerole_session::{aws_clock, connect};
use secrecy::SecretString;

use super::places::OpenStore;
use super::{AccessKeys, KeyStatus, is_gone, is_unknown};
use crate::app::App;
use crate::commands::assume::obtained;
use crate::commands::confirm::ByName;
use crate::commands::login;

/// A key that AWS does not know after so long is none. It takes seconds as a
/// rule.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits between two attempts grow from the first to the last.
const WAITS: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(4)];

/// The user whose key is replaced, and what IAM is asked with: the MFA session
/// where a device is known, else the key itself.
pub(super) struct User {
    pub(super) keys: Credentials,
    pub(super) has_device: bool,
    /// What has led to that session; `None` for the key.
    pub(super) plan: Option<Plan>,
    /// Whether a code was spent for it in this run.
    pub(super) is_new: bool,
    /// Its ARN.
    pub(super) arn: String,
    /// Its name, without a path.
    pub(super) name: String,
    iam: Connection,
    sts: Connection,
    asked: Asked,
    code: Option<SecretString>,
}

impl User {
    /// That of profile `name`, whose key is in `store` or in `~/.aws`.
    ///
    /// # Errors
    /// It has no key, AWS does not know it, or it is the root user.
    pub(super) fn of(
        app: &App<'_>,
        name: &str,
        store: Option<&OpenStore>,
        code: Option<SecretString>,
    ) -> Result<Self> {
        let files = app.aws_files()?;
        let profile = files
            .profile(name)
            .ok_or_else(|| Error::new(Kind::UnknownName, format!("there is no profile {name}")))?;
        let iam = Route::to_iam(files, &profile, &app.settings)?;
        let sts = Route::to_sts_with_keys(files, &profile, &app.settings)?;
        let asked = Asked {
            profile: name.to_owned(),
            keys_given: Some(format!("profile {name}")),
            region: sts.region.value.to_string(),
            ..Asked::default()
        };
        let device = login::session_of_profile(app, name, &Request::default());
        let device = device
            .ok()
            .filter(|plan: &Plan| plan.steps.iter().any(|step: &Step| step.device().is_some()));
        let (keys, code, is_new) = match &device {
            Some(plan) => {
                let confirm = ByName::new(app, Some(name), &[]);
                let session = obtained(app, plan, confirm, code.clone(), None, Fresh::default());
                let session = session.map_err(|error| of_code(error, name))?;
                let is_new = !session.cached;
                (session.credentials, code.filter(|_| !is_new), is_new)
            }
            None => (super::places::keys(app, name, store)?, code, false),
        };
        let mut user = Self {
            keys,
            has_device: device.is_some(),
            plan: device,
            is_new,
            arn: String::new(),
            name: String::new(),
            iam: connect(&iam, &app.settings, app.host)?,
            sts: connect(&sts, &app.settings, app.host)?,
            asked,
            code,
        };
        let identity = user.patiently(app, || {
            sts::get_caller_identity(&user.sts, &user.keys, &aws_clock(app.host))
        });
        user.arn = identity.map_err(|error| error.explain(&user.asked))?.arn;
        user.name = user_name(&user.arn)?.to_owned();
        Ok(user)
    }

    /// The code that was given and that nothing has needed yet.
    pub(super) fn unused_code(&mut self) -> Option<SecretString> {
        self.code.take()
    }

    pub(super) fn iam(&self) -> AccessKeys<'_> {
        AccessKeys {
            connection: &self.iam,
            keys: &self.keys,
            user: &self.name,
        }
    }

    pub(super) fn explain(&self, error: &CallError) -> Error {
        iam::explain(error, &self.asked)
    }

    pub(super) fn list(&self, app: &App<'_>) -> Result<Vec<KeyStatus>> {
        let clock = aws_clock(app.host);
        let list = self.patiently(app, || self.iam().list(&clock));
        list.map_err(|error| self.explain(&error))
    }

    /// Deletes the key `id`, if it is still there.
    pub(super) fn delete(&self, app: &App<'_>, id: &str) -> Result<()> {
        let clock = aws_clock(app.host);
        match self.patiently(app, || self.iam().delete(id, &clock)) {
            Err(error) if !is_gone(&error) => Err(self.explain(&error)),
            _ => Ok(()),
        }
    }

    /// Makes `call`, again and again while AWS does not know a key of which it
    /// has been heard that AWS knows it: it is not known everywhere at once.
    pub(super) fn patiently<T>(
        &self,
        app: &App<'_>,
        mut call: impl FnMut() -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let clock = app.host.clock.as_ref();
        let begun = clock.monotonic();
        let mut wait = WAITS[0];
        let patience = match self.has_device || self.arn.is_empty() {
            // It was used before.
            true => Duration::ZERO,
            false => PATIENCE,
        };
        loop {
            match call() {
                Err(error)
                    if is_unknown(&error) && clock.monotonic().saturating_sub(begun) < patience =>
                {
                    deadline::uncounted(clock, || clock.sleep(wait));
                    wait = (wait * 2).min(WAITS[1]);
                }
                other => return other,
            }
        }
    }
}

/// `error`, where nobody could be asked for a code, with the way to give one.
fn of_code(error: Error, name: &str) -> Error {
    match error.kind() {
        Kind::CannotAsk => Error::new(Kind::CannotAsk, error.message()).hint(format!(
            "give the code: assumerole keys rotate --mfa-code CODE {}",
            argument(name)
        )),
        _ => error,
    }
}

/// The name in the ARN of a user.
///
/// # Errors
/// It is not one whose keys may be replaced.
fn user_name(arn: &str) -> Result<&str> {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    if resource == "root" {
        return Err(Error::new(
            Kind::Usage,
            "this is the key of the root user, which is not replaced",
        )
        .called(Id::NoUserKey)
        .because("a key of the root user can do everything, and no policy limits it")
        .hint("delete it in the AWS console (Security credentials), and use that of an IAM user"));
    }
    let name = resource
        .strip_prefix("user/")
        .and_then(|path| path.rsplit('/').next());
    name.ok_or_else(|| {
        Error::new(Kind::Usage, format!("{arn} is no IAM user"))
            .called(Id::NoUserKey)
            .because("only an IAM user has access keys that IAM replaces")
    })
}

/// Waits until AWS accepts the key `new`, and makes sure that it is the user's.
///
/// # Errors
/// AWS does not accept it for a long time, or it is somebody else's.
pub(super) fn prove(app: &App<'_>, user: &User, new: &Credentials) -> Result<()> {
    let clock = app.host.clock.as_ref();
    let begun = clock.monotonic();
    let (mut wait, mut told) = (WAITS[0], false);
    let ended = |error: Error| {
        error
            .because("the old key is still in its place, and the new one is kept")
            .hint("run this again: it carries on with the new key")
    };
    loop {
        let identity = sts::get_caller_identity(&user.sts, new, &aws_clock(app.host));
        let error = match identity {
            Ok(identity) if identity.arn == user.arn => return Ok(()),
            Ok(identity) => {
                let message = format!("the new key {} is of another user", new.access_key_id);
                return Err(Error::new(Kind::Failed, message)
                    .called(Id::KeyNotReplaced)
                    .because(format!("it is of {}, not of {}", identity.arn, user.arn)));
            }
            Err(error) => error,
        };
        let waited = clock.monotonic().saturating_sub(begun);
        if !is_unknown(&error) || waited >= PATIENCE {
            return Err(ended(error.explain(&user.asked)));
        }
        if !std::mem::replace(&mut told, true) {
            app.printer.note(&format!(
                "created the key {}; waiting until AWS knows it",
                new.access_key_id
            ));
        }
        deadline::uncounted(clock, || clock.sleep(wait));
        wait = (wait * 2).min(WAITS[1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_users_have_keys_that_are_replaced() {
        assert_eq!(user_name("arn:aws:iam::1:user/jdoe").unwrap(), "jdoe");
        assert_eq!(
            user_name("arn:aws-cn:iam::1:user/a/b/jdoe").unwrap(),
            "jdoe"
        );
        assert_eq!(user_name("arn:aws:iam::1:user/root").unwrap(), "root");
        for (other, why) in [
            ("arn:aws:iam::1:root", "root user"),
            ("arn:aws:sts::1:assumed-role/read/jdoe", "no IAM user"),
            ("arn:aws:sts::1:federated-user/jdoe", "no IAM user"),
        ] {
            let error = user_name(other).unwrap_err();
            assert!(error.message().contains(why), "{error}");
        }
    }
}

//! Whose a device is, as the files say, and a code of it that AWS is shown.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::aws::totp::TotpSecret;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Fresh, Plan, SourceKind, Step, Target};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Clock;
use assumerole_session::mfa::{Ask, Wanted};
use assumerole_session::{Obtained, gate};
use secrecy::SecretString;

use crate::app::App;
use crate::commands::assume::context;
use crate::commands::confirm::ByName;
use crate::commands::login;

/// The profiles whose key is a user's own, each key once: with the ID of the key
/// and the devices that the files name for it.
///
/// # Errors
/// A file cannot be read.
pub(super) fn users(app: &App<'_>) -> Result<Vec<KeyUser>> {
    let (config, files) = (app.config()?, app.aws_files()?);
    let names = app.role_names()?.into_iter();
    let roles = names.filter_map(|name| Target::find(config, files, &name).ok().flatten());
    let profiles = files.profile_names().into_iter();
    let profiles = profiles.map(|name| Target::Profile(name.to_string()));
    let mut users: Vec<KeyUser> = Vec::new();
    for target in profiles.chain(roles) {
        // One that is wrong says so when it is used.
        let plan = app.plan(&target, &Request::default()).ok();
        let Some((id, plan)) = plan.and_then(|plan| Some((key_of(&plan)?, plan))) else {
            continue;
        };
        let devices = plan.steps.iter().filter_map(Step::device);
        let devices: Vec<MfaDevice> = devices.cloned().collect();
        match users.iter_mut().find(|user| user.id == id) {
            Some(user) => user.devices.extend(devices),
            None => users.push(KeyUser {
                profile: plan.source.profile.value.clone(),
                id,
                devices,
            }),
        }
    }
    Ok(users)
}

/// The devices that the files name, each once.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn devices(app: &App<'_>) -> Result<Vec<MfaDevice>> {
    let mut devices: Vec<MfaDevice> = Vec::new();
    for user in users(app)? {
        for device in user.devices {
            if !devices.contains(&device) {
                devices.push(device);
            }
        }
    }
    devices.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    Ok(devices)
}

/// A user, as far as the files tell.
pub(super) struct KeyUser {
    /// A profile that has the key.
    pub(super) profile: String,
    /// The access key ID.
    id: String,
    /// The devices that the profile and its roles name.
    devices: Vec<MfaDevice>,
}

/// The ID of the long-term key that `plan` starts at.
fn key_of(plan: &Plan) -> Option<String> {
    match &plan.source.kind {
        SourceKind::Stored { access_key_id, .. }
        | SourceKind::Keys {
            access_key_id,
            token_from: None,
            ..
        } => Some(access_key_id.value.clone()),
        _ => None,
    }
}

/// Obtains the MFA session of `profile`, else of the one profile that has
/// `device`, with a code of `secret`. One call: nobody is asked, and a code that
/// AWS does not take is an error.
///
/// # Errors
/// No profile has the device, or AWS said no.
pub(super) fn prove(
    app: &App<'_>,
    device: &MfaDevice,
    secret: &TotpSecret,
    profile: Option<&str>,
) -> Result<(Plan, Obtained)> {
    let profile = match profile {
        Some(profile) => profile.to_owned(),
        None => profile_of(app, device)?,
    };
    let plan = login::session_of_profile(app, &profile, &Request::default())?;
    let has_it = |step: &Step| step.device().is_some_and(|has| has == device);
    if !plan.steps.iter().any(has_it) {
        let message = format!("the session of profile {profile} takes no code of {device}");
        return Err(Error::new(Kind::Usage, message).hint(format!(
            "name the device in ~/.aws/config: mfa_serial = {device}"
        )));
    }
    let mut confirm = ByName::new(app, Some(&profile), &[]);
    let cleared = gate::clear(&app.guarding()?, &plan, &mut confirm)?;
    let mut ask = OneCode {
        secret: Some(secret),
        clock: app.host.clock.as_ref(),
    };
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    context.forget_refusals(&plan);
    let fresh = Fresh {
        role: false,
        mfa: true,
    };
    let obtained = context.obtain(&cleared, &mut ask, fresh)?;
    Ok((plan, obtained))
}

fn profile_of(app: &App<'_>, device: &MfaDevice) -> Result<String> {
    let mut users = users(app)?;
    users.retain(|user| user.devices.contains(device));
    match users.as_slice() {
        [user] => Ok(user.profile.clone()),
        [] => Err(Error::new(
            Kind::Usage,
            format!("no profile with an access key uses {device}"),
        )
        .hint("name the profile of its user: --profile PROFILE")),
        several => {
            let names: Vec<&str> = several.iter().map(|user| user.profile.as_str()).collect();
            Err(
                Error::new(Kind::Usage, format!("several profiles use {device}"))
                    .because(format!("they are {}", names.join(", ")))
                    .hint("name the one that is meant: --profile PROFILE"),
            )
        }
    }
}

/// The code of the secret that is to be proved, once.
struct OneCode<'a> {
    secret: Option<&'a TotpSecret>,
    clock: &'a dyn Clock,
}

impl Ask for OneCode<'_> {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        let secret = self.secret.take();
        let code = secret.and_then(|secret| secret.code_at(self.clock.now()));
        code.ok_or_else(|| Error::new(Kind::Mfa, format!("no more codes of {}", wanted.device)))
    }

    fn can_ask_again(&self) -> bool {
        false
    }

    /// A code that was spent is not shown to AWS again: the next one is waited
    /// for.
    fn is_automatic(&self, _wanted: &Wanted<'_>) -> bool {
        self.secret.is_some()
    }
}

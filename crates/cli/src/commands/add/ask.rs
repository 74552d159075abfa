//! The questions of `add`, for what no flag said.

use assumerole_core::Result;
use assumerole_core::aws::ids::{AccountId, MfaDevice, Region};
use assumerole_core::aws_config::Profile;
use assumerole_core::config::Config;
use assumerole_core::plan::StaticKeys;
use assumerole_core::plan::request;

use super::devices;
use super::draft::{self, Device, Draft, Named};
use crate::app::App;
use crate::role_file;
use crate::ui::questions::Questions;

/// Asks for what `draft` lacks, and for what most roles have.
///
/// # Errors
/// There is no answer.
pub(super) fn complete(
    app: &App<'_>,
    draft: Draft,
    top: &Config,
    person: &mut Questions,
) -> Result<Draft> {
    let mut draft = draft;
    if draft.name.is_none() {
        draft.name = Some(name(app, person)?);
    }
    let flags = &mut draft.flags;
    if flags.profile.is_none() && flags.via.is_none() {
        flags.profile = Some(profile(app, top, person)?);
    }
    if flags.aws_role.is_none() {
        let question = "The role in its account, its name or its ARN: ";
        let read = |answer: &str| Named::read(answer).map_err(|why| why.to_string());
        flags.aws_role = Some(person.ask(question, read)?);
    }
    if flags.account.is_none() && matches!(flags.aws_role, Some(Named::Name(_))) {
        let question = "The account that owns the role, 12 digits: ";
        flags.account = Some(person.ask(question, parsed::<AccountId>)?);
    }
    let files = app.aws_files()?;
    let profile = flags.profile.as_ref().and_then(|name| files.profile(name));
    if let Some(profile) = profile {
        if matches!(draft.device, Device::Unsaid) {
            let usual = draft.device_of_top(top).cloned();
            draft.device = mfa_device(app, &profile, usual, person)?;
        }
        if draft.flags.region.is_none() {
            draft.flags.region = region(&profile, top, person)?;
        }
    }
    Ok(draft)
}

fn name(app: &App<'_>, person: &mut Questions) -> Result<String> {
    person.ask("Name of the role, as you will type it: ", |answer| {
        draft::check_name(answer)?;
        role_file::is_free(app, answer).map_err(|error| {
            let place = error.snippet().map(|at| format!(", at {}", at.place()));
            format!("{}{}", error.message(), place.unwrap_or_default())
        })?;
        Ok(answer.to_owned())
    })
}

fn profile(app: &App<'_>, top: &Config, person: &mut Questions) -> Result<String> {
    let names: Vec<String> = app
        .aws_files()?
        .profile_names()
        .into_iter()
        .map(Into::into)
        .collect();
    let usual = top.aws_profile().map(|profile| profile.value.as_str());
    let read = |answer: &str| {
        let answer = match (answer, usual) {
            ("", Some(usual)) => usual,
            (answer, _) => answer,
        };
        draft::check_profile(app, answer).map_err(|error| {
            let hint = error.hints().first().map(|hint| format!("; {hint}"));
            format!("{}{}", error.message(), hint.unwrap_or_default())
        })?;
        Ok(answer.to_owned())
    };
    let enter = usual.map_or(String::new(), |usual| format!("; Enter for {usual}"));
    let question = format!("The profile whose credentials call AWS, its number or name{enter}: ");
    person.choose("Profiles of ~/.aws:", &names, &question, read)
}

/// What was answered to the question for the device.
enum DeviceAnswer {
    Known(Device),
    /// IAM may be asked.
    LookUp,
}

/// Only a user with keys of its own has a device. IAM is asked if the person
/// says so, and not otherwise.
fn mfa_device(
    app: &App<'_>,
    profile: &Profile<'_>,
    of_top: Option<MfaDevice>,
    person: &mut Questions,
) -> Result<Device> {
    if !matches!(StaticKeys::of(profile), Ok(Some(_))) {
        return Ok(Device::Unsaid);
    }
    let usual = of_top.or_else(|| {
        let serial = profile.get("mfa_serial")?;
        serial.text().trim().parse::<MfaDevice>().ok()
    });
    let name = profile.name();
    let offer =
        format!("? asks IAM for your devices (iam:ListMFADevices, with the keys of {name})");
    let question = match &usual {
        Some(device) => {
            format!("ARN of the MFA device; Enter for {device}, - for none, ? to ask IAM: ")
        }
        None => "ARN of the MFA device; Enter for none, ? to ask IAM: ".to_owned(),
    };
    person.say(&offer)?;
    loop {
        let answer = person.ask(&question, |answer| match (answer, &usual) {
            ("?", _) => Ok(DeviceAnswer::LookUp),
            ("-", _) | ("", None) => Ok(DeviceAnswer::Known(Device::None)),
            ("", Some(device)) => Ok(DeviceAnswer::Known(Device::Is(device.clone()))),
            (answer, _) => parsed(answer).map(|device| DeviceAnswer::Known(Device::Is(device))),
        })?;
        if let DeviceAnswer::Known(device) = answer {
            return Ok(device);
        }
        match devices::look_up(app, profile) {
            Ok(found) if found.is_empty() => {
                person.say("  IAM lists no MFA device for this user.")?;
            }
            Ok(found) => return one_of(&found, person),
            // The rest of the role is no worse for it.
            Err(error) => {
                person.say(&format!("  {error}"))?;
                for hint in error.hints() {
                    person.say(&format!("  hint: {hint}"))?;
                }
            }
        }
    }
}

fn one_of(devices: &[MfaDevice], person: &mut Questions) -> Result<Device> {
    let names: Vec<String> = devices.iter().map(ToString::to_string).collect();
    let question = "The device, its number; Enter for the first, - for none: ";
    person.choose(
        "MFA devices of this user:",
        &names,
        question,
        |answer| match answer {
            "-" => Ok(Device::None),
            "" => Ok(devices.first().cloned().map_or(Device::None, Device::Is)),
            answer => parsed(answer).map(Device::Is),
        },
    )
}

fn region(profile: &Profile<'_>, top: &Config, person: &mut Questions) -> Result<Option<Region>> {
    let usual = match (top.aws_region(), profile.get("region")) {
        (Some(region), _) => format!("that of the top of the file, {}", region.value),
        (None, Some(region)) => format!("that of the profile, {}", region.text().trim()),
        (None, None) => "none".to_owned(),
    };
    person.ask(
        &format!("Region; Enter for {usual}: "),
        |answer| match answer {
            "" => Ok(None),
            answer => request::region(answer)
                .map(Some)
                .map_err(|why| why.to_string()),
        },
    )
}

fn parsed<T: std::str::FromStr<Err = assumerole_core::aws::ids::Invalid>>(
    answer: &str,
) -> Result<T, String> {
    answer
        .parse()
        .map_err(|why: assumerole_core::aws::ids::Invalid| why.to_string())
}

//! The MFA devices of the user behind a profile, as IAM knows them.

use assumerole_aws::{Asked, iam};
use assumerole_core::Result;
use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::aws_config::Profile;
use assumerole_core::plan::{Route, StaticKeys};
use assumerole_session::{aws_clock, connect, sources};

use crate::app::App;

/// Asks IAM, with the keys of `profile`.
///
/// # Errors
/// It has none, or AWS's refusal or silence.
pub(super) fn look_up(app: &App<'_>, profile: &Profile<'_>) -> Result<Vec<MfaDevice>> {
    let files = app.aws_files()?;
    let name = profile.name();
    let keys = sources::of_profile(files, name)?;
    let route = Route::to_iam(files, profile, &app.settings)?;
    let connection = connect(&route, &app.settings, app.host)?;
    let place = StaticKeys::of(profile)?.map(|keys| keys.id.snippet().place());
    let asked = Asked {
        profile: name.to_owned(),
        keys_from: place.unwrap_or_default(),
        region: route.region.value.to_string(),
        ..Asked::default()
    };
    let now = aws_clock(app.host);
    let found = iam::list_mfa_devices(&connection, &keys, None, &now);
    let found = found.map_err(|error| iam::explain(&error, &asked))?;
    Ok(found.into_iter().map(|device| device.serial).collect())
}

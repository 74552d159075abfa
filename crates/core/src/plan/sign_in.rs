//! Where a person signs in to an account, as in the console.

use crate::aws::ids::Region;
use crate::aws::service::Service;
use crate::aws_config::{AwsFiles, Profile};
use crate::diagnostic::{Error, Kind, Result};

use super::Route;
use super::origin::Sourced;
use super::route::region_of;
use super::settings::RunSettings;
use super::source::Login;
use super::sourcing::lacks;

/// Files and settings, and whose in the files say how AWS is reached.
pub(super) struct SignInTarget<'a> {
    pub(super) files: &'a AwsFiles,
    pub(super) settings: &'a RunSettings,
    pub(super) profile: &'a Profile<'a>,
    pub(super) reached_by: &'a Profile<'a>,
}

impl SignInTarget<'_> {
    /// The login of `session`, in `region`, else that of the environment.
    ///
    /// # Errors
    /// There is no region, or no way there.
    pub(super) fn login(
        &self,
        session: Sourced<String>,
        region: Option<Sourced<Region>>,
    ) -> Result<Login> {
        let Some(region) = region.or_else(|| self.settings.region.clone()) else {
            return Err(lacks(self.profile, "region"));
        };
        let route = Route::resolve(
            self.files,
            self.reached_by,
            self.settings,
            Service::Signin,
            region.clone(),
        )?;
        let account = session.value.split(':').nth(4);
        Ok(Login {
            account: account.and_then(|account| account.parse().ok()),
            session,
            region,
            route,
        })
    }
}

/// The login of profile `name`, which has no `login_session`: its session is empty,
/// since whoever signs in says whose it is.
///
/// # Errors
/// There is no such profile, or it has no region.
pub fn first_login(files: &AwsFiles, settings: &RunSettings, name: &str) -> Result<Login> {
    let Some(profile) = files.profile(name) else {
        let message = format!("there is no profile {name:?} in ~/.aws");
        return Err(Error::new(Kind::UnknownName, message).lacking());
    };
    let target = SignInTarget {
        files,
        settings,
        profile: &profile,
        reached_by: &profile,
    };
    target.login(Sourced::default(String::new()), region_of(&profile)?)
}

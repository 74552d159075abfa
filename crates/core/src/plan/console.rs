//! How services are reached with the credentials of a plan.

use crate::aws::ids::{Partition, Region};
use crate::aws::service::Service;
use crate::aws_config::AwsFiles;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::Sourced;
use crate::plan::settings::RunSettings;

use super::{Plan, Route, SourceKind};

impl Plan {
    /// The partition of the role at its end; `None` where there is no role.
    pub fn partition(&self) -> Option<Partition> {
        let of_source = || match &self.source.kind {
            SourceKind::Sso(sso) => Some(Partition::of_region(&sso.at.portal.region.value)),
            SourceKind::WebIdentity(web) => Some(web.arn.value.partition.clone()),
            _ => None,
        };
        let role = self.role_arn().map(|arn| arn.partition.clone());
        role.or_else(of_source)
    }

    /// Whether the role at its end is assumed from another role.
    pub fn is_chained(&self) -> bool {
        let roles = self
            .steps
            .iter()
            .filter(|step| matches!(step.call, super::Call::Assume(_)));
        let of_role = matches!(
            self.source.kind,
            SourceKind::Sso(_) | SourceKind::WebIdentity(_)
        );
        roles.count() + usize::from(of_role) > 1
    }

    /// How the sign-in of the console is reached in `region`, by the settings of
    /// the profile that the plan begins with.
    ///
    /// # Errors
    /// The profile is gone, or says something wrong.
    pub fn route_to_console(
        &self,
        aws: &AwsFiles,
        settings: &RunSettings,
        region: Region,
    ) -> Result<Route> {
        self.route_to(Service::Signin, aws, settings, region)
    }

    /// As [`Plan::route_to_console`], to STS.
    ///
    /// # Errors
    /// As there.
    pub fn route_to_sts(
        &self,
        aws: &AwsFiles,
        settings: &RunSettings,
        region: Region,
    ) -> Result<Route> {
        self.route_to(Service::Sts, aws, settings, region)
    }

    /// As [`Plan::route_to_console`], to `service`.
    ///
    /// # Errors
    /// As there.
    pub fn route_to(
        &self,
        service: Service,
        aws: &AwsFiles,
        settings: &RunSettings,
        region: Region,
    ) -> Result<Route> {
        let name = &self.source.profile.value;
        let profile = aws.profile(name).ok_or_else(|| {
            let message = format!("there is no profile {name} in ~/.aws");
            Error::new(Kind::UnknownName, message)
        })?;
        Route::resolve(aws, &profile, settings, service, Sourced::default(region))
    }
}

//! All that is wrong with what the files say of how AWS is reached, whoever
//! uses it: for `check`. A plan ends at the first such thing on its way.

use crate::aws::ids::Region;
use crate::aws::service::Service;
use crate::aws_config::{AwsFiles, Profile, SectionSettings as Section};
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::settings::RunSettings;

use super::metadata::metadata_service;
use super::portal::check_session;
use super::route::{
    attempts, endpoint_url, filled, parsed_region, region_of, regional, switch, text_or_none,
};
use super::services;

/// What is wrong with the settings of `profile`.
pub fn wrong_settings(files: &AwsFiles, profile: &Profile<'_>) -> Vec<Error> {
    fn done<T>(found: Result<T>) -> Option<Error> {
        found.err()
    }
    // Whatever the environment says today.
    let none = RunSettings::default();
    let flag = |key| done(switch(profile, key, None, ""));
    [
        done(region_of(profile)),
        zone(profile, "region"),
        zone(profile, "sso_region"),
        // Says whether the others count.
        done(endpoint_url(files, profile, &none, Service::Sts)),
        flag("use_fips_endpoint"),
        flag("use_dualstack_endpoint"),
        done(text_or_none(profile, "ca_bundle")),
        done(attempts(profile, &none)),
        done(regional(profile, &none)),
        done(metadata_service(profile, &none.metadata)),
        done(check_session(files, profile)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is wrong with the sections that profiles name.
pub fn wrong_sections(files: &AwsFiles) -> Vec<Error> {
    let mut wrong = services::wrong(files);
    let names = files.sso_session_names();
    let sessions = names.iter().filter_map(|name| files.sso_session(name));
    for session in sessions {
        let region = filled(session.get("sso_region"));
        wrong.extend(region.and_then(|region| parsed_region(&session, &region).err()));
        wrong.extend(zone(&session, "sso_region"));
    }
    wrong
}

/// The error for an Availability Zone where a region should be: no service of
/// AWS answers there.
fn zone(section: &Section<'_>, key: &str) -> Option<Error> {
    let value = filled(section.get(key))?;
    let region = Region::of_zone(value.text().trim())?;
    let message = format!(
        "the {key} of profile {} is an Availability Zone, not a region",
        section.name()
    );
    Some(
        Error::new(Kind::Config, message)
            .at(value.snippet())
            .because("no service of AWS is reached by that name")
            .hint(format!("write {region}")),
    )
}

//! How STS is reached, decided from the environment and the profile by the
//! rules that AWS's own tools share.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

use crate::aws_files::{AwsFiles, Profile, Value};
use crate::error::{Error, Kind, Result};
use crate::ids::{Partition, Region};
use crate::settings::Settings;

/// How STS is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsConnection {
    /// Signed for and, without `endpoint_url`, called in.
    pub region: Region,
    /// Called instead of AWS's own end point.
    pub endpoint_url: Option<String>,
    /// The FIPS end point.
    pub fips: bool,
    /// The end point that also has an IPv6 address.
    pub dual_stack: bool,
    /// Path of the certificates that alone are trusted.
    pub ca_bundle: Option<String>,
    /// How often a request without an MFA code is tried.
    pub attempts: u32,
}

/// What the AWS SDKs do when nobody says anything.
const ATTEMPTS: u32 = 3;

impl StsConnection {
    /// The connection that `profile` and `settings` ask for. The region is the
    /// profile's, else `role_region`, else that of the environment, else the
    /// one that serves `partition`; instance metadata is never asked.
    ///
    /// # Errors
    /// A value of the profile that makes no sense.
    pub(super) fn resolve(
        files: &AwsFiles,
        profile: &Profile<'_>,
        settings: &Settings,
        role_region: Option<&Region>,
        partition: &Partition,
    ) -> Result<Self> {
        let own_region = region_of(profile)?;
        let region = own_region
            .or_else(|| role_region.cloned())
            .or_else(|| settings.region.clone())
            .filter(|region| Partition::of_region(region) == *partition)
            .unwrap_or_else(|| partition.default_region());
        Ok(Self {
            region,
            endpoint_url: endpoint_url(files, profile, settings)?,
            fips: switch(profile, "use_fips_endpoint", settings.fips)?,
            dual_stack: switch(profile, "use_dualstack_endpoint", settings.dual_stack)?,
            ca_bundle: settings
                .ca_bundle
                .clone()
                .or_else(|| text(profile, "ca_bundle")),
            attempts: attempts(profile, settings),
        })
    }
}

/// The region of a profile.
///
/// # Errors
/// It is not a region.
pub(super) fn region_of(profile: &Profile<'_>) -> Result<Option<Region>> {
    let Some(value) = profile
        .get("region")
        .filter(|v| !v.text().trim().is_empty())
    else {
        return Ok(None);
    };
    let region = value.text().trim().parse().map_err(|why| {
        Error::new(
            Kind::Config,
            format!("the region of profile {} is not a region", profile.name()),
        )
        .at(value.snippet())
        .because(why)
    })?;
    Ok(Some(region))
}

fn text(profile: &Profile<'_>, key: &str) -> Option<String> {
    let value = profile.get(key)?.text().trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// Service before global, environment before file.
fn endpoint_url(
    files: &AwsFiles,
    profile: &Profile<'_>,
    settings: &Settings,
) -> Result<Option<String>> {
    let from_file = text(profile, "ignore_configured_endpoint_urls");
    let ignore = settings
        .ignore_endpoint_urls
        .unwrap_or_else(|| from_file.is_some_and(|v| v.eq_ignore_ascii_case("true")));
    if ignore {
        return Ok(None);
    }
    let variables = [
        ("AWS_ENDPOINT_URL_STS", &settings.endpoint_url_sts),
        ("AWS_ENDPOINT_URL", &settings.endpoint_url),
    ];
    if let Some((name, url)) = variables
        .into_iter()
        .find_map(|(name, url)| Some((name, url.as_ref()?)))
    {
        check_url(url).map_err(|error| error.because(format!("{name} says so")))?;
        return Ok(Some(url.clone()));
    }
    let Some(value) = service_url(files, profile).or_else(|| filled(profile.get("endpoint_url")))
    else {
        return Ok(None);
    };
    let url = value.text().trim();
    check_url(url).map_err(|error| error.at(value.snippet()))?;
    Ok(Some(url.to_owned()))
}

pub(super) fn service_url<'a>(files: &'a AwsFiles, profile: &Profile<'a>) -> Option<Value<'a>> {
    let name = text(profile, "services")?;
    filled(files.services(&name)?.nested("sts", "endpoint_url"))
}

pub(super) fn filled(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.filter(|value| !value.text().trim().is_empty())
}

fn check_url(url: &str) -> Result<()> {
    let scheme = ["http://", "https://"].iter().find(|s| {
        url.get(..s.len())
            .is_some_and(|u| u.eq_ignore_ascii_case(s))
    });
    let host = scheme.map_or("", |s| &url[s.len()..]);
    let fits = !host.is_empty()
        && !host.starts_with(['/', ':'])
        && !url.contains(|c: char| c.is_whitespace() || c.is_control());
    if fits {
        return Ok(());
    }
    let message = format!("the end point of STS is not a URL: {url:?}");
    Err(Error::new(Kind::Config, message).hint("write it as https://host[:port]"))
}

fn switch(profile: &Profile<'_>, key: &str, environment: Option<bool>) -> Result<bool> {
    if let Some(on) = environment {
        return Ok(on);
    }
    let Some(value) = profile.get(key) else {
        return Ok(false);
    };
    match value.text().trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        other => Err(Error::new(
            Kind::Config,
            format!(
                "{key} of profile {} is true or false, not {other:?}",
                profile.name()
            ),
        )
        .at(value.snippet())),
    }
}

fn attempts(profile: &Profile<'_>, settings: &Settings) -> u32 {
    settings
        .max_attempts
        .or_else(|| text(profile, "max_attempts")?.parse().ok())
        .unwrap_or(ATTEMPTS)
        .clamp(1, 20)
}

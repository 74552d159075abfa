//! How a service of AWS is reached, decided from the environment and the
//! profile by the rules that AWS's own tools share.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

use crate::aws::ids::{Partition, Region};
use crate::aws::service::Service;
use crate::aws::url::{EndpointUrl, UrlFault, masked};
use crate::aws_config::{AwsFiles, Profile, Value};
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced, at};
use crate::plan::settings::RunSettings;

use super::services::service_url;
use super::ways::plain;

/// How a service is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which service.
    pub service: Service,
    /// Signed for and, without `endpoint_url`, called in.
    pub region: Sourced<Region>,
    /// Called instead of AWS's own endpoint.
    pub endpoint_url: Sourced<Option<EndpointUrl>>,
    /// The FIPS endpoint.
    pub fips: Sourced<bool>,
    /// The endpoint that also has an IPv6 address.
    pub dual_stack: Sourced<bool>,
    /// Path of the certificates that alone are trusted.
    pub ca_bundle: Sourced<Option<String>>,
    /// How often a request without an MFA code is tried.
    pub attempts: Sourced<u32>,
}

/// What the AWS SDKs do when nobody says anything.
const ATTEMPTS: u32 = 3;

/// Nobody waits for more.
const MOST_ATTEMPTS: u32 = 20;

impl Route {
    /// The way to `service` in `region` that `profile` and `settings` ask for.
    ///
    /// # Errors
    /// A value of the profile that makes no sense.
    pub(crate) fn resolve(
        files: &AwsFiles,
        profile: &Profile<'_>,
        settings: &RunSettings,
        service: Service,
        region: Sourced<Region>,
    ) -> Result<Self> {
        let ca_bundle = match &settings.ca_bundle {
            Some(path) => Sourced::new(Some(path.clone()), Origin::Variable("AWS_CA_BUNDLE")),
            None => text_or_none(profile, "ca_bundle")?,
        };
        Ok(Self {
            service,
            region,
            endpoint_url: endpoint_url(files, profile, settings, service)?,
            fips: switch(
                profile,
                "use_fips_endpoint",
                settings.fips,
                "AWS_USE_FIPS_ENDPOINT",
            )?,
            dual_stack: switch(
                profile,
                "use_dualstack_endpoint",
                settings.dual_stack,
                "AWS_USE_DUALSTACK_ENDPOINT",
            )?,
            ca_bundle,
            attempts: attempts(profile, settings)?,
        })
    }

    /// The way to STS. The region is the profile's, else `role_region`, else
    /// that of the environment, else the one that serves `partition`; instance
    /// metadata is never asked.
    ///
    /// # Errors
    /// A value of the profile that makes no sense.
    pub(super) fn to_sts(
        files: &AwsFiles,
        profile: &Profile<'_>,
        settings: &RunSettings,
        role_region: Option<&Sourced<Region>>,
        partition: &Partition,
    ) -> Result<Self> {
        let said = match region_of(profile)? {
            Some(region) => Some(region),
            None => role_region.cloned(),
        };
        let region = region_for_sts(said, settings, partition);
        Self::resolve(files, profile, settings, Service::Sts, region)?.globally(profile, settings)
    }

    /// The same way to STS, for keys of `base`: they are used in its region.
    ///
    /// # Errors
    /// A value of the profile that makes no sense.
    pub(super) fn for_keys_of(
        mut self,
        base: &Profile<'_>,
        settings: &RunSettings,
        partition: &Partition,
    ) -> Result<Self> {
        self.region = region_for_sts(region_of(base)?, settings, partition);
        self.globally(base, settings)
    }

    /// The same way, to the global endpoint if that is wanted.
    fn globally(mut self, profile: &Profile<'_>, settings: &RunSettings) -> Result<Self> {
        if self.wants_global(profile, settings)? {
            let global = "aws-global".parse().map_err(|why| {
                Error::new(Kind::Failed, "the global endpoint of STS has no name").because(why)
            })?;
            self.region = Sourced::new(global, Origin::Rule("sts_regional_endpoints is legacy"));
        }
        Ok(self)
    }

    /// The way to IAM for the keys of `profile`; its region only tells the
    /// partition.
    ///
    /// # Errors
    /// A value of the profile that makes no sense.
    pub fn to_iam(files: &AwsFiles, profile: &Profile<'_>, settings: &RunSettings) -> Result<Self> {
        let region = region_of(profile)?
            .or_else(|| settings.region.clone())
            .unwrap_or_else(|| Sourced::default(Partition::aws().default_region()));
        Self::resolve(files, profile, settings, Service::Iam, region)
    }

    /// The way to STS for the keys of `profile` themselves.
    ///
    /// # Errors
    /// A value of the profile that makes no sense.
    pub fn to_sts_with_keys(
        files: &AwsFiles,
        profile: &Profile<'_>,
        settings: &RunSettings,
    ) -> Result<Self> {
        let partition = match region_of(profile)? {
            Some(region) => Partition::of_region(&region.value),
            None => Partition::aws(),
        };
        Self::to_sts(files, profile, settings, None, &partition)
    }

    /// Whether the one global endpoint of STS shall be asked, as AWS's tools
    /// did before each region had one.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html>
    fn wants_global(&self, profile: &Profile<'_>, settings: &RunSettings) -> Result<bool> {
        let said = regional(profile, settings)?;
        let plain = self.endpoint_url.value.is_none() && !self.fips.value && !self.dual_stack.value;
        let served = LEGACY_REGIONS.contains(&self.region.value.as_str());
        Ok(plain && served && said.as_deref() == Some("legacy"))
    }
}

/// `sts_regional_endpoints`: `regional` or `legacy`.
///
/// # Errors
/// It is another word.
pub(super) fn regional(profile: &Profile<'_>, settings: &RunSettings) -> Result<Option<String>> {
    if let Some(word) = &settings.sts_regional_endpoints {
        return Ok(Some(word.clone()));
    }
    let Some(value) = plain(profile, "sts_regional_endpoints")? else {
        return Ok(None);
    };
    match value.text().trim() {
        // As if it were not there: so the AWS CLI.
        "" => Ok(None),
        word @ ("legacy" | "regional") => Ok(Some(word.to_owned())),
        other => {
            let message = format!("sts_regional_endpoints is regional or legacy, not {other:?}");
            Err(Error::new(Kind::Config, message).at(value.snippet()))
        }
    }
}

/// The regions whose requests went to the global endpoint.
const LEGACY_REGIONS: [&str; 16] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "aws-global",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The region that STS is asked in: the one that is `said`, else that of the
/// environment, if it is of `partition`.
fn region_for_sts(
    said: Option<Sourced<Region>>,
    settings: &RunSettings,
    partition: &Partition,
) -> Sourced<Region> {
    said.or_else(|| settings.region.clone())
        .filter(|region| Partition::of_region(&region.value) == *partition)
        .unwrap_or_else(|| {
            Sourced::new(
                partition.default_region(),
                Origin::Rule("the one that serves the partition"),
            )
        })
}

/// The region of a profile.
///
/// # Errors
/// It is not a region.
pub(super) fn region_of(profile: &Profile<'_>) -> Result<Option<Sourced<Region>>> {
    let value = plain(profile, "region")?;
    value
        .map(|value| parsed_region(profile, &value))
        .transpose()
}

/// A region that `profile` names with `value`.
///
/// # Errors
/// It is not a region.
pub(super) fn parsed_region(profile: &Profile<'_>, value: &Value<'_>) -> Result<Sourced<Region>> {
    let region = value.text().trim().parse().map_err(|why| {
        let message = format!(
            "the {} of profile {} is not a region",
            value.key(),
            profile.name()
        );
        let error = Error::new(Kind::Config, message)
            .at(value.snippet())
            .because(why);
        match value.text().contains(['#', ';']) {
            true => error.hint("give the comment a line of its own"),
            false => error,
        }
    })?;
    Ok(Sourced::new(region, at(value)))
}

/// A value that says something.
pub(super) fn filled(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.filter(|value| !value.text().trim().is_empty())
}

pub(super) fn text_or_none(profile: &Profile<'_>, key: &str) -> Result<Sourced<Option<String>>> {
    Ok(match plain(profile, key)? {
        Some(value) => Sourced::new(Some(value.text().trim().to_owned()), at(&value)),
        None => Sourced::default(None),
    })
}

/// Service before global, environment before file.
pub(super) fn endpoint_url(
    files: &AwsFiles,
    profile: &Profile<'_>,
    settings: &RunSettings,
    service: Service,
) -> Result<Sourced<Option<EndpointUrl>>> {
    let ignored = switch(
        profile,
        "ignore_configured_endpoint_urls",
        settings.ignore_endpoint_urls,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    )?;
    if ignored.value {
        return Ok(Sourced::new(None, ignored.from));
    }
    let own = settings.endpoint_urls.get(&service);
    let variables = [
        (service.endpoint_variable(), own),
        ("AWS_ENDPOINT_URL", settings.endpoint_url.as_ref()),
    ];
    if let Some((name, url)) = variables
        .into_iter()
        .find_map(|(name, url)| Some((name, url?)))
    {
        let parsed = EndpointUrl::parse(url).map_err(|fault| {
            no_url(Kind::Usage, service, url, fault).because(format!("{name} says so"))
        })?;
        return Ok(Sourced::new(Some(parsed), Origin::Variable(name)));
    }
    let value = match service_url(files, profile, service)? {
        Some(value) => Some(value),
        None => plain(profile, "endpoint_url")?,
    };
    let Some(value) = value else {
        return Ok(Sourced::new(None, ignored.from));
    };
    let url = value.text().trim();
    let parsed = EndpointUrl::parse(url)
        .map_err(|fault| no_url(Kind::Config, service, url, fault).at(value.snippet()))?;
    Ok(Sourced::new(Some(parsed), at(&value)))
}

fn no_url(kind: Kind, service: Service, url: &str, fault: UrlFault) -> Error {
    let message = format!("the endpoint of {service} is not a URL: {:?}", masked(url));
    Error::new(kind, message)
        .because(fault)
        .hint("write it as https://host[:port]")
}

pub(super) fn switch(
    profile: &Profile<'_>,
    key: &str,
    environment: Option<bool>,
    variable: &'static str,
) -> Result<Sourced<bool>> {
    if let Some(on) = environment {
        return Ok(Sourced::new(on, Origin::Variable(variable)));
    }
    let Some(value) = plain(profile, key)? else {
        return Ok(Sourced::default(false));
    };
    match value.text().trim().to_ascii_lowercase().as_str() {
        "true" => Ok(Sourced::new(true, at(&value))),
        "false" => Ok(Sourced::new(false, at(&value))),
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

pub(super) fn attempts(profile: &Profile<'_>, settings: &RunSettings) -> Result<Sourced<u32>> {
    let said = match settings.max_attempts {
        Some(number) => Some(Sourced::new(number, Origin::Variable("AWS_MAX_ATTEMPTS"))),
        None => number(profile, "max_attempts")?,
    };
    let attempts = said.unwrap_or(Sourced::default(ATTEMPTS));
    Ok(attempts.map(|number| number.clamp(1, MOST_ATTEMPTS)))
}

/// A number that `profile` names.
///
/// # Errors
/// It is none.
pub(super) fn number(profile: &Profile<'_>, key: &str) -> Result<Option<Sourced<u32>>> {
    let Some(property) = profile.property(key) else {
        return Ok(None);
    };
    // An empty one is no number either, to the AWS CLI.
    let value = plain(profile, key)?;
    let Some(value) = value.or_else(|| property.value()) else {
        return Ok(None);
    };
    let text = value.text().trim();
    match text.parse() {
        Ok(number) => Ok(Some(Sourced::new(number, at(&value)))),
        Err(_) => {
            let name = profile.name();
            let message = format!("{key} of profile {name} is a number, not {text:?}");
            Err(Error::new(Kind::Config, message)
                .at(value.snippet())
                .hint("write a number such as 3, or remove the line"))
        }
    }
}

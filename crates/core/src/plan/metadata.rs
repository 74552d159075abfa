//! Where containers and instances ask for their credentials.

use crate::aws::url::{ContainerUrl, EndpointUrl, masked};
use crate::aws_config::Profile;
use crate::diagnostic::text::Snippet;
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced, at};
use crate::plan::settings::MetadataSettings;

use super::source::MetadataService;
use super::ways::plain;

/// Where the container's credentials are asked for.
///
/// # Errors
/// The variable's value is no place to ask at.
pub(super) fn container_url(uri: &Sourced<String>) -> Result<Sourced<ContainerUrl>> {
    const RELATIVE: Origin = Origin::Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let text = &uri.value;
    let parsed = if uri.from == RELATIVE {
        ContainerUrl::relative(text)
    } else {
        ContainerUrl::full(text)
    };
    let url = parsed.map_err(|fault| {
        let message = format!(
            "refusing to ask for container credentials at {:?}",
            masked(text)
        );
        said_by(Error::new(Kind::Usage, message).because(fault), &uri.from)
    })?;
    Ok(Sourced::new(url, uri.from.clone()))
}

/// The metadata service of an instance, and how patiently it is asked: each
/// setting of the environment, else of `profile`, as in the AWS CLI.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
///
/// # Errors
/// A value makes no sense.
pub(super) fn metadata_service(
    profile: &Profile<'_>,
    settings: &MetadataSettings,
) -> Result<MetadataService> {
    Ok(MetadataService {
        endpoint: metadata_url(profile, settings)?,
        attempts: number(
            Said::find(
                profile,
                settings.attempts.as_ref(),
                "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                "metadata_service_num_attempts",
            )?,
            "the number of attempts",
            ATTEMPTS,
        )?,
        timeout: number(
            Said::find(
                profile,
                settings.timeout.as_ref(),
                "AWS_METADATA_SERVICE_TIMEOUT",
                "metadata_service_timeout",
            )?,
            "the timeout",
            TIMEOUT,
        )?,
    })
}

/// What somebody says of one setting, and who.
struct Said {
    text: String,
    from: Origin,
    /// Where it stands in a file.
    at: Option<Snippet>,
}

impl Said {
    fn find(
        profile: &Profile<'_>,
        environment: Option<&String>,
        variable: &'static str,
        key: &str,
    ) -> Result<Option<Self>> {
        if let Some(text) = environment {
            return Ok(Some(Self {
                text: text.trim().to_owned(),
                from: Origin::Variable(variable),
                at: None,
            }));
        }
        Ok(plain(profile, key)?.map(|value| Self {
            text: value.text().trim().to_owned(),
            from: at(&value),
            at: Some(value.snippet()),
        }))
    }

    fn kind(&self) -> Kind {
        match self.at {
            Some(_) => Kind::Config,
            None => Kind::Usage,
        }
    }

    fn wrong(&self, message: String) -> Error {
        said_by(
            Error::new(self.kind(), message).maybe_at(self.at.clone()),
            &self.from,
        )
    }
}

/// How often a request is tried, and how many seconds its answer is waited for,
/// where nobody says. (The AWS CLI tries once, and then asks by version 1 of the
/// service, which needs no token and which is not asked here.)
const ATTEMPTS: u32 = 3;
const TIMEOUT: u32 = 1;

/// The most of both.
const MOST: u32 = 20;

fn number(said: Option<Said>, what: &str, usual: u32) -> Result<Sourced<u32>> {
    let Some(said) = said else {
        return Ok(Sourced::default(usual));
    };
    match said.text.parse::<u32>() {
        Ok(number) => Ok(Sourced::new(number.clamp(1, MOST), said.from)),
        Err(_) => Err(said.wrong(format!(
            "{what} of the instance metadata service is not a number: {:?}",
            said.text
        ))),
    }
}

fn metadata_url(
    profile: &Profile<'_>,
    settings: &MetadataSettings,
) -> Result<Sourced<EndpointUrl>> {
    let said = Said::find(
        profile,
        settings.endpoint.as_ref(),
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "ec2_metadata_service_endpoint",
    )?;
    if let Some(said) = said {
        let url = EndpointUrl::parse(&said.text).map_err(|fault| {
            let message = format!(
                "the endpoint of the instance metadata service is not a URL: {:?}",
                masked(&said.text)
            );
            let error = Error::new(said.kind(), message).because(fault);
            let error = match &said.at {
                Some(at) => error.at(at.clone()),
                None => said_by(error, &said.from),
            };
            error.hint("write it as http://host[:port]")
        })?;
        return Ok(Sourced::new(url, said.from));
    }
    let (ipv6, from) = wants_ipv6(profile, settings)?;
    let text = match ipv6 {
        true => "http://[fd00:ec2::254]",
        false => "http://169.254.169.254",
    };
    let url = EndpointUrl::parse(text).map_err(|fault| {
        Error::new(Kind::Failed, "the instance metadata service has no address").because(fault)
    })?;
    Ok(Sourced::new(url, from))
}

/// Whether the service's IPv6 address is asked.
fn wants_ipv6(profile: &Profile<'_>, settings: &MetadataSettings) -> Result<(bool, Origin)> {
    let mode = Said::find(
        profile,
        settings.endpoint_mode.as_ref(),
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "ec2_metadata_service_endpoint_mode",
    )?;
    if let Some(mode) = mode {
        return match mode.text.to_ascii_lowercase().as_str() {
            "ipv6" => Ok((true, mode.from)),
            "ipv4" => Ok((false, mode.from)),
            other => Err(mode.wrong(format!(
                "the mode of the instance metadata service is IPv4 or IPv6, not {other:?}"
            ))),
        };
    }
    let ipv6 = Said::find(
        profile,
        settings.use_ipv6.as_ref(),
        "AWS_IMDS_USE_IPV6",
        "imds_use_ipv6",
    )?;
    Ok(match ipv6 {
        Some(said) => (said.text.eq_ignore_ascii_case("true"), said.from),
        None => (false, Origin::Default),
    })
}

/// Names the variable that is to blame.
fn said_by(error: Error, from: &Origin) -> Error {
    match from {
        Origin::Variable(name) => error.because(format!("{name} says so")),
        _ => error,
    }
}

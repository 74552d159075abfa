//! Where containers and instances ask for their credentials.

use crate::error::{Error, Kind, Result};
use crate::origin::{Origin, Sourced};
use crate::settings::Settings;
use crate::url::{ContainerUrl, EndpointUrl, masked};

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
            "credentials of a container are not asked for at {:?}",
            masked(text)
        );
        said_by(Error::new(Kind::Usage, message).because(fault), &uri.from)
    })?;
    Ok(Sourced::new(url, uri.from.clone()))
}

/// Where the metadata service of an instance is.
///
/// # Errors
/// The variable's value is not a URL.
pub(super) fn metadata_url(settings: &Settings) -> Result<Sourced<EndpointUrl>> {
    /// AWS's own: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
    const USUAL: &str = "http://169.254.169.254";
    let (text, from) = match &settings.metadata_endpoint {
        Some(url) => (
            url.as_str(),
            Origin::Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
        ),
        None => (USUAL, Origin::Default),
    };
    let url = EndpointUrl::parse(text).map_err(|fault| {
        let message = format!(
            "the end point of the instance metadata service is not a URL: {:?}",
            masked(text)
        );
        let error = Error::new(Kind::Usage, message).because(fault);
        said_by(error, &from).hint("write it as http://host[:port]")
    })?;
    Ok(Sourced::new(url, from))
}

/// Names the variable that is to blame.
fn said_by(error: Error, from: &Origin) -> Error {
    match from {
        Origin::Variable(name) => error.because(format!("{name} says so")),
        _ => error,
    }
}

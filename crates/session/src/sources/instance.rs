//! The role of the EC2 instance that this runs on.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>

use assumerole_aws::metadata;
use assumerole_core::origin::{Origin, Sourced};
use assumerole_core::{Credentials, Error, Kind, Result};

use crate::engine::Engine;

/// What the metadata service at `endpoint` gives.
///
/// # Errors
/// Nobody answers there, or there is no role.
pub(super) fn credentials(engine: &Engine<'_>, endpoint: &Sourced<String>) -> Result<Credentials> {
    let url = endpoint.value.as_str();
    if !["http://", "https://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        let message =
            format!("the end point of the instance metadata service is not a URL: {url:?}");
        let error = Error::new(Kind::Config, message).hint("write it as http://host[:port]");
        return Err(match &endpoint.from {
            Origin::Variable(name) => error.because(format!("{name} says so")),
            _ => error,
        });
    }
    let clock = &engine.host.clock;
    let begun = clock.monotonic();
    let answer = metadata::instance(url);
    engine.report.trace(&format!(
        "credentials of the instance from {url}: {} in {} ms",
        if answer.is_ok() { "given" } else { "not given" },
        clock.monotonic().saturating_sub(begun).as_millis()
    ));
    answer
}

/// Where they would be asked for.
pub(super) fn look(endpoint: &Sourced<String>) -> String {
    format!("the instance's role is asked for at {}", endpoint.value)
}

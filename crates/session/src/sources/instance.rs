//! The role of the EC2 instance that this runs on.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>

use assumerole_aws::metadata;
use assumerole_core::origin::Sourced;
use assumerole_core::url::EndpointUrl;
use assumerole_core::{Credentials, Result};

use crate::engine::Engine;

/// What the metadata service at `endpoint` gives.
///
/// # Errors
/// Nobody answers there, or there is no role.
pub(super) fn credentials(
    engine: &Engine<'_>,
    endpoint: &Sourced<EndpointUrl>,
) -> Result<Credentials> {
    let url = &endpoint.value;
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
pub(super) fn look(endpoint: &Sourced<EndpointUrl>) -> String {
    format!("the instance's role is asked for at {}", endpoint.value)
}

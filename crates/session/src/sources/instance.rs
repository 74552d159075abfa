//! The role of the EC2 instance that this runs on.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>

use std::time::Duration;

use assumerole_aws::metadata::{self, InstanceRole, Service};
use assumerole_core::Result;
use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::plan::origin::Origin;
use assumerole_core::plan::{Caller, MetadataService, Whose};

use crate::connect::left;
use crate::context::Context;
use crate::gate::MachineRole;
use crate::made::Made;

/// The role that the metadata service names: an instance can be
/// given another one, so it is asked each time.
///
/// # Errors
/// Nobody answers there, or there is no role.
pub(super) fn role(context: &Context<'_>, service: &MetadataService) -> Result<InstanceRole> {
    let attempts = match context.settings.hurried {
        true => 1,
        false => service.attempts.value,
    };
    let asked = Service {
        endpoint: service.endpoint.value.clone(),
        attempts,
        attempts_in_silence: match service.attempts.from {
            // As in the AWS CLI.
            Origin::Default => 1,
            _ => attempts,
        },
        wait: Duration::from_secs(service.timeout.value.into()),
        left: left(context.host),
    };
    traced(context, "role", &asked.endpoint, || {
        metadata::instance(&asked)
    })
}

/// The credentials of `role`.
///
/// # Errors
/// Nobody answers, or there are none.
pub(super) fn credentials(
    context: &Context<'_>,
    service: &MetadataService,
    role: &InstanceRole,
) -> Result<Made> {
    let now = context.host.clock.now();
    let given = traced(context, "credentials", &service.endpoint.value, || {
        role.credentials(now)
    })?;
    Ok(Made::of(given, Whose::Caller(caller(role))))
}

/// Whose they are: the role's, of one instance profile.
pub(super) fn caller(role: &InstanceRole) -> Caller {
    let profile = role.profile.as_ref();
    let (arn, id) = profile.map_or(("", ""), |(arn, id)| (arn.as_str(), id.as_str()));
    Caller::of([
        ("role", role.name.as_bytes()),
        ("profile", arn.as_bytes()),
        ("profile_id", id.as_bytes()),
    ])
}

/// The role, of the account of its instance profile, where that is named.
pub(super) fn machine_role(role: &InstanceRole) -> MachineRole {
    let account = role.profile.as_ref().and_then(|(arn, _)| {
        let account = arn.split(':').nth(4)?;
        (!account.is_empty()).then(|| account.to_owned())
    });
    MachineRole {
        account,
        name: role.name.clone(),
    }
}

fn traced<T>(
    context: &Context<'_>,
    what: &str,
    url: &EndpointUrl,
    ask: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let clock = &context.host.clock;
    let begun = clock.monotonic();
    let answer = ask();
    context.report.trace(&format!(
        "{what} of the instance from {url}: {} in {} ms",
        if answer.is_ok() { "given" } else { "not given" },
        clock.monotonic().saturating_sub(begun).as_millis()
    ));
    answer
}

/// Where they would be asked for.
pub(super) fn look(service: &MetadataService) -> String {
    let endpoint = &service.endpoint.value;
    format!("the instance's role is asked for at {endpoint}")
}

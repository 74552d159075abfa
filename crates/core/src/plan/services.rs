//! `services`: the section of a profile that names the endpoints of services,
//! one by one.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

use crate::aws::service::Service;
use crate::aws_config::{AwsFiles, Profile, Property, Value, quoted};
use crate::diagnostic::suggest::suggested;
use crate::diagnostic::{Error, Kind, Result};

use super::chain::once;
use super::route::filled;
use super::ways::plain;

/// What the `services` section of `profile` says.
///
/// # Errors
/// There is no such section, or it says nothing that can be read: the request
/// would go to another place than the one that somebody wrote down.
pub(super) fn service_url<'a>(
    files: &'a AwsFiles,
    profile: &Profile<'a>,
    service: Service,
) -> Result<Option<Value<'a>>> {
    let Some(property) = profile.property("services") else {
        return Ok(None);
    };
    let Some(named) = plain(profile, "services")? else {
        let message = format!("services of profile {} is empty", profile.name());
        return Err(Error::new(Kind::Config, message)
            .at(property.snippet())
            .hint("name a services section, or remove the line"));
    };
    let name = named.text();
    let services = match files.services(name) {
        Some(services) => once(services, "services")?,
        None => {
            let profile = profile.name();
            let message =
                format!("profile {profile} uses the services section {name}, which does not exist");
            let error = Error::new(Kind::UnknownName, message)
                .lacking()
                .at(named.snippet());
            let near = suggested(name, || files.services_names(), 3);
            let error = error.suggest(&near);
            return Err(error.hint(format!(
                "write it into ~/.aws/config: [services {}]",
                quoted(name)
            )));
        }
    };
    let Some(block) = services.property(service.key()) else {
        return match services.keys().is_empty() {
            // So the AWS CLI: an empty section is none.
            true => Err(refused(&format!("the services section {name} is empty"))
                .maybe_at(services.sections().next().map(|section| section.snippet()))
                .because(format!("it is used at {}", named.snippet().place()))
                .hint("name an endpoint in it, or remove services from the profile")),
            false => Ok(None),
        };
    };
    if !block.is_nested() {
        return Err(no_block(name, &block));
    }
    if let Some(place) = block.unread_sub_key() {
        let key = service.key();
        let message = format!("a line below {key} of the services section {name} cannot be read");
        return Err(refused(&message)
            .at(place)
            .hint("write it as KEY = VALUE, or remove it"));
    }
    Ok(filled(services.nested(service.key(), "endpoint_url")))
}

/// What is wrong with all `services` sections: what names no sub-keys.
pub(super) fn wrong(files: &AwsFiles) -> Vec<Error> {
    let names = files.services_names();
    let sections = names.iter().filter_map(|name| files.services(name));
    sections
        .flat_map(|services| {
            let keys = services.keys().into_iter();
            let blocks = keys.filter_map(|key| services.property(&key));
            let blocks = blocks.filter(|block| !block.is_nested());
            let errors = blocks.map(|block| no_block(services.name(), &block));
            errors.collect::<Vec<_>>()
        })
        .collect()
}

fn no_block(name: &str, block: &Property<'_>) -> Error {
    let key = block.key();
    refused(&format!(
        "{key} of the services section {name} is not a block of sub-keys"
    ))
    .at(block.snippet())
    .hint(format!(
        "write {key} = in a line of its own, and endpoint_url = URL indented below it"
    ))
}

fn refused(message: &str) -> Error {
    Error::new(Kind::Config, message)
        .because("no request may go to another endpoint than was meant")
}

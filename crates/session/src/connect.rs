//! From a route, which is decided, to a connection, which can be used.

use assumerole_aws::{Connection, Proxy};
use assumerole_core::plan::Route;
use assumerole_core::settings::Settings;
use assumerole_core::{Error, Kind, Result};

/// The connection that `route` describes, with its certificates read.
///
/// # Errors
/// The CA bundle cannot be read.
pub fn connect(route: &Route, settings: &Settings) -> Result<Connection> {
    let url = route.endpoint_url.value.as_deref();
    let plain = url.is_some_and(|url| url.to_ascii_lowercase().starts_with("http://"));
    let ca_bundle = match route.ca_bundle.value.as_ref().filter(|_| !plain) {
        None => None,
        Some(path) => Some((path.clone(), read_bundle(path)?)),
    };
    let proxy = if plain {
        &settings.http_proxy
    } else {
        &settings.https_proxy
    };
    Ok(Connection {
        service: route.service,
        region: route.region.value.clone(),
        endpoint_url: route.endpoint_url.value.clone(),
        fips: route.fips.value,
        dual_stack: route.dual_stack.value,
        ca_bundle,
        proxy: proxy.as_ref().map(|url| Proxy {
            url: url.clone(),
            no_proxy: settings.no_proxy.clone(),
        }),
        attempts: match settings.hurried {
            true => 1,
            false => route.attempts.value,
        },
        hurried: settings.hurried,
    })
}

pub(crate) fn read_bundle(path: &str) -> Result<Vec<u8>> {
    let fail = |why: String| {
        Error::new(Kind::Config, format!("the CA bundle {path} cannot be read"))
            .because(why)
            .hint("point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file")
    };
    assumerole_host::fs::read(std::path::Path::new(path), assumerole_host::fs::LARGEST)
        .map_err(|error| fail(error.to_string()))?
        .ok_or_else(|| fail("there is no such file".to_owned()))
}

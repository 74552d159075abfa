//! From a route, which is decided, to a connection, which can be used.

use std::path::Path;

use assumerole_aws::{Connection, Proxy};
use assumerole_core::plan::Route;
use assumerole_core::settings::Settings;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs;

/// The connection that `route` describes, with its certificates read.
///
/// # Errors
/// The CA bundle cannot be read.
pub fn connect(route: &Route, settings: &Settings) -> Result<Connection> {
    let url = route.endpoint_url.value.as_deref();
    let plain = url.is_some_and(|url| url.to_ascii_lowercase().starts_with("http://"));
    let ca_bundle = match plain {
        true => None,
        false => bundle(route.ca_bundle.value.as_ref(), settings)?,
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

/// The certificates that alone are trusted: those of `named`, else those of
/// `SSL_CERT_FILE`. The SDK would read that file too, but waits for a pipe.
///
/// # Errors
/// They cannot be read.
pub(crate) fn bundle(
    named: Option<&String>,
    settings: &Settings,
) -> Result<Option<(String, Vec<u8>)>> {
    if let Some(path) = named {
        let hint = "point AWS_CA_BUNDLE (or ca_bundle of the profile) at a PEM file";
        return Ok(Some((path.clone(), read(path, hint)?)));
    }
    let Some(path) = &settings.system_bundle else {
        return Ok(None);
    };
    let bytes = read(path, "point SSL_CERT_FILE at a PEM file, or unset it")?;
    // With a folder beside it, the SDK puts both together.
    Ok((!settings.system_bundle_folder).then(|| (path.clone(), bytes)))
}

fn read(path: &str, hint: &str) -> Result<Vec<u8>> {
    let fail = |why: String| {
        Error::new(Kind::Config, format!("the CA bundle {path} cannot be read"))
            .because(why)
            .hint(hint)
    };
    fs::read(Path::new(path), fs::LARGEST)
        .map_err(|error| fail(error.to_string()))?
        .ok_or_else(|| fail("there is no such file".to_owned()))
}

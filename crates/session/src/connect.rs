//! From a route, which is decided, to a connection, which can be used.

use std::path::Path;
use std::sync::Arc;

use assumerole_aws::{Connection, Left, Proxy, is_left_out};
use assumerole_core::aws::ids::Partition;
use assumerole_core::aws::url::{EndpointUrl, ProxyUrl, UrlFault};
use assumerole_core::plan::Route;
use assumerole_core::plan::origin::Origin;
use assumerole_core::plan::settings::RunSettings;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::{Host, fs};

/// The connection that `route` describes, with its certificates read.
///
/// # Errors
/// The CA bundle cannot be read, or the proxy that is needed cannot be used.
pub fn connect(route: &Route, settings: &RunSettings, host: &Host) -> Result<Connection> {
    let ca_bundle = match is_tls(route) {
        true => bundle(route.ca_bundle.value.as_ref(), settings)?,
        false => None,
    };
    let mut connection = Connection {
        route: route.clone(),
        ca_bundle,
        proxy: proxy(route, settings)?,
        hurried: false,
        left: left(host),
    };
    if settings.hurried {
        connection.hurry();
    }
    Ok(connection)
}

/// How long `host` may still wait.
pub(crate) fn left(host: &Host) -> Left {
    let clock = Arc::clone(&host.clock);
    Left::new(move || clock.left())
}

fn is_tls(route: &Route) -> bool {
    let url = route.endpoint_url.value.as_ref();
    url.is_none_or(EndpointUrl::is_tls)
}

/// The proxy that requests by `route` go through, if there is one.
///
/// # Errors
/// It cannot be used.
fn proxy(route: &Route, settings: &RunSettings) -> Result<Option<Proxy>> {
    let named = if is_tls(route) {
        &settings.https_proxy
    } else {
        &settings.http_proxy
    };
    let Some(named) = named else { return Ok(None) };
    if is_left_out(&settings.no_proxy, &host(route)) {
        return Ok(None);
    }
    let url = ProxyUrl::parse(&named.value).map_err(|fault| {
        let name = match named.from {
            Origin::Variable(name) => name,
            _ => "the environment",
        };
        // Of a proxy that is none, all may be a password: it is not shown.
        let what = match fault {
            UrlFault::Socks => "cannot be used",
            _ => "is not a URL",
        };
        let error = Error::new(Kind::Usage, format!("the proxy in {name} {what}"));
        let error = error.because(fault);
        match fault {
            UrlFault::Socks => error.hint(format!(
                "name an HTTP proxy in {name}, or leave the host out: NO_PROXY={}",
                host(route)
            )),
            _ => error.hint(format!("write it as http://host:port in {name}")),
        }
    })?;
    Ok(Some(Proxy {
        url,
        no_proxy: settings.no_proxy.clone(),
    }))
}

/// The host that is called, or one of its kind: for `NO_PROXY`.
fn host(route: &Route) -> String {
    if let Some(url) = &route.endpoint_url.value {
        return url.host().to_owned();
    }
    let region = &route.region.value;
    let suffix = match Partition::of_region(region).as_str() {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    format!("{}.{region}.{suffix}", route.service.key())
}

/// Whether requests by `routes` can be sent, as far as that is known without
/// sending any.
///
/// # Errors
/// A proxy that one needs cannot be used.
pub fn check_proxies<'r>(
    routes: impl IntoIterator<Item = &'r Route>,
    settings: &RunSettings,
) -> Result<()> {
    let mut routes = routes.into_iter();
    routes.try_for_each(|route| proxy(route, settings).map(drop))
}

/// Bytes; those of an operating system have some 200,000.
const LARGEST_BUNDLE: usize = 2 * 1024 * 1024;

/// The certificates that alone are trusted: those of `named`, else those of
/// `SSL_CERT_FILE`. The SDK would read that file too, but waits for a pipe.
///
/// # Errors
/// They cannot be read.
pub(crate) fn bundle(
    named: Option<&String>,
    settings: &RunSettings,
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
    fs::read(Path::new(path), LARGEST_BUNDLE)
        .map_err(|error| fail(error.to_string()))?
        .ok_or_else(|| fail("there is no such file".to_owned()))
}

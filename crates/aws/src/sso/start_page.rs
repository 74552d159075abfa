//! The page at a start URL, which may be a company's own address for the portal.

use std::time::Duration;

use assumerole_core::Result;
use assumerole_core::aws::url::EndpointUrl;

use crate::connection::Connection;
use crate::federation::is_sent_safely;
use crate::metadata::http::{Request, send};
use crate::network::proxy_config;

/// For the connection, and for the answer.
const WAIT: Duration = Duration::from_secs(5);

/// Where the page at `url` redirects to; `None` where it does not, or cannot be had.
///
/// # Errors
/// There is no proxy, or no trust, to be had.
pub fn redirect_of(connection: &Connection, url: &str) -> Result<Option<String>> {
    if !EndpointUrl::parse(url).is_ok_and(|url| is_sent_safely(&url)) {
        return Ok(None);
    }
    let answer = send(&Request {
        method: "GET",
        url,
        headers: &[],
        body: None,
        wait: WAIT,
        ca_bundle: connection.ca_bundle.as_ref(),
        proxy: proxy_config(&connection.way())?,
    })?;
    let is_redirect = |status: u16| (300..400).contains(&status);
    let answer = answer.ok().filter(|answer| is_redirect(answer.status));
    Ok(answer.and_then(|answer| answer.location))
}

//! The page on which a person signs in with a browser that is sent back. It is no
//! operation of AWS's model; the parameters are those that the AWS CLI sends.
//!
//! <https://datatracker.ietf.org/doc/html/rfc7636>

use assumerole_core::{Error, Kind, Result};
use aws_sdk_ssooidc::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use secrecy::{ExposeSecret as _, SecretString};

use super::create_token::Client;
use crate::connection::Connection;
use crate::network::block_on;
use crate::rest::encoded;

/// What the page is told.
#[derive(Debug)]
pub struct Authorization<'a> {
    /// The client that asks.
    pub client: &'a Client,
    /// Where the browser is sent back to, with its port.
    pub redirect: &'a str,
    /// What comes back with it, and shows that it was sent by us.
    pub state: &'a SecretString,
    /// SHA-256 of the verifier that the code is good with alone.
    pub challenge: &'a str,
    /// What the token shall be for.
    pub scopes: &'a [String],
}

/// The address of the page. Whoever has it can sign in as himself in our place, so
/// that it is no argument of a process.
///
/// # Errors
/// No endpoint is known for the region.
pub fn authorize_url(connection: &Connection, asked: &Authorization<'_>) -> Result<SecretString> {
    let base = match connection.endpoint_url() {
        Some(url) => url.base().to_owned(),
        None => endpoint(connection)?,
    };
    let pairs = [
        ("response_type", "code".to_owned()),
        ("client_id", encoded(&asked.client.id)),
        ("redirect_uri", encoded(asked.redirect)),
        ("state", encoded(asked.state.expose_secret())),
        ("code_challenge_method", "S256".to_owned()),
        // Not OAuth's `scope`.
        ("scopes", encoded(&asked.scopes.join(" "))),
        ("code_challenge", encoded(asked.challenge)),
    ];
    let query: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Ok(format!("{base}/authorize?{}", query.join("&")).into())
}

/// AWS's own, as the calls of the service have it.
fn endpoint(connection: &Connection) -> Result<String> {
    let unknown = || {
        let message = format!("no sign-in page is known in {}", connection.region());
        Error::new(Kind::Config, message).hint("check sso_region")
    };
    let route = &connection.route;
    let params = Params::builder()
        .region(connection.region().as_str())
        .use_fips(route.fips.value)
        .use_dual_stack(route.dual_stack.value)
        .build();
    let params = params.map_err(|_| unknown())?;
    let found = block_on(async { DefaultResolver::new().resolve_endpoint(&params).await })?;
    let found = found.map_err(|_| unknown())?;
    Ok(found.url().trim_end_matches('/').to_owned())
}

//! The page on which a person signs in to an account, as in the console. It is no
//! operation of AWS's model; the parameters are those that the AWS CLI sends.

use assumerole_core::{Error, Kind, Result};
use aws_sdk_signin::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use secrecy::{ExposeSecret as _, SecretString};

use crate::connection::Connection;
use crate::network::block_on;
use crate::rest::encoded;

/// A client of AWS Sign-In, which needs no registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInClient {
    /// The browser of this machine, which is sent back to it.
    SameDevice,
    /// A browser anywhere, which shows a code.
    CrossDevice,
}

impl SignInClient {
    /// Its ID.
    pub fn id(self) -> &'static str {
        match self {
            Self::SameDevice => "arn:aws:signin:::devtools/same-device",
            Self::CrossDevice => "arn:aws:signin:::devtools/cross-device",
        }
    }
}

/// Where the service is, without a slash at the end.
///
/// # Errors
/// No endpoint is known for the region.
pub fn sign_in_base(connection: &Connection) -> Result<String> {
    if let Some(url) = connection.endpoint_url() {
        return Ok(url.base().to_owned());
    }
    let unknown = || {
        let message = format!("no sign-in page is known in {}", connection.region());
        Error::new(Kind::Config, message).hint("check the region of the profile")
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

/// The address of the page of the service at `base`, from which a browser is sent to
/// `redirect`. Whoever has it can sign in as himself in our place, so that it is no
/// argument of a process. `challenge` is SHA-256 of the verifier.
pub fn sign_in_url(
    base: &str,
    client: SignInClient,
    redirect: &str,
    state: &SecretString,
    challenge: &str,
) -> SecretString {
    let pairs = [
        ("response_type", "code"),
        ("client_id", client.id()),
        ("state", state.expose_secret()),
        // Not the name that RFC 7636 has for it.
        ("code_challenge_method", "SHA-256"),
        ("scope", "openid"),
        ("redirect_uri", redirect),
        ("code_challenge", challenge),
    ];
    let query: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    format!("{base}/v1/authorize?{}", query.join("&")).into()
}

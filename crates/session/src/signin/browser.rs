//! Signing in with the browser of this machine, which is sent back to us: the
//! authorization code with PKCE.
//!
//! <https://datatracker.ietf.org/doc/html/rfc8252>

use assumerole_aws::Reason;
use assumerole_aws::sso::{self, Authorization, Grant};
use assumerole_core::aws::login::is_sign_in_page;
use assumerole_core::plan::SsoPortal;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::deadline::uncounted;
use assumerole_host::random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::registration::Registration;
use super::start::start_url;
use super::{NewLogin, Person, SsoLogin, nothing_written, scopes};
use crate::connect::connect;
use crate::context::{Context, aws_clock};

/// Where a browser is sent back to, on whichever port.
const REGISTERED: &str = "http://127.0.0.1/oauth/callback";

/// The path of that.
pub const CALLBACK: &str = "/oauth/callback";

/// The person's browser.
pub trait Browser {
    /// The port of 127.0.0.1 where it is waited for.
    fn port(&self) -> u16;

    /// Sends it to `url`, which is no argument of a process, and waits until it
    /// comes back to [`CALLBACK`] with `state`: the code that it brings.
    ///
    /// # Errors
    /// Nobody came in time, or the person or AWS refused.
    fn sign_in(&mut self, url: &SecretString, state: SecretString) -> Result<SecretString>;
}

/// Logs `person` in at `portal`, with `browser`.
///
/// # Errors
/// AWS's refusal or silence, or the person's; nothing is written then.
pub fn by_browser(
    context: &Context<'_>,
    portal: &SsoPortal,
    profile: Option<&str>,
    person: &mut dyn Person,
    browser: &mut dyn Browser,
) -> Result<NewLogin> {
    let login = SsoLogin::of(context, portal, profile)?;
    login.may_replace(person)?;
    let connection = connect(&portal.oidc, context.settings, context.host)?;
    let start = start_url(context, portal, &connection)?;
    let registration = Registration::of(&login, &start, Some(REGISTERED))?;
    let (state, verifier) = (random_text()?, random_text()?);
    let challenge = challenge(&verifier);
    let redirect = format!("http://127.0.0.1:{}{CALLBACK}", browser.port());
    let url = sso::authorize_url(
        &connection,
        &Authorization {
            client: &registration.client,
            redirect: &redirect,
            state: &state,
            challenge: &challenge,
            scopes: &scopes(portal),
        },
    )?;
    let endpoint = connection.route.endpoint_url.value.as_ref();
    if !is_sign_in_page(url.expose_secret(), endpoint) {
        let message = "the sign-in page of this region is not at AWS";
        return Err(Error::new(Kind::Config, message).hint("check sso_region and endpoint_url"));
    }
    let clock = context.host.clock.as_ref();
    let code = uncounted(clock, || browser.sign_in(&url, state)).map_err(nothing_written)?;
    let asked = context.traced("CreateToken", &connection, || {
        let grant = Grant::Browser {
            code: &code,
            verifier: &verifier,
            redirect: &redirect,
        };
        let client = &registration.client;
        sso::create_token(&connection, &aws_clock(context.host), client, grant)
    });
    let tokens = asked.map_err(|error| {
        let told = error.explain(&login.asked(&portal.oidc, None));
        match error.reason() {
            // A client that AWS has forgotten is not kept for the next login.
            Some(Reason::LoggedOut) => {
                registration.forget();
                told.because("nothing was written")
            }
            _ => told.because("nothing was written"),
        }
    })?;
    login.keep(&tokens, &registration, person)
}

/// What is shown of `verifier` at first: RFC 7636, `S256`.
pub(super) fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()))
}

/// 256 random bits, as a URL and RFC 7636 take them.
pub(super) fn random_text() -> Result<SecretString> {
    let mut bytes = Zeroizing::new([0; 32]);
    random::fill(bytes.as_mut()).map_err(|error| {
        Error::new(Kind::Failed, "the sign-in cannot be protected").because(error)
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes.as_ref()).into())
}

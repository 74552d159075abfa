//! The federation endpoint of the console: temporary credentials become a
//! token, with which a browser is signed in.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>
//!
//! What is sent is secret, and AWS documents a GET with all of it in the URL,
//! where whatever opens TLS on the way may write it down. So it is sent in the
//! body of a POST, which AWS takes too: its own toolkit for JetBrains sends one.
//! Only an endpoint that says that it knows no POST gets the GET; what it refuses
//! for another reason is not sent again, in a URL.

use std::time::Duration;

use assumerole_core::aws::url::EndpointUrl;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::{Credentials, Error, Kind, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::connection::Connection;
use crate::metadata::http::{self, HttpAnswer, Request};
use crate::network::proxy_config;

/// For the connection, and for the answer.
const WAIT: Duration = Duration::from_secs(10);

/// What came of a request for a token.
#[derive(Debug)]
pub enum Signin {
    /// The token.
    Token(SecretString),
    /// The endpoint refused what was asked, with this HTTP status.
    Refused(u16),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TokenAnswer {
    signin_token: String,
}

/// Asks `url`, the federation endpoint, for a token by `form`, which holds
/// `credentials`. Nothing of either is in an error.
///
/// # Errors
/// It is not reached, or answers with something else.
pub fn signin_token(
    connection: &Connection,
    url: &EndpointUrl,
    form: &SecretString,
    credentials: &Credentials,
) -> Result<Signin> {
    let send = |method| send(connection, url, method, form, credentials);
    let answer = send("POST")?;
    let answer = match answer.status {
        404 | 405 | 501 => send("GET")?,
        _ => answer,
    };
    match answer.status {
        200 => read(&answer),
        400 | 403 => Ok(Signin::Refused(answer.status)),
        status => Err(failed().because(match status {
            300..400 => format!("it redirects (HTTP status {status}), and is not followed"),
            _ => format!("it answered with HTTP status {status}"),
        })),
    }
}

/// Whether credentials may be sent to `endpoint`: by TLS, or on this machine.
pub fn is_sent_safely(endpoint: &EndpointUrl) -> bool {
    let host = endpoint.host();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    endpoint.is_tls()
        || host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn failed() -> Error {
    let message = "AWS sign-in gave no token for the console";
    Error::new(Kind::Unreachable, message)
}

fn send(
    connection: &Connection,
    url: &EndpointUrl,
    method: &'static str,
    form: &SecretString,
    credentials: &Credentials,
) -> Result<HttpAnswer> {
    let whole = Zeroizing::new(format!("{}?{}", url.as_str(), form.expose_secret()));
    let form_type = SecretString::from("application/x-www-form-urlencoded");
    let headers = [("content-type", &form_type)];
    let is_post = method == "POST";
    let request = Request {
        method,
        url: if is_post { url.as_str() } else { &whole },
        headers: if is_post { &headers } else { &[] },
        body: is_post.then_some(form),
        wait: WAIT,
        ca_bundle: connection.ca_bundle.as_ref(),
        proxy: proxy_config(&connection.way())?,
    };
    let sent = Sent::default()
        .with(form)
        .with(&credentials.secret_access_key)
        .maybe(credentials.session_token.as_ref());
    http::send(&request)?.map_err(|why| failed().because(sent.line(&why)))
}

fn read(answer: &HttpAnswer) -> Result<Signin> {
    let given: TokenAnswer = serde_json::from_slice(&answer.body)
        .map_err(|_| failed().because("its answer holds no token"))?;
    Ok(Signin::Token(given.signin_token.into()))
}

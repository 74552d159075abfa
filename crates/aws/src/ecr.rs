//! Registries of containers: the one call that lets Docker in.
//!
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html>

use assumerole_core::{Credentials, Error};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::call::CallError;
use crate::connection::{Connection, Now};
use crate::granted::{LONGEST, incomplete};
use crate::json::{self, JsonService};

const ECR: JsonService = JsonService {
    name: "ecr",
    target: "AmazonEC2ContainerRegistry_V20150921",
};
const NAME: &str = "GetAuthorizationToken";

/// What lets into the registries that a role may use.
#[derive(Debug)]
pub struct RegistryLogin {
    /// The user's name, `AWS`.
    pub user: String,
    /// The password.
    pub password: SecretString,
    /// The registry of the role's account, such as
    /// `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
    pub registry: String,
    /// When AWS says it ends.
    pub expires: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationAnswer {
    authorization_data: Vec<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    authorization_token: SecretString,
    /// Seconds.
    expires_at: f64,
    proxy_endpoint: String,
}

/// Asks for a login, with the `keys` of a role.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_authorization_token(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
) -> Result<RegistryLogin, CallError> {
    let answer = ECR.call::<AuthorizationAnswer>(NAME, connection, keys, now, &json!({}))?;
    let data = answer.value.authorization_data.first();
    let data = data.ok_or_else(|| incomplete(NAME, "no token"))?;
    let (user, password) = login(data.authorization_token.expose_secret())
        .ok_or_else(|| incomplete(NAME, "no token"))?;
    let registry = registry(&data.proxy_endpoint).ok_or_else(|| incomplete(NAME, "no registry"))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is no time is refused"
    )]
    let expires = answer.life(LONGEST).end(NAME, data.expires_at as i64)?;
    Ok(RegistryLogin {
        user,
        password,
        registry,
        expires,
    })
}

/// The failure as a person reads it, who calls the role `role`.
pub fn explain(error: &CallError, connection: &Connection, role: &str) -> Error {
    json::explain(error, connection, role, "ecr:GetAuthorizationToken")
}

/// What is behind the base64, as Docker's protocol can hold it.
fn login(token: &str) -> Option<(String, SecretString)> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(token).ok()?);
    let text = std::str::from_utf8(&bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    let fits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    (fits(user) && fits(password)).then(|| (user.to_owned(), password.into()))
}

/// The host of a URL. It becomes an argument of a program.
fn registry(url: &str) -> Option<String> {
    let host = url.strip_prefix("https://")?.trim_end_matches('/');
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-.:".contains(&b);
    let starts = host.starts_with(|c: char| c.is_ascii_alphanumeric());
    (starts && host.bytes().all(fits)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_registries() {
        let (user, password) = login(&BASE64_STANDARD.encode("AWS:a=:b")).unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("AWS", "a=:b"));
        for wrong in ["AWS", ":a", "AWS:", "AWS:a\nb", "A S:a", "AWS:é"] {
            assert!(login(&BASE64_STANDARD.encode(wrong)).is_none(), "{wrong}");
        }
        assert!(login("*").is_none());
        let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        assert_eq!(registry(&format!("https://{host}")).as_deref(), Some(host));
        for wrong in [
            "",
            "http://a",
            "https://",
            "https://-a",
            "https://a/b",
            "https://a b",
        ] {
            assert!(registry(wrong).is_none(), "{wrong}");
        }
    }
}

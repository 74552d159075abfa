//! The access keys of a profile.

use crate::aws::credentials::is_sendable;
use crate::aws_config::{FileKind, Profile, Value};
use crate::diagnostic::{Error, Kind, Result};

use super::ways::{half, said};

/// The keys of a profile, each with its place.
#[derive(Clone, Debug)]
pub struct StaticKeys<'a> {
    /// `aws_access_key_id`.
    pub id: Value<'a>,
    /// `aws_secret_access_key`.
    pub secret: Value<'a>,
    /// `aws_session_token`, or its older name `aws_security_token`, of
    /// temporary keys.
    pub token: Option<Value<'a>>,
}

pub(super) const ID: &str = "aws_access_key_id";
pub(super) const SECRET: &str = "aws_secret_access_key";

/// The names of a session token; the first that is there counts, even if it is
/// empty, as in the AWS CLI.
pub(super) const TOKENS: [&str; 2] = ["aws_security_token", "aws_session_token"];

impl<'a> StaticKeys<'a> {
    /// The keys of `profile`: those of the credentials file, else those of the
    /// config file. `None` if neither has an `aws_access_key_id`.
    ///
    /// # Errors
    /// The first access key ID has no secret beside it in its file, or one of
    /// the two is empty or cannot be sent.
    pub fn of(profile: &Profile<'a>) -> Result<Option<Self>> {
        match Self::in_file(profile, FileKind::Credentials)? {
            Some(keys) => Ok(Some(keys)),
            None => Self::in_file(profile, FileKind::Config),
        }
    }

    /// The keys that one file has.
    ///
    /// A pair stands in one file, and its access key ID decides which, as in
    /// the AWS CLI: half a pair in each file is most likely two pairs.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn in_file(profile: &Profile<'a>, kind: FileKind) -> Result<Option<Self>> {
        let here = |key| profile.property_in(kind, key);
        let Some(id) = said(profile, here(ID))? else {
            return Ok(None);
        };
        let Some(secret) = said(profile, here(SECRET))? else {
            return Err(alone(profile, &id));
        };
        let token = TOKENS.into_iter().find_map(here);
        let token = token.and_then(|token| token.value());
        let token = token.filter(|token| !token.text().is_empty());
        let name = profile.name();
        for value in [Some(&id), Some(&secret), token.as_ref()] {
            let Some(odd) = value.filter(|value| !is_sendable(value.text())) else {
                continue;
            };
            let message = format!(
                "{} of profile {name} is not valid",
                odd.key().to_lowercase()
            );
            return Err(Error::new(Kind::Config, message)
                .at(odd.snippet())
                .because("it has characters that no credentials of AWS have")
                .hint(format!(
                    "paste the key again: aws configure --profile {name}"
                )));
        }
        Ok(Some(Self { id, secret, token }))
    }

    /// Whether `profile` speaks of keys, be it of half a pair: then nobody who
    /// uses it as a source gets its role, as in the AWS CLI.
    pub(super) fn are_meant(profile: &Profile<'_>) -> bool {
        [ID, SECRET]
            .iter()
            .any(|key| profile.property(key).is_some())
    }
}

/// The access key ID `id` without a secret key in its file.
fn alone(profile: &Profile<'_>, id: &Value<'_>) -> Error {
    let name = profile.name();
    match profile.get(SECRET) {
        // One of the same file would have been found.
        Some(secret) => Error::new(
            Kind::Config,
            format!("the two keys of profile {name} stand in different files"),
        )
        .at(id.snippet())
        .because(format!("{SECRET} is at {}", secret.snippet().place()))
        .hint(format!(
            "put {ID} and {SECRET} into the same file, preferably ~/.aws/credentials"
        )),
        None => half(profile, id, &[SECRET]).hint(format!(
            "add the secret key: aws configure --profile {name}"
        )),
    }
}

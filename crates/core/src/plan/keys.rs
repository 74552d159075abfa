//! The access keys of a profile.

use crate::aws_files::{Profile, Value};
use crate::credentials::is_sendable;
use crate::error::{Error, Kind, Result};

/// The keys of a profile, each with its place.
#[derive(Clone, Debug)]
pub struct StaticKeys<'a> {
    /// `aws_access_key_id`.
    pub id: Value<'a>,
    /// `aws_secret_access_key`.
    pub secret: Value<'a>,
    /// `aws_session_token`, of temporary keys.
    pub token: Option<Value<'a>>,
}

/// The keys of `~/.aws` that hold them, in the order of the fields.
const KEYS: [&str; 3] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
];

impl<'a> StaticKeys<'a> {
    /// The keys of `profile`; `None` if one of the two is missing.
    ///
    /// All come from one file, as in the AWS CLI: half a pair in each file is
    /// most likely two pairs.
    ///
    /// # Errors
    /// The two stand in different files, or one cannot be sent.
    pub fn of(profile: &Profile<'a>) -> Result<Option<Self>> {
        let filled = |key| profile.get(key).filter(|v| !v.text().is_empty());
        let [id, secret, token] = KEYS;
        let (Some(id), Some(secret)) = (filled(id), filled(secret)) else {
            return Ok(None);
        };
        if !same_file(&id, &secret) {
            return Err(Error::new(
                Kind::Config,
                format!("the two keys of profile {} stand in different files", profile.name()),
            )
            .at(id.snippet())
            .because(format!("aws_secret_access_key is at {}", secret.snippet().place()))
            .hint("put aws_access_key_id and aws_secret_access_key into one file, best ~/.aws/credentials"));
        }
        let token = filled(token).filter(|token| same_file(&id, token));
        for (key, value) in KEYS.iter().zip([Some(&id), Some(&secret), token.as_ref()]) {
            let Some(odd) = value.filter(|value| !is_sendable(value.text())) else {
                continue;
            };
            let name = profile.name();
            return Err(Error::new(
                Kind::Config,
                format!("{key} of profile {name} is not valid"),
            )
            .at(odd.snippet())
            .because("it has characters that no credentials of AWS have")
            .hint(format!("copy it once more: aws configure --profile {name}")));
        }
        Ok(Some(Self { id, secret, token }))
    }
}

fn same_file(a: &Value<'_>, b: &Value<'_>) -> bool {
    std::ptr::eq(a.file(), b.file())
}

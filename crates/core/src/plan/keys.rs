//! The access keys of a profile.

use crate::aws_files::{Profile, Value};
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

impl<'a> StaticKeys<'a> {
    /// The keys of `profile`; `None` if one of the two is missing.
    ///
    /// All come from one file, as in the AWS CLI: half a pair in each file is
    /// most likely two pairs.
    ///
    /// # Errors
    /// The two stand in different files.
    pub fn of(profile: &Profile<'a>) -> Result<Option<Self>> {
        let filled = |key| profile.get(key).filter(|v| !v.text().is_empty());
        let (Some(id), Some(secret)) =
            (filled("aws_access_key_id"), filled("aws_secret_access_key"))
        else {
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
        let token = filled("aws_session_token").filter(|token| same_file(&id, token));
        Ok(Some(Self { id, secret, token }))
    }
}

fn same_file(a: &Value<'_>, b: &Value<'_>) -> bool {
    std::ptr::eq(a.file(), b.file())
}

//! The keys of a profile of `~/.aws`.

use assumerole_core::aws_config::AwsFiles;
use assumerole_core::plan::StaticKeys;
use assumerole_core::{Credentials, Error, Kind, Result};

/// The keys of profile `name`.
///
/// # Errors
/// It has none, or half a pair in each file.
pub fn credentials(files: &AwsFiles, name: &str) -> Result<Credentials> {
    let profile = files.profile(name);
    let keys = profile.as_ref().map(StaticKeys::of).transpose()?.flatten();
    let Some(keys) = keys else {
        return Err(
            Error::new(Kind::Config, format!("profile {name} has no access keys"))
                .hint(format!("add access keys: aws configure --profile {name}")),
        );
    };
    Ok(Credentials {
        access_key_id: keys.id.text().to_owned(),
        secret_access_key: keys.secret.secret(),
        session_token: keys.token.map(|token| token.secret()),
        expires: None,
    })
}

//! The keys that the environment came with (`credential_source =
//! Environment`).

use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::env::{Env, names};

/// The keys in `env`, which is the environment as it was inherited.
///
/// # Errors
/// They are not there.
pub(super) fn credentials(env: &Env) -> Result<Credentials> {
    let get = |name: &'static str| env.text(name).map(str::to_owned);
    let (Some(id), Some(secret)) = (
        get(names::AWS_ACCESS_KEY_ID),
        get(names::AWS_SECRET_ACCESS_KEY),
    ) else {
        return Err(Error::new(
            Kind::Config,
            "the environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
        .hint("set both"));
    };
    Ok(Credentials {
        access_key_id: id,
        secret_access_key: secret.into(),
        session_token: session_token(env).map(Into::into),
        expires: None,
    })
}

/// The session token of the keys in `env`; its older name wins, as in the AWS
/// CLI.
pub fn session_token(env: &Env) -> Option<&str> {
    let old = env.text(names::AWS_SECURITY_TOKEN);
    old.or_else(|| env.text(names::AWS_SESSION_TOKEN))
}

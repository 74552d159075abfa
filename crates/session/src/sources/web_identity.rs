//! A role, by the token of an identity provider that it trusts. The token
//! stands in a file that somebody else renews: it is read anew each time.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html>

use std::path::PathBuf;

use assumerole_aws::{Asked, AskedSource, sts};
use assumerole_core::aws::login::issued_to;
use assumerole_core::plan::{Caller, WebIdentity, Whose};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::connect::connect;
use crate::context::{Context, aws_clock};
use crate::made::Made;

/// Bytes. AWS takes 20,000 characters and says so itself.
const LARGEST: usize = 256 * 1024;

/// The role of `web`, assumed with the token of its file, or with `held`, where
/// it was read already.
///
/// # Errors
/// There is no token, or AWS's refusal or silence.
pub(super) fn credentials(
    context: &Context<'_>,
    profile: &str,
    web: &WebIdentity,
    held: Option<SecretString>,
) -> Result<Made> {
    let token = held.map_or_else(|| token(context, profile, web), Ok)?;
    let connection = connect(&web.route, context.settings, context.host)?;
    let what = format!("AssumeRoleWithWebIdentity {}", web.arn.value);
    let result = context.traced(&what, &connection, || {
        sts::assume_role_with_web_identity(&connection, &aws_clock(context.host), web, &token)
    });
    let asked = || Asked {
        profile: profile.to_owned(),
        arn: Some(web.arn.value.to_string()),
        duration: Some(web.duration.value),
        duration_from: web.duration.from.place(context.config, context.aws_files),
        region: web.route.region.value.to_string(),
        source: Some(AskedSource::WebIdentity {
            arn: web.arn.value.to_string(),
            token_file: web.token_file.value.clone(),
        }),
        ..Asked::default()
    };
    let granted = result.map_err(|error| error.explain(&asked()))?;
    Ok(Made {
        whose: Some(Whose::Caller(caller(&token))),
        ..granted.into()
    })
}

/// Whose token it is. What it claims of its subject does not tell what is cached
/// for it: only AWS can say whether that is true. It does tell whether a token
/// takes the place of another of the same subject, when AWS has accepted it.
pub(super) fn caller(token: &SecretString) -> Caller {
    let token = token.expose_secret();
    let caller = Caller::of([("web_identity_token", token.as_bytes())]);
    match issued_to(token) {
        Some([issuer, subject, audience]) => caller.keeping([
            ("iss", issuer.as_bytes()),
            ("sub", subject.as_bytes()),
            ("aud", audience.as_bytes()),
        ]),
        None => caller,
    }
}

/// Whether there is a token.
///
/// # Errors
/// There is none.
pub(super) fn look(context: &Context<'_>, profile: &str, web: &WebIdentity) -> Result<String> {
    token(context, profile, web)?;
    Ok(format!(
        "the web identity token of profile {profile} is in {}",
        web.token_file.value
    ))
}

/// The token in the file.
///
/// # Errors
/// There is none.
pub(super) fn token(
    context: &Context<'_>,
    profile: &str,
    web: &WebIdentity,
) -> Result<SecretString> {
    let fail = |why: String| {
        let message = format!("there is no web identity token for profile {profile}");
        Error::new(Kind::Config, message)
            .maybe_at(web.token_file.from.snippet(context.config, context.aws_files))
            .because(why)
            .hint("have the token written there by whoever runs this: Kubernetes, a CI system, a login of yours")
    };
    let path = match web.token_file.value.strip_prefix("~/") {
        Some(below) => context.home()?.join(below),
        None => PathBuf::from(&web.token_file.value),
    };
    let read = fs::read(&path, LARGEST).map_err(|error| fail(error.to_string()))?;
    let Some(bytes) = read.map(Zeroizing::new) else {
        return Err(fail(format!("there is no file {}", path.display())));
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| fail("it is not text".to_owned()))?;
    match text.trim() {
        "" => Err(fail(format!("{} is empty", path.display()))),
        token => Ok(token.into()),
    }
}

//! The role of the container that this runs in.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::path::Path;

use assumerole_aws::metadata::{self, ContainerRole};
use assumerole_core::aws::ids::RoleRef;
use assumerole_core::aws::login::issued_to;
use assumerole_core::aws::url::ContainerUrl;
use assumerole_core::plan::origin::Sourced;
use assumerole_core::plan::{Caller, Whose};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::fs;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::connect::bundle;
use crate::context::Context;
use crate::gate::MachineRole;
use crate::made::Made;

/// Bytes of a token.
const LARGEST: usize = 64 * 1024;

/// What is given at `url`, the variable that names it, and to whom. One place
/// serves every pod of EKS, and on a person's machine one server whichever role
/// was chosen last: so it is asked each time, and the answer tells.
///
/// # Errors
/// Nobody answers; there are none.
pub(super) fn credentials(context: &Context<'_>, url: &Sourced<ContainerUrl>) -> Result<Made> {
    let url = &url.value;
    let authorization = authorization(context)?;
    let bundle = match url.url().is_tls() {
        true => bundle(context.settings.ca_bundle.as_ref(), context.settings)?,
        false => None,
    };
    let clock = &context.host.clock;
    let begun = clock.monotonic();
    let (authorization, bundle) = (authorization.as_ref(), bundle.as_ref());
    let pause = |time| clock.sleep(time);
    let left = || clock.left();
    let answer = metadata::container(url, authorization, bundle, pause, left, clock.now());
    context.report.trace(&format!(
        "credentials of the container from {url}: {} in {} ms",
        if answer.is_ok() { "given" } else { "not given" },
        clock.monotonic().saturating_sub(begun).as_millis()
    ));
    let given = answer?;
    let caller = caller(&given, authorization);
    let role = given.role_arn.as_deref().and_then(|arn| arn.parse().ok());
    let role = role.map(|role: RoleRef| MachineRole {
        account: Some(role.account().to_string()),
        name: role.role().to_owned(),
    });
    Ok(Made {
        role,
        ..Made::of(given.credentials, Whose::Caller(caller))
    })
}

/// Whom they were given to: the role, where it is named; else who showed the
/// token, which is that of one pod; else the access key tells.
fn caller(given: &ContainerRole, authorization: Option<&SecretString>) -> Caller {
    let token = authorization.map(|token| token.expose_secret().as_bytes());
    let account = given.account.as_ref().map(String::as_bytes);
    let who = match (&given.role_arn, token) {
        (Some(arn), _) => ("role", arn.as_bytes()),
        (None, Some(_)) => ("account", account.unwrap_or_default()),
        (None, None) => ("access_key_id", given.credentials.access_key_id.as_bytes()),
    };
    let caller = Caller::of([("authorization", token.unwrap_or_default()), who]);
    // The token of a pod is replaced by one of the same claims.
    let claims = authorization.and_then(|token| issued_to(token.expose_secret()));
    match &claims {
        Some([issuer, subject, audience]) => caller.keeping([
            ("iss", issuer.as_bytes()),
            ("sub", subject.as_bytes()),
            ("aud", audience.as_bytes()),
            who,
        ]),
        None => caller,
    }
}

/// Where they would be asked for.
pub(super) fn look(url: &Sourced<ContainerUrl>) -> String {
    format!("the container's role is asked for at {}", url.value)
}

/// What is shown to get them: the file wins over the variable, because it is
/// the one that is renewed.
fn authorization(context: &Context<'_>) -> Result<Option<SecretString>> {
    let file = names::AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
    let token = match context.env.path(file) {
        Some(path) => Some(of_file(&path)?),
        None => {
            let name = names::AWS_CONTAINER_AUTHORIZATION_TOKEN;
            context.env.text_or_error(name)?.map(SecretString::from)
        }
    };
    Ok(token)
}

fn of_file(path: &Path) -> Result<SecretString> {
    let name = names::AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
    let fail = |why: String| {
        let message = format!("the token that {name} names cannot be read");
        Error::new(Kind::Config, message).because(why)
    };
    let read = fs::read(path, LARGEST).map_err(|error| fail(error.to_string()))?;
    let bytes = read.map(Zeroizing::new);
    let bytes = bytes.ok_or_else(|| fail(format!("there is no file {}", path.display())))?;
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_| fail(format!("{} is not text", path.display())))?;
    match text.trim() {
        "" => Err(fail(format!("{} is empty", path.display()))),
        token => Ok(token.into()),
    }
}

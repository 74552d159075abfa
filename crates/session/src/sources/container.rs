//! The role of the container that this runs in.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use std::path::Path;

use assumerole_aws::metadata;
use assumerole_core::origin::Sourced;
use assumerole_core::url::ContainerUrl;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::fs;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::connect::bundle;
use crate::engine::Engine;

/// Bytes of a token.
const LARGEST: usize = 64 * 1024;

/// What is given at `url`, the variable that names it.
///
/// # Errors
/// Nobody answers; there are none.
pub(super) fn credentials(engine: &Engine<'_>, url: &Sourced<ContainerUrl>) -> Result<Credentials> {
    let url = &url.value;
    let authorization = authorization(engine)?;
    let bundle = match url.url().is_tls() {
        true => bundle(engine.settings.ca_bundle.as_ref(), engine.settings)?,
        false => None,
    };
    let clock = &engine.host.clock;
    let begun = clock.monotonic();
    let answer = metadata::container(url, authorization.as_ref(), bundle.as_ref(), |time| {
        clock.sleep(time);
    });
    engine.report.trace(&format!(
        "credentials of the container from {url}: {} in {} ms",
        if answer.is_ok() { "given" } else { "not given" },
        clock.monotonic().saturating_sub(begun).as_millis()
    ));
    answer
}

/// Where they would be asked for.
pub(super) fn look(url: &Sourced<ContainerUrl>) -> String {
    format!("the container's role is asked for at {}", url.value)
}

/// What is shown to get them: the file wins over the variable, because it is
/// the one that is renewed.
fn authorization(engine: &Engine<'_>) -> Result<Option<SecretString>> {
    let file = names::AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
    let token = match engine.env.path(file) {
        Some(path) => Some(of_file(&path)?),
        None => {
            let name = names::AWS_CONTAINER_AUTHORIZATION_TOKEN;
            engine.env.text_or_error(name)?.map(SecretString::from)
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

//! pip: `index-url` in `pip.conf`.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/python-configure-pip.html>

use secrecy::ExposeSecret;

use super::ini::{Ini, shown};
use super::{Repository, USERNAME, is_codeartifact};
use crate::edits::{Edited, Edits, Fault, Read};
use crate::error::Result;

/// Makes `text`, the `pip.conf` that a person calls `path`, name `repository`
/// as pip's index. `extra-index-url` and all else stays.
///
/// # Errors
/// `Kind::Config`, with the place: the file cannot be read, or names another
/// index, which is left to whom it belongs.
pub fn edit(path: &str, text: &str, repository: &Repository<'_>) -> Result<Edited> {
    let edits = plan(text, repository).map_err(|fault| fault.into_error(path, text, shown))?;
    Ok(edits.into_edited(text))
}

fn plan(text: &str, repository: &Repository<'_>) -> Read<Edits> {
    let ini = Ini::of(text)?;
    for value in ini.values("global", "index-url") {
        let url = &text[value.clone()];
        if !url.is_empty() && !is_codeartifact(url, repository.endpoint) {
            return Err(
                Fault::new(value, "names another index, which is left as it is")
                    .hint("remove index-url there, or leave pip out of \"tools\" in ~/.assumerole"),
            );
        }
    }
    let mut edits = Edits::default();
    ini.set(&mut edits, "global", &[("index-url", url(repository))]);
    Ok(edits)
}

/// The index, with user name and token in it.
fn url(repository: &Repository<'_>) -> String {
    let endpoint = repository.endpoint;
    let (scheme, rest) = endpoint.split_once("//").unwrap_or(("https:", endpoint));
    let token = encoded(repository.token.expose_secret());
    format!("{scheme}//{USERNAME}:{token}@{rest}simple/")
}

/// `text` as it stands in a URL. A token has nothing that changes by it.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=".contains(&byte);
    text.bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

//! Files of package tools: what is added, what is changed, and what stays.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod ini;
mod npm;
mod nuget;
mod props;
mod variables;

use assumerole_core::diagnostic::Result;
use assumerole_packages::Repository;
use assumerole_packages::edits::Edited;
use secrecy::{ExposeSecret, SecretString};

/// Where the repository is, but for the format.
const HOST: &str = "https://acme-111122223333.d.codeartifact.eu-central-1.amazonaws.com";
const TOKEN: &str = "eyJ2ZXIi.new-token_1";

/// Gives `edit` the repository for packages of `format`, and what comes of it:
/// the new text, none if nothing changes, or the error's words.
fn edited(
    format: &str,
    edit: impl FnOnce(&Repository<'_>) -> Result<Edited>,
) -> std::result::Result<Option<String>, String> {
    let endpoint = format!("{HOST}/{format}/shop/");
    let token = SecretString::from(TOKEN);
    let repository = Repository {
        endpoint: &endpoint,
        token: &token,
    };
    match edit(&repository) {
        Ok(Edited::Unchanged) => Ok(None),
        Ok(Edited::Changed(bytes)) => Ok(Some(
            String::from_utf8(bytes.expose_secret().to_vec()).unwrap(),
        )),
        Err(error) => {
            let at = error.snippet().unwrap();
            let mut text = format!("{}: {}: {}", at.place(), error, at.text);
            for hint in error.hints() {
                text += &format!(": {hint}");
            }
            Err(text)
        }
    }
}

/// `text` edited, and checks that a second time changes nothing.
#[track_caller]
fn settled(
    text: &str,
    edit: impl Fn(&str) -> std::result::Result<Option<String>, String>,
) -> String {
    let Some(after) = edit(text).unwrap() else {
        return text.to_owned();
    };
    assert_eq!(edit(&after), Ok(None), "{after}");
    after
}

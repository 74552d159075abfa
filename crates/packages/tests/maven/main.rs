//! `settings.xml` edited: a corpus of files with what must come of each, and
//! properties that hold for all of them and for what they mutate to.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read their corpus and may panic"
)]

mod corpus;
mod props;
mod values;

use assumerole_packages::maven::{Edited, Server, edit};
use secrecy::{ExposeSecret, SecretString};

/// What the files of the corpus are edited to.
const TOKEN: &str = "eyJ2ZXIi.new-token_1";

/// Edits for the server `codeartifact`: the new bytes, `None` if nothing
/// changes, or the whole error as text.
fn edited(bytes: &[u8], password: &str) -> Result<Option<Vec<u8>>, String> {
    edited_as("codeartifact", "aws", bytes, password)
}

fn edited_as(
    id: &str,
    username: &str,
    bytes: &[u8],
    password: &str,
) -> Result<Option<Vec<u8>>, String> {
    let password = SecretString::from(password);
    let server = Server {
        id,
        username,
        password: &password,
    };
    match edit("~/.m2/settings.xml", bytes, &server) {
        Ok(Edited::Unchanged) => Ok(None),
        Ok(Edited::Changed(bytes)) => Ok(Some(bytes.expose_secret().to_vec())),
        Err(error) => Err(shown(&error)),
    }
}

fn shown(error: &assumerole_core::Error) -> String {
    let mut text = format!("{}\n", error.message());
    if let Some(at) = error.snippet() {
        let marks = "^".repeat(at.width as usize);
        let space = " ".repeat(at.indent());
        text += &format!("{}\n{}\n{space}{marks}\n", at.place(), at.text);
    }
    for cause in error.causes() {
        text += &format!("because: {cause}\n");
    }
    for hint in error.hints() {
        text += &format!("hint: {hint}\n");
    }
    text
}

//! pip: `index-url` in `pip.conf`.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/python-configure-pip.html>

use std::ops::Range;

use secrecy::ExposeSecret;

use crate::edits::{Edited, Edits, Fault, Read};
use crate::ini::{Ini, shown};
use crate::{Repository, USERNAME, is_codeartifact};
use assumerole_core::diagnostic::Result;

/// The commands that have an index of their own where the file has a section
/// for them: it wins over `[global]`, whichever file that stands in. Their
/// names count as they are written here.
const COMMANDS: [&str; 6] = ["install", "download", "wheel", "list", "index", "lock"];

/// The names of the option. pip takes both, and none of their shorter forms.
const NAMES: [&str; 2] = ["index-url", "pypi-url"];

/// Makes `text`, the `pip.conf` that a person calls `path`, name `repository`
/// as pip's index. `extra-index-url` and all else stays. Unless it `adds`,
/// only an index that is there is brought up to date.
///
/// # Errors
/// `Kind::Config`, with the place: the file cannot be read, or names another
/// index, which is left to whom it belongs.
pub fn edit(path: &str, text: &str, repository: &Repository<'_>, adds: bool) -> Result<Edited> {
    let edits =
        plan(text, repository, adds).map_err(|fault| fault.into_error(path, text, shown))?;
    Ok(edits.into_edited(text))
}

/// Whether `text`, a file that pip takes before the one that was edited, names
/// an index that is not the one of `repository`.
pub fn another_index(text: &str, repository: &Repository<'_>) -> bool {
    let Ok(ini) = Ini::of(text, named) else {
        return false;
    };
    let wanted = url(repository);
    indexes(&ini).any(|(_, value)| {
        let value = &text[value];
        !value.is_empty() && *value != *wanted
    })
}

fn plan(text: &str, repository: &Repository<'_>, adds: bool) -> Read<Edits> {
    let ini = Ini::of(text, named)?;
    for (_, value) in indexes(&ini) {
        let url = &text[value.clone()];
        if !url.is_empty() && !is_codeartifact(url, repository.endpoint) {
            return Err(
                Fault::new(value, "names another index, which is left as it is")
                    .hint("remove it there, or leave pip out of \"tools\" in ~/.assumerole"),
            );
        }
    }
    let mut edits = Edits::default();
    let wanted = url(repository);
    let mut in_global = false;
    for section in COMMANDS.into_iter().chain(["global"]) {
        for name in NAMES {
            if ini.values(section, name).next().is_some() {
                ini.set(&mut edits, section, &[(name, wanted.clone())]);
                in_global |= section == "global";
            }
        }
    }
    if adds && !in_global {
        ini.set(&mut edits, "global", &[("index-url", wanted)]);
    }
    Ok(edits)
}

/// Every index that pip would take from a file, with its section.
fn indexes<'s>(ini: &'s Ini<'_>) -> impl Iterator<Item = (&'static str, Range<usize>)> + 's {
    let sections = COMMANDS.into_iter().chain(["global"]);
    sections.flat_map(move |section| {
        let values = NAMES
            .into_iter()
            .flat_map(move |name| ini.values(section, name));
        values.map(move |value| (section, value))
    })
}

/// What pip takes the name of an option for: in any case, with either line,
/// and with the dashes of the command line.
fn named(name: &str) -> String {
    let mut name = name.to_lowercase().replace('_', "-");
    while let Some(rest) = name.strip_prefix("--") {
        name = rest.to_owned();
    }
    name
}

/// The index, with user name and token in it.
pub(super) fn url(repository: &Repository<'_>) -> String {
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

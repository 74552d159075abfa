//! twine: a server in `~/.pypirc`.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/python-configure-twine.html>

use secrecy::ExposeSecret;

use crate::edits::{Edited, Edits, Fault, Read};
use crate::ini::{Ini, shown};
use crate::{Repository, USERNAME, is_codeartifact};
use assumerole_core::diagnostic::Result;

/// Makes `text`, the `.pypirc` that a person calls `path`, have a server called
/// `name`, and only adds it to those that are there.
///
/// # Errors
/// `Kind::Config`, with the place: the file cannot be read, or has a server of
/// that name somewhere else, which is left to whom it belongs.
pub fn edit(path: &str, text: &str, name: &str, repository: &Repository<'_>) -> Result<Edited> {
    let edits = plan(text, name, repository).map_err(|f| f.into_error(path, text, shown))?;
    Ok(edits.into_edited(text))
}

fn plan(text: &str, name: &str, repository: &Repository<'_>) -> Read<Edits> {
    let ini = Ini::of(text, str::to_lowercase)?;
    for value in ini.values(name, "repository") {
        let url = &text[value.clone()];
        if !url.is_empty() && !is_codeartifact(url, repository.endpoint) {
            let message = format!("has another server {name}, which is left as it is");
            return Err(Fault::new(value, message).hint(
                "name another \"id\" in codeartifact, or leave twine out of \"tools\" in ~/.assumerole",
            ));
        }
    }
    let mut edits = Edits::default();
    let newline = ini.newline();
    let mut listed = false;
    for range in ini.values("distutils", "index-servers") {
        listed = true;
        let list = &text[range.clone()];
        // A list is of lines; the script and others also write commas.
        let names = || list.split(|c: char| c.is_whitespace() || c == ',');
        if names().any(|server| server == name) {
            continue;
        }
        let last = list.rsplit(['\n', '\r']).next().unwrap_or_default();
        let indent = &last[..last.len() - last.trim_start().len()];
        let indent = if indent.is_empty() { "    " } else { indent };
        edits.replace(range.end..range.end, format!("{newline}{indent}{name}"));
    }
    if !listed {
        // What twine knows without a list.
        let known = ["pypi", "testpypi"].into_iter();
        let known = known.filter(|server| *server == "pypi" || ini.has(server));
        let servers: Vec<String> = known
            .chain([name])
            .map(|server| format!("{newline}    {server}"))
            .collect();
        ini.set(
            &mut edits,
            "distutils",
            &[("index-servers", servers.concat())],
        );
    }
    let pairs = [
        ("repository", repository.endpoint.to_owned()),
        ("username", USERNAME.to_owned()),
        ("password", repository.token.expose_secret().to_owned()),
    ];
    ini.set(&mut edits, name, &pairs);
    Ok(edits)
}

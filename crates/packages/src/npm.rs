//! npm: the registry of everything or of some scopes, and its token, in
//! `~/.npmrc`.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/npm-auth.html>,
//! <https://docs.npmjs.com/cli/configuring-npm/npmrc>

use std::ops::Range;

use secrecy::ExposeSecret;

use crate::edits::{Edited, Edits, Fault, Read};
use crate::ini::shown;
use crate::{Repository, is_codeartifact, without_scheme};
use assumerole_core::diagnostic::Result;

/// What AWS's guide writes in the place of a token.
const REFERENCE: &str = "${CODEARTIFACT_AUTH_TOKEN}";

/// Makes `text`, the `.npmrc` that a person calls `path`, name `repository` as
/// the registry of `scopes` (`@name`), or of everything where there are none.
///
/// # Errors
/// `Kind::Config`, with the place: the file names another registry for that,
/// which is left to whom it belongs.
pub fn edit(
    path: &str,
    text: &str,
    scopes: &[String],
    repository: &Repository<'_>,
) -> Result<Edited> {
    let edits = plan(text, scopes, repository).map_err(|f| f.into_error(path, text, shown))?;
    Ok(edits.into_edited(text))
}

/// The key of the token of `repository`.
pub(super) fn token_key(repository: &Repository<'_>) -> String {
    format!("//{}:_authToken", without_scheme(repository.endpoint))
}

fn plan(text: &str, scopes: &[String], repository: &Repository<'_>) -> Read<Edits> {
    let endpoint = repository.endpoint;
    let pairs = pairs(text);
    let mut edits = Edits::default();
    let mut new = Vec::new();
    let registries = match scopes {
        [] => vec!["registry".to_owned()],
        scopes => scopes
            .iter()
            .map(|scope| format!("{scope}:registry"))
            .collect(),
    };
    for registry in registries {
        let found = values(&pairs, &registry);
        for value in &found {
            let url = unquoted(&text[value.clone()]);
            if !url.is_empty() && !is_codeartifact(url, endpoint) {
                let message = format!("names another {registry}, which is left as it is");
                let hint = match scopes {
                    [] => {
                        "remove that line, name a \"namespace\", or leave npm out of \"tools\" in ~/.assumerole"
                    }
                    _ => {
                        "remove that line, or take the scope out of \"namespace\" in ~/.assumerole"
                    }
                };
                return Err(Fault::new(value.clone(), message).hint(hint));
            }
        }
        set(&mut edits, text, &found, &registry, endpoint, &mut new);
    }
    let key = token_key(repository);
    let token = repository.token.expose_secret();
    let found = values(&pairs, &key);
    set(&mut edits, text, &found, &key, token, &mut new);
    if !new.is_empty() {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let before = match text {
            "" => "",
            text if text.ends_with('\n') => "",
            _ => newline,
        };
        let lines: String = new.iter().map(|line| format!("{line}{newline}")).collect();
        // Below a [section] it would be something else.
        let at = first_section(text).unwrap_or(text.len());
        let before = if at < text.len() { "" } else { before };
        edits.replace(at..at, format!("{before}{lines}"));
    }
    Ok(edits)
}

fn set(
    edits: &mut Edits,
    text: &str,
    found: &[Range<usize>],
    key: &str,
    value: &str,
    new: &mut Vec<String>,
) {
    for range in found {
        let has = unquoted(&text[range.clone()]);
        // npm puts the variable in its place, which what runs in the role has.
        if has != value && has != REFERENCE {
            edits.replace(range.clone(), value.to_owned());
        }
    }
    if found.is_empty() {
        new.push(format!("{key}={value}"));
    }
}

/// Keys and where their values stand, outside of sections.
fn pairs(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut pairs = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let said = line.trim();
        if said.starts_with('[') && said.ends_with(']') {
            break;
        }
        if !said.starts_with([';', '#'])
            && let Some((key, value)) = line.split_once('=')
        {
            let at = start + key.len() + 1;
            let before = value.len() - value.trim_start().len();
            let value = value.trim();
            let range = at + before..at + before + value.len();
            pairs.push((unquoted(key.trim()), range));
        }
        start += line.len() + 1;
    }
    pairs
}

fn first_section(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim();
        if said.starts_with('[') && said.ends_with(']') {
            return Some(start);
        }
        start += line.len();
    }
    None
}

fn values(pairs: &[(&str, Range<usize>)], key: &str) -> Vec<Range<usize>> {
    let named = pairs.iter().filter(|(name, _)| *name == key);
    named.map(|(_, value)| value.clone()).collect()
}

/// A value without the quotes that may be around it.
fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

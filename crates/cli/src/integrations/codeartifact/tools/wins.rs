//! What a tool takes in place of the file that was set up for it: a word on
//! each, as nothing else would show it.

use std::ffi::OsStr;
use std::path::Path;

use assumerole_core::config::{CodeArtifact, Tool};
use assumerole_core::diagnostic::Warning;
use assumerole_host::env::names;
use assumerole_host::fs;
use assumerole_packages::{another_index, nuget_disables, variables_that_win};
use assumerole_session::artifacts::Granted;
use secrecy::zeroize::Zeroizing;

use super::{repository, source};
use crate::app::App;

/// Such words on `tool`, whose settings are in `file`.
pub(super) fn warnings(
    app: &App<'_>,
    tool: Tool,
    file: &Path,
    found: &CodeArtifact,
    granted: &Granted,
) -> Vec<Warning> {
    let repository = repository(tool, granted);
    let shown = app.places.show(file);
    let text = |(name, value)| Some((OsStr::to_str(name)?, OsStr::to_str(value)?));
    let variables = app.env.iter().filter_map(text);
    let variables = variables_that_win(tool, &found.scopes, &repository, variables);
    let of_variable = |name: &str| {
        Warning::new(format!("{tool} prefers the variable {name} to {shown}")).hint(
            match name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                true => format!("take it out of the environment: unset {name}"),
                false => "take it out of the environment".to_owned(),
            },
        )
    };
    let mut warnings: Vec<Warning> = variables.into_iter().map(of_variable).collect();
    let read = |path: &Path| {
        let bytes = fs::read_regular(path, fs::LARGEST_EDITED).ok().flatten();
        bytes.map(Zeroizing::new)
    };
    match tool {
        Tool::Pip => {
            let of_environment = app.env.path(names::VIRTUAL_ENV);
            let path = of_environment.map(|folder| folder.join("pip.conf"));
            // It stands before the user's, and behind what PIP_CONFIG_FILE names.
            let path =
                path.filter(|_| app.env.path(names::PIP_CONFIG_FILE).as_deref() != Some(file));
            if let Some(path) = path
                && let Some(bytes) = read(&path)
                && let Ok(text) = std::str::from_utf8(&bytes)
                && another_index(text, &repository)
            {
                let other = app.places.show(&path);
                let message = format!("pip prefers the index in {other} to {shown}");
                warnings.push(Warning::new(message).hint(format!("remove it from {other}")));
            }
        }
        Tool::Nuget => warnings.extend(
            read(file)
                .and_then(|bytes| nuget_disables(&shown, &bytes, &source(found), &repository)),
        ),
        Tool::Maven | Tool::Npm | Tool::Gradle | Tool::Cargo | Tool::Twine => {}
    }
    warnings
}

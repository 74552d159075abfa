//! A role whose credentials a server hands out: what leads there takes the
//! place of the credentials themselves.

use std::borrow::Cow;
use std::ffi::OsString;

use secrecy::{ExposeSecret as _, SecretString};

use super::Variable;
use super::table::{self, Served};

/// The host that a server listens on, as programs read `NO_PROXY`.
const HOST: &str = "127.0.0.1";

/// What leads to a server.
#[derive(Clone, Debug)]
pub struct Server<'a> {
    /// Where it answers for the role.
    pub uri: &'a str,
    /// What is shown to it.
    pub token: &'a SecretString,
    /// The file that holds the token; none where there is no place for one.
    pub token_file: Option<&'a str>,
    /// What takes the place of the files of `~/.aws`.
    pub files: Option<AwsFileCopies<'a>>,
}

/// Copies of the files of `~/.aws`.
#[derive(Clone, Copy, Debug)]
pub struct AwsFileCopies<'a> {
    /// That of the configuration.
    pub config: &'a str,
    /// That of the credentials.
    pub credentials: &'a str,
}

/// What a role that would set `set` sets where `server` hands its credentials
/// out. `base` is the environment without it.
pub fn served(
    set: Vec<Variable>,
    base: &[(OsString, OsString)],
    server: &Server<'_>,
) -> Vec<Variable> {
    let mut set = set;
    let no_proxy = without_proxy(&set, base);
    set.retain(|variable| !table::is(&variable.name, |row| row.served == Served::Unset));
    let mut put = |name: &str, value: SecretString| {
        set.retain(|variable| variable.name != name);
        set.push(Variable {
            name: name.to_owned(),
            value,
        });
    };
    put(table::CONTAINER_URI, server.uri.into());
    put(table::CONTAINER_TOKEN, server.token.clone());
    if let Some(file) = server.token_file {
        put(table::CONTAINER_TOKEN_FILE, file.into());
    }
    for (name, value) in no_proxy {
        put(name, value.into());
    }
    if let Some(files) = server.files {
        put(table::AWS_CONFIG_FILE, files.config.into());
        put(table::AWS_CREDENTIALS_FILE, files.credentials.into());
    }
    set
}

/// What both names of `NO_PROXY` hold so that programs ask the server without a
/// proxy: what they have in `set` or in `base`, and the server's host. Where one
/// alone is there, it is what the other goes on from: programs that find both
/// read one of them.
fn without_proxy(set: &[Variable], base: &[(OsString, OsString)]) -> Vec<(&'static str, String)> {
    let have = |name: &str| -> Option<Cow<'_, str>> {
        let own = set.iter().find(|variable| variable.name == name);
        if let Some(own) = own {
            return Some(own.value.expose_secret().into());
        }
        let (_, value) = base.iter().find(|(have, _)| have == name)?;
        Some(value.to_string_lossy())
    };
    let filled = |name| have(name).filter(|value| !value.trim().is_empty());
    let [upper, lower] = table::NO_PROXY;
    let of = |name, other| {
        let value = filled(name).or_else(|| filled(other)).unwrap_or_default();
        (name, with_host(&value))
    };
    vec![of(upper, lower), of(lower, upper)]
}

/// `list` with the server's host.
fn with_host(list: &str) -> String {
    // Alone it means every host, and beside another it means nothing to some.
    let has = |host: &str| list.split(',').any(|entry| entry.trim() == host);
    if list.trim() == "*" || has(HOST) {
        return list.to_owned();
    }
    match list.trim().is_empty() {
        true => HOST.to_owned(),
        false => format!("{},{HOST}", list.trim_end().trim_end_matches(',')),
    }
}

#[cfg(test)]
mod tests;

//! Package tools and what each needs to take packages from a repository of
//! CodeArtifact: what `aws codeartifact login` and AWS's guides set up, without
//! what a tool has for other registries being touched.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/welcome.html>
//!
//! Their files are edited byte for byte, and only as data: this crate is as
//! pure as `core`, of which it takes errors and the names of the tools. Each
//! tool is one file: what it is told, and where that stands.

mod cargo;
pub mod edits;
mod gradle;
mod ini;
pub mod maven;
mod npm;
mod nuget;
mod pip;
mod twine;
mod userconfig;
mod wins;
mod xml;

use secrecy::SecretString;

pub use cargo::variables as cargo_variables;
pub use gradle::variables as gradle_variables;
pub use npm::edit as edit_npmrc;
pub use nuget::{disabled as nuget_disables, edit as edit_nuget_config};
pub use pip::{another_index, edit as edit_pip_conf};
pub use twine::edit as edit_pypirc;
pub use userconfig::userconfig;
pub use wins::{holds_token, variables_that_win};

/// A repository, and what lets one in.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'a> {
    /// Where it is for one format of packages, with a slash at the end.
    pub endpoint: &'a str,
    /// The token.
    pub token: &'a SecretString,
}

/// The user name that goes with a token, as `aws codeartifact login` has it.
const USERNAME: &str = "aws";

/// Whether `url` is a registry that may be replaced by the one at `endpoint`:
/// the same, or another of CodeArtifact. Anything else is the person's own.
fn is_codeartifact(url: &str, endpoint: &str) -> bool {
    let host = host_of(url);
    host == host_of(endpoint) || host.contains(".d.codeartifact.")
}

/// Host and port of a URL, in small letters.
fn host_of(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.to_ascii_lowercase()
}

/// `url` without its scheme.
fn without_scheme(url: &str) -> &str {
    url.split_once("//").map_or(url, |(_, rest)| rest)
}

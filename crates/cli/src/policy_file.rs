//! The session policies that roles keep in files of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assumerole_core::aws::ids::SessionPolicy;
use assumerole_core::config::Config;
use assumerole_core::diagnostic::text::Spanned;
use assumerole_core::plan::{Target, policy_files};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs;

/// Bytes; white space is not counted by AWS's limit, and yet nobody writes
/// more of it than this.
const LARGEST: usize = 256 * 1024;

/// The policies in the files that `target` and the roles on its way name, by
/// the names of the files.
///
/// # Errors
/// There is no such file, it cannot be read, or it holds no policy.
pub(crate) fn read(
    home: Option<&Path>,
    config: &Config,
    target: &Target,
) -> Result<BTreeMap<String, SessionPolicy>> {
    let files = policy_files(config, target);
    let read =
        |named: Spanned<String>| Ok((named.value.clone(), policy(home, config, target, &named)?));
    files.into_iter().map(read).collect()
}

fn policy(
    home: Option<&Path>,
    config: &Config,
    target: &Target,
    named: &Spanned<String>,
) -> Result<SessionPolicy> {
    let failed = |why: &dyn std::fmt::Display| {
        let name = target.name();
        let message = format!("the policy of role {name} cannot be used: {}", named.value);
        let at = Some(config.snippet(named.span.clone()));
        Error::new(Kind::Config, message).maybe_at(at).because(why)
    };
    let path =
        path(home, &named.value).ok_or_else(|| failed(&"the home folder for ~ is not known"))?;
    let text = fs::read_text(&path, LARGEST)
        .map_err(|error| failed(&error))?
        .ok_or_else(|| failed(&"there is no such file"))?;
    text.parse().map_err(|why| failed(&why))
}

fn path(home: Option<&Path>, named: &str) -> Option<PathBuf> {
    match named.strip_prefix("~/") {
        Some(rest) => Some(home?.join(rest)),
        None => Some(PathBuf::from(named)),
    }
}

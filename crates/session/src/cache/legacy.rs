//! What others of this name left. The bash script: plain shell text with
//! credentials, which it sourced. It is recognised and deleted, never read as
//! credentials and never run. Earlier versions: an index of a large
//! configuration file.

use std::ffi::OsStr;
use std::path::Path;

use assumerole_host::fs::PrivateDir;

use crate::report::Report;

/// No file of the script was larger.
const LARGEST: usize = 64 * 1024;

/// Deletes the script's files in `dir`.
pub(super) fn sweep(dir: &PrivateDir, report: &dyn Report) {
    let mut deleted = 0;
    for file in dir.list().unwrap_or_default() {
        let candidate = file.size <= LARGEST as u64 && !is_ours(&file.name.to_string_lossy());
        if candidate && is_script(dir, &file.name) && matches!(dir.remove(&file.name), Ok(true)) {
            deleted += 1;
        }
    }
    if deleted > 0 {
        report.note(&format!(
            "deleted {deleted} plain-text cache file{} of the old script",
            if deleted == 1 { "" } else { "s" }
        ));
    }
}

/// Deletes the indexes in `~/.assumerole.d`, which is above the folder `cache`.
pub(super) fn sweep_above(cache: &Path) {
    let state = cache.parent().map(PrivateDir::open);
    if let Some(Ok(Some(state))) = state {
        sweep_indexes(&state);
    }
}

/// Deletes the indexes in `state`, which is `~/.assumerole.d`.
pub(super) fn sweep_indexes(state: &PrivateDir) {
    for file in state.list().unwrap_or_default() {
        if file.name.to_str().is_some_and(is_index) {
            // The next run tries again.
            let _ = state.remove(&file.name);
        }
    }
}

/// Whether an earlier version called an index so: `config-0123456789abcdef.index`.
fn is_index(name: &str) -> bool {
    let digest = name
        .strip_prefix("config-")
        .and_then(|rest| rest.strip_suffix(".index"));
    digest.is_some_and(|digest| digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_ours(name: &str) -> bool {
    super::is_entry(name.split('.').next().unwrap_or_default())
}

/// Whether it is text that sets one of the credential variables.
fn is_script(dir: &PrivateDir, name: &OsStr) -> bool {
    let Ok(Some(bytes)) = dir.read(name, LARGEST) else {
        return false;
    };
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return false;
    };
    [
        "AWS_SECRET_ACCESS_KEY=",
        "AWS_SESSION_TOKEN=",
        "AWS_ACCESS_KEY_ID=",
    ]
    .iter()
    .any(|word| text.contains(word))
}

//! What the bash script of this name left: plain shell text with credentials,
//! which it sourced. It is recognised and deleted, never read as credentials
//! and never run.

use std::ffi::OsStr;

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

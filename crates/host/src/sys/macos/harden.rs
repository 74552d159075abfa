//! No core dumps, by a limit of this process.

use std::io;
use std::sync::Mutex;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit that was in force, to put back.
static BEFORE: Mutex<Option<Rlimit>> = Mutex::new(None);

/// setrlimit(2) `RLIMIT_CORE`: the soft limit only, which can be raised again.
pub(crate) fn disable_core_dumps() -> io::Result<()> {
    let before = getrlimit(Resource::Core);
    let none = Rlimit {
        current: Some(0),
        maximum: before.maximum,
    };
    setrlimit(Resource::Core, none)?;
    if let Ok(mut kept) = BEFORE.lock() {
        kept.get_or_insert(before);
    }
    Ok(())
}

/// Limits pass through execve(2), so the old one is put back.
pub(crate) fn before_exec() {
    if let Some(before) = BEFORE.lock().ok().and_then(|mut kept| kept.take()) {
        // A shell without core dumps is no reason not to start it.
        let _ = setrlimit(Resource::Core, before);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn assert_only_this_process_is_hardened() {
        let (hard, soft) = {
            let limit = getrlimit(Resource::Core);
            (limit.maximum, limit.current)
        };
        assert!(hard == Some(0) || soft != Some(0));
    }
}

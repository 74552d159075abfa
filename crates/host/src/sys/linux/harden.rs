//! No core dumps, by an attribute of this process image.

use std::io;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

/// prctl(2) `PR_SET_DUMPABLE`. Not `RLIMIT_CORE`: the user's shell would
/// inherit it, while execve(2) resets this.
pub(crate) fn disable_core_dumps() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Nothing: execve(2) does it.
pub(crate) fn before_exec() {}

#[cfg(test)]
pub(crate) mod tests {
    use std::process::Command;

    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    pub(crate) fn assert_only_this_process_is_hardened() {
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let limit = getrlimit(Resource::Core);
        let child = Command::new("sh")
            .args(["-c", "ulimit -c"])
            .output()
            .unwrap();
        let said = String::from_utf8(child.stdout).unwrap();
        match limit.current {
            Some(0) => assert_eq!(said.trim(), "0"),
            _ => assert_ne!(said.trim(), "0"),
        }
    }
}

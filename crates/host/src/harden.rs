//! Keeping secrets in memory out of files.

/// From now on no core dump of this process is written, and no other process
/// of the same user can attach to it. What the process later becomes through
/// [`crate::process::exec`] is not concerned.
///
/// # Errors
/// The system refuses.
pub fn disable_core_dumps() -> std::io::Result<()> {
    crate::sys::harden::disable_core_dumps()
}

/// Undoes [`disable_core_dumps`] where it would reach the program that takes
/// this one's place.
pub(crate) fn before_exec() {
    crate::sys::harden::before_exec();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_started_afterwards_may_dump_core_as_before() {
        disable_core_dumps().unwrap();
        before_exec();
        crate::sys::harden::tests::assert_only_this_process_is_hardened();
    }
}

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

/// From now on a panic says where it was and nothing else: its message may hold
/// what was worked with. For `main`, which is followed by nobody else.
pub fn panic_without_values() {
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let text = format!(
            "error: assumerole failed because of a bug, at {place}\n  \
             hint: report it: https://github.com/assumerole/assumerole/issues\n"
        );
        // Whoever closed stderr does not want to hear about it.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    }));
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

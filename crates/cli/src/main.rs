//! The program: arguments in, exit status out.

use std::mem::ManuallyDrop;
use std::process::ExitCode;

/// musl's own allocator costs a millisecond at start.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[expect(clippy::disallowed_methods, reason = "main hands the arguments over")]
fn main() -> ExitCode {
    assumerole_host::harden::panic_without_values();
    // Without it a limit is kept all the same, only less politely.
    let _ = assumerole_host::signals::outlive_file_limit();
    // It goes with the process.
    let host = ManuallyDrop::new(assumerole_host::Host::system());
    let outcome = assumerole::run(std::env::args_os(), &host);
    if let Some(signal) = outcome.signal() {
        assumerole_host::signals::end_by(signal);
    }
    ExitCode::from(outcome.status())
}

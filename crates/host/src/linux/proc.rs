//! What proc(5) tells about processes.

use std::fs;

/// Whether [`program_name`] is had without another process.
pub(crate) const NAMES_ARE_CHEAP: bool = true;

/// The name of the program that process `pid` runs, at most 15 bytes of it.
pub(crate) fn program_name(pid: i32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/comm")).ok()?;
    let name = String::from_utf8_lossy(&bytes).trim_end().to_owned();
    (!name.is_empty()).then_some(name)
}

/// Whether this process ignores `signal`, as `nohup` and shells that put
/// something into the background set it up. Unknown counts as no.
pub(crate) fn ignores(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_mask(&status) & (1_u64 << (signal - 1)) != 0
}

fn ignored_mask(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_is_found_and_read() {
        assert_eq!(
            ignored_mask("Name:\tx\nSigIgn:\t0000000000001001\n"),
            0x1001
        );
        assert_eq!(ignored_mask("Name:\tx\n"), 0);
    }

    #[test]
    fn rust_programs_ignore_sigpipe_and_no_sigterm() {
        assert!(ignores(rustix::process::Signal::PIPE.as_raw()));
        assert!(!ignores(rustix::process::Signal::TERM.as_raw()));
    }

    #[test]
    fn this_process_has_a_name() {
        let me = program_name(rustix::process::getpid().as_raw_nonzero().get());
        assert!(me.is_some());
        assert_eq!(program_name(i32::MAX), None);
    }
}

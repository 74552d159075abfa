//! Whether a program is static, read from the program itself: `ldd` would run
//! it, and does not know what is built for another machine.

use crate::process::{Failure, Result};

/// Program header that names a loader; dynamic programs have it.
const PT_INTERP: u32 = 3;
/// Program header of the table of what is linked at start.
const PT_DYNAMIC: u32 = 2;
/// Entry of that table that names a shared library.
const DT_NEEDED: u64 = 1;

/// Program header that says how the stack is mapped.
const PT_GNU_STACK: u32 = 0x6474_e551;
/// Program header of what is made read-only once the program is linked.
const PT_GNU_RELRO: u32 = 0x6474_e552;
/// The flag of a program header by which what it maps can be run.
const PF_X: u32 = 1;

/// A program header.
struct Header {
    kind: u32,
    flags: u32,
    offset: u64,
    length: u64,
}

/// Checks that the ELF file `bytes` needs neither a loader nor a library: what
/// "static" and "static-pie" mean.
///
/// # Errors
/// It needs one, or is no such file.
pub(crate) fn check_static(bytes: &[u8]) -> Result {
    for header in headers(bytes)? {
        if header.kind == PT_INTERP {
            return Err(Failure::new("not static: it asks for a loader (PT_INTERP)"));
        }
        if header.kind == PT_DYNAMIC {
            check_dynamic(bytes, header.offset, header.length).unwrap_or_else(|| Err(cut()))?;
        }
    }
    Ok(())
}

/// Checks that nothing on the stack can be run, and that what the linker has written
/// is read-only.
///
/// # Errors
/// It is not so, or `bytes` are no such file.
pub(crate) fn check_hardened(bytes: &[u8]) -> Result {
    let headers = headers(bytes)?;
    let find = |kind| headers.iter().find(|header| header.kind == kind);
    // Without the header, the kernel takes the stack for one that can be run.
    if find(PT_GNU_STACK).is_none_or(|header| header.flags & PF_X != 0) {
        return Err(Failure::new("its stack can be run (PT_GNU_STACK)"));
    }
    match find(PT_GNU_RELRO) {
        Some(_) => Ok(()),
        None => Err(Failure::new("its tables can be written (no PT_GNU_RELRO)")),
    }
}

/// The program headers.
///
/// Layout of a 64-bit, little-endian file: <https://man7.org/linux/man-pages/man5/elf.5.html>
fn headers(bytes: &[u8]) -> Result<Vec<Header>> {
    if bytes.get(..6) != Some(b"\x7fELF\x02\x01") {
        return Err(Failure::new("not a 64-bit little-endian ELF file"));
    }
    let read = || {
        let table = number::<8>(bytes, 0x20)?;
        let (size, count) = (number::<2>(bytes, 0x36)?, number::<2>(bytes, 0x38)?);
        let header = |index: u64| {
            let at = table.saturating_add(index * size);
            Some(Header {
                kind: number::<4>(bytes, at)?.try_into().ok()?,
                flags: number::<4>(bytes, at + 0x04)?.try_into().ok()?,
                offset: number::<8>(bytes, at + 0x08)?,
                length: number::<8>(bytes, at + 0x20)?,
            })
        };
        (0..count).map(header).collect::<Option<Vec<Header>>>()
    };
    read().ok_or_else(cut)
}

fn cut() -> Failure {
    Failure::new("the ELF file is cut short")
}

fn check_dynamic(bytes: &[u8], offset: u64, length: u64) -> Option<Result> {
    for entry in 0..length / 16 {
        if number::<8>(bytes, offset.checked_add(entry * 16)?)? == DT_NEEDED {
            let why = "not static: it asks for a shared library (DT_NEEDED)";
            return Some(Err(Failure::new(why)));
        }
    }
    Some(Ok(()))
}

/// The little-endian number in the `N` bytes at `at`.
fn number<const N: usize>(bytes: &[u8], at: u64) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let bytes = bytes.get(at..at.checked_add(N)?)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF file with two program headers of these kinds and flags.
    fn two(kinds: [(u32, u8); 2]) -> Vec<u8> {
        let mut bytes = vec![0; 0x40 + 2 * 0x38];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[0x20] = 0x40;
        bytes[0x36] = 0x38;
        bytes[0x38] = 2;
        for (at, (kind, flags)) in [0x40, 0x78].into_iter().zip(kinds) {
            bytes[at..at + 4].copy_from_slice(&kind.to_le_bytes());
            bytes[at + 4] = flags;
        }
        bytes
    }

    #[test]
    fn a_stack_that_can_be_run_and_tables_that_can_be_written_are_refused() {
        for (stack, relro, good) in [
            ((PT_GNU_STACK, 6), (PT_GNU_RELRO, 4), true),
            ((PT_GNU_STACK, 7), (PT_GNU_RELRO, 4), false),
            ((1, 6), (PT_GNU_RELRO, 4), false),
            ((PT_GNU_STACK, 6), (1, 4), false),
        ] {
            let found = check_hardened(&two([stack, relro]));
            assert_eq!(found.is_ok(), good, "{stack:?} {relro:?}");
        }
    }

    /// An ELF file with one program header of `kind`, and one dynamic entry.
    fn file(kind: u32, tag: u64) -> Vec<u8> {
        let mut bytes = vec![0; 0x40 + 0x38 + 16];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[0x20] = 0x40;
        bytes[0x36] = 0x38;
        bytes[0x38] = 1;
        bytes[0x40..0x44].copy_from_slice(&kind.to_le_bytes());
        bytes[0x48] = 0x78;
        bytes[0x60] = 16;
        bytes[0x78..0x80].copy_from_slice(&tag.to_le_bytes());
        bytes
    }

    #[test]
    fn a_loader_or_a_library_is_not_static() {
        assert!(check_static(&file(1, 0)).is_ok());
        assert!(check_static(&file(PT_DYNAMIC, 5)).is_ok(), "static-pie");
        assert!(check_static(&file(PT_INTERP, 0)).is_err());
        assert!(check_static(&file(PT_DYNAMIC, DT_NEEDED)).is_err());
    }

    #[test]
    fn what_is_not_elf_or_cut_short_is_refused() {
        assert!(check_static(b"#!/bin/sh\n").is_err());
        assert!(check_static(b"").is_err());
        let whole = file(PT_DYNAMIC, 5);
        for end in [6, 0x21, 0x39, 0x42, 0x78, 0x79] {
            assert!(check_static(&whole[..end]).is_err(), "{end}");
        }
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn this_test_itself_is_dynamic() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(check_static(&this).is_err());
    }
}

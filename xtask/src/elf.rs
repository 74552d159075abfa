//! Whether a program is static, read from the program itself: `ldd` would run
//! it, and does not know what is built for another machine.

use crate::process::{Failure, Result};

/// Program header that names a loader; dynamic programs have it.
const PT_INTERP: u32 = 3;
/// Program header of the table of what is linked at start.
const PT_DYNAMIC: u32 = 2;
/// Entry of that table that names a shared library.
const DT_NEEDED: u64 = 1;

/// Checks that the ELF file `bytes` needs neither a loader nor a library: what
/// "static" and "static-pie" mean.
///
/// Layout of a 64-bit, little-endian file: <https://man7.org/linux/man-pages/man5/elf.5.html>
///
/// # Errors
/// It needs one, or is no such file.
pub(crate) fn check_static(bytes: &[u8]) -> Result {
    let cut = || Failure::new("the ELF file is cut short");
    if bytes.get(..6) != Some(b"\x7fELF\x02\x01") {
        return Err(Failure::new("not a 64-bit little-endian ELF file"));
    }
    let table = number::<8>(bytes, 0x20).ok_or_else(cut)?;
    let size = number::<2>(bytes, 0x36).ok_or_else(cut)?;
    let count = number::<2>(bytes, 0x38).ok_or_else(cut)?;
    for index in 0..count {
        let header = table.saturating_add(index * size);
        let kind = number::<4>(bytes, header).ok_or_else(cut)?;
        if kind == u64::from(PT_INTERP) {
            return Err(Failure::new("not static: it asks for a loader (PT_INTERP)"));
        }
        if kind == u64::from(PT_DYNAMIC) {
            let offset = number::<8>(bytes, header + 0x08).ok_or_else(cut)?;
            let length = number::<8>(bytes, header + 0x20).ok_or_else(cut)?;
            check_dynamic(bytes, offset, length).unwrap_or_else(|| Err(cut()))?;
        }
    }
    Ok(())
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

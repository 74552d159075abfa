//! The operating system's random numbers.

use std::io;

/// Fills `bytes` with random numbers fit for keys and nonces.
///
/// # Errors
/// The operating system has none.
pub fn fill(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
}

/// A number for a name that nothing else has.
///
/// # Errors
/// The operating system has none.
pub fn number() -> io::Result<u64> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_and_every_byte_is_filled() {
        assert_ne!(number().unwrap(), number().unwrap());
        let mut bytes = [0; 4096];
        fill(&mut bytes).unwrap();
        assert!(bytes.iter().any(|byte| *byte != bytes[0]));
        assert_ne!(bytes[..8], [0; 8]);
        assert_ne!(bytes[4088..], [0; 8]);
    }
}

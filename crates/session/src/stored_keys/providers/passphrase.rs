//! A passphrase, by Argon2id (RFC 9106).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroize as _;

use super::super::format::{decoded, encoded};
use super::{Enrolment, Provider, WrapKey, locked, random_bytes, read};
use crate::stored_keys::desk::Desk;

/// A passphrase.
pub(in crate::stored_keys) struct Passphrase;

/// Memory in KiB, passes: 0.1 s on a laptop of 2026. The second choice of RFC
/// 9106, section 4, for where memory is not plenty.
const COST: (u32, u32) = (64 * 1024, 3);

/// What a file may ask for: as much memory as any machine has, and not so much
/// that a file of somebody else's stops this one.
const MEMORY: std::ops::RangeInclusive<u32> = 8 * 1024..=1024 * 1024;
const PASSES: std::ops::RangeInclusive<u32> = 1..=16;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    salt: String,
    memory_kib: u32,
    passes: u32,
}

impl Passphrase {
    /// A new way to `passphrase`.
    pub(in crate::stored_keys) fn enrol_with(
        passphrase: &SecretString,
    ) -> Result<(Value, WrapKey)> {
        let salt = random_bytes()?;
        let stored = Stored {
            salt: encoded(&salt),
            memory_kib: COST.0,
            passes: COST.1,
        };
        let key = derived(passphrase, &stored)?;
        Ok((json!(stored), key))
    }
}

impl Provider for Passphrase {
    fn asks(&self) -> bool {
        true
    }

    fn enrol(&self, desk: &Desk<'_>, _id: &str, _options: &Enrolment) -> Result<(Value, WrapKey)> {
        let passphrase = desk.new_passphrase("New passphrase for the key store: ", false)?;
        match passphrase {
            Some(passphrase) => Self::enrol_with(&passphrase),
            None => Err(Error::new(Kind::Cancelled, "no passphrase was given")),
        }
    }

    fn unlock(&self, desk: &Desk<'_>, _id: &str, params: &Value) -> Result<WrapKey> {
        let stored: Stored = read(params)?;
        if desk.terminal().is_none() {
            return Err(locked("its passphrase cannot be asked for here"));
        }
        let passphrase = desk.passphrase("Passphrase of the key store: ")?;
        derived(&passphrase, &stored)
    }

    fn held_for(&self) -> Option<u32> {
        None
    }

    fn describe(&self, _params: &Value) -> String {
        "a passphrase (Argon2id)".to_owned()
    }
}

fn derived(passphrase: &SecretString, stored: &Stored) -> Result<WrapKey> {
    let failed = |why: &str| {
        Error::new(Kind::Failed, "cannot derive the key")
            .called(Id::KeyStoreFailed)
            .because(why)
    };
    let salt = decoded(&stored.salt).filter(|salt| salt.len() >= 16);
    let salt = salt.ok_or_else(|| failed("its salt is damaged"))?;
    if !MEMORY.contains(&stored.memory_kib) || !PASSES.contains(&stored.passes) {
        return Err(failed(
            "its file asks for more work than any that was written",
        ));
    }
    let params = Params::new(stored.memory_kib, stored.passes, 1, Some(32));
    let params = params.map_err(|error| failed(&error.to_string()))?;
    let blocks = params.block_count();
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    // Reserved here, so that none left is an error and not the end.
    let mut memory: Vec<Block> = Vec::new();
    memory.try_reserve_exact(blocks).map_err(|_| {
        failed("there is not enough memory").hint(format!("free {} MiB", stored.memory_kib / 1024))
    })?;
    memory.resize(blocks, Block::default());
    let mut key = Box::new([0; 32]);
    let done = hasher.hash_password_into_with_memory(
        passphrase.expose_secret().as_bytes(),
        &salt,
        key.as_mut_slice(),
        &mut memory,
    );
    for block in &mut memory {
        block.as_mut().zeroize();
    }
    done.map_err(|error| failed(&error.to_string()))?;
    Ok(SecretBox::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(passphrase: &str, stored: &Stored) -> Result<[u8; 32]> {
        derived(&passphrase.into(), stored).map(|key| *key.expose_secret())
    }

    #[test]
    fn a_passphrase_gives_one_key_and_another_one_another() {
        let stored = |salt: u8, memory_kib| Stored {
            salt: encoded(&[salt; 32]),
            memory_kib,
            passes: 1,
        };
        let one = key("correct horse", &stored(1, 8192)).unwrap();
        assert_eq!(one, key("correct horse", &stored(1, 8192)).unwrap());
        assert_ne!(one, key("correct hors", &stored(1, 8192)).unwrap());
        assert_ne!(one, key("correct horse", &stored(2, 8192)).unwrap());
        assert_ne!(one, key("correct horse", &stored(1, 16384)).unwrap());
    }

    #[test]
    fn what_a_file_asks_for_is_bounded() {
        for (memory_kib, passes) in [(64, 3), (u32::MAX, 3), (65536, 0), (65536, 1000)] {
            let salt = encoded(&[1; 32]);
            let stored = Stored {
                salt,
                memory_kib,
                passes,
            };
            assert!(key("x", &stored).is_err(), "{memory_kib} {passes}");
        }
        let salt = encoded(&[1; 4]);
        let short = Stored {
            salt,
            memory_kib: 8192,
            passes: 1,
        };
        assert!(key("x", &short).is_err());
    }
}

//! The MFA codes of one device that were spent a moment ago.
//!
//! Sealed, because a digest of six digits is no secret-keeper: a million
//! guesses read it.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_host::Clock;
use assumerole_host::lock::Lock;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

use super::Cache;

/// Longer than a request with a code takes, which is made once and given up
/// after 15 seconds: the lock is held for one.
const WAIT: Duration = Duration::from_secs(30);

/// Windows for which a spent code is remembered. A code is good in its own and
/// in the two beside it.
const KEPT: i64 = 3;

/// One spent code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    /// SHA-256 of device and code.
    digest: [u8; 32],
    /// The window in which it was had.
    window: i64,
}

/// The spent codes of one device: in memory, and with a cache on disk too.
#[derive(Debug)]
pub(crate) struct Ledger<'a> {
    cache: Option<&'a Cache>,
    device: String,
    spent: Vec<Spent>,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(cache: Option<&'a Cache>, device: &MfaDevice) -> Self {
        Self {
            cache,
            device: device.as_str().to_owned(),
            spent: Vec::new(),
        }
    }

    pub(crate) fn is_of(&self, device: &MfaDevice) -> bool {
        self.device == device.as_str()
    }

    /// The lock under which a code of the device is checked, sent and entered
    /// here, so that two processes do not send the same one. None where it
    /// cannot be had: then AWS alone tells the second one.
    pub(crate) fn lock(&self, clock: &dyn Clock) -> Option<Lock<'a>> {
        let cache = self.cache?;
        let name = format!("{}.lock", self.file(cache));
        Lock::acquire(&cache.dir, name, clock, WAIT, &mut |_| {}).ok()
    }

    /// Whether `code` was spent a moment before `window`.
    pub(crate) fn has(&mut self, code: &str, window: i64) -> bool {
        self.read(window);
        let digest = self.digest(code);
        self.spent.iter().any(|spent| spent.digest == digest)
    }

    /// Whether the code of `window` is probably spent: one was in it.
    pub(crate) fn has_window(&mut self, window: i64) -> bool {
        self.read(window);
        self.spent.iter().any(|spent| spent.window == window)
    }

    /// Enters `code`, which was had in `window`. Best effort: without it AWS
    /// refuses the code when it is sent again.
    pub(crate) fn enter(&mut self, code: &str, window: i64) {
        self.read(window);
        let digest = self.digest(code);
        self.spent.retain(|spent| spent.digest != digest);
        self.spent.push(Spent { digest, window });
        if let Some(cache) = self.cache {
            self.write(cache);
        }
    }

    fn read(&mut self, window: i64) {
        let stored: Option<Vec<Spent>> = self.cache.and_then(|cache| {
            let name = self.file(cache);
            let bytes = cache.dir.read(&name, super::LARGEST).ok()??;
            serde_json::from_slice(&cache.seal.open(&name, &bytes)?).ok()
        });
        for spent in stored.unwrap_or_default() {
            if !self.spent.contains(&spent) {
                self.spent.push(spent);
            }
        }
        self.spent
            .retain(|spent| spent.window.abs_diff(window) <= KEPT.unsigned_abs());
    }

    fn write(&self, cache: &Cache) {
        let name = self.file(cache);
        let mut nonce = [0; 24];
        if assumerole_host::random::fill(&mut nonce).is_err() {
            return;
        }
        let sealed = serde_json::to_vec(&self.spent)
            .ok()
            .and_then(|plain| cache.seal.seal(&name, nonce, &plain));
        if let Some(sealed) = sealed {
            let _ = cache.dir.write(&name, &sealed);
        }
    }

    fn file(&self, cache: &Cache) -> String {
        let name = cache
            .seal
            .keyed(b"assumerole spent codes 1", self.device.as_bytes());
        format!("{name}.spent")
    }

    fn digest(&self, code: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.device.as_bytes());
        hash.update([0]);
        hash.update(code.as_bytes());
        hash.finalize().into()
    }
}

//! A refusal, left for the processes that waited for the same answer: forty of
//! them ask once.

use super::Cache;
use super::seal::Seal;
use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::plan::CacheKey;
use assumerole_core::{Error, Kind};
use assumerole_host::fs::PrivateDir;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Why there is no entry. Sealed as an entry is: its words name roles.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// Tells this refusal from the one before, whatever the clock says.
    id: u128,
    /// When, by our clock; earlier versions did not say.
    #[serde(default)]
    at: Timestamp,
    /// Whether somebody was asked, or a program of theirs.
    #[serde(default)]
    asked: bool,
    pub(super) error: Error,
}

/// For how long what was refused is not tried again, by those who can do without.
const LATELY: SignedDuration = SignedDuration::from_secs(30);

fn file_name(entry: &str) -> String {
    format!("{entry}.refused")
}

impl Refusal {
    pub(super) fn read(dir: &PrivateDir, seal: &Seal, entry: &str) -> Option<Self> {
        let name = file_name(entry);
        let bytes = dir.read(&name, super::LARGEST).ok()??;
        serde_json::from_slice(&seal.open(&name, &bytes)?).ok()
    }

    /// Best effort: without it the next one asks for itself.
    pub(super) fn leave(
        dir: &PrivateDir,
        seal: &Seal,
        entry: &str,
        error: &Error,
        at: Timestamp,
        asked: bool,
    ) {
        let name = file_name(entry);
        let (mut id, mut nonce) = ([0; 16], [0; 24]);
        let random =
            assumerole_host::random::fill(&mut id).and(assumerole_host::random::fill(&mut nonce));
        let refusal = Self {
            id: u128::from_le_bytes(id),
            at,
            asked,
            error: error.clone(),
        };
        let sealed = random
            .ok()
            .and_then(|()| serde_json::to_vec(&refusal).ok())
            .and_then(|plain| seal.seal(&name, nonce, &plain));
        if let Some(sealed) = sealed {
            let _ = dir.write(&name, &sealed);
        }
    }
}

impl Refusal {
    /// Whether it is an answer to somebody who waited for it. That there was
    /// nobody to ask is none to whoever has a person: it is their turn.
    pub(super) fn counts(&self, unattended: bool) -> bool {
        self.error.kind() != Kind::CannotAsk || unattended
    }

    /// Whether it is of a moment ago. A clock that went back says nothing.
    fn is_late(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.at);
        !age.is_negative() && age < LATELY
    }
}

impl Cache {
    /// Whether `key` was refused a moment ago.
    pub(crate) fn was_refused_lately(&self, key: &CacheKey, now: Timestamp) -> bool {
        self.late_refusal(key, now).is_some()
    }

    /// What somebody who was asked for `key` a moment ago had against it.
    pub(crate) fn lately_refused_by_somebody(
        &self,
        key: &CacheKey,
        now: Timestamp,
    ) -> Option<Error> {
        let refusal = self.late_refusal(key, now)?;
        refusal.asked.then_some(refusal.error)
    }

    /// What somebody who was asked for a code of `device` a moment ago had against
    /// it: for forty roles of one device, one question is enough.
    pub(crate) fn device_refused(&self, device: &MfaDevice, now: Timestamp) -> Option<Error> {
        let refusal = Refusal::read(&self.dir, &self.seal, &self.name_of(device))?;
        refusal.is_late(now).then_some(refusal.error)
    }

    /// Remembers that.
    pub(crate) fn refuse_device(&self, device: &MfaDevice, error: &Error, now: Timestamp) {
        let name = self.name_of(device);
        Refusal::leave(&self.dir, &self.seal, &name, error, now, true);
    }

    /// Forgets it.
    pub(crate) fn forget_device_refusal(&self, device: &MfaDevice) {
        let _ = self.dir.remove(file_name(&self.name_of(device)));
    }

    fn name_of(&self, device: &MfaDevice) -> String {
        let device = device.as_str().as_bytes();
        self.seal.keyed(b"assumerole refusal of a device 1", device)
    }

    /// What was last said against the login whose file is `place`: its number, which
    /// is another one each time, and the words.
    pub(crate) fn login_refused(&self, place: &str) -> Option<(u128, Error)> {
        let refusal = Refusal::read(&self.dir, &self.seal, &self.name_of_login(place))?;
        Some((refusal.id, refusal.error))
    }

    /// Leaves `error` for the processes that wait for that login.
    pub(crate) fn refuse_login(&self, place: &str, error: &Error, now: Timestamp) {
        let name = self.name_of_login(place);
        Refusal::leave(&self.dir, &self.seal, &name, error, now, true);
    }

    /// Forgets it.
    pub(crate) fn forget_login_refusal(&self, place: &str) {
        let _ = self.dir.remove(file_name(&self.name_of_login(place)));
    }

    fn name_of_login(&self, place: &str) -> String {
        self.seal
            .keyed(b"assumerole refusal of a login 1", place.as_bytes())
    }

    fn late_refusal(&self, key: &CacheKey, now: Timestamp) -> Option<Refusal> {
        let name = self.seal.file_name(key);
        let refusal = Refusal::read(&self.dir, &self.seal, &name)?;
        refusal.is_late(now).then_some(refusal)
    }

    /// Forgets that `key` was refused.
    pub(crate) fn forget_refusal(&self, key: &CacheKey) {
        // What stays is of a moment ago at most.
        let _ = self.dir.remove(file_name(&self.seal.file_name(key)));
    }
}

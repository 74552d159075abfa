//! `"sso_token_store": "sealed"`: the refresh token and the client's secret are in no
//! file that the AWS CLI reads, but sealed, with the cached sessions.

use assumerole_core::config::TokenStore;
use assumerole_core::diagnostic::Warning;
use assumerole_core::plan::CacheKey;
use assumerole_core::{Error, Kind, Result};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::SsoLogin;
use crate::cache::{Claim, Lineage, Patience, Terms, Value};
use crate::context::Context;
use crate::sources::token_file::Document;

/// What is in no file.
const SECRETS: [&str; 2] = ["refreshToken", "clientSecret"];

/// As long as a client is registered.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The secrets of one login.
#[derive(Serialize, Deserialize)]
struct SealedSecrets {
    /// A digest of the access token that they belong to: a login that another
    /// program made has its own.
    of: [u8; 32],
    values: Vec<Option<String>>,
    obtained: Timestamp,
    ends: Timestamp,
}

impl Drop for SealedSecrets {
    fn drop(&mut self) {
        self.values.iter_mut().flatten().for_each(Zeroize::zeroize);
    }
}

impl Value for SealedSecrets {
    const ENDING: &'static str = ".login";

    fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        // Sized at once, so that no half-grown buffer with secrets is left.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
        serde_json::to_writer(&mut *bytes, self).ok()?;
        Some(bytes)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    fn obtained(&self) -> Timestamp {
        self.obtained
    }

    fn ends(&self) -> Timestamp {
        self.ends
    }
}

/// Whether secrets of logins are sealed.
pub(super) fn is_on(context: &Context<'_>) -> bool {
    context.config.sso_token_store() == TokenStore::Sealed
}

fn digest(document: &Document) -> [u8; 32] {
    let access = document.text("accessToken").unwrap_or_default();
    Sha256::digest(access.as_bytes()).into()
}

impl SsoLogin<'_> {
    /// What the file holds, with its sealed secrets.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn load(&self) -> Result<Option<Result<Document, String>>> {
        let mut read = self.file.read()?;
        if let (true, Some(Ok(document)), Some(cache)) =
            (is_on(self.context), &mut read, self.context.cache)
        {
            let key = CacheKey::of_sealed_login(self.portal);
            let now = self.context.host.clock.now();
            let held: Option<SealedSecrets> = cache.lookup_value(&key, now);
            if let Some(held) = held.filter(|held| held.of == digest(document)) {
                for (name, value) in SECRETS.iter().zip(&held.values) {
                    if let (None, Some(value)) = (document.text(name), value) {
                        document.set(name, value);
                    }
                }
            }
        }
        Ok(read)
    }

    /// Writes `document`: its secrets sealed, if that is wanted, and the rest where the
    /// AWS CLI has it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn store(&self, document: &mut Document) -> Result<()> {
        if !is_on(self.context) {
            return self.file.write(document);
        }
        let now = self.context.host.clock.now();
        let values = SECRETS.map(|name| document.text(name).map(str::to_owned));
        let secrets = SealedSecrets {
            of: digest(document),
            values: values.into(),
            obtained: now,
            ends: now.checked_add(LIFE).unwrap_or(now),
        };
        SECRETS.iter().for_each(|name| document.remove(name));
        if let Err(why) = self.seal(&secrets) {
            self.context.report.warn(&Warning::new(format!(
                "the login is not renewed when it expires: {why}"
            )));
        }
        self.file.write(document)
    }

    fn seal(&self, secrets: &SealedSecrets) -> Result<()> {
        let context = self.context;
        let no_cache = || Error::new(Kind::Failed, "nothing can be kept sealed here");
        let cache = context.cache.ok_or_else(no_cache)?;
        let terms = Terms::new(Patience::Services).fresh(true);
        let key = CacheKey::of_sealed_login(self.portal);
        match cache.claim_value::<SealedSecrets>(&key, context.host, context.report, terms)? {
            Claim::Mine(slot) => slot
                .fill(secrets, &Lineage::default(), context.host)
                .map(drop),
            Claim::Filled(_) | Claim::Refused(_) => Err(no_cache()),
        }
    }

    /// Removes what is sealed of it.
    pub(super) fn remove_sealed(&self) {
        if let Some(cache) = self.context.cache {
            // It is of no use without the file.
            let _ = cache.remove_value::<SealedSecrets>(&CacheKey::of_sealed_login(self.portal));
        }
    }
}

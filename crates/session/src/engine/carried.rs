//! An MFA session that goes on when another key takes the place of the one that it
//! came from.

use assumerole_core::Result;
use assumerole_core::plan::Plan;

use crate::cache::{Claim, Lineage, Patience, Terms};
use crate::context::Context;

impl Context<'_> {
    /// Files the session that `from` has led to as what `to` leads to: of the same
    /// user and device, with another key. AWS ends no session with the key that it
    /// came from: it is the user's, and valid until it expires.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html>
    ///
    /// Whether it was there and could be filed.
    ///
    /// # Errors
    /// Another process holds the place too long.
    pub fn carry_over(&self, from: &Plan, to: &Plan) -> Result<bool> {
        let (old, new) = (from.fingerprints(), to.fingerprints());
        let (Some(cache), [.., old], [.., last]) = (self.cache, old.as_slice(), new.as_slice())
        else {
            return Ok(false);
        };
        let now = self.host.clock.now();
        let Some(entry) = cache.find(old).filter(|entry| entry.is_fresh(now)) else {
            return Ok(false);
        };
        let terms = Terms::new(Patience::Services).fresh(true);
        let Claim::Mine(slot) = cache.claim(last, self.host, self.report, terms)? else {
            return Ok(true);
        };
        let keys: Vec<_> = new.iter().copied().map(Some).collect();
        let lineage = Lineage::of(to, &keys, to.steps.len(), Some(cache));
        let filled = slot.fill(&entry, &lineage, self.host);
        Ok(filled.unwrap_or_else(|error| {
            self.report.not_cached(&error);
            false
        }))
    }
}

//! Which logins were renewed into one that a file of another program holds now:
//! every shell with credentials of an earlier one may go on with it, whichever
//! process renewed it. Only what we renewed ourselves is known to be the same
//! person's.

use assumerole_core::plan::{CacheKey, Caller, Whose};
use assumerole_host::Host;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Cache, Claim, Lineage, Patience, Terms, value::Value};
use crate::report::Report;

/// As long as its file is left there.
const LIFE: SignedDuration = SignedDuration::from_hours(72);

/// A login that is renewed each hour has so many earlier ones in that time.
const MOST: usize = 200;

/// The earlier logins of one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Renewed {
    /// What a shell notes of the earlier logins, the latest last.
    from: Vec<String>,
    obtained: Timestamp,
    ends: Timestamp,
}

impl Cache {
    /// Notes that `before` was renewed into `now`. Where that cannot be kept,
    /// other shells are told to assume their role anew.
    pub(crate) fn note_renewal(
        &self,
        before: Caller,
        now: Caller,
        host: &Host,
        report: &dyn Report,
    ) {
        let time = host.clock.now();
        let earlier = self.lookup_value::<Renewed>(&CacheKey::of_renewal(&before), time);
        let mut from = earlier.map_or_else(Vec::new, |earlier| earlier.from);
        from.extend(Whose::Caller(before).mark());
        let renewed = Renewed {
            from: from.split_off(from.len().saturating_sub(MOST)),
            obtained: time,
            ends: time.checked_add(LIFE).unwrap_or(time),
        };
        let key = CacheKey::of_renewal(&now);
        let terms = Terms::new(Patience::Services).fresh(true);
        if let Ok(Claim::Mine(slot)) = self.claim_value::<Renewed>(&key, host, report, terms) {
            let _ = slot.fill(&renewed, &Lineage::default(), host);
        }
    }

    /// Whether the login of `whose` is one that the login of `mark` was renewed
    /// into.
    pub fn is_renewal_of(&self, whose: &Whose, mark: Option<&str>, now: Timestamp) -> bool {
        let (Whose::Caller(caller), Some(mark)) = (whose, mark) else {
            return false;
        };
        let renewed = self.lookup_value::<Renewed>(&CacheKey::of_renewal(caller), now);
        renewed.is_some_and(|renewed| renewed.from.iter().any(|from| from == mark))
    }
}

impl Value for Renewed {
    const ENDING: &'static str = ".renewed";

    fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        serde_json::to_vec(self).ok().map(Zeroizing::new)
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

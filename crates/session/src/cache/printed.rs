//! Whose keys a process printed, for whoever runs it in the same way: so that
//! what was made of them is found without running it.

use assumerole_core::plan::Printed;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::value::Value;

/// How long it counts where the process does not say when its keys end. What a
/// process reads (a file, a service) cannot be looked at: this is for how long
/// another answer may go unnoticed.
const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// An access key that a process printed.
#[derive(Debug, Clone)]
pub(crate) struct LastPrinted {
    /// The key.
    pub printed: Printed,
    /// When, by our clock.
    pub obtained: Timestamp,
    /// Until when it counts, by our clock.
    pub ends: Timestamp,
}

impl LastPrinted {
    /// What was printed at `now`, with the end that the process named.
    pub(crate) fn new(printed: Printed, ends: Option<Timestamp>, now: Timestamp) -> Self {
        let longest = now.checked_add(LIFE).unwrap_or(now);
        Self {
            printed,
            obtained: now,
            ends: ends.map_or(longest, |ends| ends.min(longest)),
        }
    }
}

impl Value for LastPrinted {
    const ENDING: &'static str = ".printed";

    fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let stored = StoredPrint {
            access_key_id: self.printed.access_key_id.clone(),
            temporary: self.printed.temporary,
            obtained: self.obtained,
            ends: self.ends,
        };
        serde_json::to_vec(&stored).ok().map(Zeroizing::new)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let stored: StoredPrint = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            printed: Printed {
                access_key_id: stored.access_key_id,
                temporary: stored.temporary,
            },
            obtained: stored.obtained,
            ends: stored.ends,
        })
    }

    fn obtained(&self) -> Timestamp {
        self.obtained
    }

    fn ends(&self) -> Timestamp {
        self.ends
    }
}

#[derive(Serialize, Deserialize)]
struct StoredPrint {
    access_key_id: String,
    temporary: bool,
    obtained: Timestamp,
    ends: Timestamp,
}

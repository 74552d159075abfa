//! What the cache keeps of whatever it is: sealed bytes, and how long they are
//! good.

use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use super::entry::Entry;

/// A value with a file of its own.
pub trait Value: Sized {
    /// What the names of its files end with.
    const ENDING: &'static str;

    /// The bytes to seal.
    fn encode(&self) -> Option<Zeroizing<Vec<u8>>>;

    /// Reads [`Value::encode`]'s bytes; `None` for any others.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// When it was obtained, by our clock.
    fn obtained(&self) -> Timestamp;

    /// How much life is left at `now`; negative when it is over.
    fn left(&self, now: Timestamp) -> SignedDuration;

    /// Whether it may be handed out at `now`.
    fn is_fresh(&self, now: Timestamp) -> bool;
}

impl Value for Entry {
    const ENDING: &'static str = "";

    fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        Entry::encode(self)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Entry::decode(bytes)
    }

    fn obtained(&self) -> Timestamp {
        self.obtained
    }

    fn left(&self, now: Timestamp) -> SignedDuration {
        Entry::left(self, now)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        Entry::is_fresh(self, now)
    }
}

//! What the cache keeps of whatever it is: sealed bytes, and how long they are
//! good.

use assumerole_core::Consumer;
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use super::entry::{CLOCK_STEP, Entry};

/// A value with a file of its own.
pub trait Value: Sized {
    /// What the names of its files end with.
    const ENDING: &'static str;

    /// The most bytes of such a file.
    const LARGEST: usize = super::LARGEST;

    /// The bytes to seal.
    fn encode(&self) -> Option<Zeroizing<Vec<u8>>>;

    /// Reads [`Value::encode`]'s bytes; `None` for any others.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// When it was obtained, by our clock.
    fn obtained(&self) -> Timestamp;

    /// When it ends, by our clock.
    fn ends(&self) -> Timestamp;

    /// How much life is left at `now`; negative when it is over.
    fn left(&self, now: Timestamp) -> SignedDuration {
        self.ends().duration_since(now)
    }

    /// Whether it may be handed out at `now`: it lasts long enough, and the
    /// clock did not go back since it was obtained.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.is_fresh_for(Consumer::Shell, now)
    }

    /// As [`Self::is_fresh`], for `consumer`.
    fn is_fresh_for(&self, consumer: Consumer, now: Timestamp) -> bool {
        let life = self.ends().duration_since(self.obtained());
        self.lasts(consumer.margin(life), now)
    }

    /// Whether more than `margin` is left at `now`, as far as the clock can be
    /// believed: it did not go back since this was obtained.
    fn lasts(&self, margin: SignedDuration, now: Timestamp) -> bool {
        let age = now.duration_since(self.obtained());
        age > -CLOCK_STEP && self.left(now) > margin
    }
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

    fn ends(&self) -> Timestamp {
        Entry::ends(self)
    }
}

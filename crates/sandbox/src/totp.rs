//! One-time codes by RFC 6238, as AWS's virtual MFA devices show them: six
//! digits, 30 seconds, SHA-1.

use std::collections::BTreeSet;

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

/// Seconds that a code is shown.
const STEP: i64 = 30;

/// The code that a device with the base32 `secret` shows at `now`. `None`: the
/// secret is not base32, or `now` is before 1970.
pub fn code_at(secret: &str, now: Timestamp) -> Option<String> {
    code_of(&device(secret)?, window(now)?)
}

/// The device with the base32 `secret`; spaces, hyphens, padding and small
/// letters are let pass, as authenticator apps do.
pub(crate) fn device(secret: &str) -> Option<Totp> {
    let plain: String = secret
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '='))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let secret = Secret::try_from_base32(&plain).ok()?;
    if secret.as_bytes().is_empty() {
        return None;
    }
    // Unchecked, because people's secrets may be shorter than RFC 4226 wants.
    Some(Builder::new().with_secret(secret).build_noncompliant())
}

/// The number of the 30 second window that `now` is in.
fn window(now: Timestamp) -> Option<u64> {
    u64::try_from(now.as_second().div_euclid(STEP)).ok()
}

fn code_of(device: &Totp, window: u64) -> Option<String> {
    let seconds = window.checked_mul(STEP.unsigned_abs())?;
    Some(device.generate(seconds).to_string())
}

/// The windows that AWS accepts at `now`, the likeliest first.
fn accepted(now: Timestamp) -> Vec<u64> {
    let Some(this) = window(now) else {
        return Vec::new();
    };
    let mut windows = vec![this, this + 1];
    windows.extend(this.checked_sub(1));
    windows
}

/// The windows of one device whose code was used already.
#[derive(Debug, Default)]
pub(crate) struct Spent(BTreeSet<u64>);

impl Spent {
    /// Whether `code` is good at `now`; if so it is spent from here on.
    pub(crate) fn take(&mut self, device: &Totp, code: &str, now: Timestamp) -> bool {
        accepted(now).into_iter().any(|window| {
            code_of(device, window).is_some_and(|good| good == code) && self.0.insert(window)
        })
    }

    /// A code that [`Spent::take`] would accept at `now`.
    pub(crate) fn unspent(&self, device: &Totp, now: Timestamp) -> Option<String> {
        let window = accepted(now)
            .into_iter()
            .find(|window| !self.0.contains(window))?;
        code_of(device, window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B, the last six of the eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(secret, at(second)).as_deref(), Some(code));
        }
        assert_eq!(
            code_at("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", at(59)).as_deref(),
            Some("287082")
        );
        for wrong in ["", "not base 32!", "0189"] {
            assert_eq!(code_at(wrong, at(59)), None, "{wrong}");
        }
        assert_eq!(code_at(secret, at(-1)), None);
    }

    #[test]
    fn each_window_is_good_once_and_its_neighbours_too() {
        let device = device("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
        let code = |window| code_of(&device, window).unwrap();
        let now = at(1000 * STEP + 29);
        let mut spent = Spent::default();
        assert_eq!(spent.unspent(&device, now), Some(code(1000)));
        for window in [998, 1002] {
            assert!(!spent.take(&device, &code(window), now), "{window}");
        }
        for window in [1000, 999, 1001] {
            assert!(spent.take(&device, &code(window), now), "{window}");
            assert!(!spent.take(&device, &code(window), now), "{window}");
        }
        assert_eq!(spent.unspent(&device, now), None);
        let later = at(1001 * STEP);
        assert_eq!(spent.unspent(&device, later), Some(code(1002)));
    }
}

//! The time in the sandbox, and the ways AWS writes it.

use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;
use crate::sigv4::Wire;

/// The machine's clock, shifted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    /// How far the sandbox is ahead of the machine.
    pub(crate) offset: SignedDuration,
}

impl Clock {
    /// The time in the sandbox.
    pub(crate) fn now(self) -> Timestamp {
        after(Timestamp::now(), self.offset)
    }
}

/// `time` and `by`, kept within what a calendar holds.
pub(crate) fn after(time: Timestamp, by: SignedDuration) -> Timestamp {
    let edge = if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    time.checked_add(by).unwrap_or(edge)
}

/// `20150830T123600Z`, as signatures have it.
pub(crate) fn basic(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `2015-08-30T12:36:00Z`, as answers have it.
pub(crate) fn extended(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Sun, 30 Aug 2015 12:36:00 GMT`, as the `Date` header has it.
pub(crate) fn http(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// When a request says that it was signed: `X-Amz-Date`, else `Date`.
pub(crate) fn signed_at(wire: Wire<'_>) -> Result<Timestamp, Refusal> {
    let Some(text) = wire.header("x-amz-date").or_else(|| wire.header("date")) else {
        return Err(Refusal::incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        ));
    };
    read(text)
}

/// A time as signatures, or headers, have it.
pub(crate) fn read(text: &str) -> Result<Timestamp, Refusal> {
    parse_basic(text)
        .or_else(|| rfc2822::parse(text).ok().map(|zoned| zoned.timestamp()))
        .ok_or_else(|| {
            Refusal::incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{text}'. \
                 See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })
}

fn parse_basic(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let time = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (basic(time) == text).then_some(time)
}

/// Whether a request signed at `signed` is still, or already, good at `now`.
pub(crate) fn check_skew(signed: Timestamp, now: Timestamp, minutes: u32) -> Result<(), Refusal> {
    // Whole seconds, because that is all that a signature has.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let allowed = SignedDuration::from_mins(i64::from(minutes));
    let (earliest, latest) = (after(now, -allowed), after(now, allowed));
    if signed < earliest {
        return Err(Refusal::signature(format!(
            "Signature expired: {} is now earlier than {} ({} - {minutes} min.)",
            basic(signed),
            basic(earliest),
            basic(now)
        )));
    }
    if signed > latest {
        return Err(Refusal::signature(format!(
            "Signature not yet current: {} is still later than {} ({} + {minutes} min.)",
            basic(signed),
            basic(latest),
            basic(now)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_written_as_aws_writes_them() {
        let time = at("2015-08-30T12:36:00.9Z");
        assert_eq!(basic(time), "20150830T123600Z");
        assert_eq!(extended(time), "2015-08-30T12:36:00Z");
        assert_eq!(http(time), "Sun, 30 Aug 2015 12:36:00 GMT");
        assert_eq!(
            parse_basic("20150830T123600Z"),
            Some(at("2015-08-30T12:36:00Z"))
        );
        for wrong in ["", "2015-08-30T12:36:00Z", "20150830T256000Z", "20150830"] {
            assert_eq!(parse_basic(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_skewed_signature_is_refused_in_the_words_of_aws() {
        let now = at("2022-01-27T01:59:28Z");
        assert!(check_skew(at("2022-01-27T01:54:28Z"), now, 5).is_ok());
        assert!(check_skew(at("2022-01-27T02:04:28Z"), now, 5).is_ok());
        let said = |signed| check_skew(at(signed), now, 5).unwrap_err().message;
        assert_eq!(
            said("2022-01-27T00:14:27Z"),
            "Signature expired: 20220127T001427Z is now earlier than 20220127T015428Z \
             (20220127T015928Z - 5 min.)"
        );
        assert_eq!(
            said("2022-01-27T02:04:29Z"),
            "Signature not yet current: 20220127T020429Z is still later than 20220127T020428Z \
             (20220127T015928Z + 5 min.)"
        );
    }
}

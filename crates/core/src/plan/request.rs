//! What the command line asks of one session, over what the file says.

use std::ops::RangeInclusive;

use crate::aws::ids::{Invalid, MOST_POLICIES, PolicyArn, Region, SessionName, TagKey, TagValue};
use crate::diagnostic::{Error, Kind, Result};

/// How long AWS lets a role session last, seconds.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub const SESSION_SECONDS: RangeInclusive<u32> = 900..=43_200;

/// How long AWS lets a session of `GetSessionToken` last, seconds.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub(crate) const MFA_SESSION_SECONDS: RangeInclusive<u32> = 900..=129_600;

/// What the flags say; the default asks for nothing. A duration and a name win
/// over the file; what narrows is refused where it could widen what the file
/// says, and all of it where the last call of a plan cannot carry it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--duration`, seconds within [`SESSION_SECONDS`].
    pub duration: Option<u32>,
    /// `--session-name`.
    pub session_name: Option<SessionName>,
    /// `--tag`: added to those of the file, whose values stay.
    pub tags: Vec<(TagKey, TagValue)>,
    /// `--policy-arn`, `--read-only`.
    pub policies: Policies,
    /// `--region`: exported; where STS is asked stays as it was.
    pub region: Option<Region>,
}

/// Which session policies the flags ask for. AWS adds up what the session
/// policies of one request allow, so that one more never narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policies {
    /// Those of the file.
    #[default]
    OfTheFile,
    /// These, of a role that the file does not narrow itself.
    Managed(Vec<PolicyArn>),
    /// `ReadOnlyAccess` of the role's partition, of such a role.
    ReadOnly,
    /// `job-function/ViewOnlyAccess` of the role's partition, of such a role.
    ViewOnly,
}

impl Request {
    /// Holds together what no single flag shows.
    ///
    /// # Errors
    /// A key of `--tag` is there twice, or there are too many policies.
    pub fn check(&self) -> Result<()> {
        for (number, (key, _)) in self.tags.iter().enumerate() {
            let before = self.tags.iter().take(number);
            if before
                .into_iter()
                .any(|(other, _)| other.same(key.as_str()))
            {
                let message = format!("--tag names the key {key} twice");
                return Err(Error::new(Kind::Usage, message)
                    .because("AWS ignores the case of keys")
                    .hint("leave one of the two out"));
            }
        }
        match &self.policies {
            Policies::Managed(arns) if arns.len() > MOST_POLICIES => {
                let message = format!("--policy-arn is given {} times", arns.len());
                Err(Error::new(Kind::Usage, message).because(format!(
                    "AWS accepts at most {MOST_POLICIES} policies per session"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Reads a duration: seconds (`3600`), or hours, minutes and seconds in this
/// order (`8h`, `90m`, `1h30m`); 15 minutes to 12 hours.
///
/// # Errors
/// It is none, or AWS does not grant it.
pub fn duration(text: &str) -> Result<u32, Invalid> {
    let seconds = seconds(text).ok_or_else(|| {
        Invalid("a duration looks like 8h, 90m, 1h30m or 3600 (seconds)".to_owned())
    })?;
    u32::try_from(seconds)
        .ok()
        .filter(|seconds| SESSION_SECONDS.contains(seconds))
        .ok_or_else(|| Invalid("AWS grants a role session of 15 minutes to 12 hours".to_owned()))
}

/// Reads a time for which something is kept: days (`7d`), or as [`duration`];
/// a year at most. In seconds.
///
/// # Errors
/// It is none.
pub fn time_span(text: &str) -> Result<u32, Invalid> {
    const MOST: u64 = 365 * 86_400;
    let days = text.strip_suffix('d').map(str::parse::<u16>);
    let read = match days {
        Some(Ok(days)) => Some(u64::from(days) * 86_400),
        Some(Err(_)) => None,
        None => seconds(text),
    };
    let read = read.filter(|seconds| *seconds <= MOST);
    read.and_then(|seconds| u32::try_from(seconds).ok())
        .ok_or_else(|| {
            Invalid("a time looks like 7d, 24h or 90m, and is a year at most".to_owned())
        })
}

/// Reads a region that a person types.
///
/// # Errors
/// It is none, or the Availability Zone of one.
pub fn region(text: &str) -> Result<Region, Invalid> {
    match Region::of_zone(text) {
        Some(region) => Err(Invalid(format!(
            "that is an Availability Zone; its region is {region}"
        ))),
        None => text.parse(),
    }
}

fn seconds(text: &str) -> Option<u64> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a duration nonetheless, and too long.
        return Some(text.parse().unwrap_or(u64::MAX));
    }
    let (mut rest, mut sum) = (text, 0_u64);
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        let Some((number, after)) = rest.split_once(unit) else {
            continue;
        };
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: u64 = number.parse().unwrap_or(u64::MAX);
        sum = sum.saturating_add(number.saturating_mul(length));
        rest = after;
    }
    (rest.is_empty() && !text.is_empty()).then_some(sum)
}

/// Reads `KEY=VALUE`; the first `=` parts them.
///
/// # Errors
/// There is none, or AWS does not take one of the two.
pub fn tag(text: &str) -> Result<(TagKey, TagValue), Invalid> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| Invalid("a tag is written KEY=VALUE".to_owned()))?;
    Ok((key.parse()?, value.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans() {
        for (text, seconds) in [
            ("7d", 604_800),
            ("0d", 0),
            ("24h", 86_400),
            ("0", 0),
            ("365d", 31_536_000),
        ] {
            assert_eq!(time_span(text), Ok(seconds), "{text}");
        }
        for wrong in ["", "d", "-1d", "366d", "7 d", "7x", "99999999999"] {
            assert!(time_span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("900", 900),
            ("43200", 43_200),
            ("15m", 900),
            ("90m", 5400),
            ("1h30m", 5400),
            ("8h", 28_800),
            ("12h", 43_200),
            ("1h0m5s", 3605),
            ("3600s", 3600),
        ] {
            assert_eq!(duration(text), Ok(seconds), "{text}");
        }
        for text in [
            "899",
            "0",
            "14m59s",
            "12h1s",
            "43201",
            "99999999999999999999",
            "99999999999999999999h",
        ] {
            let why = duration(text).unwrap_err().0;
            assert!(why.contains("15 minutes to 12 hours"), "{text}: {why}");
        }
        for text in [
            "", "h", "1", "-1", "-1h", "1.5h", "1h 30m", "30m1h", "1h1h", "1d", "8H", "1h30", "٣h",
            "8hours",
        ] {
            let result = duration(text);
            assert!(result.is_err(), "{text}");
        }
        assert!(duration("1h30").unwrap_err().0.contains("looks like"));
    }

    #[test]
    fn tags() {
        let (key, value) = tag("Project=a=b").unwrap();
        assert_eq!((key.as_str(), value.as_str()), ("Project", "a=b"));
        assert_eq!(tag("k=").unwrap().1.as_str(), "");
        for wrong in ["", "k", "=v", "a*=b", "a=b*", "aws:x=1"] {
            assert!(tag(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_no_single_flag_shows() {
        let mut request = Request::default();
        assert!(request.check().is_ok());
        request.tags = vec![tag("a=1").unwrap(), tag("b=1").unwrap()];
        assert!(request.check().is_ok());
        request.tags.push(tag("A=2").unwrap());
        assert_eq!(
            request.check().unwrap_err().message(),
            "--tag names the key A twice"
        );
        let arn = PolicyArn::read_only(&crate::aws::ids::Partition::aws());
        let with = |count| Request {
            policies: Policies::Managed(vec![arn.clone(); count]),
            ..Request::default()
        };
        assert!(with(10).check().is_ok());
        assert_eq!(
            with(11).check().unwrap_err().message(),
            "--policy-arn is given 11 times"
        );
    }
}

//! The time zone that times are shown in.

use std::path::Path;

use jiff::tz::TimeZone;

use crate::env::{Env, names};
use crate::fs;

/// Where the files of time zones are, by their names.
const ZONES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"];
/// Many times the size of any of those files.
const LONGEST_ZONE: usize = 1 << 20;

/// The time zone that `env` names or this machine has: `TZ`, else
/// `/etc/localtime`, else UTC.
pub(crate) fn of(env: &Env) -> TimeZone {
    let read = |path: &Path| fs::read(path, LONGEST_ZONE).ok().flatten();
    env.text(names::TZ)
        .and_then(|name| named_zone(name, read))
        // Knows `TZ=CET-1CEST,M3.5.0,M10.5.0/3` and `TZ=/path`, too.
        .or_else(|| TimeZone::try_system().ok())
        .unwrap_or(TimeZone::UTC)
}

/// The zone of a name such as `Europe/Berlin`, as `read` has it. (jiff could
/// look it up, but lists all names first, 20 folders, which takes longer than
/// all else that we do.)
fn named_zone(name: &str, read: impl Fn(&Path) -> Option<Vec<u8>>) -> Option<TimeZone> {
    let name = name.strip_prefix(':').unwrap_or(name);
    let in_name = |c: char| c.is_ascii_alphanumeric() || "_+-/".contains(c);
    if name.starts_with('/') || !name.chars().all(in_name) {
        return None;
    }
    let content = ZONES
        .iter()
        .find_map(|folder| read(&Path::new(folder).join(name)))?;
    TimeZone::tzif(name, &content).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// RFC 8536: two headers, each before one type of local time and its
    /// name; the rule for all of time comes last.
    fn zone_file(rule: &str) -> Vec<u8> {
        let mut header = b"TZif2".to_vec();
        header.extend([0; 15]);
        for count in [0, 0, 0, 0, 1, 4_u32] {
            header.extend(count.to_be_bytes());
        }
        header.extend([0; 6]);
        header.extend(b"UTC\0");
        [&header, &header, format!("\n{rule}\n").as_bytes()].concat()
    }

    #[test]
    fn a_zone_is_found_by_its_name_and_by_nothing_else() {
        let read = |path: &Path| {
            let known = path == Path::new("/usr/lib/zoneinfo/Asia/Tokyo");
            known.then(|| zone_file("JST-9"))
        };
        let noon: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        for name in ["Asia/Tokyo", ":Asia/Tokyo"] {
            let zone = named_zone(name, read).unwrap();
            assert_eq!(zone.to_datetime(noon).hour(), 21);
        }
        assert!(named_zone("Asia/Nowhere", read).is_none());
        for name in ["/etc/passwd", "../x", "a b", "CET-1CEST,M3.5.0,M10.5.0/3"] {
            assert!(named_zone(name, |_| panic!("read for {name:?}")).is_none());
        }
        assert!(named_zone("x", |_| Some(b"no zone".to_vec())).is_none());
    }
}

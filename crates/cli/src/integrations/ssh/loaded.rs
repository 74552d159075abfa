//! Which keys this program has loaded into which agent, and until when: an
//! agent tells nobody. The lifetime of a key that somebody else has loaded is
//! theirs.

use assumerole_host::fs::PrivateDir;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The file, in `~/.assumerole.d`. Written under the lock of `ssh-add`.
const FILE: &str = "ssh-keys.json";

/// Bytes; an entry has some two hundred.
const LARGEST: usize = 256 * 1024;

/// How long after its end a key is remembered, so that a shell that was asleep
/// gets it again.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// One key in one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Loaded {
    /// The key, as `ssh-keygen -l` names it, or where it lies.
    pub(super) key: String,
    /// The agent, as it was started.
    pub(super) agent: String,
    /// When the agent forgets it.
    pub(super) until: Timestamp,
}

/// Until when `key` was loaded into `agent`; `None` if that was not by us.
pub(super) fn until(dir: &PrivateDir, key: &str, agent: &str) -> Option<Timestamp> {
    let is_it = |one: &&Loaded| one.key == key && one.agent == agent;
    read(dir).iter().find(is_it).map(|one| one.until)
}

/// Writes down that `key` is in `agent` until `until`; `None`: for ever, so
/// that it is none of ours any more. Best effort: without it the key leaves the
/// agent when its first session ends.
pub(super) fn note(
    dir: &PrivateDir,
    key: &str,
    agent: &str,
    until: Option<Timestamp>,
    now: Timestamp,
) {
    let before = read(dir);
    let is_kept = |one: &Loaded| {
        let is_it = one.key == key && one.agent == agent;
        !is_it && now.duration_since(one.until) < MEMORY
    };
    let mut all: Vec<Loaded> = before.iter().filter(|one| is_kept(one)).cloned().collect();
    all.extend(until.map(|until| Loaded {
        key: key.to_owned(),
        agent: agent.to_owned(),
        until,
    }));
    if all != before
        && let Ok(bytes) = serde_json::to_vec(&all)
    {
        let _ = dir.write(FILE, &bytes);
    }
}

fn read(dir: &PrivateDir) -> Vec<Loaded> {
    let bytes = dir.read(FILE, LARGEST).ok().flatten().unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_ours_in_the_agent_that_has_it_from_us() {
        let home = tempfile::tempdir().unwrap();
        let dir = PrivateDir::create(&home.path().join("d")).unwrap();
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let day = 24 * 3600;
        note(&dir, "a", "one", Some(at(100)), at(0));
        note(&dir, "b", "one", Some(at(day)), at(0));
        assert_eq!(until(&dir, "a", "one"), Some(at(100)));
        assert_eq!(until(&dir, "a", "two"), None);
        note(&dir, "a", "one", Some(at(200)), at(50));
        assert_eq!(until(&dir, "a", "one"), Some(at(200)));
        // Of what has ended long ago nothing is kept.
        note(&dir, "c", "two", Some(at(2 * day)), at(day + 200));
        assert_eq!(until(&dir, "a", "one"), None);
        assert_eq!(until(&dir, "b", "one"), Some(at(day)));
        note(&dir, "b", "one", None, at(day + 300));
        assert_eq!(until(&dir, "b", "one"), None);
        // What is no list says nothing.
        dir.write(FILE, b"{\"c\"").unwrap();
        assert_eq!(until(&dir, "c", "two"), None);
    }
}

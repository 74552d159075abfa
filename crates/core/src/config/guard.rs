//! Keys that narrow a session or guard a role. Passed over, a slip in one of
//! them would give more than the file means to give: so an unknown key that
//! looks like one of these is an error, where any other is a warning.

use std::ops::Range;
use std::sync::LazyLock;

use super::fault::{Fault, quoted};

/// Every such key, of whichever object, and what else people write for it.
/// What stands behind is compared as [`plain`] has it: those that begin with
/// `*` count anywhere in a key.
const GUARDS: [(&str, &[&str]); 16] = [
    ("agents", &["aiagent", "codingagent"]),
    ("confirm", &["*confirm", "protect", "protected"]),
    ("policy_arns", &["*policyarn", "*managedpolic", "*readonly"]),
    (
        "policy",
        &["*polic", "*permissionsboundar", "*permissionboundar"],
    ),
    ("session_tags", &["*sessiontag"]),
    ("transitive_tags", &["*transitive"]),
    ("source_identity", &["*sourceidentity", "*sourceid"]),
    ("external_id", &["*externalid"]),
    ("session_name", &["*sessionname"]),
    (
        "mfa_session_seconds",
        &["*mfasessionsecond", "*mfasessionduration"],
    ),
    ("mfa_session", &["*mfasession"]),
    ("duration_seconds", &["*duration", "*seconds", "*lifetime"]),
    (
        "max_session_duration",
        &["*duration", "maxseconds", "*sessionseconds"],
    ),
    ("ssh_lifetime", &["*sshlifetime"]),
    // Without the device no code is asked for, and the session is one that
    // nobody guarded. Last: whatever else of MFA is meant is told before.
    (DEVICE, &["*mfa", "serialnumber", "serial"]),
    ("via", &[]),
];

/// The key of the MFA device.
pub(super) const DEVICE: &str = "aws_mfa_arn";

/// Keys that say who has the code, and guard nothing.
const OF_THE_CODE: [&str; 2] = ["mfa_process", "mfa_devices"];

/// Words of their own that are as near to a key as a slip.
const OTHER_WORDS: [&str; 2] = ["config", "confine"];

/// One of [`GUARDS`], as unknown keys are compared with it: a section of
/// `~/.aws` may have a hundred thousand.
struct GuardingKey {
    name: &'static str,
    plain: String,
    words: Vec<String>,
    others: &'static [&'static str],
}

static PREPARED: LazyLock<Vec<GuardingKey>> = LazyLock::new(|| {
    let prepared = |&(name, others): &(&'static str, &'static [&'static str])| GuardingKey {
        name,
        plain: plain(name),
        words: words(name),
        others,
    };
    GUARDS.iter().map(prepared).collect()
});

static PLAIN_OF_THE_CODE: LazyLock<[String; 2]> = LazyLock::new(|| OF_THE_CODE.map(plain));

/// The key among `known` that guards and that the unknown `key` looks like.
pub(crate) fn meant(key: &str, known: &[&'static str]) -> Option<&'static str> {
    // Comparing is quadratic in the length, and no long text is a slip.
    if key.len() > 64 {
        return None;
    }
    let plain = plain(key);
    let of_the_code = || {
        let mut names = PLAIN_OF_THE_CODE.iter();
        names.any(|name| has_slips(&plain, name, 2))
    };
    let is_known = |guard: &&GuardingKey| known.contains(&guard.name);
    let of_this = || PREPARED.iter().filter(is_known);
    let near = of_this().find(|guard| is_near(&plain, &guard.plain));
    let near = near.or_else(|| {
        let words = words(key);
        of_this().find(|guard| words.len() > 1 && guard.words == words)
    });
    let near = near.or_else(|| {
        of_this().find(|guard| {
            guard
                .others
                .iter()
                .any(|other| match other.strip_prefix('*') {
                    Some(part) => plain.contains(part),
                    None => plain == *other,
                })
        })
    });
    // It is the last of them: no other one would be found in its place.
    let guard = near.filter(|guard| guard.name != DEVICE || !of_the_code());
    guard.map(|guard| guard.name)
}

/// Whether `key` is `name`, which is ASCII, but for so many slips.
fn has_slips(key: &str, name: &str, most: usize) -> bool {
    // Each character more or less is one.
    let differ = key.chars().count().abs_diff(name.len());
    differ <= most && strsim::osa_distance(key, name) <= most
}

/// The fault of the unknown `key` of `what`, which looks like the guard
/// `name`.
pub(super) fn slip(what: &str, key: &str, span: Range<usize>, name: &str) -> Box<Fault> {
    let message = format!(
        "{what} has an unknown key {}, which looks like {name}",
        quoted(key)
    );
    let hint = match plain(key).contains("readonly") {
        true => format!(
            "write \"policy_arns\": [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] instead of {}, or remove it",
            quoted(key)
        ),
        false => format!("write {name} instead of {}, or remove it", quoted(key)),
    };
    Fault::new(span, message)
        .because(format!(
            "{name} narrows or guards sessions, so a misspelling is an error"
        ))
        .hint(hint)
}

/// The fault of the unknown `key` at the top of the file, if it looks like
/// something that guards, there or in a role: `known` and `of_roles` are the
/// keys of both.
pub(super) fn at_the_top(
    key: &str,
    span: Range<usize>,
    known: &[&'static str],
    of_roles: &[&'static str],
) -> Option<Box<Fault>> {
    // Much that the top may say has MFA in its name.
    let plain = plain(key);
    let of_device = ["mfaarn", "mfaserial", "mfarequire", "requiremfa"];
    let is_device =
        is_near(&plain, &self::plain(DEVICE)) || of_device.iter().any(|part| plain.contains(part));
    let meant = |known| meant(key, known).filter(|name| *name != DEVICE || is_device);
    if let Some(name) = meant(known) {
        return Some(slip("the file", key, span, name));
    }
    let name = meant(of_roles)?;
    let message = format!(
        "the file has {} beside its roles, where it has no effect",
        quoted(key)
    );
    Some(
        Fault::new(span, message)
            .because(format!("{name} narrows or guards the sessions of one role"))
            .hint(format!(
                "write {name} into each role that it is for, or remove it"
            )),
    )
}

/// Whether `key` names a profile in other words than `aws_profile`.
pub(super) fn is_profile(key: &str) -> bool {
    key.len() <= 64 && plain(key).contains("profile")
}

/// Whether `key` is `confirm`, or looks like it.
pub(super) fn is_confirm(key: &str) -> bool {
    meant(key, &["confirm"]).is_some()
}

/// `key` without case, and without what is no letter and no digit; in the
/// singular.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(|c| c.is_alphanumeric());
    let text: String = letters.flat_map(char::to_lowercase).collect();
    match text.strip_suffix('s') {
        Some(singular) if singular.len() > 3 => singular.to_owned(),
        _ => text,
    }
}

/// The words of `key`, each as [`plain`] has it, in one order for all keys.
fn words(key: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut small = false;
    for c in key.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            parts.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    let mut words: Vec<String> = parts.iter().map(|part| plain(part)).collect();
    words.retain(|word| !word.is_empty());
    words.sort_unstable();
    words
}

/// Whether one is the other with a slip or two, or its letters in another
/// order: of a short name only the name itself.
fn is_near(key: &str, name: &str) -> bool {
    let slips = match name.len() {
        0..=4 => 0,
        5 | 6 => 1,
        _ => 2,
    };
    if OTHER_WORDS.contains(&key) {
        return false;
    }
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let shuffled = || slips > 0 && key.len() == name.len() && letters(key) == letters(name);
    key == name || has_slips(key, name, slips) || shuffled()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: [&str; 20] = [
        "aws_profile",
        "via",
        "aws_account",
        "aws_role",
        "aws_mfa_arn",
        "mfa",
        "aws_region",
        "max_session_duration",
        "mfa_session",
        "mfa_session_seconds",
        "confirm",
        "environment",
        "tags",
        "external_id",
        "session_name",
        "source_identity",
        "session_tags",
        "transitive_tags",
        "policy_arns",
        "policy",
    ];

    #[test]
    fn slips_and_other_words_are_told() {
        for (key, name) in [
            ("Confirm", "confirm"),
            ("confirm_", "confirm"),
            ("_confirm", "confirm"),
            ("//confirm", "confirm"),
            ("con-firm", "confirm"),
            ("conform", "confirm"),
            ("confrim", "confirm"),
            ("confirmed", "confirm"),
            ("require_confirmation", "confirm"),
            ("protected", "confirm"),
            ("confirm\u{200b}", "confirm"),
            ("\u{441}onfirm", "confirm"),
            ("policy_arn", "policy_arns"),
            ("policyArns", "policy_arns"),
            ("read_only", "policy_arns"),
            ("readOnly", "policy_arns"),
            ("read-only", "policy_arns"),
            ("managed_policies", "policy_arns"),
            ("Policy", "policy"),
            ("polcy", "policy"),
            ("policies", "policy"),
            ("session_policy", "policy"),
            ("inline-policy", "policy"),
            ("duration", "max_session_duration"),
            ("duration_seconds", "max_session_duration"),
            ("session_duration", "max_session_duration"),
            ("max_session_durations", "max_session_duration"),
            ("maxSessionDuration", "max_session_duration"),
            ("sourceIdentity", "source_identity"),
            ("source_identty", "source_identity"),
            ("externalId", "external_id"),
            ("external-id", "external_id"),
            ("externl_id", "external_id"),
            ("session-tags", "session_tags"),
            ("session_tag", "session_tags"),
            ("sesion_tags", "session_tags"),
            ("transitive_session_tags", "session_tags"),
            ("transitive_tag_keys", "transitive_tags"),
            ("role_session_name", "session_name"),
            ("mfa_sesion", "mfa_session"),
            ("mfaSession", "mfa_session"),
            ("mfa_session_second", "mfa_session_seconds"),
            ("VIA", "via"),
            ("confrmi", "confirm"),
            ("cofnrim", "confirm"),
            ("comfrim", "confirm"),
            ("plociy", "policy"),
            ("source_id", "source_identity"),
            ("sourceId", "source_identity"),
            ("identity_source", "source_identity"),
            ("tags_session", "session_tags"),
            ("tagsSession", "session_tags"),
            ("id_external", "external_id"),
            ("name-session", "session_name"),
            ("arns_policy", "policy_arns"),
            ("permission_boundary", "policy"),
            ("permissions_boundaries", "policy"),
            ("require_mfa", "aws_mfa_arn"),
            ("mfa_required", "aws_mfa_arn"),
            ("requireMFA", "aws_mfa_arn"),
            ("mfa_serial", "aws_mfa_arn"),
            ("mfa_serial_number", "aws_mfa_arn"),
            ("mfa_arn", "aws_mfa_arn"),
            ("aws_mfa_serial", "aws_mfa_arn"),
            ("AWS_MFA_ARN", "aws_mfa_arn"),
            ("aws_mfa_arm", "aws_mfa_arn"),
            ("aws_maf_arn", "aws_mfa_arn"),
            ("aws_mfa", "aws_mfa_arn"),
        ] {
            assert_eq!(meant(key, &ROLE), Some(name), "{key}");
        }
        assert_eq!(
            meant("duration", &["duration_seconds", "domain"]),
            Some("duration_seconds")
        );
    }

    #[test]
    fn what_is_far_stays_a_warning() {
        for key in [
            "comment",
            "_comment",
            "notes",
            "owner",
            "team",
            "console",
            "color",
            "config",
            "aws_regoin",
            "region",
            "profile",
            "tag",
            "label",
            "vi",
            "x",
            "",
            "name",
            "mfa_proces",
            "environmet",
            "mfa_processs",
            "mfaProcess",
            "aws_rgion",
            "source",
            "session",
            "role",
            "description_",
            "identity",
            "id",
        ] {
            assert_eq!(meant(key, &ROLE), None, "{key}");
        }
        assert_eq!(meant("confirm", &["domain"]), None);
        assert_eq!(meant(&"confirm".repeat(20), &ROLE), None);
    }
}

//! Keys that narrow a session or guard a role. Passed over, a slip in one of
//! them would give more than the file means to give: so an unknown key that
//! looks like one of these is an error, where any other is a warning.

/// Every such key, of whichever object, and what else people write for it.
/// What stands behind is compared as [`plain`] has it: those that begin with
/// `*` count anywhere in a key.
const GUARDS: [(&str, &[&str]); 17] = [
    ("confirm", &["*confirm", "protect", "protected"]),
    ("policy_arns", &["*policyarn", "*managedpolic", "*readonly"]),
    ("policy", &["*polic", "*permissionsboundary"]),
    ("session_tags", &["*sessiontag"]),
    ("transitive_tags", &["*transitive"]),
    ("source_identity", &["*sourceidentity"]),
    ("external_id", &["*externalid"]),
    ("session_name", &["*sessionname"]),
    (
        "mfa_session_seconds",
        &["*mfasessionsecond", "*mfasessionduration"],
    ),
    ("mfa_session", &["*mfasession"]),
    ("aws_mfa_arn", &["mfaarn", "mfaserial", "mfadevice"]),
    ("duration_seconds", &["*duration", "*seconds", "*lifetime"]),
    (
        "max_session_duration",
        &["*duration", "maxseconds", "*sessionseconds"],
    ),
    ("ssh_lifetime", &["*sshlifetime"]),
    ("print_exports", &["*printexport", "*exportprint"]),
    ("aws_account", &[]),
    ("via", &[]),
];

/// The key among `known` that guards and that the unknown `key` looks like.
pub(super) fn meant(key: &str, known: &[&'static str]) -> Option<&'static str> {
    // Comparing is quadratic in the length, and no long text is a slip.
    if key.len() > 64 {
        return None;
    }
    let plain = plain(key);
    let of_this = GUARDS.iter().filter(|(name, _)| known.contains(name));
    of_this
        .clone()
        .find(|(name, _)| is_near(&plain, &self::plain(name)))
        .or_else(|| {
            of_this.clone().find(|(_, others)| {
                others.iter().any(|other| match other.strip_prefix('*') {
                    Some(part) => plain.contains(part),
                    None => plain == *other,
                })
            })
        })
        .map(|(name, _)| *name)
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

/// Whether one is the other with a slip or two: of a short name only the name
/// itself.
fn is_near(key: &str, name: &str) -> bool {
    let slips = match name.len() {
        0..=4 => 0,
        5..=7 => 1,
        _ => 2,
    };
    key == name || strsim::osa_distance(key, name) <= slips
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
            ("mfa_serial", "aws_mfa_arn"),
            ("aws_mfa_am", "aws_mfa_arn"),
            ("mfa_session_secs", "mfa_session_seconds"),
            ("VIA", "via"),
            ("aws_acount", "aws_account"),
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

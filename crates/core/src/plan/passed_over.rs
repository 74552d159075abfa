//! Keys of a profile on the way that would narrow a session or guard a role
//! if they were in an entry, and do nothing in `~/.aws`: one word for each
//! profile, so that nobody counts on them.

use std::collections::HashSet;

use crate::aws_config::{AwsFiles, Property};
use crate::config::guard;
use crate::diagnostic::Warning;
use crate::plan::origin::Origin;

use super::{Call, Plan};

/// What only aws-vault reads.
/// <https://github.com/ByteNess/aws-vault/blob/main/USAGE.md>
const OF_AWS_VAULT: [&str; 5] = [
    "include_profile",
    "parent_profile",
    "session_tags",
    "source_identity",
    "transitive_session_tags",
];

/// Keys of the AWS CLI that narrow or guard.
const OWN: [&str; 2] = ["external_id", "duration_seconds"];

/// Keys of `~/.assumerole` that do.
const OF_ENTRIES: [&str; 6] = [
    "confirm",
    "policy",
    "policy_arns",
    "session_tags",
    "source_identity",
    "transitive_tags",
];

/// So many keys of a profile are named.
const MOST: usize = 10;

/// A warning for each profile on the way of `plan` that has such keys.
pub fn passed_over(aws: &AwsFiles, plan: &Plan) -> Vec<Warning> {
    let mut names = vec![plan.source.profile.value.as_str()];
    for step in &plan.steps {
        if let Call::Assume(assume) = &step.call
            && matches!(assume.arn.from, Origin::Aws(..))
            && !names.contains(&assume.name.as_str())
        {
            names.push(&assume.name);
        }
    }
    names.iter().filter_map(|name| warning(aws, name)).collect()
}

fn warning(aws: &AwsFiles, name: &str) -> Option<Warning> {
    let profile = aws.profile(name)?;
    let found: Vec<(Property<'_>, Meant)> = profile
        .sections()
        .flat_map(|section| section.properties())
        .filter_map(|property| {
            let meant = meant(&property.key())?;
            Some((property, meant))
        })
        .collect();
    let (first, meant) = found.first()?;
    let (mut keys, mut seen) = (Vec::new(), HashSet::new());
    for (property, _) in &found {
        let key = property.key().into_owned();
        if seen.insert(key.clone()) {
            keys.push(key);
        }
    }
    let (plural, more) = (keys.len() > 1, keys.len().saturating_sub(MOST));
    keys.truncate(MOST);
    let keys = match more {
        0 => keys.join(", "),
        more => format!("{} and {more} more", keys.join(", ")),
    };
    let that = if plural { "which have" } else { "which has" };
    Some(Warning {
        message: format!("profile {name} sets {keys}, {that} no effect here"),
        at: Some(first.snippet()),
        hints: vec![match meant {
            Meant::AwsVault => {
                "write an entry into ~/.assumerole that says the same: assumerole import".to_owned()
            }
            Meant::Slip(right) => format!("write {right}, or remove it"),
            Meant::Entry(key) => {
                format!(
                    "write an entry into ~/.assumerole for the role, with {key}: assumerole add"
                )
            }
        }],
    })
}

#[derive(Clone, Copy)]
enum Meant {
    AwsVault,
    Slip(&'static str),
    Entry(&'static str),
}

/// What somebody meant by `key`, which is in lower case.
fn meant(key: &str) -> Option<Meant> {
    if let "external_id" | "duration_seconds" | "role_session_name" = key {
        return None;
    }
    if OF_AWS_VAULT.contains(&key) {
        return Some(Meant::AwsVault);
    }
    // Those of the AWS SDKs; a prefix is enough to look no further.
    if [
        "aws_",
        "sso_",
        "cli_",
        "s3",
        "role_arn",
        "source_profile",
        "region",
        "output",
        "credential_",
        "endpoint_url",
        "login_session",
        "mfa_serial",
        "services",
        "use_",
        "web_identity_token_file",
    ]
    .iter()
    .any(|prefix| key.starts_with(prefix))
    {
        return None;
    }
    let slip = guard::meant(key, &OWN).map(Meant::Slip);
    slip.or_else(|| guard::meant(key, &OF_ENTRIES).map(Meant::Entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws_config::{AwsFile, FileKind};

    /// Thousands of slips are one line that can be read.
    #[test]
    fn many_keys_are_counted_and_a_few_are_named() {
        let keys: String = (0..3_000)
            .map(|number| format!("policy_arn{number} = x\n"))
            .collect();
        let text = format!("[profile r]\n{keys}policy_arn7 = x\n");
        let files = AwsFiles {
            config: Some(AwsFile::parse(FileKind::Config, "config", text)),
            credentials: None,
        };
        let warning = warning(&files, "r").unwrap();
        assert!(
            warning
                .message
                .ends_with("policy_arn8, policy_arn9 and 2990 more, which have no effect here"),
            "{}",
            warning.message
        );
    }
}

//! Keys that other tools put into `~/.aws`, and what they mean here.
//!
//! From `USAGE.md` and `vault/config.go` of <https://github.com/ByteNess/aws-vault>,
//! `pkg/cfaws/profiles.go` of <https://github.com/common-fate/granted> and
//! `awsume/awsumepy/lib/autoawsume.py` of <https://github.com/trek10inc/awsume>.

use crate::aws_config::AwsFiles;

/// What a foreign key means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// An entry has a key of the same meaning.
    Imported,
    /// What it takes over from another profile stands in the entry.
    TakenOver,
    /// Another key of `~/.aws` does the same here.
    Instead(&'static str),
    /// The credentials beside it are a copy that ends.
    Copy,
    /// Nothing.
    Nothing,
}

/// A key of another tool in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The profile.
    pub profile: String,
    /// The key.
    pub key: &'static str,
    /// Whose it is.
    pub tool: &'static str,
    /// `file:line:column`.
    pub place: String,
    /// What it means here.
    pub meaning: Meaning,
}

const KEYS: [(&str, &str, Meaning); 16] = [
    ("include_profile", "aws-vault", Meaning::TakenOver),
    ("parent_profile", "aws-vault", Meaning::TakenOver),
    ("session_tags", "aws-vault", Meaning::Imported),
    ("transitive_session_tags", "aws-vault", Meaning::Imported),
    ("source_identity", "aws-vault", Meaning::Imported),
    ("mfa_process", "aws-vault", Meaning::Imported),
    (
        "web_identity_token_process",
        "aws-vault",
        Meaning::Instead("web_identity_token_file"),
    ),
    (
        "granted_sso_start_url",
        "granted",
        Meaning::Instead("sso_start_url"),
    ),
    (
        "granted_sso_region",
        "granted",
        Meaning::Instead("sso_region"),
    ),
    (
        "granted_sso_account_id",
        "granted",
        Meaning::Instead("sso_account_id"),
    ),
    (
        "granted_sso_role_name",
        "granted",
        Meaning::Instead("sso_role_name"),
    ),
    (
        "granted_sso_registration_scopes",
        "granted",
        Meaning::Instead("sso_registration_scopes"),
    ),
    ("common_fate_generated_from", "granted", Meaning::Nothing),
    ("autoawsume", "awsume", Meaning::Copy),
    ("awsumepy_command", "awsume", Meaning::Copy),
    ("source_expiration", "awsume", Meaning::Copy),
];

/// Shows `see` every key of another tool, profile by profile.
pub fn foreign(files: &AwsFiles, see: &mut dyn FnMut(Foreign)) {
    for name in files.profile_names() {
        let Some(profile) = files.profile(&name) else {
            continue;
        };
        for (key, tool, meaning) in KEYS {
            let found = profile.property(key).map(|property| Foreign {
                profile: name.to_string(),
                key,
                tool,
                place: property.snippet().place(),
                meaning,
            });
            found.into_iter().for_each(&mut *see);
        }
    }
}

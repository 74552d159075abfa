//! What `keys import` says before it asks, and when it is done.

use std::fmt::Write as _;

use assumerole_core::aws_config::AwsFiles;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;

use super::copies;
use super::taken::Taken;
use crate::app::App;

/// Programs that read the key from the file and run no `credential_process`, as
/// of 2026.
const CANNOT: &str = "minio-py, s3cmd, Polars and other users of the Rust crate object_store";

/// What is to be known of `taken` before it is done, a line each.
pub(super) fn of(app: &App<'_>, files: &AwsFiles, taken: &[Taken]) -> String {
    let mut text = format!("not every program runs credential_process: {CANNOT} do not\n");
    for one in taken {
        for profile in asks_again(files, &one.profile) {
            let _ = writeln!(
                text,
                "profile {profile} has mfa_serial and comes from {}: the AWS CLI would ask for a second code; use assumerole for it, or remove its mfa_serial",
                one_line(&one.profile)
            );
        }
        for place in copies::of(app, files, one, taken) {
            let _ = writeln!(text, "the same key stands in {place}");
        }
    }
    text
}

/// The profiles that are assumed from `base`, and have an MFA device.
fn asks_again(files: &AwsFiles, base: &str) -> Vec<String> {
    let names = files.profile_names();
    let asks = |name: &str| {
        let profile = files.profile(name)?;
        let source = profile.get("source_profile")?;
        let is_role = profile.property("role_arn").is_some();
        let has_device = profile.property("mfa_serial").is_some();
        Some(source.text().trim() == base && is_role && has_device)
    };
    let names = names.iter().filter(|name| asks(name) == Some(true));
    names.map(|name| one_line(name)).collect()
}

/// The lines that would be changed.
pub(super) fn changes(taken: &[Taken], keep: bool) -> String {
    let mut text = String::new();
    for one in taken {
        let _ = writeln!(
            text,
            "{}: profile {}, key {}",
            one.at.place(),
            one_line(&one.profile),
            one.id
        );
        if !keep {
            let _ = writeln!(text, "- aws_access_key_id = {}", one.id);
            let _ = writeln!(text, "- aws_secret_access_key = (secret)");
            let _ = writeln!(text, "+ credential_process = {}", one.line);
        }
    }
    text
}

/// What was done.
pub(super) fn done(one: &Taken, keep: bool) -> String {
    let profile = one_line(&one.profile);
    match keep {
        true => format!(
            "the key {} of profile {profile} is stored sealed; it also stays at {}",
            one.id,
            one.at.place()
        ),
        false => format!(
            "the key {} of profile {profile} is stored sealed, and no longer at {}; copies may exist (backups, history of git): replace it: assumerole keys rotate {}",
            one.id,
            one.at.place(),
            argument(&one.profile)
        ),
    }
}

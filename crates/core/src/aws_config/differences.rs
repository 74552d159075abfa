//! What the AWS SDKs read in different ways, although each of them reads it.

use super::file::FileKind;
use super::merged::{AwsFiles, Profile};
use super::names::HEADER_CHARACTERS;
use crate::diagnostic::Warning;

/// Something that two SDKs read in two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdkDifference {
    /// The profile that it is about.
    pub profile: String,
    /// What each SDK does, and where it stands.
    pub warning: Warning,
    /// Whether nothing is wrong with the files: it is for whoever has programs
    /// with an SDK of old.
    pub is_advice: bool,
}

/// Shows `see` what of `files` the SDKs read in different ways, by profiles.
pub fn differences(files: &AwsFiles, see: &mut dyn FnMut(SdkDifference)) {
    let names = files.profile_names();
    let profiles = names.iter().filter_map(|name| files.profile(name));
    let mut java_1 = None;
    for profile in profiles {
        let warnings = [
            name(&profile),
            role_and_process(&profile),
            empty_token(&profile),
        ];
        let of_profile = |warning| SdkDifference {
            profile: profile.name().to_owned(),
            warning,
            is_advice: false,
        };
        warnings
            .into_iter()
            .flatten()
            .map(of_profile)
            .for_each(&mut *see);
        if java_1.is_none() {
            let found = not_in_credentials(files, &profile).map(of_profile);
            java_1 = found.map(|found| SdkDifference {
                is_advice: true,
                ..found
            });
        }
    }
    java_1.into_iter().for_each(see);
}

fn name(profile: &Profile<'_>) -> Option<Warning> {
    let name = profile.name();
    let what = match () {
        // That is wrong for all of them, and told by itself.
        () if name.trim() != name => return None,
        () if name.contains(char::is_whitespace) => "a blank",
        () if !name.is_ascii() => "a letter beyond ASCII",
        () => return None,
    };
    let header = profile.sections().next()?;
    let message = format!(
        "the name of profile {name} has {what}: the AWS SDK for Java ignores the profile, and the AWS CLI finds it"
    );
    let hint = format!("give it a name of letters and digits of ASCII and {HEADER_CHARACTERS}");
    Some(Warning::new(message).at(header.snippet()).hint(hint))
}

fn role_and_process(profile: &Profile<'_>) -> Option<Warning> {
    profile.property("role_arn")?;
    let process = profile.property("credential_process")?;
    let message = format!(
        "profile {} has credential_process beside role_arn: the AWS SDK for Java uses the credentials of the process, and the AWS SDK for Go assumes the role with them",
        profile.name()
    );
    let hint =
        "move credential_process to a profile of its own, and name that one in source_profile";
    Some(Warning::new(message).at(process.snippet()).hint(hint))
}

fn empty_token(profile: &Profile<'_>) -> Option<Warning> {
    let token = profile.property("aws_session_token")?;
    let is_empty = token.value()?.text().trim().is_empty();
    if !is_empty {
        return None;
    }
    let message = format!(
        "aws_session_token of profile {} is empty: the AWS SDK for Java sends an empty token, and AWS refuses the request",
        profile.name()
    );
    Some(
        Warning::new(message)
            .at(token.snippet())
            .hint("remove this line"),
    )
}

/// Of many such profiles the first one tells enough.
fn not_in_credentials(files: &AwsFiles, profile: &Profile<'_>) -> Option<Warning> {
    let credentials = files.credentials.as_ref()?;
    let process = profile.property_in(FileKind::Config, "credential_process")?;
    let config = process.file().path();
    let message = format!(
        "the AWS SDK for Java 1.x does not find the credential_process of profile {}: it reads {config} only where there is no {}",
        profile.name(),
        credentials.path()
    );
    let hint = format!(
        "a program with that SDK needs the profile in {}; other programs are not affected",
        credentials.path()
    );
    Some(Warning::new(message).at(process.snippet()).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::super::file::AwsFile;
    use super::*;

    fn told(config: &str, credentials: Option<&str>) -> Vec<String> {
        let file = |kind, path: &str, text: &str| AwsFile::parse(kind, path, text.to_owned());
        let files = AwsFiles {
            config: Some(file(FileKind::Config, "config", config)),
            credentials: credentials.map(|text| file(FileKind::Credentials, "credentials", text)),
        };
        let line = |found: SdkDifference| {
            let at = found.warning.at.unwrap();
            let message: Vec<&str> = found.warning.message.split(": ").collect();
            format!("{} {} {}", found.profile, at.place(), message[0])
        };
        let mut lines = Vec::new();
        differences(&files, &mut |found| lines.push(line(found)));
        lines
    }

    #[test]
    fn each_kind_is_found_with_its_place() {
        for (config, credentials, expected) in [
            (
                "[profile a]\nregion = x\ncredential_process = y\n",
                None,
                &[][..],
            ),
            (
                "[profile \"a b\"]\n[profile é]\n[sso-session \"c d\"]\n",
                Some("[x y]\n"),
                &[
                    "a b config:1:1 the name of profile a b has a blank",
                    "é config:2:1 the name of profile é has a letter beyond ASCII",
                    "x y credentials:1:1 the name of profile x y has a blank",
                ],
            ),
            (
                "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\ncredential_process = y\n",
                None,
                &[],
            ),
            (
                "[profile a]\nrole_arn = r\ncredential_process = y\n",
                None,
                &["a config:3:1 profile a has credential_process beside role_arn"],
            ),
            (
                "[profile a]\naws_session_token =\n[profile b]\naws_session_token = x\n",
                Some("[c]\naws_session_token = \n"),
                &[
                    "a config:2:1 aws_session_token of profile a is empty",
                    "c credentials:2:1 aws_session_token of profile c is empty",
                ],
            ),
            (
                "[profile a]\ncredential_process = y\n[profile b]\ncredential_process = z\n",
                Some(""),
                &[
                    "a config:2:1 the AWS SDK for Java 1.x does not find the credential_process of profile a",
                ],
            ),
            ("", Some("[a]\ncredential_process = y\n"), &[]),
        ] {
            assert_eq!(told(config, credentials), expected, "{config:?}");
        }
    }
}

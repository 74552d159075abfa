//! Both files without what gives `[default]` credentials: most SDKs take them
//! before they ask a credentials server.

use secrecy::zeroize::Zeroizing;

use super::{AwsFile, AwsFiles, FileKind, Property, Section, SectionName};

/// The profile that counts where none is named.
const DEFAULT: &str = "default";

/// What makes a profile give credentials of its own.
const KEYS: [&str; 18] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "credential_process",
    "credential_source",
    "login_session",
    "mfa_serial",
    "role_arn",
    "role_session_name",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "external_id",
];

/// Of [`KEYS`], those without which the others give none.
const GIVING: [&str; 7] = [
    "aws_access_key_id",
    "credential_process",
    "login_session",
    "role_arn",
    "sso_account_id",
    "sso_session",
    "web_identity_token_file",
];

/// The text of both files, wiped when it is dropped.
pub struct Copies {
    /// That of the configuration.
    pub config: Zeroizing<Vec<u8>>,
    /// That of the credentials.
    pub credentials: Zeroizing<Vec<u8>>,
}

impl AwsFiles {
    /// Both files without the credentials of `[default]`; `None` if it has none.
    /// Profiles that name it as their source still have them, under another
    /// name: every other byte is as it was.
    pub fn without_default(&self) -> Option<Copies> {
        let gives = |property: &Property<'_>| GIVING.iter().any(|key| property.is(key));
        if !self
            .files()
            .any(|file| of_default(file).any(|it| gives(&it)))
        {
            return None;
        }
        let is_source = |property: &Property<'_>| is_source(property);
        let named = self.files().any(|file| {
            let sections = file.sections().filter(|section| !is_default(section));
            let mut properties = sections.flat_map(|section| section.properties());
            properties.any(|property| is_source(&property))
        });
        let name = named.then(|| self.free_name());
        let copy = |file: &Option<AwsFile>, kind| match file {
            Some(file) => copy(file, name.as_deref()),
            None => copy(&AwsFile::parse(kind, "", String::new()), None),
        };
        Some(Copies {
            config: copy(&self.config, FileKind::Config),
            credentials: copy(&self.credentials, FileKind::Credentials),
        })
    }

    /// Whether the profile `name` has credentials, or a way to them; `None` if
    /// there is no such profile.
    pub fn gives_credentials(&self, name: &str) -> Option<bool> {
        let profile = self.profile(name)?;
        let mut keys = GIVING.iter();
        Some(keys.any(|key| profile.property(key).is_some()))
    }

    /// A name that no profile has.
    fn free_name(&self) -> String {
        let names = self.profile_names();
        let mut name = "assumerole-default".to_owned();
        while names.iter().any(|taken| *taken == name) {
            name.push('_');
        }
        name
    }
}

fn is_default(section: &Section<'_>) -> bool {
    matches!(section.name(), SectionName::Profile(name) if name == DEFAULT)
}

/// What `[default]` has of [`KEYS`].
fn of_default(file: &AwsFile) -> impl Iterator<Item = Property<'_>> {
    let sections = file.sections().filter(is_default);
    let properties = sections.flat_map(|section| section.properties());
    properties.filter(|property| KEYS.iter().any(|key| property.is(key)))
}

fn is_source(property: &Property<'_>) -> bool {
    let value = property.value();
    property.is("source_profile") && value.is_some_and(|value| value.text() == DEFAULT)
}

/// `file` without what [`of_default`] has; with a profile `name` that has it, if
/// one is named.
fn copy(file: &AwsFile, name: Option<&str>) -> Zeroizing<Vec<u8>> {
    let bytes = file.as_bytes();
    let added = 2 * bytes.len() + 4096;
    let mut out = Zeroizing::new(Vec::with_capacity(added));
    let mut moved = Zeroizing::new(Vec::with_capacity(added));
    let mut at = 0;
    for property in file.sections().flat_map(|section| {
        let default = is_default(&section);
        section
            .properties()
            .map(move |property| (property, default))
    }) {
        let (property, default) = property;
        let goes = default && KEYS.iter().any(|key| property.is(key));
        let source = name.filter(|_| is_source(&property));
        if !goes && source.is_none() {
            continue;
        }
        let (lines, value) = (property.span(), property.value_span());
        out.extend_from_slice(&bytes[at..lines.start]);
        at = lines.end;
        let to = match goes {
            true => &mut moved,
            false => &mut out,
        };
        match source {
            Some(name) => {
                to.extend_from_slice(&bytes[lines.start..value.start]);
                to.extend_from_slice(name.as_bytes());
                to.extend_from_slice(&bytes[value.end..lines.end]);
            }
            None => to.extend_from_slice(&bytes[lines]),
        }
        if !to.ends_with(b"\n") {
            to.push(b'\n');
        }
    }
    out.extend_from_slice(&bytes[at..]);
    if let Some(name) = name.filter(|_| !moved.is_empty()) {
        if !out.is_empty() && !out.ends_with(b"\n") {
            out.push(b'\n');
        }
        let header = match file.kind() {
            FileKind::Config => format!("[profile {name}]\n"),
            FileKind::Credentials => format!("[{name}]\n"),
        };
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(&moved);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copies(config: &str, credentials: &str) -> Option<(String, String)> {
        let file = |kind, text: &str| Some(AwsFile::parse(kind, "f", text.to_owned()));
        let files = AwsFiles {
            config: file(FileKind::Config, config),
            credentials: file(FileKind::Credentials, credentials),
        };
        let copies = files.without_default()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(&copies.config), text(&copies.credentials)))
    }

    #[test]
    fn only_what_gives_the_default_profile_credentials_goes() {
        let config = "# mine\n[default]\nregion = eu-west-1\n[profile a]\nrole_arn = x\n";
        let keys = "aws_access_key_id = AKIA1\naws_secret_access_key=s\n";
        let other = "[b]\naws_access_key_id = AKIA2\n";
        for (config, credentials, wanted) in [
            (config, other, None),
            ("", "", None),
            ("[profile default-x]\nrole_arn = x\n", "", None),
            (
                config,
                "[default]\n; here\naws_access_key_id = AKIA1\naws_secret_access_key=s\n\n[b]\nx = 1",
                Some((config, "[default]\n; here\n\n[b]\nx = 1")),
            ),
            (
                "[default]\nregion = x\ncredential_process = a\n  b\noutput = json",
                other,
                Some(("[default]\nregion = x\noutput = json", other)),
            ),
            (
                "[profile default]\nsso_session = x\nsso_account_id = 1\n[sso-session x]\nsso_region = y\n",
                "",
                Some(("[profile default]\n[sso-session x]\nsso_region = y\n", "")),
            ),
            (
                "",
                &format!("[default]\r\n{keys}"),
                Some(("", "[default]\r\n")),
            ),
        ] {
            let wanted = wanted.map(|(one, two): (&str, &str)| (one.to_owned(), two.to_owned()));
            assert_eq!(copies(config, credentials), wanted, "{config}{credentials}");
        }
    }

    #[test]
    fn profiles_that_name_it_as_their_source_still_have_it() {
        let config = "[default]\nrole_arn = r\nsource_profile = b\n[profile a]\nrole_arn = x\nsource_profile = default\n";
        let credentials = "[default]\naws_access_key_id = AKIA1\n[assumerole-default]\nx = 1";
        let (config, credentials) = copies(config, credentials).unwrap();
        assert_eq!(
            config,
            "[default]\n[profile a]\nrole_arn = x\nsource_profile = assumerole-default_\n[profile assumerole-default_]\nrole_arn = r\nsource_profile = b\n"
        );
        assert_eq!(
            credentials,
            "[default]\n[assumerole-default]\nx = 1\n[assumerole-default_]\naws_access_key_id = AKIA1\n"
        );
    }
}

//! What the path of a request means.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What need not be written otherwise in a part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What stands before the name of a role.
const ROLE: &str = "/role/";

/// The same, for what a `credential_process` prints.
const PROCESS: &str = "/process/";

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted<'p> {
    /// The one role that there is, if there is one.
    TheRole,
    /// The credentials of a role, as a container has them.
    Role(Cow<'p, str>),
    /// The same, as a `credential_process` prints them.
    Process(Cow<'p, str>),
    /// Whether the server runs.
    Health,
    /// A token of the metadata service of an instance.
    InstanceToken,
    /// The roles of an instance.
    InstanceRoles,
    /// The credentials of a role, as an instance has them.
    InstanceRole(Cow<'p, str>),
    /// The region of an instance.
    InstanceRegion,
    /// Nothing that there is.
    Nothing,
}

impl<'p> Wanted<'p> {
    /// By the path of a request.
    pub(crate) fn of(path: &'p str) -> Self {
        let name = |text: &'p str| {
            let name = percent_decode_str(text).decode_utf8().ok();
            name.filter(|name| !name.is_empty())
        };
        let below = |start: &str| path.strip_prefix(start);
        if let Some(rest) = below(ROLE) {
            return name(rest).map_or(Self::Nothing, Self::Role);
        }
        if let Some(rest) = below(PROCESS) {
            return name(rest).map_or(Self::Nothing, Self::Process);
        }
        let of_instance = below("/latest/meta-data/iam/security-credentials");
        match (path, of_instance) {
            ("/", _) => Self::TheRole,
            ("/healthcheck", _) => Self::Health,
            ("/latest/api/token", _) => Self::InstanceToken,
            ("/latest/meta-data/placement/region", _) => Self::InstanceRegion,
            (_, Some("" | "/")) => Self::InstanceRoles,
            (_, Some(rest)) => match rest.strip_prefix('/').and_then(name) {
                Some(name) => Self::InstanceRole(name),
                None => Self::Nothing,
            },
            _ => Self::Nothing,
        }
    }

    /// Whether it is of the metadata service of an instance, whose clients show
    /// no token.
    pub(crate) fn is_of_instance(&self) -> bool {
        matches!(
            self,
            Self::InstanceToken
                | Self::InstanceRoles
                | Self::InstanceRole(_)
                | Self::InstanceRegion
        )
    }
}

/// The path at which the role `name` is answered for.
pub fn role_path(name: &str) -> String {
    format!("{ROLE}{}", utf8_percent_encode(name, PLAIN))
}

/// The path at which the role `name` is answered for as a `credential_process`
/// prints it.
pub fn process_path(name: &str) -> String {
    format!("{PROCESS}{}", utf8_percent_encode(name, PLAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_one_thing() {
        let role = |name: &str| Wanted::Role(name.to_owned().into());
        for (path, wanted) in [
            ("/", Wanted::TheRole),
            ("/role/acme-read", role("acme-read")),
            ("/role/team%2Fa%20b", role("team/a b")),
            ("/role/team/a", role("team/a")),
            ("/role/", Wanted::Nothing),
            ("/role", Wanted::Nothing),
            ("/role/%ff", Wanted::Nothing),
            ("/process/x", Wanted::Process("x".into())),
            ("/healthcheck", Wanted::Health),
            ("/healthcheck/", Wanted::Nothing),
            ("/latest/api/token", Wanted::InstanceToken),
            (
                "/latest/meta-data/iam/security-credentials/",
                Wanted::InstanceRoles,
            ),
            (
                "/latest/meta-data/iam/security-credentials/x",
                Wanted::InstanceRole("x".into()),
            ),
            (
                "/latest/meta-data/iam/security-credentialsx",
                Wanted::Nothing,
            ),
            ("/etc/passwd", Wanted::Nothing),
            ("//", Wanted::Nothing),
        ] {
            assert_eq!(Wanted::of(path), wanted, "{path}");
        }
    }

    #[test]
    fn each_name_has_a_path() {
        for name in ["acme-read", "team/a b", "ä", "%41", "..", "a?b#c"] {
            let path = role_path(name);
            assert_eq!(Wanted::of(&path), Wanted::Role(name.into()), "{path}");
            assert!(!path[6..].contains(['/', '?', '#', ' ']), "{path}");
            let path = process_path(name);
            assert_eq!(Wanted::of(&path), Wanted::Process(name.into()), "{path}");
        }
    }
}

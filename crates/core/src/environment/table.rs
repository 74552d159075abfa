//! Every variable that a role owns in the environment of what runs in it.
//!
//! [`TABLE`] alone says what is set, dropped, hidden and brought back; whatever
//! deals with the environment asks it. `docs/environment.md` shows it, and a
//! test holds the two together.

use std::ffi::OsStr;

/// The access key id of the session.
pub(crate) const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";

/// The secret key of the session.
pub(crate) const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";

/// The token of the session.
pub(crate) const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// The token of `CodeArtifact`.
pub const CODEARTIFACT_TOKEN: &str = "CODEARTIFACT_AUTH_TOKEN";

/// The region, as the AWS CLI and boto3 read it.
pub const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";

/// The region, as every SDK reads it.
pub const REGION: &str = "AWS_REGION";

/// The role's name in the person's file: what the shell is in.
pub const ROLE: &str = "AWS_ACCOUNT";

/// As [`ROLE`], under its other old name.
pub const ROLE_LOWER: &str = "aws_account";

/// As [`ROLE`], where prompts look for it.
pub(crate) const ROLE_OF_PROMPTS: &str = "AWSUME_PROFILE";

/// The account's 12 digits.
pub const ACCOUNT_ID: &str = "AWS_ACCOUNT_ID";

/// When the credentials end, RFC 3339, by its old name.
pub(crate) const EXPIRATION: &str = "AWS_EXPIRATION";

/// When the credentials end, RFC 3339, by the name of the SDKs.
pub const CREDENTIAL_EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// The note for the next `assumerole`: JSON, name → value before or null.
pub const RESTORE: &str = "ASSUMEROLE_RESTORE";

/// When the credentials end by this machine's clock, seconds since 1970.
pub const EXPIRES: &str = "ASSUMEROLE_EXPIRES";

/// When a shell looks next whether they have to be renewed, seconds since 1970.
pub const CHECK_AT: &str = "ASSUMEROLE_CHECK_AT";

/// The flags that the role was assumed with, as words of a shell, so that it
/// is renewed with them.
pub const FLAGS: &str = "ASSUMEROLE_FLAGS";

/// Where a server hands out the credentials.
pub const CONTAINER_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/// What a program shows to that server.
pub const CONTAINER_TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// The file that holds [`CONTAINER_TOKEN`].
pub const CONTAINER_TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// Hosts asked without a proxy, under both names that programs read.
pub(crate) const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The configuration file of AWS.
pub const AWS_CONFIG_FILE: &str = "AWS_CONFIG_FILE";

/// The credentials file of AWS.
pub const AWS_CREDENTIALS_FILE: &str = "AWS_SHARED_CREDENTIALS_FILE";

/// Which session it is: see [`crate::shell::note`].
pub const SESSION: &str = "ASSUMEROLE_SESSION";

/// `1` in a role that is tagged `prod`.
pub const PROD: &str = "ASSUMEROLE_PROD";

/// A variable, and what a role does with it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the columns of a table, each asked for by itself"
)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Whether a role sets it. Every other row is unset in a role.
    pub set: bool,
    /// What a server changes of that, which hands the credentials out
    /// (`--serve`).
    pub served: Served,
    /// What becomes of the value that it had before the role.
    pub before: Before,
    /// Whether it is a credential, or part of one: new when the session is.
    pub credential: bool,
    /// Whether it says when the session ends: new when the session is.
    pub time: bool,
    /// Whether it is for `assumerole` alone, and in no format that other
    /// programs read.
    pub internal: bool,
    /// Whether a role's own `environment` may not set it.
    pub reserved: bool,
    /// Whether programs take an empty value for none. Of a profile boto3 does
    /// not, and of a region hardly any SDK does.
    pub may_be_empty: bool,
    /// Whether it is among the `export` lines that greet a shell.
    pub printed: bool,
    /// Whether SDKs and the AWS CLI would take it in a server's place.
    pub before_server: bool,
    /// What it holds.
    pub holds: &'static str,
    /// Who would take, or show, an inherited value in the role's place.
    pub taken_by: &'static str,
}

/// What becomes of a variable where a server hands the credentials out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// The same as without one.
    Same,
    /// It is unset: programs would take it in the server's place.
    Unset,
    /// It is set: it leads to the server.
    Set,
}

/// What becomes of the value that a variable had before the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It is in the note ([`RESTORE`]): `--off`, and a role inside this one,
    /// bring it back.
    Noted,
    /// It is dropped when the program starts, for itself and for what it hands
    /// on, and is in no note: a shell that changes its role in place keeps it
    /// for itself, not exported, and `--off` brings it back there.
    Dropped,
    /// It is a role's own and means nothing outside of one.
    Forgotten,
}

impl Row {
    const fn set(name: &'static str, before: Before, holds: &'static str) -> Self {
        Self {
            name,
            set: true,
            served: Served::Same,
            before,
            credential: false,
            time: false,
            internal: false,
            reserved: true,
            may_be_empty: true,
            printed: false,
            before_server: false,
            holds,
            taken_by: "",
        }
    }

    const fn unset(name: &'static str, before: Before, holds: &'static str) -> Self {
        Self {
            set: false,
            reserved: false,
            ..Self::set(name, before, holds)
        }
    }

    /// Only a server sets it; else it stays as it is.
    const fn of_server(name: &'static str, holds: &'static str) -> Self {
        Self {
            set: false,
            served: Served::Set,
            reserved: false,
            ..Self::set(name, Noted, holds)
        }
    }

    const fn unless_served(self) -> Self {
        Self {
            served: Served::Unset,
            ..self
        }
    }

    const fn if_served(self) -> Self {
        Self {
            served: Served::Set,
            ..self
        }
    }

    const fn credential(self) -> Self {
        Self {
            credential: true,
            ..self
        }
    }

    const fn time(self) -> Self {
        Self { time: true, ..self }
    }

    const fn internal(self) -> Self {
        Self {
            internal: true,
            ..self
        }
    }

    const fn reserved(self) -> Self {
        Self {
            reserved: true,
            ..self
        }
    }

    /// Files in use set it, and the role's own value wins over the program's.
    const fn free(self) -> Self {
        Self {
            reserved: false,
            ..self
        }
    }

    const fn never_empty(self) -> Self {
        Self {
            may_be_empty: false,
            ..self
        }
    }

    const fn printed(self) -> Self {
        Self {
            printed: true,
            ..self
        }
    }

    const fn before_server(self) -> Self {
        Self {
            before_server: true,
            ..self
        }
    }

    const fn taken_by(self, taken_by: &'static str) -> Self {
        Self { taken_by, ..self }
    }

    /// Whether it is dropped when the program starts.
    pub(crate) fn is_dropped(&self) -> bool {
        self.before == Dropped
    }
}

use Before::{Dropped, Forgotten, Noted};

/// Every variable that a role owns: first those that it sets.
///
/// What a container shows to get its credentials is not among them, but among
/// those [`OF_SERVER`]: no SDK sends it without one of the two URIs, and a role
/// whose source is the container is renewed with it.
pub static TABLE: &[Row] = &[
    Row::set(ACCESS_KEY_ID, Dropped, "the access key ID")
        .before_server()
        .credential()
        .unless_served()
        .printed()
        .taken_by("every SDK"),
    Row::set(SECRET_ACCESS_KEY, Dropped, "the secret key")
        .before_server()
        .credential()
        .unless_served()
        .printed()
        .taken_by("every SDK"),
    Row::set(SESSION_TOKEN, Dropped, "the session token")
        .before_server()
        .credential()
        .unless_served()
        .printed()
        .taken_by("every SDK"),
    Row::set(CODEARTIFACT_TOKEN, Dropped, "the CodeArtifact token")
        .credential()
        .printed()
        .taken_by("Maven, Gradle and npm, in their own files"),
    Row::set(DEFAULT_REGION, Noted, "the region")
        .free()
        .never_empty()
        .printed()
        .taken_by("AWS CLI, boto3"),
    Row::set(REGION, Noted, "the region")
        .free()
        .never_empty()
        .taken_by("every SDK, prompts"),
    Row::set(ROLE, Noted, "the role's name").taken_by("custom prompts"),
    Row::set(ROLE_LOWER, Noted, "the role's name").taken_by("custom prompts"),
    Row::set(ROLE_OF_PROMPTS, Noted, "the role's name")
        .free()
        .taken_by("awsume; starship, powerlevel10k show it"),
    Row::set(ACCOUNT_ID, Noted, "the account").taken_by("SDKs, for account-based endpoints"),
    Row::set(EXPIRATION, Noted, "when the session ends")
        .time()
        .unless_served()
        .taken_by("custom scripts"),
    Row::set(CREDENTIAL_EXPIRATION, Noted, "when the session ends")
        .before_server()
        .time()
        .unless_served()
        .taken_by("SDKs; starship shows it"),
    Row::set(
        EXPIRES,
        Forgotten,
        "when the session ends, by this machine's clock",
    )
    .time()
    .unless_served()
    .internal(),
    Row::set(CHECK_AT, Forgotten, "when the shell checks next")
        .time()
        .unless_served()
        .internal(),
    Row::set(FLAGS, Forgotten, "the session's flags").internal(),
    Row::set(
        SESSION,
        Forgotten,
        "which session it is, without its secrets",
    )
    .time()
    .internal(),
    Row::set(PROD, Forgotten, "`1` in a role that is tagged `prod`").internal(),
    Row::set(RESTORE, Forgotten, "the earlier values").internal(),
    Row::unset("AWS_PROFILE", Dropped, "a profile of `~/.aws`")
        .before_server()
        .reserved()
        .never_empty()
        .taken_by("SDK for JavaScript, before keys; Terraform; prompts show it"),
    Row::unset("AWS_DEFAULT_PROFILE", Dropped, "the older name")
        .before_server()
        .reserved()
        .never_empty()
        .taken_by("AWS CLI, boto3, before `AWS_PROFILE`; powerlevel10k shows it"),
    Row::unset("AWS_SECURITY_TOKEN", Dropped, "a token, by its older name")
        .before_server()
        .credential()
        .reserved()
        .taken_by("boto3, s3cmd, Ansible"),
    Row::unset("AWS_ACCESS_KEY", Dropped, "a key, by its older name")
        .before_server()
        .credential()
        .taken_by("s3cmd, before the new name; SDK for Java 1; Ansible"),
    Row::unset("AWS_SECRET_KEY", Dropped, "a key, by its older name")
        .before_server()
        .credential()
        .taken_by("s3cmd, before the new name; SDK for Java 1; Ansible"),
    Row::unset("AWS_BEARER_TOKEN_BEDROCK", Dropped, "a Bedrock API key")
        .before_server()
        .credential()
        .taken_by("every SDK, for Bedrock, before keys"),
    Row::unset(
        "AWS_CREDENTIAL_FILE",
        Noted,
        "a file of keys, by its older name",
    )
    .before_server()
    .taken_by("s3cmd, before keys; boto3"),
    Row::unset(
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        Noted,
        "the address of a container's credentials",
    )
    .before_server()
    .reserved()
    .taken_by("every SDK, once the keys are gone"),
    Row::unset(
        CONTAINER_URI,
        Noted,
        "the address of a container's credentials, or of those of `--serve`",
    )
    .if_served()
    .reserved()
    .printed()
    .taken_by("every SDK, once the keys are gone"),
    Row::unset("AWS_WEB_IDENTITY_TOKEN_FILE", Noted, "a web identity token")
        .before_server()
        .reserved()
        .taken_by("SDK for .NET, before keys; every SDK, once they are gone"),
    Row::unset("AWS_ROLE_ARN", Noted, "the role for a web identity")
        .before_server()
        .taken_by("as `AWS_WEB_IDENTITY_TOKEN_FILE`"),
    Row::unset("AWS_ROLE_SESSION_NAME", Noted, "the session name for it")
        .before_server()
        .taken_by("as `AWS_WEB_IDENTITY_TOKEN_FILE`"),
    Row::unset("AWS_VAULT", Noted, "a profile, set by aws-vault").taken_by(
        "aws-vault, which refuses to nest; starship, powerlevel10k, spaceship, oh-my-posh show it",
    ),
    Row::unset("AWS_SESSION_EXPIRATION", Noted, "when its session ends")
        .time()
        .taken_by("starship shows it, before ours"),
    Row::unset("AWSU_PROFILE", Noted, "a profile, set by awsu")
        .taken_by("starship shows it, before ours"),
    Row::unset("AWSUME_EXPIRATION", Noted, "when an awsume session ends")
        .time()
        .taken_by("awsume; starship shows it"),
    Row::unset("AWS_EB_PROFILE", Noted, "a profile, set by oh-my-zsh")
        .taken_by("EB CLI, instead of keys"),
    Row::unset("AWS_PROFILE_REGION", Noted, "its region")
        .taken_by("oh-my-zsh shows it, where the role has no region"),
    Row::unset("AWS_SSO_PROFILE", Noted, "a profile, set by aws-sso")
        .taken_by("aws-sso; powerlevel10k shows it, before ours; starship"),
    Row::unset("AWS_SSO_ROLE_ARN", Noted, "the role of its session").taken_by("aws-sso"),
    Row::unset("AWS_SSO_ROLE_NAME", Noted, "the role of its session").taken_by("aws-sso"),
    Row::unset("AWS_SSO_ACCOUNT_ID", Noted, "the account of its session").taken_by("aws-sso"),
    Row::unset("AWS_SSO_SESSION_EXPIRATION", Noted, "when its session ends")
        .time()
        .taken_by("aws-sso"),
    Row::unset("AWS_SSO_DEFAULT_REGION", Noted, "the region of its session").taken_by("aws-sso"),
    Row::unset("GRANTED_SSO", Noted, "a Granted session").taken_by("granted"),
    Row::unset("GRANTED_SSO_START_URL", Noted, "where you sign in").taken_by("granted"),
    Row::unset("GRANTED_SSO_ROLE_NAME", Noted, "its role").taken_by("granted"),
    Row::unset("GRANTED_SSO_REGION", Noted, "its region").taken_by("granted"),
    Row::unset("GRANTED_SSO_ACCOUNT_ID", Noted, "its account").taken_by("granted"),
    Row::unset("AWS_OKTA_PROFILE", Noted, "a profile, set by aws-okta")
        .taken_by("aws-okta; prompts show it"),
    Row::unset("ASSUMED_ROLE", Noted, "a role, set by assume-role").taken_by("prompts show it"),
];

/// Every variable more that leads to a server (`--serve`). In a role without one
/// they stay as they are.
pub(crate) static OF_SERVER: &[Row] = &[
    Row::of_server(CONTAINER_TOKEN, "the token for that address")
        .printed()
        .taken_by("every SDK, with one of the two URIs"),
    Row::of_server(CONTAINER_TOKEN_FILE, "the file that holds it")
        .printed()
        .taken_by("most SDKs, before the variable"),
    Row::of_server(NO_PROXY[0], "hosts that are reached without a proxy")
        .taken_by("every SDK that knows proxies"),
    Row::of_server(NO_PROXY[1], "hosts that are reached without a proxy")
        .taken_by("as `NO_PROXY`, and before it"),
    Row::of_server(AWS_CONFIG_FILE, "used instead of `~/.aws/config`").taken_by("every SDK"),
    Row::of_server(AWS_CREDENTIALS_FILE, "used instead of `~/.aws/credentials`")
        .taken_by("every SDK"),
];

/// The row of `name`.
pub fn row(name: impl AsRef<OsStr>) -> Option<&'static Row> {
    let name = name.as_ref();
    TABLE.iter().find(|row| name == row.name)
}

/// Whether a role owns `name` and `column` holds of it.
pub fn is(name: impl AsRef<OsStr>, column: impl Fn(&Row) -> bool) -> bool {
    row(name).is_some_and(column)
}

/// The names that SDKs and the AWS CLI would take in a server's place.
pub fn before_server() -> impl Iterator<Item = &'static str> {
    let rows = TABLE.iter().filter(|row| row.before_server);
    rows.map(|row| row.name)
}

/// The names that a role's own `environment` may not set: the credentials, what
/// says whose they are and until when, what would make a program use others,
/// and what `assumerole` leaves for the next one.
///
/// `AWS_REGION`, `AWS_DEFAULT_REGION` and `AWSUME_PROFILE` are not among them:
/// files in use set them, and the role's own value wins over the program's.
pub fn reserved() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(|row| row.reserved).map(|row| row.name)
}

#[cfg(test)]
mod tests;

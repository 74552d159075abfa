//! What an error is called, for whoever searches for it: a name that stays the
//! same from version to version, in whatever words the error is told.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Kind;

/// The variants, and how each is written. Every one has its heading in
/// `docs/errors.md`.
macro_rules! ids {
    ($($(#[$what:meta])* $variant:ident $text:literal)*) => {
        /// The name of an error: a heading of `docs/errors.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Id {
            $($(#[$what])* $variant,)*
        }

        impl Id {
            /// All there are, in the order of the page.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is written: lower case, with hyphens.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

ids! {
    /// An MFA code is needed, and there is nobody to ask.
    MfaCodeNeeded "mfa-code-needed"
    /// The code was refused: wrong, used before, or too old.
    MfaCodeRefused "mfa-code-refused"
    /// The code was given to AWS before, from here.
    MfaCodeUsed "mfa-code-used"
    /// The device does not belong to the user, or does not exist.
    MfaDeviceUnknown "mfa-device-unknown"
    /// A question was asked, and no code was given.
    MfaCodeMissing "mfa-code-missing"
    /// Another question is at the terminal.
    TerminalTaken "terminal-taken"
    /// A yes is needed, and there is nobody to ask.
    ConfirmationNeeded "confirmation-needed"
    /// The person said no.
    Cancelled "cancelled"
    /// A signal ended a question.
    EndedBySignal "ended-by-signal"
    /// What an AI agent may not have.
    AgentRefused "agent-refused"
    /// A login in the browser is needed.
    LoginNeeded "login-needed"
    /// The stored keys are locked.
    KeysLocked "keys-locked"
    /// The role, the trust policy or the permissions say no.
    NotAuthorized "not-authorized"
    /// The session tags are not allowed.
    TagsNotAuthorized "tags-not-authorized"
    /// The source identity is not allowed.
    SourceIdentityNotAuthorized "source-identity-not-authorized"
    /// The session policy is none that IAM reads.
    PolicyMalformed "policy-malformed"
    /// Session policies and tags are too large together.
    SessionTooLarge "session-too-large"
    /// Longer than the role allows.
    DurationOverMaximum "duration-over-maximum"
    /// Longer than a chained role gets.
    DurationOverChain "duration-over-chain"
    /// A parameter that AWS does not accept.
    ParameterRefused "parameter-refused"
    /// The access key does not exist, or is inactive.
    AccessKeyInvalid "access-key-invalid"
    /// The secret key does not belong to the access key.
    SecretKeyWrong "secret-key-wrong"
    /// The credentials that signed have expired.
    CredentialsExpired "credentials-expired"
    /// The person was not assigned this role of this account.
    RoleNotAssigned "role-not-assigned"
    /// The identity provider, or its token, was refused.
    IdentityRefused "identity-refused"
    /// The clock of this machine is wrong.
    ClockWrong "clock-wrong"
    /// STS is switched off in the region, or the request went to another.
    RegionRefused "region-refused"
    /// Too many requests.
    Throttled "throttled"
    /// AWS has an error of its own.
    AwsFailed "aws-failed"
    /// The answer is not one of AWS, or not to what was asked.
    AnswerUnusable "answer-unusable"
    /// AWS, or a metadata service, said no to something else.
    Refused "refused"
    /// The host name has no address.
    HostUnknown "host-unknown"
    /// No connection.
    NoConnection "no-connection"
    /// The certificate is not trusted.
    CertificateUntrusted "certificate-untrusted"
    /// Too slow.
    TimedOut "timed-out"
    /// AWS, or a metadata service, did not answer.
    Unreachable "unreachable"
    /// There is no such role, profile or other name.
    UnknownName "unknown-name"
    /// A file of settings cannot be read or used, or says two things.
    ConfigWrong "config-wrong"
    /// The command line makes no sense.
    CommandLine "command-line"
    /// The command to run does not exist.
    CommandNotFound "command-not-found"
    /// The command to run exists and cannot be run.
    CommandCannotRun "command-cannot-run"
    /// The credentials server could not start, or does not answer.
    ServerFailed "server-failed"
    /// A program that gives credentials, codes or keys failed.
    ProgramFailed "program-failed"
    /// A file could not be read, written or replaced.
    FileFailed "file-failed"
    /// The store of keys cannot be used.
    KeyStoreFailed "key-store-failed"
    /// An access key was not replaced, and can be when this is run again.
    KeyNotReplaced "key-not-replaced"
    /// The user has as many access keys as IAM allows.
    TooManyKeys "too-many-keys"
    /// The key is none of an IAM user.
    NoUserKey "no-user-key"
    /// The machine failed: a thread, a socket, random numbers.
    SystemFailed "system-failed"
}

impl Id {
    /// The one that is written so, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.as_str() == text)
    }

    /// What an error of `kind` is called that has no name of its own.
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Failed => Self::SystemFailed,
            Kind::Usage => Self::CommandLine,
            Kind::Config => Self::ConfigWrong,
            Kind::UnknownName => Self::UnknownName,
            Kind::Mfa => Self::MfaCodeMissing,
            Kind::CannotAsk => Self::ConfirmationNeeded,
            Kind::LoginNeeded => Self::LoginNeeded,
            Kind::Refused => Self::Refused,
            Kind::Unreachable => Self::Unreachable,
            Kind::Cancelled | Kind::Interrupted => Self::Cancelled,
            Kind::Signal(_) => Self::EndedBySignal,
            Kind::CannotRun => Self::CommandCannotRun,
            Kind::NotFound => Self::CommandNotFound,
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// As an entry of the cache has it: of a later version it may be one that is not
/// known here.
pub(super) fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Id>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.as_deref().and_then(Id::parse))
}

#[cfg(test)]
mod tests {
    use super::{Id, known};
    use serde::Deserialize;

    #[test]
    fn every_id_is_read_back() {
        for id in Id::ALL {
            assert_eq!(Id::parse(id.as_str()), Some(*id));
        }
    }

    #[test]
    fn an_id_of_a_later_version_is_none() {
        #[derive(Deserialize)]
        struct Entry {
            #[serde(default, deserialize_with = "known")]
            id: Option<Id>,
        }
        let read = |text| serde_json::from_str::<Entry>(text).unwrap().id;
        assert_eq!(read(r#"{"id":"throttled"}"#), Some(Id::Throttled));
        assert_eq!(read(r#"{"id":"of-tomorrow"}"#), None);
        assert_eq!(read("{}"), None);
    }
}

//! What went wrong between us and AWS, told apart by code, not by wording,
//! wherever AWS gives a code.

use std::time::Duration;

use assumerole_core::aws::service::Service;
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sent::{Sent, shortened};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::SignedDuration;

use crate::body::BodyFault;
use crate::connection::Connection;
use crate::other_shape;

/// Why AWS said no, or was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The MFA code is wrong or was used before. STS tells the two not apart.
    WrongCode,
    /// The MFA device does not belong to the user, or does not exist.
    UnknownDevice,
    /// Not authorised: role, trust policy, MFA missing, permission.
    NotAuthorized,
    /// Not authorised to give the session tags (`sts:TagSession`).
    NoTagging,
    /// Not authorised to name a source identity (`sts:SetSourceIdentity`).
    NoSourceIdentity,
    /// The session policy is none that IAM reads.
    MalformedPolicy,
    /// Session policies and tags fill more than the space that a session has.
    PackedTooLarge,
    /// Longer than the role's maximum session duration.
    OverMaximum,
    /// Longer than the hour that roles assumed from temporary credentials get.
    OverChainCap,
    /// A parameter that AWS does not accept.
    Invalid,
    /// The access key does not exist or is inactive.
    InvalidKey,
    /// The secret key does not belong to the access key.
    WrongSecret,
    /// The credentials that signed have expired.
    Expired,
    /// The person has not signed in yet.
    Pending,
    /// The login is over: its token has ended, was withdrawn, or is none.
    LoggedOut,
    /// The person was not assigned this role of this account.
    NotAssigned,
    /// The token of an identity provider is none that the role's account takes.
    InvalidIdentity,
    /// The identity provider says that its token is good no more.
    IdentityRejected,
    /// AWS did not reach the identity provider.
    ProviderUnreachable,
    /// Our clock is too far from AWS's.
    Clock,
    /// STS is switched off in the region.
    RegionDisabled,
    /// What answers is in another region than the one that was signed for.
    OtherRegion,
    /// Too many requests.
    Throttled,
    /// AWS answered with an error of its own (5xx).
    Server,
    /// An answer that is not one.
    Garbage,
    /// The request was not sent: no endpoint is known that it could go to.
    Unsendable,
    /// The host name has no address.
    NoSuchHost,
    /// No connection: refused, cut, no route.
    NoConnection,
    /// No trust: the certificate is not signed by anyone we know.
    Tls,
    /// Too slow.
    TimedOut,
    /// Any other error code of AWS.
    Other,
}

impl Reason {
    /// Whether AWS was never heard, so that a code may still be unspent.
    pub fn is_silence(self) -> bool {
        matches!(
            self,
            Self::NoSuchHost | Self::NoConnection | Self::Tls | Self::TimedOut
        )
    }
}

impl Reason {
    /// What an error of this reason is called.
    pub fn id(self) -> Id {
        match self {
            Self::WrongCode => Id::MfaCodeRefused,
            Self::UnknownDevice => Id::MfaDeviceUnknown,
            Self::NotAuthorized => Id::NotAuthorized,
            Self::NoTagging => Id::TagsNotAuthorized,
            Self::NoSourceIdentity => Id::SourceIdentityNotAuthorized,
            Self::MalformedPolicy => Id::PolicyMalformed,
            Self::PackedTooLarge => Id::SessionTooLarge,
            Self::OverMaximum => Id::DurationOverMaximum,
            Self::OverChainCap => Id::DurationOverChain,
            Self::Invalid => Id::ParameterRefused,
            Self::InvalidKey => Id::AccessKeyInvalid,
            Self::WrongSecret => Id::SecretKeyWrong,
            Self::Expired => Id::CredentialsExpired,
            Self::Pending | Self::LoggedOut => Id::LoginNeeded,
            Self::NotAssigned => Id::RoleNotAssigned,
            Self::InvalidIdentity | Self::IdentityRejected | Self::ProviderUnreachable => {
                Id::IdentityRefused
            }
            Self::Clock => Id::ClockWrong,
            Self::RegionDisabled | Self::OtherRegion => Id::RegionRefused,
            Self::Throttled => Id::Throttled,
            Self::Server => Id::AwsFailed,
            Self::Garbage => Id::AnswerUnusable,
            Self::Unsendable => Id::ConfigWrong,
            Self::NoSuchHost => Id::HostUnknown,
            Self::NoConnection => Id::NoConnection,
            Self::Tls => Id::CertificateUntrusted,
            Self::TimedOut => Id::TimedOut,
            Self::Other => Id::Refused,
        }
    }

    /// Whether a good MFA code that was sent is spent by now: AWS said no to
    /// something that it looks at after the code. Where it was not heard, or
    /// stopped earlier (signature, keys, parameters), the code stays good.
    pub fn spends_code(self) -> bool {
        match self {
            Self::NotAuthorized
            | Self::NoTagging
            | Self::NoSourceIdentity
            | Self::OverMaximum
            | Self::OverChainCap
            | Self::Other => true,
            Self::WrongCode
            | Self::UnknownDevice
            | Self::MalformedPolicy
            | Self::PackedTooLarge
            | Self::Invalid
            | Self::InvalidKey
            | Self::WrongSecret
            | Self::Expired
            | Self::Pending
            | Self::LoggedOut
            | Self::NotAssigned
            | Self::InvalidIdentity
            | Self::IdentityRejected
            | Self::ProviderUnreachable
            | Self::Clock
            | Self::RegionDisabled
            | Self::OtherRegion
            | Self::Throttled
            | Self::Server
            | Self::Garbage
            | Self::Unsendable
            | Self::NoSuchHost
            | Self::NoConnection
            | Self::Tls
            | Self::TimedOut => false,
        }
    }
}

/// A call that did not end in what was asked for.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Who was called.
    pub service: Service,
    /// The call, as AWS names it: `AssumeRole`.
    pub operation: &'static str,
    /// Why.
    pub reason: Reason,
    /// AWS's error code, if it gave one; fit to be shown.
    pub code: Option<String>,
    /// AWS's words, or those of what failed on the way; fit to be shown: one
    /// line of bounded length, without anything secret that was sent.
    pub message: String,
    /// How far AWS's clock is ahead of ours, if it said.
    pub skew: Option<SignedDuration>,
    /// Where the call went: a host, or the endpoint's URL; fit to be shown.
    pub endpoint: String,
    /// How long AWS wants to be left alone, if it said so.
    pub pause: Option<Duration>,
}

/// A difference below this is a slow answer, not a wrong clock. AWS accepts
/// five minutes: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
pub(crate) const SKEW_THRESHOLD: SignedDuration = SignedDuration::from_mins(4);

impl Failure {
    /// Reads the SDK's error.
    pub(crate) fn read<E>(
        operation: &'static str,
        connection: &Connection,
        error: &SdkError<E, HttpResponse>,
        sent: &Sent<'_>,
        skew: Option<SignedDuration>,
    ) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let (reason, code, message) = match error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let (code, message) = said(service.err(), service.raw().body().bytes());
                // Nobody of AWS's says nothing: a proxy's page, say.
                let message = message.unwrap_or_else(|| status_words(status));
                let reason = read_service(code.as_deref(), &message, status, skew);
                (reason, code, message)
            }
            // The SDK's words for it may repeat the answer.
            SdkError::ResponseError(response) => {
                let status = response.raw().status().as_u16();
                let words = format!("{}, and it cannot be read", status_words(status));
                (Reason::Garbage, None, words)
            }
            SdkError::TimeoutError(_) => (Reason::TimedOut, None, too_late("").to_owned()),
            SdkError::DispatchFailure(failure) => {
                let text = chain(error);
                match BodyFault::behind(error) {
                    Some(fault) => (of_body(fault), None, fault.to_string()),
                    None if failure.is_timeout() => {
                        (Reason::TimedOut, None, too_late(&text).to_owned())
                    }
                    None => (read_dispatch(&text), None, text),
                }
            }
            // The SDK's words for it may repeat the request.
            _ => (
                Reason::Unsendable,
                None,
                "the request cannot be built".to_owned(),
            ),
        };
        let sent = connection.add_to(sent.clone());
        let code = code.map(|code| shortened(&sent.line(&code), LONGEST_CODE));
        let message = sent.line(&message);
        Self {
            service: connection.route.service,
            operation,
            reason,
            code,
            message,
            skew,
            endpoint: connection.endpoint(),
            pause: None,
        }
    }
}

/// Characters. AWS's longest code has some fifty.
const LONGEST_CODE: usize = 100;

/// What is said of an answer that has no words.
fn status_words(status: u16) -> String {
    match status {
        // Whoever redirects could be sent what is secret.
        300..=399 => format!("HTTP status {status}: a redirect, which is not followed"),
        _ => format!("HTTP status {status}"),
    }
}

fn of_body(fault: BodyFault) -> Reason {
    match fault {
        BodyFault::TooLarge => Reason::Garbage,
        BodyFault::Stalled => Reason::TimedOut,
        BodyFault::Cut => Reason::NoConnection,
    }
}

fn read_service(
    code: Option<&str>,
    message: &str,
    status: u16,
    skew: Option<SignedDuration>,
) -> Reason {
    let off = skew.is_some_and(|skew| skew.abs() >= SKEW_THRESHOLD);
    match code.unwrap_or_default() {
        // STS has one code for every refusal; only its words tell them apart.
        "AccessDenied" | "AccessDeniedException"
            if message.contains("invalid MFA one time pass") =>
        {
            Reason::WrongCode
        }
        "AccessDenied" | "AccessDeniedException" if message.contains("validate MFA code") => {
            Reason::UnknownDevice
        }
        "AccessDenied" | "AccessDeniedException" if message.contains("sts:TagSession") => {
            Reason::NoTagging
        }
        "AccessDenied" | "AccessDeniedException" if message.contains("sts:SetSourceIdentity") => {
            Reason::NoSourceIdentity
        }
        "AccessDenied" | "AccessDeniedException" => Reason::NotAuthorized,
        "MalformedPolicyDocument" | "MalformedPolicyDocumentException" => Reason::MalformedPolicy,
        "PackedPolicyTooLarge" | "PackedPolicyTooLargeException" => Reason::PackedTooLarge,
        "ValidationError" if message.contains("MaxSessionDuration") => Reason::OverMaximum,
        "ValidationError" if message.contains("1 hour session limit") => Reason::OverChainCap,
        "ValidationError" => Reason::Invalid,
        "InvalidClientTokenId" | "UnrecognizedClientException" => Reason::InvalidKey,
        "RequestExpired" | "RequestTimeTooSkewed" => Reason::Clock,
        "SignatureDoesNotMatch" | "InvalidSignatureException" if off => Reason::Clock,
        "SignatureDoesNotMatch" | "InvalidSignatureException"
            if message.contains("scoped to a valid region") =>
        {
            Reason::OtherRegion
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" => Reason::WrongSecret,
        "ExpiredToken" | "ExpiredTokenException" => Reason::Expired,
        "AuthorizationPendingException" => Reason::Pending,
        "UnauthorizedException"
        | "InvalidGrantException"
        | "InvalidClientException"
        | "UnauthorizedClientException" => Reason::LoggedOut,
        "ForbiddenException" | "ResourceNotFoundException" => Reason::NotAssigned,
        "InvalidIdentityToken" => Reason::InvalidIdentity,
        "IDPRejectedClaim" => Reason::IdentityRejected,
        "IDPCommunicationError" => Reason::ProviderUnreachable,
        "RegionDisabledException" => Reason::RegionDisabled,
        "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown"
        | "SlowDownException" => Reason::Throttled,
        _ if status == 429 => Reason::Throttled,
        _ if status >= 500 => Reason::Server,
        "" => Reason::Garbage,
        _ => Reason::Other,
    }
}

/// The code and the words of a refusal.
fn said(
    error: &impl ProvideErrorMetadata,
    body: Option<&[u8]>,
) -> (Option<String>, Option<String>) {
    if error.code().is_none()
        && let Some((code, message)) = body.and_then(other_shape::read)
    {
        return (Some(code), Some(message));
    }
    let message = error.message().map(str::to_owned);
    (
        error.code().map(str::to_owned),
        message.or_else(|| body.and_then(other_shape::description)),
    )
}

/// What was waited for in vain. Which of our time-outs of one length comes
/// first is chance, so that their own words do not count.
fn too_late(text: &str) -> &'static str {
    if text.contains("connect timeout") {
        "no connection in time"
    } else {
        "no answer in time"
    }
}

/// The HTTP client has no types for these; its words are rustls's and the
/// operating system's.
fn read_dispatch(text: &str) -> Reason {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["dns error", "failed to lookup"]) {
        Reason::NoSuchHost
    } else if has(&[
        "certificate",
        "handshake",
        "UnknownIssuer",
        "corrupt message",
    ]) {
        Reason::Tls
    } else {
        Reason::NoConnection
    }
}

/// The whole chain of causes; what repeats its parent or only says that there
/// is a cause is left out.
/// What libraries say before the reason, and that tells a person nothing.
const EMPTY: [&str; 4] = [
    "io error",
    "other",
    "streaming error",
    "failed to perform DNS lookup",
];

pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        let words = without_names(without_number(&words));
        next = cause.source();
        let empty = EMPTY.contains(&words) || words.starts_with("client error (");
        if words.is_empty() || text.contains(words) || (empty && next.is_some()) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(words);
    }
    if text.is_empty() {
        error.to_string()
    } else {
        text
    }
}

/// Without the names that a certificate is for, which whoever made it chose.
fn without_names(words: &str) -> &str {
    match words.strip_prefix("invalid peer certificate") {
        Some(_) => words.split(';').next().unwrap_or(words),
        None => words,
    }
}

/// Without Rust's `(os error 111)`, which tells a person nothing.
fn without_number(words: &str) -> &str {
    match words.rsplit_once(" (os error ") {
        Some((before, number)) if number.ends_with(')') => before,
        _ => words,
    }
}

#[cfg(test)]
mod tests;

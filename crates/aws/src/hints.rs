//! AWS's refusals in AWS's words, and what to do about each.

mod source;

use assumerole_core::aws::service::Service;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind};
use jiff::SignedDuration;
pub use source::AskedSource;

use crate::failure::{Failure, Reason, SKEW_THRESHOLD};

/// Whom a call was made for, so that a hint can name things.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The role's name in the person's files.
    pub role: Option<String>,
    /// The role's ARN.
    pub arn: Option<String>,
    /// Whether the role stands in `~/.aws/config`.
    pub in_aws_config: bool,
    /// Whether the credentials that signed are a session obtained before: the
    /// role may demand a more recent MFA code.
    pub old_session: bool,
    /// An MFA device that the profile names and the role does not.
    pub other_device: Option<String>,
    /// The profile whose keys signed.
    pub profile: String,
    /// The file those keys come from, as the person would write it.
    pub keys_from: String,
    /// Who gave those keys, if they stand in no file.
    pub keys_given: Option<String>,
    /// The MFA device that was named, if one was.
    pub device: Option<String>,
    /// The duration asked for, seconds.
    pub duration: Option<u32>,
    /// Where the duration was set: `file:line`, a flag, a variable.
    pub duration_from: Option<String>,
    /// Where the external ID that was sent is written, if one was.
    pub external_id_from: Option<String>,
    /// Where the session policy is written, if there is one.
    pub policy_from: Option<String>,
    /// The region of the service.
    pub region: String,
    /// The source of first credentials that was asked, if it was one.
    pub source: Option<AskedSource>,
}

impl Failure {
    /// The failure as a person reads it.
    pub fn explain(&self, asked: &Asked) -> Error {
        self.with_hints(self.hints(asked))
    }

    /// The failure as a person reads it, with `hints` of the caller's own.
    pub(crate) fn with_hints(&self, hints: Vec<String>) -> Error {
        let kind = match self.reason {
            Reason::WrongCode | Reason::UnknownDevice => Kind::Mfa,
            Reason::LoggedOut => Kind::LoginNeeded,
            Reason::Unsendable => Kind::Config,
            reason if reason.is_silence() => Kind::Unreachable,
            _ => Kind::Refused,
        };
        let error = match (&self.code, self.reason) {
            (Some(code), _) => Error::new(
                kind,
                // The words people search for, as the AWS CLI prints them.
                format!(
                    "An error occurred ({code}) when calling the {} operation: {}",
                    self.operation, self.message
                ),
            ),
            (None, Reason::Garbage) => Error::new(
                Kind::Refused,
                format!(
                    "{} answered {} with something that is not a response from AWS",
                    self.endpoint, self.operation
                ),
            )
            .because(&self.message),
            (None, Reason::Unsendable) => Error::new(
                kind,
                format!("cannot build a request for {}", self.operation),
            ),
            (None, reason) if reason.is_silence() => Error::new(
                kind,
                match self.service {
                    Service::Sts => format!("AWS STS could not be reached at {}", self.endpoint),
                    service => format!("{service} could not be reached at {}", self.endpoint),
                },
            )
            .because(&self.message),
            (None, _) => {
                Error::new(kind, format!("{} failed", self.operation)).because(&self.message)
            }
        };
        hints
            .into_iter()
            .fold(error.called(self.reason.id()), Error::hint)
    }

    pub(crate) fn hints(&self, asked: &Asked) -> Vec<String> {
        if let Some(hint) = asked.keys_given.as_ref().and_then(|who| self.of_given(who)) {
            return vec![hint];
        }
        if let Some(hints) = asked.source.as_ref().and_then(|source| source.hints(self)) {
            return hints;
        }
        let profile = &asked.profile;
        let role = asked.role.as_deref().unwrap_or("the role");
        match self.reason {
            Reason::WrongCode => vec![
                "wait for the next code (at most 30 s): this one is wrong or was used before, and each works once".to_owned(),
            ],
            Reason::UnknownDevice => vec![
                match &asked.device {
                    Some(device) => format!("correct the device: {device} is none of the user whose keys are in profile {profile}"),
                    None => format!("correct the device: none matches the user of profile {profile}"),
                },
                format!("see the user's devices: aws iam list-mfa-devices --profile {profile}"),
            ],
            Reason::NotAuthorized => not_authorized(asked),
            Reason::NoTagging => vec![
                format!("allow sts:TagSession, both to the user of profile {profile} and in the trust policy of {role}"),
                "or leave them out: session_tags in ~/.assumerole, --tag".to_owned(),
            ],
            Reason::NoSourceIdentity => vec![
                format!("allow sts:SetSourceIdentity, both to the user of profile {profile} and in the trust policy of {role}"),
                "or leave it out: source_identity in ~/.assumerole".to_owned(),
            ],
            Reason::MalformedPolicy => vec![
                match &asked.policy_from {
                    Some(place) => format!("correct the session policy ({place})"),
                    None => "correct the session policy".to_owned(),
                },
                "validate a policy file: aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document file://PATH".to_owned(),
            ],
            Reason::PackedTooLarge => vec![
                "shorten the policy, or use fewer policies and tags: session policies and session tags share one size limit".to_owned(),
            ],
            Reason::OverMaximum => vec![
                match (&asked.duration, &asked.duration_from) {
                    (Some(seconds), Some(from)) => format!("lower it: {seconds} s was requested ({from})"),
                    _ => "request a shorter session".to_owned(),
                },
                format!("or have an administrator raise the maximum session duration of {role}"),
            ],
            Reason::OverChainCap => vec![
                "set max_session_duration to 3600: a role assumed from temporary credentials lasts no longer".to_owned(),
            ],
            Reason::Invalid => Vec::new(),
            Reason::InvalidKey => vec![
                format!("see whether the access key of profile {profile} ({}) was deleted, is inactive, or belongs to another partition of AWS", asked.keys_from),
                format!("replace it with a working key: aws configure --profile {profile}"),
            ],
            Reason::WrongSecret => vec![
                format!("correct the aws_secret_access_key of profile {profile} ({}), which does not belong to its access key", asked.keys_from),
            ],
            Reason::Expired => vec![
                format!("replace the keys of profile {profile} ({}): they are temporary and have expired", asked.keys_from),
            ],
            // What they say is said by the source that was asked.
            Reason::Pending
            | Reason::LoggedOut
            | Reason::NotAssigned
            | Reason::InvalidIdentity
            | Reason::IdentityRejected
            | Reason::ProviderUnreachable => Vec::new(),
            Reason::Clock if self.skew.is_some_and(|skew| skew.abs() < SKEW_THRESHOLD) => vec![
                "check the proxy (HTTPS_PROXY): this machine's clock agrees with AWS's, so something in between delays requests".to_owned(),
            ],
            Reason::Clock => vec![format!(
                "set this machine's clock, which is {}: timedatectl set-ntp true",
                wrong_by(self.skew)
            )],
            Reason::RegionDisabled => vec![format!(
                "set another region for profile {profile} in ~/.aws/config, or have STS switched on (IAM, Account settings): it is off in {} for this account",
                asked.region
            )],
            Reason::OtherRegion => vec![format!(
                "check AWS_REGION, and region and endpoint_url of profile {profile} in ~/.aws/config: {} is not the region of what answered",
                asked.region
            )],
            Reason::Throttled if self.pause.is_some() => vec![format!(
                "try again in {}, for which AWS asks clients to wait",
                human(self.pause.and_then(|pause| pause.try_into().ok()).unwrap_or_default())
            )],
            Reason::Throttled => vec!["wait a few seconds, then try again: there were too many requests at once".to_owned()],
            Reason::Server => vec!["try again, or see https://health.aws.amazon.com: AWS has a problem".to_owned()],
            Reason::Garbage => vec![
                "check endpoint_url, the proxy, or the sign-in page of the network: something between here and AWS answered instead".to_owned(),
            ],
            Reason::Unsendable => vec![format!(
                "check the region ({}), and use_fips_endpoint and use_dualstack_endpoint: no endpoint is known for them, or what goes with the request cannot be sent",
                asked.region
            )],
            Reason::NoSuchHost => vec![format!(
                "check the network and the region ({}), and the proxy (HTTPS_PROXY) if there is one",
                asked.region
            )],
            Reason::NoConnection => vec![
                "check the network, the proxy (HTTPS_PROXY, NO_PROXY) and endpoint_url".to_owned(),
            ],
            Reason::Tls if self.message.contains("corrupt message") => vec![
                "check http:// or https:// and the port in endpoint_url: what answers there does not speak TLS".to_owned(),
            ],
            Reason::Tls => vec![
                "trust the certificates of a company proxy that re-signs TLS: export AWS_CA_BUNDLE=/path/to/ca.pem".to_owned(),
            ],
            Reason::TimedOut => vec!["check the network and the proxy (HTTPS_PROXY), then try again: it is slow or drops packets".to_owned()],
            Reason::Other => Vec::new(),
        }
    }
}

impl Failure {
    /// What to do when keys are refused that `who` gave.
    fn of_given(&self, who: &str) -> Option<String> {
        match self.reason {
            Reason::InvalidKey => Some(format!(
                "check the access key of {who}: it was deleted, or belongs to another partition of AWS"
            )),
            Reason::WrongSecret => Some(format!(
                "check the secret access key of {who}: it does not belong to its access key"
            )),
            Reason::Expired => Some(format!("get new keys: those of {who} have expired")),
            _ => None,
        }
    }
}

fn not_authorized(asked: &Asked) -> Vec<String> {
    let mut hints = Vec::new();
    let profile = &asked.profile;
    if let Some(arn) = &asked.arn {
        let id = match asked.external_id_from {
            Some(_) => "",
            None => " or requires an external ID (external_id)",
        };
        hints.push(format!(
            "see whether {arn} exists, its trust policy names this user{id}, and the user may call sts:AssumeRole on it"
        ));
    }
    if let Some(place) = &asked.external_id_from {
        hints.push(format!(
            "see whether its trust policy requires a different external ID than the one at {place}"
        ));
    }
    if let (true, Some(role)) = (asked.old_session, &asked.role) {
        hints.push(format!(
            "give a more recent MFA code than the session's: assumerole --fresh-mfa {}",
            argument(role)
        ));
    }
    if let (Some(device), Some(role)) = (&asked.other_device, &asked.role) {
        hints.push(format!(
            "add mfa_serial = {device} to profile {role} in ~/.aws/config if the role requires MFA"
        ));
    }
    match (&asked.device, &asked.role) {
        (None, Some(_)) if asked.other_device.is_some() => {}
        (None, Some(role)) if asked.in_aws_config => hints.push(format!(
            "add mfa_serial to profile {role} in ~/.aws/config if the role requires MFA"
        )),
        (None, Some(role)) => hints.push(format!(
            "add \"aws_mfa_arn\" to {role} in ~/.assumerole if the role requires MFA"
        )),
        _ => hints.push(format!(
            "check whose keys they are: aws sts get-caller-identity --profile {profile}"
        )),
    }
    hints
}

/// By how much the clock is off, and how to set it.
pub fn clock_hint(skew: Option<SignedDuration>) -> String {
    format!(
        "this machine's clock is {}: set it (timedatectl set-ntp true)",
        wrong_by(skew)
    )
}

fn wrong_by(skew: Option<SignedDuration>) -> String {
    match skew {
        Some(skew) if skew.is_positive() => format!("{} behind AWS's", human(skew)),
        Some(skew) => format!("{} ahead of AWS's", human(skew)),
        None => "wrong".to_owned(),
    }
}

fn human(span: SignedDuration) -> String {
    let seconds = span.abs().as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (h @ 48.., _, _) => format!("{} days {} h", h / 24, h % 24),
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

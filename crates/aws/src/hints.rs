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
                "the code is wrong or was used before: each code works once, so wait for the next one (at most 30 s)".to_owned(),
            ],
            Reason::UnknownDevice => vec![
                match &asked.device {
                    Some(device) => format!("{device} is not an MFA device of the user whose keys are in profile {profile}"),
                    None => format!("no MFA device matches the user of profile {profile}"),
                },
                format!("see the user's devices: aws iam list-mfa-devices --profile {profile}"),
            ],
            Reason::NotAuthorized => not_authorized(asked),
            Reason::NoTagging => vec![
                format!("session tags require sts:TagSession, both for the user of profile {profile} and in the trust policy of {role}"),
                "or leave them out: session_tags in ~/.assumerole, --tag".to_owned(),
            ],
            Reason::NoSourceIdentity => vec![
                format!("a source identity requires sts:SetSourceIdentity, both for the user of profile {profile} and in the trust policy of {role}"),
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
                "session policies and session tags share one size limit: shorten the policy, or use fewer policies and tags".to_owned(),
            ],
            Reason::OverMaximum => vec![
                match (&asked.duration, &asked.duration_from) {
                    (Some(seconds), Some(from)) => format!("lower it: {seconds} s was requested ({from})"),
                    _ => "request a shorter session".to_owned(),
                },
                format!("or have an administrator raise the maximum session duration of {role}"),
            ],
            Reason::OverChainCap => vec![
                "a role assumed from temporary credentials lasts at most 3600 s: set max_session_duration to 3600".to_owned(),
            ],
            Reason::Invalid => Vec::new(),
            Reason::InvalidKey => vec![
                format!("the access key of profile {profile} ({}) was deleted, is inactive, or belongs to another partition of AWS", asked.keys_from),
                format!("replace it with a working key: aws configure --profile {profile}"),
            ],
            Reason::WrongSecret => vec![
                format!("the aws_secret_access_key of profile {profile} ({}) does not belong to its access key", asked.keys_from),
            ],
            Reason::Expired => vec![
                format!("the keys of profile {profile} ({}) are temporary and have expired; get new ones", asked.keys_from),
            ],
            // What they say is said by the source that was asked.
            Reason::Pending
            | Reason::LoggedOut
            | Reason::NotAssigned
            | Reason::InvalidIdentity
            | Reason::IdentityRejected
            | Reason::ProviderUnreachable => Vec::new(),
            Reason::Clock if self.skew.is_some_and(|skew| skew.abs() < SKEW_THRESHOLD) => vec![
                "this machine's clock agrees with AWS's: something in between delays requests; check the proxy (HTTPS_PROXY)".to_owned(),
            ],
            Reason::Clock => vec![clock_hint(self.skew)],
            Reason::RegionDisabled => vec![format!(
                "STS is switched off in {} for this account: set another region for profile {profile} in ~/.aws/config, or have it switched on (IAM, Account settings)",
                asked.region
            )],
            Reason::OtherRegion => vec![format!(
                "{} is not the region of what answered: check AWS_REGION, and region and endpoint_url of profile {profile} in ~/.aws/config",
                asked.region
            )],
            Reason::Throttled if self.pause.is_some() => vec![format!(
                "AWS asks clients to wait {}: try again then",
                human(self.pause.and_then(|pause| pause.try_into().ok()).unwrap_or_default())
            )],
            Reason::Throttled => vec!["too many requests at once: wait a few seconds, then try again".to_owned()],
            Reason::Server => vec!["AWS has a problem: try again; see https://health.aws.amazon.com".to_owned()],
            Reason::Garbage => vec![
                "something between here and AWS answered instead: check endpoint_url, the proxy, or the sign-in page of the network".to_owned(),
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
                "what answers there does not speak TLS: check http:// or https:// and the port in endpoint_url".to_owned(),
            ],
            Reason::Tls => vec![
                "if a company proxy re-signs TLS, trust its certificates: export AWS_CA_BUNDLE=/path/to/ca.pem".to_owned(),
            ],
            Reason::TimedOut => vec!["the network is slow or drops packets: check it and the proxy (HTTPS_PROXY), then try again".to_owned()],
            Reason::Other => Vec::new(),
        }
    }
}

impl Failure {
    /// What to do when keys are refused that `who` gave.
    fn of_given(&self, who: &str) -> Option<String> {
        match self.reason {
            Reason::InvalidKey => Some(format!(
                "AWS does not know the access key of {who}: it was deleted, or belongs to another partition of AWS"
            )),
            Reason::WrongSecret => Some(format!(
                "the secret access key of {who} does not belong to its access key"
            )),
            Reason::Expired => Some(format!("the keys of {who} have expired: get new ones")),
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
            "either {arn} does not exist, or its trust policy does not name this user{id}, or the user may not call sts:AssumeRole on it"
        ));
    }
    if let Some(place) = &asked.external_id_from {
        hints.push(format!(
            "or its trust policy requires a different external ID than the one at {place}"
        ));
    }
    if let (true, Some(role)) = (asked.old_session, &asked.role) {
        hints.push(format!(
            "or it requires a more recent MFA code than the session's: assumerole --fresh-mfa {}",
            argument(role)
        ));
    }
    if let (Some(device), Some(role)) = (&asked.other_device, &asked.role) {
        hints.push(format!(
            "if the role requires MFA, add mfa_serial = {device} to profile {role} in ~/.aws/config"
        ));
    }
    match (&asked.device, &asked.role) {
        (None, Some(_)) if asked.other_device.is_some() => {}
        (None, Some(role)) if asked.in_aws_config => hints.push(format!(
            "if the role requires MFA, add mfa_serial to profile {role} in ~/.aws/config"
        )),
        (None, Some(role)) => hints.push(format!(
            "if the role requires MFA, add \"aws_mfa_arn\" to {role} in ~/.assumerole"
        )),
        _ => hints.push(format!(
            "check whose keys they are: aws sts get-caller-identity --profile {profile}"
        )),
    }
    hints
}

/// By how much the clock is off, and how to set it.
pub fn clock_hint(skew: Option<SignedDuration>) -> String {
    let by = match skew {
        Some(skew) if skew.is_positive() => {
            format!("this machine's clock is {} behind AWS's", human(skew))
        }
        Some(skew) => format!("this machine's clock is {} ahead of AWS's", human(skew)),
        None => "this machine's clock is wrong".to_owned(),
    };
    format!("{by}: set it (timedatectl set-ntp true)")
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

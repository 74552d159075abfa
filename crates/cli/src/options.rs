//! Options that more than one verb has.

use assumerole_core::Result;
use assumerole_core::config::MfaProviderName;
use assumerole_core::ids::{PolicyArn, Region, SessionName, TagKey, TagValue};
use assumerole_core::plan::Fresh;
use assumerole_core::request::{self, Policies, Request};
use clap::Args;

/// What every verb understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Instead of ~/.assumerole [env: ASSUMEROLE_CONFIG]
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) config: Option<std::path::PathBuf>,

    /// Only errors, no export lines [env: ASSUMEROLE_QUIET=1]
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,

    /// Say what is done; twice: with what
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbose: u8,
}

/// How credentials are obtained: the flags of every verb that assumes a role.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Obtain {
    /// Ask AWS for new credentials, even if cached
    #[arg(long)]
    fresh: bool,

    /// Ask for a new MFA code, though there is a session
    #[arg(long)]
    fresh_mfa: bool,

    /// Assume without typing the name of ROLE (or of NAME)
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        action = clap::ArgAction::Append
    )]
    pub(crate) yes: Vec<String>,

    /// Who has the MFA code: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    pub(crate) mfa: Option<MfaProviderName>,

    /// How long the session lasts: 8h, 90m (15m to 12h)
    #[arg(long, value_name = "TIME", value_parser = request::duration)]
    duration: Option<u32>,

    /// The session's name in CloudTrail
    #[arg(long, value_name = "NAME", value_parser = str::parse::<SessionName>)]
    session_name: Option<SessionName>,

    /// Tag the session; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = request::tag)]
    tags: Vec<(TagKey, TagValue)>,

    /// Narrow the session to a managed policy; repeatable
    #[arg(long = "policy-arn", value_name = "ARN", value_parser = str::parse::<PolicyArn>)]
    policy_arns: Vec<PolicyArn>,

    /// Narrow the session to AWS's policy ReadOnlyAccess
    #[arg(long, conflicts_with = "policy_arns")]
    read_only: bool,

    /// The region to export, not the role's
    #[arg(long, value_parser = str::parse::<Region>)]
    region: Option<Region>,
}

impl Obtain {
    /// One of the flags that were given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let Self {
            fresh,
            mfa,
            fresh_mfa,
            yes,
            duration,
            session_name,
            tags,
            policy_arns,
            read_only,
            region,
        } = self;
        let flags = [
            (*fresh, "--fresh"),
            (mfa.is_some(), "--mfa"),
            (*fresh_mfa, "--fresh-mfa"),
            (!yes.is_empty(), "--yes"),
            (duration.is_some(), "--duration"),
            (session_name.is_some(), "--session-name"),
            (!tags.is_empty(), "--tag"),
            (!policy_arns.is_empty(), "--policy-arn"),
            (*read_only, "--read-only"),
            (region.is_some(), "--region"),
        ];
        flags
            .into_iter()
            .find_map(|(given, flag)| given.then_some(flag))
    }

    /// What shall be new, though it is cached.
    pub(crate) fn fresh(&self) -> Fresh {
        Fresh {
            role: self.fresh,
            mfa: self.fresh_mfa,
        }
    }

    /// The flags that ask for the same session again, later.
    pub(crate) fn again(&self) -> Vec<String> {
        let Self {
            // Once is enough.
            fresh: _,
            fresh_mfa: _,
            yes: _,
            // Nobody is asked again.
            mfa: _,
            duration,
            session_name,
            tags,
            policy_arns,
            read_only,
            region,
        } = self;
        let mut words = Vec::new();
        let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        if let Some(seconds) = duration {
            add("--duration", seconds.to_string());
        }
        if let Some(name) = session_name {
            add("--session-name", name.to_string());
        }
        for (key, value) in tags {
            add("--tag", format!("{key}={}", value.as_str()));
        }
        for arn in policy_arns {
            add("--policy-arn", arn.to_string());
        }
        if let Some(region) = region {
            add("--region", region.to_string());
        }
        if *read_only {
            words.push("--read-only".to_owned());
        }
        words
    }

    /// What is asked of the session.
    ///
    /// # Errors
    /// The flags contradict one another.
    pub(crate) fn request(&self) -> Result<Request> {
        let policies = match self.policy_arns.as_slice() {
            _ if self.read_only => Policies::ReadOnly,
            [] => Policies::OfTheFile,
            arns => Policies::Managed(arns.to_vec()),
        };
        let request = Request {
            duration: self.duration,
            session_name: self.session_name.clone(),
            tags: self.tags.clone(),
            policies,
            region: self.region.clone(),
        };
        request.check()?;
        Ok(request)
    }
}

//! Options that more than one command has.

use std::ffi::OsStr;

use assumerole_core::aws::ids::{Invalid, PolicyArn, Region, SessionName, TagKey, TagValue};
use assumerole_core::config::MfaProviderName;
use assumerole_core::plan::Fresh;
use assumerole_core::plan::request::{self, Policies, Request};
use assumerole_core::{Error, Kind, Result};
use clap::{Args, FromArgMatches as _};

/// Whether clap takes `word` for an option, or for the end of them.
pub(crate) fn is_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}

/// What every command understands.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Global {
    /// Read FILE, not ~/.assumerole [env: ASSUMEROLE_CONFIG]
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

    /// Never prompt [env: ASSUMEROLE_NO_PROMPT=1]
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) no_prompt: bool,

    /// Show what is being done (-vv for details)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbose: u8,
}

/// How credentials are obtained: the flags of every command that assumes a role.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Obtain {
    /// Ask AWS for new credentials, even if cached
    #[arg(long)]
    fresh: bool,

    /// Ask for a new MFA code, even if a session is cached
    #[arg(long)]
    fresh_mfa: bool,

    /// Confirm ROLE (or NAME) without typing its name
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        action = clap::ArgAction::Append
    )]
    pub(crate) yes: Vec<String>,

    /// Get the MFA code from: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    pub(crate) mfa: Option<MfaProviderName>,

    #[command(flatten)]
    pub(crate) session: Session,
}

/// What is asked of a session: the flags that ask for the same one again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Session {
    /// How long the session lasts: 8h, 90m (15m to 12h)
    #[arg(long, value_name = "TIME", value_parser = request::duration)]
    pub(crate) duration: Option<u32>,

    /// The session's name in CloudTrail
    #[arg(long, value_name = "NAME", value_parser = str::parse::<SessionName>)]
    session_name: Option<SessionName>,

    /// Tag the session; repeatable
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = request::tag)]
    tags: Vec<(TagKey, TagValue)>,

    /// Narrow the session to a managed policy; repeatable
    #[arg(long = "policy-arn", value_name = "ARN", value_parser = str::parse::<PolicyArn>)]
    policy_arns: Vec<PolicyArn>,

    /// Narrow the session to AWS's policy ReadOnlyAccess
    #[arg(long, conflicts_with_all = ["policy_arns", "view_only"])]
    read_only: bool,

    /// Narrow it to ViewOnlyAccess, which reads no data
    #[arg(long, conflicts_with = "policy_arns")]
    view_only: bool,

    /// Export this region instead of the role's
    #[arg(long, value_parser = request::region)]
    region: Option<Region>,
}

impl Obtain {
    /// A session as `session` says, and nothing new that is cached.
    pub(crate) fn of(session: Session) -> Self {
        Self {
            session,
            ..Self::default()
        }
    }

    /// One of the flags that were given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let Self {
            fresh,
            mfa,
            fresh_mfa,
            yes,
            session,
        } = self;
        let flags = [
            (*fresh, "--fresh"),
            (mfa.is_some(), "--mfa"),
            (*fresh_mfa, "--fresh-mfa"),
            (!yes.is_empty(), "--yes"),
        ];
        first(&flags).or_else(|| session.given())
    }

    /// The same, asked for by the AI agent `name`: read only, and tagged with the
    /// name, if there is one.
    ///
    /// # Errors
    /// The flags name policies of their own.
    pub(crate) fn for_agent(mut self, read_only: bool, name: Option<&str>) -> Result<Self> {
        if read_only && !self.session.policy_arns.is_empty() {
            let message = "--policy-arn cannot be used with a session that may only read";
            return Err(Error::new(Kind::Usage, message)
                .because("AWS adds up what the policies of a session allow")
                .hint("leave out --policy-arn"));
        }
        // What may only look may do no more than read.
        self.session.read_only |= read_only && !self.session.view_only;
        let invalid = |why: Invalid| Error::new(Kind::Usage, why.to_string());
        if let Some(name) = name {
            let key: TagKey = "agent".parse().map_err(invalid)?;
            let value: TagValue = name.parse().map_err(invalid)?;
            self.session.tags.retain(|(other, _)| !other.same("agent"));
            self.session.tags.push((key, value));
        }
        Ok(self)
    }

    /// What shall be new, though it is cached.
    pub(crate) fn fresh(&self) -> Fresh {
        Fresh {
            role: self.fresh,
            mfa: self.fresh_mfa,
        }
    }
}

fn first(flags: &[(bool, &'static str)]) -> Option<&'static str> {
    flags
        .iter()
        .find_map(|(given, flag)| given.then_some(*flag))
}

impl Session {
    /// One of the flags that were given.
    fn given(&self) -> Option<&'static str> {
        let Self {
            duration,
            session_name,
            tags,
            policy_arns,
            read_only,
            view_only,
            region,
        } = self;
        first(&[
            (duration.is_some(), "--duration"),
            (session_name.is_some(), "--session-name"),
            (!tags.is_empty(), "--tag"),
            (!policy_arns.is_empty(), "--policy-arn"),
            (*read_only, "--read-only"),
            (*view_only, "--view-only"),
            (region.is_some(), "--region"),
        ])
    }

    /// This, in `region`, where one is named.
    pub(crate) fn in_region(self, region: Option<Region>) -> Self {
        Self { region, ..self }
    }

    /// One that is narrowed to policies.
    pub(crate) fn narrowed(policy_arns: Vec<PolicyArn>, read_only: bool, view_only: bool) -> Self {
        Self {
            policy_arns,
            read_only,
            view_only,
            ..Self::default()
        }
    }

    /// The flags as words, in an order of their own.
    pub(crate) fn words(&self) -> Vec<String> {
        let Self {
            duration,
            session_name,
            tags,
            policy_arns,
            read_only,
            view_only,
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
        if *view_only {
            words.push("--view-only".to_owned());
        }
        words
    }

    /// Reads [`Session::words`]; `None` where they are none of ours.
    pub(crate) fn of_words(words: &[String]) -> Option<Self> {
        let command = clap::Command::new("flags").no_binary_name(true);
        let command = Self::augment_args(command);
        let found = command.try_get_matches_from(words).ok()?;
        Self::from_arg_matches(&found).ok()
    }

    /// These flags, and of `before` what they leave open.
    ///
    /// # Errors
    /// Both name policies, and not the same: STS adds up what the policies of
    /// a request allow, so neither narrows the other.
    pub(crate) fn over(self, before: Self) -> Result<Self> {
        let policies = |session: &Self| {
            (
                session.read_only,
                session.view_only,
                session.policy_arns.clone(),
            )
        };
        let narrows = |session: &Self| policies(session) != (false, false, Vec::new());
        if narrows(&self) && narrows(&before) && policies(&self) != policies(&before) {
            let flag = match (self.read_only, self.view_only) {
                (true, _) => "--read-only",
                (_, true) => "--view-only",
                _ => "--policy-arn",
            };
            let (message, had) = (
                format!("{flag} would take the place of what narrows that session already"),
                shell_words::join(before.words()),
            );
            return Err(Error::new(Kind::Usage, message)
                .because(format!("it was asked for with {had}"))
                .because("STS adds up what the policies of a request allow")
                .hint("leave out the flag, or run this outside of any role"));
        }
        let mut tags = before.tags;
        tags.retain(|(key, _)| !self.tags.iter().any(|(new, _)| new.same(key.as_str())));
        tags.extend(self.tags);
        let policy_arns = match self.policy_arns.is_empty() {
            true => before.policy_arns,
            false => self.policy_arns,
        };
        Ok(Self {
            duration: self.duration.or(before.duration),
            session_name: self.session_name.or(before.session_name),
            tags,
            policy_arns,
            read_only: self.read_only || before.read_only,
            view_only: self.view_only || before.view_only,
            region: self.region.or(before.region),
        })
    }

    /// Of these flags, those that `given` does not replace.
    pub(crate) fn left_open_by(mut self, given: &Self) -> Self {
        self.duration = self.duration.filter(|_| given.duration.is_none());
        self.session_name = self.session_name.filter(|_| given.session_name.is_none());
        self.region = self.region.filter(|_| given.region.is_none());
        let tags = &given.tags;
        self.tags
            .retain(|(key, _)| !tags.iter().any(|(new, _)| new.same(key.as_str())));
        self
    }

    /// Without what says where and under which name: the flags that narrow.
    pub(crate) fn narrowing(self) -> Self {
        Self {
            duration: self.duration,
            policy_arns: self.policy_arns,
            read_only: self.read_only,
            view_only: self.view_only,
            ..Self::default()
        }
    }

    /// What is asked of the session.
    ///
    /// # Errors
    /// The flags contradict one another.
    pub(crate) fn request(&self) -> Result<Request> {
        let policies = match self.policy_arns.as_slice() {
            _ if self.read_only => Policies::ReadOnly,
            _ if self.view_only => Policies::ViewOnly,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn session(words: &str) -> Session {
        Session::of_words(&shell_words::split(words).unwrap()).unwrap()
    }

    #[test]
    fn words_ask_for_the_same_session_again() {
        for words in [
            "",
            "--read-only",
            "--view-only --duration 900",
            "--duration 900 --session-name a@b --tag k=v --tag 'l=x y=z' --region eu-west-1",
            "--policy-arn arn:aws:iam::aws:policy/A --policy-arn arn:aws:iam::aws:policy/B",
        ] {
            let asked = session(words);
            assert_eq!(Session::of_words(&asked.words()), Some(asked), "{words}");
        }
        for words in ["--nonsense", "a", "--duration", "--duration 1", "--yes"] {
            let words = shell_words::split(words).unwrap();
            assert_eq!(Session::of_words(&words), None, "{words:?}");
        }
    }

    #[test]
    fn flags_go_over_those_before_and_never_take_a_narrowing_away() {
        for (given, before, both) in [
            ("", "", ""),
            (
                "",
                "--read-only --duration 900",
                "--read-only --duration 900",
            ),
            (
                "--duration 15m",
                "--duration 1h --read-only",
                "--duration 900 --read-only",
            ),
            (
                "--tag K=2 --tag m=3",
                "--tag k=1 --tag l=1",
                "--tag l=1 --tag K=2 --tag m=3",
            ),
            ("--read-only", "--read-only", "--read-only"),
            (
                "--read-only",
                "--region eu-west-1",
                "--read-only --region eu-west-1",
            ),
        ] {
            let found = session(given).over(session(before)).unwrap();
            assert_eq!(found, session(both), "{given} over {before}");
        }
        let (one, other) = (
            "--policy-arn arn:aws:iam::aws:policy/A",
            "--policy-arn arn:aws:iam::aws:policy/B",
        );
        for (given, before) in [(one, other), ("--read-only", one), (one, "--read-only")] {
            let error = session(given).over(session(before)).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{given} over {before}");
        }
    }
}

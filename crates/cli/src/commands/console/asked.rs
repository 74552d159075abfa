//! What is asked of `console`, and what becomes of it.

use assumerole_core::aws::console::region;
use assumerole_core::aws::ids::{PolicyArn, Region};
use assumerole_core::config::{Isolation, MfaProviderName};
use assumerole_core::plan::request::duration;
use secrecy::SecretString;

use crate::options::{Obtain, Session};

/// Open the AWS console in a browser, signed in as a role
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "assumerole console [OPTIONS] <ROLE>...
       assumerole console --forget [ROLE]...",
    after_help = "\
Nothing secret is in the browser's arguments: it opens a page of this machine
once, which sends it on. A URL of --print or --copy signs in whoever opens it
within 15 minutes. A profile with the keys of an IAM user signs in with the
policy ViewOnlyAccess; see --policy-arn and --full."
)]
pub(crate) struct Args {
    /// Open this service: s3, ec2, logs, iam ...
    #[arg(long, value_name = "NAME", conflicts_with = "url")]
    pub(super) service: Option<String>,

    /// Open this path, or this URL of the console
    #[arg(long, value_name = "PATH")]
    pub(super) url: Option<String>,

    /// The region to open, not the role's: us-west-2, uw2
    #[arg(long, value_parser = region)]
    pub(super) region: Option<Region>,

    /// How long the session lasts: 8h, 90m (15m to 12h)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) duration: Option<u32>,

    /// Print a URL for each role, and open nothing
    #[arg(long, group = "delivery")]
    pub(super) print: bool,

    /// Copy the URL to the clipboard, and open nothing
    #[arg(long, group = "delivery")]
    pub(super) copy: bool,

    /// Open it with: firefox, chrome ... or a command
    #[arg(long, value_name = "BROWSER", group = "delivery")]
    pub(super) browser: Option<String>,

    /// Keep roles apart: container, granted, profile
    #[arg(
        long,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with_all = ["print", "copy"],
        value_parser = str::parse::<Isolation>
    )]
    pub(super) isolate: Option<Isolation>,

    /// Keep the other sessions of the browser
    #[arg(long)]
    pub(super) multi: bool,

    /// Let the portal of IAM Identity Center sign in
    #[arg(long, conflicts_with_all = ["duration", "multi", "policy_arns", "full"])]
    pub(super) portal: bool,

    /// Narrow the session to a managed policy; repeatable
    #[arg(long = "policy-arn", value_name = "ARN", value_parser = str::parse::<PolicyArn>)]
    pub(super) policy_arns: Vec<PolicyArn>,

    /// Narrow the session to AWS's policy ReadOnlyAccess
    #[arg(long, conflicts_with_all = ["policy_arns", "view_only"])]
    pub(super) read_only: bool,

    /// Narrow it to ViewOnlyAccess, which reads no data
    #[arg(long, conflicts_with = "policy_arns")]
    pub(super) view_only: bool,

    /// For the keys of a user: all that the user may do
    #[arg(long, conflicts_with_all = ["policy_arns", "read_only", "view_only"])]
    pub(super) full: bool,

    /// Confirm ROLE (or NAME) without typing its name
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        action = clap::ArgAction::Append
    )]
    pub(super) yes: Vec<String>,

    /// Get the MFA code from: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    pub(super) mfa: Option<MfaProviderName>,

    /// Remove the browser profiles of ROLE, or all
    #[arg(long, conflicts_with_all = [
        "service", "url", "region", "duration", "delivery", "isolate", "multi", "portal",
        "policy_arns", "read_only", "view_only", "full", "yes", "mfa",
    ])]
    pub(super) forget: bool,

    /// The roles
    #[arg(value_name = "ROLE")]
    pub(super) names: Vec<String>,
}

/// A URL that signs in to a role.
pub(super) struct SignIn {
    pub(super) name: String,
    /// Whose it is, where that can be told: an ARN.
    pub(super) whose: String,
    pub(super) url: SecretString,
    /// What the person reads.
    pub(super) about: String,
}

impl Args {
    /// How the role is obtained.
    pub(super) fn obtain(&self) -> Obtain {
        let session = Session::narrowed(self.policy_arns.clone(), self.read_only, self.view_only);
        let mut obtain = Obtain::of(session);
        obtain.yes.clone_from(&self.yes);
        obtain.mfa = self.mfa;
        obtain
    }
}

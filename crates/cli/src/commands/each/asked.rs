//! What is asked of `each`.

use std::ffi::OsString;
use std::path::PathBuf;

use assumerole_core::aws::console::region;
use assumerole_core::aws::ids::{PolicyArn, Region};
use assumerole_core::config::MfaProviderName;

use crate::options::{Obtain, Session};

/// Run a command in many roles
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "assumerole each [OPTIONS] <PATTERN>... -- <COMMAND> [ARGS]...",
    after_help = AFTER_HELP
)]
pub(crate) struct Args {
    /// Leave out the roles that match; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(super) except: Vec<String>,

    /// Run it in each of these regions: a,b
    #[arg(long, value_name = "REGIONS", value_delimiter = ',', value_parser = region)]
    pub(super) regions: Vec<Region>,

    /// So many at once
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 32,
        value_parser = clap::value_parser!(u16).range(1..=512)
    )]
    pub(super) jobs: u16,

    /// Print a line of JSON for each role, and nothing else
    #[arg(long, conflicts_with_all = ["prefix", "raw"])]
    pub(super) json: bool,

    /// Begin each line with the role
    #[arg(long)]
    pub(super) prefix: bool,

    /// Write output into files of this folder, not to stdout
    #[arg(long, value_name = "DIR", conflicts_with_all = ["json", "prefix", "raw"])]
    pub(super) output_dir: Option<PathBuf>,

    /// Print as roles finish, not in the order of the file
    #[arg(long)]
    pub(super) unordered: bool,

    /// Print control characters to a terminal as they are
    #[arg(long)]
    pub(super) raw: bool,

    /// Start no more commands when one has failed
    #[arg(long)]
    pub(super) fail_fast: bool,

    /// Run a failing command again, so often
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(super) retry: u8,

    /// End a command that takes longer: 30s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(super) timeout: Option<u64>,

    /// Show which roles it would run in
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Run in protected roles too, without a question
    #[arg(long)]
    pub(super) yes: bool,

    /// Narrow the sessions to a managed policy; repeatable
    #[arg(long = "policy-arn", value_name = "ARN", value_parser = str::parse::<PolicyArn>)]
    pub(super) policy_arns: Vec<PolicyArn>,

    /// Narrow the sessions to AWS's policy ReadOnlyAccess
    #[arg(long, conflicts_with_all = ["policy_arns", "view_only"])]
    pub(super) read_only: bool,

    /// Narrow them to ViewOnlyAccess, which reads no data
    #[arg(long, conflicts_with = "policy_arns")]
    pub(super) view_only: bool,

    /// Get the MFA code from: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    pub(super) mfa: Option<MfaProviderName>,

    /// Which roles: as list takes them, or all
    #[arg(value_name = "PATTERN")]
    pub(super) patterns: Vec<String>,

    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

const AFTER_HELP: &str = "\
Examples:
  assumerole each 'acme-*' -- aws sts get-caller-identity
  assumerole each all --except tag:prod --regions eu-west-1,us-east-1 -- CMD

All questions come before the first command. A command has the role's variables
as with exec, nothing to read, and no shell. The exit status is 0 if all
commands succeeded, 1 if one failed, 125 if a role could not be assumed.";

impl Args {
    /// How a role is obtained, in `region`; the roles `yes` are confirmed.
    pub(super) fn obtain(&self, region: Option<&Region>, yes: &[String]) -> Obtain {
        let session = Session::narrowed(self.policy_arns.clone(), self.read_only, self.view_only);
        let mut obtain = Obtain::of(session.in_region(region.cloned()));
        obtain.yes = yes.to_vec();
        obtain.mfa = self.mfa;
        obtain
    }
}

/// `30s`, `10m`, `1h` and seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.trim_end_matches(['s', 'm', 'h']) {
        number if number.len() + 1 >= text.len() => (number, &text[number.len()..]),
        _ => return Err("write it as 30s, 10m or 1h".to_owned()),
    };
    let unit = match unit {
        "h" => 3600,
        "m" => 60,
        _ => 1,
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .filter(|seconds| (1..=7 * 86_400).contains(seconds))
        .ok_or_else(|| "write it as 30s, 10m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, value) in [("30", 30), ("30s", 30), ("10m", 600), ("1h", 3600)] {
            assert_eq!(seconds(text), Ok(value), "{text}");
        }
        for text in ["", "s", "0", "-1", "1d", "1hm", "1.5h", "99999999h"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}

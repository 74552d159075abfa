//! `exec ROLE -- COMMAND`: the command takes this process's place.

use std::ffi::OsString;

use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_session::history::Way;

use super::assume::assume;
use super::{previous, serve};
use crate::app::App;
use crate::deliver;
use crate::options::{Obtain, is_option};
use crate::outcome::Outcome;

/// Run a command in a role
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "assumerole exec [OPTIONS] <ROLE> [--] <COMMAND> [ARGS]...",
    after_help = AFTER_HELP
)]
pub(crate) struct Args {
    /// The MFA code [default: prompt when needed]
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,

    /// Renew them by a server while the command runs
    #[arg(long)]
    serve: bool,

    #[command(flatten)]
    obtain: Obtain,

    /// The role to run the command in; - for the previous one
    role: String,

    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    command: Vec<OsString>,
}

const AFTER_HELP: &str = "\
Examples:
  assumerole exec acme-read -- aws s3 ls
  assumerole exec --read-only acme-admin -- terraform plan

--read-only lets a session read data as well: objects of S3, items of DynamoDB,
parameters of SSM; and take messages from SQS. --view-only lets it list and
describe resources, and read none of these; it still shows settings, such as the
environment of Lambda functions.

Options go before or after ROLE; what follows COMMAND belongs to the command.
The command replaces this process, so the exit status is its own. 125 means
that assumerole failed, 126 that the command cannot be run, 127 that it was not
found.";

impl Args {
    /// What stands behind `exec`, where no option is among it that is ours.
    pub(crate) fn plain(words: &[OsString]) -> Option<Self> {
        let (role, words) = words.split_first()?;
        let command = match words.split_first() {
            Some((dashes, command)) if dashes == "--" => command,
            _ => words,
        };
        if is_option(role) || is_option(command.first()?) {
            return None;
        }
        Some(Self {
            mfa_code: None,
            serve: false,
            obtain: Obtain::default(),
            role: role.to_str()?.to_owned(),
            command: command.to_vec(),
        })
    }
}

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    if let Some(word) = args.command.first() {
        is_a_command(&word.to_string_lossy())?;
    }
    if args.serve {
        app.settings.consumer = Consumer::Program;
    }
    let typed = args.role.clone();
    previous::stand_in(app, &mut args.role, &mut args.obtain.session)?;
    let program = args.command.first().map(OsString::as_os_str);
    deliver::can_start(app, &args.role, program)?;
    let mut assumed = assume(
        app,
        &args.role,
        Some(&typed),
        args.mfa_code,
        &args.obtain,
        Way::Exec,
    )?;
    if args.serve {
        assumed.served = Some(serve::beside(app, &assumed)?);
    }
    deliver::command(app, &assumed, &args.command)
}

/// Behind ROLE a flag that is mistyped would be the command, and fail when the
/// role is assumed and its code spent.
fn is_a_command(word: &str) -> Result<()> {
    if !word.starts_with('-') {
        return Ok(());
    }
    Err(
        Error::new(Kind::Usage, format!("there is no option {word}"))
            .hint(format!("run a program of that name by its path: ./{word}"))
            .hint("see: assumerole exec --help"),
    )
}

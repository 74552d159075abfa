//! `sso login|list|logout`: logins at portals of IAM Identity Center, which the AWS CLI
//! and the SDKs share.

pub(super) mod account;
mod browser;
pub(super) mod first_login;
pub(super) mod flow;
pub(super) mod list;
pub(super) mod login;
mod logout;
mod new_session;
pub(super) mod offer;
pub(super) mod session;

use assumerole_core::Result;

use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;

const COMMAND: Command = Command {
    name: "sso",
    usage: "assumerole sso [OPTIONS] <COMMAND>",
};

/// Log in to IAM Identity Center
#[derive(Debug, clap::Args)]
#[command(
    override_usage = COMMAND.usage,
    disable_help_subcommand = true,
    after_help = "\
A session is an [sso-session] of ~/.aws/config. Its login is kept where the AWS
CLI keeps it, in ~/.aws/sso/cache, so that one login is for both."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<SsoAction>,
}

#[derive(Debug, clap::Subcommand)]
enum SsoAction {
    /// Log in to a portal of IAM Identity Center
    Login(login::Args),
    /// Show the accounts and roles of IAM Identity Center
    List(list::Args),
    /// End a login of IAM Identity Center
    Logout(logout::Args),
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    match &args.action {
        None => Err(COMMAND.incomplete(app, "COMMAND")),
        Some(SsoAction::Login(args)) => login::run(app, args),
        Some(SsoAction::List(args)) => list::run(app, args),
        Some(SsoAction::Logout(args)) => logout::run(app, args),
    }
}

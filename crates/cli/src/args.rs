//! The command line as a whole. Each command's own arguments live with the command.

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::commands::{add, check, import};
use crate::commands::{
    codeartifact, complete, completions, credential_process, doctor, edit, exec, export, help,
    history, info, init, keys, list, login, logout, mfa, plan, profiles, prompt, remove, rename,
    renew, serve, shell, sso, status,
};
use crate::grammar::matches;
use crate::options::Global;

/// Turn the name of an AWS role into short-lived credentials.
#[derive(Debug, Parser)]
#[command(
    name = "assumerole",
    version,
    disable_help_subcommand = true,
    override_usage = "assumerole [OPTIONS] [ROLE [CODE]]\n       assumerole [OPTIONS] <COMMAND>",
    after_help = AFTER_HELP
)]
pub(crate) struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub(crate) global: Global,

    /// Without a command: assume a role and start a shell in it.
    #[command(flatten)]
    pub(crate) shell: shell::Args,

    /// The command.
    #[command(subcommand)]
    pub(crate) command: Option<CommandArgs>,
}

const AFTER_HELP: &str = "\
Without a command, assumes ROLE and starts $SHELL with its credentials; exit
that shell to leave the role. If a role has the name of a command, write
`assumerole -- NAME`.

Roles are read from ~/.assumerole, keys from ~/.aws. If something does not work:
assumerole doctor";

/// The commands. Deferred: a command's arguments are built only if it is called,
/// which is most of what clap costs at start.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum CommandArgs {
    /// Run a command in a role
    Exec(exec::Args),
    /// Print a role's variables, for a shell or for a file
    Export(export::Args),
    /// Print a role's credentials for the AWS SDK that asks
    CredentialProcess(credential_process::Args),
    /// Show the roles
    List(list::Args),
    /// Show what is cached and how long it lasts
    Status(status::Args),
    /// Show a role's account and name, without network access
    Info(info::Args),
    /// Print the names of the roles, one per line
    Accountlist,
    /// Print the names of the roles, without decoration
    #[command(name = "accountlist_text")]
    AccountlistText,
    /// Print role, account, region and time left, for a prompt
    Prompt(prompt::Args),
    /// Print the completion script of a shell, for packages
    Completions(completions::Args),
    /// What completion scripts call
    #[command(hide = true)]
    Complete(complete::Args),
    /// Print a script by which this shell changes its role
    Init(init::Args),
    /// What the scripts of `init` call
    #[command(hide = true)]
    Renew(renew::Args),
    /// Show what assuming a role would do; contacts nobody
    Plan(plan::Args),
    /// Show which role was assumed when, and for how long
    History(history::Args),
    /// Hand a role's credentials out to programs, by a server
    Serve(serve::Args),
    /// What `exec --serve` starts
    #[command(name = "server-process", hide = true)]
    ServerProcess(serve::ProcessArgs),
    /// Answer ahead of time what a role asks a person for
    Login(login::Args),
    /// Log in to IAM Identity Center
    Sso(sso::Args),
    /// Give package tools a fresh CodeArtifact token
    Codeartifact(codeartifact::Args),
    /// Log Docker in to the registries of ECR
    EcrLogin(crate::commands::ecr_login::Args),
    /// What Docker calls, by another name of the program
    #[command(name = "docker-credential", hide = true)]
    DockerCredential(crate::commands::docker_credential::Args),
    /// Print a token for a cluster of EKS, for kubectl
    EksToken(crate::commands::eks_token::Args),
    /// Print the password of a database user of RDS
    RdsToken(crate::commands::rds_token::Args),
    /// Connect ssh to an instance, by Session Manager
    SshProxy(crate::commands::ssh_proxy::Args),
    /// Run a command in many roles
    Each(crate::commands::each::Args),
    /// Learn the accounts of AWS Organizations, write roles
    Accounts(crate::commands::accounts::Args),
    /// Open the AWS console in a browser, signed in as a role
    Console(crate::commands::console::Args),
    /// Forget cached credentials
    Logout(logout::Args),
    /// Write a role into ~/.assumerole, by flags or questions
    Add(add::Args),
    /// Change a role of ~/.assumerole, by flags or in an editor
    Edit(edit::Args),
    /// Give a role of ~/.assumerole another name
    Rename(rename::Args),
    /// Take a role out of ~/.assumerole, and forget its sessions
    Remove(remove::Args),
    /// Import roles that other tools keep in ~/.aws/config
    Import(import::Args),
    /// Store access keys sealed, in place of ~/.aws/credentials
    Keys(keys::Args),
    /// Show MFA devices, and store their secrets sealed
    Mfa(mfa::Args),
    /// Keep a profile in ~/.aws/config for each role
    Profiles(profiles::Args),
    /// Find problems in the files, without network access
    Check(check::Args),
    /// Print the JSON Schema of ~/.assumerole, for editors
    Schema,
    /// Check files, keys, clock and programs
    Doctor(doctor::Args),
    /// Show the help of the program, or of a command
    Help(help::Args),
}

impl CommandArgs {
    /// What of it only a person may do, and no AI agent; `None`: nothing. A new
    /// command has to say it here.
    pub(crate) fn only_for_people(&self) -> Option<String> {
        match self {
            Self::Serve(_) => Some("serve".to_owned()),
            Self::Console(_) => Some("console".to_owned()),
            // It runs in many roles, of which each would have to be allowed.
            Self::Each(_) => Some("each".to_owned()),
            Self::Keys(args) => args.only_for_people(),
            Self::Mfa(args) => args.only_for_people(),
            Self::Login(args) if args.is_fresh() => Some("--fresh-mfa".to_owned()),
            Self::Exec(_)
            | Self::Export(_)
            | Self::CredentialProcess(_)
            | Self::List(_)
            | Self::Status(_)
            | Self::Info(_)
            | Self::Accountlist
            | Self::AccountlistText
            | Self::Prompt(_)
            | Self::Completions(_)
            | Self::Complete(_)
            | Self::Init(_)
            | Self::Renew(_)
            | Self::Plan(_)
            | Self::History(_)
            | Self::ServerProcess(_)
            | Self::Login(_)
            | Self::Sso(_)
            | Self::Codeartifact(_)
            | Self::DockerCredential(_)
            | Self::EcrLogin(_)
            | Self::EksToken(_)
            | Self::RdsToken(_)
            | Self::SshProxy(_)
            | Self::Logout(_)
            | Self::Add(_)
            | Self::Edit(_)
            | Self::Rename(_)
            | Self::Remove(_)
            | Self::Accounts(_)
            | Self::Import(_)
            | Self::Profiles(_)
            | Self::Check(_)
            | Self::Schema
            | Self::Doctor(_)
            | Self::Help(_) => None,
        }
    }
}

impl Cli {
    /// Reads the command line. Those that programs and loops use many times a
    /// minute are read without clap, whose tree of commands costs as much as all
    /// else that a cached call does.
    ///
    /// # Errors
    /// clap's: help and version, too.
    pub(crate) fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        match Self::plain(args) {
            Some(cli) => Ok(cli),
            None => {
                let mut matches = matches(Self::command(), args)?;
                Self::from_arg_matches_mut(&mut matches)
                    .map_err(|error| error.format(&mut Self::command()))
            }
        }
    }

    /// A line whose options, if any, are those that `plain` of its command knows.
    fn plain(args: &[OsString]) -> Option<Self> {
        let [_, subcommand, words @ ..] = args else {
            return None;
        };
        let (global, subcommand) = match subcommand.to_str()? {
            "exec" => (
                Global::default(),
                CommandArgs::Exec(exec::Args::plain(words)?),
            ),
            "export" => (
                Global::default(),
                CommandArgs::Export(export::Args::plain(words)?),
            ),
            "credential-process" => {
                let (global, args) = credential_process::Args::plain(words)?;
                (global, CommandArgs::CredentialProcess(args))
            }
            "prompt" => (
                Global::default(),
                CommandArgs::Prompt(prompt::Args::plain(words)?),
            ),
            "complete" => (
                Global::default(),
                CommandArgs::Complete(complete::Args::plain(words)?),
            ),
            _ => return None,
        };
        Some(Self {
            global,
            shell: shell::Args::default(),
            command: Some(subcommand),
        })
    }
}

#[cfg(test)]
mod tests;

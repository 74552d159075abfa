//! Names for the places where clap knows none.

use std::ffi::OsStr;

use assumerole_core::Result;
use assumerole_core::aws::console::SERVICES;
use assumerole_core::aws::ids::{MfaDevice, REGIONS};
use assumerole_core::config::{KeyProvider, MfaProviderName};
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Target, has_credentials, role_names, target_names};
use assumerole_host::browser;
use assumerole_session::stored_keys::StoredKeys;
use clap::{Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::Candidate;
use crate::app::App;
use crate::commands;

/// Of more candidates than these nobody reads what they mean.
const MOST_WITH_HELP: usize = 200;

/// What a value is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Roles, and profiles that are none.
    Targets,
    /// Roles of `~/.assumerole`.
    Roles,
    /// Roles of both files, for patterns.
    Listed,
    Profiles,
    /// Sessions of IAM Identity Center.
    SsoSessions,
    /// Keys that are stored.
    StoredKeys,
    /// MFA devices that the files name.
    MfaDevices,
    /// MFA devices whose secret is stored.
    StoredDevices,
    /// What unlocks a key store.
    KeyStores,
    Regions,
    /// Who has an MFA code.
    Providers,
    /// Services of the console.
    Services,
    /// Browsers that are known by name.
    Browsers,
    Files,
    /// Our own commands.
    Commands,
    /// A command, and what follows it.
    Command,
}

/// Where in a candidate names have to be put: a character that none has.
const MARK: char = '\u{1}';

impl Names {
    const ALL: [(Self, char); 16] = [
        (Self::Targets, 't'),
        (Self::Roles, 'r'),
        (Self::Listed, 'l'),
        (Self::Profiles, 'p'),
        (Self::SsoSessions, 's'),
        (Self::StoredKeys, 'k'),
        (Self::KeyStores, 'u'),
        (Self::MfaDevices, 'd'),
        (Self::StoredDevices, 'e'),
        (Self::Regions, 'g'),
        (Self::Providers, 'm'),
        (Self::Services, 'y'),
        (Self::Browsers, 'b'),
        (Self::Files, 'f'),
        (Self::Commands, 'v'),
        (Self::Command, 'c'),
    ];

    /// By the argument's id.
    fn of(arg: &clap::Arg) -> Option<Self> {
        Some(match arg.get_id().as_str() {
            "role" | "name" | "names" => Self::Targets,
            "via" | "like" | "own_role" | "own_patterns" => Self::Roles,
            "subcommand" => Self::Commands,
            "patterns" | "except" => Self::Listed,
            "profile" | "profiles" => Self::Profiles,
            "sso_session" => Self::SsoSessions,
            "stored_key" => Self::StoredKeys,
            "store" | "key_store" => Self::KeyStores,
            "mfa_device" => Self::MfaDevices,
            "stored_device" => Self::StoredDevices,
            "region" | "regions" => Self::Regions,
            "mfa" => Self::Providers,
            "service" => Self::Services,
            "browser" => Self::Browsers,
            "command" => Self::Command,
            _ if arg.get_value_hint() == ValueHint::AnyPath => Self::Files,
            _ => return None,
        })
    }

    fn mark(self) -> char {
        let of = Self::ALL.iter().find(|(names, _)| *names == self);
        of.map_or(MARK, |(_, mark)| *mark)
    }

    fn of_mark(mark: char) -> Option<Self> {
        let of = Self::ALL.iter().find(|(_, known)| *known == mark);
        of.map(|(names, _)| *names)
    }

    /// Those that begin with `typed`.
    pub(super) fn beginning_with(self, app: &App<'_>, typed: &str) -> Result<Vec<Candidate>> {
        let plain = |value: &str| Candidate {
            value: value.to_owned(),
            help: None,
        };
        let begins = |name: &&str| name.starts_with(typed);
        let found = |names: &[String]| -> Vec<Candidate> {
            let names: Vec<&str> = names.iter().map(String::as_str).filter(begins).collect();
            let with_help = names.len() <= MOST_WITH_HELP;
            let help = |name: &str| with_help.then(|| about(app, name)).flatten();
            let candidate = |name: &&str| Candidate {
                help: help(name),
                ..plain(name)
            };
            names.iter().map(candidate).collect()
        };
        Ok(match self {
            Self::Targets => {
                app.show_accounts();
                app.show_assigned();
                let (config, aws) = (app.config()?, app.aws_files()?);
                let mut names = target_names(config, aws)?;
                let roles = config.role_names();
                // A profile that only holds settings gives no credentials.
                names.retain(|name| {
                    let profile = aws.profile(name);
                    profile.is_none_or(|profile| has_credentials(&profile)) || roles.contains(name)
                });
                found(&names)
            }
            Self::Roles => found(&app.config()?.role_names()),
            Self::Listed => {
                app.show_accounts();
                app.show_assigned();
                found(&role_names(app.config()?, app.aws_files()?)?)
            }
            Self::SsoSessions => {
                let names = app.aws_files()?.sso_session_names();
                let names = names.iter().map(|name| &**name);
                names.filter(begins).map(plain).collect()
            }
            Self::Profiles => {
                let names = app.aws_files()?.profile_names();
                names
                    .iter()
                    .map(|name| &**name)
                    .filter(begins)
                    .map(plain)
                    .collect()
            }
            Self::Regions => {
                let regions = REGIONS.iter().filter(|(code, _)| begins(code));
                let candidate = |(code, place): &(&str, &str)| Candidate {
                    help: Some((*place).to_owned()),
                    ..plain(code)
                };
                regions.map(candidate).collect()
            }
            Self::StoredKeys => {
                let keys = store(app)?.map(|store| store.keys()).transpose()?;
                let keys = keys.unwrap_or_default();
                let names = keys.iter().map(|key| key.name.as_str());
                names.filter(begins).map(plain).collect()
            }
            Self::MfaDevices => {
                let devices = commands::mfa::devices(app)?;
                let names = devices.iter().map(MfaDevice::as_str);
                names.filter(begins).map(plain).collect()
            }
            Self::StoredDevices => {
                let devices = store(app)?.map(|store| store.devices()).transpose()?;
                let devices = devices.unwrap_or_default();
                let names = devices.iter().map(|one| one.device.as_str());
                names.filter(begins).map(plain).collect()
            }
            Self::KeyStores => {
                let names = KeyProvider::ALL.map(KeyProvider::as_str);
                names.into_iter().filter(begins).map(plain).collect()
            }
            Self::Providers => {
                let names = MfaProviderName::ALL.map(MfaProviderName::as_str);
                names.into_iter().filter(begins).map(plain).collect()
            }
            Self::Services => {
                let names = SERVICES.iter().flat_map(|service| service.names);
                let mut found: Vec<Candidate> = names.copied().filter(begins).map(plain).collect();
                found.sort_by(|a, b| a.value.cmp(&b.value));
                found
            }
            Self::Browsers => browser::NAMES
                .into_iter()
                .filter(begins)
                .map(plain)
                .collect(),
            Self::Commands => {
                let subcommands = app.commands();
                // The names of errors, too, once one has begun.
                let errors = Id::ALL.iter().map(|id| id.as_str());
                let errors = errors.filter(|_| !typed.is_empty());
                let names = subcommands.iter().map(String::as_str).chain(errors);
                names.filter(begins).map(plain).collect()
            }
            Self::Files | Self::Command => Vec::new(),
        })
    }
}

fn store(app: &App<'_>) -> Result<Option<StoredKeys>> {
    match app.existing_state_dir()? {
        Some(state) => StoredKeys::open(&state),
        None => Ok(None),
    }
}

/// The command line with a mark wherever names may stand.
pub(super) fn marked(command: Command) -> Command {
    let mark = |arg: clap::Arg| match Names::of(&arg) {
        Some(names) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let typed = typed.to_str().unwrap_or_default();
            vec![CompletionCandidate::new(format!(
                "{MARK}{}{typed}",
                names.mark()
            ))]
        })),
        None => arg,
    };
    command.mut_args(mark).mut_subcommands(marked)
}

/// What stands before the mark, whose names, and what is typed of one.
pub(super) fn marked_names(value: &str) -> Option<(&str, Names, &str)> {
    let (before, rest) = value.split_once(MARK)?;
    let mut rest = rest.chars();
    let names = Names::of_mark(rest.next()?)?;
    Some((before, names, rest.as_str()))
}

/// Account and description of a role, else where credentials come from;
/// nothing of one that is wrong.
fn about(app: &App<'_>, name: &str) -> Option<String> {
    let target = Target::find(app.config().ok()?, app.aws_files().ok()?, name).ok()??;
    let Some(role) = target.role() else {
        let plan = app.plan(&target, &Request::default()).ok()?;
        let account = plan.account().map(|account| account.to_string());
        return Some(account.unwrap_or_else(|| one_line(&plan.source.describe())));
    };
    let account = role.aws_account.value.to_string();
    let parts = [Some(account), target.description().map(one_line)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("  "))
}

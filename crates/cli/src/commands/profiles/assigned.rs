//! `profiles … --sso SESSION`: a profile for each role of a directory.

use std::collections::{HashMap, HashSet};

use assumerole_core::Result;
use assumerole_core::aws::assigned::{NameTemplate, names};
use assumerole_core::aws_config::profiles::{Block, BlockProfile, BlockSso, Decision, OwnProcess};
use assumerole_core::aws_config::{HEADER_CHARACTERS, fits_header, source_of_session};
use assumerole_core::config::pattern::{Candidate, Pattern, select};

use super::report::ProfilesReport;
use super::wanted::{LeftOut, in_block};
use super::{LineOptions, Remove, edit, process};
use crate::app::App;
use crate::commands::sso::list::directory;
use crate::commands::sso::session::portal;

/// Whose roles they are, and which.
#[derive(Debug, Default, clap::Args)]
pub(super) struct SsoPick {
    /// Take the roles of this [sso-session] of ~/.aws/config
    #[arg(long = "sso", value_name = "SESSION")]
    sso_session: Option<String>,

    /// Take only these roles of it
    #[arg(long, value_name = "PATTERN", requires = "sso_session", value_parser = str::parse::<Pattern>)]
    only: Vec<Pattern>,
}

/// What is written of them.
#[derive(Debug, Default, clap::Args)]
pub(super) struct SsoOptions {
    #[command(flatten)]
    pick: SsoPick,

    /// Name them so [default: {account_name}/{role_name}]
    #[arg(id = "name_template", long = "name", value_name = "TEMPLATE", requires = "sso_session", value_parser = str::parse::<NameTemplate>)]
    name: Option<NameTemplate>,

    /// Remove the profiles of roles that are gone
    #[arg(long, requires = "sso_session")]
    prune: bool,

    /// Write lines that run assumerole, not sso_* lines
    #[arg(long, requires = "sso_session")]
    process: bool,
}

impl SsoPick {
    pub(super) fn session(&self) -> Option<&str> {
        self.sso_session.as_deref()
    }

    fn patterns(&self, more: &[Pattern]) -> Vec<Pattern> {
        self.only.iter().chain(more).cloned().collect()
    }
}

impl SsoOptions {
    pub(super) fn session(&self) -> Option<&str> {
        self.pick.session()
    }
}

/// A role as `select` looks at it.
fn candidate<'a>(name: &'a str, account: Option<&'a str>) -> Candidate<'a> {
    Candidate {
        name,
        account,
        profile: name,
        unit: None,
        sso_session: None,
        tags: &[],
    }
}

/// Writes a profile for each role of `session` that `patterns` and `sso` pick.
///
/// # Errors
/// There is no login, AWS says no, a pattern picks nothing, or the file cannot be
/// edited.
pub(super) fn written(
    app: &App<'_>,
    session: &str,
    lines: &LineOptions,
    sso: &SsoOptions,
    no_prompt: bool,
    patterns: &[Pattern],
    dry_run: bool,
) -> Result<ProfilesReport> {
    let process = match sso.process {
        true => Some(process(app, no_prompt)?),
        false => None,
    };
    let config = app.config()?;
    let portal = portal(app, Some(session), "profiles write --sso")?;
    let mut roles = directory(app, &portal, false)?.roles();
    // SDKs have no profile for what account access manager gives.
    roles.retain(|role| role.managed.is_none());
    let own = names(&roles, &config.sso_name());
    let named = match &sso.name {
        Some(template) => names(&roles, template),
        None => own.clone(),
    };
    let keys: Vec<[String; 2]> = roles
        .iter()
        .zip(&own)
        .map(|(role, own)| [format!("{}/{}", role.account, role.role), own.clone()])
        .collect();
    let (this, other) = match process {
        Some(_) => (1, 0),
        None => (0, 1),
    };
    let candidates: Vec<Candidate<'_>> = named
        .iter()
        .zip(&roles)
        .map(|(name, role)| candidate(name, Some(role.account.as_str())))
        .collect();
    let patterns = sso.pick.patterns(patterns);
    let picked = select(&patterns, &candidates)?;
    let source = source_of_session(session);
    let mut left_out = Vec::new();
    let update = edit::edit(app, &source, lines.force, dry_run, &mut |file| {
        let taken = Block::taken(file, app.aws_files()?.credentials.as_ref(), &source)?;
        let mut decisions = HashMap::new();
        let mut seen = HashSet::new();
        left_out.clear();
        for &number in &picked {
            let (role, key) = (&roles[number], keys[number][this].clone());
            let profile = format!("{}{}", lines.prefix, named[number]);
            let place = config.place_of_role(&profile).ok().flatten();
            let wrong = match () {
                () if !fits_header(&profile) => Some((
                    format!(
                        "not every SDK finds a profile of that name: letters and digits of ASCII and {HEADER_CHARACTERS} are found by all"
                    ),
                    None,
                )),
                () if taken.contains_key(&profile) => Some((
                    format!("there is a profile {profile} already"),
                    taken.get(&profile).cloned(),
                )),
                () if place.is_some() => {
                    Some((format!("~/.assumerole has a role {profile}"), place))
                }
                () if !seen.insert(profile.clone()) => {
                    Some((format!("another role has the name {profile}"), None))
                }
                () => None,
            };
            let command = match (&process, &wrong) {
                (Some(process), None) => OwnProcess {
                    role: own[number].clone(),
                    ..process.clone()
                }
                .line()
                .map_err(|why| (why.to_string(), None)),
                (_, Some(wrong)) => Err(wrong.clone()),
                (None, None) => Ok(String::new()),
            };
            let decision = match command {
                Ok(command) => Decision::Set(BlockProfile {
                    profile,
                    role: key.clone(),
                    command,
                    region: None,
                    sso: process.is_none().then(|| BlockSso {
                        session: session.to_owned(),
                        account: role.account.to_string(),
                        role: role.role.clone(),
                    }),
                }),
                Err((why, at)) => {
                    left_out.push(LeftOut {
                        role: named[number].clone(),
                        profile,
                        why,
                        at,
                    });
                    Decision::Drop
                }
            };
            decisions.insert(key, decision);
            // A role has one profile, whichever lines it had before.
            decisions.insert(keys[number][other].clone(), Decision::Drop);
        }
        if sso.prune {
            let known: HashSet<&str> = keys.iter().flatten().map(String::as_str).collect();
            for gone in in_block(file, &source)? {
                if !known.contains(gone.role.as_str()) {
                    decisions.insert(gone.role, Decision::Drop);
                }
            }
        }
        Ok((
            keys.iter().map(|key| key[this].clone()).collect(),
            decisions,
        ))
    })?;
    Ok(ProfilesReport {
        changes: update.changes,
        left_out,
    })
}

/// Takes the profiles of `session` out again: those that `args` pick, else all.
///
/// # Errors
/// A pattern picks nothing, or the file cannot be edited.
pub(super) fn removed(app: &App<'_>, session: &str, args: &Remove) -> Result<ProfilesReport> {
    let source = source_of_session(session);
    let patterns = args.sso.patterns(&args.own_patterns);
    let update = edit::edit(app, &source, args.force, args.dry_run, &mut |file| {
        let entries = in_block(file, &source)?;
        let account = |entry: &BlockProfile| entry.sso.as_ref().map(|sso| sso.account.clone());
        let accounts: Vec<Option<String>> = entries.iter().map(account).collect();
        let candidates: Vec<Candidate<'_>> = entries
            .iter()
            .zip(&accounts)
            .map(|(entry, account)| candidate(&entry.profile, account.as_deref()))
            .collect();
        let picked = select(&patterns, &candidates)?;
        let roles = picked.into_iter().filter_map(|number| entries.get(number));
        let decisions = roles.map(|entry| (entry.role.clone(), Decision::Drop));
        Ok((Vec::new(), decisions.collect()))
    })?;
    Ok(ProfilesReport {
        changes: update.changes,
        left_out: Vec::new(),
    })
}

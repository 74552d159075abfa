//! `accounts sync ROLE`: asks AWS Organizations for all accounts, and writes a role
//! for each into a file of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use assumerole_core::aws::assigned::{AssignedRole, NameTemplate, names};
use assumerole_core::aws::ids::{Partition, Region};
use assumerole_core::aws::service::Service;
use assumerole_core::config::MfaProviderName;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::signals::Watch;
use assumerole_host::tty::Tty;
use assumerole_session::history::Way;
use assumerole_session::organization::{Organization, ask_organization};
use serde_json::Value;

use super::COMMAND;
use super::file::{self, AccountsFile, Changed};
use crate::app::App;
use crate::commands::assume::{assume, context};
use crate::commands::previous;
use crate::options::{Obtain, Session};
use crate::outcome::Outcome;
use crate::ui::questions::Questions;

/// Ask AWS Organizations for all accounts, and write a role for each
#[derive(Debug, clap::Args)]
#[command(
    after_help = AFTER_HELP
)]
pub(crate) struct Args {
    /// Write a role like this for each account
    #[arg(long, value_name = "ROLE")]
    like: Option<String>,

    /// Call them so [default: {account_name}/{role_name}]
    #[arg(long = "name", value_name = "TEMPLATE", value_parser = template)]
    name_template: Option<String>,

    /// Remove roles of accounts that are gone or closed
    #[arg(long)]
    prune: bool,

    /// Show what would be written, and write no roles
    #[arg(long)]
    dry_run: bool,

    /// Write without a question
    #[arg(long)]
    yes: bool,

    /// Get the MFA code from: 1password, yubikey, pass ...
    #[arg(long, value_name = "PROVIDER", value_parser = str::parse::<MfaProviderName>)]
    mfa: Option<MfaProviderName>,

    /// A role that may list the accounts; - for the previous one
    role: String,
}

const AFTER_HELP: &str = "\
ROLE is one of the account that manages the organization, or of a delegated
administrator, with the permissions organizations:ListRoots,
ListOrganizationalUnitsForParent and ListAccountsForParent. It is asked five
times a second at most.

The roles go into ~/.assumerole.accounts, which is read behind ~/.assumerole:
a role or a profile of that name in your own files wins. --like and --name are
kept there for the next time. Closed and suspended accounts get no role. In
TEMPLATE, {account_name}, {account_id} and {role_name} stand for their values;
with :lower or :upper before the brace, in that case.";

/// The text of a template, if it is one.
fn template(text: &str) -> Result<String, assumerole_core::aws::ids::Invalid> {
    text.parse::<NameTemplate>().map(|_| text.to_owned())
}

/// What the roles are called if nothing is said.
const USUAL: &str = "{account_name}/{role_name}";

pub(super) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    app.credentials_only = true;
    // What can be found out without AWS is found out first.
    if let Some(like) = &args.like {
        file::template(app, like)?;
    }
    let before = AccountsFile::read(app)?;
    let mut role = args.role.clone();
    let mut session = Session::default();
    previous::stand_in(app, &mut role, &mut session)?;
    let mut obtain = Obtain::of(session);
    obtain.mfa = args.mfa;
    if args.yes {
        obtain.yes = vec![role.clone()];
    }
    let organization = asked(app, &role, &args.role, &obtain)?;
    let closed = organization.accounts.iter().filter(|one| !one.is_active);
    let closed = match closed.count() {
        0 => String::new(),
        some => format!(", {some} of them closed or suspended"),
    };
    app.printer.note(&format!(
        "{} {} of {} are known{closed}",
        organization.accounts.len(),
        counted(organization.accounts.len(), "account"),
        organization.id
    ));
    let kept = before.organizations.get(&organization.id);
    let like = args.like.clone().or(kept.map(|kept| kept.like.clone()));
    let Some(like) = like else {
        return Ok(Outcome::Done);
    };
    let name = args
        .name_template
        .clone()
        .or(kept.map(|kept| kept.name.clone()));
    let name = name.unwrap_or_else(|| USUAL.to_owned());
    write(app, args, &before, &organization, (&like, &name), &role)
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => what.to_owned(),
        _ => format!("{what}s"),
    }
}

/// The organization, as AWS has it now.
///
/// # Errors
/// The role cannot be had, AWS's refusal or silence, or the person ended it.
fn asked(app: &App<'_>, role: &str, typed: &str, obtain: &Obtain) -> Result<Organization> {
    let way = Way::Token(COMMAND.name);
    let assumed = assume(app, role, Some(typed), None, obtain, way)?;
    let plan = &assumed.plan;
    // It is in one region of each partition, whichever is named.
    let region = match &plan.region.value {
        Some(region) => region.clone(),
        None => plan
            .role_arn()
            .map_or_else(Partition::aws, |arn| arn.partition.clone())
            .default_region(),
    };
    let region: Region = region;
    let (service, files) = (Service::Organizations, app.aws_files()?);
    let route = plan.route_to(service, files, &app.settings, region)?;
    let watch = Watch::start()
        .map_err(|error| Error::new(Kind::Failed, "signals cannot be caught").because(error))?;
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let keys = &assumed.credentials;
    let known = ask_organization(&context, &route, keys, &plan.name, &mut |done, all| {
        if let Some(signal) = watch.caught() {
            let signal = u8::try_from(signal).unwrap_or_default();
            let message =
                format!("stopped with the accounts of {done} of {all} units; nothing is kept");
            return Err(Error::new(Kind::Signal(signal), message));
        }
        app.printer.progress(match done == all {
            true => None,
            false => Some(format!("accounts of {done} of {all} units")),
        });
        Ok(())
    });
    app.printer.progress(None);
    known
}

/// Writes the roles, once the person has agreed.
///
/// # Errors
/// The template is none; nobody agrees; the file cannot be written.
fn write(
    app: &App<'_>,
    args: &Args,
    before: &AccountsFile,
    organization: &Organization,
    (like, name): (&str, &str),
    role: &str,
) -> Result<Outcome> {
    let made = roles(app, before, organization, (like, name))?;
    let id = &organization.id;
    let apply = |file: &mut AccountsFile| {
        let roles = made.clone();
        file.put(id, (like, name), roles, args.prune)
    };
    let changed = apply(&mut before.clone());
    let shown = app.places.show(&app.places.accounts());
    app.data(&told(&changed, &made, organization, args.prune))?;
    if changed.is_none(args.prune) {
        app.printer
            .note(&format!("there is nothing to change in {shown}"));
        return Ok(Outcome::Done);
    }
    if args.dry_run {
        return Ok(Outcome::Done);
    }
    if !args.yes {
        let mut questions = Questions::new(
            terminal(app, &shown, role)?,
            "asks whether to write roles of accounts",
        )?;
        if !questions.yes(&format!("Write this into {shown}?"), true)? {
            return Err(Error::new(Kind::Cancelled, "nothing was written"));
        }
    }
    file::edit(app, |file| {
        apply(file);
    })?;
    app.printer.note(&format!("{shown} is written"));
    Ok(Outcome::Done)
}

/// A role like `like` for each account that can be used.
///
/// # Errors
/// There is no such role, or it is wrong.
fn roles(
    app: &App<'_>,
    before: &AccountsFile,
    organization: &Organization,
    (like, name): (&str, &str),
) -> Result<BTreeMap<String, Value>> {
    let entry = file::template(app, like)?;
    let own = app.config()?.role(like)?;
    let arn = own.as_ref().map(|role| role.arn(&Partition::aws()));
    let partition = own.as_ref().and_then(|role| role.partition.as_ref());
    let template: NameTemplate =
        name.parse()
            .map_err(|why: assumerole_core::aws::ids::Invalid| {
                Error::new(Kind::Config, why.to_string())
            })?;
    let role_name = arn.as_ref().map_or("", |arn| arn.base_name());
    let usable = organization.accounts.iter().filter(|one| one.is_active);
    let assigned: Vec<AssignedRole> = usable
        .filter_map(|account| {
            Some(AssignedRole {
                account: account.id.parse().ok()?,
                account_name: account.name.clone(),
                role: role_name.to_owned(),
                managed: None,
            })
        })
        .collect();
    let is_of_others = |name: &String| {
        let mut all = before.organizations.iter();
        all.any(|(id, of)| *id != organization.id && of.roles.contains(name))
    };
    let mut made = BTreeMap::new();
    for (name, one) in names(&assigned, &template).into_iter().zip(&assigned) {
        let name = match is_of_others(&name) {
            true => format!("{name}-{}", one.account),
            false => name,
        };
        let mut entry = entry.clone();
        entry.insert("aws_account".to_owned(), one.account.as_str().into());
        if let (Some(partition), Some(arn)) = (partition, &arn) {
            let arn = format!("arn:{partition}:iam::{}:role/{}", one.account, arn.name);
            entry.insert("aws_role".to_owned(), arn.into());
        }
        made.insert(name, Value::Object(entry));
    }
    Ok(made)
}

/// The roles by what becomes of them.
fn told(
    changed: &Changed,
    made: &BTreeMap<String, Value>,
    organization: &Organization,
    prune: bool,
) -> String {
    let mut text = String::new();
    let place = |name: &String| {
        let account = made.get(name)?.get("aws_account")?.as_str()?;
        let mut accounts = organization.accounts.iter();
        let unit = accounts.find(|one| one.id == account)?.unit.as_str();
        Some(format!("  {account}  {}", one_line(unit)))
    };
    for (sign, names) in [("+", &changed.added), ("~", &changed.changed)] {
        for name in names {
            let place = place(name).unwrap_or_default();
            let _ = writeln!(text, "{sign} {}{place}", one_line(name));
        }
    }
    for name in &changed.gone {
        let name = one_line(name);
        let _ = match prune {
            true => writeln!(text, "- {name}"),
            false => writeln!(
                text,
                "  {name}  is of no account any more; take it out: --prune"
            ),
        };
    }
    text
}

fn terminal(app: &App<'_>, shown: &str, role: &str) -> Result<Tty> {
    let nobody = |why: &str| {
        Error::new(Kind::CannotAsk, format!("{shown} is not written: {why}")).hint(format!(
            "confirm it if you mean it: assumerole accounts sync --yes {}",
            argument(role)
        ))
    };
    match app.host.tty() {
        Ok(Some(tty)) if tty.in_background() => Err(nobody("this runs in the background")),
        Ok(Some(tty)) => Ok(tty),
        Ok(None) => Err(nobody("there is no terminal to ask at")),
        Err(error) => Err(nobody("cannot prompt on the terminal").because(error)),
    }
}

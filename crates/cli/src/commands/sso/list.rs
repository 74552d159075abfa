//! `sso list [SESSION]`: the accounts and roles of a directory.

use assumerole_core::aws::assigned::names;
use assumerole_core::plan::SsoPortal;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::signals::Watch;
use assumerole_session::signin::{Directory, ask_directory, known_directory};
use jiff::SignedDuration;
use serde::Serialize;

use super::session::portal;
use crate::app::App;
use crate::commands::assume::context;
use crate::outcome::Outcome;
use crate::ui::look::styles;
use crate::ui::table::{self, Cell, Column, Table};

/// Show the accounts and roles of IAM Identity Center
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Asks AWS if nothing is known or it is older than a day (sso_index_seconds in
~/.assumerole), at the pace that AWS allows. From then on the roles can be used
by their names like all others, in `list`, the chooser and completion, too,
without a profile.")]
pub(crate) struct Args {
    /// Print JSON: an array of objects
    #[arg(long)]
    json: bool,

    /// Ask AWS, whatever is known
    #[arg(long)]
    refresh: bool,

    /// The [sso-session] of ~/.aws/config
    #[arg(value_name = "SESSION")]
    sso_session: Option<String>,
}

/// A role, as JSON has it.
#[derive(Serialize)]
struct ListedRole<'a> {
    name: &'a str,
    account: &'a str,
    account_name: &'a str,
    email: &'a str,
    role: &'a str,
    /// The role's ARN, if account access manager gives it.
    arn: Option<String>,
}

const COLUMNS: [Column; 5] = [
    Column::new("NAME").shrinks_to(table::NAME),
    Column::new("ACCOUNT"),
    Column::new("ACCOUNT NAME").shrinks_to(12).dropped_at(2),
    Column::new("ROLE").shrinks_to(10).dropped_at(1),
    Column::new("EMAIL").shrinks_to(12).dropped_at(3),
];

pub(super) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let portal = portal(app, args.sso_session.as_deref(), "sso list")?;
    let directory = directory(app, &portal, args.refresh)?;
    let roles = directory.roles();
    let names = names(&roles, &app.config()?.sso_name());
    let email = |id: &str| {
        let mut accounts = directory.accounts.iter();
        let account = accounts.find(|account| account.id == id);
        account.map_or("", |account| account.email.as_str())
    };
    let rows: Vec<ListedRole<'_>> = names
        .iter()
        .zip(&roles)
        .map(|(name, one)| ListedRole {
            name,
            account: one.account.as_str(),
            account_name: &one.account_name,
            email: email(one.account.as_str()),
            role: &one.role,
            arn: one.managed.as_ref().map(|managed| managed.arn.to_string()),
        })
        .collect();
    if args.json {
        return app.json(&rows);
    }
    if rows.is_empty() {
        let name = portal.name();
        app.printer
            .note(&format!("you were assigned no roles at {name}"));
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(COLUMNS);
    for row in rows {
        table.row([
            Cell::styled(row.name.to_owned(), styles::STRONG),
            row.account.to_owned().into(),
            row.account_name.to_owned().into(),
            row.role.to_owned().into(),
            row.email.to_owned().into(),
        ]);
    }
    let settings = app.printer.settings();
    let mut text = String::new();
    table.render_to(settings.out, settings.out_width, &mut |line| {
        text.push_str(line);
    });
    app.data(&text)
}

/// What is known, unless it is old, cut short or not wanted.
///
/// # Errors
/// There is no login, AWS's refusal or silence, or the person ended it.
pub(in crate::commands) fn directory(
    app: &App<'_>,
    portal: &SsoPortal,
    refresh: bool,
) -> Result<Directory> {
    let cache = app.cache();
    let known = cache
        .as_ref()
        .filter(|_| !refresh)
        .and_then(|cache| known_directory(cache, portal, app.host));
    let most = SignedDuration::from_secs(app.config()?.sso_index_seconds().into());
    let young = |known: &Directory| {
        let age = app.host.clock.now().duration_since(known.obtained);
        let tenant = portal.access.as_ref().map(|tenant| &tenant.id);
        known.is_whole() && age < most && known.tenant.as_ref() == tenant
    };
    if let Some(known) = known.filter(young) {
        return Ok(known);
    }
    let watch = Watch::start()
        .map_err(|error| Error::new(Kind::Failed, "signals cannot be caught").because(error))?;
    let context = context(app, cache.as_ref())?;
    let asked = ask_directory(&context, portal, &mut |done, all| {
        if let Some(signal) = watch.caught() {
            let signal = u8::try_from(signal).unwrap_or_default();
            let message =
                format!("stopped with the roles of {done} of {all} accounts, which are kept");
            return Err(Error::new(Kind::Signal(signal), message));
        }
        app.printer.progress(match done == all {
            true => None,
            false => Some(format!("roles of {done} of {all} accounts")),
        });
        Ok(())
    });
    app.printer.progress(None);
    asked
}

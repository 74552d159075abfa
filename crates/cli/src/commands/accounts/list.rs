//! `accounts list`: what is known of accounts. Nobody is asked.

use assumerole_core::Result;
use assumerole_session::organization::known_organizations;
use jiff::SignedDuration;
use serde::Serialize;

use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::look::styles;
use crate::ui::table::{Cell, Column, Table};

/// Show the accounts that are known
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Asks nobody: `accounts sync` does.")]
pub(crate) struct Args {
    /// Print JSON: an array of objects
    #[arg(long)]
    json: bool,
}

/// An account, as JSON has it.
#[derive(Serialize)]
struct ListedAccount<'a> {
    account: &'a str,
    account_name: &'a str,
    unit: &'a str,
    email: &'a str,
    /// Whether it is neither closed nor suspended.
    active: bool,
    organization: &'a str,
    /// When AWS was asked, RFC 3339.
    obtained: String,
}

const COLUMNS: [Column; 5] = [
    Column::new("ACCOUNT"),
    Column::new("ACCOUNT NAME").shrinks_to(12),
    Column::new("UNIT").shrinks_to(12).dropped_at(2),
    Column::new("STATE").dropped_at(3).if_any(),
    Column::new("EMAIL").shrinks_to(12).dropped_at(1),
];

/// Units do not change every day, but whoever runs commands in them should know.
const OLD: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let cache = app.existing_cache();
    let known = cache.and_then(|cache| known_organizations(&cache, app.host));
    let all = known.as_ref().map_or(&[][..], |known| known.all());
    let mut rows = Vec::new();
    for organization in all {
        rows.extend(organization.accounts.iter().map(|account| ListedAccount {
            account: &account.id,
            account_name: &account.name,
            unit: &account.unit,
            email: &account.email,
            active: account.is_active,
            organization: &organization.id,
            obtained: organization.obtained.to_string(),
        }));
    }
    if args.json {
        return app.json(&rows);
    }
    if rows.is_empty() {
        app.printer
            .note("no accounts are known; ask AWS for them: assumerole accounts sync ROLE");
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(COLUMNS);
    for row in rows {
        let state = if row.active { "" } else { "closed" };
        table.row([
            row.account.to_owned().into(),
            Cell::styled(row.account_name.to_owned(), styles::STRONG),
            row.unit.to_owned().into(),
            state.to_owned().into(),
            row.email.to_owned().into(),
        ]);
    }
    let settings = app.printer.settings();
    let mut text = String::new();
    table.render_to(settings.out, settings.out_width, &mut |line| {
        text.push_str(line);
    });
    let outcome = app.data(&text)?;
    let now = app.host.clock.now();
    for organization in all {
        let age = now.duration_since(organization.obtained);
        if age > OLD {
            app.printer.note(&format!(
                "those of {} are {} days old; ask again: assumerole accounts sync ROLE",
                organization.id,
                age.as_hours() / 24
            ));
        }
    }
    Ok(outcome)
}

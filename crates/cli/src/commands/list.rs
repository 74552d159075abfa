//! `list [PATTERN…]`: the roles, and how long each is still cached.

use assumerole_core::Result;
use assumerole_core::pattern::{Candidate, Pattern, select};

use super::rows::{Row, rows};
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::look::styles;
use crate::ui::table::{self, Cell, Column, Table};
use crate::ui::time;

/// Show the roles
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Print JSON: an array of objects
    #[arg(long)]
    json: bool,

    /// Show only the roles that one of these picks
    #[arg(value_name = "PATTERN", value_parser = str::parse::<Pattern>)]
    patterns: Vec<Pattern>,
}

const AFTER_HELP: &str = "\
Patterns:
  acme-read           the role of that name
  'acme-*'            roles by name: * is any text, ? one character
  tag:prod            roles with that tag
  tag:stage=prod      roles whose tag has that value
  account:NUMBER      roles of that account
  profile:NAME        roles whose first credentials are those of that profile
  name:TEXT           the role of that very name, whatever characters it has

* and ? work behind tag:KEY=, account: and profile:, too.";

const COLUMNS: [Column; 9] = [
    Column::new("NAME").shrinks_to(table::NAME),
    Column::new("ACCOUNT"),
    Column::new("ROLE").shrinks_to(10).dropped_at(2),
    Column::new("PROFILE").shrinks_to(8).dropped_at(4),
    Column::new("REGION").dropped_at(3),
    Column::new("MFA").shrinks_to(6).dropped_at(5),
    Column::new("FROM").dropped_at(6).if_any(),
    Column::new("LEFT").right(),
    Column::new("DESCRIPTION")
        .shrinks_to(16)
        .dropped_at(6)
        .if_any(),
];

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let (mut rows, faults) = rows(app)?;
    if !args.patterns.is_empty() {
        rows = picked(rows, &args.patterns).inspect_err(|_| {
            // The one that is meant may be wrong.
            for fault in &faults {
                app.printer.warning(fault);
            }
        })?;
    }
    let outcome = if args.json {
        app.json(&rows)?
    } else if rows.is_empty() && faults.is_empty() {
        let path = app.config()?.path();
        app.printer
            .note(&format!("there are no roles in {path} yet"));
        Outcome::Done
    } else {
        table(app, rows)?
    };
    for fault in faults {
        app.printer.warning(&fault);
    }
    Ok(outcome)
}

/// Those of `rows` that one of `patterns` picks.
///
/// # Errors
/// A pattern picks none.
fn picked(rows: Vec<Row>, patterns: &[Pattern]) -> Result<Vec<Row>> {
    let candidates: Vec<Candidate<'_>> = rows.iter().map(Row::candidate).collect();
    let numbers = select(patterns, &candidates)?;
    let mut numbers = numbers.into_iter().peekable();
    let rows = rows.into_iter().enumerate();
    let is_picked = |(number, row)| (numbers.next_if_eq(&number).is_some()).then_some(row);
    Ok(rows.filter_map(is_picked).collect())
}

fn table(app: &App<'_>, rows: Vec<Row>) -> Result<Outcome> {
    let mut table = Table::new(COLUMNS);
    let settings = app.printer.settings();
    // Where all roles stand in one file, it is not worth a column to a person.
    let mixed = rows.windows(2).any(|two| two[0].origin != two[1].origin);
    let shown = mixed || settings.out_width.is_none();
    for row in rows {
        let left = match row.left() {
            Some(left) => Cell::styled(time::left(left), time::left_style(left)),
            None => Cell::default(),
        };
        table.row([
            Cell::styled(row.name, styles::STRONG),
            row.account.unwrap_or_default().into(),
            row.role.unwrap_or_default().into(),
            row.profile.into(),
            row.region.unwrap_or_default().into(),
            row.mfa.as_deref().map(device).unwrap_or_default().into(),
            if shown { row.origin } else { String::new() }.into(),
            left,
            row.description.unwrap_or_default().into(),
        ]);
    }
    app.data(&table.render(settings.out, settings.out_width))
}

/// The part of a device's ARN that tells people which one it is.
fn device(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}

//! `list [PATTERN…]`: the roles, and how long each is still cached.

use assumerole_core::Result;
use assumerole_core::config::pattern::{Candidate, Pattern, none};

use super::rows::{self, Faults, RoleSummary};
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::json::Array;
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

    /// Show only roles that match one of these
    #[arg(value_name = "PATTERN", value_parser = str::parse::<Pattern>)]
    patterns: Vec<Pattern>,
}

const AFTER_HELP: &str = "\
Patterns:
  acme-read           the role with that name
  'acme-*'            roles by name: * is any text, ? one character
  tag:prod            roles with that tag
  tag:stage=prod      roles whose tag has that value
  account:NUMBER      roles of that account
  profile:NAME        roles whose first credentials come from that profile
  ou:PATH             roles of the accounts in that unit of AWS Organizations
                      and below it, after `accounts sync`: ou:Workloads/Prod
  sso:NAME            roles that come from that session of IAM Identity Center
  name:TEXT           the role with exactly that name, whatever its characters

* and ? also work after tag:KEY=, account:, profile:, ou: and sso:.";

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

/// The column of the file.
const ORIGIN: usize = 6;

/// What stands behind the account where accounts are known: scripts count columns.
const OF_ACCOUNTS: [Column; 2] = [
    Column::new("ACCOUNT NAME")
        .shrinks_to(12)
        .dropped_at(3)
        .if_any(),
    Column::new("UNIT").shrinks_to(12).dropped_at(4).if_any(),
];
const BEHIND: usize = 2;

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    app.show_accounts();
    app.show_assigned();
    rows::check_units(app, args.patterns.iter())?;
    let mut shown = match args.json {
        true => ListOutput::Json(Array::new(app, "", "")),
        false => ListOutput::Table(Box::new(RoleTable::new(!app.accounts().is_empty()))),
    };
    let faults = match args.patterns.as_slice() {
        [] => rows::each(app, &mut |row| shown.add(row))?,
        patterns => picked(app, patterns, &mut |row| shown.add(row))?,
    };
    let outcome = shown.print(app, faults.is_empty())?;
    faults.say(app);
    Ok(outcome)
}

/// What is printed, made while the roles are looked at.
enum ListOutput<'a, 'h> {
    Json(Array<'a, 'h>),
    Table(Box<RoleTable>),
}

impl ListOutput<'_, '_> {
    fn add(&mut self, row: RoleSummary) {
        match self {
            Self::Json(json) => json.add(&row),
            Self::Table(rows) => rows.add(row),
        }
    }

    /// Prints it; `all` says that no role was left out.
    ///
    /// # Errors
    /// stdout cannot be written to.
    fn print(self, app: &App<'_>, all: bool) -> Result<Outcome> {
        match self {
            Self::Json(json) => json.end("\n").map(|()| Outcome::Done),
            Self::Table(rows) if rows.origin.is_none() && all => {
                let path = app.config()?.path();
                app.printer
                    .note(&format!("there are no roles in {path} yet"));
                Ok(Outcome::Done)
            }
            Self::Table(rows) => rows.print(app),
        }
    }
}

/// Roles that are kept until it is known that each pattern picks one.
const KEPT: usize = 16 * 1024;

/// Shows `see` the roles that one of `patterns` picks.
///
/// # Errors
/// A pattern picks none: nothing is shown.
fn picked(app: &App<'_>, patterns: &[Pattern], see: &mut dyn FnMut(RoleSummary)) -> Result<Faults> {
    let picks = |row: &RoleSummary| {
        patterns
            .iter()
            .any(|pattern| pattern.picks(&row.candidate()))
    };
    let mut idle: Vec<&Pattern> = patterns.iter().collect();
    // The first roles; and whether one that is picked had no room among them.
    let (mut first, mut last, mut dropped) = (Vec::new(), None, false);
    let faults = rows::each(app, &mut |row| {
        if idle.is_empty() && !dropped {
            if picks(&row) {
                see(row);
            }
            return;
        }
        idle.retain(|pattern| !pattern.picks(&row.candidate()));
        match first.len() < KEPT {
            true => first.push(row),
            // It is shown behind those that are kept, if there is nothing to wait for.
            false if idle.is_empty() && !dropped => last = Some(row),
            false => dropped |= picks(&row),
        }
        if idle.is_empty() && !dropped {
            let kept = std::mem::take(&mut first).into_iter().chain(last.take());
            kept.filter(picks).for_each(&mut *see);
        }
    })?;
    if let Some(pattern) = idle.first() {
        // The one that is meant may be wrong.
        faults.say(app);
        let candidates: Vec<Candidate<'_>> = first.iter().map(RoleSummary::candidate).collect();
        return Err(none(pattern, &candidates));
    }
    if dropped {
        // They are looked at once more, for there was no room for all of them.
        drop(first);
        rows::each(app, &mut |row| {
            if picks(&row) {
                see(row);
            }
        })?;
    }
    Ok(faults)
}

/// The table.
struct RoleTable {
    table: Table,
    /// The file of the first role.
    origin: Option<String>,
    /// Whether another one stands in another file.
    mixed: bool,
    /// Whether there are columns of [`OF_ACCOUNTS`].
    of_accounts: bool,
}

impl RoleTable {
    fn new(of_accounts: bool) -> Self {
        let mut columns = COLUMNS.to_vec();
        if of_accounts {
            columns.splice(BEHIND..BEHIND, OF_ACCOUNTS);
        }
        Self {
            table: Table::new(columns),
            origin: None,
            mixed: false,
            of_accounts,
        }
    }

    fn add(&mut self, row: RoleSummary) {
        let left = match row.left() {
            Some(left) => Cell::styled(time::left(left), time::left_style(left)),
            None => Cell::default(),
        };
        let first = self.origin.get_or_insert_with(|| row.origin.clone());
        self.mixed |= *first != row.origin;
        let mut cells = vec![
            Cell::styled(row.name, styles::STRONG),
            row.account.unwrap_or_default().into(),
            row.role.unwrap_or_default().into(),
            row.profile.into(),
            row.region.unwrap_or_default().into(),
            row.mfa.as_deref().map(device).unwrap_or_default().into(),
            row.origin.into(),
            left,
            row.description.unwrap_or_default().into(),
        ];
        if self.of_accounts {
            let of = [row.account_name, row.unit];
            cells.splice(
                BEHIND..BEHIND,
                of.map(|text| text.unwrap_or_default().into()),
            );
        }
        self.table.row(cells);
    }

    /// # Errors
    /// stdout cannot be written to.
    fn print(mut self, app: &App<'_>) -> Result<Outcome> {
        // Where all roles stand in one file, it is not worth a column to a person.
        if !self.mixed {
            let more = if self.of_accounts {
                OF_ACCOUNTS.len()
            } else {
                0
            };
            self.table.leave_out(ORIGIN + more);
        }
        let settings = app.printer.settings();
        let (mut part, mut outcome) = (String::new(), Ok(Outcome::Done));
        self.table
            .render_to(settings.out, settings.out_width, &mut |line| {
                part.push_str(line);
                if part.len() > PART && outcome.is_ok() {
                    outcome = app.data(&part);
                    part.clear();
                }
            });
        outcome?;
        app.data(&part)
    }
}

/// Bytes that are written at once.
const PART: usize = 64 * 1024;

/// The part of a device's ARN that tells people which one it is.
fn device(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}

//! `list [PATTERN…]`: the roles, and how long each is still cached.

use assumerole_core::config::pattern::{Candidate, Pattern, select};
use assumerole_core::{Error, Kind, Result};

use super::rows::{self, Row};
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

/// The column of the file.
const ORIGIN: usize = 6;

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let mut shown = match args.json {
        true => Shown::Json(Json::default()),
        false => Shown::Table(Box::default()),
    };
    let faults = if args.patterns.is_empty() {
        rows::each(app, &mut |row| shown.add(row))?
    } else {
        let (rows, faults) = rows::rows(app)?;
        let rows = picked(rows, &args.patterns).inspect_err(|_| {
            // The one that is meant may be wrong.
            faults.say(app);
        })?;
        rows.into_iter().for_each(|row| shown.add(row));
        faults
    };
    let outcome = shown.print(app, faults.is_empty())?;
    faults.say(app);
    Ok(outcome)
}

/// What is printed, made while the roles are looked at.
enum Shown {
    Json(Json),
    Table(Box<Rows>),
}

impl Shown {
    fn add(&mut self, row: Row) {
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
            Self::Json(json) => app.data(&json.whole()?),
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

/// A JSON array, an entry after the other.
#[derive(Default)]
struct Json {
    text: String,
    failed: Option<serde_json::Error>,
}

impl Json {
    fn add(&mut self, row: &Row) {
        match serde_json::to_string_pretty(row) {
            Ok(entry) => {
                self.text
                    .push_str(if self.text.is_empty() { "[" } else { "," });
                for line in entry.lines() {
                    self.text.push_str("\n  ");
                    self.text.push_str(line);
                }
            }
            Err(error) => self.failed = Some(error),
        }
    }

    /// # Errors
    /// An entry could not be written.
    fn whole(mut self) -> Result<String> {
        if let Some(why) = self.failed {
            return Err(Error::new(Kind::Failed, "JSON cannot be written").because(why));
        }
        self.text.push_str(match self.text.is_empty() {
            true => "[]\n",
            false => "\n]\n",
        });
        Ok(self.text)
    }
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

/// The table.
struct Rows {
    table: Table,
    /// The file of the first role.
    origin: Option<String>,
    /// Whether another one stands in another file.
    mixed: bool,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            table: Table::new(COLUMNS),
            origin: None,
            mixed: false,
        }
    }
}

impl Rows {
    fn add(&mut self, row: Row) {
        let left = match row.left() {
            Some(left) => Cell::styled(time::left(left), time::left_style(left)),
            None => Cell::default(),
        };
        let first = self.origin.get_or_insert_with(|| row.origin.clone());
        self.mixed |= *first != row.origin;
        self.table.row([
            Cell::styled(row.name, styles::STRONG),
            row.account.unwrap_or_default().into(),
            row.role.unwrap_or_default().into(),
            row.profile.into(),
            row.region.unwrap_or_default().into(),
            row.mfa.as_deref().map(device).unwrap_or_default().into(),
            row.origin.into(),
            left,
            row.description.unwrap_or_default().into(),
        ]);
    }

    /// # Errors
    /// stdout cannot be written to.
    fn print(mut self, app: &App<'_>) -> Result<Outcome> {
        // Where all roles stand in one file, it is not worth a column to a person.
        if !self.mixed {
            self.table.leave_out(ORIGIN);
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

//! `status`: what is cached and how long it still lasts.

use assumerole_core::Result;
use assumerole_session::cache::Entry;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::look::styles;
use crate::ui::table::{self, Cell, Column, Table};
use crate::ui::time;

/// Show what is cached and how long it lasts
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON: an array of objects
    #[arg(long)]
    json: bool,
}

/// A role session as `--json` shows it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    arn: &'a str,
    account: &'a str,
    profile: &'a str,
    region: Option<&'a str>,
    access_key_id: &'a str,
    /// RFC 3339.
    obtained: String,
    /// RFC 3339.
    expires: String,
    seconds_left: i64,
    /// Whether it would be handed out now: an end that is near is too near.
    usable: bool,
}

/// Characters of the bar of time.
const BAR: usize = 10;

const COLUMNS: [Column; 5] = [
    Column::new("NAME").shrinks_to(table::NAME),
    Column::new("ACCOUNT"),
    Column::new("LEFT").right(),
    Column::new("BAR").dropped_at(2),
    Column::new("ENDS").dropped_at(1),
];

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let now = app.host.clock.now();
    let mut entries = app.cache().map(|cache| cache.entries()).unwrap_or_default();
    entries.retain(|entry| entry.left(now).is_positive());
    entries.sort_by(|a, b| {
        b.ends()
            .cmp(&a.ends())
            .then_with(|| a.about.role.cmp(&b.about.role))
    });
    if args.json {
        let rows: Vec<Row<'_>> = entries.iter().map(|entry| row(entry, now)).collect();
        return app.json(&rows);
    }
    if entries.is_empty() {
        app.printer
            .note("nothing is cached; assume a role: assumerole ROLE");
        return Ok(Outcome::Done);
    }
    table(app, &entries, now)
}

fn row(entry: &Entry, now: Timestamp) -> Row<'_> {
    Row {
        name: &entry.about.role,
        arn: &entry.about.arn,
        account: &entry.about.account,
        profile: &entry.about.profile,
        region: entry.about.region.as_deref(),
        access_key_id: &entry.credentials.access_key_id,
        obtained: entry.obtained.to_string(),
        expires: entry.expires.to_string(),
        seconds_left: entry.left(now).as_secs(),
        usable: entry.is_fresh(now),
    }
}

fn table(app: &App<'_>, entries: &[Entry], now: Timestamp) -> Result<Outcome> {
    let settings = app.printer.settings();
    let zone = time::system_zone();
    let mut table = Table::new(COLUMNS);
    for entry in entries {
        let left = entry.left(now);
        let style = time::left_style(left);
        table.row([
            Cell::styled(entry.about.role.as_str(), styles::STRONG),
            entry.about.account.as_str().into(),
            Cell::styled(time::left(left), style),
            Cell::styled(time::bar(left, entry.life(), BAR, settings.out), style),
            time::until(entry.ends(), now, &zone).into(),
        ]);
    }
    app.data(&table.render(settings.out, settings.out_width))
}

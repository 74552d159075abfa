//! `history`: which role was assumed when, how, and for how long.

use assumerole_core::Result;
use assumerole_core::shell::note::UserFiles;
use assumerole_host::env::names;
use assumerole_session::history::{self, Record};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::previous::noticed;
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::look::styles;
use crate::ui::table::{self, Cell, Column, Table};
use crate::ui::time;

/// Show which role was assumed when, and for how long; the newest last
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON: an array of objects
    #[arg(long)]
    json: bool,

    /// Show only the last N
    #[arg(short = 'n', long, value_name = "N", value_parser = number)]
    lines: Option<usize>,
}

fn number(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "it is a number of lines")
}

/// A line as `--json` shows it. What was not noted is null.
#[derive(Debug, Serialize)]
struct JsonHistory<'a> {
    /// The role's name in the file.
    name: &'a str,
    /// When it was assumed, RFC 3339.
    at: String,
    /// When its credentials end, RFC 3339.
    expires: Option<String>,
    /// How long they had left when it was assumed, seconds.
    seconds: Option<i64>,
    /// Whether they came from the cache.
    cached: Option<bool>,
    /// `shell` or `exec`.
    way: Option<&'a str>,
    /// The program that started this one.
    parent: Option<&'a str>,
    /// The role's ARN.
    arn: Option<&'a str>,
    /// What narrows its session: policies and tags, in words.
    narrowed: Option<&'a [String]>,
    /// The flags that it was assumed with, `--config` left out.
    flags: Option<&'a [String]>,
    /// `AWS_STS_DURATION_SECONDS`.
    duration_seconds: Option<u32>,
    /// The files that it was read from; null where an earlier version noted
    /// none.
    files: Option<UserFiles>,
}

const COLUMNS: [Column; 6] = [
    Column::new("WHEN"),
    Column::new("NAME").shrinks_to(table::NAME),
    Column::new("FOR").right().dropped_at(1),
    Column::new("FROM").dropped_at(4),
    Column::new("WAY").dropped_at(3),
    Column::new("BY").shrinks_to(6).dropped_at(2),
];

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let records = match app.existing_state_dir()? {
        Some(dir) => history::records(&dir, &app.places.usual().config),
        None => Vec::new(),
    };
    let from = match args.lines {
        Some(lines) => records.len().saturating_sub(lines),
        None => 0,
    };
    let shown = &records[from..];
    if args.json {
        let usual = app.places.usual();
        let rows: Vec<JsonHistory<'_>> = shown.iter().map(|record| row(record, &usual)).collect();
        return app.json(&rows);
    }
    if records.is_empty() {
        app.printer
            .note("no role has been assumed yet; assume one: assumerole ROLE");
        return Ok(Outcome::Done);
    }
    table(app, shown)
}

fn row<'a>(record: &'a Record, usual: &UserFiles) -> JsonHistory<'a> {
    JsonHistory {
        name: &record.role,
        at: record.at.to_string(),
        expires: record.expires.map(|expires| expires.to_string()),
        seconds: record
            .expires
            .map(|expires| expires.duration_since(record.at).as_secs()),
        cached: record.cached,
        way: record.way.as_deref(),
        parent: record.parent.as_deref(),
        arn: record.arn.as_deref(),
        narrowed: record.narrowed.as_deref(),
        flags: record.flags.as_deref(),
        duration_seconds: record.duration,
        files: record.again(usual).files,
    }
}

fn table(app: &App<'_>, records: &[Record]) -> Result<Outcome> {
    let zone = app.host.time_zone();
    let settings = app.printer.settings();
    // Behind the others, and only where there is something to show: whoever
    // counts columns counts as before.
    let with: Vec<String> = records.iter().map(|record| with(app, record)).collect();
    if with.iter().all(String::is_empty) {
        let mut table = Table::new(COLUMNS);
        for record in records {
            table.row(cells(record, &zone));
        }
        return app.data(&table.render(settings.out, settings.out_width));
    }
    let [when, name, lasts, from, way, by] = COLUMNS;
    let last = Column::new("WITH").shrinks_to(16);
    let mut table = Table::new([when, name, lasts, from, way, by, last]);
    for (record, with) in records.iter().zip(with) {
        let [when, name, lasts, from, way, by] = cells(record, &zone);
        table.row([when, name, lasts, from, way, by, with.into()]);
    }
    app.data(&table.render(settings.out, settings.out_width))
}

/// The flags, and the files that are not those of the home folder.
fn with(app: &App<'_>, record: &Record) -> String {
    let usual = app.places.usual();
    let mut words = Vec::new();
    if let Some(flags) = record.flags.as_ref().filter(|flags| !flags.is_empty()) {
        words.push(shell_words::join(flags));
    }
    // What no flag asked for stands in the role.
    let narrowing = ["--read-only", "--view-only", "--policy-arn", "--tag"];
    let of_flags = |word: &String| narrowing.contains(&word.as_str());
    if !record.flags.iter().flatten().any(of_flags) {
        words.extend(record.narrowed.iter().flatten().cloned());
    }
    if let Some(seconds) = record.duration {
        words.push(format!("{}={seconds}", names::AWS_STS_DURATION_SECONDS));
    }
    if let Some(files) = &record.files {
        let files = noticed(app, files, &[Some(&usual)]);
        words.extend(files.iter().map(|file| format!("from {file}")));
    }
    words.join(", ")
}

fn cells(record: &Record, zone: &TimeZone) -> [Cell; 6] {
    let lasts = record
        .expires
        .map(|expires| time::left(expires.duration_since(record.at)));
    let from = record
        .cached
        .map(|cached| if cached { "cache" } else { "AWS" });
    [
        time::moment(record.at, zone).into(),
        Cell::styled(record.role.as_str(), styles::STRONG),
        lasts.unwrap_or_default().into(),
        from.unwrap_or_default().into(),
        record.way.as_deref().unwrap_or_default().into(),
        record.parent.as_deref().unwrap_or_default().into(),
    ]
}

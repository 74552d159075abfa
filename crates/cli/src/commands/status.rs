//! `status`: what is cached and how long it still lasts, as a tree: roles
//! below the session they were assumed from.

mod aws;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::Marks;
use assumerole_core::{Consumer, Result};
use assumerole_session::cache::{Entry, EntryKind};
use assumerole_session::renamed::Renamed;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::keys::age;
use super::marks;
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::Look;
use crate::ui::look::styles;
use crate::ui::table::{self, Cell, Column, Table};
use crate::ui::time;

/// Show what is cached and how long it lasts
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Ask AWS which logins it has, on all machines
    #[arg(long)]
    aws: bool,

    /// Print JSON: an array of objects
    #[arg(long)]
    json: bool,
}

/// A session as `--json` shows it.
#[derive(Debug, Serialize)]
struct JsonSession<'a> {
    name: &'a str,
    /// `profile`, `session` or `role`.
    kind: EntryKind,
    /// What it was obtained with, if that is still cached: its name.
    parent: Option<&'a str>,
    arn: Option<&'a str>,
    account: Option<&'a str>,
    profile: &'a str,
    mfa: Option<&'a str>,
    region: Option<&'a str>,
    access_key_id: &'a str,
    /// What narrows it: policies and tags. Null, as the next two, where an
    /// earlier version noted nothing.
    narrowed: Option<&'a [String]>,
    /// Its name in CloudTrail, where somebody chose it.
    session_name: Option<&'a str>,
    /// What was asked for, where somebody asked for this session.
    duration_seconds: Option<u32>,
    /// RFC 3339.
    obtained: String,
    /// RFC 3339.
    expires: String,
    seconds_left: i64,
    /// Whether it would be handed out now: an end that is near is too near.
    usable: bool,
    /// Whether a program would be given it, which needs more time.
    usable_by_programs: bool,
}

/// Characters of the bar of time.
const BAR: usize = 10;

/// An entry by its name in the cache, and what tells it from others.
type CachedEntry = (String, Entry, Option<Marks>);

const COLUMNS: [Column; 5] = [
    Column::new("NAME").shrinks_to(table::NAME),
    Column::new("ACCOUNT"),
    Column::new("LEFT").right(),
    Column::new("BAR").dropped_at(2),
    Column::new("ENDS").dropped_at(1),
];

/// A session and where it stands in the tree.
struct Node {
    entry: Entry,
    marks: Option<Marks>,
    /// The place of what it was obtained with.
    parent: Option<usize>,
    depth: usize,
    /// Whether it is the last one of what was obtained with the same.
    last: bool,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    if args.aws {
        return aws::run(app, args.json);
    }
    let now = app.host.clock.now();
    let cache = app.existing_cache();
    let mut entries = cache.map_or_else(Vec::new, |cache| cache.marked_entries());
    entries.retain(|(_, entry, _)| entry.left(now).is_positive());
    call_by_new_names(app, &mut entries);
    let nodes = tree(entries);
    if args.json {
        let rows: Vec<JsonSession<'_>> = nodes.iter().map(|node| row(node, &nodes, now)).collect();
        return app.json(&rows);
    }
    tell_of_keys(app);
    if nodes.is_empty() {
        app.printer
            .note("nothing is cached; assume a role: assumerole ROLE");
        return Ok(Outcome::Done);
    }
    let outcome = table(app, &nodes, now)?;
    tell_of_programs(app, &nodes, now);
    Ok(outcome)
}

/// Says how old the stored keys are that sessions are obtained with.
fn tell_of_keys(app: &App<'_>) {
    // What is wrong with the store is for `doctor`.
    for key in age::stored(app).unwrap_or_default() {
        app.printer.note(&match key.is_due {
            true => format!("{}: {}", key.text, key.command),
            false => key.text,
        });
    }
}

/// Says which roles are renewed for a program, though a shell still gets what is
/// cached.
fn tell_of_programs(app: &App<'_>, nodes: &[Node], now: Timestamp) {
    let entries = nodes.iter().map(|node| &node.entry);
    let due = entries.filter(|entry| {
        entry.about.kind == EntryKind::Role
            && entry.is_fresh(now)
            && !entry.is_fresh_for(Consumer::Program, now)
    });
    let mut names: Vec<String> = due.map(|entry| one_line(&entry.about.name)).collect();
    names.sort();
    names.dedup();
    if !names.is_empty() {
        app.printer.note(&format!(
            "too little time for a program (credential-process, serve), which gets 16 min or half \
             of a session: {}",
            names.join(", ")
        ));
    }
}

/// Gives sessions of roles that were renamed since the names of now.
fn call_by_new_names(app: &App<'_>, entries: &mut [CachedEntry]) {
    let Ok(Some(dir)) = app.existing_state_dir() else {
        return;
    };
    let renamed = Renamed::read(&dir);
    for (
        _,
        Entry {
            about, obtained, ..
        },
        _,
    ) in entries
    {
        let arn = about.arn.as_deref();
        let now = arn.and_then(|arn| renamed.of_arn(&about.name, arn, *obtained));
        if let Some(now) = now {
            about.name = now;
        }
    }
}

/// Each session followed by what was obtained with it; of equals, what lasts
/// longest comes first.
fn tree(mut entries: Vec<CachedEntry>) -> Vec<Node> {
    entries.sort_by(|(_, a, _), (_, b, _)| {
        let name = |entry: &Entry| entry.about.name.clone();
        b.ends().cmp(&a.ends()).then_with(|| name(a).cmp(&name(b)))
    });
    let names: Vec<String> = entries.iter().map(|(name, ..)| name.clone()).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); entries.len()];
    let mut roots = Vec::new();
    for (at, (_, entry, _)) in entries.iter().enumerate() {
        let parent = entry.about.parent.as_ref();
        // Nothing is its own parent; a file that says so is not believed.
        let parent = parent.and_then(|parent| names.iter().position(|name| name == parent));
        match parent.filter(|parent| *parent != at) {
            Some(parent) => children[parent].push(at),
            None => roots.push(at),
        }
    }
    let entries = entries.into_iter();
    let mut entries: Vec<_> = entries
        .map(|(_, entry, marks)| Some((entry, marks)))
        .collect();
    let mut nodes: Vec<Node> = Vec::new();
    let mut next: Vec<(usize, Option<usize>, usize, bool)> = roots
        .into_iter()
        .rev()
        .map(|at| (at, None, 0, true))
        .collect();
    while let Some((at, parent, depth, last)) = next.pop() {
        let Some((entry, marks)) = entries[at].take() else {
            continue;
        };
        let here = nodes.len();
        nodes.push(Node {
            entry,
            marks,
            parent,
            depth,
            last,
        });
        let below = children[at].iter().rev().enumerate();
        next.extend(below.map(|(from_end, child)| (*child, Some(here), depth + 1, from_end == 0)));
    }
    nodes
}

fn row<'a>(node: &'a Node, nodes: &'a [Node], now: Timestamp) -> JsonSession<'a> {
    let (entry, about) = (&node.entry, &node.entry.about);
    let parent = node.parent.and_then(|parent| nodes.get(parent));
    let marks = node.marks.as_ref();
    JsonSession {
        name: &about.name,
        kind: about.kind,
        parent: parent.map(|parent| parent.entry.about.name.as_str()),
        arn: about.arn.as_deref(),
        account: about.account.as_deref(),
        profile: &about.profile,
        mfa: about.device.as_deref(),
        region: about.region.as_deref(),
        access_key_id: &entry.credentials.access_key_id,
        narrowed: marks.map(|marks| marks.narrowed.as_slice()),
        session_name: marks.and_then(|marks| marks.session_name.as_deref()),
        duration_seconds: marks.and_then(|marks| marks.duration),
        obtained: entry.obtained.to_string(),
        expires: entry.expires.to_string(),
        seconds_left: entry.left(now).as_secs(),
        usable: entry.is_fresh(now),
        usable_by_programs: entry.is_fresh_for(Consumer::Program, now),
    }
}

fn table(app: &App<'_>, nodes: &[Node], now: Timestamp) -> Result<Outcome> {
    let settings = app.printer.settings();
    let zone = app.host.time_zone();
    // Behind the others, and only where there is something to show: whoever
    // counts columns counts as before.
    let words = |node: &Node| node.marks.as_ref().map(marks::words).unwrap_or_default();
    let with: Vec<String> = nodes.iter().map(|node| words(node).join(", ")).collect();
    let cells = |node| cells(node, settings.out, now, &zone);
    if with.iter().all(String::is_empty) {
        let mut table = Table::new(COLUMNS);
        for node in nodes {
            table.row(cells(node));
        }
        return app.data(&table.render(settings.out, settings.out_width));
    }
    let [name, account, left, bar, ends] = COLUMNS;
    let last = Column::new("WITH").shrinks_to(16);
    let mut table = Table::new([name, account, left, bar, ends, last]);
    for (node, with) in nodes.iter().zip(with) {
        let [name, account, left, bar, ends] = cells(node);
        table.row([name, account, left, bar, ends, with.into()]);
    }
    app.data(&table.render(settings.out, settings.out_width))
}

fn cells(node: &Node, look: Look, now: Timestamp, zone: &TimeZone) -> [Cell; 5] {
    let entry = &node.entry;
    let left = entry.left(now);
    let style = time::left_style(left);
    let account = entry.about.account.as_deref().unwrap_or_default();
    [
        Cell::styled(label(node, look), styles::STRONG),
        account.into(),
        Cell::styled(time::left(left), style),
        Cell::styled(time::bar(left, entry.life(), BAR, look), style),
        time::clock(entry.ends(), now, zone).into(),
    ]
}

/// The name below what it comes from, and what it is if it is no role.
fn label(node: &Node, look: Look) -> String {
    let about = &node.entry.about;
    let what = match about.kind {
        EntryKind::Role => "",
        EntryKind::Session if about.device.is_some() => " (MFA session)",
        EntryKind::Session => " (user session)",
        EntryKind::Profile => " (profile)",
    };
    let branch = match node.depth {
        0 => String::new(),
        depth if look.utf8 => {
            let branch = if node.last { '└' } else { '├' };
            format!("{}{branch} ", "  ".repeat(depth - 1))
        }
        depth => "  ".repeat(depth),
    };
    format!("{branch}{}{what}", about.name)
}

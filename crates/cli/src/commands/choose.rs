//! Choosing a role where none is named.

use std::cmp::Ordering;

use assumerole_core::{Error, Kind, Result};
use assumerole_session::history;

use super::rows::{Row, rows};
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::chooser::{Choice, Item, any_fits, choose};
use crate::ui::{Look, TerminalVars};

/// What came of choosing.
pub(super) enum Chosen {
    /// This role.
    Role(String),
    /// None, and that is the end.
    Ended(Outcome),
}

/// Whether there is a terminal to choose at.
pub(super) fn can(app: &App<'_>) -> bool {
    vars(app).can_move_cursor() && matches!(app.host.tty(), Ok(Some(_)))
}

fn vars(app: &App<'_>) -> TerminalVars {
    TerminalVars::read(|name| app.env.text(name))
}

/// Lets the person choose a role; `typed` is the filter to begin with.
///
/// # Errors
/// There is no terminal, or nothing to choose from.
pub(super) fn role(app: &App<'_>, typed: &str) -> Result<Chosen> {
    let (mut rows, faults) = rows(app)?;
    let vars = vars(app);
    let tty = app
        .host
        .tty()
        .ok()
        .flatten()
        .filter(|_| vars.can_move_cursor());
    let Some(tty) = tty else {
        return Err(Error::new(
            Kind::Usage,
            "no role is named, and there is no terminal to choose one at",
        )
        .hint("name it: assumerole ROLE")
        .hint("see all roles: assumerole list"));
    };
    for fault in faults {
        app.printer.warning(&fault);
    }
    if rows.is_empty() {
        return Err(Error::new(
            Kind::Config,
            format!("there is no role to choose in {}", app.config()?.path()),
        ));
    }
    most_used_first(app, &mut rows);
    let items: Vec<Item> = rows.iter().map(item).collect();
    if !any_fits(&items, typed) {
        // An empty list helps nobody; the error for that name says which are
        // near.
        return Ok(Chosen::Role(typed.to_owned()));
    }
    let look: Look = vars.look(true);
    Ok(match choose(&tty, &items, typed, look)? {
        Choice::Picked(at) => Chosen::Role(items[at].name.clone()),
        Choice::Cancelled { signal } => Chosen::Ended(Outcome::Cancelled { signal }),
    })
}

/// What is used much and lately first, of equals the one used last; the rest as in the file.
fn most_used_first(app: &App<'_>, rows: &mut [Row]) {
    let ranks = match app.state_dir() {
        Ok(dir) => history::ranks(dir, app.host.clock.now()),
        Err(_) => return,
    };
    let rank = |row: &Row| ranks.get(&row.name);
    rows.sort_by(|a, b| {
        let order = rank(b).partial_cmp(&rank(a));
        order.unwrap_or(Ordering::Equal)
    });
}

fn item(row: &Row) -> Item {
    Item {
        name: row.name.clone(),
        account: row.account.clone(),
        region: row.region.clone(),
        left: row.left(),
        description: row.description.clone(),
    }
}

//! Choosing a role where none is named.

use std::cmp::Ordering;

use assumerole_core::config::Label;
use assumerole_core::plan::request::Request;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::cache::Snapshot;
use assumerole_session::history;

use super::{preview, rows};
use crate::app::App;
use crate::files::no_role;
use crate::options::Session;
use crate::outcome::Outcome;
use crate::ui::TerminalVars;
use crate::ui::chooser::{Choice, Detail, Item, Roles, any_fits, choose, choose_by_line};

/// What came of choosing.
pub(super) enum Chosen {
    /// This role.
    Role(String),
    /// None, and that is the end.
    Ended(Outcome),
}

/// Whether there is a terminal to choose at.
pub(super) fn can(app: &App<'_>) -> bool {
    matches!(app.host.tty(), Ok(Some(_)))
}

/// Lets the person choose a role; `typed` is the filter to begin with, and what
/// is shown of a role is what comes of it with the flags of `session`.
///
/// # Errors
/// There is no terminal, or nothing to choose from.
pub(super) fn role(app: &App<'_>, typed: &str, session: &Session) -> Result<Chosen> {
    let request = session.request()?;
    app.show_accounts();
    app.show_assigned();
    let mut names = app.role_names()?;
    if names.is_empty() && app.config()?.is_absent() {
        return Err(no_role(&app.places));
    }
    let Some(mut tty) = app.host.tty().ok().flatten() else {
        return Err(Error::new(
            Kind::Usage,
            "no role is named, and there is no terminal to choose one on",
        )
        .hint("name it: assumerole ROLE")
        .hint("see all roles: assumerole list"));
    };
    if names.is_empty() {
        return Err(Error::new(
            Kind::Config,
            format!(
                "there is no role to choose in {} and ~/.aws/config",
                app.config()?.path()
            ),
        )
        .hint("add one: assumerole add"));
    }
    most_used_first(app, &mut names);
    let cache = app.existing_cache();
    let cached = cache
        .as_ref()
        .map(|cache| cache.snapshot(app.host.clock.now()));
    let roles = RoleList {
        app,
        request: &request,
        names,
        cached: cached.as_ref(),
    };
    if !typed.is_empty() && !any_fits(&roles, typed) {
        // An empty list helps nobody; the error for that name says which are
        // near.
        return Ok(Chosen::Role(typed.to_owned()));
    }
    let vars = TerminalVars::read(|name| app.env.text(name));
    let choice = match vars.can_move_cursor() {
        true => choose(&tty, &roles, typed, vars.look(true))?,
        false => choose_by_line(&mut tty, &roles, typed, vars.utf8())?,
    };
    Ok(match choice {
        Choice::Picked(at) => Chosen::Role(roles.names[at].clone()),
        Choice::Cancelled { signal } => Chosen::Ended(Outcome::Cancelled { signal }),
    })
}

/// What is used much and lately first, of equals the one used last; the rest as in the file.
fn most_used_first(app: &App<'_>, names: &mut [String]) {
    let ranks = match app.existing_state_dir() {
        Ok(Some(dir)) => history::ranks(&dir, &app.places.usual().config, app.host.clock.now()),
        _ => return,
    };
    let rank = |name: &String| ranks.get(name);
    names.sort_by(|a, b| {
        let order = rank(b).partial_cmp(&rank(a));
        order.unwrap_or(Ordering::Equal)
    });
}

/// The roles by name, each looked up when the chooser asks for it.
struct RoleList<'a> {
    app: &'a App<'a>,
    request: &'a Request,
    names: Vec<String>,
    cached: Option<&'a Snapshot<'a>>,
}

impl Roles for RoleList<'_> {
    fn count(&self) -> usize {
        self.names.len()
    }

    fn name(&self, at: usize) -> &str {
        &self.names[at]
    }

    fn item(&self, at: usize) -> Item {
        let name = &self.names[at];
        match rows::find(self.app, self.cached, name, self.request) {
            Ok(row) => row.map_or_else(Item::default, item),
            // It stands in the way of no other; whoever takes it is told all.
            Err(error) => Item {
                fault: Some(error.message().to_owned()),
                ..Item::new(name, "")
            },
        }
    }

    fn preview(&self, at: usize) -> Vec<Detail> {
        preview::of(self.app, self.cached, &self.names[at], self.request)
    }
}

fn item(row: rows::RoleSummary) -> Item {
    Item {
        left: row.left(),
        name: row.name,
        account: row.account.unwrap_or_default(),
        region: row.region,
        description: about(row.account_name, row.unit, row.description),
        tags: row.tags.into_iter().map(tag).collect(),
        origin: Some(row.origin),
        fault: None,
    }
}

/// What is said about it: what its account is called and where it is, and what it is for.
fn about(name: Option<String>, unit: Option<String>, own: Option<String>) -> Option<String> {
    let parts: Vec<String> = [name, unit, own].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("  "))
}

fn tag(label: Label) -> String {
    match label.value {
        Some(value) => format!("{}={value}", label.name),
        None => label.name,
    }
}

//! `status --aws`: logins as AWS knows them.

use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::Context;
use assumerole_session::signin::{portal_login, sessions_at_aws};
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::commands::assume::context;
use crate::commands::logins::{self, LoginAt, NamedLogin};
use crate::outcome::Outcome;
use crate::ui::look::styles;
use crate::ui::table::{self, Cell, Column, Table};
use crate::ui::time;

/// A login or a session, as `--json` shows it.
#[derive(Debug, Serialize)]
struct JsonLogin {
    /// The sso-session, the start URL, or the ARN of who signed in.
    login: String,
    /// `identity_center` or `account`.
    kind: &'static str,
    /// The ARN of the session, where AWS has one.
    session: Option<String>,
    /// `active`, `revoked`, `expired`; null where AWS cannot be asked.
    state: Option<String>,
    /// Which client it is of.
    client: Option<String>,
    /// RFC 3339.
    issued: Option<String>,
    /// RFC 3339.
    expires: Option<String>,
}

struct Row {
    json: JsonLogin,
    expires: Option<Timestamp>,
}

pub(super) fn run(app: &App<'_>, json: bool) -> Result<Outcome> {
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let mut rows = Vec::new();
    let mut failed: Option<Error> = None;
    for login in logins::all(app)? {
        match of_login(&context, &login) {
            Ok(more) => rows.extend(more),
            // There is none.
            Err(error) if error.kind() == Kind::LoginNeeded => {}
            Err(error) => match &failed {
                None => failed = Some(error),
                Some(_) => app.printer.warning(&Warning::new(error.to_string())),
            },
        }
    }
    if json {
        let rows: Vec<&JsonLogin> = rows.iter().map(|row| &row.json).collect();
        app.json(&rows)?;
    } else if rows.is_empty() && failed.is_none() {
        app.printer
            .note("there is no login; log in: assumerole sso login, or assumerole login NAME");
    } else if !rows.is_empty() {
        show(app, &rows)?;
    }
    match failed {
        None => Ok(Outcome::Done),
        Some(error) => Err(error),
    }
}

fn of_login(context: &Context<'_>, login: &NamedLogin) -> Result<Vec<Row>> {
    let name = login.name();
    match &login.at {
        LoginAt::Portal(portal) => {
            let held = portal_login(context, portal)?;
            let row = held.map(|held| {
                let state = held.is_taken.map(|is_taken| match is_taken {
                    true => "active".to_owned(),
                    false => "expired".to_owned(),
                });
                Row {
                    json: JsonLogin {
                        login: name,
                        kind: "identity_center",
                        session: None,
                        state,
                        client: None,
                        issued: None,
                        expires: Some(held.ends.to_string()),
                    },
                    expires: Some(held.ends),
                }
            });
            Ok(row.into_iter().collect())
        }
        LoginAt::Account(at) => {
            let sessions = sessions_at_aws(context, login.profile(), at)?;
            let rows = sessions.into_iter().map(|session| Row {
                json: JsonLogin {
                    login: name.clone(),
                    kind: "account",
                    session: Some(session.arn),
                    state: session.status.map(|status| status.to_ascii_lowercase()),
                    client: session.client,
                    issued: Some(session.issued.to_string()),
                    expires: Some(session.expires.to_string()),
                },
                expires: Some(session.expires),
            });
            Ok(rows.collect())
        }
    }
}

fn show(app: &App<'_>, rows: &[Row]) -> Result<Outcome> {
    let settings = app.printer.settings();
    let (now, zone) = (app.host.clock.now(), app.host.time_zone());
    let mut table = Table::new([
        Column::new("LOGIN").shrinks_to(table::NAME),
        Column::new("STATE"),
        Column::new("ENDS").dropped_at(1),
        Column::new("CLIENT").dropped_at(2),
        Column::new("SESSION"),
    ]);
    for Row { json, expires } in rows {
        let text = |text: &Option<String>| one_line(text.as_deref().unwrap_or_default());
        let ends = expires.map(|ends| time::clock(ends, now, &zone));
        table.row([
            Cell::styled(one_line(&json.login), styles::STRONG),
            text(&json.state).into(),
            ends.unwrap_or_default().into(),
            text(&json.client).into(),
            text(&json.session).into(),
        ]);
    }
    app.data(&table.render(settings.out, settings.out_width))
}

//! `keys list` and `keys show`: what is known without unlocking anything.

use assumerole_core::Result;
use assumerole_core::aws_config::profiles::OwnProcess;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_session::stored_keys::{StoredKey, no_key};
use jiff::Timestamp;
use serde::Serialize;

use super::open;
use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::table::{self, Column, Table};
use crate::ui::time;

/// A key as `--json` shows it.
#[derive(Debug, Serialize)]
struct JsonKey<'a> {
    /// Its name.
    name: &'a str,
    /// The access key ID.
    access_key_id: &'a str,
    /// The ARN of its user, if AWS was asked.
    user: Option<&'a str>,
    /// When AWS made it, if that is known, RFC 3339.
    created: Option<String>,
    /// When it was stored, RFC 3339.
    stored: String,
    /// The profiles of `~/.aws` that use it.
    profiles: Vec<String>,
}

const COLUMNS: [Column; 5] = [
    Column::new("NAME").shrinks_to(table::NAME),
    Column::new("KEY"),
    Column::new("CREATED").if_any().dropped_at(1),
    Column::new("STORED").dropped_at(2),
    Column::new("USER").if_any().shrinks_to(16).dropped_at(3),
];

pub(super) fn list(app: &App<'_>, json: bool) -> Result<Outcome> {
    let keys = match open::existing(app)? {
        Some(store) => store.keys()?,
        None => Vec::new(),
    };
    if json {
        let rows: Vec<JsonKey<'_>> = keys.iter().map(|key| row(app, key)).collect();
        return app.json(&rows);
    }
    if keys.is_empty() {
        app.printer
            .note("no key is stored; store one: assumerole keys add NAME");
        return Ok(Outcome::Done);
    }
    let zone = app.host.time_zone();
    let date = |at: Timestamp| zone.to_datetime(at).date().to_string();
    let mut table = Table::new(COLUMNS);
    for key in &keys {
        table.row([
            one_line(&key.name).into(),
            key.access_key_id.clone().into(),
            key.created.map(date).unwrap_or_default().into(),
            date(key.stored).into(),
            key.user.clone().unwrap_or_default().into(),
        ]);
    }
    let settings = app.printer.settings();
    app.data(&table.render(settings.out, settings.out_width))
}

pub(super) fn one(app: &App<'_>, name: &str, json: bool) -> Result<Outcome> {
    let store = open::existing(app)?.ok_or_else(|| no_key(name))?;
    let key = store.find(name)?.ok_or_else(|| no_key(name))?;
    if json {
        return app.json(&row(app, &key));
    }
    let zone = app.host.time_zone();
    let mut text = format!(
        "name           {}\naccess key ID  {}\n",
        one_line(&key.name),
        key.access_key_id
    );
    if let Some(user) = &key.user {
        text.push_str(&format!("user           {}\n", one_line(user)));
    }
    if let Some(created) = key.created {
        text.push_str(&format!(
            "created        {}\n",
            time::moment(created, &zone)
        ));
    }
    text.push_str(&format!(
        "stored         {}\n",
        time::moment(key.stored, &zone)
    ));
    let profiles = profiles(app, &key.name);
    if !profiles.is_empty() {
        text.push_str(&format!("used by        {}\n", profiles.join(", ")));
    }
    app.data(&text)
}

fn row<'a>(app: &App<'_>, key: &'a StoredKey) -> JsonKey<'a> {
    JsonKey {
        name: &key.name,
        access_key_id: &key.access_key_id,
        user: key.user.as_deref(),
        created: key.created.map(|at| at.to_string()),
        stored: key.stored.to_string(),
        profiles: profiles(app, &key.name),
    }
}

/// The profiles that use the key `name`.
fn profiles(app: &App<'_>, name: &str) -> Vec<String> {
    let Ok(files) = app.aws_files() else {
        return Vec::new();
    };
    let uses = |profile: &str| {
        let line = files.profile(profile)?.get("credential_process")?;
        OwnProcess::stored_key(line.text())
    };
    let names = files.profile_names().into_iter();
    let names = names.filter(|profile| uses(profile).as_deref() == Some(name));
    names.map(|profile| one_line(&profile)).collect()
}

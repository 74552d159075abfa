//! `schema`: the JSON Schema of `~/.assumerole`.

use assumerole_core::{Result, config};

use crate::app::App;
use crate::outcome::Outcome;

pub(crate) fn run(app: &App<'_>) -> Result<Outcome> {
    app.data(&format!("{:#}\n", config::schema()))
}

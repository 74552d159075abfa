//! `info [ROLE]`: account and role; contacts nobody.

use assumerole_core::Result;
use assumerole_core::ids::Partition;

use super::choose::{self, Chosen};
use crate::app::App;
use crate::outcome::Outcome;

/// Show a role's account and name; contacts nobody
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The role; without it, the one this shell is in, else choose one
    role: Option<String>,
}

pub(crate) fn run(app: &App<'_>, args: Args) -> Result<Outcome> {
    let here = || app.host.env.text("AWS_ACCOUNT").map(str::to_owned);
    let name = match args.role.or_else(here) {
        Some(name) => name,
        None => match choose::role(app, "")? {
            Chosen::Role(name) => name,
            Chosen::Ended(outcome) => return Ok(outcome),
        },
    };
    let role = app.role(&name)?;
    let arn = role.arn(&Partition::aws());
    app.data(&format!(
        "account name: {}\naccount ID:   {}\nrole:         {}\n",
        assumerole_core::sanitize::one_line(&role.name.value),
        arn.account,
        arn.name
    ))
}

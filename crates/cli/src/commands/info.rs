//! `info [ROLE]`: account and role; contacts nobody.

use assumerole_core::Result;
use assumerole_core::environment::table;
use assumerole_core::request::Request;
use assumerole_core::sanitize::one_line;

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
    let here = || app.host.env.text(table::ROLE).map(str::to_owned);
    let name = match args.role.or_else(here) {
        Some(name) => name,
        None => match choose::role(app, "")? {
            Chosen::Role(name) => name,
            Chosen::Ended(outcome) => return Ok(outcome),
        },
    };
    let target = app.target(&name)?;
    let (account, role) = match target.role() {
        // What the file says, though the rest of the way may be wrong.
        Some(role) => (
            Some(role.aws_account.value.to_string()),
            Some(role.aws_role.value.clone()),
        ),
        None => {
            let plan = app.plan(&target, &Request::default())?;
            let account = plan.account().map(|account| account.to_string());
            (account, plan.role_name())
        }
    };
    app.data(&format!(
        "account name: {}\naccount ID:   {}\nrole:         {}\n",
        one_line(target.name()),
        account.as_deref().unwrap_or("unknown"),
        one_line(role.as_deref().unwrap_or("none")),
    ))
}

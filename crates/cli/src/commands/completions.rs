//! `completions SHELL`: the completion script alone, for packages.

use assumerole_core::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::app::App;
use crate::outcome::Outcome;
use crate::shell::{SHELLS, Shell};

/// Print the completion script of a shell, for packages
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// bash, zsh, fish, nu, powershell or elvish
    #[arg(value_parser = shells(), hide_possible_values = true)]
    shell: &'static Shell,
}

fn shells() -> impl TypedValueParser<Value = &'static Shell> {
    let able = SHELLS.iter().filter(|shell| shell.completion().is_some());
    PossibleValuesParser::new(able.map(|shell| shell.name))
        .try_map(|name| Shell::named(&name).ok_or("not a shell"))
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    app.data(args.shell.completion().unwrap_or_default())
}

//! `init SHELL`: what a shell evaluates in its start-up file.

use assumerole_core::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::app::App;
use crate::outcome::Outcome;
use crate::shell::{SHELLS, Shell};

/// Print a script by which this shell changes its role
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// bash, zsh, fish, nu, powershell, elvish or sh
    #[arg(value_parser = shells(), hide_possible_values = true)]
    shell: &'static Shell,

    /// The name of the function that it defines
    #[arg(long, value_name = "NAME", default_value = "assume", value_parser = cmd)]
    cmd: String,
}

const AFTER_HELP: &str = "\
In the start-up file of
  bash, zsh   eval \"$(assumerole init bash)\"
  fish        assumerole init fish | source
  elvish      eval (assumerole init elvish | slurp)
  powershell  Invoke-Expression (& assumerole init powershell | Out-String)
  sh          eval \"$(assumerole init sh)\"
  nu          once: assumerole init nu | save --force
              ($nu.data-dir | path join vendor/autoload/assumerole.nu)

Then:
  assume ROLE [CODE]  change the role of this shell; flags work, too
  assume              choose one
  assume -            the previous one
  assume --off        leave the role: every variable is as it was before

Before a prompt, credentials that expire soon are renewed if that takes no
question; otherwise a line says so. ASSUMEROLE_REFRESH=0 turns this off.";

fn shells() -> impl TypedValueParser<Value = &'static Shell> {
    PossibleValuesParser::new(SHELLS.iter().map(|shell| shell.name))
        .try_map(|name| Shell::named(&name).ok_or("not a shell"))
}

/// A name that is one for a function in every shell, and says nothing else.
fn cmd(name: &str) -> Result<String, &'static str> {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err("a name has letters, digits and underscores and begins with no digit");
    }
    if name == "assumerole" {
        return Err("that is the program's own name");
    }
    Ok(name.to_owned())
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    app.data(&args.shell.init(&args.cmd))
}

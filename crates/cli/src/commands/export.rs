//! `export [ROLE]`: a role's variables, for a shell or for a file.

use std::ffi::OsString;

use assumerole_core::render::{self, FORMATS, Format};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::process;
use assumerole_session::history::Way;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::assume::assume;
use super::choose::{self, Chosen};
use super::credential_process;
use super::previous;
use crate::app::App;
use crate::deliver;
use crate::options::{Obtain, is_option};
use crate::outcome::Outcome;

/// Print a role's variables, for a shell or for a file
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The format [default: that of the calling shell]
    #[arg(long, value_name = "FORMAT", value_parser = formats(), hide_possible_values = true)]
    format: Option<&'static Format>,

    /// Print what undoes the role of this shell
    #[arg(long, conflicts_with_all = ["role", "code"])]
    off: bool,

    /// For the scripts of `init`: what is printed changes that very shell.
    #[arg(long, hide = true)]
    in_place: bool,

    #[command(flatten)]
    obtain: Obtain,

    /// The role; - for the previous one [default: choose one]
    role: Option<String>,

    /// The MFA code, six digits [default: prompt when needed]
    code: Option<String>,
}

impl Args {
    /// What stands behind `export`, where it is a role and its format.
    pub(crate) fn plain(words: &[OsString]) -> Option<Self> {
        let (role, format) = match words {
            [flag, format, role] | [role, flag, format] if flag == "--format" => (role, format),
            _ => return None,
        };
        if is_option(role) {
            return None;
        }
        Some(Self {
            format: Some(render::named(format.to_str()?)?),
            off: false,
            in_place: false,
            obtain: Obtain::default(),
            role: Some(role.to_str()?.to_owned()),
            code: None,
        })
    }
}

const AFTER_HELP: &str = "\
Formats:
  bash, zsh, sh       eval \"$(assumerole export ROLE)\"
  fish                assumerole export ROLE | source
  nu                  assumerole export ROLE --format nu | from json | load-env
  powershell          assumerole export ROLE | Out-String | Invoke-Expression
  elvish              eval (assumerole export ROLE | slurp)
  tcsh                eval \"`assumerole export ROLE`\"
  cmd                 for /f \"delims=\" %i in ('assumerole export ROLE') do %i
  dotenv              a .env file
  json, yaml          an object of variables
  credential-process  the JSON that AWS SDKs expect from a credential_process
  ini                 a section of ~/.aws/credentials
  docker              docker run --env-file
  systemd             EnvironmentFile=
  github              masks the secrets, and appends to $GITHUB_ENV

In a shell, variables that the role does not set are unset. A value that the
format cannot hold is an error.";

pub(super) fn formats() -> impl TypedValueParser<Value = &'static Format> {
    let value = |format: &Format| PossibleValue::new(format.name).help(format.about);
    PossibleValuesParser::new(FORMATS.iter().map(value))
        .try_map(|name| render::named(&name).ok_or("not a format"))
}

impl Args {
    /// Whether a program asks that takes any line on stderr for a failure.
    pub(crate) fn answers(&self) -> bool {
        self.format.is_some_and(|format| format.answers)
    }
}

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let format = match args.format {
        Some(format) => format,
        None => asking_shell(app)?,
    };
    credential_process::for_program(app, format);
    if args.off {
        return deliver::off(app, format, args.in_place);
    }
    deliver::can_export(app, format)?;
    let typed = args.role.clone();
    if let Some(name) = &mut args.role {
        previous::stand_in(app, name, &mut args.obtain.session)?;
    }
    let name = match args.role {
        Some(name) => name,
        None => match choose::role(app, "", &args.obtain.session)? {
            Chosen::Role(name) => name,
            Chosen::Ended(outcome) => return Ok(outcome),
        },
    };
    if let Some(odd_name) = format.odd_name
        && let Some(warning) = odd_name(&name)?
    {
        app.printer.warning(&warning);
    }
    if format.answers {
        return credential_process::answer(
            app,
            (&name, typed.as_deref()),
            args.code,
            &args.obtain,
            format,
        );
    }
    deliver::check_names(app, &name, format)?;
    deliver::check_spelling(app, &name, format)?;
    let assumed = assume(
        app,
        &name,
        typed.as_deref(),
        args.code,
        &args.obtain,
        Way::Export,
    )?;
    match args.in_place {
        true => deliver::in_place(app, &assumed, format),
        false => deliver::export(app, &assumed, format),
    }
}

/// The format of the shell that asks: of the program that started this one,
/// else of `$SHELL`.
fn asking_shell(app: &App<'_>) -> Result<&'static Format> {
    let parent = process::parent().and_then(|parent| parent.name);
    let shell = app.env.text(names::SHELL);
    [parent.as_deref(), shell]
        .into_iter()
        .flatten()
        .find_map(render::of_program)
        .ok_or_else(|| {
            let why = match shell {
                Some(shell) => format!("SHELL names an unknown shell: {shell:?}"),
                None => "SHELL is not set".to_owned(),
            };
            Error::new(Kind::Usage, "cannot tell which shell this is for")
                .because(why)
                .hint("name the format: assumerole export --format bash ROLE")
                .hint("see all formats: assumerole export --help")
        })
}

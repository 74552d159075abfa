//! Hands credentials over: to a shell, to a command.

mod environment;
mod export;
mod exports;
mod mark;
mod startup;

pub(crate) use environment::{check, check_exported, check_names, check_spelling, set};
pub(crate) use export::{can_export, change, export, in_place, off, renewed};

use std::ffi::{OsStr, OsString};
use std::mem::ManuallyDrop;

use assumerole_core::environment::{Pairs, RESTORE, Variable};
use assumerole_core::render::{self, Format};
use assumerole_core::{Error, Result};
use assumerole_host::env::names;
use assumerole_host::process::{self, ExecError, find_in_path};

use crate::app::App;
use crate::assumed::Assumed;
use crate::outcome::Outcome;
use crate::ui::time;

/// The shell of a person who has none set.
const SHELL: &str = "/bin/sh";

/// Starts `$SHELL` in the role, in this process's place.
///
/// # Errors
/// The role's environment is wrong, or the shell cannot be run.
pub(crate) fn shell(app: &App<'_>, assumed: &Assumed) -> Result<Outcome> {
    let shell = app.env.get(names::SHELL).filter(|shell| !shell.is_empty());
    let program = shell.unwrap_or(OsStr::new(SHELL));
    let (mut env, set) = environment::of(app, assumed, program)?;
    exports::print(app, &set)?;
    say_shorter(app, assumed);
    app.printer
        .note(&format!("{}; leave with exit", welcome(app, assumed)));
    let mut args = start(program, &set);
    if let Some(format) = format_of(program) {
        startup::say(app, format, &set);
        args.extend(mark::show(app, format, &mut env)?);
    }
    let error = run(program, &args, &env);
    Err(match shell {
        Some(_) => error.hint(NO_SHELL),
        None => error,
    })
}

/// What to do about a shell that cannot be started.
const NO_SHELL: &str = "name the shell to start: export SHELL=/bin/sh";

/// Runs a command in the role, in this process's place.
///
/// # Errors
/// The role's environment is wrong, or the command cannot be run.
pub(crate) fn command<S: AsRef<OsStr>>(
    app: &App<'_>,
    assumed: &Assumed,
    words: &[S],
) -> Result<Outcome> {
    let mut words = words.iter().map(|word| word.as_ref().to_owned());
    let program = words.next().unwrap_or_default();
    // What is not handed on goes with the process.
    let env = ManuallyDrop::new(environment::of(app, assumed, &program)?);
    let (env, _) = &*env;
    say_shorter(app, assumed);
    let args: Vec<OsString> = words.collect();
    Err(run(&program, &args, env))
}

/// The whole environment of `program` in the role.
///
/// # Errors
/// A value of the role's `environment` uses a name that is not set.
pub(crate) fn variables(app: &App<'_>, assumed: &Assumed, program: &OsStr) -> Result<Pairs> {
    let (env, _) = environment::of(app, assumed, program)?;
    Ok(env)
}

/// The arguments with which `shell` starts in a role that sets `set`.
fn start(shell: &OsStr, set: &[Variable]) -> Vec<OsString> {
    let format = format_of(shell);
    let Some(start) = format.and_then(|format| format.start) else {
        return Vec::new();
    };
    let mut names: Vec<&str> = set.iter().map(|variable| variable.name.as_str()).collect();
    names.push(RESTORE);
    start(&names).into_iter().map(OsString::from).collect()
}

/// The format of the shell that `program` is, if it is one.
fn format_of(program: &OsStr) -> Option<&'static Format> {
    render::of_program(program.to_str()?)
}

/// Whether the role's variables can be told apart by the shell that is started:
/// by `program`, or by `$SHELL`. Asked before a code is.
///
/// # Errors
/// Two of them are one variable there.
pub(crate) fn can_start(app: &App<'_>, role: &str, program: Option<&OsStr>) -> Result<()> {
    let shell = app.env.get(names::SHELL).filter(|shell| !shell.is_empty());
    if let (None, Some(shell)) = (program, shell)
        && find_in_path(shell, app.env.get(names::PATH)).is_none()
    {
        let error = Error::from(ExecError::NotFound(shell.to_owned()));
        return Err(error.hint(NO_SHELL));
    }
    let program = program.or(shell);
    match program.and_then(format_of) {
        Some(format) => check_names(app, role, format),
        None => Ok(()),
    }
}

/// Comes back only when it failed.
fn run(program: &OsStr, args: &[OsString], env: &[(OsString, OsString)]) -> Error {
    process::exec(program, args, env).into()
}

/// Says of a cached session what was said when it was asked for.
fn say_shorter(app: &App<'_>, assumed: &Assumed) {
    if let Some(text) = &assumed.shorter {
        app.printer.note(text);
    }
}

fn welcome(app: &App<'_>, assumed: &Assumed) -> String {
    let now = app.host.clock.now();
    let plan = &assumed.plan;
    let region = match &plan.region.value {
        Some(region) => format!(" in {region}"),
        None => String::new(),
    };
    let ends = match assumed.ends {
        Some(ends) => format!(
            ", {} ({})",
            time::until(ends, now, &app.host.time_zone()),
            time::left(ends.duration_since(now)),
        ),
        None => String::new(),
    };
    let who = match (plan.role_arn(), plan.account()) {
        (Some(arn), _) => format!("{} of account {}", arn.name, arn.account),
        (None, Some(account)) => format!("{} of account {account}", plan.source.describe()),
        (None, None) => plan.source.describe(),
    };
    format!("{}: {who}{region}{ends}", plan.name)
}

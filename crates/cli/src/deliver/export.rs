//! A role's variables in a format, for another program.

use std::fmt::Write as _;
use std::mem;
use std::path::PathBuf;

use assumerole_core::diagnostic::Warning;
use assumerole_core::environment::table::{self, TABLE};
use assumerole_core::environment::{self, InPlace, Names, Pairs, Variable, VariableChange};
use assumerole_core::render::{self, ForFile, Format, Handover, Rendered, Script};
use assumerole_core::shell::note::{Again, Note};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::{fs, random};
use assumerole_session::Report as _;
use jiff::SignedDuration;
use zeroize::Zeroizing;

use super::environment as role_environment;
use crate::app::App;
use crate::assumed::Assumed;
use crate::commands::previous;
use crate::files::open_to_others;
use crate::outcome::Outcome;

/// Whether `format` has a place to be written to: asked before a code is.
///
/// # Errors
/// It needs a file, and the environment names none.
pub(crate) fn can_export(app: &App<'_>, format: &Format) -> Result<()> {
    match format.file {
        Some(variable) => file(app, variable).map(drop),
        None => Ok(()),
    }
}

/// Prints what the role gives in `format`.
///
/// # Errors
/// The role's environment is wrong, the format cannot hold it, or it cannot be
/// written.
pub(crate) fn export(app: &App<'_>, assumed: &Assumed, format: &Format) -> Result<Outcome> {
    if format.answers {
        return answer(app, assumed, format);
    }
    let set = role_environment::set(app, assumed)?;
    let changes = match format.kind {
        render::FormatKind::Shell(_) => {
            let changes = environment::into_role(&inherited(app), &set, format.names);
            of_format(app, changes, format)
        }
        // Data is of the role alone.
        render::FormatKind::Data(_) => Vec::new(),
    };
    let script = Script {
        changes: &changes,
        ..Script::default()
    };
    // Programs take a line beside their data for a failure.
    if matches!(format.kind, render::FormatKind::Shell(_)) {
        super::say_shorter(app, assumed);
    }
    written(app, assumed, format, &set, &script)
}

/// For so long a program keeps credentials of which nobody knows when they end.
/// Then it asks again, and gets others if there are any.
const UNKNOWN_END: SignedDuration = SignedDuration::from_mins(30);

/// Prints the credentials for a program that asked for them, and nothing else.
fn answer(app: &App<'_>, assumed: &Assumed, format: &Format) -> Result<Outcome> {
    let mut credentials = assumed.credentials.clone();
    let now = app.host.clock.now();
    let later = || now.checked_add(UNKNOWN_END).ok();
    credentials.expires = credentials.expires.or_else(later);
    let account = assumed.plan.account();
    let handover = Handover {
        role: &assumed.plan.name,
        credentials: &credentials,
        account: account.as_ref(),
        region: None,
        variables: &[],
        nonce: "",
    };
    let rendered = format.render(&handover, &Script::default())?;
    app.bytes(&rendered.out)
}

/// `changes` as the shell of `format` can make them.
fn of_format(app: &App<'_>, changes: Vec<VariableChange>, format: &Format) -> Vec<VariableChange> {
    match format.names {
        Names::AnyCase => environment::folded(changes, &inherited(app)),
        Names::Exact => changes,
    }
}

/// As [`export`], for the shell of a person, which keeps for itself what no
/// other process may inherit.
///
/// # Errors
/// As there.
pub(crate) fn in_place(app: &App<'_>, assumed: &Assumed, format: &Format) -> Result<Outcome> {
    let inherited = inherited(app);
    let set = role_environment::set(app, assumed)?;
    let left = previous::left(app);
    let of_now = assumed.note.as_ref().map(Note::again);
    let is_same = |left: &&Again| match &of_now {
        Some(now) => left.is_same_role(now),
        None => left.role == assumed.plan.name,
    };
    let left = left
        .as_ref()
        .filter(|left| !is_same(left))
        .map(Again::write);
    let dropped = environment::dropped(&inherited);
    let mut shell = InPlace::new(&inherited, Some(&set), format.names);
    let changes = of_format(app, mem::take(&mut shell.changes), format);
    let script = Script {
        keep: dropped.as_deref(),
        previous: left.as_deref(),
        ..of_shell(&shell, &changes)
    };
    let outcome = written(app, assumed, format, &set, &script)?;
    super::say_shorter(app, assumed);
    app.printer.note(&super::welcome(app, assumed));
    Ok(outcome)
}

/// Prints what renews the credentials of a shell that is in the role.
///
/// # Errors
/// As for [`export`].
pub(crate) fn renewed(app: &App<'_>, assumed: &Assumed, format: &Format) -> Result<Outcome> {
    let set = role_environment::set(app, assumed)?;
    change(app, &environment::renewed(&inherited(app), &set), format)
}

fn of_shell<'s>(shell: &'s InPlace, changes: &'s [VariableChange]) -> Script<'s> {
    Script {
        at_once: true,
        changes,
        covered: &shell.covered,
        uncovered: &shell.uncovered,
        ..Script::default()
    }
}

/// Prints what takes the role of a shell back; with `kept`, what that shell
/// kept for itself comes back, too.
///
/// # Errors
/// `format` is none of a shell, or cannot hold what was there before.
pub(crate) fn off(app: &App<'_>, format: &Format, kept: bool) -> Result<Outcome> {
    if !matches!(format.kind, render::FormatKind::Shell(_)) {
        let message = format!("the format {} cannot undo a role", format.name);
        return Err(Error::new(Kind::Usage, message)
            .hint("name the format of a shell, such as bash: --format bash"));
    }
    let inherited = inherited(app);
    if !environment::is_in_role(&inherited) {
        app.printer.note("this shell is in no role");
        return Ok(Outcome::Done);
    }
    if kept {
        let mut shell = InPlace::new(&inherited, None, format.names);
        let changes = of_format(app, mem::take(&mut shell.changes), format);
        let left = previous::left(app).as_ref().map(Again::write);
        let script = Script {
            bring_back: true,
            leaving: true,
            previous: left.as_deref(),
            ..of_shell(&shell, &changes)
        };
        app.bytes(&rendered(format, &script)?.out)
    } else {
        let changes = of_format(app, environment::out_of_role(&inherited), format);
        let script = Script {
            changes: &changes,
            leaving: true,
            ..Script::default()
        };
        app.bytes(&rendered(format, &script)?.out)
    }
}

/// Prints `changes` for the shell whose language `format` is.
///
/// # Errors
/// The format cannot hold them.
pub(crate) fn change(
    app: &App<'_>,
    changes: &[VariableChange],
    format: &Format,
) -> Result<Outcome> {
    let script = Script {
        changes,
        ..Script::default()
    };
    app.bytes(&rendered(format, &script)?.out)
}

fn rendered(format: &Format, script: &Script<'_>) -> Result<Rendered> {
    match format.kind {
        render::FormatKind::Shell(shell) => shell.render(script).map(Rendered::from),
        render::FormatKind::Data(_) => Ok(Rendered::default()),
    }
}

fn written(
    app: &App<'_>,
    assumed: &Assumed,
    format: &Format,
    set: &[Variable],
    script: &Script<'_>,
) -> Result<Outcome> {
    let mut variables = set.to_vec();
    if format.adds {
        variables.extend(left_behind(app, format, set)?);
    }
    let account = assumed.plan.account();
    let handover = Handover {
        role: &assumed.plan.name,
        credentials: &assumed.credentials,
        account: account.as_ref(),
        region: assumed.plan.region.value.as_ref(),
        variables: &variables,
        nonce: &nonce()?,
    };
    let rendered = format.render(&handover, script)?;
    // Secrets are masked before they are anywhere.
    let outcome = app.bytes(&rendered.out)?;
    if let Some(ForFile { named_by, text }) = rendered.file {
        let path = file(app, named_by)?;
        let mode = fs::append(&path, &text).map_err(|error| error.into_error(Kind::Failed))?;
        if mode & 0o044 != 0 {
            let shown = app.places.show(&path);
            app.warn(&open_to_others(&path, &shown, mode, "credentials"));
        }
    }
    Ok(outcome)
}

/// So much of a file is looked at for what an earlier role assigned.
const LOOKED_AT: usize = 1024 * 1024;

/// What hides an earlier role from what reads `format`.
fn left_behind(app: &App<'_>, format: &Format, set: &[Variable]) -> Result<Vec<Variable>> {
    let mut inherited = inherited(app);
    if let (Some(variable), Some(assigned)) = (format.file, format.assigned) {
        let path = file(app, variable)?;
        let bytes = fs::read_regular(&path, LOOKED_AT).ok().flatten();
        let bytes = Zeroizing::new(bytes.unwrap_or_default());
        let later = assigned(&String::from_utf8_lossy(&bytes));
        inherited.retain(|(name, _)| later.iter().all(|(assigned, _)| assigned != name));
        inherited.extend(later);
    }
    let config = app.config()?;
    let role = inherited.iter().find(|(name, _)| name == table::ROLE);
    let role = role.and_then(|(_, name)| config.role(name.to_str()?).ok().flatten());
    let own = role.map(|role| role.environment).unwrap_or_default();
    let earlier = config.environment_with(&own);
    let left = environment::left_behind(&inherited, set, &earlier);
    let has = |name: &str| {
        let mut found = inherited.iter().filter(|(have, _)| have == name);
        found.next().is_some_and(|(_, value)| !value.is_empty())
    };
    let profiles = TABLE.iter().filter(|row| !row.set && !row.may_be_empty);
    for row in profiles.filter(|row| format.file.is_some() && has(row.name)) {
        let name = row.name;
        let message = format!(
            "{name} is set for the next steps, where some programs use it instead of the role"
        );
        app.warn(&Warning::new(message).hint(format!("remove {name} from the workflow")));
    }
    Ok(left)
}

/// The environment of the shell that asks, its role included.
fn inherited(app: &App<'_>) -> Pairs {
    app.host.env.pairs().to_vec()
}

fn file(app: &App<'_>, variable: &str) -> Result<PathBuf> {
    app.env.path(variable).ok_or_else(|| {
        Error::new(Kind::Usage, format!("{variable} is not set"))
            .because("it names the file that the variables are written to")
            .hint("use another format, such as: --format json")
    })
}

/// 128 random bits, as a text.
fn nonce() -> Result<String> {
    let mut bytes = [0; 16];
    random::fill(&mut bytes)
        .map_err(|why| Error::new(Kind::Failed, "cannot get random numbers").because(why))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

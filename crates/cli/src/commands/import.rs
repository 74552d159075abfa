//! `import`: what of other tools' set-ups works where it is, and entries for
//! what does not.

mod report;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use assumerole_core::aws_config::import;
use assumerole_core::config::{Config, NewRole, insert_roles, role_exists};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Target, is_role};
use assumerole_core::{Error, Kind, Result};

use report::ImportReport;

use crate::app::App;
use crate::outcome::Outcome;
use crate::role_file;

/// Import roles that aws-vault, granted and awsume keep in ~/.aws/config
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Roles in ~/.aws/config are used where they are. Entries are written only for
those with settings that only another tool reads.")]
pub(crate) struct Args {
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Write entries for these profiles, whether they need one or not
    #[arg(value_name = "PROFILE")]
    profiles: Vec<String>,
}

/// What became of the roles. There may be a hundred thousand: what is told at
/// length is made when it is printed.
#[derive(Default)]
struct ImportSummary {
    /// Profiles with an entry, by their numbers.
    written: Vec<usize>,
    /// Used where they are.
    working: ReportLines,
    /// In `~/.assumerole` already.
    there: ReportLines,
    /// Neither: why.
    wrong: ReportLines,
}

/// Lines of one part of the report.
#[derive(Default)]
struct ReportLines(String);

impl ReportLines {
    fn add(&mut self, text: &str) {
        for line in text.lines() {
            let _ = writeln!(self.0, "  {}", one_line(line));
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let files = app.aws_files()?;
    if let Some(unknown) = args
        .profiles
        .iter()
        .find(|name| files.profile(name).is_none())
    {
        return Err(Error::new(
            Kind::UnknownName,
            format!("there is no profile {unknown:?} in ~/.aws"),
        )
        .hint("see what could be imported: assumerole import --dry-run"));
    }
    let names: Vec<Cow<'_, str>> = match args.profiles.as_slice() {
        [] => files.profile_names(),
        named => {
            let mut seen = HashSet::new();
            let named = named.iter().filter(|name| seen.insert(name.as_str()));
            named.map(Into::into).collect()
        }
    };
    let mut found = ImportSummary::default();
    let there = role_file::as_it_is(app)?;
    let after = write(app, args, &there, &names, &mut found)?;
    let outcome = match found.wrong.is_empty() {
        true => Outcome::Done,
        false => Outcome::Problems,
    };
    ImportReport::new(app).all(args, &names, found, (&there, after))?;
    Ok(outcome)
}

/// Profiles whose entries are made at once.
const PART: usize = 4096;

/// Writes the entries of the profiles `names` in one change; the file as it is then.
fn write(
    app: &App<'_>,
    args: &Args,
    there: &Config,
    names: &[Cow<'_, str>],
    found: &mut ImportSummary,
) -> Result<Config> {
    let shown = app.places.show(&app.places.config);
    let before = role_file::text(app)?;
    let mut text = Arc::clone(&before);
    for (part, names) in names.chunks(PART).enumerate() {
        let mut entries = Vec::new();
        for (number, name) in (part * PART..).zip(names) {
            entries.extend(one(app, args, there, (number, name), found)?);
        }
        if !entries.is_empty() {
            text = with_working(app, &shown, &text, entries, found)?;
        }
    }
    if !found.written.is_empty() {
        role_file::edit(app, args.dry_run, |path, now| match *now == before {
            true => Ok(Arc::clone(&text)),
            false => Err(role_file::overtaken(path)),
        })?;
    }
    match text.is_empty() {
        true => Ok(Config::none(&shown)),
        false => Config::parse(&shown, text),
    }
}

/// An entry to write.
struct Entry {
    /// The number of its profile.
    number: usize,
    role: NewRole,
}

/// The entry that profile `name` needs beside those that are `there`, if it needs
/// one.
fn one(
    app: &App<'_>,
    args: &Args,
    there: &Config,
    (number, name): (usize, &str),
    found: &mut ImportSummary,
) -> Result<Option<Entry>> {
    let files = app.aws_files()?;
    let asked_for = !args.profiles.is_empty();
    if !asked_for && import::reasons(files, name).is_empty() {
        if files.profile(name).is_some_and(|profile| is_role(&profile)) {
            as_it_is(app, name, found);
        }
        return Ok(None);
    }
    if let Some(place) = there.place_of_role(name)? {
        if asked_for {
            return Err(role_exists(name, place));
        }
        found.there.add(name);
        return Ok(None);
    }
    Ok(match import::entry(files, name) {
        Ok(role) => Some(Entry {
            number,
            role: role.beside(there),
        }),
        Err(why) => {
            found.wrong.add(&format!("{name}: {why}"));
            None
        }
    })
}

/// `text` with those of the `entries` that could be assumed, which remain: another
/// one would be no help, and is no reason to leave out the others.
fn with_working(
    app: &App<'_>,
    shown: &str,
    text: &Arc<String>,
    mut entries: Vec<Entry>,
    found: &mut ImportSummary,
) -> Result<Arc<String>> {
    let with = |entries: &[Entry]| {
        let roles: Vec<NewRole> = entries.iter().map(|entry| entry.role.clone()).collect();
        insert_roles(shown, text, &roles)
    };
    let tried = with(&entries)?;
    let (count, mut failed) = (entries.len(), None);
    entries.retain(|Entry { role, .. }| match works(app, &tried, &role.name) {
        Ok(works) => works.map_err(|why| found.wrong.add(&why)).is_ok(),
        Err(error) => {
            failed = Some(error);
            false
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    found
        .written
        .extend(entries.iter().map(|entry| entry.number));
    let made = match entries.len() == count {
        true => tried,
        false => with(&entries)?,
    };
    Ok(Arc::clone(made.text()))
}

/// Whether role `name` of `config` could be assumed; what is told if not.
///
/// # Errors
/// The file cannot be used at all.
fn works(app: &App<'_>, config: &Config, name: &str) -> Result<Result<(), String>> {
    let role = match config.role(name) {
        Err(error) if error.kind() == Kind::Config && error.snippet().is_some() => {
            return Ok(Err(format!("{name}: {error}")));
        }
        other => other?,
    };
    let Some(role) = role else {
        return Ok(Ok(()));
    };
    let target = Target::Role(Box::new(role));
    let planned = app.plan_in(config, &target, &Request::default());
    Ok(match planned {
        Ok(_) => Ok(()),
        Err(error) => Err(told(app, name, &error)),
    })
}

/// A role that needs no entry: whether it can be assumed where it is.
fn as_it_is(app: &App<'_>, name: &str, found: &mut ImportSummary) {
    let target = Target::Profile(name.to_owned());
    match app.plan(&target, &Request::default()) {
        Ok(_) => found.working.add(name),
        Err(error) => found.wrong.add(&told(app, name, &error)),
    }
}

/// Why the role of profile `name` cannot be used, and what to do about it.
fn told(app: &App<'_>, name: &str, error: &Error) -> String {
    let place = error.snippet().map(|at| format!("{}: ", at.place()));
    let mut text = format!("{name}: {}{error}", place.unwrap_or_default());
    for hint in error.hints() {
        let _ = write!(text, "\n    hint: {hint}");
    }
    if let Some(source) = source(app, name) {
        let _ = write!(
            text,
            "\n    hint: put, if aws-vault keeps the keys of {source}, credential_process = \
             aws-vault export --format=json --no-session {source} into that profile"
        );
    }
    text
}

/// The source of profile `name`, if it has neither keys nor anything else that
/// gives some: then its keys may be in another tool's store.
fn source(app: &App<'_>, name: &str) -> Option<String> {
    let files = app.aws_files().ok()?;
    let source = files.profile(name)?.get("source_profile")?;
    let source = source.text().trim().to_owned();
    let profile = files.profile(&source)?;
    let gives = |key: &str| profile.property(key).is_some();
    let known = [
        "aws_access_key_id",
        "credential_process",
        "role_arn",
        "sso_session",
        "sso_start_url",
        "login_session",
    ];
    (!known.into_iter().any(gives)).then_some(source)
}

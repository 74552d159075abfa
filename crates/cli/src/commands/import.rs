//! `import`: what of other tools' set-ups works where it is, and entries for
//! what does not.

use std::fmt::Write as _;

use assumerole_core::aws_config::import::{self, Foreign, Meaning};
use assumerole_core::aws_config::{AwsFiles, Difference, ProblemKind, differences};
use assumerole_core::config::{Config, NewRole, insert_role};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Target, is_role};
use assumerole_core::{Error, Kind, Result};

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

/// What became of the roles.
#[derive(Default)]
struct Found {
    /// Entries, each with what it is for.
    written: Vec<String>,
    /// Used where they are.
    working: Vec<String>,
    /// In `~/.assumerole` already.
    there: Vec<String>,
    /// Neither: why.
    wrong: Vec<String>,
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
    let names: Vec<String> = match args.profiles.as_slice() {
        [] => files.profile_names().into_iter().map(Into::into).collect(),
        named => named.to_vec(),
    };
    let mut found = Found::default();
    for name in &names {
        one(app, args, name, &mut found)?;
    }
    let foreign = import::foreign(files);
    let foreign = foreign
        .iter()
        .filter(|found| names.contains(&found.profile));
    let mut text = report(&found, foreign, args.dry_run);
    text.push_str(&read_in_two_ways(files, &names, args.profiles.is_empty()));
    app.data(&text)?;
    Ok(match found.wrong.is_empty() {
        true => Outcome::Done,
        false => Outcome::Problems,
    })
}

fn one(app: &App<'_>, args: &Args, name: &str, found: &mut Found) -> Result<()> {
    let files = app.aws_files()?;
    let reasons = import::reasons(files, name);
    let asked_for = !args.profiles.is_empty();
    if reasons.is_empty() && !asked_for {
        if files.profile(name).is_some_and(|profile| is_role(&profile)) {
            as_it_is(app, name, found);
        }
        return Ok(());
    }
    if let Err(error) = role_file::is_free(app, name) {
        return match (error.kind(), asked_for) {
            (Kind::Usage, false) => {
                found.there.push(name.to_owned());
                Ok(())
            }
            _ => Err(error),
        };
    }
    let role = match import::entry(files, name) {
        Ok(role) => role.beside(&role_file::as_it_is(app)?),
        Err(why) => {
            found.wrong.push(format!("{name}: {why}"));
            return Ok(());
        }
    };
    // An entry that could not be assumed would be no help.
    if let Err(error) = would_work(app, &role) {
        found.wrong.push(told(app, name, &error));
        return Ok(());
    }
    // What is wrong with one is no reason to leave out the others.
    match role_file::insert(app, &role, args.dry_run) {
        Err(error) if error.kind() == Kind::Config && error.snippet().is_some() => {
            found.wrong.push(format!("{name}: {error}"));
        }
        Err(error) => return Err(error),
        Ok(place) => {
            let place = place.map(|place| place.place()).unwrap_or_default();
            let mut text = match args.dry_run {
                true => format!("{role}\n"),
                false => format!("{name}, at {place}\n"),
            };
            for reason in reasons {
                let _ = writeln!(text, "  for {reason}");
            }
            found.written.push(text);
        }
    }
    Ok(())
}

/// A role that needs no entry: whether it can be assumed where it is.
fn as_it_is(app: &App<'_>, name: &str, found: &mut Found) {
    let target = Target::Profile(name.to_owned());
    match app.plan(&target, &Request::default()) {
        Ok(_) => found.working.push(name.to_owned()),
        Err(error) => found.wrong.push(told(app, name, &error)),
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
            "\n    hint: if aws-vault keeps the keys of {source}: put credential_process = \
             aws-vault export --format=json --no-session {source} into that profile"
        );
    }
    text
}

/// Whether `role` could be assumed, were it in the file.
///
/// # Errors
/// It could not.
fn would_work(app: &App<'_>, role: &NewRole) -> Result<()> {
    let shown = app.places.show(&app.places.config);
    // What is no entry at all is told by whoever writes it.
    let Ok(text) = insert_role(&shown, &role_file::text(app)?, role) else {
        return Ok(());
    };
    let config = Config::parse(&shown, text)?;
    let Some(read) = config.role(&role.name)? else {
        return Ok(());
    };
    let target = Target::Role(Box::new(read));
    app.plan_in(&config, &target, &Request::default()).map(drop)
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

fn report<'a>(found: &Found, foreign: impl Iterator<Item = &'a Foreign>, dry_run: bool) -> String {
    let mut text = String::new();
    let mut part = |heading: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = writeln!(text, "{}{heading}", if text.is_empty() { "" } else { "\n" });
            for line in lines.iter().flat_map(|line| line.lines()) {
                let _ = writeln!(text, "  {}", one_line(line));
            }
        }
    };
    let nothing = found.written.is_empty() && found.wrong.is_empty();
    let written = match dry_run {
        true => "Would be written:",
        false => "Written:",
    };
    part(written, &found.written);
    part("In ~/.assumerole already:", &found.there);
    let working = match nothing && found.there.is_empty() {
        true => "Nothing has to be imported. These roles are used where they are:",
        false => "Used where they are:",
    };
    part(working, &found.working);
    part("Cannot be used:", &found.wrong);
    let foreign: Vec<String> = foreign.map(explained).collect();
    part("Of other tools:", &foreign);
    match text.is_empty() {
        true => "There is nothing to import: no profile of ~/.aws/config is a role.\n".to_owned(),
        false => text,
    }
}

/// What SDKs read in different ways of the profiles `names`, and, where they are
/// `all`, of the lines that are of no profile.
fn read_in_two_ways(files: &AwsFiles, names: &[String], all: bool) -> String {
    let problems = files
        .problems()
        .filter(|problem| all && problem.kind() == ProblemKind::OutsideSection);
    let problems = problems.map(|problem| {
        let place = problem.snippet().place();
        format!("{place}: the AWS CLI and the AWS SDK for Java refuse the file for a line above the first [section]")
    });
    let of_profiles = differences(files)
        .into_iter()
        .filter(|found| names.contains(&found.profile))
        .map(|Difference { warning, .. }| {
            let place = warning.at.map(|at| format!("{}: ", at.place()));
            format!("{}{}", place.unwrap_or_default(), warning.message)
        });
    let lines: Vec<String> = problems.chain(of_profiles).collect();
    let mut text = String::new();
    if !lines.is_empty() {
        text.push_str("\nRead in different ways:\n");
    }
    for line in lines {
        let _ = writeln!(text, "  {}", one_line(&line));
    }
    text
}

fn explained(found: &Foreign) -> String {
    let Foreign {
        profile: _,
        key,
        tool,
        place,
        meaning,
    } = found;
    let meaning = match meaning {
        Meaning::Imported => "an entry has a key of the same meaning".to_owned(),
        Meaning::TakenOver => "what it takes over stands in the entry".to_owned(),
        Meaning::Instead(other) => format!("only {tool} reads it; here {other} does the same"),
        Meaning::Copy => {
            "temporary credentials; remove the profile when nothing uses it".to_owned()
        }
        Meaning::Nothing => "has no meaning here".to_owned(),
    };
    format!("{place}: {key}, of {tool}: {meaning}")
}

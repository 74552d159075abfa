//! `profiles diff|write|remove`: profiles in `~/.aws/config` that run this
//! program, one for each role, so that `AWS_PROFILE=ROLE` works everywhere.

mod assigned;
mod edit;
mod report;
mod wanted;

pub(super) use wanted::process;

use assumerole_core::Result;
use assumerole_core::config::pattern::Pattern;

use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;
use assigned::{SsoOptions, SsoPick};
use report::ProfilesReport;
use wanted::WantedProfiles;

const COMMAND: Command = Command {
    name: "profiles",
    usage: "assumerole profiles [OPTIONS] <COMMAND>",
};

/// Keep a profile in ~/.aws/config for each role
#[derive(Debug, clap::Args)]
#[command(
    override_usage = COMMAND.usage,
    disable_help_subcommand = true,
    after_help = "\
The profiles stand in one marked block of ~/.aws/config. With them
AWS_PROFILE=ROLE works in every program that uses an AWS SDK: it runs assumerole
for the credentials. With --sso, a second part of the block has the roles of IAM
Identity Center, which SDKs get by themselves."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show what `profiles write` would change
    Diff(Diff),
    /// Write a profile for each role into ~/.aws/config
    Write(Write),
    /// Take the profiles out of ~/.aws/config again
    Remove(Remove),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 if nothing would change, 1 if something would.")]
struct Diff {
    #[command(flatten)]
    lines: LineOptions,

    #[command(flatten)]
    sso: SsoOptions,

    /// Print JSON: an object with what becomes of each profile
    #[arg(long)]
    json: bool,

    /// Look only at the roles that one of these picks
    #[arg(value_name = "PATTERN", value_parser = str::parse::<Pattern>)]
    own_patterns: Vec<Pattern>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Profiles of roles that are gone are removed from the block. What stands outside
of it is never changed: where a profile of that name is there already, in either
file of ~/.aws, the role is left out. With --no-prompt the lines have that flag,
so that nobody is ever asked for a code. Patterns: see `assumerole list`.")]
struct Write {
    #[command(flatten)]
    lines: LineOptions,

    #[command(flatten)]
    sso: SsoOptions,

    /// Write nothing: the same as `profiles diff`
    #[arg(long)]
    dry_run: bool,

    /// Print JSON: an object with what became of each profile
    #[arg(long)]
    json: bool,

    /// Write only the profiles of the roles that one of these picks
    #[arg(value_name = "PATTERN", value_parser = str::parse::<Pattern>)]
    own_patterns: Vec<Pattern>,
}

/// What the lines of the block say.
#[derive(Debug, Default, clap::Args)]
struct LineOptions {
    /// Put PREFIX before the name of each role
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true
    )]
    prefix: String,

    /// Write the block anew, even if it was edited by hand
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
struct Remove {
    #[command(flatten)]
    sso: SsoPick,

    /// Remove the block, even if it was edited by hand
    #[arg(long)]
    force: bool,

    /// Print what would be removed, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Print JSON: an object with what became of each profile
    #[arg(long)]
    json: bool,

    /// Remove only the profiles of the roles that one of these picks
    #[arg(value_name = "PATTERN", value_parser = str::parse::<Pattern>)]
    own_patterns: Vec<Pattern>,
}

/// `no_prompt`: whether the lines say so, as the command line does.
pub(crate) fn run(app: &App<'_>, args: &Args, no_prompt: bool) -> Result<Outcome> {
    match &args.action {
        None => Err(COMMAND.incomplete(app, "COMMAND")),
        Some(Action::Diff(args)) => {
            let (lines, patterns) = (&args.lines, &args.own_patterns);
            let report = written(app, lines, &args.sso, no_prompt, patterns, true)?;
            report.diff(app, args.json)
        }
        Some(Action::Write(args)) => {
            let report = written(
                app,
                &args.lines,
                &args.sso,
                no_prompt,
                &args.own_patterns,
                args.dry_run,
            )?;
            match args.dry_run {
                true => report.diff(app, args.json),
                false => report.done(app, args.json),
            }
        }
        Some(Action::Remove(args)) => {
            let report = removed(app, args)?;
            match args.dry_run {
                true => report.diff(app, args.json),
                false => report.done(app, args.json),
            }
        }
    }
}

fn written(
    app: &App<'_>,
    lines: &LineOptions,
    sso: &SsoOptions,
    no_prompt: bool,
    patterns: &[Pattern],
    dry_run: bool,
) -> Result<ProfilesReport> {
    if let Some(session) = sso.session() {
        return assigned::written(app, session, lines, sso, no_prompt, patterns, dry_run);
    }
    let process = process(app, no_prompt)?;
    let source = wanted::source(app);
    let mut left_out = Vec::new();
    let update = edit::edit(app, &source, lines.force, dry_run, &mut |file| {
        let wanted = WantedProfiles::of(app, file, &source, &lines.prefix, &process, patterns)?;
        left_out = wanted.left_out;
        Ok((wanted.order, wanted.decisions))
    })?;
    Ok(ProfilesReport {
        changes: update.changes,
        left_out,
    })
}

fn removed(app: &App<'_>, args: &Remove) -> Result<ProfilesReport> {
    if let Some(session) = args.sso.session() {
        return assigned::removed(app, session, args);
    }
    let source = wanted::source(app);
    let update = edit::edit(app, &source, args.force, args.dry_run, &mut |file| {
        wanted::to_remove(app, file, &source, &args.own_patterns)
    })?;
    Ok(ProfilesReport {
        changes: update.changes,
        left_out: Vec::new(),
    })
}

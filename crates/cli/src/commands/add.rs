//! `add [NAME]`: a role into `~/.assumerole`, from flags or by questions.

mod ask;
mod devices;
pub(crate) mod draft;
mod keys;

use assumerole_core::aws::ids::{AccountId, ExternalId, MfaDevice, Region, SessionName};
use assumerole_core::config::NewRole;
use assumerole_core::diagnostic::suggest::nearest;
use assumerole_core::plan::request;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};

use crate::app::App;
use crate::outcome::Outcome;
use crate::role_file;
use crate::ui::questions::Questions;

use draft::{Draft, Named};

/// Write a role into ~/.assumerole; what is not given is asked for
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Asks nothing if NAME, --profile (or --via), --role and, unless --role is an ARN,
--account are given. What the top of the file sets for all roles is not repeated
and need not be given.")]
pub(crate) struct Args {
    #[command(flatten)]
    flags: Flags,

    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// What you will type to assume it
    #[arg(value_name = "NAME")]
    new_name: Option<String>,
}

/// What a role says, a flag a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Flags {
    /// The profile of ~/.aws whose credentials call AWS
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,

    /// Another role of the file, which assumes this one
    #[arg(long, value_name = "ROLE", conflicts_with = "profile")]
    via: Option<String>,

    /// The account that owns the role, 12 digits
    #[arg(long, value_name = "ID", value_parser = str::parse::<AccountId>)]
    account: Option<AccountId>,

    /// The role in its account, or its ARN
    #[arg(long = "role", value_name = "NAME|ARN", value_parser = Named::read)]
    aws_role: Option<Named>,

    /// The MFA device of the user behind the profile
    #[arg(long, value_name = "ARN", value_parser = str::parse::<MfaDevice>)]
    mfa_arn: Option<MfaDevice>,

    /// No MFA device, whatever the top of the file says
    #[arg(long, conflicts_with = "mfa_arn")]
    no_mfa: bool,

    /// The region to export
    #[arg(long, value_name = "REGION", value_parser = request::region)]
    region: Option<Region>,

    /// How long a session lasts: 8h, 90m, 1h30m, seconds
    #[arg(long, value_name = "TIME", value_parser = request::duration)]
    duration: Option<u32>,

    /// The external ID that the role's owner requires
    #[arg(long, value_name = "ID", value_parser = str::parse::<ExternalId>)]
    external_id: Option<ExternalId>,

    /// The session's name in CloudTrail
    #[arg(long, value_name = "NAME", value_parser = str::parse::<SessionName>)]
    session_name: Option<SessionName>,

    /// What the role is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

pub(crate) fn run(app: &App<'_>, args: Args) -> Result<Outcome> {
    let dry_run = args.dry_run;
    let mut draft = Draft::of(args);
    draft.check(app)?;
    let top = role_file::as_it_is(app)?;
    let missing = draft.missing(&top);
    let role = match missing.is_empty() {
        true => {
            draft.take_device_of_profile(app, &top)?;
            draft.written(&top)?
        }
        false => {
            let mut questions =
                Questions::new(terminal(app, &missing, &draft)?, "asks for a new role")?;
            let draft = ask::complete(app, draft, &top, &mut questions)?;
            let role = draft.written(&top)?;
            questions.say(&format!("\n{role}\n"))?;
            let path = app.places.show(&app.places.config);
            if !dry_run && !questions.yes(&format!("Write this to {path}?"), true)? {
                return Err(Error::new(Kind::Cancelled, "nothing was written"));
            }
            role
        }
    };
    write(app, &role, dry_run)
}

fn terminal(app: &App<'_>, missing: &[&str], draft: &Draft) -> Result<assumerole_host::tty::Tty> {
    let nobody = |why: &str| {
        Error::new(Kind::Usage, format!("the role is incomplete, and {why}"))
            .because(format!("missing: {}", missing.join(", ")))
            .hint(format!(
                "add the missing options: assumerole add {}",
                draft.whole()
            ))
    };
    match app.host.tty() {
        Ok(Some(tty)) if tty.in_background() => Err(nobody("this runs in the background")),
        Ok(Some(tty)) => Ok(tty),
        Ok(None) => Err(nobody("there is no terminal to ask at")),
        Err(error) => Err(nobody("cannot prompt on the terminal").because(error)),
    }
}

fn write(app: &App<'_>, role: &NewRole, dry_run: bool) -> Result<Outcome> {
    let name = &role.name;
    let place = role_file::insert(app, role, dry_run)?;
    if dry_run {
        return app.data(&format!("{role}\n"));
    }
    let place = place.map(|place| place.place()).unwrap_or_default();
    app.printer.note(&format!("role {name} is in {place}"));
    named(app, name);
    Ok(Outcome::Done)
}

/// Says how the role with the new name `name` is assumed, and which profile
/// can no longer be by that name.
pub(super) fn named(app: &App<'_>, name: &str) {
    app.printer
        .note(&format!("assume it: {}", typed(app, name)));
    // Of files that are wrong, `check` speaks.
    let profile = app.aws_files().ok().and_then(|aws| aws.profile(name));
    if let Some(section) = profile.and_then(|profile| profile.sections().next()) {
        app.printer.note(&format!(
            "it hides the profile at {}",
            section.snippet().place()
        ));
    }
}

/// What assumes the role `name`.
fn typed(app: &App<'_>, name: &str) -> String {
    match app.commands().contains(&name.to_owned()) {
        true => format!("assumerole -- {name}"),
        false => format!("assumerole {}", argument(name)),
    }
}

/// The error of a `what` that is not among `names`.
fn unknown<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let near = nearest(name, names, 3);
    let error = Error::new(Kind::UnknownName, format!("there is no {what} {name:?}"));
    error.suggest(&near)
}

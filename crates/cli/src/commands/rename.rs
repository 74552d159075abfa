//! `rename OLD NEW`: a role gets another name, wherever it is meant by it.

use assumerole_core::config::{Config, rename_role};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::Target;
use assumerole_core::plan::request::Request;
use assumerole_core::{Error, Kind, Result};
use assumerole_session::renamed::{self, Renaming};

use super::add::draft;
use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;
use crate::role_file;

const COMMAND: Command = Command {
    name: "rename",
    usage: "assumerole rename [OPTIONS] <OLD> <NEW>",
};

/// Give a role of ~/.assumerole another name
#[derive(Debug, clap::Args)]
#[command(override_usage = COMMAND.usage, after_help = "\
Roles that name it in `via` follow. Its sessions, its history and what - stands
for are kept.")]
pub(crate) struct Args {
    /// The role, one of ~/.assumerole
    #[arg(value_name = "OLD")]
    own_role: Option<String>,

    /// What you will type to assume it
    #[arg(value_name = "NEW")]
    new_name: Option<String>,
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    let Some(old) = &args.own_role else {
        return Err(COMMAND.incomplete(app, "OLD"));
    };
    COMMAND.role(app, old)?;
    let Some(new) = &args.new_name else {
        return Err(COMMAND.incomplete(app, "NEW"));
    };
    draft::check_name(new).map_err(|why| Error::new(Kind::Usage, why))?;
    if old == new {
        app.printer.note("nothing was changed");
        return Ok(Outcome::Done);
    }
    let arn = arn(app, old);
    let after = role_file::edit(app, false, |path, text| rename_role(path, text, old, new))?;
    if let (Ok(dir), Some(files)) = (app.state_dir(), app.files_in_force()) {
        renamed::note(
            dir,
            &Renaming {
                at: app.host.clock.now(),
                config: files.config,
                from: old.clone(),
                to: new.clone(),
                arn,
            },
        );
    }
    let shown = app.places.show(&app.places.config);
    let place = Config::parse(&shown, after)?.place_of_role(new)?;
    let place = place.map(|place| place.place()).unwrap_or_default();
    app.printer.note(&format!(
        "role {} is {} now, at {place}",
        one_line(old),
        one_line(new)
    ));
    super::add::named(app, new);
    Ok(Outcome::Done)
}

/// The ARN of the role `name`, where the files are good enough for one.
fn arn(app: &App<'_>, name: &str) -> Option<String> {
    let role = app.config_unsaid().ok()?.role(name).ok()??;
    let plan = app.plan(&Target::Role(Box::new(role)), &Request::default());
    Some(plan.ok()?.role_arn()?.to_string())
}

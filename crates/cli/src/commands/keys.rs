//! `keys …`: long-term access keys that are stored sealed.

mod add;
pub(crate) mod age;
mod args;
pub(super) mod file;
mod give;
mod import;
pub(super) mod open;
mod rotate;
mod show;
mod unlock;

use assumerole_core::Result;

use super::own::Command;
use crate::app::App;
use crate::outcome::Outcome;
pub(super) use add::offer_removal;
pub(crate) use args::Args;
pub(super) use args::Enrol;
use args::{KeysAction, USAGE};
pub(super) use rotate::key_of_profile;
pub(super) use unlock::no_second_way;

const COMMAND: Command = Command {
    name: "keys",
    usage: USAGE,
};

pub(crate) fn run(app: &mut App<'_>, args: &Args) -> Result<Outcome> {
    match &args.action {
        None => Err(COMMAND.incomplete(app, "COMMAND")),
        Some(KeysAction::Add(args)) => add::run(app, args),
        Some(KeysAction::Import(args)) => import::run(app, args),
        Some(KeysAction::Rotate(args)) => rotate::run(app, args),
        Some(KeysAction::List(args)) => show::list(app, args.json),
        Some(KeysAction::Show(args)) => show::one(app, &args.stored_key, args.json),
        Some(KeysAction::Remove(args)) => give::remove(app, &args.stored_key, args.yes),
        Some(KeysAction::Export(args)) => give::export(app, &args.stored_key, args.yes),
        Some(KeysAction::Unlock(args)) => unlock::unlock(app, args.recovery),
        Some(KeysAction::Lock) => unlock::lock(app),
        Some(KeysAction::Store(args)) => unlock::store(app, args),
    }
}

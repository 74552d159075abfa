//! Writing to `~/.aws/config`: the block is changed, and every other byte stays
//! as it was.

use std::collections::HashMap;
use std::time::Duration;

use assumerole_core::aws_config::profiles::{Decision, Update, update};
use assumerole_core::aws_config::{AwsFile, FileKind};
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::{self, Holds, Original, Replaced};
use assumerole_host::lock::{Lock, LockError};

use crate::app::App;

/// Writing takes milliseconds; whoever holds the lock longer has been stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// The roles in their order, and what becomes of the profile of each; of one
/// that is not among them it stays as it is.
pub(super) type Decisions = (Vec<String>, HashMap<String, Decision>);

/// Lets `decide` say what becomes of the profiles of `source`, and writes that,
/// unless nothing changes or nothing may.
///
/// # Errors
/// That of `decide`; the block is broken or was edited; the file cannot be read
/// or written.
pub(super) fn edit(
    app: &App<'_>,
    source: &str,
    force: bool,
    dry_run: bool,
    decide: &mut dyn FnMut(&AwsFile) -> Result<Decisions>,
) -> Result<Update> {
    // Of two who write at once the second builds on what the first wrote.
    // Without a folder for the lock there is none.
    let dir = match dry_run {
        true => None,
        false => app.state_dir().ok(),
    };
    let clock = &*app.host.clock;
    let lock = dir.map(|dir| Lock::acquire(dir, "aws-config.lock", clock, PATIENCE, &mut |_| {}));
    let _lock = match lock {
        None | Some(Err(LockError::Io(_))) => None,
        Some(Ok(lock)) => Some(lock),
        Some(Err(error @ LockError::TimedOut { .. })) => return Err(error.into()),
    };
    // What is too big for us is refused there.
    app.aws_files()?;
    let path = &app.places.aws_config;
    let open = || Original::open(path, fs::LARGEST).map_err(|error| error.into_error(Kind::Config));
    let mut original = open()?;
    let before = original.content().unwrap_or_default().to_vec();
    let shown = app.places.show(path);
    let file = AwsFile::from_bytes(FileKind::Config, &shown, before);
    let (order, mut decisions) = decide(&file)?;
    let mut decision = |role: &str| decisions.remove(role).unwrap_or(Decision::Keep);
    let update = update(&file, source, &order, force, &mut decision)?;
    if dry_run || update.content == file.as_bytes() {
        return Ok(update);
    }
    if original.content().is_none() {
        fs::create_folder_of(path)?;
        original = open()?;
    }
    if original.replace(&update.content, Holds::Settings)? == Replaced::Overtaken {
        return Err(Error::new(Kind::Failed, format!("cannot replace {shown}"))
            .called(Id::FileFailed)
            .because("another program changed it at the same time")
            .hint("run this again"));
    }
    Ok(update)
}

//! A file of `~/.aws`, changed where a key stands in it.

use std::path::PathBuf;
use std::time::Duration;

use assumerole_core::aws_config::{AwsFile, FileKind};
use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::fs::{self, Holds, Original, Replaced};
use assumerole_host::lock::Lock;
use zeroize::Zeroizing;

use crate::app::App;

/// Writing takes milliseconds; whoever holds the lock longer has been stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// Replaces the file of `kind` by what `change` makes of it; `None`: it stays.
///
/// # Errors
/// Those of `change`, or the file cannot be replaced.
pub(in crate::commands) fn edit(
    app: &App<'_>,
    kind: FileKind,
    change: impl FnOnce(&AwsFile) -> Result<Option<Zeroizing<Vec<u8>>>>,
) -> Result<()> {
    // Of two who write at once the second builds on what the first wrote.
    let clock = &*app.host.clock;
    let _lock = Lock::acquire(
        app.state_dir()?,
        "aws-config.lock",
        clock,
        PATIENCE,
        &mut |_| {},
    )
    .map_err(Error::from)?;
    let path: &PathBuf = match kind {
        FileKind::Credentials => &app.places.aws_credentials,
        FileKind::Config => &app.places.aws_config,
    };
    let shown = app.places.show(path);
    let original =
        Original::open(path, fs::LARGEST).map_err(|error| error.into_error(Kind::Config))?;
    let content = original.content().unwrap_or_default().to_vec();
    let file = AwsFile::from_bytes(kind, &shown, content);
    let Some(bytes) = change(&file)? else {
        return Ok(());
    };
    match original.replace(&bytes, Holds::Settings)? {
        Replaced::Overtaken => Err(overtaken(&shown)),
        Replaced::Changed | Replaced::Unchanged | Replaced::Created => Ok(()),
    }
}

/// The error of a file that somebody else changed.
pub(super) fn overtaken(shown: &str) -> Error {
    Error::new(Kind::Failed, format!("cannot replace {shown}"))
        .called(Id::FileFailed)
        .because("another program changed it at the same time")
        .hint("run this again")
}

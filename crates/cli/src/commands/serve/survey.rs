//! What `doctor` has to know of servers.

use assumerole_core::Result;
use assumerole_host::fs::{self, PrivateDir, runtime_path};

use super::{detached, papers};
use crate::app::App;

/// What there is of servers.
#[derive(Debug, Default)]
pub(in crate::commands) struct ServerSurvey {
    /// Where the one in the background answers, and its process.
    pub(in crate::commands) running: Option<(String, u32)>,
    /// The file of its token, where others may read it, and its mode.
    pub(in crate::commands) open: Option<(String, u32)>,
    /// How many that are dead have left files, which are removed now.
    pub(in crate::commands) dead: usize,
}

/// Whether a server has files outside the program's own folder, which may be gone.
pub(in crate::commands) fn elsewhere(app: &App<'_>) -> bool {
    let folders = [detached::path(app).ok(), runtime_path(&app.env)];
    let mut folders = folders.into_iter().flatten();
    folders.any(|path| {
        let dir = PrivateDir::open(&path).ok().flatten();
        dir.is_some_and(|dir| !papers::ids(&dir).is_empty())
    })
}

/// Looks, and removes what dead servers have left.
///
/// # Errors
/// The folder of the one in the background is another user's, or the server does not answer.
pub(in crate::commands) fn survey(app: &App<'_>) -> Result<ServerSurvey> {
    let mut survey = ServerSurvey::default();
    let clock = app.host.clock.as_ref();
    let folders = [
        detached::path(app).ok(),
        runtime_path(&app.env),
        app.places.state(),
    ];
    for path in folders.into_iter().flatten() {
        // What is wrong with the folder of the cache is told with that.
        if let Ok(Some(dir)) = PrivateDir::open(&path) {
            survey.dead += papers::sweep(&dir, clock);
        }
    }
    let Some((_, running)) = detached::look(app)? else {
        return Ok(survey);
    };
    running.report()?;
    let file = running.token_file();
    survey.open = fs::mode_and_owner(file)?
        .filter(|(mode, _)| mode & 0o077 != 0)
        .map(|(mode, _)| (file.display().to_string(), mode));
    survey.running = Some((running.state.origin.clone(), running.state.pid));
    Ok(survey)
}

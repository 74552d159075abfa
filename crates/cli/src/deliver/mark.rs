//! The role in the prompt of the shell that is started, where the person's own
//! prompt does not show it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use assumerole_core::Result;
use assumerole_core::environment::Pairs;
use assumerole_core::render::Format;
use assumerole_host::env::names;

use crate::app::App;
use crate::shell::{ROLE_BASH, ROLE_FISH, ROLE_ZSH};

/// The folder of start-up files, in that of the program.
const FOLDER: &str = "prompt";

/// What bash reads in place of `~/.bashrc`.
const BASHRC: &str = "bashrc";

/// What zsh reads in place of the person's file of that name.
const ZSHENV: &str = ".zshenv";

/// The arguments with which `shell` shows its role; what it needs besides is
/// set in `env`. None where it cannot be had: a shell without it is better than
/// none, and a line at each start would help nobody.
///
/// # Errors
/// The person's file cannot be read.
pub(super) fn show(app: &App<'_>, shell: &Format, env: &mut Pairs) -> Result<Vec<OsString>> {
    let off = app.env.is_set(names::ASSUMEROLE_PROMPT) && !app.env.flag(names::ASSUMEROLE_PROMPT);
    // Else there is no prompt.
    if off || !app.host.streams.input_is_terminal || !app.config()?.prompt() {
        return Ok(Vec::new());
    }
    let args: Option<[OsString; 2]> = match shell.name {
        "bash" => file(app, BASHRC, ROLE_BASH).map(|path| ["--rcfile".into(), path.into()]),
        "zsh" => {
            if let Some(folder) = file(app, ZSHENV, ROLE_ZSH)
                .as_deref()
                .and_then(Path::parent)
            {
                look_in(folder, env);
            }
            None
        }
        "fish" => Some(["--init-command".into(), ROLE_FISH.into()]),
        _ => None,
    };
    Ok(args.into_iter().flatten().collect())
}

/// The path of the file `name` that holds `text`. Only ever written if it does
/// not.
fn file(app: &App<'_>, name: &str, text: &str) -> Option<PathBuf> {
    let folder = app.state_dir().ok()?.create_child(FOLDER).ok()?;
    let found = folder.read(name, text.len()).ok().flatten();
    if found.as_deref() != Some(text.as_bytes()) {
        folder.write(name, text.as_bytes()).ok()?;
    }
    Some(folder.path().join(name))
}

/// Lets zsh look for its first file in `folder`. That sets `ZDOTDIR` back.
fn look_in(folder: &Path, env: &mut Pairs) {
    let own = env.iter().find(|(name, _)| name == names::ZDOTDIR);
    let own = own.map(|(_, value)| (names::ASSUMEROLE_ZDOTDIR.into(), value.clone()));
    env.retain(|(name, _)| name != names::ZDOTDIR && name != names::ASSUMEROLE_ZDOTDIR);
    env.extend(own);
    env.push((names::ZDOTDIR.into(), folder.into()));
}

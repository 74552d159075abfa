//! A role by itself in a file of its own, in the person's editor.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use assumerole_core::diagnostic::Id;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::fs::{LARGEST, PrivateDir};
use assumerole_host::process::{self, run_foreground};
use jiff::SignedDuration;

use crate::app::App;

/// The folder in `~/.assumerole.d` where roles are edited.
const FOLDER: &str = "edit";

/// What a run that was killed has left is removed by a later one.
const STALE: SignedDuration = SignedDuration::from_hours(72);

/// A copy of a role, which nobody else can read, until this is dropped.
pub(super) struct Copy {
    dir: PrivateDir,
    name: String,
    /// The role that it is of.
    role: String,
    /// As a person would write its name.
    pub(super) shown: String,
    kept: bool,
}

impl Copy {
    /// Writes `entry`, the role `role`, into a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn make(app: &App<'_>, role: &str, entry: &str) -> Result<Self> {
        let dir = app.state_dir()?.create_child(FOLDER)?;
        let now = app.host.clock.now();
        for file in dir.list().unwrap_or_default() {
            if now.duration_since(file.modified) > STALE {
                let _ = dir.remove(&file.name);
            }
        }
        // For people to know it by, and for editors to see that it is JSON.
        let plain = |c: char| match c.is_ascii_alphanumeric() || c == '-' {
            true => c,
            false => '_',
        };
        let name: String = role.chars().take(40).map(plain).collect();
        let name = format!("{name}-{}.json", process::own_pid());
        dir.write(&name, format!("{entry}\n").as_bytes())?;
        let shown = app.places.show(&dir.path().join(&name));
        Ok(Self {
            dir,
            name,
            role: role.to_owned(),
            shown,
            kept: false,
        })
    }

    /// Lets the person edit it; what is in it then.
    ///
    /// # Errors
    /// There is no editor, or it failed.
    pub(super) fn edit(&self, app: &App<'_>) -> Result<String> {
        let (variable, words) = editor(app, &self.role)?;
        let Some((program, args)) = words.split_first() else {
            return Err(Error::new(
                Kind::Usage,
                format!("${variable} holds no command"),
            ));
        };
        let path: PathBuf = self.dir.path().join(&self.name);
        let args: Vec<OsString> = args
            .iter()
            .map(OsString::from)
            .chain([path.into_os_string()])
            .collect();
        let tty = app.host.tty().ok().flatten();
        let tty = tty.filter(|tty| !tty.in_background());
        let ended = run_foreground(OsStr::new(program), &args, app.env.pairs(), tty.as_ref());
        let ended = ended.map_err(|error| {
            // The kind of a command that the person runs is another one.
            let told = Error::from(error);
            Error::new(Kind::Failed, told.message())
                .called(Id::ProgramFailed)
                .hint(format!("correct what ${variable} names"))
        })?;
        if let Some(signal) = ended.signal {
            let kind = match signal {
                2 => Kind::Interrupted,
                other => Kind::Signal(u8::try_from(other).unwrap_or(15)),
            };
            let message = format!("the editor {program} was interrupted, nothing was written");
            return Err(Error::new(kind, message));
        }
        if !ended.status.success() {
            let how = match ended.status.code() {
                Some(code) => format!("ended with status {code}"),
                None => "was ended by a signal".to_owned(),
            };
            return Err(Error::new(
                Kind::Failed,
                format!("the editor {program} {how}; nothing was written"),
            )
            .called(Id::ProgramFailed));
        }
        let bytes = self.dir.read(&self.name, LARGEST)?;
        let Some(bytes) = bytes else {
            return Err(Error::new(
                Kind::Failed,
                format!("the editor {program} removed its file; nothing was written"),
            )
            .called(Id::ProgramFailed));
        };
        String::from_utf8(bytes).map_err(|_| {
            Error::new(Kind::Config, format!("{} is not UTF-8 text", self.shown))
                .hint("save it as UTF-8")
        })
    }

    /// Leaves it where it is, for some days; says where.
    pub(super) fn keep(&mut self) -> &str {
        self.kept = true;
        &self.shown
    }

    /// Removes it, and what an editor keeps beside a file that has its name.
    fn remove(&self) {
        let stem = self.name.trim_end_matches(".json");
        for file in self.dir.list().unwrap_or_default() {
            if file.name.to_string_lossy().contains(stem) {
                let _ = self.dir.remove(&file.name);
            }
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if !self.kept {
            self.remove();
        }
    }
}

/// The person's editor: the variable that names it, and its words.
fn editor(app: &App<'_>, role: &str) -> Result<(&'static str, Vec<String>)> {
    for name in [names::VISUAL, names::EDITOR] {
        let Some(text) = app
            .env
            .text_or_error(name)?
            .filter(|text| !text.trim().is_empty())
        else {
            continue;
        };
        let words = shell_words::split(text).map_err(|why| {
            Error::new(
                Kind::Usage,
                format!("${name} cannot be split into words: {text:?}"),
            )
            .because(why)
        })?;
        return Ok((name, words));
    }
    let role = argument(role);
    Err(Error::new(
        Kind::Usage,
        "no editor is named: neither VISUAL nor EDITOR is set",
    )
    .hint(format!("name one: EDITOR=vi assumerole edit {role}"))
    .hint(format!(
        "change the role by flags: assumerole edit --region eu-west-1 {role}"
    )))
}

//! The start-up files of the shell that is started: a line of them that sets a
//! variable of the role again wins over the role.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::environment::Variable;
use assumerole_core::environment::table::{self, TABLE};
use assumerole_core::render::Format;
use assumerole_core::shell::startup::{Act, Language};
use assumerole_host::env::names;
use assumerole_host::fs;
use secrecy::ExposeSecret as _;

use crate::app::App;

/// Bytes: a longer file is not looked at.
const LARGEST: usize = 1024 * 1024;

/// So many files at most, those that others read included.
const FILES: usize = 20;

/// So many lines are told.
const TOLD: usize = 3;

/// A line that overrides the role.
struct Override {
    name: String,
    path: PathBuf,
    line: usize,
}

/// Says once which lines of the start-up files of `shell` override the role
/// that sets `set`.
pub(super) fn say(app: &App<'_>, shell: &Format, set: &[Variable]) {
    let Some((language, files)) = Language::of_shell(shell.name) else {
        return;
    };
    let mut search = Search {
        app,
        language,
        set,
        left: FILES,
        found: Vec::new(),
    };
    for file in files {
        if let Some(path) = search.path(file, Path::new("/")) {
            search.file(&path);
        }
    }
    let found = search.found;
    let Some(first) = found.first() else { return };
    let mut message =
        String::from("start-up files set again what the role sets, and win in this shell: ");
    for (at, line) in found.iter().take(TOLD).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let place = one_line(&app.places.show(&line.path));
        let _ = write!(message, "{comma}{} in {place}:{}", line.name, line.line);
    }
    if let more @ 1.. = found.len().saturating_sub(TOLD) {
        let _ = write!(message, ", {more} more");
    }
    let hint = format!("change that line: {}", language.kept(&first.name));
    app.printer.warning(&Warning::new(message).hint(hint));
}

struct Search<'a> {
    app: &'a App<'a>,
    language: Language,
    set: &'a [Variable],
    left: usize,
    found: Vec<Override>,
}

impl Search<'_> {
    fn file(&mut self, path: &Path) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let Ok(Some(bytes)) = fs::read_regular(path, LARGEST) else {
            return;
        };
        let text = String::from_utf8_lossy(&bytes);
        for found in self.language.acts(&text) {
            match found.act {
                Act::Source(file) => {
                    let folder = path.parent().unwrap_or(Path::new("/"));
                    if let Some(path) = self.path(&file, folder) {
                        self.file(&path);
                    }
                }
                Act::Set {
                    name,
                    value,
                    exported,
                } => {
                    if self.overrides(&name, &value, exported) {
                        self.found.retain(|earlier| earlier.name != name);
                        self.found.push(Override {
                            name,
                            path: path.to_owned(),
                            line: found.line,
                        });
                    }
                }
            }
        }
    }

    /// Whether a program would see `value` in place of what the role has.
    fn overrides(&self, name: &str, value: &str, exported: bool) -> bool {
        let mut set = self.set.iter().filter(|variable| variable.name == name);
        let of_role = set.next().map(|variable| variable.value.expose_secret());
        let owned = TABLE.iter().find(|row| row.name == name && !row.internal);
        // What is exported already is so after it was assigned, too.
        let seen = exported || of_role.is_some();
        let itself = [
            format!("${name}"),
            format!("${{{name}"),
            format!("$env.{name}"),
        ];
        (owned.is_some() || of_role.is_some())
            && seen
            && !value.is_empty()
            && of_role != Some(value)
            && !itself.iter().any(|own| value.contains(own))
            // Labels of the role's name that people set for their prompts.
            && name != table::ROLE_LOWER
    }

    /// The file that is written as `file`, below `folder` if it is relative.
    /// `None` where a shell would have to say.
    fn path(&self, file: &str, folder: &Path) -> Option<PathBuf> {
        let env = &self.app.env;
        let home = self.app.places.home.clone();
        let (base, rest) = match file.split_once('/') {
            Some(("", _)) => return plain(file).then(|| file.into()),
            Some((base, rest)) => (base, rest),
            None => (file, ""),
        };
        let name = base
            .strip_prefix('$')
            .map(|name| name.trim_matches(['{', '}']));
        let base = match (base, name) {
            ("~", _) | (_, Some(names::HOME)) => home?,
            (_, Some("XDG_CONFIG_HOME")) => env
                .path("XDG_CONFIG_HOME")
                .or_else(|| Some(home?.join(".config")))?,
            (_, Some(names::ZDOTDIR)) => env.path(names::ZDOTDIR).or(home)?,
            (_, Some(name)) => env.path(name)?,
            (base, None) if plain(base) && self.language != Language::Nu => folder.join(base),
            _ => return None,
        };
        if !plain(rest) {
            return None;
        }
        Some(if rest.is_empty() {
            base
        } else {
            base.join(rest)
        })
    }
}

/// Whether a shell takes it as it stands.
fn plain(text: &str) -> bool {
    !text.contains(['$', '`', '*', '?', '~', '(', '{', '['])
}

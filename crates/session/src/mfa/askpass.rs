//! A person without a terminal: asked in a window, by a program that prints
//! what was typed, as ssh's `SSH_ASKPASS` does.

use std::ffi::OsStr;

use assumerole_core::config::Askpass;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::clock::Clock;
use assumerole_host::deadline::uncounted;
use assumerole_host::env::{Env, names};
use assumerole_host::process::find_in_path;
use secrecy::SecretString;

use super::process::at_home;
use super::program::{Call, Surroundings, find_code};
use super::{Ask, Wanted};

/// How often what is typed may be no code before the window stays closed.
const TRIES: u32 = 3;

/// Asks in a window.
pub struct Window<'a> {
    env: &'a Env,
    clock: &'a dyn Clock,
    program: Program,
}

/// A program that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Program {
    /// It gets the question as its last argument.
    Askpass(Vec<String>),
    /// GNOME's dialogs: <https://help.gnome.org/zenity/entry.html>.
    Zenity,
    /// KDE's: <https://develop.kde.org/docs/administration/kdialog/>.
    Kdialog,
}

impl<'a> Window<'a> {
    /// The window that `said` (`askpass` of the file) stands for.
    ///
    /// # Errors
    /// Why there is none.
    pub fn new(env: &'a Env, clock: &'a dyn Clock, said: Option<&Askpass>) -> Result<Self, String> {
        let program = program(env, said)?;
        Ok(Self {
            env,
            clock,
            program,
        })
    }

    /// Asks once; what was typed.
    fn ask(&self, question: &str) -> Result<Vec<u8>, String> {
        const TITLE: &str = "assumerole";
        let text = format!("--text={question}");
        let (program, args) = match &self.program {
            Program::Askpass(words) => {
                let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
                let program = words.remove(0);
                words.push(question);
                (program, words)
            }
            Program::Zenity => (
                "zenity",
                vec!["--entry", "--hide-text", "--title", TITLE, &text],
            ),
            Program::Kdialog => ("kdialog", vec!["--title", TITLE, "--password", question]),
        };
        let call = Call::new(program, args);
        let around = Surroundings {
            env: self.env,
            tty: None,
            clock: self.clock,
        };
        let ran = uncounted(self.clock, || call.run(around))?;
        Ok(ran.stdout.to_vec())
    }
}

fn program(env: &Env, said: Option<&Askpass>) -> Result<Program, String> {
    match said {
        None | Some(Askpass::Off) => return Err("there is no terminal to ask at".to_owned()),
        Some(Askpass::Program(words)) => {
            let words = words.iter().map(|word| at_home(env, word));
            return Ok(Program::Askpass(words.collect()));
        }
        Some(Askpass::OfTheDesktop) => {}
    }
    if let Some(program) = env.text(names::SSH_ASKPASS).filter(|name| !name.is_empty()) {
        return Ok(Program::Askpass(vec![program.to_owned()]));
    }
    let has_screen = [names::WAYLAND_DISPLAY, names::DISPLAY]
        .iter()
        .any(|name| env.text(name).is_some_and(|value| !value.is_empty()));
    if !has_screen {
        return Err(
            "there is neither a terminal to ask at, nor a screen for \"askpass\"".to_owned(),
        );
    }
    let is_there = |name: &str| find_in_path(OsStr::new(name), env.get(names::PATH)).is_some();
    match (is_there("zenity"), is_there("kdialog")) {
        (true, _) => Ok(Program::Zenity),
        (_, true) => Ok(Program::Kdialog),
        _ => Err("\"askpass\" finds no SSH_ASKPASS, zenity or kdialog".to_owned()),
    }
}

impl Ask for Window<'_> {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        let question = format!(
            "MFA code of {} for {}:",
            one_line(wanted.device.as_str()),
            one_line(wanted.role)
        );
        let mut before = wanted.refused.map(one_line);
        for _ in 0..TRIES {
            let text = match &before {
                Some(before) => format!("{before} {question}"),
                None => question.clone(),
            };
            let typed = self.ask(&text).map_err(|why| not_given(&wanted, &why))?;
            if let Ok(code) = find_code(&typed) {
                return Ok(code);
            }
            before = Some("An MFA code has six digits.".to_owned());
        }
        Err(not_given(&wanted, "what was typed is no code"))
    }

    fn can_ask_again(&self) -> bool {
        true
    }

    fn takes_time(&self, _wanted: &Wanted<'_>) -> bool {
        true
    }

    fn is_unattended(&self) -> bool {
        true
    }
}

/// The window was closed, or there was none.
fn not_given(wanted: &Wanted<'_>, why: &str) -> Error {
    let role = one_line(wanted.role);
    Error::new(
        Kind::Mfa,
        format!("role {role} needs an MFA code, and none was given"),
    )
    .because(format!("the window that asks for it: {why}"))
    .hint(wanted.hint("give it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_first_that_can_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let with = |pairs: &[(&str, &str)]| {
            let env = Env::from_pairs(pairs.iter().copied().chain([("PATH", path)]));
            program(&env, Some(&Askpass::OfTheDesktop))
        };
        let askpass = |name: &str| Ok(Program::Askpass(vec![name.to_owned()]));
        assert_eq!(with(&[("SSH_ASKPASS", "/x y")]), askpass("/x y"));
        assert!(with(&[]).unwrap_err().contains("screen"));
        let screen = ("WAYLAND_DISPLAY", "wayland-0");
        assert!(with(&[screen]).unwrap_err().contains("kdialog"));
        for (name, found) in [("kdialog", Program::Kdialog), ("zenity", Program::Zenity)] {
            std::os::unix::fs::symlink("/bin/sh", folder.path().join(name)).unwrap();
            assert_eq!(with(&[screen]), Ok(found));
        }
        let own = Askpass::Program(vec!["a".to_owned(), "b".to_owned()]);
        let env = Env::default();
        let words = Ok(Program::Askpass(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(program(&env, Some(&own)), words);
        for said in [None, Some(&Askpass::Off)] {
            let why = program(&env, said).unwrap_err();
            assert_eq!(why, "there is no terminal to ask at");
        }
    }
}

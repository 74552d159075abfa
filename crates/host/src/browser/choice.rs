//! Which programs may open a page, in which order.

use std::ffi::OsStr;

use assumerole_core::{Error, Kind, Result};

use super::Browser;
use super::known::{KNOWN, Known};
use crate::env::{Env, names};
use crate::process::find_in_path;

/// What a person has said about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// `--browser`: a name or a command line. Nothing else is tried then.
    pub flag: Option<&'a str>,
    /// `browser` of the configuration file: a name, or the words of a command
    /// line. Nothing else is tried then.
    pub setting: Option<&'a [String]>,
}

/// What is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desktop {
    /// Windows, around the Linux that this runs in.
    Wsl,
    /// macOS.
    Mac,
    /// X11 or Wayland.
    Screen,
    /// Nothing that a browser could be shown on.
    None,
}

impl Desktop {
    /// The one that this process runs on.
    pub fn of(env: &Env) -> Self {
        let has = |names: &[&str]| names.iter().any(|name| env.is_set(name));
        if has(&[names::WSL_DISTRO_NAME, names::WSL_INTEROP]) {
            Self::Wsl
        } else if cfg!(target_os = "macos") {
            Self::Mac
        } else if has(&[names::WAYLAND_DISPLAY, names::DISPLAY]) {
            Self::Screen
        } else {
            Self::None
        }
    }
}

/// The programs that may open a page, the one to try first in front: that of
/// `--browser`, else of the setting, else those of `BROWSER`, else those of the
/// desktop. Empty: there is no desktop.
///
/// # Errors
/// What a person has said is no command, or there is no such browser.
pub fn candidates(wanted: Wanted<'_>, env: &Env, desktop: Desktop) -> Result<Vec<Browser>> {
    if let Some(flag) = wanted.flag {
        return Ok(vec![named(&words("--browser", flag)?, env, desktop)?]);
    }
    if let Some(setting) = wanted.setting {
        return Ok(vec![named(setting, env, desktop)?]);
    }
    if let Some(list) = env.text_or_error(names::BROWSER)? {
        // A list, as xdg-open and Python read it.
        let commands = list.split(':').filter(|command| !command.trim().is_empty());
        let found: Result<Vec<Browser>> = commands
            .map(|command| Ok(Browser::new(words("BROWSER", command)?)))
            .collect();
        return found;
    }
    let of = |words: &[&str]| Browser::new(words.iter().map(ToString::to_string).collect());
    Ok(match desktop {
        Desktop::Wsl => vec![
            of(&["wslview"]),
            of(&["cmd.exe", "/c", "start"]),
            of(&["/mnt/c/Windows/System32/cmd.exe", "/c", "start"]),
        ],
        Desktop::Mac => vec![of(&["open"])],
        Desktop::Screen => vec![of(&["xdg-open"])],
        Desktop::None => Vec::new(),
    })
}

/// The browser that `words` mean: one name that is known, or a command.
///
/// # Errors
/// No program of a known name is installed.
pub fn named(words: &[String], env: &Env, desktop: Desktop) -> Result<Browser> {
    let command = || {
        let mut words = words.to_vec();
        if let (Some(program), Some(home)) = (words.first_mut(), env.home())
            && let Some(rest) = program.strip_prefix("~/")
        {
            *program = home.join(rest).to_string_lossy().into_owned();
        }
        Ok(Browser::new(words))
    };
    let [name] = words else {
        return command();
    };
    let Some(known) = Known::find(name) else {
        return command();
    };
    let path = env.get(names::PATH);
    let found = known
        .programs
        .iter()
        .find(|program| find_in_path(OsStr::new(program), path).is_some());
    match found {
        Some(program) => Ok(Browser::new(vec![(*program).to_owned()])),
        None if desktop == Desktop::Mac => Ok(Browser::new(
            ["open", "-a", known.application].map(str::to_owned).into(),
        )),
        None => {
            let error = Error::new(Kind::NotFound, format!("{name} is not installed"));
            let looked = match known.programs {
                [] => "it is a browser of macOS".to_owned(),
                programs => format!("PATH has no {}", programs.join(" and no ")),
            };
            Err(error
                .because(looked)
                .hint("name another one: --browser NAME, or a command line: --browser 'CMD %s'"))
        }
    }
}

fn words(of: &str, text: &str) -> Result<Vec<String>> {
    let wrong = |why: String| {
        let known: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        Error::new(
            Kind::Usage,
            format!("{of} is {text:?}, which is no command line"),
        )
        .because(why)
        .hint(format!(
            "write a name ({}) or a command line",
            known.join(", ")
        ))
    };
    let words = shell_words::split(text).map_err(|why| wrong(why.to_string()))?;
    match words.first() {
        Some(program) if !program.is_empty() => Ok(words),
        _ => Err(wrong("it names no program".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::Family;
    use super::*;

    fn lines(found: Result<Vec<Browser>>) -> Vec<String> {
        match found {
            Ok(found) => found
                .iter()
                .map(|browser| browser.words.join(" "))
                .collect(),
            Err(error) => vec![error.message().to_owned()],
        }
    }

    #[test]
    fn the_first_that_says_something_decides() {
        let env = Env::from_pairs([("BROWSER", "w3m:firefox -P 'a b' %s:"), ("HOME", "/home/é")]);
        let none = Env::default();
        let setting = ["surf".to_owned(), "-x".to_owned()];
        let said = |flag, setting| Wanted { flag, setting };
        for (wanted, env, desktop, found) in [
            (
                said(Some("my-browser --new '%s'"), Some(&setting[..])),
                &env,
                Desktop::Screen,
                vec!["my-browser --new %s"],
            ),
            (
                said(None, Some(&setting[..])),
                &env,
                Desktop::Screen,
                vec!["surf -x"],
            ),
            (
                said(Some("~/bin/b ~/x"), None),
                &env,
                Desktop::Mac,
                vec!["/home/é/bin/b ~/x"],
            ),
            (
                said(None, None),
                &env,
                Desktop::Wsl,
                vec!["w3m", "firefox -P a b %s"],
            ),
            (
                said(None, None),
                &none,
                Desktop::Wsl,
                vec![
                    "wslview",
                    "cmd.exe /c start",
                    "/mnt/c/Windows/System32/cmd.exe /c start",
                ],
            ),
            (said(None, None), &none, Desktop::Mac, vec!["open"]),
            (said(None, None), &none, Desktop::Screen, vec!["xdg-open"]),
            (said(None, None), &none, Desktop::None, vec![]),
            (
                said(Some("'a"), None),
                &none,
                Desktop::None,
                vec!["--browser is \"'a\", which is no command line"],
            ),
            (
                said(Some(" "), None),
                &none,
                Desktop::None,
                vec!["--browser is \" \", which is no command line"],
            ),
        ] {
            assert_eq!(lines(candidates(wanted, env, desktop)), found);
        }
    }

    #[test]
    fn a_name_is_the_program_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        put("firefox-esr");
        put("google-chrome-stable");
        let env = Env::from_pairs([("PATH", folder.path())]);
        let find = |name: &str, desktop| {
            let wanted = Wanted {
                flag: Some(name),
                setting: None,
            };
            candidates(wanted, &env, desktop)
        };
        for (name, words, family) in [
            ("firefox", "firefox-esr", Family::Firefox),
            ("Chrome", "google-chrome-stable", Family::Chromium),
            (
                "/opt/x/chromium --incognito",
                "/opt/x/chromium --incognito",
                Family::Chromium,
            ),
            ("elinks", "elinks", Family::Other),
        ] {
            let found = find(name, Desktop::Screen).unwrap();
            assert_eq!(found[0].words.join(" "), words);
            assert_eq!(found[0].family, family, "{name}");
        }
        let missing = find("brave", Desktop::Screen).unwrap_err();
        assert_eq!(missing.message(), "brave is not installed");
        let mac = find("brave", Desktop::Mac).unwrap();
        assert_eq!(mac[0].words, ["open", "-a", "Brave Browser"]);
        assert_eq!(mac[0].family, Family::Chromium);
    }

    #[test]
    fn the_page_stands_where_it_is_wanted() {
        let of = |line: &str| Browser::new(shell_words::split(line).unwrap());
        assert_eq!(of("a -b").command("P"), ["a", "-b", "P"]);
        assert_eq!(of("a --x=%s -b").command("P"), ["a", "--x=P", "-b"]);
        assert_eq!(of("%s").command("P"), ["%s", "P"]);
        let cmd = of("cmd.exe /c start");
        assert!(cmd.takes("http://127.0.0.1:5/0a"));
        assert!(!cmd.takes("ext+container:name=a&url=b"));
        assert!(of("wslview").takes("ext+container:name=a&url=b"));
    }
}

//! A `credential_process` that runs this program.

use std::borrow::Cow;
use std::fmt;

use crate::shell::command_line::split;

/// The name of this program.
const PROGRAM: &str = "assumerole";
/// The command that answers an SDK.
const COMMAND: &str = "credential-process";

/// The flag by which it answers with the session of a user's own key.
const SESSION: &str = "--session";

/// A `credential_process` that runs this program for the credentials of a
/// role, and narrows them by no flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnProcess {
    /// The program, as the line names it.
    pub program: String,
    /// The file that has the role, where it is not `~/.assumerole`.
    pub config: Option<String>,
    /// Whether nobody is asked.
    pub no_prompt: bool,
    /// Whether it is for the session of a user's key, which the role's name
    /// names (`--session`).
    pub session: bool,
    /// The role.
    pub role: String,
}

/// A word that no quoting makes the same word for every SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unquotable {
    /// What of it is to blame.
    pub why: &'static str,
}

impl fmt::Display for Unquotable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why)
    }
}

impl std::error::Error for Unquotable {}

impl OwnProcess {
    /// What `command`, the value of `credential_process`, runs; `None` if that
    /// is another program, or ours with flags that make other credentials.
    /// `export --format credential-process` is the same command under an older
    /// name.
    pub fn read(command: &str) -> Option<Self> {
        Self::of_line(command).filter(|process| !process.session)
    }

    /// The name of the stored key whose session `command`, the value of
    /// `credential_process`, is for; `None` if it is another command.
    pub fn stored_key(command: &str) -> Option<String> {
        // Most commands of this kind are told from it without a closer look.
        if !command.contains(SESSION) {
            return None;
        }
        let process = Self::of_line(command).filter(|process| process.session)?;
        Some(process.role)
    }

    fn of_line(command: &str) -> Option<Self> {
        let mut words = split(command).ok()?.into_iter();
        let program = words.next()?;
        if program.rsplit('/').next() != Some(PROGRAM) {
            return None;
        }
        let (mut config, mut format, mut no_prompt) = (None, None, false);
        let mut session = false;
        let (mut names, mut only_names) = (Vec::new(), false);
        while let Some(word) = words.next() {
            match word.as_str() {
                _ if only_names => names.push(word),
                // `assumerole -- NAME` is the role of that name.
                "--" if names.is_empty() => return None,
                "--" => only_names = true,
                "--config" => config = Some(words.next()?),
                "--format" => format = Some(words.next()?),
                "--no-prompt" => no_prompt = true,
                SESSION => session = true,
                "-q" | "--quiet" => {}
                option if option.starts_with('-') => match option.split_once('=') {
                    Some(("--config", value)) => config = Some(value.to_owned()),
                    Some(("--format", value)) => format = Some(value.to_owned()),
                    _ => return None,
                },
                _ => names.push(word),
            }
        }
        let is_command = |subcommand: &str| match format.as_deref() {
            None => subcommand == COMMAND,
            Some(format) => subcommand == "export" && format == COMMAND,
        };
        match <[String; 2]>::try_from(names) {
            // `-` is whichever role was the previous one.
            Ok([subcommand, role]) if is_command(&subcommand) && role != "-" => Some(Self {
                program,
                config,
                no_prompt,
                session,
                role,
            }),
            _ => None,
        }
    }

    /// Whether `command`, which is such a line, has the older spelling.
    pub fn is_older(command: &str) -> bool {
        let words = split(command).unwrap_or_default();
        Self::read(command).is_some() && words.iter().any(|word| word == "export")
    }

    /// The value of `credential_process` for it.
    ///
    /// # Errors
    /// A word of it cannot be quoted for all SDKs.
    pub fn line(&self) -> Result<String, Unquotable> {
        let mut words = vec![quoted(&self.program)?, COMMAND.into()];
        if let Some(config) = &self.config {
            words.extend(["--config".into(), quoted(config)?]);
        }
        if self.no_prompt {
            words.push("--no-prompt".into());
        }
        match self.session {
            // As people write it: most names of profiles are plain.
            true if !self.role.starts_with('-') => {
                words.extend([SESSION.into(), quoted(&self.role)?]);
            }
            true => words.extend([SESSION.into(), "--".into(), quoted(&self.role)?]),
            false => words.extend(["--".into(), quoted(&self.role)?]),
        }
        Ok(words.join(" "))
    }

    /// Whether the role is one of the file that a person calls `path`: `~/x`
    /// for one of the home folder.
    pub fn is_of(&self, path: &str) -> bool {
        const USUAL: &str = "~/.assumerole";
        match (&self.config, path.strip_prefix('~')) {
            (None, _) => path == USUAL,
            (Some(config), Some(below)) => {
                config.strip_prefix('~').unwrap_or(config).ends_with(below)
            }
            (Some(config), None) => config == path,
        }
    }
}

/// `word` so that Python's `shlex`, `sh -c`, and the readers of the file before
/// them make the same word of it. Single quotes are the only ones that mean the
/// same to all; no line may begin with `"`, for which the AWS SDK for Go drops
/// the arguments.
///
/// # Errors
/// It has a character that some of them read otherwise.
fn quoted(word: &str) -> Result<Cow<'_, str>, Unquotable> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Ok(Cow::Borrowed(word));
    }
    let refused = |why| Err(Unquotable { why });
    if word.contains(char::is_control) {
        return refused("it has a control character, which ends the line or is lost");
    }
    if word.contains(['\'', '"', '\\']) {
        return refused("it has a quote or a backslash, which SDKs read in different ways");
    }
    if word.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return refused("it has a line separator of Unicode, at which some SDKs end the line");
    }
    let behind_a_blank = |(before, c): (char, char)| before.is_whitespace() && "#;".contains(c);
    if word.chars().zip(word.chars().skip(1)).any(behind_a_blank) {
        return refused("it has # or ; behind a blank, where some SDKs begin a comment");
    }
    Ok(Cow::Owned(format!("'{word}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(program: &str, config: Option<&str>, no_prompt: bool, role: &str) -> OwnProcess {
        OwnProcess {
            program: program.to_owned(),
            config: config.map(str::to_owned),
            no_prompt,
            session: false,
            role: role.to_owned(),
        }
    }

    #[test]
    fn the_session_of_a_stored_key_is_no_role() {
        for (name, line) in [
            (
                "base",
                "/usr/bin/assumerole credential-process --session base",
            ),
            (
                "-x",
                "/usr/bin/assumerole credential-process --session -- -x",
            ),
            (
                "a b",
                "/usr/bin/assumerole credential-process --session 'a b'",
            ),
        ] {
            let process = OwnProcess {
                session: true,
                ..of("/usr/bin/assumerole", None, false, name)
            };
            assert_eq!(process.line().as_deref(), Ok(line));
            assert_eq!(OwnProcess::stored_key(line).as_deref(), Some(name));
            assert_eq!(OwnProcess::read(line), None, "it is no role");
        }
        for line in [
            "assumerole credential-process base",
            "other credential-process --session base",
            "assumerole credential-process --session --read-only base",
            "assumerole credential-process --session",
            "assumerole credential-process --sessions base",
            "assumerole credential-process -- --session base",
            "assumerole credential-process -- --session",
        ] {
            assert_eq!(OwnProcess::stored_key(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_is_read_back_as_it_was_written() {
        for (process, line) in [
            (
                of("/usr/bin/assumerole", None, false, "acme"),
                "/usr/bin/assumerole credential-process -- acme",
            ),
            (
                of(
                    "/opt/my tools/assumerole",
                    Some("/home/j d/x.json"),
                    true,
                    "-a",
                ),
                "'/opt/my tools/assumerole' credential-process --config '/home/j d/x.json' --no-prompt -- -a",
            ),
            (
                of("/opt/$HOME/`id`/assumerole", None, false, "a"),
                "'/opt/$HOME/`id`/assumerole' credential-process -- a",
            ),
            (
                of("/opt/#1/a#b;c/assumerole", None, false, "a"),
                "'/opt/#1/a#b;c/assumerole' credential-process -- a",
            ),
            (
                of("/opt/é/assumerole", None, false, "~"),
                "'/opt/é/assumerole' credential-process -- '~'",
            ),
        ] {
            assert_eq!(process.line().as_deref(), Ok(line));
            assert_eq!(OwnProcess::read(line), Some(process));
        }
    }

    #[test]
    fn what_cannot_be_quoted_alike_is_refused() {
        for path in [
            "/opt/it's/assumerole",
            "/opt/a\"b/assumerole",
            "/opt/a\\b/assumerole",
            "/opt/a\nb/assumerole",
            "/opt/a\u{2028}b/assumerole",
            "/opt/a #b/assumerole",
            "/opt/a\u{a0};b/assumerole",
        ] {
            let process = of(path, None, false, "a");
            assert!(process.line().is_err(), "{path:?}");
        }
    }

    #[test]
    fn other_programs_and_other_credentials_are_not_ours() {
        for line in [
            "",
            "assumerole",
            "assumerole credential-process",
            "assumerole credential-process a b",
            "assumerole credential-process --read-only a",
            "assumerole credential-process -- -",
            "assumerole -- credential-process a",
            "assumerole export a",
            "assumerole export --format json a",
            "assumerole credential-process --format json a",
            "assumerole exec a",
            "assumerole-old credential-process a",
            "aws-vault export --format=json a",
            "assumerole 'credential-process a",
        ] {
            assert_eq!(OwnProcess::read(line), None, "{line}");
        }
        for line in [
            "assumerole credential-process a",
            "assumerole -q credential-process a",
            "assumerole export a --format credential-process",
            "/x/assumerole export --format=credential-process -- a",
        ] {
            assert_eq!(OwnProcess::read(line).unwrap().role, "a", "{line}");
        }
        let line = "assumerole --config=/x credential-process --no-prompt a";
        assert_eq!(
            OwnProcess::read(line),
            Some(of("assumerole", Some("/x"), true, "a"))
        );
    }

    #[test]
    fn a_role_is_looked_for_in_the_file_that_the_line_names() {
        for (config, path, is) in [
            (None, "~/.assumerole", true),
            (None, "/etc/roles.json", false),
            (Some("/etc/roles.json"), "/etc/roles.json", true),
            (Some("/etc/roles.json"), "~/.assumerole", false),
            (Some("/home/x/team.json"), "~/team.json", true),
            (Some("~/team.json"), "~/team.json", true),
            (Some("/home/x/team.json"), "~/other.json", false),
        ] {
            let process = of("assumerole", config, false, "a");
            assert_eq!(process.is_of(path), is, "{config:?} {path}");
        }
    }
}

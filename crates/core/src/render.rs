//! Text that other programs read: a role's variables in every format.
//!
//! A format is one file and one line in [`FORMATS`]. Formats that a shell
//! evaluates change that shell ([`Script`]); the others describe what the role
//! gives ([`Handover`]).

mod bash;
mod cmd;
mod credential_process;
mod docker;
mod dotenv;
mod elvish;
mod exports;
mod fish;
mod format;
mod github;
mod handover;
mod ini;
mod json;
mod lines;
mod nu;
mod powershell;
mod sh;
mod systemd;
mod tcsh;
mod yaml;
mod zsh;

pub use exports::exports;
pub use fish::check_exported;
pub use format::{Format, FormatKind, OddName, Start};
pub use handover::{ForFile, Handover, Rendered, SecretBytes};
pub use lines::{Script, Shell};

/// Every format, in the order in which help names them.
pub const FORMATS: &[Format] = &[
    bash::FORMAT,
    zsh::FORMAT,
    sh::FORMAT,
    fish::FORMAT,
    nu::FORMAT,
    powershell::FORMAT,
    elvish::FORMAT,
    tcsh::FORMAT,
    cmd::FORMAT,
    dotenv::FORMAT,
    json::FORMAT,
    credential_process::FORMAT,
    yaml::FORMAT,
    ini::FORMAT,
    docker::FORMAT,
    systemd::FORMAT,
    github::FORMAT,
];

/// The format of that name.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The format of the shell that is called `program`: `bash`, `-zsh` (a login
/// shell) or `/usr/bin/fish`.
pub fn of_program(program: &str) -> Option<&'static Format> {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let name = name.strip_prefix('-').unwrap_or(name);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    FORMATS.iter().find(|format| format.shells.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_own_name_and_no_shell_has_two() {
        let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let mut shells: Vec<&str> = FORMATS.iter().flat_map(|f| f.shells).copied().collect();
        let (many, all) = (names.len(), shells.len());
        names.sort_unstable();
        names.dedup();
        shells.sort_unstable();
        shells.dedup();
        assert_eq!((names.len(), shells.len()), (many, all));
        assert!(names.iter().all(|name| named(name).is_some()));
    }

    #[test]
    fn a_shell_is_known_however_it_is_called() {
        for (program, format) in [
            ("bash", Some("bash")),
            ("-zsh", Some("zsh")),
            ("/usr/local/bin/fish", Some("fish")),
            ("dash", Some("sh")),
            ("pwsh.exe", Some("powershell")),
            (r"C:\Windows\System32\cmd.exe", Some("cmd")),
            ("-csh", Some("tcsh")),
            ("python3", None),
            ("", None),
        ] {
            assert_eq!(of_program(program).map(|found| found.name), format);
        }
    }
}

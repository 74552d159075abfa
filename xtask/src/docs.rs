//! What the program says of itself: docs/cli.md, its help, command by command, on one
//! page; docs/assumerole.schema.json, the schema of its file. And what its tests
//! say of it: docs/RELIABILITY.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Context as _, Failure, Result, capture};
use crate::workspace::EVERY_PROGRAM;
use crate::{reliability, ui, workspace};

const NAME: &str = "assumerole";

const INTRO: &str = "\
# Command line reference

Generated from the program's own help by `cargo xtask docs`: change the help, not this page.
";

/// `cargo xtask docs [--check]`.
///
/// # Errors
/// The program does not compile or has no help; with `check`, a file is not what
/// would be written.
pub(crate) fn docs(check: bool) -> Result {
    let programs = workspace::build(&EVERY_PROGRAM)?;
    let program = programs.get(NAME)?;
    if check {
        return self::check(program);
    }
    for (path, text) in files(program)? {
        fs::write(&path, text).context(path.display())?;
        ui::say(format!("wrote {}", path.display()));
    }
    Ok(())
}

/// Whether the files are what `program` says of itself.
///
/// # Errors
/// One is not: the first line that differs, and what to type.
pub(crate) fn check(program: &Path) -> Result {
    for (path, wanted) in files(program)? {
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found != wanted {
            return Err(outdated(&path, &found, &wanted));
        }
    }
    Ok(())
}

fn outdated(path: &Path, found: &str, wanted: &str) -> Failure {
    let lines = |text: &str, at: usize| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    let same = found
        .lines()
        .zip(wanted.lines())
        .take_while(|(a, b)| a == b)
        .count();
    Failure::new(format!(
        "{} is not what the program says\n  line {}: {}\n  the program: {}\n  \
         to write it anew: cargo xtask docs",
        path.display(),
        same + 1,
        lines(found, same),
        lines(wanted, same),
    ))
}

/// Each file and what it should hold.
fn files(program: &Path) -> Result<[(PathBuf, String); 3]> {
    let docs = workspace::root().join("docs");
    let page = page(&|subcommands| say(program, &[subcommands, &["--help"]].concat()))?;
    let schema = say(program, &["schema"])?;
    Ok([
        (docs.join("cli.md"), page),
        (docs.join("assumerole.schema.json"), schema),
        (docs.join("RELIABILITY.md"), reliability::page()),
    ])
}

fn say(program: &Path, args: &[&str]) -> Result<String> {
    // Nothing of this machine may show up in it.
    let mut command = Command::new(program);
    capture(command.args(args).env_clear().env("NO_COLOR", "1"))
}

/// The page, given what `--help` prints after each list of commands.
fn page(help: &dyn Fn(&[&str]) -> Result<String>) -> Result<String> {
    let mut page = INTRO.to_owned();
    let top = help(&[])?;
    let subcommands = subcommands(&top);
    if subcommands.is_empty() {
        let why = "the help of the program lists no subcommands under \"Commands:\"";
        return Err(Failure::new(why));
    }
    add(&mut page, &[], &top);
    for subcommand in subcommands {
        add_command(&mut page, &[subcommand], help)?;
    }
    Ok(page)
}

fn add_command(
    page: &mut String,
    path: &[&str],
    help: &dyn Fn(&[&str]) -> Result<String>,
) -> Result {
    let text = help(path)?;
    add(page, path, &text);
    for subcommand in subcommands(&text) {
        add_command(page, &[path, &[subcommand]].concat(), help)?;
    }
    Ok(())
}

fn add(page: &mut String, subcommands: &[&str], text: &str) {
    let title = [&[NAME], subcommands].concat().join(" ");
    page.push_str(&format!("\n## `{title}`\n\n```text\n"));
    for line in text.trim_end().lines() {
        page.push_str(line.trim_end());
        page.push('\n');
    }
    page.push_str("```\n");
}

/// The commands that a help text lists under `Commands…:`, in groups or not,
/// without `help` itself.
fn subcommands(text: &str) -> Vec<&str> {
    let mut listed = false;
    let mut subcommands = Vec::new();
    for line in text.lines() {
        if !line.starts_with(' ') && !line.is_empty() {
            listed = line.starts_with("Commands") && line.ends_with(':');
        }
        let row = line.strip_prefix("  ").filter(|row| !row.starts_with(' '));
        let subcommand = row.and_then(|row| row.split([' ', ',']).next());
        subcommands.extend(
            subcommand
                .filter(|subcommand| listed && !subcommand.is_empty() && *subcommand != "help"),
        );
    }
    subcommands
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: &str = "Usage: assumerole [ROLE]\n\nCommands:\n  exec    Run a command  \n  \
        list    Roles,\n          long told\n  help    This\n\nOptions:\n  -q  Quiet\n";

    #[test]
    fn commands_are_read_from_the_list_of_commands() {
        assert_eq!(subcommands(TOP), ["exec", "list"]);
        let groups = "Commands to a:\n  x  X\n\nCommands to b:\n  y  Y\n\nCommands are:\n\nArguments:\n  [Z]\n";
        assert_eq!(subcommands(groups), ["x", "y"]);
        assert!(subcommands("Usage: x\n\nOptions:\n  -q  Quiet\n").is_empty());
    }

    #[test]
    fn the_page_has_the_help_of_every_command_however_deep() {
        let help = |path: &[&str]| {
            Ok(match path {
                [] => TOP.to_owned(),
                ["exec"] => "Usage: exec\n\nCommands:\n  deep  Down\n".to_owned(),
                other => format!("Usage: {}\n", other.join(" ")),
            })
        };
        let page = page(&help).unwrap();
        let titles: Vec<&str> = page.lines().filter(|l| l.starts_with("##")).collect();
        assert_eq!(
            titles,
            [
                "## `assumerole`",
                "## `assumerole exec`",
                "## `assumerole exec deep`",
                "## `assumerole list`",
            ]
        );
        assert!(page.ends_with("```text\nUsage: list\n```\n"), "{page}");
        assert!(!page.lines().any(|line| line.ends_with(' ')));
    }

    #[test]
    fn a_help_without_commands_is_a_failure() {
        assert!(page(&|_| Ok("Usage: assumerole\n".to_owned())).is_err());
    }
}

//! Writes the manual pages, one for each command, from the words that `--help` has
//! and from the tables of the user guide.
//!
//! `cargo run -p assumerole --example manual -- FOLDER`

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "an example touches the machine, and prints"
)]

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::Command;
use clap_mangen::Man;
use roff::{Inline, Roff, bold, roman};

/// The page that has the tables.
const GUIDE: &str = include_str!("../../../docs/guide.md");

/// The sections of `assumerole(1)` that are sections of the guide.
const FROM_GUIDE: [(&str, &str); 2] = [
    ("EXIT STATUS", "## Exit status"),
    (
        "ENVIRONMENT",
        "## Environment variables and files that `assumerole` reads",
    ),
];

/// What people look for under this heading.
const FILES: [(&str, &str); 4] = [
    ("~/.assumerole", "The roles and the settings."),
    (
        "~/.aws/config, ~/.aws/credentials",
        "The profiles and long-term keys.",
    ),
    (
        "~/.assumerole.d/",
        "Cached sessions, sealed; the history; locks.",
    ),
    (
        "$XDG_RUNTIME_DIR/assumerole/",
        "The control socket and the token of serve.",
    ),
];

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: manual FOLDER");
        return ExitCode::from(2);
    };
    let mut command = assumerole::command().disable_help_subcommand(true);
    command.build();
    match write(&command, None, Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write into {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

/// Writes the page of `command`, which is below that of `above`, and the pages of the
/// commands below it.
fn write(command: &Command, above: Option<&str>, folder: &Path) -> io::Result<()> {
    let subcommands = command.get_subcommands();
    let below: Vec<&Command> = subcommands.filter(|below| !below.is_hide_set()).collect();
    let name = name(command);
    let man = Man::new(command.clone())
        .source(concat!("assumerole ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands")
        .date(" ");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if !below.is_empty() {
        man.render_subcommands_section(&mut page)?;
    }
    if command.get_after_long_help().is_some() || command.get_after_help().is_some() {
        man.render_extra_section(&mut page)?;
    }
    let mut rest = Roff::new();
    if above.is_none() {
        for (heading, section) in FROM_GUIDE {
            add_rows(&mut rest, heading, &rows_of(section));
        }
        let files = FILES.map(|(file, what)| (file.to_owned(), what.to_owned()));
        add_rows(&mut rest, "FILES", &files);
    }
    rest.control("SH", ["SEE ALSO"]);
    let below_it = below.iter().map(|below| self::name(below));
    rest.text(references(above.into_iter().chain(below_it).chain(["aws"])));
    rest.to_writer(&mut page)?;
    std::fs::write(folder.join(format!("{name}.1")), page)?;
    for below in below {
        write(below, Some(name), folder)?;
    }
    Ok(())
}

/// The name of the page of `command`: `assumerole-profiles-write`.
fn name(command: &Command) -> &str {
    let name = command.get_display_name();
    name.unwrap_or_else(|| command.get_name())
}

/// `pages`, as other pages name them.
fn references<'p>(pages: impl Iterator<Item = &'p str>) -> Vec<Inline> {
    let mut all = Vec::new();
    for page in pages {
        if !all.is_empty() {
            all.push(roman(", "));
        }
        all.extend([bold(page), roman("(1)")]);
    }
    all
}

/// Adds a section of names and what they mean.
fn add_rows(page: &mut Roff, heading: &str, rows: &[(String, String)]) {
    page.control("SH", [heading]);
    for (name, meaning) in rows {
        page.control("TP", []);
        page.text([bold(name.as_str())]);
        page.text([roman(meaning.as_str())]);
    }
}

/// The rows of the tables in a section of the guide.
fn rows_of(section: &str) -> Vec<(String, String)> {
    let behind = GUIDE.split_once(&format!("\n{section}\n"));
    let text = behind.and_then(|(_, text)| text.split("\n## ").next());
    let rows = text.unwrap_or_default().lines().filter_map(|line| {
        let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let (name, meaning) = row.split_once(" | ")?;
        let is_heading = ["---", "status", "variable"].contains(&name);
        (!is_heading).then(|| (plain(name), plain(meaning)))
    });
    rows.collect()
}

/// A cell of a table, without the marks of code and links.
fn plain(cell: &str) -> String {
    let mut plain = String::new();
    let mut rest = cell;
    while let Some((before, link)) = rest.split_once('[')
        && let Some((words, behind)) = link.split_once("](")
    {
        plain.push_str(before);
        plain.push_str(words);
        rest = behind.split_once(')').map_or("", |(_, behind)| behind);
    }
    plain.push_str(rest);
    plain.replace('`', "")
}

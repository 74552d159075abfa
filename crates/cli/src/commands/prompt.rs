//! `prompt`: what a shell's prompt shows, from the environment alone: what the
//! note says of the role, whatever else names one. No file
//! is read, and nothing is said of what is wrong there.

use std::ffi::OsString;

use assumerole_core::Result;
use assumerole_core::environment::{EXPIRES, PROD, table};
use assumerole_core::shell::note::Here;
use assumerole_core::shell::prompt::{Facts, Piece, What, fill};
use assumerole_host::Host;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};

use super::marks;
use crate::app::here;
use crate::outcome::Outcome;
use crate::ui::{Printer, TerminalVars, time};

/// Print role, account, region and time left, for a prompt
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// What to print
    #[arg(
        long,
        default_value = FORMAT,
        hide_default_value = true
    )]
    format: String,

    /// Add colours for this shell (or tmux)
    #[arg(long, value_name = "SHELL", hide_possible_values = true)]
    shell: Option<ColourMarks>,
}

/// What is printed unless a format is given.
const FORMAT: &str = "{role}[ ({narrowed})][ {left}]";

impl Args {
    /// What stands behind `prompt`, where it is nothing.
    pub(crate) fn plain(words: &[OsString]) -> Option<Self> {
        words.is_empty().then(|| Self {
            format: FORMAT.to_owned(),
            shell: None,
        })
    }
}

const AFTER_HELP: &str = "\
The format has {role}, {account}, {region}, {left} and {narrowed}, which is what
narrows the session. A part between [ and ] is omitted if a value in it is
unknown. Nothing is printed outside of a role. The default is
{role}[ ({narrowed})][ {left}].

SHELL is bash, zsh, fish, nu, powershell, elvish, sh or tmux. A role with the
tag prod is red, and so is the time once it is over; the last ten minutes are
yellow. docs/shell.md has recipes.";

/// How colours are marked, so that a shell can tell how long its prompt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ColourMarks {
    Bash,
    Zsh,
    Fish,
    Nu,
    Powershell,
    Elvish,
    Sh,
    Tmux,
}

/// What is worth a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alarm {
    None,
    Soon,
    Danger,
}

/// The last ten minutes are when a person is told.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// Reads no settings: whatever is wrong in them, there is a prompt.
///
/// # Errors
/// The format is none.
pub(crate) fn run(host: &Host, printer: &Printer, args: &Args) -> Result<Outcome> {
    let text = |name| host.env.text(name).map(str::to_owned);
    let (role, account, narrowed) = match here(&host.env) {
        Here::In(note) => {
            let narrowed = marks::words(&marks::of_note(&note)).join(", ");
            (Some(note.role), note.identity.account, Some(narrowed))
        }
        // The keys are those of somebody else, or none.
        Here::Left(..) => (None, None, None),
        Here::Unknown(_) | Here::Nowhere => (text(table::ROLE), text(table::ACCOUNT_ID), None),
    };
    let Some(role) = role else {
        // A wrong format is told before there is a role.
        fill(&args.format, &Facts::default())?;
        return Ok(Outcome::Done);
    };
    let left = ends(host).map(|ends| ends.duration_since(host.clock.now()));
    let facts = Facts {
        role,
        account,
        region: text(table::REGION).or_else(|| text(table::DEFAULT_REGION)),
        left: left.map(time::left),
        narrowed,
    };
    let colour = TerminalVars::read(|name| host.env.text(name)).color(true);
    let marks = args.shell.filter(|_| colour);
    let mut out = String::new();
    for piece in fill(&args.format, &facts)? {
        let alarm = match (piece.what, left) {
            (What::Role, _) if host.env.flag(PROD) => Alarm::Danger,
            (What::Left, Some(left)) if left <= SignedDuration::ZERO => Alarm::Danger,
            (What::Left, Some(left)) if left <= SOON => Alarm::Soon,
            _ => Alarm::None,
        };
        paint(&mut out, &piece, alarm, args.shell, marks);
    }
    // A prompt goes on behind it: no line break.
    let _ = printer.data(&out);
    Ok(Outcome::Done)
}

fn ends(host: &Host) -> Option<Timestamp> {
    let ours = host.env.text(EXPIRES).and_then(|ends| ends.parse().ok());
    let ours = ours.and_then(|ends| Timestamp::from_second(ends).ok());
    ours.or_else(|| host.env.text(table::CREDENTIAL_EXPIRATION)?.parse().ok())
}

fn paint(
    out: &mut String,
    piece: &Piece,
    alarm: Alarm,
    shell: Option<ColourMarks>,
    marks: Option<ColourMarks>,
) {
    // What the shell would take for its own.
    let text = match shell {
        Some(ColourMarks::Zsh) => piece.text.replace('%', "%%"),
        Some(ColourMarks::Tmux) => piece.text.replace('#', "##"),
        _ => piece.text.clone(),
    };
    let Some(marks) = marks.filter(|_| alarm != Alarm::None) else {
        out.push_str(&text);
        return;
    };
    let (on, off) = match (marks, alarm) {
        (ColourMarks::Tmux, Alarm::Soon) => ("#[fg=yellow]", "#[default]"),
        (ColourMarks::Tmux, _) => ("#[fg=red,bold]", "#[default]"),
        (_, Alarm::Soon) => ("\u{1b}[33m", "\u{1b}[0m"),
        (_, _) => ("\u{1b}[1;31m", "\u{1b}[0m"),
    };
    let (before, after) = match marks {
        // What \[ and \] of PS1 stand for.
        ColourMarks::Bash => ("\u{1}", "\u{2}"),
        ColourMarks::Zsh => ("%{", "%}"),
        _ => ("", ""),
    };
    for part in [before, on, after, &text, before, off, after] {
        out.push_str(part);
    }
}

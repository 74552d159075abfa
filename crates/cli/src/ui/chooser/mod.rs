//! The chooser: a list of roles that gets shorter as one types.
//!
//! It is drawn on the controlling terminal, whatever the three streams are,
//! below the cursor, and leaves the screen as it was.

mod draw;
mod filter;
mod keys;
mod line;
mod state;
mod terminal;

use std::borrow::Cow;
use std::io;

use assumerole_core::sanitize;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::signals::Watch;
use assumerole_host::tty::Tty;
use jiff::SignedDuration;

use super::look::Look;
use draw::Drawing;
use keys::Decoder;
use state::{State, Step};
use terminal::Terminal;

/// A role to choose.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Its name in the file.
    pub name: String,
    /// Its account, 12 digits.
    pub account: String,
    /// Its region, if it has one.
    pub region: Option<String>,
    /// How long its cached credentials last, if there are any.
    pub left: Option<SignedDuration>,
    /// What it is for, if somebody said so.
    pub description: Option<String>,
}

impl Item {
    /// A role of which no more is known.
    pub fn new(name: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            account: account.into(),
            ..Self::default()
        }
    }
}

/// How choosing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// With an item, by its place in the list.
    Picked(usize),
    /// With none of them.
    Cancelled {
        /// The signal that ended it, if it was none of the person's keys.
        signal: Option<i32>,
    },
}

/// Lets the person choose one of `items` on `tty`. They are shown in the
/// order given, best the one used most first, and filtered from the start by
/// `typed`. The terminal must be one that can move its cursor
/// ([`super::TerminalVars::can_move_cursor`]).
///
/// # Errors
/// The terminal fails, or belongs to another process now.
pub fn choose(tty: &Tty, items: &[Item], typed: &str, look: Look) -> Result<Choice> {
    if in_background(tty) {
        return Err(Error::new(Kind::Failed, "cannot let you choose a role")
            .because("another process has the terminal")
            .hint("bring this one to the front: fg"));
    }
    // In this order, so that whatever comes meanwhile is noticed, and the
    // terminal is in order before a signal can end the process.
    let watch = Watch::start().map_err(|error| failed(&error))?;
    let choice = Terminal::take(tty)
        .and_then(|mut terminal| converse(&mut terminal, &watch, items, typed, look));
    match (watch.finish(), choice) {
        (None, Ok(choice)) => Ok(choice),
        (Some(signal), _) => Ok(Choice::Cancelled {
            signal: Some(signal),
        }),
        (None, Err(error)) if terminal::is_gone(&error) => Ok(Choice::Cancelled { signal: None }),
        (None, Err(error)) => Err(failed(&error)),
    }
}

/// Whether any of `items` would be left if one had typed `typed`.
pub fn any_fits(items: &[Item], typed: &str) -> bool {
    State::new(items, typed).fitting() > 0
}

/// Draws, reads a key, does what it asks for; until there is a choice.
fn converse(
    terminal: &mut Terminal,
    watch: &Watch,
    items: &[Item],
    typed: &str,
    look: Look,
) -> io::Result<Choice> {
    let mut state = State::new(items, typed);
    let drawing = Drawing::new(state.rows(), look);
    let mut decoder = Decoder::default();
    let mut size = None;
    let mut stale = true;
    loop {
        if let Some(signal) = watch.caught() {
            return Ok(Choice::Cancelled {
                signal: Some(signal),
            });
        }
        let now = terminal.size()?;
        let height = drawing.height(now.1);
        if size.replace(now) != Some(now) {
            state.set_page(height.page);
            terminal.make_room(height.total)?;
            stale = true;
        }
        // Drawing waits until all that was typed or pasted is read.
        if stale && !terminal.has_input() {
            terminal.draw(&drawing.frame(&mut state, now.0, height))?;
            stale = false;
        }
        let key = match terminal.read()? {
            Some(byte) => decoder.push(byte),
            None => {
                if terminal.renew()? {
                    size = None;
                }
                decoder.pause()
            }
        };
        let Some(key) = key else { continue };
        stale = true;
        match state.press(key) {
            Step::Stay => {}
            Step::Pick(at) => return Ok(Choice::Picked(at)),
            Step::Cancel => return Ok(Choice::Cancelled { signal: None }),
        }
    }
}

/// To read in the background would stop this process (SIGTTIN). A terminal of
/// another container does not say; there one can only try.
fn in_background(tty: &Tty) -> bool {
    rustix::termios::tcgetpgrp(tty).is_ok_and(|front| front != rustix::process::getpgrp())
}

fn failed(error: &io::Error) -> Error {
    Error::new(Kind::Failed, "cannot let you choose a role")
        .because(error)
        .hint("name a role: assumerole ROLE")
}

/// An item that cannot harm a terminal.
struct Row<'a> {
    name: Cow<'a, str>,
    account: Cow<'a, str>,
    region: Cow<'a, str>,
    left: Option<SignedDuration>,
    description: Cow<'a, str>,
}

impl<'a> Row<'a> {
    fn of(item: &'a Item) -> Self {
        Self {
            name: tidy(&item.name),
            account: tidy(&item.account),
            region: tidy(item.region.as_deref().unwrap_or_default()),
            left: item.left,
            description: tidy(item.description.as_deref().unwrap_or_default()),
        }
    }
}

/// One harmless line; copied only if it must be changed.
fn tidy(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\t']) {
        Cow::Owned(sanitize::one_line(text))
    } else {
        sanitize::clean(text)
    }
}

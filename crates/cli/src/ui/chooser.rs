//! The chooser: a list of roles that gets shorter as one types.
//!
//! It is drawn on the controlling terminal, whatever the three streams are,
//! below the cursor, and leaves the screen as it was. When the terminal changes
//! its size, it moves to the screen that full-screen programs use.

mod by_line;
mod draw;
mod filter;
mod preview;
mod roles;
mod row;
mod state;
mod text;

use std::io;

use assumerole_core::{Error, Kind, Result};
use assumerole_host::signals::Watch;
use assumerole_host::tty::{self, AskError, Decoder, Screen, Tty};

use super::look::Look;
pub(crate) use by_line::choose_by_line;
use draw::Drawing;
use preview::Preview;
pub(crate) use roles::{Detail, Item, Roles};
use state::{ChooserState, KeyEffect};

/// What this process does at the terminal.
const DOES: &str = "lets you choose a role";

/// How choosing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// With an item, by its place in the list.
    Picked(usize),
    /// With none of them.
    Cancelled {
        /// The signal that ended it, of Ctrl-C or from outside; `None` for the
        /// other keys that give up.
        signal: Option<i32>,
    },
}

impl Choice {
    /// Ctrl-C.
    const INTERRUPTED: Self = Self::Cancelled { signal: Some(2) };
}

/// Lets the person choose one of `roles` on `tty`. They are shown in the
/// order given, best the one used most first, and filtered from the start by
/// `typed`. The terminal must be one that can move its cursor
/// ([`super::TerminalVars::can_move_cursor`]).
///
/// # Errors
/// The terminal fails, or belongs to another process now.
pub(crate) fn choose(tty: &Tty, roles: &dyn Roles, typed: &str, look: Look) -> Result<Choice> {
    if tty.in_background() {
        return Err(Error::new(Kind::Failed, "cannot let you choose a role")
            .because("another process has the terminal")
            .hint("bring this one to the front: fg"));
    }
    match tty.begin_screen(DOES) {
        Ok(()) => {}
        Err(AskError::GivenUp) => return Ok(Choice::Cancelled { signal: None }),
        Err(error) => return Err(error.into()),
    }
    let choice = choose_alone(tty, roles, typed, look);
    tty.end_turn();
    choice
}

fn choose_alone(tty: &Tty, roles: &dyn Roles, typed: &str, look: Look) -> Result<Choice> {
    // In this order, so that whatever comes meanwhile is noticed, and the
    // terminal is in order before a signal can end the process.
    let watch = Watch::start().map_err(|error| failed(&error))?;
    let choice = Screen::take(tty).and_then(|mut screen| {
        let mut view = View::new(roles, typed, look);
        view.converse(tty, &mut screen, &watch)
    });
    // By the key: a signal was meant for whoever got it.
    if matches!(choice, Ok(Choice::INTERRUPTED)) && watch.caught().is_none() {
        tty.give_up();
    }
    match (watch.finish(), choice) {
        (None, Ok(choice)) => Ok(choice),
        (Some(signal), _) => Ok(Choice::Cancelled {
            signal: Some(signal),
        }),
        (None, Err(error)) if tty::is_gone(&error) => Ok(Choice::Cancelled { signal: None }),
        (None, Err(error)) => Err(failed(&error)),
    }
}

/// Whether any of `roles` would be left if one had typed `typed`.
pub(crate) fn any_fits(roles: &dyn Roles, typed: &str) -> bool {
    ChooserState::new(roles, typed).fitting() > 0
}

/// What is on the screen, and whether it is still so.
struct View<'a> {
    state: ChooserState<'a>,
    drawing: Drawing,
    preview: Preview<'a>,
    /// Columns and rows of the terminal, as far as they are known.
    size: Option<(usize, usize)>,
    is_stale: bool,
}

impl<'a> View<'a> {
    fn new(roles: &'a dyn Roles, typed: &str, look: Look) -> Self {
        let mut state = ChooserState::new(roles, typed);
        state.make_some();
        Self {
            state,
            drawing: Drawing::new(look),
            preview: Preview::new(roles),
            size: None,
            is_stale: true,
        }
    }

    /// Draws, reads a key, does what it asks for; until there is a choice.
    fn converse(&mut self, tty: &Tty, screen: &mut Screen, watch: &Watch) -> io::Result<Choice> {
        let mut decoder = Decoder::default();
        loop {
            if let Some(signal) = watch.caught() {
                return Ok(Choice::Cancelled {
                    signal: Some(signal),
                });
            }
            // A key for the shell's modes would be another one for ours.
            if screen.renew()? {
                self.size = None;
            }
            // Drawing, and what can wait, wait until all is read that was
            // typed or pasted.
            self.fit(screen)?;
            if !screen.has_input() && !self.is_idle(screen)? {
                continue;
            }
            let key = match screen.read()? {
                Some(byte) => decoder.push(byte),
                None => decoder.pause(),
            };
            let Some(key) = key else { continue };
            self.is_stale = true;
            match self.state.press(key) {
                KeyEffect::Stay => {}
                KeyEffect::Pick(at) => return Ok(Choice::Picked(at)),
                KeyEffect::Cancel => return Ok(Choice::Cancelled { signal: None }),
                KeyEffect::Interrupt => return Ok(Choice::INTERRUPTED),
                KeyEffect::Redraw => self.size = None,
                KeyEffect::Suspend => {
                    screen.suspend(tty, DOES)?;
                    self.size = None;
                }
            }
        }
    }

    /// Makes room on a terminal that was not drawn on yet, or has another
    /// size now.
    fn fit(&mut self, screen: &Screen) -> io::Result<()> {
        let size = screen.size()?;
        let before = self.size.replace(size);
        if before != Some(size) {
            if before.is_some() {
                screen.go_to_other_screen()?;
            }
            let height = self.drawing.height(self.state.rows().count(), size);
            self.state.set_page(height.page);
            screen.make_room(height.total)?;
            self.is_stale = true;
        }
        Ok(())
    }

    /// Does what is left to be done while nobody types: draws first, then
    /// makes some rows. Whether there was nothing.
    fn is_idle(&mut self, screen: &Screen) -> io::Result<bool> {
        if !self.is_stale {
            let idle = self.state.rows().are_made();
            if !idle {
                self.state.make_some();
                // The columns may be wider now.
                self.is_stale = self.state.rows().are_made();
            }
            return Ok(idle);
        }
        let size = self.size.unwrap_or_default();
        let height = self.drawing.height(self.state.rows().count(), size);
        let details = match height.preview {
            0 => &[][..],
            _ => (self.preview).of(self.state.picked_out(), self.state.rows()),
        };
        let frame = self.drawing.frame(&mut self.state, details, size.0, height);
        screen.draw(&frame.lines, frame.cursor)?;
        self.is_stale = false;
        Ok(true)
    }
}

fn failed(error: &io::Error) -> Error {
    Error::new(Kind::Failed, "cannot let you choose a role")
        .because(error)
        .hint("name a role: assumerole ROLE")
}

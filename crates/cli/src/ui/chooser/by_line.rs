//! Choosing on a terminal that cannot move its cursor (`TERM=dumb`: a shell
//! in Emacs, a line printer): numbered rows, and a question.

use std::io::Write;

use assumerole_core::Result;
use assumerole_host::tty::{AskError, Tty};
use secrecy::ExposeSecret;

use super::DOES;
use super::draw::Drawing;
use super::roles::Roles;
use super::state::ChooserState;
use super::{Choice, failed};
use crate::ui::look::Look;

/// Rows that are shown at a time.
const MOST: usize = 15;
/// Columns of a terminal that does not say.
const USUAL: usize = 80;
const QUESTION: &str = "Number or part of a name (Enter to cancel): ";

/// As [`super::choose`], line by line, without colour.
///
/// # Errors
/// The terminal fails, or belongs to another process now.
pub(crate) fn choose_by_line(
    tty: &mut Tty,
    roles: &dyn Roles,
    typed: &str,
    utf8: bool,
) -> Result<Choice> {
    let columns = tty.size().map_or(USUAL, |(columns, _)| columns.into());
    let mut list = List::new(roles, typed, utf8);
    if tty.in_background() {
        return Err(AskError::Background.into());
    }
    tty.begin_turn(DOES)?;
    let mut say = list.lines(columns);
    loop {
        tty.write_all(say.as_bytes())
            .map_err(|error| failed(&error))?;
        let answer = match tty.prompt_line(QUESTION) {
            Ok(answer) => answer,
            Err(AskError::Interrupted(signal)) => {
                let signal = Some(signal);
                return Ok(Choice::Cancelled { signal });
            }
            Err(AskError::Closed | AskError::Cancelled | AskError::GivenUp) => {
                return Ok(Choice::Cancelled { signal: None });
            }
            Err(error) => return Err(error.into()),
        };
        say = match list.answered(answer.expose_secret()) {
            LineChoice::Pick(at) => return Ok(Choice::Picked(at)),
            LineChoice::GiveUp => return Ok(Choice::Cancelled { signal: None }),
            LineChoice::NoneFits => "No role matches.\n".to_owned(),
            LineChoice::Shorter => list.lines(columns),
        };
    }
}

/// What an answer leads to.
#[derive(Debug, PartialEq, Eq)]
enum LineChoice {
    /// This role, by its place in the list given.
    Pick(usize),
    /// None of them.
    GiveUp,
    /// The list stays as it is.
    NoneFits,
    /// The list has fewer rows now.
    Shorter,
}

/// The rows that are numbered.
struct List<'a> {
    roles: &'a dyn Roles,
    state: ChooserState<'a>,
    drawing: Drawing,
}

impl<'a> List<'a> {
    fn new(roles: &'a dyn Roles, typed: &str, utf8: bool) -> Self {
        let look = Look { color: false, utf8 };
        let mut list = Self {
            roles,
            state: ChooserState::new(roles, typed),
            drawing: Drawing::of_text(look),
        };
        list.state.set_page(MOST);
        list
    }

    fn lines(&mut self, columns: usize) -> String {
        let number = |number: usize| format!("{number:3}  ");
        let room = columns.saturating_sub(number(0).len() + 1);
        let rows = self.drawing.rows(&mut self.state, room, 0);
        let mut text = String::new();
        for (at, row) in rows.iter().enumerate() {
            text.push_str(&format!("{}{row}\n", number(at + 1)));
        }
        let more = self.state.fitting() - rows.len();
        if more > 0 {
            text.push_str(&format!("     and {more} more\n"));
        }
        text
    }

    fn answered(&mut self, answer: &str) -> LineChoice {
        let answer = answer.trim();
        if answer.is_empty() {
            return LineChoice::GiveUp;
        }
        if let Some(at) = (0..self.roles.count()).find(|at| self.roles.name(*at) == answer) {
            return LineChoice::Pick(at);
        }
        let number = answer.parse().ok().and_then(|number: usize| {
            let shown = self.state.fitting().min(MOST);
            let at = number.checked_sub(1).filter(|at| *at < shown)?;
            self.state.hit(at)
        });
        if let Some(at) = number {
            return LineChoice::Pick(at);
        }
        let mut state = ChooserState::new(self.roles, answer);
        match state.fitting() {
            0 => LineChoice::NoneFits,
            1 => state
                .picked_out()
                .map_or(LineChoice::NoneFits, LineChoice::Pick),
            _ => {
                state.set_page(MOST);
                self.state = state;
                LineChoice::Shorter
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Item;
    use super::*;

    fn items() -> Vec<Item> {
        let items = (0..20).map(|at| Item::new(format!("role-{at:02}"), format!("{at:012}")));
        items.chain([Item::new("3", "333333333333")]).collect()
    }

    #[test]
    fn rows_are_numbered_and_the_rest_counted() {
        let items = items();
        let text = List::new(&items, "", true).lines(80);
        assert!(text.starts_with("  1  role-00  000000000000\n  2  role-01"));
        assert!(text.ends_with(" 15  role-14  000000000014\n     and 6 more\n"));
        assert_eq!(
            List::new(&items, "role-1 5", true).lines(12),
            "  1  role-…\n"
        );
    }

    #[test]
    fn an_answer_is_a_name_a_number_or_a_part() {
        let items = items();
        let mut list = List::new(&items, "", true);
        assert_eq!(list.answered("  "), LineChoice::GiveUp);
        // A name that is a number is the name.
        assert_eq!(list.answered("3"), LineChoice::Pick(20));
        assert_eq!(list.answered(" 4 "), LineChoice::Pick(3));
        assert_eq!(list.answered("role-19"), LineChoice::Pick(19));
        assert_eq!(list.answered("zzz"), LineChoice::NoneFits);
        assert_eq!(list.answered("'-17"), LineChoice::Pick(17));
        // Numbers are those of what is shown.
        assert_eq!(list.answered("'-1"), LineChoice::Shorter);
        assert_eq!(list.answered("1"), LineChoice::Pick(10));
        assert_eq!(list.answered("10"), LineChoice::Pick(19));
    }

    #[test]
    fn nothing_moves_the_cursor() {
        let items = vec![Item {
            description: Some("\u{1b}[2J".to_owned()),
            ..Item::new("グローベックス", "1")
        }];
        let text = List::new(&items, "", false).lines(80);
        assert_eq!(text, "  1  グローベックス  1  �[2J\n");
    }
}

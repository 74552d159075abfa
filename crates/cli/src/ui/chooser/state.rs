//! What the chooser is at: what was typed, what fits, which row is picked
//! out. Keys go in; knows no terminal.

use assumerole_host::tty::{Key, Line};

use super::filter::{Filter, MatchedPlaces};
use super::roles::Roles;
use super::row::{ChooserRow, ChooserRows};

/// How many rows are made at a time: a moment's work, and all the roles that
/// most people have, so that their columns are wide enough from the start.
const AT_A_TIME: usize = 200;

/// What a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyEffect {
    /// On with it.
    Stay,
    /// This item, by its place in the list given.
    Pick(usize),
    /// None of them.
    Cancel,
    /// None of them, and the end of all that goes on at this terminal.
    Interrupt,
    /// All is to be drawn anew.
    Redraw,
    /// The process is to be stopped until it is wanted again.
    Suspend,
}

pub(crate) struct ChooserState<'a> {
    rows: ChooserRows<'a>,
    line: Line,
    filter: Filter,
    /// The place of the row picked out among those that fit.
    selected: usize,
    /// The place of the first row shown.
    top: usize,
    /// How many rows are shown.
    page: usize,
}

impl<'a> ChooserState<'a> {
    /// `roles` in the order to show, filtered by what was typed before.
    pub(crate) fn new(roles: &'a dyn Roles, typed: &str) -> Self {
        let mut rows = ChooserRows::new(roles);
        let typed: String = typed.chars().filter(|c| !c.is_control()).collect();
        if !typed.is_empty() {
            // Whether anything fits must be known before anything is drawn.
            rows.make_more(usize::MAX);
        }
        let mut state = Self {
            filter: Filter::new(rows.count()),
            rows,
            line: Line::new(typed),
            selected: 0,
            top: 0,
            page: 1,
        };
        state.refilter();
        state
    }

    pub(crate) fn rows(&self) -> &ChooserRows<'a> {
        &self.rows
    }

    /// Makes some of the rows that are not in sight, to have them when
    /// something is typed.
    pub(crate) fn make_some(&mut self) {
        self.make(AT_A_TIME);
    }

    /// Makes up to `most` rows. With the last one all is known that fits what
    /// was typed meanwhile: the best is picked out, unless the person has
    /// picked out another one.
    fn make(&mut self, most: usize) {
        if !self.rows.make_more(most) {
            return;
        }
        let before = self.picked_out().filter(|_| self.selected > 0);
        if self.filter.complete(&self.rows) {
            let same = |hit: &u32| Some(*hit as usize) == before;
            self.selected = self.filter.hits().iter().position(same).unwrap_or(0);
            self.follow();
        }
    }

    /// The place in the list given of the role picked out.
    pub(crate) fn picked_out(&self) -> Option<usize> {
        self.hit(self.selected)
    }

    /// The place in the list given of the role that fits at `at`.
    pub(crate) fn hit(&self, at: usize) -> Option<usize> {
        self.filter.hits().get(at).map(|hit| *hit as usize)
    }

    pub(crate) fn line(&self) -> &Line {
        &self.line
    }

    /// How many rows fit.
    pub(crate) fn fitting(&self) -> usize {
        self.filter.hits().len()
    }

    /// How many rows are shown from now on.
    pub(crate) fn set_page(&mut self, page: usize) {
        self.page = page.max(1);
        self.follow();
    }

    /// The rows to show; each with whether it is picked out, and with which
    /// of its characters fit.
    pub(crate) fn shown(&mut self) -> Vec<VisibleRow<'_>> {
        let end = (self.top + self.page).min(self.fitting());
        let mut shown = Vec::with_capacity(end - self.top);
        for at in self.top..end {
            let row = self.rows.get(self.filter.hits()[at] as usize);
            shown.push(VisibleRow {
                row,
                selected: at == self.selected,
                marks: self.filter.marks(row),
            });
        }
        shown
    }

    /// Takes a key.
    pub(crate) fn press(&mut self, key: Key) -> KeyEffect {
        match key {
            Key::Enter => {
                if !self.line.text().is_empty() {
                    self.make(usize::MAX);
                }
                return self.picked_out().map_or(KeyEffect::Stay, KeyEffect::Pick);
            }
            Key::Escape | Key::Ctrl('g') => return KeyEffect::Cancel,
            Key::Ctrl('c') => return KeyEffect::Interrupt,
            Key::Ctrl('d') if self.line.text().is_empty() => return KeyEffect::Cancel,
            Key::Ctrl('l') => return KeyEffect::Redraw,
            Key::Ctrl('z') => return KeyEffect::Suspend,
            Key::Up | Key::BackTab | Key::Ctrl('p' | 'k') => self.move_up(1),
            Key::Down | Key::Tab | Key::Ctrl('n' | 'j') => self.move_down(1),
            Key::PageUp => self.move_up(self.page),
            Key::PageDown => self.move_down(self.page),
            Key::Home => self.move_up(usize::MAX),
            Key::End => self.move_down(usize::MAX),
            edit => self.edit(edit),
        }
        self.follow();
        KeyEffect::Stay
    }

    fn edit(&mut self, key: Key) {
        match key {
            Key::Char(c) => self.line.insert(c),
            Key::Backspace => self.line.backspace(),
            Key::Delete | Key::Ctrl('d') => self.line.delete(),
            Key::Ctrl('w') | Key::Alt('\u{7f}') => self.line.delete_word(),
            Key::Ctrl('u') => self.line.clear(),
            Key::Left | Key::Ctrl('b') => self.line.left(),
            Key::Right | Key::Ctrl('f') => self.line.right(),
            Key::Ctrl('a') => self.line.go_to_start(),
            Key::Ctrl('e') => self.line.go_to_end(),
            _ => return,
        }
        self.refilter();
    }

    /// What fits changed: the best is picked out.
    fn refilter(&mut self) {
        if self.filter.set(self.line.text(), &self.rows) {
            (self.selected, self.top) = (0, 0);
        }
    }

    fn move_up(&mut self, by: usize) {
        self.selected = self.selected.saturating_sub(by);
    }

    fn move_down(&mut self, by: usize) {
        let last = self.fitting().saturating_sub(1);
        self.selected = self.selected.saturating_add(by).min(last);
    }

    /// Scrolls as little as shows the row picked out, and leaves no room
    /// empty that a row could fill.
    fn follow(&mut self) {
        let last_top = self.fitting().saturating_sub(self.page);
        let lowest = (self.selected + 1).saturating_sub(self.page);
        self.top = self.top.clamp(lowest, self.selected).min(last_top);
    }
}

/// A row to show.
pub(crate) struct VisibleRow<'a> {
    pub(crate) row: &'a ChooserRow,
    pub(crate) selected: bool,
    pub(crate) marks: MatchedPlaces,
}

#[cfg(test)]
mod tests {
    use super::super::Item;
    use super::super::row::NAME;
    use super::*;

    fn items(count: usize) -> Vec<Item> {
        (0..count)
            .map(|at| Item::new(format!("role-{at:03}"), format!("{at:012}")))
            .collect()
    }

    /// The names shown, the one picked out in brackets.
    fn shown(state: &mut ChooserState<'_>) -> Vec<String> {
        let text = |shown: &VisibleRow<'_>| match shown.selected {
            true => format!("[{}]", shown.row.text(NAME).shown()),
            false => shown.row.text(NAME).shown().to_owned(),
        };
        state.shown().iter().map(text).collect()
    }

    fn press(state: &mut ChooserState<'_>, keys: &[Key]) {
        for key in keys {
            assert_eq!(state.press(*key), KeyEffect::Stay, "{key:?}");
        }
    }

    fn typed(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn moving_scrolls_as_little_as_needed() {
        let items = items(6);
        let mut state = ChooserState::new(&items, "");
        state.set_page(3);
        assert_eq!(shown(&mut state), ["[role-000]", "role-001", "role-002"]);
        press(&mut state, &[Key::Down, Key::Ctrl('n'), Key::Ctrl('j')]);
        assert_eq!(shown(&mut state), ["role-001", "role-002", "[role-003]"]);
        press(&mut state, &[Key::Up, Key::Ctrl('p')]);
        assert_eq!(shown(&mut state), ["[role-001]", "role-002", "role-003"]);
        press(&mut state, &[Key::Ctrl('k'), Key::Up]);
        assert_eq!(shown(&mut state), ["[role-000]", "role-001", "role-002"]);
        press(&mut state, &[Key::PageDown]);
        assert_eq!(shown(&mut state), ["role-001", "role-002", "[role-003]"]);
        press(&mut state, &[Key::PageDown, Key::Down]);
        assert_eq!(shown(&mut state), ["role-003", "role-004", "[role-005]"]);
        press(&mut state, &[Key::PageUp]);
        assert_eq!(shown(&mut state), ["[role-002]", "role-003", "role-004"]);
        press(&mut state, &[Key::End]);
        assert_eq!(state.press(Key::Enter), KeyEffect::Pick(5));
        press(&mut state, &[Key::Home]);
        assert_eq!(state.press(Key::Enter), KeyEffect::Pick(0));
    }

    #[test]
    fn another_height_keeps_the_row_picked_out_in_sight() {
        let items = items(6);
        let mut state = ChooserState::new(&items, "");
        state.set_page(6);
        press(&mut state, &[Key::End]);
        state.set_page(2);
        assert_eq!(shown(&mut state), ["role-004", "[role-005]"]);
        state.set_page(0);
        assert_eq!(shown(&mut state), ["[role-005]"]);
        state.set_page(4);
        assert_eq!(shown(&mut state)[3], "[role-005]");
        assert_eq!(shown(&mut state).len(), 4);
    }

    #[test]
    fn typing_filters_and_picks_out_the_best() {
        let items = items(20);
        let mut state = ChooserState::new(&items, "");
        state.set_page(3);
        press(&mut state, &[Key::End]);
        press(&mut state, &typed("13"));
        assert_eq!(
            (state.fitting(), shown(&mut state)),
            (1, vec!["[role-013]".to_owned()])
        );
        press(&mut state, &[Key::Backspace]);
        assert_eq!(shown(&mut state)[0], "[role-001]");
        press(&mut state, &typed(" xyz"));
        assert_eq!(state.fitting(), 0);
        assert!(shown(&mut state).is_empty());
        // Nothing to pick, nothing to move to.
        press(
            &mut state,
            &[Key::Enter, Key::Down, Key::Up, Key::PageDown, Key::End],
        );
        press(&mut state, &[Key::Ctrl('w')]);
        assert_eq!(state.line().text(), "1 ");
        press(&mut state, &[Key::Ctrl('u')]);
        assert_eq!((state.line().text(), state.fitting()), ("", 20));
    }

    #[test]
    fn moving_in_the_line_keeps_the_row_picked_out() {
        let items = items(20);
        let mut state = ChooserState::new(&items, "ro");
        state.set_page(3);
        press(
            &mut state,
            &[Key::Down, Key::Left, Key::Ctrl('a'), Key::Ctrl('e')],
        );
        assert_eq!(shown(&mut state)[1], "[role-001]");
        press(&mut state, &[Key::Ctrl('a'), Key::Delete, Key::Ctrl('d')]);
        assert_eq!(state.line().text(), "");
    }

    #[test]
    fn what_was_typed_before_filters_at_once() {
        let items = items(20);
        let mut state = ChooserState::new(&items, "0\u{1b}07");
        assert_eq!(state.line().before_cursor(), "007");
        assert_eq!(state.press(Key::Enter), KeyEffect::Pick(7));
    }

    /// The last of many roles is looked at late.
    fn many() -> Vec<Item> {
        let last = Item {
            description: Some("wanted".to_owned()),
            ..Item::new("the-one-want", "")
        };
        let mut items = items(1000);
        items.extend([Item::new("wanting-ed", ""), last]);
        items
    }

    #[test]
    fn what_is_typed_at_once_finds_names_first_and_then_the_rest() {
        let items = many();
        let mut state = ChooserState::new(&items, "");
        state.set_page(3);
        press(&mut state, &typed("wanted"));
        assert_eq!(shown(&mut state), ["[wanting-ed]"]);
        while !state.rows().are_made() {
            state.make_some();
        }
        assert_eq!(shown(&mut state), ["[wanting-ed]", "the-one-want"]);
        // As if it had been typed later.
        let mut later = ChooserState::new(&items, "wanted");
        later.set_page(3);
        assert_eq!(shown(&mut later), shown(&mut state));
    }

    #[test]
    fn who_is_faster_than_the_rest_gets_what_fits_best_in_the_end() {
        let mut items = many();
        items[1001].name = "wanted".to_owned();
        items[1000].description = Some("wanted".to_owned());
        items[0].name = "w-a-n-t-e-d".to_owned();
        let mut state = ChooserState::new(&items, "");
        press(&mut state, &typed("100000000"));
        assert_eq!(state.fitting(), 0);
        items[1001].account = "100000000".to_owned();
        let mut state = ChooserState::new(&items, "");
        press(&mut state, &typed("100000000"));
        assert_eq!(state.press(Key::Enter), KeyEffect::Pick(1001));
        // What was picked out stays picked out.
        let mut state = ChooserState::new(&items, "");
        state.set_page(3);
        press(&mut state, &typed("wanted"));
        press(&mut state, &[Key::Down]);
        let before = state.picked_out();
        while !state.rows().are_made() {
            state.make_some();
        }
        assert_eq!((state.fitting(), state.picked_out()), (3, before));
    }

    #[test]
    fn there_are_four_ways_to_cancel() {
        let items = items(2);
        for (key, step) in [
            (Key::Escape, KeyEffect::Cancel),
            (Key::Ctrl('g'), KeyEffect::Cancel),
            (Key::Ctrl('d'), KeyEffect::Cancel),
            (Key::Ctrl('c'), KeyEffect::Interrupt),
        ] {
            assert_eq!(ChooserState::new(&items, "").press(key), step, "{key:?}");
        }
        assert_eq!(
            ChooserState::new(&items, "x").press(Key::Ctrl('d')),
            KeyEffect::Stay
        );
    }

    #[test]
    fn an_empty_list_can_only_be_left() {
        let none: Vec<Item> = Vec::new();
        let mut state = ChooserState::new(&none, "");
        press(&mut state, &[Key::Enter, Key::Down, Key::Char('x')]);
        assert_eq!(state.press(Key::Escape), KeyEffect::Cancel);
    }
}

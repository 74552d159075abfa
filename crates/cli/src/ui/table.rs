//! Tables: as wide as they must be, as narrow as the terminal.

use std::cmp::Reverse;

use anstyle::Style;
use assumerole_core::diagnostic::sanitize;

use super::look::{Look, styles};
use super::width;

/// Spaces between two columns.
pub(crate) const GAP: usize = 2;
/// Columns of a name that tell one role from another, often by its end: other
/// columns go before a name is cut to less.
pub(crate) const NAME: usize = 32;
/// Columns of what shrinks, where no other column is left that could go.
const LEAST: usize = 8;
/// What stands for an empty cell in a pipe, so that fields can be counted.
const NOTHING: &str = "-";

/// Which end of a column its cells stand at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// A column of a [`Table`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    title: &'static str,
    align: Align,
    least: Option<usize>,
    rank: u8,
    if_any: bool,
}

impl Column {
    /// A column under `title`, as wide as its widest cell, kept to the last.
    pub(crate) const fn new(title: &'static str) -> Self {
        Self {
            title,
            align: Align::Left,
            least: None,
            rank: 0,
            if_any: false,
        }
    }

    /// Cells stand at the right.
    #[must_use]
    pub(crate) const fn right(mut self) -> Self {
        self.align = Align::Right;
        self
    }

    /// Cells may be cut where the terminal is narrow, down to `least` columns:
    /// what still tells one from another. Before less, other columns go.
    #[must_use]
    pub(crate) const fn shrinks_to(mut self, least: usize) -> Self {
        self.least = Some(least);
        self
    }

    /// On a terminal the column is left out if all its cells are empty.
    #[must_use]
    pub(crate) const fn if_any(mut self) -> Self {
        self.if_any = true;
        self
    }

    /// The column is left out where the terminal is too narrow: the one with
    /// the highest `rank` first, of equals the last one. Rank 0 always stays.
    #[must_use]
    pub(crate) const fn dropped_at(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }
}

/// A cell: its text and how it looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// `text` in `style`.
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

/// Rows under a head. Cells are made harmless to a terminal.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    /// The texts of all cells, one behind the other: there may be a hundred
    /// thousand rows.
    texts: String,
    /// Where each cell's text ends, and the number of its style.
    cells: Vec<(u32, u8)>,
    styles: Vec<Style>,
    left_out: Option<usize>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self {
            columns: columns.into(),
            texts: String::new(),
            cells: Vec::new(),
            styles: Vec::new(),
            left_out: None,
        }
    }

    /// Leaves out the column `at` on a terminal, if it is one that may be
    /// empty.
    pub(crate) fn leave_out(&mut self, at: usize) {
        self.left_out = Some(at);
    }

    /// Adds a row. Missing cells are empty, cells without a column are not
    /// shown.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let missing = std::iter::repeat_with(Cell::default);
        for cell in cells.into_iter().chain(missing).take(self.columns.len()) {
            self.texts.push_str(&sanitize::one_line(&cell.text));
            let style = self.styles.iter().position(|style| *style == cell.style);
            let style = style.unwrap_or_else(|| {
                self.styles.push(cell.style);
                self.styles.len() - 1
            });
            let end = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
            self.cells
                .push((end, u8::try_from(style).unwrap_or(u8::MAX)));
        }
    }

    fn rows(&self) -> impl Iterator<Item = usize> {
        (0..self.cells.len()).step_by(self.columns.len().max(1))
    }

    /// The text and the style of the cell `at`, of all rows.
    fn cell(&self, at: usize) -> (&str, Style) {
        let (end, style) = self.cells[at];
        let start = at.checked_sub(1).map_or(0, |before| self.cells[before].0);
        let text = self.texts.get(start as usize..end as usize);
        let style = self.styles.get(usize::from(style)).copied();
        (text.unwrap_or_default(), style.unwrap_or_default())
    }

    /// The table as text, each line with its line feed and no space before it.
    ///
    /// On a terminal of `columns` columns it is made to fit: cells are cut,
    /// then columns left out. For a pipe or a file (`None`) nothing is cut and
    /// an empty cell is `-`, so that `awk` can count on every field; no cell
    /// but the last one should have spaces then.
    pub(crate) fn render(&self, look: Look, columns: Option<usize>) -> String {
        let mut text = String::new();
        self.render_to(look, columns, &mut |line| text.push_str(line));
        text
    }

    /// As [`Table::render`], a line after the other.
    pub(crate) fn render_to(&self, look: Look, columns: Option<usize>, out: &mut dyn FnMut(&str)) {
        let natural: Vec<usize> = (0..self.columns.len()).map(|at| self.natural(at)).collect();
        let widths = match columns {
            Some(room) => self.fitted(&natural, room),
            None => natural.into_iter().map(Some).collect(),
        };
        for row in std::iter::once(None).chain(self.rows().map(Some)) {
            let mut line = LineBuilder::new(look, columns.is_none());
            for (at, width) in widths.iter().enumerate() {
                let column = &self.columns[at];
                let cell = row.map_or((column.title, styles::STRONG), |row| self.cell(row + at));
                if let Some(width) = width {
                    line.push(cell, *width, column.align);
                }
            }
            line.text.push('\n');
            out(&line.text);
        }
    }

    /// The widths on a terminal, `None` for a column that is left out.
    fn fitted(&self, natural: &[usize], room: usize) -> Vec<Option<usize>> {
        let is_shown = |at: &usize| {
            let mut rows = self.rows();
            let mut is_empty = || rows.all(|row| self.cell(row + *at).0.is_empty());
            !(self.columns[*at].if_any && (self.left_out == Some(*at) || is_empty()))
        };
        fit_some(&self.columns, natural, room, is_shown)
    }

    /// The width of a column's widest cell.
    fn natural(&self, at: usize) -> usize {
        let cells = self.rows().map(|row| width::of(self.cell(row + at).0));
        let title = width::of(self.columns[at].title);
        cells.max().unwrap_or(0).max(title).max(NOTHING.len())
    }
}

/// A line being put together. Spaces are owed, not written, so that none end
/// the line.
struct LineBuilder {
    look: Look,
    whole: bool,
    text: String,
    owed: usize,
}

impl LineBuilder {
    fn new(look: Look, whole: bool) -> Self {
        Self {
            look,
            whole,
            text: String::new(),
            owed: 0,
        }
    }

    fn push(&mut self, (text, style): (&str, Style), width: usize, align: Align) {
        let text = if text.is_empty() && self.whole {
            NOTHING
        } else {
            text.trim_end()
        };
        let text = width::fit(text, width, self.look.ellipsis());
        let pad = width.saturating_sub(width::of(&text));
        let (before, after) = match align {
            Align::Left => (0, pad),
            Align::Right => (pad, 0),
        };
        self.owed += before;
        if !text.is_empty() {
            width::pad(&mut self.text, self.owed);
            self.text.push_str(&self.look.paint(style, &text));
            self.owed = 0;
        }
        self.owed += after + GAP;
    }
}

/// As [`fit`], without the columns that are not to be shown in any case.
pub(crate) fn fit_some(
    columns: &[Column],
    natural: &[usize],
    room: usize,
    is_shown: impl Fn(&usize) -> bool,
) -> Vec<Option<usize>> {
    let shown: Vec<usize> = (0..columns.len()).filter(is_shown).collect();
    let some: Vec<Column> = shown.iter().map(|at| columns[*at]).collect();
    let some_natural: Vec<usize> = shown.iter().map(|at| natural[*at]).collect();
    let mut widths = vec![None; columns.len()];
    for (at, width) in shown.iter().zip(fit(&some, &some_natural, room)) {
        widths[*at] = width;
    }
    widths
}

/// The width of each column in a line of `room` columns, `None` for one that
/// is left out. Those that shrink give way, the least important first; where
/// that is not enough, the least important column goes.
fn fit(columns: &[Column], natural: &[usize], room: usize) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<usize>> = natural.iter().copied().map(Some).collect();
    loop {
        let shown = widths.iter().flatten().count();
        let room = room.saturating_sub(GAP * shown.saturating_sub(1));
        for (width, natural) in widths.iter_mut().zip(natural) {
            *width = width.map(|_| *natural);
        }
        shrink(columns, &mut widths, room, usize::MAX);
        if widths.iter().flatten().sum::<usize>() <= room {
            return widths;
        }
        let droppable = |at: &usize| widths[*at].is_some() && columns[*at].rank > 0;
        match (0..columns.len())
            .filter(droppable)
            .max_by_key(|at| columns[*at].rank)
        {
            Some(at) => widths[at] = None,
            None => {
                shrink(columns, &mut widths, room, LEAST);
                squeeze(&mut widths, room);
                return widths;
            }
        }
    }
}

/// Takes columns from those that shrink, one after the other, until all fit or
/// none can give; none gives more than down to `most` that it needs at least.
fn shrink(columns: &[Column], widths: &mut [Option<usize>], room: usize, most: usize) {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| Reverse(columns[*at].rank));
    for at in order {
        let total: usize = widths.iter().flatten().sum();
        let excess = total.saturating_sub(room);
        if let (Some(least), Some(width)) = (columns[at].least, widths[at]) {
            let spare = width.saturating_sub(least.min(most));
            widths[at] = Some(width - spare.min(excess));
        }
    }
}

/// The last resort: what does not fit in `room` is cut from the right.
fn squeeze(widths: &mut [Option<usize>], mut room: usize) {
    for width in widths.iter_mut().flatten() {
        *width = room.min(*width);
        room -= *width;
    }
}

#[cfg(test)]
mod tests;

//! The chooser as lines of text. Knows no terminal.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use unicode_segmentation::UnicodeSegmentation;

use super::Row;
use super::state::{Shown, State};
use crate::ui::look::{Look, styles};
use crate::ui::table::{self, Column};
use crate::ui::{time, width};

const LABEL: &str = "Role: ";
/// Columns before a row, where the one picked out has its mark.
const MARGIN: usize = 2;
/// Below this many columns the count of roles gives way to what is typed.
const COUNT_FROM: usize = 28;
/// Below this many rows of the terminal the keys are not explained.
const FOOTER_FROM: usize = 6;
/// More rows than this hide too much of what was on the screen before.
const MOST_ROWS: usize = 15;
/// Fewer rows than this show too little.
const LEAST_ROWS: usize = 10;

const ACCENT: Style = AnsiColor::Cyan.on_default().bold();
const FITS: Style = AnsiColor::Green.on_default().bold();

/// Name, account, time left, region, description. The name stays to the last.
const COLUMNS: [Column; 5] = [
    Column::new("").shrinks_to(20),
    Column::new("").dropped_at(1),
    Column::new("").right().dropped_at(2),
    Column::new("").dropped_at(3),
    Column::new("").shrinks_to(12).dropped_at(4),
];
const NAME: usize = 0;
const ACCOUNT: usize = 1;
const LEFT: usize = 2;

/// What is on the screen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The lines from the top, none wider than the terminal.
    pub(crate) lines: Vec<String>,
    /// The column of the cursor, from 0, in the first line.
    pub(crate) cursor: usize,
}

/// How the rows are drawn, measured once.
pub(crate) struct Drawing {
    look: Look,
    /// The width of the widest cell of each column.
    natural: [usize; COLUMNS.len()],
    rows: usize,
}

/// How the height is shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Height {
    /// All lines.
    pub(crate) total: usize,
    /// Lines for rows.
    pub(crate) page: usize,
    footer: bool,
}

impl Drawing {
    pub(crate) fn new(rows: &[Row<'_>], look: Look) -> Self {
        let mut natural = [0; COLUMNS.len()];
        for row in rows {
            for (widest, cell) in natural.iter_mut().zip(cells(row)) {
                *widest = width::of(&cell.0).max(*widest);
            }
        }
        Self {
            look,
            natural,
            rows: rows.len(),
        }
    }

    /// The height in a terminal of `rows` rows: two fifths of it within
    /// sensible limits, and never more than there are roles to show.
    pub(crate) fn height(&self, rows: usize) -> Height {
        let footer = rows >= FOOTER_FROM;
        let most = (rows * 2 / 5).clamp(LEAST_ROWS, MOST_ROWS).min(rows).max(1);
        let page = most - 1 - usize::from(footer);
        let page = page.min(self.rows.max(1));
        Height {
            total: 1 + page + usize::from(footer),
            page,
            footer,
        }
    }

    /// Draws `state` on a terminal of `columns` columns.
    pub(crate) fn frame(&self, state: &mut State<'_>, columns: usize, height: Height) -> Frame {
        // Some terminals wrap as soon as the last column is written.
        let columns = columns.saturating_sub(1);
        let (first, cursor) = self.prompt(state, columns);
        let margin = MARGIN.min(columns);
        let widths = self.widths(columns - margin);
        let mut lines = vec![first];
        if height.page > 0 {
            let nothing = state.fitting() == 0;
            lines.extend(
                state
                    .shown()
                    .iter()
                    .map(|row| self.row(row, margin, &widths)),
            );
            if nothing {
                lines.push(self.nothing(state, columns));
            }
        }
        lines.resize(1 + height.page, String::new());
        if height.footer {
            lines.push(self.footer(columns));
        }
        Frame { lines, cursor }
    }

    /// The widths of the columns that have anything in them.
    fn widths(&self, room: usize) -> Vec<Option<usize>> {
        let filled = |at: &usize| self.natural[*at] > 0;
        let kept: Vec<usize> = (0..COLUMNS.len()).filter(filled).collect();
        let columns: Vec<Column> = kept.iter().map(|at| COLUMNS[*at]).collect();
        let natural: Vec<usize> = kept.iter().map(|at| self.natural[*at]).collect();
        let mut widths = vec![None; COLUMNS.len()];
        for (at, width) in kept.iter().zip(table::fit(&columns, &natural, room)) {
            widths[*at] = width;
        }
        widths
    }

    /// What is typed, and how many roles fit.
    fn prompt(&self, state: &State<'_>, columns: usize) -> (String, usize) {
        let count = format!("{}/{}", state.fitting(), state.rows().len());
        let label = width::prefix(LABEL, columns.saturating_sub(2));
        let mut room = columns.saturating_sub(width::of(label));
        let with_count = columns >= COUNT_FROM;
        if with_count {
            room = room.saturating_sub(width::of(&count) + table::GAP);
        }
        let (before, after) = (state.line().before_cursor(), state.line().after_cursor());
        // One column is the cursor's.
        let before = self.end_of(before, room.saturating_sub(1));
        let after = width::prefix(after, room - width::of(&before).min(room));
        let cursor = width::of(label) + width::of(&before);
        let mut line = self.look.paint(ACCENT, label).into_owned();
        line.push_str(&before);
        line.push_str(after);
        if with_count {
            let used = cursor + width::of(after) + width::of(&count);
            width::pad(&mut line, columns.saturating_sub(used));
            line.push_str(&self.look.paint(styles::FAINT, &count));
        }
        (line, cursor)
    }

    /// The end of `text` in at most `room` columns.
    fn end_of(&self, text: &str, room: usize) -> String {
        if width::of(text) <= room {
            return text.to_owned();
        }
        let mut start = text.len();
        let mut taken = width::of(self.look.ellipsis());
        for (at, grapheme) in text.grapheme_indices(true).rev() {
            taken += width::of(grapheme);
            if taken > room {
                break;
            }
            start = at;
        }
        let ellipsis = if room == 0 { "" } else { self.look.ellipsis() };
        format!("{ellipsis}{}", &text[start..])
    }

    fn row(&self, shown: &Shown<'_>, margin: usize, widths: &[Option<usize>]) -> String {
        let mark = match (shown.selected, self.look.utf8) {
            (true, true) => "▌ ",
            (true, false) => "> ",
            (false, _) => "  ",
        };
        let style = if shown.selected { ACCENT } else { Style::new() };
        let mark = width::prefix(mark, margin);
        let mut line = self.look.paint(style, mark).into_owned();
        let mut owed = 0;
        for (at, (text, style)) in cells(shown.row).into_iter().enumerate() {
            let Some(room) = widths[at] else { continue };
            let (marks, style) = match at {
                NAME if shown.selected => (&shown.in_name[..], styles::STRONG),
                NAME => (&shown.in_name[..], style),
                ACCOUNT => (&shown.in_account[..], style),
                _ => (&[][..], style),
            };
            let (cell, taken) = self.cell(&text, room, style, marks);
            let pad = room - taken.min(room);
            let (before, after) = if at == LEFT { (pad, 0) } else { (0, pad) };
            if taken > 0 {
                width::pad(&mut line, owed + before);
                line.push_str(&cell);
                owed = after + table::GAP;
            } else {
                owed += before + after + table::GAP;
            }
        }
        line
    }

    /// `text` in at most `room` columns with its `marks`, and its width.
    fn cell(&self, text: &str, room: usize, style: Style, marks: &[u32]) -> (String, usize) {
        let fitted = width::fit(text, room, self.look.ellipsis());
        let taken = width::of(&fitted);
        if !self.look.color || marks.is_empty() {
            return (self.look.paint(style, &fitted).into_owned(), taken);
        }
        let kept = match fitted == text {
            true => usize::MAX,
            // The ellipsis fits nothing.
            false => fitted.graphemes(true).count() - 1,
        };
        let fits = |at: usize| {
            let mark = u32::try_from(at).unwrap_or(u32::MAX);
            at < kept && marks.binary_search(&mark).is_ok()
        };
        let graphemes: Vec<&str> = fitted.graphemes(true).collect();
        let mut cell = String::new();
        let mut start = 0;
        while start < graphemes.len() {
            let marked = fits(start);
            let rest = start + 1..graphemes.len();
            let end = rest.into_iter().find(|at| fits(*at) != marked);
            let end = end.unwrap_or(graphemes.len());
            let run = graphemes[start..end].concat();
            let style = if marked { FITS } else { style };
            cell.push_str(&self.look.paint(style, &run));
            start = end;
        }
        (cell, taken)
    }

    /// In place of the rows, when there are none.
    fn nothing(&self, state: &State<'_>, columns: usize) -> String {
        let text = match state.rows().is_empty() {
            true => "  there are no roles",
            false => "  no role fits; Ctrl-U starts again",
        };
        let text = width::fit(text, columns, self.look.ellipsis());
        self.look.paint(styles::FAINT, &text).into_owned()
    }

    /// The keys, as many as there is room for.
    fn footer(&self, columns: usize) -> String {
        let arrows = if self.look.utf8 { "↑↓" } else { "Up/Down" };
        let mut text = String::new();
        for (key, meaning) in [(arrows, "move"), ("Enter", "take it"), ("Esc", "leave")] {
            let part = format!("  {key} {meaning}");
            if width::of(&text) + width::of(&part) > columns {
                break;
            }
            text.push_str(&part);
        }
        self.look.paint(styles::FAINT, &text).into_owned()
    }
}

/// The cells of a row and how each looks.
fn cells<'a>(row: &'a Row<'_>) -> [(Cow<'a, str>, Style); COLUMNS.len()] {
    let (left, left_style) = match row.left {
        Some(left) => (Cow::Owned(time::left(left)), time::left_style(left)),
        None => (Cow::Borrowed(""), Style::new()),
    };
    [
        (Cow::Borrowed(&*row.name), Style::new()),
        (Cow::Borrowed(&*row.account), Style::new()),
        (left, left_style),
        (Cow::Borrowed(&*row.region), styles::FAINT),
        (Cow::Borrowed(&*row.description), styles::FAINT),
    ]
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;

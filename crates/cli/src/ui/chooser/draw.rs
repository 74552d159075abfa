//! The chooser as lines of text. Knows no terminal.

use anstyle::{AnsiColor, Style};
use unicode_segmentation::UnicodeSegmentation;

use super::preview;
use super::roles::Detail;
use super::row::{COLUMNS, LEFT, NAME};
use super::state::{ChooserState, VisibleRow};
use crate::ui::look::{Look, styles};
use crate::ui::table::{self, Column};
use crate::ui::width;

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

/// From this many rows and columns of the terminal on, the preview is shown.
const PREVIEW_FROM: (usize, usize) = (20, 40);
/// Lines of the preview, the one that parts it from the list included.
const PREVIEW: usize = 7;

const ACCENT: Style = AnsiColor::Cyan.on_default().bold();
const FITS: Style = AnsiColor::Green.on_default().bold();

/// Name, account, time left, region, origin, description and tags. The name
/// stays to the last.
const SHOWN: [Column; COLUMNS] = [
    Column::new("").shrinks_to(table::NAME),
    Column::new("").dropped_at(1),
    Column::new("").right().dropped_at(2),
    Column::new("").dropped_at(3),
    Column::new("").dropped_at(4),
    Column::new("").shrinks_to(12).dropped_at(5),
];

/// What is on the screen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The lines from the top, none wider than the terminal.
    pub(crate) lines: Vec<String>,
    /// The column of the cursor, from 0, in the first line.
    pub(crate) cursor: usize,
}

/// How all is drawn.
pub(crate) struct Drawing {
    look: Look,
    /// Whether the cursor can be moved.
    moves: bool,
}

/// How the height is shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Height {
    /// All lines.
    pub(crate) total: usize,
    /// Lines for rows.
    pub(crate) page: usize,
    /// Lines for the preview.
    pub(crate) preview: usize,
    footer: bool,
}

impl Drawing {
    pub(crate) fn new(look: Look) -> Self {
        Self { look, moves: true }
    }

    /// For a terminal that shows text and no more.
    pub(crate) fn of_text(look: Look) -> Self {
        Self { look, moves: false }
    }

    /// The height for `count` roles in a terminal of `size`, columns and rows:
    /// two fifths of it within sensible limits, and the preview where there
    /// is room for it; never more lines for rows than there are roles.
    pub(crate) fn height(&self, count: usize, size: (usize, usize)) -> Height {
        let (columns, rows) = size;
        let footer = rows >= FOOTER_FROM;
        let has_preview = rows >= PREVIEW_FROM.0 && columns >= PREVIEW_FROM.1 && count > 0;
        let preview = if has_preview { PREVIEW } else { 0 };
        let most = (rows * 2 / 5).clamp(LEAST_ROWS, MOST_ROWS).min(rows).max(1);
        let page = most - 1 - usize::from(footer);
        let page = page.min(count.max(1));
        Height {
            total: 1 + page + preview + usize::from(footer),
            page,
            preview,
            footer,
        }
    }

    /// Draws `state`, and the preview `details` of the role picked out, on a
    /// terminal of `columns` columns.
    pub(crate) fn frame(
        &self,
        state: &mut ChooserState<'_>,
        details: &[Detail],
        columns: usize,
        height: Height,
    ) -> Frame {
        // Some terminals wrap as soon as the last column is written.
        let columns = columns.saturating_sub(1);
        let (first, cursor) = self.prompt(state, columns);
        let margin = MARGIN.min(columns);
        let mut lines = vec![first];
        if height.page > 0 {
            lines.extend(self.rows(state, columns, margin));
            if state.fitting() == 0 {
                lines.push(self.nothing(state, columns));
            }
        }
        lines.resize(1 + height.page, String::new());
        if height.preview > 0 {
            lines.extend(preview::lines(details, self.look, columns, height.preview));
        }
        if height.footer {
            lines.push(self.footer(columns));
        }
        Frame { lines, cursor }
    }

    /// The rows of `state` that are in sight, `margin` columns for the mark of
    /// the one picked out included.
    pub(crate) fn rows(
        &self,
        state: &mut ChooserState<'_>,
        columns: usize,
        margin: usize,
    ) -> Vec<String> {
        // Those to be shown are made by now, and measured.
        state.shown();
        let widths = widths(&state.rows().widest(), columns - margin);
        let shown = state.shown();
        let rows = shown.iter().map(|row| self.row(row, margin, &widths));
        rows.collect()
    }

    /// What is typed, and how many roles fit.
    fn prompt(&self, state: &ChooserState<'_>, columns: usize) -> (String, usize) {
        let count = format!("{}/{}", state.fitting(), state.rows().count());
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

    fn row(&self, shown: &VisibleRow<'_>, margin: usize, widths: &[Option<usize>]) -> String {
        let mark = match (shown.selected, self.look.utf8) {
            (true, true) => "▌ ",
            (true, false) => "> ",
            (false, _) => "  ",
        };
        let style = if shown.selected { ACCENT } else { Style::new() };
        let mark = width::prefix(mark, margin);
        let mut line = self.look.paint(style, mark).into_owned();
        // Where the next cell begins, and how many spaces are not written yet.
        let (mut at, mut owed) = (margin, 0);
        let mut is_sure = true;
        for (column, room) in widths.iter().enumerate() {
            let Some(room) = *room else { continue };
            let text = shown.row.text(column).shown();
            let style = match column {
                NAME if shown.selected => styles::STRONG,
                _ => shown.row.style(column),
            };
            let (cell, taken) = self.cell(text, room, style, shown.marks.of(column));
            let pad = room - taken.min(room);
            let (before, after) = if column == LEFT { (pad, 0) } else { (0, pad) };
            if taken > 0 {
                width::pad(&mut line, owed + before);
                if self.moves && !is_sure {
                    line.push_str(&to_column(at + before));
                }
                line.push_str(&cell);
                owed = after + table::GAP;
                is_sure &= text.is_ascii();
            } else {
                owed += before + after + table::GAP;
            }
            at += room + table::GAP;
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
    fn nothing(&self, state: &ChooserState<'_>, columns: usize) -> String {
        let text = match state.rows().count() == 0 {
            true => "  there are no roles",
            false => "  no match; Ctrl-U clears the filter",
        };
        let text = width::fit(text, columns, self.look.ellipsis());
        self.look.paint(styles::FAINT, &text).into_owned()
    }

    /// The keys, as many as there is room for.
    fn footer(&self, columns: usize) -> String {
        let arrows = if self.look.utf8 { "↑↓" } else { "Up/Down" };
        let mut text = String::new();
        for (key, meaning) in [(arrows, "move"), ("Enter", "select"), ("Esc", "cancel")] {
            let part = format!("  {key} {meaning}");
            if width::of(&text) + width::of(&part) > columns {
                break;
            }
            text.push_str(&part);
        }
        self.look.paint(styles::FAINT, &text).into_owned()
    }
}

/// The widths of the columns that have anything in them.
fn widths(widest: &[usize; COLUMNS], room: usize) -> Vec<Option<usize>> {
    table::fit_some(&SHOWN, widest, room, |at| widest[*at] > 0)
}

/// Moves the cursor to the column `at`, from 0. Terminals do not agree on the
/// width of every character; what is behind one stands in its column anyway.
fn to_column(at: usize) -> String {
    format!("\u{1b}[{}G", at + 1)
}

#[cfg(test)]
mod tests;

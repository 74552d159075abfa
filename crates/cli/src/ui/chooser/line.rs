//! The line that is typed: text and a cursor, moved by what a person sees as
//! one character.

use unicode_segmentation::UnicodeSegmentation;

/// A text being edited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    text: String,
    /// Bytes of `text` before the cursor.
    cursor: usize,
}

impl Line {
    /// `text` with the cursor at its end.
    pub(crate) fn new(text: String) -> Self {
        let cursor = text.len();
        Self { text, cursor }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    pub(crate) fn after_cursor(&self) -> &str {
        &self.text[self.cursor..]
    }

    pub(crate) fn insert(&mut self, c: char) {
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
    }

    pub(crate) fn left(&mut self) {
        self.cursor -= last_len(self.before_cursor());
    }

    pub(crate) fn right(&mut self) {
        self.cursor += first_len(self.after_cursor());
    }

    pub(crate) fn go_to_start(&mut self) {
        self.cursor = 0;
    }

    pub(crate) fn go_to_end(&mut self) {
        self.cursor = self.text.len();
    }

    pub(crate) fn backspace(&mut self) {
        self.delete_back(last_len(self.before_cursor()));
    }

    pub(crate) fn delete(&mut self) {
        let end = self.cursor + first_len(self.after_cursor());
        self.text.drain(self.cursor..end);
    }

    /// Deletes spaces and the word before the cursor, as a shell does.
    pub(crate) fn delete_word(&mut self) {
        let before = self.before_cursor();
        let word = before.trim_end();
        let start = word
            .char_indices()
            .rev()
            .find(|(_, c)| c.is_whitespace())
            .map_or(0, |(at, c)| at + c.len_utf8());
        self.delete_back(self.cursor - start);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    fn delete_back(&mut self, bytes: usize) {
        let start = self.cursor - bytes;
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }
}

fn last_len(text: &str) -> usize {
    text.graphemes(true).next_back().map_or(0, str::len)
}

fn first_len(text: &str) -> usize {
    text.graphemes(true).next().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let (before, after) = text.split_once('|').unwrap();
        let mut line = Line::new(format!("{before}{after}"));
        line.cursor = before.len();
        line
    }

    type Edit = fn(&mut Line);

    fn after(text: &str, edit: Edit) -> String {
        let mut line = line(text);
        edit(&mut line);
        format!("{}|{}", line.before_cursor(), line.after_cursor())
    }

    #[test]
    fn edits_are_those_of_a_shell() {
        let cases: [(&str, Edit, &str); 17] = [
            ("ab|c", |l| l.insert('é'), "abé|c"),
            ("ab|c", Line::backspace, "a|c"),
            ("|abc", Line::backspace, "|abc"),
            ("ae\u{301}|", Line::backspace, "a|"),
            ("日本|", Line::backspace, "日|"),
            ("ab|c", Line::delete, "ab|"),
            ("ab|", Line::delete, "ab|"),
            ("|e\u{301}b", Line::delete, "|b"),
            ("ab|c", Line::left, "a|bc"),
            ("|abc", Line::left, "|abc"),
            ("ab|c", Line::right, "abc|"),
            ("abc|", Line::right, "abc|"),
            ("a bc  |d", Line::delete_word, "a |d"),
            ("bc|", Line::delete_word, "|"),
            ("  |", Line::delete_word, "|"),
            ("ab|c", Line::clear, "|"),
            ("ab|c", Line::go_to_start, "|abc"),
        ];
        for (before, edit, expected) in cases {
            assert_eq!(after(before, edit), expected, "{before:?}");
        }
        assert_eq!(after("|abc", Line::go_to_end), "abc|");
    }
}

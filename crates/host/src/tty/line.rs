//! The line that is typed: text and a cursor, moved by what a person sees as
//! one character.

use unicode_segmentation::UnicodeSegmentation;

/// A text being edited.
#[derive(Clone, Debug, Default)]
pub struct Line {
    text: String,
    /// Bytes of `text` before the cursor.
    cursor: usize,
}

impl Line {
    /// `text` with the cursor at its end.
    pub fn new(text: String) -> Self {
        let cursor = text.len();
        Self { text, cursor }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor.
    pub fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// The text from the cursor on.
    pub fn after_cursor(&self) -> &str {
        &self.text[self.cursor..]
    }

    /// Types `c`.
    pub fn insert(&mut self, c: char) {
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
    }

    /// One character to the left.
    pub fn left(&mut self) {
        self.cursor -= last_len(self.before_cursor());
    }

    /// One character to the right.
    pub fn right(&mut self) {
        self.cursor += first_len(self.after_cursor());
    }

    /// Before the first character.
    pub fn go_to_start(&mut self) {
        self.cursor = 0;
    }

    /// Behind the last character.
    pub fn go_to_end(&mut self) {
        self.cursor = self.text.len();
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        self.delete_back(last_len(self.before_cursor()));
    }

    /// Deletes the character at the cursor.
    pub fn delete(&mut self) {
        let end = self.cursor + first_len(self.after_cursor());
        self.text.drain(self.cursor..end);
    }

    /// Deletes spaces and the word before the cursor, as a shell does.
    pub fn delete_word(&mut self) {
        let before = self.before_cursor();
        let word = before.trim_end();
        let start = word
            .char_indices()
            .rev()
            .find(|(_, c)| c.is_whitespace())
            .map_or(0, |(at, c)| at + c.len_utf8());
        self.delete_back(self.cursor - start);
    }

    /// Deletes all.
    pub fn clear(&mut self) {
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

//! Text measured in the columns of a terminal.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many columns `text` takes.
pub(crate) fn of(text: &str) -> usize {
    // Most text, and there may be much of it.
    if text.is_ascii() {
        return text.len();
    }
    text.width()
}

/// `text` in at most `room` columns: as it is, or cut at its end with
/// `ellipsis` (one column) in place of what is missing.
pub(crate) fn fit(text: &str, room: usize, ellipsis: &str) -> String {
    if of(text) <= room {
        return text.to_owned();
    }
    if room == 0 {
        return String::new();
    }
    let mut cut = prefix(text, room - 1).to_owned();
    cut.push_str(ellipsis);
    cut
}

/// The longest beginning of `text` that takes at most `room` columns. What a
/// person sees as one character (accents, emoji) is never cut.
pub(crate) fn prefix(text: &str, room: usize) -> &str {
    let mut taken = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        taken += of(grapheme);
        if taken > room {
            return &text[..at];
        }
    }
    text
}

/// The longest end of `text` that takes at most `room` columns; as `prefix`,
/// it cuts no character.
pub(crate) fn suffix(text: &str, room: usize) -> &str {
    let mut taken = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        taken += of(grapheme);
        if taken > room {
            return &text[at + grapheme.len()..];
        }
    }
    text
}

/// Adds `count` spaces.
pub(crate) fn pad(line: &mut String, count: usize) {
    line.extend(std::iter::repeat_n(' ', count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns_not_by_characters() {
        assert_eq!(fit("abc", 3, "…"), "abc");
        assert_eq!(fit("abcd", 3, "…"), "ab…");
        assert_eq!(fit("abcd", 1, "…"), "…");
        assert_eq!(fit("abcd", 0, "…"), "");
        assert_eq!(fit("日本語", 6, "…"), "日本語");
        assert_eq!(fit("日本語", 5, "…"), "日本…");
        // Half a character is none.
        assert_eq!(fit("日本語", 4, "…"), "日…");
        assert_eq!(fit("e\u{301}e\u{301}e\u{301}", 2, "…"), "e\u{301}…");
        assert_eq!(fit("a\u{2601}\u{fe0f}bc", 3, "…"), "a…");
        assert_eq!(suffix("abc", 3), "abc");
        assert_eq!(suffix("日本語", 5), "本語");
        assert_eq!(suffix("abc", 0), "");
    }
}

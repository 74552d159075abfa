//! Text as it is shown, and as it is searched: a person who types `munchen`
//! means München, and the other way round.

use std::borrow::Cow;
use std::ops::Range;

use assumerole_core::diagnostic::sanitize;
use nucleo_matcher::pattern::{Atom, AtomKind};
use nucleo_matcher::{Utf32Str, chars};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use unicode_segmentation::UnicodeSegmentation as _;

/// A line of text that cannot harm a terminal.
#[derive(Debug, Default)]
pub(crate) struct Text {
    shown: String,
    /// As it is searched; ASCII is as it is.
    folded: Option<Folded>,
}

/// Without accents, each character on its own.
#[derive(Debug, Default)]
struct Folded {
    /// A space at the end, see [`Text::part`].
    chars: Vec<char>,
    /// Of each of them, which character a person sees it in.
    seen: Vec<u32>,
}

impl Text {
    /// `text`, made harmless.
    pub(crate) fn new(text: String) -> Self {
        let shown = tidy(text);
        let folded = (!shown.is_ascii()).then(|| Folded::of(&shown));
        Self { shown, folded }
    }

    /// As it is shown.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The whole of it, for [`Text::part`].
    pub(crate) fn whole(&self) -> Range<usize> {
        0..self.length()
    }

    /// Its words, for [`Text::part`].
    pub(crate) fn words(&self) -> Vec<Range<usize>> {
        let is_space = |at: usize| match &self.folded {
            None => self.shown.as_bytes()[at].is_ascii_whitespace(),
            Some(folded) => folded.chars[at].is_whitespace(),
        };
        let mut words = Vec::new();
        let mut start = None;
        for at in 0..self.length() {
            match (is_space(at), start) {
                (false, None) => start = Some(at),
                (true, Some(from)) => {
                    words.push(from..at);
                    start = None;
                }
                _ => {}
            }
        }
        words.extend(start.map(|from| from..self.length()));
        words
    }

    fn length(&self) -> usize {
        match &self.folded {
            None => self.shown.len(),
            Some(folded) => folded.chars.len() - 1,
        }
    }

    /// The part at `range` as the matcher wants it for `word`. A mistake of
    /// nucleo-matcher 0.3.1 is kept out: substrings are not found at the end
    /// of other text, hence the space there, nor in ASCII if they begin with
    /// digits. <https://github.com/helix-editor/nucleo/pull/104>
    pub(crate) fn part<'a>(
        &'a self,
        range: Range<usize>,
        word: &Atom,
        buffer: &'a mut Vec<char>,
    ) -> Utf32Str<'a> {
        if let Some(folded) = &self.folded {
            return Utf32Str::Unicode(&folded.chars[range.start..range.end + 1]);
        }
        let part = &self.shown[range];
        let first = || word.needle_text().chars().next();
        let begins_with_letter = || first().is_some_and(|c| c.is_ascii_lowercase());
        if word.kind != AtomKind::Substring || begins_with_letter() {
            return Utf32Str::Ascii(part.as_bytes());
        }
        buffer.clear();
        buffer.extend(part.chars());
        buffer.push(' ');
        Utf32Str::Unicode(buffer)
    }

    /// Which character a person sees at the place `at` of the text searched.
    pub(crate) fn seen_at(&self, at: u32) -> u32 {
        match &self.folded {
            None => at,
            Some(folded) => folded.seen.get(at as usize).copied().unwrap_or(u32::MAX),
        }
    }
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self::default();
        let mut piece = String::new();
        for (seen, grapheme) in (0..).zip(text.graphemes(true)) {
            piece.clear();
            fold_one(grapheme, &mut piece);
            for c in chars::graphemes(&piece) {
                folded.chars.push(c);
                folded.seen.push(seen);
            }
        }
        folded.chars.push(' ');
        folded
    }
}

/// What was typed, as it is looked for.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut folded = String::new();
    for grapheme in text.graphemes(true) {
        fold_one(grapheme, &mut folded);
    }
    Cow::Owned(folded)
}

/// Adds what a person sees as one character without its accents: `é` as `e`,
/// however it is written, `ß` as `ss`, `ﬁ` as `fi`, `Ａ` as `A`. A Korean
/// syllable stays one, though Unicode takes it apart, too.
fn fold_one(grapheme: &str, into: &mut String) {
    if grapheme.is_ascii() {
        into.push_str(grapheme);
        return;
    }
    if let Some(syllable @ '\u{ac00}'..='\u{d7a3}') = grapheme.nfc().next() {
        into.push(syllable);
        return;
    }
    for c in grapheme.nfkd() {
        match c {
            'ß' | 'ẞ' => into.push_str("ss"),
            'æ' | 'Æ' => into.push_str("ae"),
            'œ' | 'Œ' => into.push_str("oe"),
            c if canonical_combining_class(c) != 0 => {}
            // The strokes of ø, ł, đ… are no marks of their own to Unicode.
            c => into.push(chars::normalize(c)),
        }
    }
}

/// One harmless line; copied only if it must be changed.
fn tidy(text: String) -> String {
    if text.contains(['\n', '\t']) {
        return sanitize::one_line(&text);
    }
    match sanitize::clean(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_folded_however_they_are_written() {
        for (text, folded) in [
            ("plain ASCII", "plain ASCII"),
            ("München", "Munchen"),
            ("Mu\u{308}nchen", "Munchen"),
            ("Ångström", "Angstrom"),
            ("søren-łódź-đ", "soren-lodz-d"),
            ("Straße ÆØ œ", "Strasse aeO oe"),
            ("Việt-Nam", "Viet-Nam"),
            ("ﬁnance Ａｂ１", "finance Ab1"),
            ("Άθήνα", "Αθηνα"),
            ("Ёлкий", "Елкии"),
            ("がぎ", "かき"),
            // NFC and NFD of the same syllables.
            ("한국", "한국"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("日本", "日本"),
            ("İstanbul", "Istanbul"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn what_is_searched_knows_where_it_is_seen() {
        let seen = |text: &str| {
            let text = Text::new(text.to_owned());
            let seen = (0..text.length()).map(|at| text.seen_at(at as u32));
            seen.collect::<Vec<u32>>()
        };
        assert_eq!(seen("abc"), [0, 1, 2]);
        assert_eq!(seen("Straße"), [0, 1, 2, 3, 4, 4, 5]);
        assert_eq!(seen("e\u{301}👨‍👩‍👧x"), [0, 1, 2]);
        assert!(seen("").is_empty());
        // A lone accent is seen, and is not searched.
        assert_eq!(seen("é\u{200b}\u{301}a"), [0, 1, 3]);
    }

    #[test]
    fn words_are_what_stands_between_spaces() {
        let words = |text: &str| Text::new(text.to_owned()).words();
        assert_eq!(words("  ab c\td "), [2..4, 5..6, 7..8]);
        assert_eq!(words("ß  x"), [0..2, 4..5]);
        assert_eq!(words(" "), []);
        assert_eq!(words(""), []);
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_kept() {
        let text = Text::new("a\u{1b}[2J\nb\t\u{202e}c\u{9b}\r".to_owned());
        assert_eq!(text.shown(), "a�[2J b �c��");
    }
}

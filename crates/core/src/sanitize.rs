//! Foreign text on its way to a terminal.

use std::borrow::Cow;

/// `text` without anything that a terminal would act on: control characters
/// (ESC, BEL, carriage return, C1…) become `�`, a line feed and a tab stay.
/// Characters that reorder text (Unicode Bidi_Control) go too.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                if harmless(c) {
                    c
                } else {
                    char::REPLACEMENT_CHARACTER
                }
            })
            .collect(),
    )
}

/// As [`clean`], on one line: line feeds and tabs become spaces.
pub fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

fn harmless(c: char) -> bool {
    if c == '\n' || c == '\t' {
        return true;
    }
    !c.is_control()
        && !matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_cannot_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}]0;x\u{7}b\r\u{9b}c\u{202e}"), "a�]0;x�b��c�");
        assert!(matches!(clean("plain é\n\t"), Cow::Borrowed(_)));
        assert_eq!(one_line("a\nb\tc"), "a b c");
    }
}

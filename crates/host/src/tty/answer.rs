//! What is typed at a question: text that may be secret, edited at its end.

use secrecy::SecretString;
use unicode_width::UnicodeWidthChar;
use zeroize::Zeroizing;

use super::keys::Key;
use super::rules::Rules;

/// What was typed so far.
pub(super) struct Answer {
    text: Zeroizing<String>,
    count: usize,
    most: usize,
    rules: Rules,
    mask: &'static str,
}

impl Answer {
    pub(super) fn new(rules: Rules, most: usize, utf8: bool) -> Self {
        Self {
            // Never grows: growing would leave a copy behind.
            text: Zeroizing::new(String::with_capacity(most * 4)),
            count: 0,
            most,
            rules,
            mask: if utf8 { "•" } else { "*" },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Does what `key` asks for; what to write to the terminal for it.
    pub(super) fn edit(&mut self, key: Key) -> Zeroizing<String> {
        let mut drawn = Zeroizing::new(String::new());
        match key {
            Key::Char(c) if (self.rules.accept)(c) && self.count < self.most => {
                self.text.push(c);
                self.count += 1;
                self.draw(c, &mut drawn);
            }
            Key::Backspace => self.erase(&mut drawn),
            Key::Ctrl('u') => {
                while !self.is_empty() {
                    self.erase(&mut drawn);
                }
            }
            Key::Ctrl('w') | Key::Alt('\u{7f}') => {
                while self.text.ends_with(' ') {
                    self.erase(&mut drawn);
                }
                while !self.is_empty() && !self.text.ends_with(' ') {
                    self.erase(&mut drawn);
                }
            }
            _ => {}
        }
        drawn
    }

    /// The whole line, as the terminal shows it.
    pub(super) fn drawn(&self) -> Zeroizing<String> {
        let mut drawn = Zeroizing::new(String::new());
        for c in self.text.chars() {
            self.draw(c, &mut drawn);
        }
        drawn
    }

    pub(super) fn into_secret(self) -> SecretString {
        SecretString::from(self.text.as_str())
    }

    fn draw(&self, c: char, drawn: &mut String) {
        if self.rules.shown {
            drawn.push(c);
        } else {
            drawn.push_str(self.mask);
        }
    }

    fn erase(&mut self, drawn: &mut String) {
        let Some(c) = self.text.pop() else {
            return;
        };
        self.count -= 1;
        let columns = if self.rules.shown {
            c.width().unwrap_or(0)
        } else {
            1
        };
        // Understood by every terminal, a dumb one included.
        drawn.push_str(&"\u{8} \u{8}".repeat(columns));
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::{Decoder, Special};
    use super::*;

    const DIGITS: Rules = Rules {
        accept: |c| c.is_ascii_digit(),
        most: 6,
        shown: false,
    };

    const TEXT: Rules = Rules {
        accept: |c| !c.is_control(),
        most: 20,
        shown: true,
    };

    /// The text and all that was drawn for it, and the last key that ended.
    fn typed(rules: Rules, bytes: &[u8]) -> (String, String, Option<Key>) {
        let mut keys = Decoder::of_question(Special::default());
        let mut line = Answer::new(rules, rules.most, true);
        let mut drawn = String::new();
        for byte in bytes {
            match keys.push(*byte) {
                Some(end @ (Key::Enter | Key::Ctrl('c' | 'd'))) => {
                    return (line.text.to_string(), drawn, Some(end));
                }
                Some(key) => drawn.push_str(&line.edit(key)),
                None => {}
            }
        }
        (line.text.to_string(), drawn, None)
    }

    fn text(rules: Rules, bytes: &[u8]) -> String {
        typed(rules, bytes).0
    }

    #[test]
    fn a_dot_for_each_digit_and_nothing_else_is_taken() {
        let (text, drawn, end) = typed(DIGITS, b"12a 3\t456\x12789\r");
        assert_eq!((text.as_str(), drawn.as_str()), ("123456", "••••••"));
        assert_eq!(end, Some(Key::Enter));
        assert!(Answer::new(DIGITS, 6, false).mask == "*");
    }

    #[test]
    fn mistakes_are_taken_back() {
        assert_eq!(text(DIGITS, b"12\x7f\x083"), "3");
        assert_eq!(text(DIGITS, b"\x7f\x7f1"), "1");
        assert_eq!(text(DIGITS, b"123\x154"), "4");
        assert_eq!(text(TEXT, b"one two  \x17three"), "one three");
        assert_eq!(text(TEXT, b"one\x17"), "");
        let (_, drawn, _) = typed(DIGITS, b"12\x15");
        assert_eq!(drawn, "••\u{8} \u{8}\u{8} \u{8}");
    }

    #[test]
    fn wide_characters_are_taken_back_whole() {
        let (text, drawn, _) = typed(TEXT, "aé界\x7f\x7f".as_bytes());
        assert_eq!(text, "a");
        assert_eq!(drawn, "aé界\u{8} \u{8}\u{8} \u{8}\u{8} \u{8}");
    }

    #[test]
    fn cursor_keys_and_paste_marks_type_nothing() {
        assert_eq!(text(DIGITS, b"1\x1b[D2\x1b[3~3\x1bOP4\x1b[1;5C5"), "12345");
        assert_eq!(text(DIGITS, b"\x1b[200~123456\x1b[201~"), "123456");
        assert_eq!(text(TEXT, b"a\x1bxb"), "ab");
    }

    #[test]
    fn ctrl_c_is_heard_even_inside_of_a_sequence() {
        for bytes in [
            &b"12\x03"[..],
            b"\x1b\x03",
            b"\x1b[\x03",
            b"\x1bO\x03",
            b"\xc3\x03",
        ] {
            assert_eq!(typed(DIGITS, bytes).2, Some(Key::Ctrl('c')), "{bytes:?}");
        }
        assert_eq!(typed(DIGITS, b"\x04").2, Some(Key::Ctrl('d')));
    }

    #[test]
    fn bytes_that_are_no_text_are_passed_over() {
        assert_eq!(text(TEXT, b"a\xffb\xc3c\x80\x80\x80\x80\x80d"), "abcd");
        assert_eq!(text(TEXT, "ü".as_bytes()), "ü");
    }

    #[test]
    fn memory_is_taken_once() {
        let mut line = Answer::new(TEXT, 20, true);
        let before = line.text.as_ptr();
        for _ in 0..50 {
            line.edit(Key::Char('界'));
        }
        assert_eq!((line.text.as_ptr(), line.count), (before, 20));
    }
}

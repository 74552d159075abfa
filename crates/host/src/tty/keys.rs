//! From bytes to keys, from keys to a line. Knows no terminal.

use secrecy::SecretString;
use unicode_width::UnicodeWidthChar;
use zeroize::Zeroizing;

use super::rules::Rules;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Backspace,
    /// Ctrl-U: everything.
    Clear,
    /// Ctrl-W: the last word.
    ClearWord,
    Enter,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D.
    End,
    /// Esc, and nothing after it.
    Escape,
    /// Ctrl-Z.
    Suspend,
}

/// The bytes that the person has chosen for some keys with stty(1).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Special {
    pub(super) interrupt: Option<u8>,
    pub(super) end: Option<u8>,
    pub(super) suspend: Option<u8>,
    pub(super) erase: Option<u8>,
    pub(super) kill: Option<u8>,
    pub(super) word: Option<u8>,
}

/// Where in a sequence of bytes we are.
enum State {
    Ground,
    /// After ESC.
    Escape,
    /// In `ESC [ …` or `ESC O …`, until a final byte.
    Sequence,
}

/// Makes keys of bytes. Sequences for cursor keys, function keys and
/// bracketed paste are passed over: their letters were not typed.
pub(super) struct Keys {
    special: Special,
    state: State,
    /// The bytes of a character so far.
    partial: Zeroizing<Vec<u8>>,
}

impl Keys {
    pub(super) fn new(special: Special) -> Self {
        Self {
            special,
            state: State::Ground,
            partial: Zeroizing::new(Vec::with_capacity(4)),
        }
    }

    /// The key that `byte` completes.
    pub(super) fn next(&mut self, byte: u8) -> Option<Key> {
        match self.state {
            State::Ground => self.ground(byte),
            State::Escape => {
                self.state = match byte {
                    b'[' | b'O' => State::Sequence,
                    0x1b => State::Escape,
                    _ => State::Ground,
                };
                // Alt with a key is not the key; Alt-Enter and ESC Ctrl-C are
                // what they end in.
                if byte < 0x20 && byte != 0x1b {
                    self.ground(byte)
                } else {
                    None
                }
            }
            State::Sequence => {
                match byte {
                    // ECMA-48: parameters and intermediates, then the end.
                    0x20..=0x3f => {}
                    0x1b => self.state = State::Escape,
                    _ => self.state = State::Ground,
                }
                if byte < 0x20 && byte != 0x1b {
                    self.ground(byte)
                } else {
                    None
                }
            }
        }
    }

    /// Nothing came for a while: an ESC was the key itself.
    pub(super) fn pause(&mut self) -> Option<Key> {
        let was_escape = matches!(self.state, State::Escape);
        self.state = State::Ground;
        self.partial.clear();
        was_escape.then_some(Key::Escape)
    }

    fn ground(&mut self, byte: u8) -> Option<Key> {
        let chosen = Some(byte);
        let special = self.special;
        let key = match byte {
            _ if chosen == special.interrupt => Key::Interrupt,
            _ if chosen == special.end => Key::End,
            _ if chosen == special.suspend => Key::Suspend,
            _ if chosen == special.erase => Key::Backspace,
            _ if chosen == special.kill => Key::Clear,
            _ if chosen == special.word => Key::ClearWord,
            0x03 => Key::Interrupt,
            0x04 => Key::End,
            0x08 | 0x7f => Key::Backspace,
            b'\r' | b'\n' => Key::Enter,
            0x15 => Key::Clear,
            0x17 => Key::ClearWord,
            0x1a => Key::Suspend,
            0x1b => {
                self.partial.clear();
                self.state = State::Escape;
                return None;
            }
            // Tab and the like.
            0x00..=0x1f => return None,
            _ => return self.character(byte),
        };
        self.partial.clear();
        Some(key)
    }

    fn character(&mut self, byte: u8) -> Option<Key> {
        let continues = byte & 0xc0 == 0x80;
        if !continues || self.partial.len() >= 4 {
            self.partial.clear();
        }
        self.partial.push(byte);
        let typed = std::str::from_utf8(&self.partial).ok()?.chars().next()?;
        self.partial.clear();
        Some(Key::Char(typed))
    }
}

/// What was typed so far.
pub(super) struct Line {
    text: Zeroizing<String>,
    count: usize,
    most: usize,
    rules: Rules,
    mask: &'static str,
}

impl Line {
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
            Key::Clear => {
                while !self.is_empty() {
                    self.erase(&mut drawn);
                }
            }
            Key::ClearWord => {
                while self.text.ends_with(' ') {
                    self.erase(&mut drawn);
                }
                while !self.is_empty() && !self.text.ends_with(' ') {
                    self.erase(&mut drawn);
                }
            }
            Key::Char(_) | Key::Enter | Key::Interrupt | Key::End | Key::Escape | Key::Suspend => {}
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
        let mut keys = Keys::new(Special::default());
        let mut line = Line::new(rules, rules.most, true);
        let mut drawn = String::new();
        for byte in bytes {
            match keys.next(*byte) {
                Some(end @ (Key::Enter | Key::Interrupt | Key::End)) => {
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
        assert!(Line::new(DIGITS, 6, false).mask == "*");
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
    fn an_escape_alone_is_over_after_a_pause() {
        let mut keys = Keys::new(Special::default());
        assert_eq!(keys.next(0x1b), None);
        assert_eq!(keys.pause(), Some(Key::Escape));
        assert_eq!(keys.next(b'['), Some(Key::Char('[')));
        // The rest of what is no key of ours may be late.
        assert_eq!((keys.next(0x1b), keys.next(b'[')), (None, None));
        assert_eq!(keys.pause(), None);
        assert_eq!(keys.next(0x1a), Some(Key::Suspend));
    }

    #[test]
    fn ctrl_c_is_heard_even_inside_of_a_sequence() {
        for bytes in [&b"12\x03"[..], b"\x1b\x03", b"\x1b[\x03", b"\xc3\x03"] {
            assert_eq!(typed(DIGITS, bytes).2, Some(Key::Interrupt), "{bytes:?}");
        }
        assert_eq!(typed(DIGITS, b"\x04").2, Some(Key::End));
    }

    #[test]
    fn keys_chosen_with_stty_count_too() {
        let special = Special {
            interrupt: Some(0x0b),
            erase: Some(b'#'),
            ..Special::default()
        };
        let mut keys = Keys::new(special);
        assert_eq!(keys.next(0x0b), Some(Key::Interrupt));
        assert_eq!(keys.next(0x03), Some(Key::Interrupt));
        assert_eq!(keys.next(b'#'), Some(Key::Backspace));
        assert_eq!(keys.next(0x7f), Some(Key::Backspace));
    }

    #[test]
    fn bytes_that_are_no_text_are_passed_over() {
        assert_eq!(text(TEXT, b"a\xffb\xc3c\x80\x80\x80\x80\x80d"), "abcd");
        assert_eq!(text(TEXT, "ü".as_bytes()), "ü");
    }

    #[test]
    fn memory_is_taken_once() {
        let mut line = Line::new(TEXT, 20, true);
        let before = line.text.as_ptr();
        for _ in 0..50 {
            line.edit(Key::Char('界'));
        }
        assert_eq!((line.text.as_ptr(), line.count), (before, 20));
    }
}

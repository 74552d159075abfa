//! Bytes of a terminal become keys.
//!
//! Every terminal in use sends the sequences of ECMA-48 and of the VT220 for
//! its function keys; what is not known here is swallowed whole, so that no
//! tail of it is taken for typing.
//! <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>

use zeroize::Zeroizing;

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are named as on the keyboard")]
pub enum Key {
    /// A character to be typed.
    Char(char),
    /// Ctrl with a letter, given in lower case.
    Ctrl(char),
    /// Alt (or Esc first) with a character.
    Alt(char),
    Enter,
    Escape,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
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

impl Special {
    /// The key that was chosen to be `byte`.
    fn key(&self, byte: u8) -> Option<Key> {
        let keys = [
            (self.interrupt, Key::Ctrl('c')),
            (self.end, Key::Ctrl('d')),
            (self.suspend, Key::Ctrl('z')),
            (self.erase, Key::Backspace),
            (self.kill, Key::Ctrl('u')),
            (self.word, Key::Ctrl('w')),
        ];
        let mut keys = keys.into_iter();
        keys.find(|(chosen, _)| *chosen == Some(byte))
            .map(|(_, key)| key)
    }
}

const ESC: u8 = 0x1b;
/// Longer sequences are none of a key; the rest of one is still swallowed.
const LONGEST: usize = 16;
/// Numbers of what is around pasted text, if the terminal was asked for it.
const PASTE_BEGINS: &[u8] = b"200";
const PASTE_ENDS: &[u8] = b"201";

/// Turns bytes into keys, one byte at a time.
#[derive(Debug, Default)]
pub struct Decoder {
    state: DecoderState,
    /// At a question: what stty(1) says. Nothing is marked there as pasted.
    special: Option<Special>,
    /// Whether what comes was pasted: text, whatever it has in it.
    is_pasting: bool,
}

#[derive(Debug, Default)]
enum DecoderState {
    #[default]
    Ground,
    /// ESC was read.
    Escape,
    /// `ESC O` was read.
    Ss3,
    /// `ESC [` was read, and these bytes after it.
    Csi(Vec<u8>),
    /// `ESC [ [` was read: a function key of the Linux console.
    LinuxFunction,
    /// The beginning of a character, and how many bytes it will have.
    Utf8(Zeroizing<Vec<u8>>, usize),
}

impl Decoder {
    /// For a question, where the keys chosen with stty(1) count.
    pub(super) fn of_question(special: Special) -> Self {
        Self {
            special: Some(special),
            ..Self::default()
        }
    }

    /// Takes a byte; answers a key if that was its last one.
    pub fn push(&mut self, byte: u8) -> Option<Key> {
        let key = match std::mem::take(&mut self.state) {
            DecoderState::Ground => self.ground(byte),
            DecoderState::Escape => self.escape(byte),
            DecoderState::Ss3 if byte < 0x20 => self.ground(byte),
            DecoderState::Ss3 => final_key(byte),
            DecoderState::Csi(bytes) => self.csi(bytes, byte),
            DecoderState::LinuxFunction => None,
            DecoderState::Utf8(bytes, length) => self.utf8(bytes, length, byte),
        };
        if self.is_pasting {
            return key.and_then(pasted);
        }
        key
    }

    /// Nothing came for a while: an ESC that stands alone was the key Esc,
    /// anything else begun will not be finished.
    pub fn pause(&mut self) -> Option<Key> {
        match std::mem::take(&mut self.state) {
            DecoderState::Escape => {
                // Pressed, when the end of what was pasted was lost.
                self.is_pasting = false;
                Some(Key::Escape)
            }
            DecoderState::Csi(bytes) if bytes.is_empty() => Some(Key::Alt('[')),
            DecoderState::Ss3 => Some(Key::Alt('O')),
            _ => None,
        }
    }

    fn ground(&mut self, byte: u8) -> Option<Key> {
        let chosen = self.special.and_then(|special| special.key(byte));
        if chosen.is_some() {
            return chosen;
        }
        let length = match byte {
            ESC => {
                self.state = DecoderState::Escape;
                return None;
            }
            0x00..=0x1f | 0x7f => return control(byte),
            0x20..=0x7e => return Some(Key::Char(char::from(byte))),
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            // No character begins so.
            _ => return None,
        };
        // Of its whole size, so that no copy is left behind where it grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(4));
        bytes.push(byte);
        self.state = DecoderState::Utf8(bytes, length);
        None
    }

    fn escape(&mut self, byte: u8) -> Option<Key> {
        self.state = match byte {
            b'[' => DecoderState::Csi(Vec::new()),
            b'O' => DecoderState::Ss3,
            ESC => {
                self.state = DecoderState::Escape;
                return Some(Key::Escape);
            }
            0x20..=0x7e => return Some(Key::Alt(char::from(byte))),
            0x08 | 0x7f => return Some(Key::Alt('\u{7f}')),
            _ => return self.ground(byte),
        };
        None
    }

    fn csi(&mut self, mut bytes: Vec<u8>, byte: u8) -> Option<Key> {
        match byte {
            b'[' if bytes.is_empty() => self.state = DecoderState::LinuxFunction,
            0x20..=0x3f => {
                if bytes.len() < LONGEST {
                    bytes.push(byte);
                }
                self.state = DecoderState::Csi(bytes);
            }
            b'~' if bytes == PASTE_BEGINS => self.is_pasting = self.special.is_none(),
            b'~' if bytes == PASTE_ENDS => self.is_pasting = false,
            b'~' => return numbered_key(&bytes),
            0x40..=0x7e => return final_key(byte),
            // Not a sequence after all.
            _ => return self.ground(byte),
        }
        None
    }

    fn utf8(&mut self, mut bytes: Zeroizing<Vec<u8>>, length: usize, byte: u8) -> Option<Key> {
        if byte & 0xc0 != 0x80 {
            return self.ground(byte);
        }
        bytes.push(byte);
        if bytes.len() < length {
            self.state = DecoderState::Utf8(bytes, length);
            return None;
        }
        let c = str::from_utf8(&bytes).ok()?.chars().next()?;
        // C1 characters are controls, not text.
        (!c.is_control()).then_some(Key::Char(c))
    }
}

fn control(byte: u8) -> Option<Key> {
    Some(match byte {
        b'\r' => Key::Enter,
        b'\t' => Key::Tab,
        0x08 | 0x7f => Key::Backspace,
        0x01..=0x1a => Key::Ctrl(char::from(byte - 1 + b'a')),
        _ => return None,
    })
}

/// What a key means in pasted text: a character or, between two words, a
/// space. Nothing that is pasted takes a role or leaves the list.
fn pasted(key: Key) -> Option<Key> {
    match key {
        Key::Char(_) => Some(key),
        Key::Enter | Key::Tab | Key::Ctrl('j') => Some(Key::Char(' ')),
        _ => None,
    }
}

/// The key of `ESC [ … letter` and of `ESC O letter`.
fn final_key(letter: u8) -> Option<Key> {
    Some(match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        b'Z' => Key::BackTab,
        _ => return None,
    })
}

/// The key of `ESC [ number ; modifiers ~`.
fn numbered_key(parameters: &[u8]) -> Option<Key> {
    let number = parameters.split(|byte| *byte == b';').next()?;
    Some(match number {
        b"1" | b"7" => Key::Home,
        b"4" | b"8" => Key::End,
        b"3" => Key::Delete,
        b"5" => Key::PageUp,
        b"6" => Key::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of `bytes`, after which nothing comes.
    fn keys(bytes: impl AsRef<[u8]>) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let mut keys: Vec<Key> = Vec::new();
        for byte in bytes.as_ref() {
            keys.extend(decoder.push(*byte));
        }
        keys.extend(decoder.pause());
        assert!(matches!(decoder.state, DecoderState::Ground));
        keys
    }

    #[test]
    fn keys_of_every_common_terminal_are_known() {
        for (bytes, key) in [
            ("a", Key::Char('a')),
            (" ", Key::Char(' ')),
            ("é", Key::Char('é')),
            ("語", Key::Char('語')),
            ("😀", Key::Char('😀')),
            ("\r", Key::Enter),
            ("\t", Key::Tab),
            ("\n", Key::Ctrl('j')),
            ("\u{3}", Key::Ctrl('c')),
            ("\u{17}", Key::Ctrl('w')),
            ("\u{7f}", Key::Backspace),
            ("\u{8}", Key::Backspace),
            ("\u{1b}", Key::Escape),
            ("\u{1b}b", Key::Alt('b')),
            ("\u{1b}\u{7f}", Key::Alt('\u{7f}')),
            ("\u{1b}[A", Key::Up),
            ("\u{1b}OB", Key::Down),
            ("\u{1b}[1;5C", Key::Right),
            ("\u{1b}[D", Key::Left),
            ("\u{1b}[H", Key::Home),
            ("\u{1b}[1~", Key::Home),
            ("\u{1b}OF", Key::End),
            ("\u{1b}[4~", Key::End),
            ("\u{1b}[3~", Key::Delete),
            ("\u{1b}[5~", Key::PageUp),
            ("\u{1b}[6;2~", Key::PageDown),
            ("\u{1b}[Z", Key::BackTab),
            ("\u{1b}OM", Key::Enter),
            ("\u{1b}[", Key::Alt('[')),
        ] {
            assert_eq!(keys(bytes), [key], "{bytes:?}");
        }
    }

    #[test]
    fn unknown_sequences_leave_no_tail() {
        for bytes in [
            "\u{1b}[24~",
            "\u{1b}[201~",
            "\u{1b}OP",
            "\u{1b}[[A",
            "\u{1b}[?1;2c",
            "\u{1b}[<0;12;7m",
            "\u{1b}[1;2;3;4;5;6;7;8;9;10;11;12;13;14x",
            "\u{0}\u{1c}\u{1f}",
            "\u{85}",
        ] {
            assert_eq!(keys(format!("{bytes}a")), [Key::Char('a')], "{bytes:?}");
        }
        // Broken off by silence.
        assert_eq!(keys("\u{1b}[1;5"), []);
    }

    #[test]
    fn broken_characters_are_dropped_and_the_next_one_is_not() {
        for bytes in [
            &b"\xffa"[..],
            b"\x80a",
            b"\xc3a",
            b"\xe6\x97a",
            b"\xed\xa0\x80a",
            b"\xf4\xbf\xbf\xbfa",
            b"\x1b\xffa",
        ] {
            assert_eq!(keys(bytes), [Key::Char('a')], "{bytes:?}");
        }
        assert_eq!(keys(b"\xe6\x1b[A"), [Key::Up]);
    }

    #[test]
    fn what_is_pasted_is_text() {
        let text = |text: &str| text.chars().map(Key::Char).collect::<Vec<_>>();
        let pasted = "\u{1b}[200~é\ra\u{3}\u{15}\n\tb\u{1b}[A\u{1b}\u{1b}x\u{1b}[201~";
        assert_eq!(keys(pasted), text("é a  b"));
        let after = format!("{pasted}\r");
        assert_eq!(keys(after).last(), Some(&Key::Enter));
        // Esc helps where the end was lost.
        let mut decoder = Decoder::default();
        for byte in b"\x1b[200~a\r\x1b" {
            decoder.push(*byte);
        }
        assert_eq!(decoder.pause(), Some(Key::Escape));
        assert_eq!(decoder.push(b'\r'), Some(Key::Enter));
    }

    #[test]
    fn an_escape_alone_is_over_after_a_pause() {
        let mut keys = Decoder::default();
        assert_eq!(keys.push(ESC), None);
        assert_eq!(keys.pause(), Some(Key::Escape));
        assert_eq!(keys.push(b'['), Some(Key::Char('[')));
        assert_eq!(keys.push(0x1a), Some(Key::Ctrl('z')));
    }

    /// A program before may have asked for marks and not taken that back; what
    /// is lost of them must not keep Ctrl-C from being heard.
    #[test]
    fn at_a_question_marks_of_what_is_pasted_are_passed_over() {
        let mut keys = Decoder::of_question(Special::default());
        let pressed: Vec<Key> = b"\x1b[200~1\r\x03"
            .iter()
            .filter_map(|byte| keys.push(*byte))
            .collect();
        assert_eq!(pressed, [Key::Char('1'), Key::Enter, Key::Ctrl('c')]);
    }

    #[test]
    fn keys_chosen_with_stty_count_too() {
        let special = Special {
            interrupt: Some(0x0b),
            erase: Some(b'#'),
            ..Special::default()
        };
        let mut keys = Decoder::of_question(special);
        assert_eq!(keys.push(0x0b), Some(Key::Ctrl('c')));
        assert_eq!(keys.push(0x03), Some(Key::Ctrl('c')));
        assert_eq!(keys.push(b'#'), Some(Key::Backspace));
        assert_eq!(keys.push(0x7f), Some(Key::Backspace));
    }

    #[test]
    fn escape_twice_is_heard_at_once() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(ESC), None);
        assert_eq!(decoder.push(ESC), Some(Key::Escape));
        assert_eq!(decoder.pause(), Some(Key::Escape));
        assert_eq!(decoder.pause(), None);
    }
}

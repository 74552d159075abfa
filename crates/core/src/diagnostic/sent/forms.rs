//! The forms in which a text may come back: what is between its characters
//! left out, escapes undone, and in other alphabets.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Escapes within escapes are undone so often.
const DEEP: usize = 3;

/// A text without what could be put between its characters, and where each of
/// the rest was: the places of the first and of the last character that it was
/// written with.
pub(super) struct Skeleton {
    pub(super) chars: Vec<char>,
    pub(super) first: Vec<usize>,
    pub(super) last: Vec<usize>,
}

impl Skeleton {
    /// That of `text`, and those that come of undoing its escapes.
    pub(super) fn all(text: &[char]) -> Vec<Self> {
        let mut all = vec![Self::of(text)];
        for _ in 0..DEEP {
            let Some(next) = all.last().and_then(Self::unescaped) else {
                break;
            };
            all.push(next);
        }
        all
    }

    fn of(text: &[char]) -> Self {
        let places: Vec<usize> = (0..text.len()).filter(|at| counts(text[*at])).collect();
        Self {
            chars: places.iter().map(|at| text[*at]).collect(),
            first: places.clone(),
            last: places,
        }
    }

    /// With one layer of escapes undone; `None` if there is none.
    fn unescaped(&self) -> Option<Self> {
        let mut next = Self {
            chars: Vec::with_capacity(self.chars.len()),
            first: Vec::with_capacity(self.chars.len()),
            last: Vec::with_capacity(self.chars.len()),
        };
        let mut at = 0;
        while at < self.chars.len() {
            let (c, length) = escape(&self.chars[at..]).unwrap_or((self.chars[at], 1));
            if counts(c) {
                next.chars.push(c);
                next.first.push(self.first[at]);
                next.last.push(self.last[at + length - 1]);
            }
            at += length;
        }
        (next.chars.len() < self.chars.len()).then_some(next)
    }
}

/// Whether a character is one of a secret's: blanks, control characters, those
/// that take no room and the mark for what could not be decoded may stand
/// anywhere between.
fn counts(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fffd}'
    );
    !(c.is_whitespace() || c.is_control() || invisible)
}

/// The character that `text` begins with as an escape, and its length: of URLs
/// (`%2F`), JSON (`\/`, `\u002f`), XML (`&amp;`, `&#x2F;`, `&#47;`).
fn escape(text: &[char]) -> Option<(char, usize)> {
    let hexadecimal = |digits: &[char]| {
        let digits: String = digits.iter().collect();
        let digits = digits
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
            .then_some(digits)?;
        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
    };
    match text {
        ['%', a, b, ..] => Some((hexadecimal(&[*a, *b])?, 3)),
        ['\\', 'u', a, b, c, d, ..] => Some((hexadecimal(&[*a, *b, *c, *d])?, 6)),
        ['\\', 'x', a, b, ..] => Some((hexadecimal(&[*a, *b])?, 4)),
        ['\\', c, ..] => Some((*c, 2)),
        ['&', rest @ ..] => {
            let end = rest.iter().take(10).position(|c| *c == ';')?;
            let name: String = rest[..end].iter().collect();
            let c = match name.as_str() {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                name => match name.strip_prefix('#')? {
                    number if number.starts_with(['x', 'X']) => {
                        char::from_u32(u32::from_str_radix(&number[1..], 16).ok()?)?
                    }
                    number => char::from_u32(number.parse().ok()?)?,
                },
            };
            Some((c, end + 2))
        }
        _ => None,
    }
}

/// `text` with the escapes of URLs undone.
pub(super) fn without_escapes(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What `secret` may look like: as it is, backwards, in hexadecimal, in base64
/// wherever in what was encoded it began.
pub(super) fn of(secret: &str) -> Vec<Vec<char>> {
    let bytes = secret.as_bytes();
    let skeleton = |text: &str| -> Vec<char> { text.chars().filter(|c| counts(*c)).collect() };
    let plain = skeleton(secret);
    let mut forms = vec![plain.iter().rev().copied().collect(), plain];
    let upper: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    forms.push(upper.to_lowercase().chars().collect());
    forms.push(upper.chars().collect());
    for shift in 0..3 {
        // Of whole groups of three bytes: the others hold what is beside it.
        let groups = bytes.get(shift..).unwrap_or_default();
        let groups = &groups[..groups.len() - groups.len() % 3];
        forms.push(STANDARD_NO_PAD.encode(groups).chars().collect());
        forms.push(URL_SAFE_NO_PAD.encode(groups).chars().collect());
    }
    // Shorter ones would be found everywhere.
    let short = forms[0].len().min(super::PIECE);
    forms.retain(|form: &Vec<char>| form.len() >= short && !form.is_empty());
    forms
}

//! Single tokens of JSON, and what may be wrong inside one.

use std::ops::Range;

use super::fault::{Fault, Read, quoted};

/// Whether `c` may stand in a number or a bare word.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '$' | '@' | '/' | '\\' | '~')
}

/// The number or the bare word at the beginning of `text`.
pub(super) fn word(text: &str) -> &str {
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    &text[..end]
}

/// How many bytes the string at the beginning of `text` takes, quotes
/// included. `base` is where `text` begins in the file.
pub(super) fn string(text: &str, base: usize) -> Read<usize> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok(at + 1),
            '\\' => {
                let escape = escape(&text[at..], base + at)?;
                // Escapes are ASCII: as many characters as bytes.
                for _ in 1..escape {
                    chars.next();
                }
            }
            '\n' | '\r' => break,
            c if u32::from(c) < 0x20 => {
                let code = u32::from(c);
                let place = base + at..base + at + 1;
                let fault = Fault::new(
                    place,
                    format!("a string holds a control character, U+{code:04X}"),
                );
                return Err(match c {
                    '\t' => fault.hint("write a tab as \\t"),
                    _ => fault.hint(format!("delete it, or write \\u{code:04x}")),
                });
            }
            _ => {}
        }
    }
    Err(Fault::new(
        base..base + 1,
        "a string begins here and does not end on its line",
    )
    .hint("add the missing \"; a line break inside a string is written \\n"))
}

/// How many bytes the escape at the beginning of `text` takes.
fn escape(text: &str, base: usize) -> Read<usize> {
    let Some(kind) = text.chars().nth(1) else {
        return Ok(1);
    };
    match kind {
        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => Ok(2),
        'u' if text.len() >= 6 && text.as_bytes()[2..6].iter().all(u8::is_ascii_hexdigit) => Ok(6),
        'u' => Err(
            Fault::new(base..base + 2, "\\u wants four hexadecimal digits")
                .hint("write a backslash itself as \\\\"),
        ),
        '\n' | '\r' => Ok(1),
        other => {
            let place = base..base + 1 + other.len_utf8();
            let message = format!("\\{} is not a JSON escape", other.escape_debug());
            Err(Fault::new(place, message).hint("write a backslash itself as \\\\"))
        }
    }
}

/// Whether `word` is a number: RFC 8259, section 6.
pub(super) fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// The fault of `word`, which begins with `c` and stands at `place` where a
/// value is expected.
pub(super) fn no_value(word: &str, c: char, place: Range<usize>) -> Box<Fault> {
    if word.is_empty() {
        return Fault::new(place, format!("a value is expected, this is {c}"));
    }
    let lower = word.to_lowercase();
    if word.len() > 1 && word.starts_with('0') && word.bytes().all(|b| b.is_ascii_digit()) {
        return Fault::new(place, "a number cannot begin with 0")
            .hint(format!("write it as a string, {}", quoted(word)));
    }
    match lower.as_str() {
        "true" | "false" | "null" => {
            Fault::new(place, format!("{word} is not JSON")).hint(format!("write {lower}"))
        }
        "none" | "nil" | "undefined" | "nan" => {
            Fault::new(place, format!("{word} is not JSON")).hint("write null")
        }
        "yes" | "on" => Fault::new(place, format!("{word} is not JSON")).hint("write true"),
        "no" | "off" => Fault::new(place, format!("{word} is not JSON")).hint("write false"),
        _ if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => {
            Fault::new(place, "this is not a number of JSON").hint("write text in double quotes")
        }
        // Not repeated here: it may be a secret.
        _ => Fault::new(place, "text must be in double quotes").hint("put \" around it"),
    }
}

//! From bytes to text and back, so that what is not edited comes back byte for
//! byte.
//!
//! <https://www.w3.org/TR/xml/#sec-guessing>

use std::ops::Range;

use crate::edits::{Fault, Read};
use secrecy::SecretSlice;
use secrecy::zeroize::Zeroizing;

/// A file as text. What is wiped when it is dropped: such files hold passwords.
pub(crate) struct Source {
    text: Zeroizing<String>,
    encoding: Encoding,
}

/// How the text was encoded. Each maps bytes to text one to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8 { mark: bool },
    Utf16 { little: bool },
    Latin1,
    Ascii,
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

impl Source {
    /// Decodes `bytes`.
    ///
    /// # Errors
    /// They are in an encoding that is not understood, or not in the one that
    /// they name. With the text as far as it can be shown.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, (Box<Fault>, String)> {
        let lossy = |fault| {
            // Of two or four bytes a character: nothing that can be shown.
            let text = if bytes.contains(&0) { &[] } else { bytes };
            (fault, String::from_utf8_lossy(text).into_owned())
        };
        let encoding = encoding_of(bytes).map_err(lossy)?;
        let text = match encoding {
            Encoding::Utf8 { mark } => {
                let from = if mark { UTF8_MARK.len() } else { 0 };
                utf8(&bytes[from..], bytes)?
            }
            Encoding::Utf16 { little } => utf16(&bytes[2..], little)?,
            Encoding::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
            Encoding::Ascii => ascii(bytes).map_err(lossy)?,
        };
        Ok(Self {
            text: Zeroizing::new(text),
            encoding,
        })
    }

    /// The text, without a byte order mark.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether `c` can be written as itself.
    pub(crate) fn can_write(&self, c: char) -> bool {
        match self.encoding {
            Encoding::Utf8 { .. } | Encoding::Utf16 { .. } => true,
            Encoding::Latin1 => u32::from(c) < 0x100,
            Encoding::Ascii => c.is_ascii(),
        }
    }

    /// `text` in the encoding of this file. Every character of it is one that
    /// [`Self::can_write`] allows.
    pub(crate) fn encode(&self, text: &str) -> SecretSlice<u8> {
        // Sized exactly, so that no copy is left behind.
        let mut bytes: Vec<u8> = Vec::with_capacity(match self.encoding {
            Encoding::Utf8 { mark: true } => UTF8_MARK.len() + text.len(),
            Encoding::Utf8 { mark: false } => text.len(),
            Encoding::Utf16 { .. } => 2 + 2 * text.encode_utf16().count(),
            Encoding::Latin1 | Encoding::Ascii => text.chars().count(),
        });
        match self.encoding {
            Encoding::Utf8 { mark } => {
                bytes.extend_from_slice(if mark { UTF8_MARK } else { &[] });
                bytes.extend_from_slice(text.as_bytes());
            }
            Encoding::Utf16 { little: true } => {
                bytes.extend_from_slice(b"\xff\xfe");
                bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            }
            Encoding::Utf16 { little: false } => {
                bytes.extend_from_slice(b"\xfe\xff");
                bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Encoding::Latin1 | Encoding::Ascii => {
                let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or(b'?');
                bytes.extend(text.chars().map(byte));
            }
        }
        bytes.into()
    }
}

/// What the byte order mark and the declaration say; they must agree.
fn encoding_of(bytes: &[u8]) -> Read<Encoding> {
    let unsupported = |what: &str| {
        Fault::new(
            0..1,
            format!("is in an encoding that is not supported: {what}"),
        )
        .hint("save it as UTF-8")
    };
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        return Err(unsupported("UTF-32"));
    }
    if bytes.starts_with(b"<\0") || bytes.starts_with(b"\0<") || bytes.starts_with(b"\0\0\0<") {
        return Err(unsupported("UTF-16 or UTF-32 without a byte order mark"));
    }
    for (mark, little) in [(b"\xff\xfe", true), (b"\xfe\xff", false)] {
        if !bytes.starts_with(mark) {
            continue;
        }
        let own = if little { "utf-16le" } else { "utf-16be" };
        // The declaration is within the first few hundred bytes, if anywhere.
        let start = &bytes[2..bytes.len().min(1024)];
        let low = start.iter().skip(usize::from(!little)).step_by(2);
        let start: Vec<u8> = low.copied().collect();
        return match declared(&start) {
            Some((name, _)) if !["utf-16", own].contains(&name.as_str()) => {
                Err(contradiction(0..1, "UTF-16", &name))
            }
            _ => Ok(Encoding::Utf16 { little }),
        };
    }
    let mark = bytes.starts_with(UTF8_MARK);
    let start = if mark { UTF8_MARK.len() } else { 0 };
    let Some((name, span)) = declared(&bytes[start..]) else {
        return Ok(Encoding::Utf8 { mark });
    };
    let span = start + span.start..start + span.end;
    match name.as_str() {
        "utf-8" | "utf8" => Ok(Encoding::Utf8 { mark }),
        _ if mark => Err(contradiction(span, "UTF-8 with a byte order mark", &name)),
        "us-ascii" | "ascii" => Ok(Encoding::Ascii),
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "iso8859_1" | "latin1" | "l1" => {
            Ok(Encoding::Latin1)
        }
        name if name.starts_with("utf-16") || name.starts_with("utf-32") => {
            Err(contradiction(span, "not that", name))
        }
        name => Err(Fault::new(
            span,
            format!("is in an encoding that is not supported: {name}"),
        )
        .hint("save it as UTF-8, and say so in its first line: encoding=\"UTF-8\"")),
    }
}

fn contradiction(span: Range<usize>, is: &str, says: &str) -> Box<Fault> {
    Fault::new(
        span,
        format!("says that its encoding is {says}, and it is {is}"),
    )
    .hint("save it as UTF-8, and say so in its first line: encoding=\"UTF-8\"")
}

/// The encoding that the XML declaration at the beginning of `bytes` names, in
/// small letters, and where.
fn declared(bytes: &[u8]) -> Option<(String, Range<usize>)> {
    let rest = bytes.strip_prefix(b"<?xml")?;
    let end = rest.windows(2).position(|two| two == b"?>")?;
    let declaration = std::str::from_utf8(&rest[..end]).ok()?;
    let at = declaration.find("encoding")?;
    let after = declaration[at + "encoding".len()..].trim_start();
    let value = after.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let (name, _) = value[1..].split_once(quote)?;
    let start = b"<?xml".len() + declaration.len() - value.len() + 1;
    Some((name.to_ascii_lowercase(), start..start + name.len()))
}

fn utf8(bytes: &[u8], whole: &[u8]) -> Result<String, (Box<Fault>, String)> {
    let wrong = |error: std::str::Utf8Error| {
        let at = error.valid_up_to();
        let fault = Fault::new(at..at + 1, "is not the UTF-8 text that it should be").hint(
            "save it as UTF-8, or name its encoding in its first line: encoding=\"ISO-8859-1\"",
        );
        let mark = whole.len() - bytes.len();
        (fault, String::from_utf8_lossy(&whole[mark..]).into_owned())
    };
    std::str::from_utf8(bytes).map(str::to_owned).map_err(wrong)
}

fn utf16(bytes: &[u8], little: bool) -> Result<String, (Box<Fault>, String)> {
    let unit = |two: &[u8; 2]| match little {
        true => u16::from_le_bytes(*two),
        false => u16::from_be_bytes(*two),
    };
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut whole = odd.is_empty();
    for c in char::decode_utf16(pairs.iter().map(unit)) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    if whole {
        return Ok(text);
    }
    let at = text.len();
    let fault = Fault::new(at..at + 1, "is not the UTF-16 text that it should be");
    Err((fault.hint("save it as UTF-8"), text))
}

fn ascii(bytes: &[u8]) -> Read<String> {
    match bytes.iter().position(|byte| !byte.is_ascii()) {
        Some(at) => Err(
            Fault::new(at..at + 1, "is not the US-ASCII text that it says it is")
                .hint("save it as UTF-8, and say so in its first line: encoding=\"UTF-8\""),
        ),
        None => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn what_is_decoded_is_encoded_to_the_same_bytes() {
        let xml = "<?xml version='1.0'?><a>é€\u{1f600}</a>";
        let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            [
                mark,
                &xml.encode_utf16().flat_map(bytes).collect::<Vec<_>>(),
            ]
            .concat()
        };
        for bytes in [
            xml.as_bytes().to_vec(),
            [UTF8_MARK, xml.as_bytes()].concat(),
            utf16(b"\xff\xfe", u16::to_le_bytes),
            utf16(b"\xfe\xff", u16::to_be_bytes),
            b"<?xml version=\"1.0\" encoding = 'ISO-8859-1'?><a>\xe9\x80\xff</a>".to_vec(),
            b"<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a/>".to_vec(),
        ] {
            let source = Source::decode(&bytes).map_err(|(fault, _)| fault).unwrap();
            assert_eq!(source.encode(source.text()).expose_secret(), bytes);
        }
    }

    #[test]
    fn what_the_file_says_of_itself_must_be_true() {
        for bytes in [
            &b"\xff\xfe\0\0<\0\0\0"[..],
            b"<\0a\0",
            b"\0<\0a",
            b"\xff\xfe<\0?",
            b"\xff\xfe\0\xd8<\0",
            b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
            b"<?xml version='1.0' encoding='UTF-16'?><a/>",
            b"<?xml version='1.0' encoding='windows-1252'?><a/>",
            b"<?xml version='1.0' encoding='US-ASCII'?><a>\xe9</a>",
            b"<?xml version='1.0'?><a>\xe9</a>",
        ] {
            assert!(Source::decode(bytes).is_err(), "{bytes:?}");
        }
    }
}

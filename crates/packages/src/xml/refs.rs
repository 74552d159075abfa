//! References (`&amp;`, `&#65;`) and what of a text has to be written as one.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use xmlparser::{Reference, Stream, XmlCharExt};

use super::encoding::Source;
use super::fault::malformed;
use crate::edits::Read;

/// Entities that the file itself declares: names and what stands for them.
pub(super) type Entities<'t> = HashMap<&'t str, &'t str>;

/// Checks that every `&` in `range` begins a reference. Which entities there
/// are is for the file's reader to say: Maven knows those of XHTML.
pub(super) fn check(text: &str, range: Range<usize>) -> Read<()> {
    for (at, _) in text[range.clone()].match_indices('&') {
        let at = range.start + at;
        let mut stream = Stream::from_substr(text, at..range.end);
        if stream.consume_reference().is_err() {
            return Err(malformed(at, "this & does not begin a reference")
                .hint("write &amp; for the character &"));
        }
    }
    Ok(())
}

/// Whether `text` names an entity whose text is not known to every parser.
pub(super) fn first_entity(text: &str) -> Option<usize> {
    text.match_indices('&').map(|(at, _)| at).find(|at| {
        let mut stream = Stream::from_substr(text, *at..text.len());
        matches!(stream.consume_reference(), Ok(Reference::Entity(_)))
    })
}

/// `raw` with its references replaced. One that nobody declared stays as it is.
pub(super) fn unescape(raw: &str, entities: &Entities<'_>) -> String {
    let mut plain = String::with_capacity(raw.len());
    // Entities may name each other, even in a circle.
    expand(raw, entities, 4, &mut plain);
    plain
}

/// No id or password is longer, however its entities multiply.
const LONGEST: usize = 1 << 20;

fn expand(raw: &str, entities: &Entities<'_>, depth: u32, plain: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find('&').filter(|_| plain.len() < LONGEST) {
        plain.push_str(&rest[..at]);
        let mut stream = Stream::from_substr(rest, at..rest.len());
        let reference = stream.consume_reference();
        let end = if reference.is_ok() {
            stream.pos()
        } else {
            at + 1
        };
        match reference {
            Ok(Reference::Char(c)) => plain.push(c),
            Ok(Reference::Entity(name)) => match entities.get(name) {
                Some(value) if depth > 0 && !value.contains('<') => {
                    expand(value, entities, depth - 1, plain);
                }
                _ => plain.push_str(&rest[at..end]),
            },
            Err(_) => plain.push('&'),
        }
        rest = &rest[end..];
    }
    plain.push_str(rest);
}

/// `text` as the content of an element, or the value of an attribute in double
/// quotes, in the file `source`. `None` if XML has no way to write it.
pub(super) fn escape(text: &str, source: &Source) -> Option<String> {
    let mut raw = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => raw.push_str("&amp;"),
            '<' => raw.push_str("&lt;"),
            '>' => raw.push_str("&gt;"),
            '"' => raw.push_str("&quot;"),
            c if !c.is_xml_char() => return None,
            // Parsers make other characters of these.
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' => refer(c, &mut raw),
            c if source.can_write(c) => raw.push(c),
            c => refer(c, &mut raw),
        }
    }
    Some(raw)
}

fn refer(c: char, raw: &mut String) {
    // Writing into a string cannot fail.
    let _ = write!(raw, "&#{};", u32::from(c));
}

/// `text` without what readers of settings trim: Java's `String.trim`.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// White space of XML.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_those_of_others_left() {
        let entities = Entities::from([
            ("x", "a&amp;&y;"),
            ("y", "&#98;"),
            ("loop", "&loop;"),
            ("tag", "<b/>"),
        ]);
        let plain = |raw| unescape(raw, &entities);
        assert_eq!(plain("1&lt;&#50;&#x33;&x;&eacute;"), "1<23a&b&eacute;");
        assert_eq!(plain("&tag;& &loop;"), "&tag;& &loop;");
        assert_eq!(first_entity("&amp;&#1;&x;"), Some(9));
        assert!(check("a&b;", 0..4).is_ok() && check("a&b ;", 0..5).is_err());
    }

    #[test]
    fn entities_that_multiply_come_to_an_end() {
        let ten = "&b;".repeat(1000);
        let many = "&c;".repeat(1000);
        let lots = "x".repeat(1000);
        let entities = Entities::from([("a", ten.as_str()), ("b", &many), ("c", &lots)]);
        assert!(unescape("&a;", &entities).len() < 4 * LONGEST);
    }

    #[test]
    fn what_is_escaped_comes_back() {
        let source = |bytes| Source::decode(bytes).map_err(|(fault, _)| fault).unwrap();
        let ascii = source(b"<?xml version='1.0' encoding='US-ASCII'?><a/>");
        let raw = escape("a<&>\"'\r\n\té€", &ascii).unwrap();
        assert_eq!(raw, "a&lt;&amp;&gt;&quot;'&#13;&#10;&#9;&#233;&#8364;");
        assert_eq!(unescape(&raw, &Entities::new()), "a<&>\"'\r\n\té€");
        assert_eq!(escape("é", &source(b"<a/>")).as_deref(), Some("é"));
        assert_eq!(escape("\0", &ascii), None);
    }
}

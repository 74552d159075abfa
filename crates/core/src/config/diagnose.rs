//! What is wrong with a text that is not JSON, in the words of a person.
//!
//! Only run on a text that serde has refused. A scanner with a stack of its
//! own, so that neither depth nor length can harm.

use std::ops::Range;

use super::fault::{Fault, Read, quoted};
use super::token;

/// The first fault of `text`; `None` if it is JSON after all.
pub(super) fn fault(text: &str) -> Option<Box<Fault>> {
    let start = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let scanner = Scanner {
        text,
        at: start,
        last: start..start,
        open: Vec::new(),
    };
    scanner.run().err()
}

/// Deeper than any file that is meant.
const DEEPEST: usize = 10_000;

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// The one value of the file.
    Start,
    /// After `:`.
    Value,
    /// After `,` in a list.
    Item,
    /// After `[`.
    ItemOrEnd,
    /// After `,` in an object.
    Key,
    /// After `{`.
    KeyOrEnd,
    /// After a key.
    Colon,
    /// After a value in a list or an object.
    CommaOrEnd,
    /// After the one value of the file.
    Nothing,
}

struct Scanner<'a> {
    text: &'a str,
    /// The next byte to look at.
    at: usize,
    /// The token before it.
    last: Range<usize>,
    /// The brackets that are open, and where they stand.
    open: Vec<(char, usize)>,
}

impl Scanner<'_> {
    fn run(mut self) -> Read<()> {
        let mut expected = Expected::Start;
        while let Some(c) = self.peek() {
            self.refuse_foreign(c)?;
            expected = self.token(c, expected)?;
        }
        match expected {
            Expected::Nothing => Ok(()),
            Expected::Start => Err(self
                .fault(0, "the file is empty")
                .hint(r#"write {"assume_roles": {}} where there is no role yet"#)),
            _ => Err(self.ended()),
        }
    }

    /// Skips space and looks at the next character.
    fn peek(&mut self) -> Option<char> {
        let rest = super::node::skip_space(&self.text[self.at..]);
        self.at = self.text.len() - rest.len();
        rest.chars().next()
    }

    /// Takes the token that begins with `c`.
    fn token(&mut self, c: char, expected: Expected) -> Read<Expected> {
        match (expected, c) {
            (Expected::ItemOrEnd | Expected::CommaOrEnd, ']')
            | (Expected::KeyOrEnd | Expected::CommaOrEnd, '}') => self.close(c),
            (Expected::Key | Expected::KeyOrEnd, '"') => {
                self.string()?;
                Ok(Expected::Colon)
            }
            (Expected::Key | Expected::KeyOrEnd, _) => Err(self.no_key(c, expected)),
            (Expected::Colon, ':') => {
                self.take(1);
                Ok(Expected::Value)
            }
            (Expected::Colon, _) => Err(self.no_colon(c)),
            (Expected::CommaOrEnd, ',') => {
                self.take(1);
                Ok(match self.open.last() {
                    Some(('{', _)) => Expected::Key,
                    _ => Expected::Item,
                })
            }
            (Expected::CommaOrEnd, _) => Err(self.no_comma(c)),
            (Expected::Nothing, _) => Err(self.too_much(c)),
            (_, '{' | '[') => {
                if self.open.len() == DEEPEST {
                    let message = format!("this {c} is nested deeper than {DEEPEST} levels");
                    return Err(self.fault(1, message));
                }
                self.open.push((c, self.at));
                self.take(1);
                Ok(if c == '{' {
                    Expected::KeyOrEnd
                } else {
                    Expected::ItemOrEnd
                })
            }
            (_, '"') => {
                self.string()?;
                Ok(self.after_value())
            }
            _ => self.scalar(c, expected),
        }
    }

    /// Takes a number or a word in the place of a value.
    fn scalar(&mut self, c: char, expected: Expected) -> Read<Expected> {
        if matches!(c, ',' | '}' | ']' | ':') && expected != Expected::Start {
            return Err(self.no_value(c, expected));
        }
        let word = token::word(&self.text[self.at..]);
        let good = matches!(word, "true" | "false" | "null") || token::is_number(word);
        if !good {
            let length = word.len().max(c.len_utf8());
            if expected == Expected::Start {
                return Err(self
                    .fault(length, "the file must begin with {")
                    .hint("write one JSON object: everything stands between { and }"));
            }
            return Err(token::no_value(word, c, self.at..self.at + length));
        }
        self.take(word.len());
        Ok(self.after_value())
    }

    fn string(&mut self) -> Read<()> {
        let length = token::string(&self.text[self.at..], self.at)?;
        self.take(length);
        Ok(())
    }

    fn close(&mut self, c: char) -> Read<Expected> {
        match self.open.pop() {
            Some(('{', _)) if c == '}' => {}
            Some(('[', _)) if c == ']' => {}
            Some((open, at)) => {
                let close = if open == '{' { '}' } else { ']' };
                return Err(self
                    .fault(1, format!("{c} stands where {close} is expected"))
                    .see(format!("{open} was opened"), at..at + 1)
                    .hint(format!(
                        "write {close}, or look for a bracket missing in between"
                    )));
            }
            // Only a value in brackets is followed by this.
            None => return Err(self.too_much(c)),
        }
        self.take(1);
        Ok(self.after_value())
    }

    fn after_value(&self) -> Expected {
        if self.open.is_empty() {
            Expected::Nothing
        } else {
            Expected::CommaOrEnd
        }
    }

    /// Takes `length` bytes as a token.
    fn take(&mut self, length: usize) {
        self.last = self.at..self.at + length;
        self.at += length;
    }
}

/// What to say.
impl Scanner<'_> {
    /// A fault of the next `length` bytes.
    fn fault(&self, length: usize, message: impl Into<String>) -> Box<Fault> {
        Fault::new(self.at..self.at + length, message)
    }

    /// A fault of the place behind the last token, where something is missing.
    fn behind(&self, message: impl Into<String>) -> Box<Fault> {
        Fault::new(self.last.end..self.last.end, message)
    }

    /// Whether the last token ends where the next begins: then a quote is the
    /// likelier cause.
    fn touching_string(&self) -> bool {
        self.last.end == self.at && self.text[self.last.clone()].starts_with('"')
    }

    /// What stands nowhere in JSON outside a string, whatever is expected.
    fn refuse_foreign(&self, c: char) -> Read<()> {
        let rest = &self.text[self.at..];
        let length = c.len_utf8();
        Err(match c {
            '#' => self.comment(1),
            '/' if rest.starts_with("//") || rest.starts_with("/*") => self.comment(2),
            '\'' => self
                .fault(1, "a string is in single quotes")
                .hint("write double quotes: \""),
            '“' | '”' | '„' | '‘' | '’' | '«' | '»' => self
                .fault(length, format!("{c} is a typographic quote"))
                .hint("write straight double quotes: \""),
            c if c.is_control()
                || c.is_whitespace()
                || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}') =>
            {
                self.fault(
                    length,
                    format!("invisible character U+{:04X}", u32::from(c)),
                )
                .hint("delete it: between values JSON allows only plain spaces and line breaks")
            }
            _ => return Ok(()),
        })
    }

    fn comment(&self, length: usize) -> Box<Fault> {
        self.fault(length, "JSON does not allow comments")
            .hint("remove it")
    }

    fn ended(&self) -> Box<Fault> {
        let end = self.text.trim_end().len();
        let Some((open, at)) = self.open.last().copied() else {
            return Fault::new(end..end, "the file ends too early");
        };
        let close = if open == '{' { '}' } else { ']' };
        Fault::new(at..at + 1, format!("this {open} is never closed"))
            .see("the file ends", end..end)
            .hint(format!("add the missing {close}"))
    }

    fn too_much(&self, c: char) -> Box<Fault> {
        let length = token::word(&self.text[self.at..]).len().max(c.len_utf8());
        let fault = self.fault(length, "something follows the end of the object");
        match c {
            '}' | ']' => fault.hint(format!(
                "remove a {c}: there is one too many, here or before"
            )),
            ',' => fault.hint("remove the comma, or the } before it if more should follow"),
            _ => fault.hint("remove it, or look for a } too many before it"),
        }
    }

    fn no_value(&self, c: char, expected: Expected) -> Box<Fault> {
        match (expected, c) {
            (Expected::Item, ']') => self.trailing_comma(c),
            (Expected::Item, ',') => self.double_comma(),
            (Expected::ItemOrEnd, ',') => self
                .fault(1, "unexpected comma before the first item")
                .hint("remove it"),
            (Expected::ItemOrEnd | Expected::Item, '}') => self
                .fault(1, "} stands in a list")
                .see("[ was opened", self.opened())
                .hint("close the list with ] before it"),
            (_, ':') => self
                .fault(1, "expected a value, found a colon")
                .hint("remove it"),
            _ => self
                .fault(1, format!("a value is missing before this {c}"))
                .hint("write a value, such as \"\" or null"),
        }
    }

    fn no_key(&self, c: char, expected: Expected) -> Box<Fault> {
        let word = token::word(&self.text[self.at..]);
        match c {
            '}' if expected == Expected::Key => self.trailing_comma(c),
            ',' if expected == Expected::Key => self.double_comma(),
            ',' => self
                .fault(1, "unexpected comma before the first key")
                .hint("remove it"),
            ']' => self
                .fault(1, "] stands in an object")
                .see("{ was opened", self.opened())
                .hint("close the object with } before it"),
            _ if !word.is_empty() => self
                .fault(word.len(), "a key must be in double quotes")
                .hint(format!("write {}", quoted(word))),
            _ => self
                .fault(c.len_utf8(), format!("a key is expected, this is {c}"))
                .hint("write an object as a list of \"key\": value"),
        }
    }

    fn no_colon(&self, c: char) -> Box<Fault> {
        match c {
            _ if self.touching_string() && token::is_word(c) => self.misplaced_quote(),
            '=' => self
                .fault(1, "= stands where a colon is expected")
                .hint("write \"key\": value"),
            ',' | '}' | ']' => {
                Fault::new(self.last.clone(), "this key has no value").hint("write \"key\": value")
            }
            _ => self
                .behind("a colon is missing after this key")
                .hint("write \"key\": value"),
        }
    }

    fn no_comma(&self, c: char) -> Box<Fault> {
        match c {
            _ if self.touching_string() && token::is_word(c) => self.misplaced_quote(),
            ';' => self
                .fault(1, "; stands where a comma is expected")
                .hint("write a comma"),
            ':' => self
                .fault(1, "unexpected colon")
                .hint("remove the colon: it stands between a key and its value only"),
            _ => self
                .behind("a comma is missing after this value")
                .hint("add one"),
        }
    }

    fn trailing_comma(&self, c: char) -> Box<Fault> {
        Fault::new(self.last.clone(), format!("trailing comma before {c}"))
            .because("JSON allows none after the last entry")
            .hint("remove the comma")
    }

    fn double_comma(&self) -> Box<Fault> {
        self.fault(1, "there is a comma too many").hint("remove it")
    }

    fn misplaced_quote(&self) -> Box<Fault> {
        self.fault(
            token::word(&self.text[self.at..]).len(),
            "text follows the end of a string",
        )
        .hint("look for a missing quote; inside a string a quote is written \\\"")
    }

    /// The innermost open bracket.
    fn opened(&self) -> Range<usize> {
        let at = self.open.last().map_or(0, |(_, at)| *at);
        at..at + 1
    }
}

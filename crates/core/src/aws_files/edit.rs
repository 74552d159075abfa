//! Edits that keep every other byte.

use std::ops::Range;

use secrecy::zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};

use super::file::{AwsFile, Property, Section};
use super::lines::{Lines, is_comment, is_space, line_at, strip};
use super::names::SectionName;

impl AwsFile {
    /// The bytes of this file with `key` of `section` (one of this file's
    /// sections) set to `value`. If the key is there, the value that counts is
    /// replaced, with the lines that continue it; else a line is added below
    /// the section's last key.
    ///
    /// # Errors
    /// `key` or `value` cannot be written so that it is read back the same:
    /// line breaks, white space at an end, a delimiter in the key. Or the
    /// section's header cannot be read.
    pub fn set_value(
        &self,
        section: &Section<'_>,
        key: &str,
        value: &str,
    ) -> Result<Zeroizing<Vec<u8>>> {
        check_key(key)?;
        check_value(key, value)?;
        if section.name() == SectionName::Broken {
            let message = "a key cannot be set below a header that cannot be read";
            return Err(Error::new(Kind::Config, message).at(section.snippet()));
        }
        let same = |other: &Section<'_>| {
            other.header() == section.header() && other.name() != SectionName::Broken
        };
        let present = self
            .sections()
            .rev()
            .filter(same)
            .find_map(|section| section.get(key));
        Ok(match present {
            Some(property) => self.replaced(&property, value),
            None => self.added(section, key, value),
        })
    }

    /// The bytes of this file with the empty section `[header]` at the end,
    /// or unchanged if it has such a section. See [`quoted`](super::quoted)
    /// for profiles' names in the config file.
    ///
    /// # Errors
    /// `header` cannot be written so that it is read back the same.
    pub fn add_section(&self, header: &str) -> Result<Zeroizing<Vec<u8>>> {
        if header.is_empty() || header.contains(breaks_line) {
            let message = format!("{header:?} cannot be the name of a section");
            return Err(Error::new(Kind::Config, message));
        }
        if self.sections().any(|section| section.header() == header) {
            return Ok(Zeroizing::new(self.as_bytes().to_vec()));
        }
        let text = self.as_str();
        let eol = self.line_end();
        let at = text.len();
        let mut new = String::new();
        if !text.is_empty() && !text.ends_with(['\n', '\r']) {
            new.push_str(eol);
        }
        if !text.is_empty() {
            new.push_str(eol);
        }
        new.push_str(&format!("[{header}]{eol}"));
        Ok(self.spliced(at..at, &new))
    }

    fn replaced(&self, property: &Property<'_>, value: &str) -> Zeroizing<Vec<u8>> {
        let span = property.value_span();
        // `key =` has no white space to put a value behind.
        let gap = if span.start == property.entry().value.end
            && self.as_str()[..span.start].ends_with(['=', ':'])
        {
            " "
        } else {
            ""
        };
        self.spliced(span, &format!("{gap}{value}"))
    }

    /// A new line goes below the section's last key and is indented as that, or
    /// below the header and is indented as the line that follows: so neither
    /// continues the other.
    fn added(&self, section: &Section<'_>, key: &str, value: &str) -> Zeroizing<Vec<u8>> {
        let text = self.as_str();
        let (at, like) = match section.properties().next_back() {
            Some(last) => (last.span().end, last.span().start),
            None => {
                let next = line_at(text, section.header_span().start).next;
                (next, next)
            }
        };
        let indent = Lines::from(text, like)
            .map(|line| strip(text, line.start..line.end))
            .find(|found| !found.is_empty() && !is_comment(&text[found.clone()]))
            .map_or("", |found| {
                let start = line_at(text, found.start).start;
                &text[start..found.start]
            });
        let eol = self.line_end();
        let before = if text[..at].ends_with(['\n', '\r']) {
            ""
        } else {
            eol
        };
        self.spliced(at..at, &format!("{before}{indent}{key} = {value}{eol}"))
    }

    /// The line end that the file uses.
    fn line_end(&self) -> &str {
        let text = self.as_str();
        let line = Lines::from(text, 0).next();
        match line.map_or("", |line| &text[line.end..line.next]) {
            "" => "\n",
            found => found,
        }
    }

    fn spliced(&self, span: Range<usize>, new: &str) -> Zeroizing<Vec<u8>> {
        let old = self.as_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(old.len() + new.len()));
        bytes.extend_from_slice(&old[..span.start]);
        bytes.extend_from_slice(new.as_bytes());
        bytes.extend_from_slice(&old[span.end..]);
        bytes
    }
}

fn breaks_line(c: char) -> bool {
    c == '\n' || c == '\r'
}

fn has_space_around(text: &str) -> bool {
    text.starts_with(is_space) || text.ends_with(is_space)
}

fn check_key(key: &str) -> Result<()> {
    let bad = key.is_empty()
        || has_space_around(key)
        || key.starts_with(['#', ';', '['])
        || key.contains(['=', ':'])
        || key.contains(breaks_line);
    if bad {
        return Err(Error::new(
            Kind::Config,
            format!("{key:?} cannot be a key in a file of ~/.aws"),
        ));
    }
    Ok(())
}

fn check_value(key: &str, value: &str) -> Result<()> {
    if has_space_around(value) || value.contains(breaks_line) {
        return Err(Error::new(
            Kind::Config,
            format!("the value of {key} has a line break, or white space at an end"),
        ));
    }
    Ok(())
}

//! Values of the file, each a slice of its text: read only as far as asked.
//!
//! Nothing here descends by itself, so no depth of nesting can exhaust the
//! stack, and every byte is looked at once for each level that is asked for.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::{Fault, Read};

/// A JSON value, checked to be one, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    /// The value as it is written, without space around it.
    raw: &'a str,
    /// Where it begins in the file.
    start: usize,
}

/// The kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Null,
    Bool,
    Number,
    String,
    List,
    Object,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::String => "a string",
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

impl<'a> Node<'a> {
    /// The value `raw`, a slice of `text`, which itself begins at `base` in
    /// the file.
    pub(super) fn within(text: &'a str, base: usize, raw: &'a RawValue) -> Self {
        let raw = raw.get();
        Self {
            raw,
            start: base + offset(text, raw),
        }
    }

    /// The value `raw`, which begins at `start` in the file.
    pub(super) fn at(raw: &'a str, start: usize) -> Self {
        Self { raw, start }
    }

    /// Its bytes in the file.
    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.start + self.raw.len()
    }

    /// The value as it is written.
    pub(super) fn raw(&self) -> &'a str {
        self.raw
    }

    /// What kind of value it is: the first byte tells.
    pub(super) fn shape(&self) -> Shape {
        match self.raw.bytes().next() {
            Some(b'"') => Shape::String,
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::List,
            Some(b't' | b'f') => Shape::Bool,
            Some(b'n') | None => Shape::Null,
            Some(_) => Shape::Number,
        }
    }

    /// The fault of being something else than `expected`.
    pub(super) fn must_be(&self, expected: &str) -> Box<Fault> {
        let found = self.shape();
        Fault::new(self.span(), format!("must be {expected}, this is {found}"))
    }

    /// The text of a string.
    pub(super) fn string(&self) -> Read<Cow<'a, str>> {
        if self.shape() != Shape::String {
            return Err(self.must_be("a string"));
        }
        if self.raw.len() > LONGEST_STRING {
            return Err(Fault::new(self.span(), "is longer than 1 MiB"));
        }
        unquote(self.raw).ok_or_else(|| not_text(self.span()))
    }

    /// The members of an object, in their order.
    pub(super) fn members(&self) -> Read<Vec<(Node<'a>, Node<'a>)>> {
        if self.shape() != Shape::Object {
            return Err(self.must_be("an object"));
        }
        let mut source = serde_json::Deserializer::from_str(self.raw);
        let pairs = source.deserialize_map(MemberVisitor(*self));
        pairs.map_err(|e| self.unread(&e))?.all(|| self.span())
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Read<Vec<Node<'a>>> {
        if self.shape() != Shape::List {
            return Err(self.must_be("a list"));
        }
        let mut source = serde_json::Deserializer::from_str(self.raw);
        let items = source.deserialize_seq(Items(*self));
        items.map_err(|e| self.unread(&e))?.all(|| self.span())
    }

    /// A member `"key": value` that fills `text` to its last byte. `text`
    /// begins at `base` in the file.
    pub(super) fn member(text: &'a str, base: usize) -> Option<(Node<'a>, Node<'a>)> {
        if !text.starts_with('"') {
            return None;
        }
        let key = first_value(text)?;
        let (_, rest) = text.split_at_checked(key.get().len())?;
        let rest = skip_space(skip_space(rest).strip_prefix(':')?);
        let value: &RawValue = serde_json::from_str(rest).ok()?;
        (value.get().len() == rest.len()).then(|| {
            (
                Node::within(text, base, key),
                Node::within(text, base, value),
            )
        })
    }

    /// The value `raw`, a slice of this one.
    fn part(&self, raw: &'a RawValue) -> Self {
        Self::within(self.raw, self.start, raw)
    }

    /// What serde has against a slice that was checked when it was cut out:
    /// never seen, and no reason to panic.
    fn unread(&self, error: &serde_json::Error) -> Box<Fault> {
        Fault::new(self.span(), "cannot be read").because(error)
    }
}

/// The text of a string that is written `raw`, quotes included; `None` for
/// half of a surrogate pair, which JSON's grammar lets through.
pub(super) fn unquote(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// The fault of a string at `span` that [`unquote`] does not take.
pub(super) fn not_text(span: Range<usize>) -> Box<Fault> {
    Fault::new(span, "is not text")
        .because("an escape \\uD800 to \\uDFFF is half a character, and the other half is missing")
}

/// Where `part`, a slice of `whole`, begins in it.
pub(super) fn offset(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

/// `text` without JSON's white space before it.
pub(super) fn skip_space(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// The value that `text` begins with.
pub(super) fn first_value(text: &str) -> Option<&RawValue> {
    let mut source = serde_json::Deserializer::from_str(text);
    <&RawValue>::deserialize(&mut source).ok()
}

/// Bytes: no text that is meant has more, and each is copied more than once.
const LONGEST_STRING: usize = 1024 * 1024;

/// The most entries of one object or list: with each in mind, a file that is
/// rubbish would take more memory than anybody wants to give.
pub(super) const MOST_ENTRIES: usize = 1 << 17;

/// The entries of an object or a list while it is read: of too many, the rest
/// is counted.
pub(super) struct Few<T> {
    kept: Vec<T>,
    count: usize,
}

impl<T> Few<T> {
    pub(super) fn new() -> Self {
        Self {
            kept: Vec::new(),
            count: 0,
        }
    }

    pub(super) fn push(&mut self, entry: T) {
        self.count += 1;
        match self.count <= MOST_ENTRIES {
            true => self.kept.push(entry),
            // None of them is wanted then.
            false => self.kept = Vec::new(),
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// What stands at `span` has too many.
    pub(super) fn all(self, span: impl FnOnce() -> Range<usize>) -> Read<Vec<T>> {
        if self.count <= MOST_ENTRIES {
            return Ok(self.kept);
        }
        let count = self.count;
        let message = format!("has {count} entries; the limit is {MOST_ENTRIES}");
        Err(Fault::new(span(), message).hint("keep what is needed, or use several files: --config"))
    }
}

/// Those of this object.
struct MemberVisitor<'a>(Node<'a>);

impl<'de> Visitor<'de> for MemberVisitor<'de> {
    type Value = Few<(Node<'de>, Node<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Few::new();
        while let Some((key, value)) = map.next_entry()? {
            pairs.push((self.0.part(key), self.0.part(value)));
        }
        Ok(pairs)
    }
}

/// Those of this list.
struct Items<'a>(Node<'a>);

impl<'de> Visitor<'de> for Items<'de> {
    type Value = Few<Node<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Few::new();
        while let Some(item) = seq.next_element()? {
            items.push(self.0.part(item));
        }
        Ok(items)
    }
}

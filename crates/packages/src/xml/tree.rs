//! The tree of a file: every element, piece of text and comment with its bytes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use xmlparser::{ElementEnd, EntityDefinition, Error, StrSpan, StreamError, Token};

use super::encoding::Source;
use super::fault::{cause_of, malformed, offset};
use super::refs::{self, Entities};
use crate::edits::{Fault, Read};

/// An element's number in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(usize);

/// A file's elements.
pub(crate) struct Tree<'t> {
    source: &'t Source,
    elements: Vec<Element<'t>>,
    entities: Entities<'t>,
}

/// One element. All ranges are bytes of the text.
#[derive(Debug)]
pub(crate) struct Element<'t> {
    /// The prefix, empty if there is none.
    pub(crate) prefix: &'t str,
    /// The name without it.
    pub(crate) local: &'t str,
    /// The namespace: `None` if it has none, or a prefix that nobody declared.
    pub(crate) namespace: Option<Cow<'t, str>>,
    /// The start tag.
    pub(crate) start: Range<usize>,
    /// Where the name and the attributes end in the start tag.
    pub(crate) head_end: usize,
    /// The end tag; none after `<x/>`.
    pub(crate) end: Option<Range<usize>>,
    /// The element that this one is in.
    pub(crate) parent: Option<Id>,
    /// What is in it, in order.
    pub(crate) nodes: Vec<Node>,
    /// Its attributes: the name as written, and the bytes between the quotes.
    pub(crate) attributes: Vec<(&'t str, Range<usize>)>,
}

/// Elements in one another: far more than any file has.
const DEEPEST: usize = 10_000;

/// A piece of an element's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// An element.
    Element(Id),
    /// Text, references and white space.
    Text(Range<usize>),
    /// A CDATA section, whole, and what is in it.
    Cdata(Range<usize>, Range<usize>),
    /// A comment or a processing instruction.
    Other(Range<usize>),
}

impl<'t> Element<'t> {
    /// Prefix and name as they are written.
    pub(crate) fn written(&self, local: &str) -> String {
        match self.prefix {
            "" => local.to_owned(),
            prefix => format!("{prefix}:{local}"),
        }
    }

    /// All of its bytes.
    pub(crate) fn span(&self) -> Range<usize> {
        self.start.start..self.end.as_ref().unwrap_or(&self.start).end
    }

    /// The child elements.
    pub(crate) fn children(&self) -> impl DoubleEndedIterator<Item = Id> + '_ {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(id) => Some(*id),
            _ => None,
        })
    }
}

impl<'t> Tree<'t> {
    /// Reads `source`.
    ///
    /// # Errors
    /// It is not well-formed.
    pub(crate) fn of(source: &'t Source) -> Read<Self> {
        let mut builder = Builder::new(source.text());
        for token in xmlparser::Tokenizer::from(source.text()) {
            let token = token.map_err(|error| builder.unread(error))?;
            builder.add(token)?;
        }
        builder.finish(source)
    }

    /// The file's text.
    pub(crate) fn text(&self) -> &'t str {
        self.source.text()
    }

    /// The file.
    pub(crate) fn source(&self) -> &'t Source {
        self.source
    }

    /// The root: there is always one.
    pub(crate) fn root(&self) -> Id {
        Id(0)
    }

    /// An element.
    pub(crate) fn get(&self, id: Id) -> &Element<'t> {
        &self.elements[id.0]
    }

    /// The text of an element, references replaced, comments left out; `None`
    /// if there are elements in it.
    pub(crate) fn text_of(&self, id: Id) -> Option<String> {
        let mut plain = String::new();
        for node in &self.get(id).nodes {
            match node {
                Node::Text(range) => plain.push_str(&self.unescape(range.clone())),
                Node::Cdata(_, inner) => plain.push_str(&self.text()[inner.clone()]),
                Node::Other(_) => {}
                Node::Element(_) => return None,
            }
        }
        Some(plain)
    }

    /// The bytes `range` of a text or an attribute, references replaced.
    pub(crate) fn unescape(&self, range: Range<usize>) -> String {
        refs::unescape(&self.text()[range], &self.entities)
    }

    /// The value of an attribute by its name as written, references replaced.
    pub(crate) fn attribute(&self, id: Id, name: &str) -> Option<String> {
        let mut attributes = self.get(id).attributes.iter();
        let (_, range) = attributes.find(|(have, _)| *have == name)?;
        Some(self.unescape(range.clone()))
    }

    /// Where `id` directly holds an entity that could stand for elements.
    pub(crate) fn entity_in(&self, id: Id) -> Option<usize> {
        self.get(id).nodes.iter().find_map(|node| match node {
            Node::Text(range) => {
                refs::first_entity(&self.text()[range.clone()]).map(|at| range.start + at)
            }
            _ => None,
        })
    }
}

/// Builds the tree token by token.
struct Builder<'t> {
    text: &'t str,
    elements: Vec<Element<'t>>,
    entities: Entities<'t>,
    /// The elements that are open, outermost first, each with how many
    /// prefixes were declared before it.
    open: Vec<(Id, usize)>,
    /// The prefixes that are declared, innermost last.
    declared: Vec<&'t str>,
    /// What each of them stands for, innermost last.
    scope: HashMap<&'t str, Vec<Cow<'t, str>>>,
    /// The attributes of the tag that is being read: there may be a hundred
    /// thousand.
    attributes: HashSet<&'t str>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            elements: Vec::new(),
            entities: Entities::new(),
            open: Vec::new(),
            declared: Vec::new(),
            scope: HashMap::new(),
            attributes: HashSet::new(),
        }
    }

    fn add(&mut self, token: Token<'t>) -> Read<()> {
        match token {
            Token::EntityDeclaration {
                name,
                definition: EntityDefinition::EntityValue(value),
                ..
            } => {
                // Of several, the first counts.
                let value = value.as_str();
                self.entities.entry(name.as_str()).or_insert(value);
            }
            Token::ElementStart {
                prefix,
                local,
                span,
            } => self.start(prefix, local, span.range())?,
            Token::Attribute { value, span, .. } => {
                refs::check(self.text, value.range())?;
                self.attribute(span, value)?;
            }
            Token::ElementEnd { end, span } => self.end(end, span.range())?,
            Token::Text { text } => {
                refs::check(self.text, text.range())?;
                self.put(Node::Text(text.range()));
            }
            Token::Cdata { text, span } => self.put(Node::Cdata(span.range(), text.range())),
            Token::Comment { span, .. } => self.put(Node::Other(span.range())),
            Token::ProcessingInstruction { target, span, .. } => {
                // With a line break after `<?xml` the tokenizer sees one here.
                if target.as_str().eq_ignore_ascii_case("xml") && span.start() > 0 {
                    let why = "<?xml must come first in the file";
                    return Err(malformed(span.start(), why));
                }
                self.put(Node::Other(span.range()));
            }
            Token::Declaration { .. }
            | Token::DtdStart { .. }
            | Token::EmptyDtd { .. }
            | Token::DtdEnd { .. }
            | Token::EntityDeclaration { .. } => {}
        }
        Ok(())
    }

    fn innermost(&mut self) -> Option<&mut Element<'t>> {
        let (id, _) = self.open.last()?;
        self.elements.get_mut(id.0)
    }

    /// Comments outside of the root are nobody's.
    fn put(&mut self, node: Node) {
        if let Some(parent) = self.innermost() {
            parent.nodes.push(node);
        }
    }

    fn start(&mut self, prefix: StrSpan<'t>, local: StrSpan<'t>, span: Range<usize>) -> Read<()> {
        if self.open.len() >= DEEPEST {
            let why = format!("elements are nested more than {DEEPEST} deep");
            return Err(malformed(span.start, why));
        }
        let id = Id(self.elements.len());
        let parent = self.open.last().map(|(id, _)| *id);
        self.put(Node::Element(id));
        self.elements.push(Element {
            prefix: prefix.as_str(),
            local: local.as_str(),
            namespace: None,
            head_end: span.end,
            start: span,
            end: None,
            parent,
            nodes: Vec::new(),
            attributes: Vec::new(),
        });
        self.open.push((id, self.declared.len()));
        self.attributes.clear();
        Ok(())
    }

    fn attribute(&mut self, span: StrSpan<'t>, value: StrSpan<'t>) -> Read<()> {
        let name = span.as_str().split(['=', ' ', '\t', '\r', '\n']).next();
        let name = name.unwrap_or_default();
        let declared = match name.strip_prefix("xmlns") {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix(':'),
            None => None,
        };
        if let Some(prefix) = declared {
            let uri = match value.as_str() {
                plain if !plain.contains('&') => Cow::Borrowed(plain),
                raw => Cow::Owned(refs::unescape(raw, &self.entities)),
            };
            self.declared.push(prefix);
            self.scope.entry(prefix).or_default().push(uri);
        }
        if !self.attributes.insert(name) {
            let why = "duplicate attribute";
            return Err(malformed(span.start(), why));
        }
        let Some(element) = self.innermost() else {
            return Ok(());
        };
        element.attributes.push((name, value.range()));
        element.head_end = span.end();
        Ok(())
    }

    /// Ends the scope of what was declared after the first `before`.
    fn leave(&mut self, before: usize) {
        for prefix in self.declared.drain(before..) {
            if let Some(uris) = self.scope.get_mut(prefix) {
                uris.pop();
            }
        }
    }

    fn end(&mut self, end: ElementEnd<'t>, span: Range<usize>) -> Read<()> {
        if let ElementEnd::Close(prefix, local) = end {
            let Some((id, before)) = self.open.pop() else {
                let why = "this end tag has no start tag";
                return Err(malformed(span.start, why));
            };
            let element = &mut self.elements[id.0];
            if (element.prefix, element.local) != (prefix.as_str(), local.as_str()) {
                let line = 1 + self.text[..element.start.start].matches('\n').count();
                let why = format!("this end tag does not match the open tag of line {line}");
                return Err(malformed(span.start, why)
                    .hint("look for an end tag that is missing between the two"));
            }
            element.end = Some(span);
            self.leave(before);
            return Ok(());
        }
        let Some((id, before)) = self.open.last().copied() else {
            return Ok(());
        };
        let prefix = self.elements[id.0].prefix;
        let uri = self.scope.get(prefix).and_then(|uris| uris.last()).cloned();
        let element = &mut self.elements[id.0];
        element.namespace = uri.filter(|uri| !uri.is_empty());
        element.start.end = span.end;
        if end == ElementEnd::Empty {
            self.open.pop();
            self.leave(before);
        }
        Ok(())
    }

    /// The tokenizer's error in our words; it knows line and column.
    fn unread(&self, error: Error) -> Box<Fault> {
        let (what, cause, at) = match error {
            Error::InvalidDeclaration(cause, at) => ("the XML declaration", cause, at),
            Error::InvalidComment(cause, at) => ("this comment", cause, at),
            Error::InvalidPI(cause, at) => ("this processing instruction", cause, at),
            Error::InvalidDoctype(cause, at) => ("the DOCTYPE", cause, at),
            Error::InvalidEntity(cause, at) => ("this entity declaration", cause, at),
            Error::InvalidElement(cause, at) | Error::InvalidAttribute(cause, at) => {
                ("this tag", cause, at)
            }
            Error::InvalidCdata(cause, at) => ("this CDATA section", cause, at),
            Error::InvalidCharData(cause, at) => ("this text", cause, at),
            Error::UnknownToken(at) => {
                let why = match (self.elements.is_empty(), self.open.is_empty()) {
                    (true, _) => "this cannot stand before the root element",
                    (false, true) => "this cannot stand after the end of the root element",
                    (false, false) => "this cannot stand here",
                };
                return malformed(offset(self.text, at), why);
            }
        };
        let less_than = matches!(
            cause,
            StreamError::InvalidSpace(b'<', _) | StreamError::InvalidChar(b'<', ..)
        );
        let (why, at) = cause_of(what, cause, at);
        let fault = malformed(offset(self.text, at), why);
        match less_than {
            true => fault.hint("write &lt; for the character <"),
            false => fault,
        }
    }

    fn finish(self, source: &'t Source) -> Read<Tree<'t>> {
        if let Some((id, _)) = self.open.last() {
            let start = self.elements[id.0].start.clone();
            return Err(
                Fault::new(start, "is not well-formed XML").because("this element has no end tag")
            );
        }
        if self.elements.is_empty() {
            return Err(malformed(self.text.len(), "there is no element in it"));
        }
        Ok(Tree {
            source,
            elements: self.elements,
            entities: self.entities,
        })
    }
}

//! Changes to the text of an element and to the value of an attribute.

use std::ops::Range;

use super::encoding::Source;
use super::refs;
use super::tree::{Id, Node, Tree};
use crate::edits::{Edits, Fault, Read};

impl Edits {
    /// Makes `value` the text of the element `id`. White space and comments
    /// around the text stay, a CDATA section stays one.
    pub(crate) fn set_text(&mut self, tree: &Tree<'_>, id: Id, value: &str) -> Read<()> {
        let escaped = escaped(tree.source(), value, tree.get(id).span())?;
        let element = tree.get(id);
        if element.end.is_none() {
            let name = element.written(element.local);
            let text = format!(">{escaped}</{name}>");
            self.replace(element.head_end..element.start.end, text);
            return Ok(());
        }
        let pieces: Vec<Piece> = element.nodes.iter().filter_map(piece).collect();
        let has_text = |piece: &&Piece| !piece.core(tree.text()).is_empty();
        let full: Vec<&Piece> = pieces.iter().filter(has_text).collect();
        // Nothing there yet: into a section that is waiting for it, if any.
        let empty = || pieces.iter().find(|piece| piece.section.is_some());
        let Some(first) = full.first().copied().or_else(empty) else {
            self.replace(element.start.end..element.start.end, escaped);
            return Ok(());
        };
        self.fill(tree, first, value, escaped);
        for more in full.iter().skip(1) {
            self.replace(more.core(tree.text()), String::new());
        }
        Ok(())
    }

    /// Makes `value` the value of the attribute at `range`, between its quotes.
    pub(crate) fn set_attribute(
        &mut self,
        tree: &Tree<'_>,
        range: Range<usize>,
        value: &str,
    ) -> Read<()> {
        let escaped = escaped(tree.source(), value, range.clone())?;
        // Whichever quotes there are around it.
        self.replace(range, escaped.replace('\'', "&apos;"));
        Ok(())
    }

    fn fill(&mut self, tree: &Tree<'_>, piece: &Piece, value: &str, escaped: String) {
        match &piece.section {
            None => self.replace(piece.core(tree.text()), escaped),
            Some(_) if fits_section(tree.source(), value) => {
                self.replace(piece.core(tree.text()), value.to_owned());
            }
            Some(whole) => self.replace(whole.clone(), escaped),
        }
    }
}

/// `value` as it is written in `source`, for the place `span`.
pub(crate) fn escaped(source: &Source, value: &str, span: Range<usize>) -> Read<String> {
    refs::escape(value, source).ok_or_else(|| {
        Fault::new(
            span,
            "cannot be edited: XML has no way to write a control character",
        )
    })
}

/// A piece of an element's text.
struct Piece {
    /// What is between the markup.
    inner: Range<usize>,
    /// All of it, if it is a CDATA section.
    section: Option<Range<usize>>,
}

fn piece(node: &Node) -> Option<Piece> {
    match node {
        Node::Text(range) => Some(Piece {
            inner: range.clone(),
            section: None,
        }),
        Node::Cdata(whole, inner) => Some(Piece {
            inner: inner.clone(),
            section: Some(whole.clone()),
        }),
        Node::Element(_) | Node::Other(_) => None,
    }
}

impl Piece {
    /// Its bytes without white space around them; at its beginning if there
    /// are no others.
    fn core(&self, text: &str) -> Range<usize> {
        let whole = &text[self.inner.clone()];
        let core = whole.trim_matches(refs::is_space);
        if core.is_empty() {
            return self.inner.start..self.inner.start;
        }
        let before = whole.len() - whole.trim_start_matches(refs::is_space).len();
        let start = self.inner.start + before;
        start..start + core.len()
    }
}

/// Whether `value` can stand in a CDATA section, where there are no references.
fn fits_section(source: &Source, value: &str) -> bool {
    let lost = |c: char| !source.can_write(c) || matches!(c, '\r' | '\u{85}' | '\u{2028}');
    !value.contains("]]>") && !value.chars().any(lost)
}

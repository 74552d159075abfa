//! Where a new element goes and how it is indented: as its neighbours are.

use std::ops::Range;

use super::refs;
use super::tree::{Id, Node, Tree};
use crate::edits::Edits;

/// How elements are laid out at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One after the other on one line.
    Inline,
    /// Each on its own line.
    Lines {
        /// What ends a line.
        newline: String,
        /// What stands before an element.
        indent: String,
        /// What stands before an element in that element, in addition.
        unit: String,
    },
}

impl Layout {
    /// What stands before an element.
    pub(crate) fn before(&self) -> String {
        match self {
            Self::Inline => String::new(),
            Self::Lines {
                newline, indent, ..
            } => format!("{newline}{indent}"),
        }
    }

    /// The layout of what is in such an element.
    pub(crate) fn inner(&self) -> Self {
        match self {
            Self::Inline => Self::Inline,
            Self::Lines {
                newline,
                indent,
                unit,
            } => Self::Lines {
                newline: newline.clone(),
                indent: format!("{indent}{unit}"),
                unit: unit.clone(),
            },
        }
    }

    /// The layout of what is in `id`, one of the elements that have this layout.
    pub(crate) fn inside_of(&self, tree: &Tree<'_>, id: Id) -> Self {
        let mut children = tree.get(id).children();
        match (self, children.next().and_then(|child| line(tree, child))) {
            (Self::Inline, _) => Self::Inline,
            (Self::Lines { unit, .. }, Some((newline, indent))) => Self::Lines {
                newline: newline.to_owned(),
                indent: indent.to_owned(),
                unit: unit.clone(),
            },
            // It is empty, so it says nothing.
            (_, None) if tree.get(id).nodes.is_empty() => self.inner(),
            (_, None) => Self::Inline,
        }
    }
}

/// Adds what `write` makes as the last thing in `parent`.
pub(crate) fn appended(
    edits: &mut Edits,
    tree: &Tree<'_>,
    parent: Id,
    write: impl FnOnce(&Layout) -> String,
) {
    let element = tree.get(parent);
    let layout = layout_in(tree, parent);
    let new = format!("{}{}", layout.before(), write(&layout));
    let after = match &layout {
        Layout::Inline => String::new(),
        Layout::Lines { newline, .. } => {
            let own = line(tree, parent).map_or("", |(_, indent)| indent);
            format!("{newline}{own}")
        }
    };
    let Some(end) = &element.end else {
        let name = element.written(element.local);
        let text = format!(">{new}{after}</{name}>");
        edits.replace(element.head_end..element.start.end, text);
        return;
    };
    let at = content_end(tree, parent);
    let tail = &tree.text()[at..end.start];
    let after = if tail.contains(['\n', '\r']) {
        ""
    } else {
        after.as_str()
    };
    edits.replace(at..at, format!("{new}{after}"));
}

/// Where the last thing in `id` ends that is not white space.
fn content_end(tree: &Tree<'_>, id: Id) -> usize {
    let element = tree.get(id);
    let end = |node: &Node| match node {
        Node::Element(id) => Some(tree.get(*id).span().end),
        Node::Cdata(range, _) | Node::Other(range) => Some(range.end),
        Node::Text(range) => {
            let text = tree.text()[range.clone()].trim_end_matches(refs::is_space);
            (!text.is_empty()).then_some(range.start + text.len())
        }
    };
    let last = element.nodes.iter().rev().find_map(end);
    last.unwrap_or(element.start.end)
}

/// The layout of a new element at the end of `parent`.
fn layout_in(tree: &Tree<'_>, parent: Id) -> Layout {
    let element = tree.get(parent);
    let unit = unit(tree, parent);
    let lines = |newline: &str, indent: String| Layout::Lines {
        newline: newline.to_owned(),
        indent,
        unit: unit.clone(),
    };
    // As the last element does it; comments say it where there is no element.
    if let Some(last) = element.children().next_back() {
        return match line(tree, last) {
            Some((newline, indent)) => lines(newline, indent.to_owned()),
            None => Layout::Inline,
        };
    }
    let comment = |node: &Node| match node {
        Node::Other(range) => line_at(tree.text(), range.start),
        _ => None,
    };
    if let Some((newline, indent)) = element.nodes.iter().rev().find_map(comment) {
        return lines(newline, indent.to_owned());
    }
    match (line(tree, parent), first_newline(tree.text())) {
        (Some((newline, indent)), _) => lines(newline, format!("{indent}{unit}")),
        // The root on the file's first line.
        (None, Some(newline)) if element.parent.is_none() => lines(newline, unit.clone()),
        _ => Layout::Inline,
    }
}

/// What each level is indented by: as `parent` is in its parent, else as
/// anything in the root is.
fn unit(tree: &Tree<'_>, parent: Id) -> String {
    let own = line(tree, parent).map(|(_, indent)| indent);
    let outer = tree.get(parent).parent.and_then(|id| line(tree, id));
    let deeper = |outer: &str, inner: &'_ str| {
        let more = inner.strip_prefix(outer)?;
        (!more.is_empty()).then(|| more.to_owned())
    };
    if let (Some(own), Some((_, outer))) = (own, outer)
        && let Some(more) = deeper(outer, own)
    {
        return more;
    }
    let root = tree.root();
    let outermost = line(tree, root).map_or("", |(_, indent)| indent);
    let mut children = tree.get(root).children();
    let first = children.find_map(|child| deeper(outermost, line(tree, child)?.1));
    first.unwrap_or_else(|| {
        let tabs = tree.text().contains("\n\t");
        if tabs { "\t" } else { "  " }.to_owned()
    })
}

/// The line break before an element and its indent, if nothing else stands
/// before it on its line.
fn line<'t>(tree: &Tree<'t>, id: Id) -> Option<(&'t str, &'t str)> {
    line_at(tree.text(), tree.get(id).start.start)
}

fn line_at(text: &str, at: usize) -> Option<(&str, &str)> {
    // No further back than the line is blank: there may be many on one line.
    let start = text[..at].trim_end_matches([' ', '\t']).len();
    let breaks = text[..start].ends_with(['\n', '\r']);
    breaks.then(|| (newline_before(text, start), &text[start..at]))
}

/// The line break that ends at `at`.
fn newline_before(text: &str, at: usize) -> &str {
    let length = if text[..at].ends_with("\r\n") { 2 } else { 1 };
    let range: Range<usize> = at - length..at;
    &text[range]
}

fn first_newline(text: &str) -> Option<&str> {
    let at = text.find(['\n', '\r'])?;
    let length = if text[at..].starts_with("\r\n") { 2 } else { 1 };
    Some(&text[at..at + length])
}

//! A file whose roles count behind those of another one: its text stands behind
//! that of the other, so that a place is one number in both.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::mask;
use crate::diagnostic::text::{LineIndex, Snippet};

/// What is to be known of it.
#[derive(Debug)]
pub(super) struct FileBehind {
    /// Where its text begins.
    start: usize,
    path: String,
    text: Arc<String>,
    /// Made when the first place is asked for.
    places: OnceLock<(LineIndex, mask::Maps)>,
}

impl FileBehind {
    pub(super) fn new(start: usize, path: &str, text: &Arc<String>) -> Self {
        Self {
            start,
            path: path.to_owned(),
            text: Arc::clone(text),
            places: OnceLock::new(),
        }
    }

    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Whether the byte `at` of both texts is in this file.
    pub(super) fn has(&self, at: usize) -> bool {
        at >= self.start
    }

    /// The place `span` of both texts, which is in this file.
    pub(super) fn snippet(&self, span: Range<usize>) -> Snippet {
        let made = || (LineIndex::of(&self.text), mask::Maps::of(&self.text));
        let (lines, maps) = self.places.get_or_init(made);
        let own = span.start - self.start..span.end - self.start;
        maps.snippet(own, |span| lines.snippet(&self.path, &self.text, span))
    }
}

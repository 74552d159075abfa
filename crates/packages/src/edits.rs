//! Changes to a person's file: ranges of its text and what takes their place.

mod fault;

use std::ops::Range;

use secrecy::SecretSlice;
use secrecy::zeroize::Zeroizing;

pub(crate) use fault::{Fault, Read};

/// What has to be done for a file to say something.
#[derive(Debug)]
pub enum Edited {
    /// Nothing: the file says it already.
    Unchanged,
    /// The file gets these bytes. They differ from those it has in what it
    /// shall say alone.
    Changed(SecretSlice<u8>),
}

/// Replacements that do not overlap.
#[derive(Default)]
pub(crate) struct Edits {
    list: Vec<(Range<usize>, Zeroizing<String>)>,
    /// What is added at the end of the text.
    added: Vec<Zeroizing<String>>,
}

impl Edits {
    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.added.is_empty()
    }

    /// Adds `more` at the end of the text, after all else that is put there.
    pub(crate) fn add(&mut self, more: String) {
        self.added.push(Zeroizing::new(more));
    }

    /// Whether something was added at the end.
    pub(crate) fn adds(&self) -> bool {
        !self.added.is_empty()
    }

    /// Replaces the bytes `range`. Of several at one place, the first stands
    /// first.
    pub(crate) fn replace(&mut self, range: Range<usize>, with: String) {
        self.list.push((range, Zeroizing::new(with)));
    }

    /// `text` with these changes.
    pub(crate) fn apply(mut self, text: &str) -> Zeroizing<String> {
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let with = self.list.iter().map(|(_, with)| with.len());
        let more: usize = with.chain(self.added.iter().map(|added| added.len())).sum();
        // Sized at once, so that no half-grown copy is left behind.
        let mut edited = Zeroizing::new(String::with_capacity(text.len() + more));
        let mut at = 0;
        for (range, with) in &self.list {
            edited.push_str(&text[at..range.start]);
            edited.push_str(with);
            at = range.end;
        }
        edited.push_str(&text[at..]);
        for added in &self.added {
            edited.push_str(added);
        }
        edited
    }

    /// The same for a file that is UTF-8.
    pub(crate) fn into_edited(self, text: &str) -> Edited {
        if self.is_empty() {
            return Edited::Unchanged;
        }
        let edited = self.apply(text);
        // Exactly sized, so that nothing is left behind where it moves.
        let mut bytes = Vec::with_capacity(edited.len());
        bytes.extend_from_slice(edited.as_bytes());
        Edited::Changed(bytes.into())
    }
}

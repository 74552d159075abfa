//! An index of a big file: where each role stands, found without reading the
//! file and without decoding the index.
//!
//! ```text
//!  0   8  magic and version
//!  8  16  digest of the file's content
//! 24   4  length of the file
//! 28   4  number of odd things at its top level
//! 32   4  number of roles
//! 36  16  digest of all other bytes of the index
//! 52   8  hash of the names in `settings::KEYS`
//! 60   4  number of roles that are confirmed by name
//! 64   8  for each key of `settings::KEYS`: start and end of the member, or 0 0
//! then 12  for each role, sorted: hash of its name, start and end of the member
//! then  8  for each role that is confirmed by name: start and end of the member
//! ```
//! All numbers are little-endian. The digest of the content recognises an
//! unchanged file; it is not keyed, and protects from nobody who can write to
//! the place where the index is kept. What an index points at is checked: a
//! role is only ever taken from bytes that are its quoted name, a colon and a
//! whole object.

use std::io;
use std::ops::Range;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::document::{Document, hash_of};
use super::node::{self, Node};
use super::settings::{KEYS, Settings, TopKey};

/// Files of at least so many bytes are worth an index.
pub const INDEX_FROM: usize = 64 * 1024;

/// Reads the file that an index is of.
pub trait ReadAt: Send + Sync {
    /// The bytes `range` of the file, all of them.
    ///
    /// # Errors
    /// They cannot be read, or the file is shorter.
    fn read_at(&self, range: Range<usize>) -> io::Result<Vec<u8>>;

    /// The whole file.
    ///
    /// # Errors
    /// It cannot be read.
    fn read_all(&self) -> io::Result<Vec<u8>>;
}

/// What tells one content of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    hash: u128,
    length: u64,
}

impl Digest {
    /// That of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            hash: xxh3_128(bytes),
            length: bytes.len() as u64,
        }
    }
}

/// Makes the digest of a file that is read through a small buffer.
#[derive(Default)]
pub struct Digester {
    state: Xxh3,
    length: u64,
}

impl Digester {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// The digest of all that was added.
    pub fn finish(&self) -> Digest {
        Digest {
            hash: self.state.digest128(),
            length: self.length,
        }
    }
}

const MAGIC: [u8; 8] = *b"arindex\x04";
const COUNT: usize = 32;
const CHECK: usize = 36;
const KNOWN: usize = 52;
const PROTECTED: usize = 60;
const SETTINGS: usize = 64;
const HEADER: usize = SETTINGS + 8 * KEYS.len();
const ROW: usize = 12;
const EXTENT: usize = 8;

/// A decoded index: the bytes, checked to be whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    bytes: Vec<u8>,
}

impl Index {
    /// Makes the index of a document.
    pub(super) fn of(document: &Document) -> Self {
        let digest = Digest::of(document.text().as_bytes());
        let table = document.table();
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let protected = document.protected_extents();
        let length = HEADER + ROW * table.len() + EXTENT * protected.len();
        let mut bytes = Vec::with_capacity(length);
        bytes.extend(MAGIC);
        bytes.extend(digest.hash.to_le_bytes());
        bytes.extend(narrow(document.text().len()));
        bytes.extend(narrow(document.settings.findings.len()));
        bytes.extend(narrow(table.len()));
        bytes.extend([0; 16]);
        bytes.extend(hash_of_keys());
        bytes.extend(narrow(protected.len()));
        for extent in &document.settings.extents {
            let extent = extent.clone().unwrap_or_default();
            bytes.extend(narrow(extent.start));
            bytes.extend(narrow(extent.end));
        }
        for (hash, (start, end)) in table {
            for number in [hash, start, end] {
                bytes.extend(number.to_le_bytes());
            }
        }
        for (start, end) in protected {
            for number in [start, end] {
                bytes.extend(number.to_le_bytes());
            }
        }
        let check = check_of(&bytes).to_le_bytes();
        bytes[CHECK..KNOWN].copy_from_slice(&check);
        Self { bytes }
    }

    /// The bytes to keep.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Takes bytes that were kept. `None` if they are not a whole index of
    /// this version.
    pub fn decode(bytes: Vec<u8>) -> Option<Self> {
        let index = Self { bytes };
        let rows = index.bytes.len().checked_sub(HEADER)?;
        let protected = (index.number(PROTECTED) as usize).checked_mul(EXTENT)?;
        let whole = index.bytes.starts_with(&MAGIC)
            && rows == index.rows().checked_mul(ROW)?.checked_add(protected)?
            && index.bytes[KNOWN..PROTECTED] == hash_of_keys()
            && index.bytes[CHECK..KNOWN] == check_of(&index.bytes).to_le_bytes();
        whole.then_some(index)
    }

    /// The digest of the file that this is the index of.
    pub fn digest(&self) -> Digest {
        let mut hash = [0; 16];
        hash.copy_from_slice(&self.bytes[8..24]);
        Digest {
            hash: u128::from_le_bytes(hash),
            length: u64::from(self.number(24)),
        }
    }

    /// Whether something at the top level of the file is odd.
    pub(super) fn has_unknown(&self) -> bool {
        self.number(28) > 0
    }

    /// The settings, read from the file.
    pub(super) fn settings(&self, source: &dyn ReadAt) -> Option<Settings> {
        let mut settings = Settings::default();
        for (number, key) in KEYS.iter().enumerate().filter(|(_, key)| !key.is_lazy()) {
            if let Some((text, start)) = self.setting(key.name, source)? {
                let (_, value) = Node::member(&text, start)?;
                settings.take(key, &value).ok()?;
                settings.extents[number] = Some(start..start + text.len());
            }
        }
        Some(settings)
    }

    /// The text of the member `key` of the top level, and where it begins:
    /// `Some(None)` if the file has none, `None` if that cannot be said.
    pub(super) fn setting(
        &self,
        key: &str,
        source: &dyn ReadAt,
    ) -> Option<Option<(String, usize)>> {
        let number = TopKey::number(key)?;
        let at = SETTINGS + 8 * number;
        let (start, end) = (self.number(at), self.number(at + 4));
        if (start, end) == (0, 0) {
            return Some(None);
        }
        let text = self.slice(start, end, source)?;
        let (found, _) = Node::member(&text, start as usize)?;
        (node::unquote(found.raw())? == key).then_some(Some((text, start as usize)))
    }

    /// The text of the member `name` of the roles, and where it begins.
    pub(super) fn role(&self, name: &str, source: &dyn ReadAt) -> Option<(String, usize)> {
        let hash = hash_of(name);
        let first = self.first_row(hash);
        (first..self.rows())
            .map(|row| HEADER + ROW * row)
            .take_while(|at| self.number(*at) == hash)
            .find_map(|at| {
                let start = self.number(at + 4);
                let text = self.slice(start, self.number(at + 8), source)?;
                let (key, _) = Node::member(&text, start as usize)?;
                (node::unquote(key.raw())? == name).then_some((text, start as usize))
            })
    }

    /// The texts of the roles that are confirmed by name, and where each begins;
    /// `None` if that cannot be said.
    pub(super) fn protected(&self, source: &dyn ReadAt) -> Option<Vec<(String, usize)>> {
        let first = HEADER + ROW * self.rows();
        let read = |number: usize| {
            let at = first + EXTENT * number;
            let start = self.number(at);
            let text = self.slice(start, self.number(at + 4), source)?;
            Some((text, start as usize))
        };
        (0..self.number(PROTECTED) as usize).map(read).collect()
    }

    /// The first row whose hash is not less than `hash`.
    fn first_row(&self, hash: u32) -> usize {
        let (mut low, mut high) = (0, self.rows());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.number(HEADER + ROW * middle) < hash {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn slice(&self, start: u32, end: u32, source: &dyn ReadAt) -> Option<String> {
        if start >= end || u64::from(end) > self.digest().length {
            return None;
        }
        let bytes = source.read_at(start as usize..end as usize).ok()?;
        String::from_utf8(bytes).ok()
    }

    fn rows(&self) -> usize {
        self.number(COUNT) as usize
    }

    /// The number at `at`; past the end, 0.
    fn number(&self, at: usize) -> u32 {
        let bytes = self.bytes.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }
}

/// The digest of an index without the place where that digest stands.
fn check_of(bytes: &[u8]) -> u128 {
    let mut state = Xxh3::new();
    state.update(bytes.get(..CHECK).unwrap_or_default());
    state.update(bytes.get(KNOWN..).unwrap_or_default());
    state.digest128()
}

/// What tells an index of these keys from one of others.
fn hash_of_keys() -> [u8; 8] {
    let mut state = Xxh3::new();
    for key in &KEYS {
        state.update(key.name.as_bytes());
        state.update(b"\n");
    }
    state.digest().to_le_bytes()
}

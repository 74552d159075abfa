//! The file in one pass, looking at each byte once and into nothing that is not
//! asked for.
//!
//! It says where the members are and that all of it is JSON, or nothing at all:
//! then serde reads the file, and says what is wrong with it. It grants what
//! serde grants, for a test holds one against the other. Files of ten thousand
//! roles are read so in every call, which has a millisecond or two for it.

use super::document::{MemberSpan, Place};
use super::node::{self, MOST_ENTRIES, Node};
use super::protected;
use super::settings::ROLES;

/// The members of the top level. That of the roles is an empty object: its own
/// are in `roles`.
pub(super) struct ScannedFile<'a> {
    pub(super) top: Vec<(Node<'a>, Node<'a>)>,
    pub(super) roles: Vec<MemberSpan>,
    /// The numbers of the roles in which a key may be `confirm`, a slip
    /// included.
    pub(super) suspects: Vec<u32>,
}

/// Reads `text` from `start`, where its object begins. `None`: it is not JSON,
/// or not of the usual kind.
pub(super) fn read(text: &str, start: usize) -> Option<ScannedFile<'_>> {
    let mut scan = Scan {
        text,
        bytes: text.as_bytes(),
        at: start,
        harmless: [(0, 0); SLOTS],
        suspect: false,
    };
    let mut found = ScannedFile {
        top: Vec::new(),
        // A role takes some 250 bytes.
        roles: Vec::with_capacity(text.len() / 200),
        suspects: Vec::new(),
    };
    scan.object(|scan, key| {
        let key = scan.node(key);
        let is_roles = node::unquote(key.raw()).as_deref() == Some(ROLES);
        let value = if is_roles && scan.space() == b'{' {
            let place = scan.at as u32;
            scan.roles(&mut found)?;
            (place, place + 1)
        } else {
            scan.value()?
        };
        found.top.push((key, scan.node(value)));
        (found.top.len() <= MOST_ENTRIES).then_some(())
    })?;
    (scan.space() == END && scan.at == text.len()).then_some(found)
}

/// Objects and lists within each other; in deeper ones, serde finds its way.
const DEEPEST: u32 = 64;

/// What stands where the file has ended. (As a byte of a file, it is no JSON.)
const END: u8 = 0;

/// Keys that are remembered.
const SLOTS: usize = 64;

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Keys that cannot be taken for `confirm`, each at a place that it tells:
    /// most keys of a file are those of its other roles.
    harmless: [Place; SLOTS],
    /// Whether a key was met that can.
    suspect: bool,
}

impl<'a> Scan<'a> {
    /// The members of the roles' object.
    fn roles(&mut self, found: &mut ScannedFile<'_>) -> Option<()> {
        self.object(|scan, key| {
            scan.suspect = false;
            let is_object = scan.space() == b'{';
            let value = scan.value()?;
            // What is no object is looked into.
            if scan.suspect || !is_object {
                found.suspects.push(found.roles.len() as u32);
            }
            found.roles.push(MemberSpan { key, value });
            (found.roles.len() <= MOST_ENTRIES).then_some(())
        })
    }

    /// An object, whose members `each` reads from behind the colon. Its own keys
    /// are names of roles or settings, and none of them protects anything.
    fn object(&mut self, mut each: impl FnMut(&mut Self, Place) -> Option<()>) -> Option<()> {
        self.one_of(b"{")?;
        if self.space() == b'}' {
            return self.one_of(b"}").map(drop);
        }
        loop {
            let (key, _) = self.name()?;
            each(self, key)?;
            if self.one_of(b",}")? == b'}' {
                return Some(());
            }
        }
    }

    /// Any value, without calling itself: its depth is nobody's choice.
    fn value(&mut self) -> Option<Place> {
        self.space();
        let start = self.at as u32;
        // A bit for each that is open: whether it is an object.
        let (mut depth, mut objects) = (0, 0_u64);
        loop {
            match self.space() {
                b'"' => drop(self.string()?),
                open @ (b'{' | b'[') => {
                    self.at += 1;
                    let close = if open == b'{' { b'}' } else { b']' };
                    if self.space() != close {
                        depth += 1;
                        objects = (objects << 1) | u64::from(open == b'{');
                        if depth > DEEPEST {
                            return None;
                        }
                        if open == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                    self.at += 1;
                }
                _ => self.scalar()?,
            }
            loop {
                if depth == 0 {
                    return Some((start, self.at as u32));
                }
                let is_object = objects & 1 == 1;
                match (self.space(), is_object) {
                    (b',', _) => {
                        self.at += 1;
                        if is_object {
                            self.key()?;
                        }
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        depth -= 1;
                        objects >>= 1;
                    }
                    _ => return None,
                }
            }
        }
    }

    /// A key inside a role, which may be `confirm`, and the colon behind it.
    #[inline(always)]
    fn key(&mut self) -> Option<()> {
        let ((start, end), has_escapes) = self.name()?;
        // An escape could hide the word.
        self.suspect |= has_escapes || self.is_suspect(start as usize + 1, end as usize - 1);
        Some(())
    }

    /// A key and the colon behind it: where the key is, and whether escapes are
    /// in it.
    #[inline(always)]
    fn name(&mut self) -> Option<(Place, bool)> {
        if self.space() != b'"' {
            return None;
        }
        let start = self.at;
        let has_escapes = self.string()?;
        let end = self.at;
        self.one_of(b":")?;
        Some(((start as u32, end as u32), has_escapes))
    }

    /// Whether a key without escapes may be taken for `confirm`.
    #[inline(always)]
    fn is_suspect(&mut self, start: usize, end: usize) -> bool {
        let Some(key @ [first, .., last]) = self.bytes.get(start..end) else {
            return false;
        };
        let slot =
            (key.len() + 3 * usize::from(key[key.len() / 2]) + usize::from(first ^ last)) % SLOTS;
        let (from, to) = self.harmless[slot];
        let known = self.bytes.get(from as usize..to as usize);
        if known.is_some_and(|known| are_same(known, key)) {
            return false;
        }
        let suspect = protected::looks_like_confirm(key);
        if !suspect {
            self.harmless[slot] = (start as u32, end as u32);
        }
        suspect
    }

    /// A string, from its first quote on; whether escapes are in it.
    #[inline(always)]
    fn string(&mut self) -> Option<bool> {
        self.at += 1;
        let mut has_escapes = false;
        loop {
            while let Some(eight) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
                let found = first_special(u64::from_le_bytes(*eight));
                self.at += found;
                if found < 8 {
                    break;
                }
            }
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(has_escapes);
                }
                b'\\' => {
                    has_escapes = true;
                    self.escape()?;
                }
                // At the end of the file, where no eight bytes are left.
                b' '.. => self.at += 1,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.at += match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(6)?
            }
            _ => return None,
        };
        Some(())
    }

    /// A number, or a word: true, false or null.
    fn scalar(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let words = [&b"true"[..], b"false", b"null"];
        if let Some(word) = words.iter().find(|word| rest.starts_with(word)) {
            self.at += word.len();
            return Some(());
        }
        let digits = |from: usize| -> Option<usize> {
            let rest = rest.get(from..)?;
            let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (count > 0).then_some(from + count)
        };
        let start = usize::from(rest.first() == Some(&b'-'));
        let mut end = match rest.get(start)? {
            b'0' => start + 1,
            _ => digits(start)?,
        };
        if rest.get(end) == Some(&b'.') {
            end = digits(end + 1)?;
        }
        if let Some(b'e' | b'E') = rest.get(end) {
            let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
            end = digits(end + 1 + sign)?;
        }
        self.at += end;
        Some(())
    }

    /// Moves behind white space and one of `bytes`, and says which.
    #[inline(always)]
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.space();
        self.at += 1;
        bytes.contains(&byte).then_some(byte)
    }

    /// Moves to what is no white space, and says what it is.
    #[inline(always)]
    fn space(&mut self) -> u8 {
        loop {
            match self.bytes.get(self.at) {
                Some(b'\n') => {
                    self.at += 1;
                    self.indentation();
                }
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                byte => return byte.copied().unwrap_or(END),
            }
        }
    }

    /// Moves behind the spaces that a line begins with: a quarter of a file that
    /// is laid out for people.
    #[inline(always)]
    fn indentation(&mut self) {
        while let Some(eight) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            let others = u64::from_le_bytes(*eight) ^ u64::from_le_bytes([b' '; 8]);
            let spaces = (others.trailing_zeros() / 8) as usize;
            self.at += spaces;
            if spaces < 8 {
                return;
            }
        }
    }

    fn node(&self, (start, end): Place) -> Node<'a> {
        let raw = self.text.get(start as usize..end as usize);
        Node::at(raw.unwrap_or_default(), start as usize)
    }
}

/// How many of eight bytes stand before the first that ends or breaks a string:
/// a quote, a backslash, a control character. Eight at a time, by the borrow
/// that a subtraction takes from the next bit where a byte is less.
#[inline(always)]
fn first_special(eight: u64) -> usize {
    const EACH: u64 = u64::MAX / 255;
    // What is found wrongly stands above what is found rightly.
    let less = |bytes: u64, than: u8| bytes.wrapping_sub(EACH * u64::from(than)) & !bytes;
    let is = |byte: u8| less(eight ^ (EACH * u64::from(byte)), 1);
    let found = (is(b'"') | is(b'\\') | less(eight, b' ')) & (EACH << 7);
    (found.trailing_zeros() / 8) as usize
}

/// Whether both are the same. (That of musl takes a byte at a time.)
#[inline(always)]
fn are_same(a: &[u8], b: &[u8]) -> bool {
    let ends = (a.last_chunk::<8>(), b.last_chunk::<8>());
    let (Some(a_end), Some(b_end)) = ends else {
        return a == b;
    };
    let same = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
    let (a_chunks, b_chunks) = (a.as_chunks().0, b.as_chunks().0);
    a.len() == b.len() && same((a_end, b_end)) && a_chunks.iter().zip(b_chunks).all(same)
}

#[cfg(test)]
mod tests;

//! The whole file in memory: which members it has and where they stand.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::behind::FileBehind;
use super::diagnose;
use super::fault::{Fault, Read, quoted};
use super::mask;
use super::node::{self, Few, Node};
use super::protected::{self, Protected};
use super::scan::{self, ScannedFile};
use super::settings::{FileSettings, ROLES, TopKey};
use crate::diagnostic::text::{LineIndex, Snippet};

/// Start and end of something, as byte offsets in the file.
pub(super) type Place = (u32, u32);

/// A member `"key": value` of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MemberSpan {
    pub(super) key: Place,
    pub(super) value: Place,
}

impl MemberSpan {
    /// The bytes from the key's first quote to the end of the value.
    fn extent(&self) -> Range<usize> {
        span((self.key.0, self.value.1))
    }
}

/// The text and a map of it.
#[derive(Debug)]
pub(super) struct Document {
    text: Arc<String>,
    /// In file order.
    roles: Vec<MemberSpan>,
    table: Vec<Hashed>,
    /// The numbers of the roles that a person may have to confirm by name.
    suspects: Vec<u32>,
    pub(super) settings: FileSettings,
    /// A file whose roles are there, too.
    behind: Option<FileBehind>,
    /// Made when the first place is asked for.
    places: OnceLock<(LineIndex, mask::Maps)>,
}

impl Document {
    /// Reads all of `text`. Gives it back beside the fault, which is about it.
    pub(super) fn read(text: Arc<String>) -> Result<Self, (Box<Fault>, Arc<String>)> {
        match map_of(&text) {
            Ok(Map {
                roles,
                table,
                suspects,
                settings,
            }) => Ok(Self {
                text,
                roles,
                table,
                suspects,
                settings,
                behind: None,
                places: OnceLock::new(),
            }),
            Err(fault) => Err((fault, text)),
        }
    }

    /// Of a file that is not there.
    pub(super) fn empty() -> Self {
        Self {
            text: Arc::default(),
            roles: Vec::new(),
            table: Vec::new(),
            suspects: Vec::new(),
            settings: FileSettings::default(),
            behind: None,
            places: OnceLock::new(),
        }
    }

    /// This one and behind it the roles of `other`, the file that a person calls
    /// `path`, that are in neither of both and that `keep` wants. What else `other`
    /// says counts for nothing.
    ///
    /// # Errors
    /// Both together are too large.
    pub(super) fn followed_by(
        &self,
        other: &Self,
        path: &str,
        keep: &mut dyn FnMut(&str) -> bool,
    ) -> Read<Self> {
        let behind = FileBehind::new(self.text.len() + 1, path, &other.text);
        let text = [self.text.as_str(), "\n", other.text.as_str()].concat();
        let start = u32::try_from(behind.start());
        let start = start.ok().filter(|_| u32::try_from(text.len()).is_ok());
        let start = start.ok_or_else(|| Fault::new(0..0, "the file is larger than 4 GiB"))?;
        let moved = |place: Place| (place.0 + start, place.1 + start);
        let (mut roles, mut suspects) = (self.roles.clone(), self.suspects.clone());
        for (entry, number) in other.roles.iter().zip(0_u32..) {
            let name = name_of(&other.text, entry);
            if self.role(&name).is_some() || !keep(&name) {
                continue;
            }
            if other.suspects.contains(&number) {
                suspects.push(u32::try_from(roles.len()).unwrap_or(u32::MAX));
            }
            roles.push(MemberSpan {
                key: moved(entry.key),
                value: moved(entry.value),
            });
        }
        Ok(Self {
            table: table_of(&text, &roles)?,
            text: Arc::new(text),
            roles,
            suspects,
            settings: self.settings.clone(),
            behind: Some(behind),
            places: OnceLock::new(),
        })
    }

    /// The file that has the byte `at`, if it is the one behind this.
    pub(super) fn path_behind(&self, at: usize) -> Option<&str> {
        let behind = self.behind.as_ref().filter(|behind| behind.has(at));
        behind.map(FileBehind::path)
    }

    /// Whether this is [`Document::empty`].
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The content of the file.
    pub(super) fn text(&self) -> &Arc<String> {
        &self.text
    }

    /// The place `span`, secrets in its line hidden.
    pub(super) fn snippet(&self, path: &str, span: Range<usize>) -> Snippet {
        let own = match &self.behind {
            Some(behind) if behind.has(span.start) => return behind.snippet(span),
            Some(behind) => &self.text[..behind.start() - 1],
            None => self.text.as_str(),
        };
        let made = || (LineIndex::of(own), mask::Maps::of(own));
        let (lines, maps) = self.places.get_or_init(made);
        maps.snippet(span, |span| lines.snippet(path, own, span))
    }

    /// The names of the roles in file order.
    pub(super) fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.roles.iter().map(|entry| name_of(&self.text, entry))
    }

    /// The roles in file order.
    pub(super) fn roles(&self) -> impl Iterator<Item = (Node<'_>, Node<'_>)> {
        self.roles.iter().filter_map(|entry| self.member(entry))
    }

    /// The roles that a person confirms by name, in file order.
    pub(super) fn protected(&self) -> impl Iterator<Item = Protected> {
        self.suspects
            .iter()
            .filter_map(|number| self.member(self.roles.get(*number as usize)?))
            .filter_map(|(key, value)| protected::read(&key, &value))
    }

    /// The member of `assume_roles` called `name`.
    pub(super) fn role(&self, name: &str) -> Option<(Node<'_>, Node<'_>)> {
        let hash = hash_of(name);
        let first = self.table.partition_point(|role| role.hash() < hash);
        self.table[first..]
            .iter()
            .take_while(|role| role.hash() == hash)
            .filter_map(|role| self.roles.get(role.number() as usize))
            .find(|entry| name_of(&self.text, entry) == name)
            .and_then(|entry| self.member(entry))
    }

    /// The member `key` of the top level, one of [`KEYS`](super::settings::KEYS).
    pub(super) fn setting(&self, key: &str) -> Option<(Node<'_>, Node<'_>)> {
        let number = TopKey::number(key)?;
        let extent = self.settings.extents[number].clone()?;
        Node::member(self.text.get(extent.clone())?, extent.start)
    }

    /// The key and the value of `entry`.
    fn member(&self, entry: &MemberSpan) -> Option<(Node<'_>, Node<'_>)> {
        let extent = entry.extent();
        Node::member(self.text.get(extent.clone())?, extent.start)
    }
}

/// The hash of a role's name, above the role's number in the file. A table of
/// them is sorted; whole numbers sort three times as fast as pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hashed(u64);

impl Hashed {
    fn new(hash: u32, number: u32) -> Self {
        Self(u64::from(hash) << 32 | u64::from(number))
    }

    fn hash(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn number(self) -> u32 {
        self.0 as u32
    }
}

/// The hash by which a role is found. It only narrows the search: names are
/// compared.
fn hash_of(name: &str) -> u32 {
    let [a, b, c, d, ..] = xxhash_rust::xxh3::xxh3_64(name.as_bytes()).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

struct Map {
    roles: Vec<MemberSpan>,
    table: Vec<Hashed>,
    suspects: Vec<u32>,
    settings: FileSettings,
}

fn map_of(text: &str) -> Read<Map> {
    if u32::try_from(text.len()).is_err() {
        return Err(Fault::new(0..0, "the file is larger than 4 GiB"));
    }
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = start_of(text, json);
    if !text[start..].starts_with('{') {
        return Err(diagnose::fault(text).unwrap_or_else(|| not_an_object(text, json)));
    }
    let found = match scan::read(text, start) {
        Some(found) => found,
        None => slowly(text, json)?,
    };
    let ScannedFile {
        top,
        roles,
        suspects,
    } = found;
    Ok(Map {
        settings: FileSettings::read(&top)?,
        table: table_of(text, &roles)?,
        roles,
        suspects,
    })
}

/// As [`scan::read`], of whatever serde can read.
///
/// # Errors
/// `json`, which is `text` without a mark at its start, is no JSON, or has too
/// many members.
pub(super) fn slowly<'a>(text: &'a str, json: &'a str) -> Read<ScannedFile<'a>> {
    let mut source = serde_json::Deserializer::from_str(json);
    let (top, roles) = source
        .deserialize_map(TopVisitor { text })
        .and_then(|read| source.end().map(|()| read))
        .map_err(|error| diagnose::fault(text).unwrap_or_else(|| plainly(text, &error)))?;
    let whole = || first_byte(text, json);
    let top = top.all(whole).map_err(|fault| fault.about("the file"))?;
    let roles = roles.all(whole).map_err(|fault| fault.about(ROLES))?;
    let suspects = match protected::possible(text.as_bytes()) {
        true => (0..roles.len() as u32).collect(),
        false => Vec::new(),
    };
    Ok(ScannedFile {
        top,
        roles,
        suspects,
    })
}

/// Where the file's value begins.
pub(super) fn start_of(text: &str, json: &str) -> usize {
    node::offset(text, node::skip_space(json))
}

fn first_byte(text: &str, json: &str) -> Range<usize> {
    let start = start_of(text, json);
    start..start + 1
}

fn not_an_object(text: &str, json: &str) -> Box<Fault> {
    let Range { start, end } = first_byte(text, json);
    let shape =
        node::first_value(&text[start..]).map(|raw| Node::within(text, 0, raw).shape().to_string());
    let found = shape.unwrap_or_else(|| "something else".to_owned());
    Fault::new(
        start..end,
        format!("the file must hold an object, this is {found}"),
    )
    .hint("put everything between { and }, see the example in the user guide")
}

/// What serde says, for a fault that we have no words of our own for.
fn plainly(text: &str, error: &serde_json::Error) -> Box<Fault> {
    let line = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let at = (line + error.column().saturating_sub(1)).min(text.len());
    Fault::new(at..at + 1, "the file is not JSON").because(error)
}

/// The roles by the hash of their names.
fn table_of(text: &str, roles: &[MemberSpan]) -> Read<Vec<Hashed>> {
    let mut table = Vec::with_capacity(roles.len());
    for (entry, number) in roles.iter().zip(0_u32..) {
        let raw = &text[entry.key.0 as usize..entry.key.1 as usize];
        let name = node::unquote(raw)
            .ok_or_else(|| node::not_text(span(entry.key)).about("the name of this role"))?;
        table.push(Hashed::new(hash_of(&name), number));
    }
    table.sort_unstable();
    // Equal hashes are as good as always equal names; sorting the names keeps
    // a file made to collide from costing more than any other.
    let name = |number: u32| roles.get(number as usize).map(|entry| name_of(text, entry));
    let by_name = |a: &u32, b: &u32| -> Ordering { name(*a).cmp(&name(*b)).then(a.cmp(b)) };
    let mut twice: Option<(u32, u32)> = None;
    for group in table
        .chunk_by(|a, b| a.hash() == b.hash())
        .filter(|g| g.len() > 1)
    {
        let mut numbers: Vec<u32> = group.iter().map(|role| role.number()).collect();
        numbers.sort_unstable_by(by_name);
        let pairs = numbers.windows(2).filter_map(|pair| match *pair {
            [a, b] if name(a) == name(b) => Some((b, a)),
            _ => None,
        });
        twice = pairs.chain(twice).min();
    }
    match twice.map(|(b, a)| (roles.get(a as usize), roles.get(b as usize))) {
        Some((Some(first), Some(second))) => Err(defined_twice(text, first, second)),
        _ => Ok(table),
    }
}

fn defined_twice(text: &str, first: &MemberSpan, second: &MemberSpan) -> Box<Fault> {
    let message = format!("role {} is defined twice", quoted(&name_of(text, second)));
    Fault::new(span(second.key), message)
        .see("the first is", span(first.key))
        .hint("rename or remove one of the two")
}

fn span((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

/// The name of a role. The table was made of names that could be read.
fn name_of<'a>(text: &'a str, entry: &MemberSpan) -> Cow<'a, str> {
    text.get(span(entry.key))
        .and_then(node::unquote)
        .unwrap_or_default()
}

/// Reads the top level in one pass: the roles as slices, all else as nodes.
struct TopVisitor<'de> {
    text: &'de str,
}

type Top<'de> = (Few<(Node<'de>, Node<'de>)>, Few<MemberSpan>);

impl<'de> Visitor<'de> for TopVisitor<'de> {
    type Value = Top<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut top, mut roles) = (Few::new(), Few::new());
        while let Some(key) = map.next_key::<&RawValue>()? {
            let key = Node::within(self.text, 0, key);
            let after = node::skip_space(&self.text[key.span().end..]);
            let value = node::skip_space(after.strip_prefix(':').unwrap_or(after));
            let is_roles = node::unquote(key.raw()).as_deref() == Some(ROLES);
            if is_roles && value.starts_with('{') {
                map.next_value_seed(Roles {
                    text: self.text,
                    into: &mut roles,
                })?;
                // An empty object in its place: it has been read.
                top.push((key, Node::at(&value[..1], node::offset(self.text, value))));
            } else {
                let value = map.next_value::<&RawValue>()?;
                top.push((key, Node::within(self.text, 0, value)));
            }
        }
        Ok((top, roles))
    }
}

/// Reads the object of roles into a list.
struct Roles<'a, 'de> {
    text: &'de str,
    into: &'a mut Few<MemberSpan>,
}

impl<'de> DeserializeSeed<'de> for Roles<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Roles<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of roles")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // Offsets fit: the length of the file was checked.
        let place = |raw: &RawValue| {
            let start = node::offset(self.text, raw.get());
            let end = start + raw.get().len();
            let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
            (narrow(start), narrow(end))
        };
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            self.into.push(MemberSpan {
                key: place(key),
                value: place(value),
            });
        }
        Ok(())
    }
}

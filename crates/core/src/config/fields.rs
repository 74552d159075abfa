//! The members of one object, taken key by key: what its list of keys has is
//! known, and what is left over is not.

use std::borrow::Cow;
use std::ops::Range;

use super::fault::{Fault, Finding, MOST_FINDINGS, Read, quoted};
use super::guard;
use super::node::{Node, Shape};
use super::schema::{Form, ObjectKeys};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::text::Spanned;

/// An object that is being read.
pub(super) struct Fields<'a> {
    /// What it is to a person: `role "x"`.
    what: String,
    /// What to point at when something is missing.
    at: Range<usize>,
    members: Vec<Member<'a>>,
    known: Vec<&'static str>,
}

struct Member<'a> {
    key: Cow<'a, str>,
    at: Range<usize>,
    value: Node<'a>,
}

impl<'a> Fields<'a> {
    /// Reads the keys `K` of `node`, which is called `what`. What is missing
    /// is missing `at`. Of several faults the first key's is given.
    pub(super) fn read<K: ObjectKeys>(
        what: impl Into<String>,
        at: Range<usize>,
        node: &Node<'a>,
    ) -> Read<(K, Rest)> {
        let fields = Self::of::<K>(what, at, node)?;
        let mut faults = Vec::new();
        let keys = K::take(&fields, &mut faults);
        faults.extend(fields.slips());
        match faults.into_iter().next() {
            Some(fault) => Err(Box::new(fault)),
            None => Ok((keys, fields.done())),
        }
    }

    /// Every fault that [`Fields::read`] would find.
    pub(super) fn faults<K: ObjectKeys>(what: impl Into<String>, node: &Node<'a>) -> Vec<Fault> {
        let mut faults = Vec::new();
        match Self::of::<K>(what, node.span(), node) {
            Ok(fields) => {
                drop(K::take(&fields, &mut faults));
                faults.extend(fields.slips());
            }
            Err(fault) => faults.push(*fault),
        }
        faults
    }

    /// The members of `node`, of which not every one may be of interest.
    pub(super) fn of<K: ObjectKeys>(
        what: impl Into<String>,
        at: Range<usize>,
        node: &Node<'a>,
    ) -> Read<Self> {
        let what = what.into();
        let member = |(key, value): (Node<'a>, Node<'a>)| {
            Ok(Member {
                key: key.string().map_err(|fault| fault.about("this key"))?,
                at: key.span(),
                value,
            })
        };
        let members = node.members().map_err(|fault| fault.about(&what))?;
        let members = members.into_iter().map(member).collect::<Read<_>>()?;
        let mut known = Vec::new();
        K::names(&mut known);
        Ok(Self {
            what,
            at,
            members,
            known,
        })
    }

    /// The value of `key`, which has the form `F`. A null is as good as
    /// nothing; a key that stands there twice is a fault.
    pub(super) fn take<F: Form>(&self, key: &'static str) -> Read<Option<Spanned<F::Value>>> {
        debug_assert!(self.known.contains(&key), "{key} is in no list of keys");
        let mut found = self.members.iter().filter(|member| member.key == key);
        let Some(first) = found.next() else {
            return Ok(None);
        };
        if let Some(second) = found.next() {
            let message = format!("{} has {key} twice", self.what);
            return Err(Fault::new(second.at.clone(), message)
                .see(format!("the first {key} is"), first.at.clone())
                .hint("remove one of the two"));
        }
        if first.value.shape() == Shape::Null {
            return Ok(None);
        }
        let value =
            F::read(&first.value).map_err(|fault| fault.about(format!("{}: {key}", self.what)))?;
        Ok(Some(Spanned::new(value, first.value.span())))
    }

    /// As [`Fields::take`]; a fault is put to the `faults`.
    pub(super) fn take_or<F: Form>(
        &self,
        key: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Option<Spanned<F::Value>> {
        self.take::<F>(key).unwrap_or_else(|fault| {
            faults.push(*fault);
            None
        })
    }

    /// A fault for every unknown key that looks like one that guards.
    ///
    /// Where the MFA device is there by its name, another key takes no guard
    /// away.
    fn slips(&self) -> impl Iterator<Item = Fault> {
        let has_device = self
            .members
            .iter()
            .any(|member| member.key == guard::DEVICE && member.value.shape() != Shape::Null);
        let unknown = |member: &&Member<'_>| !self.known.contains(&member.key.as_ref());
        let members = self.members.iter().filter(unknown);
        members.filter_map(move |member| {
            let name = guard::meant(&member.key, &self.known)?;
            if name == guard::DEVICE && has_device {
                return None;
            }
            Some(*guard::slip(
                &self.what,
                &member.key,
                member.at.clone(),
                name,
            ))
        })
    }

    /// Every key of interest has been taken: says what is left over.
    pub(super) fn done(self) -> Rest {
        let Self {
            what,
            at,
            members,
            known,
        } = self;
        let mut unknown = Vec::new();
        let mut more = 0_usize;
        for member in members {
            if known.contains(&member.key.as_ref()) {
                continue;
            }
            if unknown.len() < MOST_FINDINGS {
                unknown.push((member.key.into_owned(), member.at));
            } else {
                more += 1;
            }
        }
        Rest {
            what,
            at,
            unknown,
            more,
            known,
        }
    }
}

/// What nobody asked for.
pub(super) struct Rest {
    what: String,
    at: Range<usize>,
    unknown: Vec<(String, Range<usize>)>,
    /// Unknown keys that are not in `unknown`.
    more: usize,
    known: Vec<&'static str>,
}

impl Rest {
    /// The value of a key that has to be there. `example` is a member to add.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        value: Option<T>,
        example: &str,
    ) -> Read<T> {
        if let Some(value) = value {
            return Ok(value);
        }
        let message = format!("{} has no {key}", self.what);
        // A misspelt key explains a missing one better than the name does.
        let misspelt = self
            .unknown
            .iter()
            .find(|(found, _)| meant(found, &self.known) == Some(key));
        Err(match misspelt {
            Some((found, at)) => Fault::new(at.clone(), message)
                .hint(format!("write {key} instead of {}", quoted(found))),
            None => Fault::new(self.at.clone(), message).hint(format!("add {example}")),
        })
    }

    /// That none of the unknown keys is a slip in one of `keys`, in whose place
    /// the `key` at the top of the file, at `top`, would count.
    pub(super) fn no_other(
        &self,
        keys: &[&'static str],
        key: &'static str,
        top: &Range<usize>,
    ) -> Read<()> {
        let slip = self.unknown.iter().find_map(|(found, at)| {
            let of_profile = || guard::is_profile(found).then_some(key);
            let name = meant(found, &self.known)
                .filter(|name| keys.contains(name))
                .or_else(of_profile)?;
            Some((found, at, name))
        });
        let Some((found, at, name)) = slip else {
            return Ok(());
        };
        let message = format!(
            "{} has an unknown key {}, which looks like {name}",
            self.what,
            quoted(found)
        );
        Err(Fault::new(at.clone(), message)
            .see(
                format!("passed over, the role would take the {key} that is"),
                top.clone(),
            )
            .hint(format!(
                "write {name} instead of {}, or remove it",
                quoted(found)
            )))
    }

    /// That there is no unknown key: each of the object narrows something, and a
    /// slip in one would widen it.
    pub(super) fn no_unknown(&self) -> Read<()> {
        let Some((found, at)) = self.unknown.first() else {
            return Ok(());
        };
        let message = format!("{} has an unknown key {}", self.what, quoted(found));
        Err(Fault::new(at.clone(), message)
            .hint(format!("use its keys: {}", self.known.join(", "))))
    }

    /// A warning for every unknown key, for the first few of very many.
    pub(super) fn findings(self) -> impl Iterator<Item = Finding> {
        unknown_keys(self.what, self.unknown, self.more, self.known)
    }
}

/// A warning for each of the keys `unknown` of `what`. `more` were left out.
pub(super) fn unknown_keys(
    what: String,
    unknown: Vec<(String, Range<usize>)>,
    more: usize,
    known: Vec<&'static str>,
) -> impl Iterator<Item = Finding> {
    let last = unknown.len().saturating_sub(1);
    unknown
        .into_iter()
        .enumerate()
        .map(move |(number, (key, span))| {
            let and_more = if more > 0 && number == last {
                format!(", and {more} more")
            } else {
                String::new()
            };
            let hint = match meant(&key, &known) {
                Some(name) => format!("did you mean {name}?"),
                None => format!("the keys here are {}", known.join(", ")),
            };
            Finding {
                message: format!("{what} has an unknown key {}{and_more}", quoted(&key)),
                span,
                hint: Some(hint),
            }
        })
}

/// The known key that `key` looks like.
fn meant(key: &str, known: &[&'static str]) -> Option<&'static str> {
    // Comparing is quadratic in the length, and neither one letter nor a long
    // text is a typing error.
    if !(2..=64).contains(&key.len()) {
        return None;
    }
    nearest(key, known.iter().copied(), 1).first().copied()
}

//! What becomes of the block when profiles are written or removed.

use std::collections::{HashMap, HashSet};

use super::block::{self, Block, BlockProfile, FIRST, LAST, Part};
use crate::aws_config::AwsFile;
use crate::diagnostic::Result;
use crate::diagnostic::text::Snippet;

/// What becomes of the profile of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is as it was; none if there was none.
    Keep,
    /// There is none.
    Drop,
    /// It is this one.
    Set(BlockProfile),
}

/// A profile before and after: one of the two is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileChange {
    /// As it was.
    pub before: Option<BlockProfile>,
    /// As it is.
    pub after: Option<BlockProfile>,
}

impl ProfileChange {
    /// Whether it says the same as before.
    pub fn is_none(&self) -> bool {
        self.before == self.after
    }
}

/// A file with other profiles in its block.
#[derive(Debug)]
pub struct Update {
    /// All that the file holds then.
    pub content: Vec<u8>,
    /// What becomes of each profile of the source, in the order of the block;
    /// those that are dropped stand last.
    pub changes: Vec<ProfileChange>,
}

impl Block {
    /// The places of the profiles of `config` and `credentials` that `source`
    /// has not written: their names are taken.
    ///
    /// # Errors
    /// As [`Block::find`].
    pub fn taken(
        config: &AwsFile,
        credentials: Option<&AwsFile>,
        source: &str,
    ) -> Result<HashMap<String, Snippet>> {
        let block = Self::find(config)?;
        let part = block.as_ref().and_then(|block| block.part(source));
        // What has keys there wins over a process in the other file.
        let others = credentials.map(|file| block::outside(file, None));
        let others = others.into_iter().flatten();
        Ok(block::outside(config, part).chain(others).collect())
    }
}

/// `file` with what `decide` says of each role of `source`: of those of `order`,
/// in that order, and of those that the block has besides. Outside of the block
/// no byte differs.
///
/// # Errors
/// As [`Block::find`]; or, without `force`, the part of the source was edited
/// by hand.
pub fn update(
    file: &AwsFile,
    source: &str,
    order: &[String],
    force: bool,
    decide: &mut dyn FnMut(&str) -> Decision,
) -> Result<Update> {
    let block = Block::find(file)?;
    let part = block.as_ref().and_then(|block| block.part(source));
    if let Some(line) = part.and_then(|part| part.edited.clone())
        && !force
    {
        return Err(block::edited(file, line));
    }
    let changes = changes(part, order, decide);
    let entries: Vec<BlockProfile> = changes.iter().filter_map(|one| one.after.clone()).collect();
    let is_same = changes.iter().all(ProfileChange::is_none)
        && part.is_none_or(|part| part.edited.is_none() && part.entries == entries);
    let content = match is_same {
        true => file.as_bytes().to_vec(),
        false => spliced(file, block.as_ref(), source, &entries),
    };
    Ok(Update { content, changes })
}

fn changes(
    part: Option<&Part>,
    order: &[String],
    decide: &mut dyn FnMut(&str) -> Decision,
) -> Vec<ProfileChange> {
    let written = part.map_or(&[][..], |part| &part.entries);
    let of_role: HashMap<&str, &BlockProfile> = written
        .iter()
        .map(|entry| (entry.role.as_str(), entry))
        .collect();
    let mut seen = HashSet::new();
    let others = written.iter().map(|entry| entry.role.as_str());
    let roles = order.iter().map(String::as_str).chain(others);
    let all = roles.filter(|role| seen.insert(*role)).map(|role| {
        let before = of_role.get(role).map(|entry| (*entry).clone());
        let after = match decide(role) {
            Decision::Keep => before.clone(),
            Decision::Drop => None,
            Decision::Set(entry) => Some(entry),
        };
        ProfileChange { before, after }
    });
    let (mut kept, dropped): (Vec<_>, Vec<_>) = all
        .filter(|change| change.before.is_some() || change.after.is_some())
        .partition(|change| change.after.is_some());
    kept.extend(dropped);
    kept
}

fn spliced(
    file: &AwsFile,
    block: Option<&Block>,
    source: &str,
    entries: &[BlockProfile],
) -> Vec<u8> {
    let text = file.as_str();
    let newline = match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    };
    let lines =
        |lines: Vec<String>| -> String { lines.into_iter().map(|line| line + newline).collect() };
    let of_part = || lines(block::written(source, entries));
    let Some(block) = block else {
        if entries.is_empty() {
            return file.as_bytes().to_vec();
        }
        let all = format!("{FIRST}{newline}{}{LAST}", of_part());
        // The last line is ended as that of the file was, so that nothing is
        // left of the block once it is removed.
        let is_ended = text.is_empty() || text.ends_with(['\n', '\r']);
        let (before, after) = if is_ended {
            ("", newline)
        } else {
            (newline, "")
        };
        return [
            file.as_bytes(),
            before.as_bytes(),
            all.as_bytes(),
            after.as_bytes(),
        ]
        .concat();
    };
    let part = block.part(source);
    let (mut span, with) = match (part, entries.is_empty()) {
        (Some(_), true) if block.parts.len() == 1 => (block.span.clone(), String::new()),
        (None, true) => (block.last..block.last, String::new()),
        (Some(part), true) => (part.span.clone(), String::new()),
        (Some(part), false) => (part.span.clone(), of_part()),
        (None, false) => (block.last..block.last, of_part()),
    };
    let is_all = span == block.span && with.is_empty();
    if is_all && !text[span.clone()].ends_with(['\n', '\r']) {
        let before = &text[..span.start];
        let ended = before.strip_suffix("\r\n").or(before.strip_suffix('\n'));
        span.start = ended.unwrap_or(before).len();
    }
    let bytes = file.as_bytes();
    [&bytes[..span.start], with.as_bytes(), &bytes[span.end..]].concat()
}

//! The marked block in `~/.aws/config`: where it is, and what it holds.

use std::fmt::Write as _;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::super::names::fits_header;
use super::process::OwnProcess;
use crate::aws_config::{AwsFile, ProblemKind, SectionName};
use crate::diagnostic::text::Snippet;
use crate::diagnostic::{Error, Kind, Result};

const BEGIN: &str = "# BEGIN assumerole";
const END: &str = "# END assumerole";
const SOURCE: &str = "# source: ";

/// The first line of a new block.
pub(super) const FIRST: &str =
    "# BEGIN assumerole: written by `assumerole profiles write`; do not edit";
/// The last line of a block.
pub(super) const LAST: &str = END;

/// A profile of the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockProfile {
    /// Its name.
    pub profile: String,
    /// The role whose credentials it has.
    pub role: String,
    /// Its `credential_process`; empty where `sso` says where its credentials are.
    pub command: String,
    /// Its `region`.
    pub region: Option<String>,
    /// The role of IAM Identity Center that every SDK gets by itself.
    pub sso: Option<BlockSso>,
}

/// The lines by which an SDK gets a role of IAM Identity Center by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockSso {
    /// `sso_session`
    pub session: String,
    /// `sso_account_id`
    pub account: String,
    /// `sso_role_name`
    pub role: String,
}

impl BlockSso {
    /// What tells the role from others of the session.
    pub fn key(&self) -> String {
        format!("{}/{}", self.account, self.role)
    }

    fn lines(&self) -> [String; 3] {
        [
            format!("sso_session = {}", self.session),
            format!("sso_account_id = {}", self.account),
            format!("sso_role_name = {}", self.role),
        ]
    }
}

impl BlockProfile {
    /// Its lines.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("[profile {}]", self.profile)];
        match &self.sso {
            Some(sso) => lines.extend(sso.lines()),
            None => lines.push(format!("credential_process = {}", self.command)),
        }
        lines.extend(
            self.region
                .iter()
                .map(|region| format!("region = {region}")),
        );
        lines
    }
}

/// What one source of roles has in the block.
#[derive(Clone, Debug)]
pub struct Part {
    /// The source: a file of roles, as a person calls it.
    pub source: String,
    /// Its profiles, as far as they can be read.
    pub entries: Vec<BlockProfile>,
    /// From the start of its first line to that of the line behind it.
    pub(super) span: Range<usize>,
    /// What somebody changed by hand.
    pub(super) edited: Option<Range<usize>>,
}

/// The block of a file.
#[derive(Clone, Debug)]
pub struct Block {
    /// From its first line to the end of its last one.
    pub(super) span: Range<usize>,
    /// Where its last line starts.
    pub(super) last: usize,
    /// Its parts, each of another source.
    pub parts: Vec<Part>,
}

impl Part {
    /// Whether what begins at the byte `at` of the file is in it.
    pub(crate) fn has(&self, at: usize) -> bool {
        self.span.contains(&at)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Marker {
    Begin,
    End,
}

impl Marker {
    fn of(line: &str) -> Option<Self> {
        let line = line.trim();
        let is = |marker| {
            let rest = line.strip_prefix(marker);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', ':']))
        };
        match () {
            () if is(BEGIN) => Some(Self::Begin),
            () if is(END) => Some(Self::End),
            () => None,
        }
    }
}

impl Block {
    /// The block of `file`; `None` if it has none.
    ///
    /// # Errors
    /// The markers do not make one block, a line behind it belongs to the last
    /// profile in it, or the file is UTF-16.
    pub fn find(file: &AwsFile) -> Result<Option<Self>> {
        let mut problems = file.problems().iter();
        if problems.any(|problem| problem.kind() == ProblemKind::Utf16) {
            let message = format!("cannot edit {}: it is UTF-16, not UTF-8", file.path());
            return Err(Error::new(Kind::Config, message)
                .hint("save it as UTF-8, which is what the AWS CLI reads"));
        }
        let text = file.as_str();
        let (mut open, mut closed): (Option<Range<usize>>, Option<Self>) = (None, None);
        for (line, next) in file.lines() {
            match Marker::of(&text[line.clone()]) {
                Some(Marker::Begin) => {
                    let first = open.as_ref().map(|first| first.start);
                    if let Some(first) = first.or(closed.as_ref().map(|block| block.span.start)) {
                        return Err(second(file, line, first));
                    }
                    open = Some(line.start..next);
                }
                Some(Marker::End) => match open.take() {
                    None => return Err(end_alone(file, line)),
                    Some(first) => {
                        closed = Some(Self {
                            span: first.start..next,
                            last: line.start,
                            parts: parts(file, first.end..line.start)?,
                        });
                    }
                },
                None => {}
            }
        }
        match (open, closed) {
            (Some(first), _) => Err(never_ends(file, first)),
            (None, Some(block)) => behind(file, &block).map_or(Ok(Some(block)), Err),
            (None, None) => Ok(None),
        }
    }

    /// The part of `source`.
    pub fn part(&self, source: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.source == source)
    }
}

/// The error of a line behind `block` that no header takes from its last
/// profile.
fn behind(file: &AwsFile, block: &Block) -> Option<Error> {
    let end = block.span.end;
    let mut starts = file.sections().map(|section| section.span().start);
    let header = starts.find(|start| *start >= end).unwrap_or(usize::MAX);
    let mut lines = file.lines().map(|(line, _)| line);
    let is_stray = |line: &Range<usize>| {
        (end..header).contains(&line.start) && !is_comment(&file.as_str()[line.clone()])
    };
    let line = lines.find(is_stray)?;
    let message = "this line belongs to the last profile of the assumerole block";
    Some(
        Error::new(Kind::Config, message)
            .at(place(file, line))
            .because("no [section] that begins its line stands between them")
            .hint("move it above the block, to the profile that it is meant for"),
    )
}

fn parts(file: &AwsFile, span: Range<usize>) -> Result<Vec<Part>> {
    let text = file.as_str();
    let mut parts: Vec<Part> = Vec::new();
    let lines = file.lines();
    let inside = lines.filter(|(line, _)| span.contains(&line.start));
    let inside: Vec<Range<usize>> = inside.map(|(line, _)| line).collect();
    let mut at = 0;
    while let Some(line) = inside.get(at) {
        let next = inside[at + 1..].iter();
        let is_source = |line: &Range<usize>| text[line.clone()].starts_with(SOURCE);
        let length = next.take_while(|line| !is_source(line)).count();
        let own = &inside[at + 1..=at + length];
        let end = inside
            .get(at + 1 + length)
            .map_or(span.end, |next| next.start);
        if is_source(line) {
            let part = part(text, line, own, end);
            if let Some(other) = parts.iter().find(|other| other.source == part.source) {
                return Err(twice(file, line.clone(), other.span.start));
            }
            parts.push(part);
        } else if let Some(foreign) = [std::slice::from_ref(line), own]
            .into_iter()
            .flatten()
            .find(|line| !is_comment(&text[(*line).clone()]))
        {
            return Err(foreign_line(file, foreign.clone()));
        }
        at += 1 + length;
    }
    Ok(parts)
}

fn part(text: &str, marker: &Range<usize>, lines: &[Range<usize>], end: usize) -> Part {
    let named = text[marker.clone()].trim_end();
    let named = named.strip_prefix(SOURCE).unwrap_or(named);
    let (source, digest) = named.rsplit_once(' ').unwrap_or((named, ""));
    let mut entries: Vec<BlockProfile> = Vec::new();
    let mut foreign = None;
    for line in lines {
        if !read(&text[line.clone()], &mut entries) {
            foreign = foreign.or(Some(line.clone()));
        }
    }
    // A profile without its process is none of ours.
    let whole = entries.iter().all(|entry| !entry.role.is_empty());
    entries.retain(|entry| !entry.role.is_empty());
    let lines = lines.iter().map(|line| &text[line.clone()]);
    let as_written = whole && self::digest(lines) == digest;
    let edited = match foreign {
        None if as_written => None,
        None => Some(marker.clone()),
        foreign => foreign,
    };
    Part {
        source: source.to_owned(),
        entries,
        span: marker.start..end,
        edited,
    }
}

/// Adds what `line` of a part says to `entries`; whether it is one that we
/// write.
fn read(line: &str, entries: &mut Vec<BlockProfile>) -> bool {
    let line = line.trim_end();
    if line.is_empty() {
        return true;
    }
    if let Some(header) = line.strip_prefix("[profile ") {
        let name = header.strip_suffix(']').filter(|name| fits_header(name));
        entries.extend(name.map(|name| BlockProfile {
            profile: name.to_owned(),
            role: String::new(),
            command: String::new(),
            region: None,
            sso: None,
        }));
        return name.is_some();
    }
    let Some(entry) = entries.last_mut() else {
        return false;
    };
    match line.split_once(" = ") {
        Some(("credential_process", command)) if entry.role.is_empty() => {
            let own = OwnProcess::read(command);
            let is_own = own.is_some();
            if let Some(own) = own {
                entry.role = own.role;
                command.clone_into(&mut entry.command);
            }
            is_own
        }
        Some(("sso_session", session)) if entry.role.is_empty() && entry.sso.is_none() => {
            let session = session.to_owned();
            entry.sso = Some(BlockSso {
                session,
                ..BlockSso::default()
            });
            true
        }
        Some(("sso_account_id", account)) => match &mut entry.sso {
            Some(sso) if sso.account.is_empty() => {
                account.clone_into(&mut sso.account);
                true
            }
            _ => false,
        },
        Some(("sso_role_name", role)) => match &mut entry.sso {
            Some(sso) if sso.role.is_empty() && !sso.account.is_empty() => {
                role.clone_into(&mut sso.role);
                entry.role = sso.key();
                true
            }
            _ => false,
        },
        Some(("region", region)) if entry.region.is_none() => {
            entry.region = Some(region.to_owned());
            true
        }
        _ => false,
    }
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with(['#', ';'])
}

/// A digest of `lines`, whatever their ends, and of no blank line at the end.
fn digest<'l>(lines: impl Iterator<Item = &'l str>) -> String {
    let mut text: String = lines.fold(String::new(), |mut text, line| {
        text.push_str(line.trim_end());
        text.push('\n');
        text
    });
    text.truncate(text.trim_end().len());
    let hash = Sha256::digest(text.as_bytes());
    hash[..4].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The lines of a part: its marker, and `entries`.
pub(super) fn written(source: &str, entries: &[BlockProfile]) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in entries {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(entry.lines());
    }
    let digest = digest(lines.iter().map(String::as_str));
    lines.insert(0, format!("{SOURCE}{source} {digest}"));
    lines
}

/// The place of `line`. A marker is no secret, whatever other comments may hold.
fn place(file: &AwsFile, line: Range<usize>) -> Snippet {
    let text = file.as_str()[line.clone()].trim_end();
    let place = file.snippet(line);
    if Marker::of(text).is_none() && !text.starts_with(SOURCE) {
        return place;
    }
    let text: String = text.chars().take(160).collect();
    Snippet {
        width: u32::try_from(text.chars().count()).unwrap_or(1).max(1),
        text,
        ..place
    }
}

/// The error of a block in `file` that somebody changed at `line`.
pub(super) fn edited(file: &AwsFile, line: Range<usize>) -> Error {
    let is_marker = file.as_str()[line.clone()].starts_with(SOURCE);
    let message = format!("the assumerole block in {} was edited by hand", file.path());
    let error = Error::new(Kind::Config, message).at(place(file, line));
    let error = match is_marker {
        true => error.because("the lines below this one are not those that were written"),
        false => error.because("`assumerole profiles write` writes no such line"),
    };
    error
        .hint("move what you want to keep out of the block, under a name of its own")
        .hint("write the block anew: assumerole profiles write --force")
}

fn foreign_line(file: &AwsFile, line: Range<usize>) -> Error {
    let message = format!("the assumerole block in {} was edited by hand", file.path());
    Error::new(Kind::Config, message)
        .at(place(file, line))
        .because("this line stands before the first `# source:` of the block")
        .hint("move it above the block")
}

fn second(file: &AwsFile, line: Range<usize>, first: usize) -> Error {
    let message = format!("{} has a second assumerole block", file.path());
    Error::new(Kind::Config, message)
        .at(place(file, line))
        .because(format!("the first begins in line {}", file.line(first)))
        .hint(format!(
            "remove one of the two, from its {BEGIN:?} to its {END:?}"
        ))
}

fn twice(file: &AwsFile, line: Range<usize>, first: usize) -> Error {
    let message = "the assumerole block has two parts of one source";
    Error::new(Kind::Config, message)
        .at(place(file, line))
        .because(format!("the first begins in line {}", file.line(first)))
        .hint("remove one of the two, up to the next `# source:` or the end of the block")
}

fn end_alone(file: &AwsFile, line: Range<usize>) -> Error {
    let message = format!(
        "{} ends an assumerole block that does not begin",
        file.path()
    );
    Error::new(Kind::Config, message)
        .at(place(file, line))
        .hint("remove this line, and the profiles above it that run assumerole")
}

fn never_ends(file: &AwsFile, first: Range<usize>) -> Error {
    let message = format!("the assumerole block in {} does not end", file.path());
    Error::new(Kind::Config, message)
        .at(place(file, first))
        .hint(format!(
            "add a line {END:?} behind the last profile of the block"
        ))
}

/// The places of all profiles of `file` that stand outside of `part`.
pub(super) fn outside<'f>(
    file: &'f AwsFile,
    part: Option<&Part>,
) -> impl Iterator<Item = (String, Snippet)> + 'f {
    let span = part.map_or(0..0, |part| part.span.clone());
    let others = file.sections();
    let others = others.filter(move |section| !span.contains(&section.span().start));
    others.filter_map(|section| match section.name() {
        SectionName::Profile(name) => Some((name.into_owned(), section.snippet())),
        _ => None,
    })
}

//! What is wrong with a file.

use std::ops::Range;

use crate::diagnostic::Warning;
use crate::diagnostic::text::Snippet;

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The file starts with a byte order mark.
    ByteOrderMark,
    /// The file is UTF-16, as some tools of Windows write it; nothing of it is
    /// read.
    Utf16,
    /// The line is not UTF-8.
    NotUtf8,
    /// The line stands above the first header.
    OutsideSection,
    /// A line starts with `[` and is no header.
    BrokenHeader,
    /// A line without `=` and `:`.
    NoDelimiter,
    /// Nothing stands before the `=` or `:`.
    NoKey,
    /// A line continues one that cannot be read.
    ContinuesBadLine,
    /// A line among sub-keys has no `=`.
    NestedWithoutEquals,
    /// The header is in the file already.
    DuplicateSection {
        /// The line of the first one.
        first: u32,
    },
    /// The key is in the section already.
    DuplicateKey {
        /// The line of the first one.
        first: u32,
    },
    /// A line that starts with `[` is read as a key, since it has a delimiter
    /// and no `]`.
    HeaderReadAsKey,
    /// A header is indented deeper than the key above and so continues its
    /// value.
    HeaderReadAsValue,
    /// Another header for the same name further down replaces this section.
    Replaced {
        /// The line of the header that counts.
        by: u32,
    },
    /// A header such as `[profile]` or `[profile a b]` that does not name
    /// exactly one.
    NamesNone,
    /// A profile in the config file without the word `profile`.
    PrefixMissing,
    /// A profile in the credentials file with the word `profile`.
    PrefixTooMany,
    /// A profile whose name begins or ends with a blank.
    BlankInName,
    /// `s3` with a plain value, or with none, as it stands when the lines below
    /// it lost their indentation.
    NoSubKeys,
    /// A value that ends calls of the AWS CLI.
    WrongValue {
        /// What it belongs to.
        key: &'static str,
        /// What may stand there.
        what: &'static str,
        /// Whether every call ends, and not only transfers of `aws s3`.
        every_call: bool,
    },
    /// A value with what looks like a comment behind it.
    CommentInValue,
}

/// Something wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(super) kind: ProblemKind,
    pub(super) span: Range<usize>,
    pub(super) snippet: Snippet,
    pub(super) hint: Option<String>,
}

impl Problem {
    /// What is wrong.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The bytes of the file that it speaks of.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The line, from 1.
    pub fn line(&self) -> u32 {
        self.snippet.line
    }

    /// The place, with whatever may be secret masked.
    pub fn snippet(&self) -> &Snippet {
        &self.snippet
    }

    /// Whether something that a person wrote is not there for the program, or
    /// is under another name.
    pub fn hides_something(&self) -> bool {
        use ProblemKind as P;
        !matches!(
            self.kind,
            P::ByteOrderMark
                | P::DuplicateSection { .. }
                | P::DuplicateKey { .. }
                | P::NoSubKeys
                | P::WrongValue { .. }
                | P::CommentInValue
        )
    }

    /// Whether every call of the AWS CLI with the profile ends with an error
    /// for it.
    pub fn ends_aws_cli_calls(&self) -> bool {
        use ProblemKind as P;
        matches!(
            self.kind,
            P::NoSubKeys
                | P::WrongValue {
                    every_call: true,
                    ..
                }
        )
    }

    /// Whether the AWS CLI refuses to read the whole file because of it. If
    /// not, it reads the line as it is read here. (It overlooks a bad nested
    /// line in `[DEFAULT]` until a section inherits it.)
    pub fn refused_by_aws_cli(&self) -> bool {
        use ProblemKind as P;
        match self.kind {
            P::ByteOrderMark | P::Utf16 | P::NotUtf8 => true,
            P::OutsideSection | P::BrokenHeader => true,
            P::NoDelimiter | P::NoKey | P::ContinuesBadLine | P::NestedWithoutEquals => true,
            P::DuplicateSection { .. } | P::DuplicateKey { .. } => true,
            P::HeaderReadAsKey | P::HeaderReadAsValue | P::Replaced { .. } => false,
            P::NamesNone | P::PrefixMissing | P::PrefixTooMany | P::BlankInName => false,
            P::NoSubKeys | P::WrongValue { .. } | P::CommentInValue => false,
        }
    }

    /// One sentence without a full stop. It quotes nothing of the file.
    pub fn message(&self) -> String {
        use ProblemKind as P;
        match self.kind {
            P::ByteOrderMark => "the file starts with a byte order mark".to_owned(),
            P::Utf16 => "ignored: the file is UTF-16, not UTF-8".to_owned(),
            P::NotUtf8 => "ignored: this line is not UTF-8".to_owned(),
            P::OutsideSection => {
                "ignored: this line is above the first [section]".to_owned()
            }
            P::BrokenHeader => {
                "ignored with the keys below it: this looks like a [section], but is not one".to_owned()
            }
            P::NoDelimiter => "ignored: not a `key = value` line".to_owned(),
            P::NoKey => "ignored: this line has no key before its delimiter".to_owned(),
            P::ContinuesBadLine => {
                "ignored: this line continues one that cannot be read".to_owned()
            }
            P::NestedWithoutEquals => {
                "ignored: this indented line is not `key = value`".to_owned()
            }
            P::DuplicateSection { first } => {
                format!(
                    "duplicate section (first on line {first}): whatever uses it is refused"
                )
            }
            P::DuplicateKey { first } => {
                format!(
                    "duplicate key (first set on line {first}): whatever uses it is refused"
                )
            }
            P::HeaderReadAsKey => {
                "this looks like a [section], but without `]` it is read as a key".to_owned()
            }
            P::HeaderReadAsValue => {
                "this looks like a [section], but it is indented and so continues the value above"
                    .to_owned()
            }
            P::Replaced { by } => {
                format!("ignored: line {by} redefines this section")
            }
            P::NamesNone => "ignored: this header does not give exactly one name".to_owned(),
            P::PrefixMissing => "not a profile: the config file needs [profile NAME]".to_owned(),
            P::BlankInName => {
                "the blank at the beginning or end of this name is part of it".to_owned()
            }
            P::NoSubKeys => {
                "every call of the AWS CLI with this profile ends with an error: s3 is not a block of sub-keys"
                    .to_owned()
            }
            P::WrongValue { key, what, every_call } => {
                let calls = match every_call {
                    true => "every call of the AWS CLI",
                    false => "every transfer of aws s3",
                };
                format!("{calls} with this profile ends with an error: {key} is {what}")
            }
            P::CommentInValue => {
                "what looks like a comment is part of the value: put comments on a line of their own"
                    .to_owned()
            }
            P::PrefixTooMany => {
                "in the credentials file the word `profile` is taken as part of the name".to_owned()
            }
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// As a warning for a person.
    pub fn to_warning(&self) -> Warning {
        Warning {
            message: self.message(),
            at: Some(self.snippet.clone()),
            hints: self.hint.iter().cloned().collect(),
        }
    }
}

impl From<&Problem> for Warning {
    fn from(problem: &Problem) -> Self {
        problem.to_warning()
    }
}

//! Where a value of a plan comes from. Cheap to carry: a place in a file is a
//! range of bytes until a person wants to see it.

use std::ops::Range;

use crate::aws_config::{AwsFiles, FileKind, Value};
use crate::config::Config;
use crate::diagnostic::text::{Snippet, Spanned};

/// Who decided a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Bytes of `~/.assumerole`.
    Config(Range<usize>),
    /// Bytes of a file of `~/.aws`.
    Aws(FileKind, Range<usize>),
    /// An option of the command line.
    Flag(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// It follows from something else: a phrase for a person.
    Rule(&'static str),
    /// Nobody said anything.
    Default,
}

impl Origin {
    /// The place in a file, if it is one and the file can still be read.
    pub fn snippet(&self, config: &Config, aws: &AwsFiles) -> Option<Snippet> {
        match self {
            Self::Config(span) => Some(config.snippet(span.clone())),
            Self::Aws(kind, span) => {
                let file = match kind {
                    FileKind::Config => aws.config.as_ref(),
                    FileKind::Credentials => aws.credentials.as_ref(),
                };
                Some(file?.snippet(span.clone()))
            }
            Self::Flag(_) | Self::Variable(_) | Self::Rule(_) | Self::Default => None,
        }
    }

    /// For a person: `file:line:column`, the flag, the variable; `None` where
    /// nobody said anything.
    pub fn place(&self, config: &Config, aws: &AwsFiles) -> Option<String> {
        match self {
            Self::Config(_) | Self::Aws(..) => self.snippet(config, aws).map(|at| at.place()),
            Self::Flag(name) | Self::Variable(name) | Self::Rule(name) => Some((*name).to_owned()),
            Self::Default => None,
        }
    }
}

/// A value and who decided it. Two are equal when their values are.
#[derive(Clone, Debug)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Who decided it.
    pub from: Origin,
}

impl<T> Sourced<T> {
    /// `value`, decided by `from`.
    pub fn new(value: T, from: Origin) -> Self {
        Self { value, from }
    }

    /// `value`, about which nobody said anything.
    pub fn default(value: T) -> Self {
        Self::new(value, Origin::Default)
    }

    /// The same origin with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced::new(f(self.value), self.from)
    }
}

impl<T: Clone> Sourced<T> {
    /// A value of `~/.assumerole`.
    pub fn of(spanned: &Spanned<T>) -> Self {
        Self::new(spanned.value.clone(), Origin::Config(spanned.span.clone()))
    }
}

impl<T: PartialEq> PartialEq for Sourced<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Sourced<T> {}

/// Where a value of `~/.aws` stands.
pub(crate) fn at(value: &Value<'_>) -> Origin {
    Origin::Aws(value.file().kind(), value.span())
}

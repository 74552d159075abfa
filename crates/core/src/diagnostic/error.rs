//! What every room says when something cannot be done: what happened, to what,
//! why, and what to type next.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::diagnostic::id::{self, Id};
use crate::diagnostic::text::Snippet;

/// The result of anything that a person may have to hear about.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure this is. The kind alone picks the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Kind {
    /// The machine failed us: a file, a lock, a key store, a process.
    Failed,
    /// The command line, or a value given on it, makes no sense.
    Usage,
    /// `~/.assumerole` or a file of `~/.aws` is wrong.
    Config,
    /// A role or a profile of that name does not exist.
    UnknownName,
    /// An MFA code is needed and could not be had.
    Mfa,
    /// An MFA code is needed, and this process has nobody to ask for it:
    /// another one may.
    CannotAsk,
    /// A login in the browser is needed first: there is none, or it has ended.
    LoginNeeded,
    /// AWS answered, and said no.
    Refused,
    /// AWS did not answer.
    Unreachable,
    /// The person said no: Esc, another answer, Ctrl-C at another process's
    /// question.
    Cancelled,
    /// The person pressed Ctrl-C at a question of this process: it ends by
    /// SIGINT, so that a loop that runs it ends as well.
    Interrupted,
    /// A signal from outside ended a question; its number.
    Signal(u8),
    /// The command to run exists and cannot be run.
    CannotRun,
    /// The command to run does not exist.
    NotFound,
}

/// A failure as a person reads it: message, place, causes, hints.
///
/// Holds no secret: whoever builds one puts none in. Serialisable, because a
/// refusal is shared with the processes that waited for the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Inner {
    kind: Kind,
    message: String,
    at: Option<Snippet>,
    causes: Vec<String>,
    hints: Vec<String>,
    #[serde(default)]
    lacking: bool,
    #[serde(default, deserialize_with = "id::known")]
    id: Option<Id>,
}

impl Error {
    /// A failure of `kind`; `message` is one sentence without a full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            at: None,
            causes: Vec::new(),
            hints: Vec::new(),
            lacking: false,
            id: None,
        }))
    }

    /// Calls it `id`, where its kind says too little.
    #[must_use]
    pub fn called(mut self, id: Id) -> Self {
        self.0.id = Some(id);
        self
    }

    /// Notes that something of `~/.aws` was looked for and is not there: a
    /// line that cannot be read may have it.
    #[must_use]
    pub(crate) fn lacking(mut self) -> Self {
        self.0.lacking = true;
        self
    }

    /// Whether [`Self::lacking`] was noted.
    pub fn is_lacking(&self) -> bool {
        self.0.lacking
    }

    /// Asks whether one of `names` was meant, if there are any.
    #[must_use]
    pub fn suggest<S: AsRef<str>>(self, names: &[S]) -> Self {
        if names.is_empty() {
            return self;
        }
        let names = names.iter().map(AsRef::as_ref);
        // As they would be typed.
        let special =
            |c: char| c.is_whitespace() || c.is_control() || "'\"\\$`*?;|&<>()!".contains(c);
        let names: Vec<Cow<'_, str>> = names
            .map(|name| match name.contains(special) {
                true => shell_words::quote(name),
                false => name.into(),
            })
            .collect();
        self.hint(format!("did you mean {}?", names.join(" or ")))
    }

    /// Adds the place in a file that is to blame.
    #[must_use]
    pub fn at(mut self, snippet: Snippet) -> Self {
        self.0.at = Some(snippet);
        self
    }

    /// As [`Self::at`], where the place may not be known.
    #[must_use]
    pub fn maybe_at(mut self, snippet: Option<Snippet>) -> Self {
        self.0.at = snippet.or(self.0.at);
        self
    }

    /// Adds a reason, outermost first.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.0.causes.push(cause.to_string());
        self
    }

    /// Adds something to do about it; best a command to type.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// The same with its hints as `change` makes them.
    #[must_use]
    pub fn with_hints(mut self, change: impl Fn(&str) -> String) -> Self {
        for hint in &mut self.0.hints {
            *hint = change(hint);
        }
        self
    }

    /// The same as a warning, for where it stops nobody.
    pub fn into_warning(self) -> Warning {
        let message = self.to_string();
        Warning {
            message,
            at: self.0.at,
            hints: self.0.hints,
        }
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What it is called in `docs/errors.md`.
    pub fn id(&self) -> Id {
        self.0.id.unwrap_or_else(|| Id::of(self.kind()))
    }

    /// The sentence that says what happened.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place in a file that is to blame, if one is.
    pub fn snippet(&self) -> Option<&Snippet> {
        self.0.at.as_ref()
    }

    /// The reasons, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// What to do about it.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for cause in &self.0.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Something worth saying that stops nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// One sentence without a full stop.
    pub message: String,
    /// The place in a file that it speaks of.
    pub at: Option<Snippet>,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl Warning {
    /// A warning without a place or a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            at: None,
            hints: Vec::new(),
        }
    }

    /// Adds the place in a file that it speaks of.
    #[must_use]
    pub fn at(mut self, snippet: Snippet) -> Self {
        self.at = Some(snippet);
        self
    }

    /// Adds something to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

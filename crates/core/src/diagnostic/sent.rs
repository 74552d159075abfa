//! What was sent to somebody, so that nothing of their answer repeats it.
//!
//! An answer may hold the request: a gateway in debug mode, a proxy's page, a
//! server that lies. A person sees a line of it, without what was secret in
//! the request, whatever form it comes back in.

mod forms;

use std::borrow::Cow;
use std::collections::HashSet;

use secrecy::{ExposeSecret, SecretString};

use crate::diagnostic::sanitize;
use forms::Skeleton;

/// Characters of a message that a person sees. The longest of AWS's, an encoded
/// authorization failure, has less than this.
const LONGEST: usize = 1000;
/// Characters that are looked at, for what is masked makes a text shorter.
const LOOKED_AT: usize = 5_000;
/// So many characters of a long secret are secret too.
const PIECE: usize = 8;

/// What stands for a secret.
const MASK: char = '*';
const MASK_LENGTH: usize = 3;

/// How a secret is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SecretKind {
    /// Any piece of it, in any form.
    Key,
    /// Whole, and as a word of its own where it may be a part of another one
    /// ([`stands_out`]).
    Word,
    /// Whole, and as a number of its own.
    Number,
}

/// What was sent.
#[derive(Clone, Default)]
pub struct Sent<'s> {
    secrets: Vec<(SecretKind, Cow<'s, str>)>,
}

impl std::fmt::Debug for Sent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sent({})", self.secrets.len())
    }
}

impl<'s> Sent<'s> {
    /// With a key, a token, a password.
    #[must_use]
    pub fn with(self, secret: &'s SecretString) -> Self {
        self.with_text(secret.expose_secret())
    }

    /// As [`Self::with`], if there is one.
    #[must_use]
    pub fn maybe(self, secret: Option<&'s SecretString>) -> Self {
        match secret {
            Some(secret) => self.with(secret),
            None => self,
        }
    }

    /// As [`Self::with`], of a text that is kept as one. What is too short to
    /// be told from a word is looked for as a word.
    #[must_use]
    pub fn with_text(mut self, secret: &'s str) -> Self {
        let kind = if secret.chars().count() < PIECE {
            SecretKind::Word
        } else {
            SecretKind::Key
        };
        self.push(kind, secret);
        let plain = forms::without_escapes(secret);
        if plain != secret {
            self.secrets.push((kind, plain.into()));
        }
        self
    }

    /// With what may be a word, such as an external ID.
    #[must_use]
    pub fn with_word(mut self, word: &'s str) -> Self {
        self.push(SecretKind::Word, word);
        self
    }

    /// With an MFA code, if there is one.
    #[must_use]
    pub fn with_code(mut self, code: Option<&'s SecretString>) -> Self {
        if let Some(code) = code {
            self.push(SecretKind::Number, code.expose_secret());
        }
        self
    }

    fn push(&mut self, kind: SecretKind, secret: &'s str) {
        if !secret.trim().is_empty() {
            self.secrets.push((kind, secret.into()));
        }
    }

    /// `text`, which somebody else wrote, as a person may see it: one line of
    /// bounded length, without control characters and without what was sent.
    pub fn line(&self, text: &str) -> String {
        shortened(&sanitize::one_line(&self.masked(text)), LONGEST)
    }

    /// `text` without what was sent, and no longer than a person would read.
    /// Its control characters are still there: for whoever quotes it.
    pub fn masked(&self, text: &str) -> String {
        let text: String = text.chars().take(LOOKED_AT).collect();
        if self.secrets.is_empty() {
            return shortened(&text, LONGEST);
        }
        let shown: Vec<char> = text.chars().collect();
        let mut hidden = vec![false; shown.len()];
        let skeletons = Skeleton::all(&shown);
        for (kind, secret) in &self.secrets {
            for form in forms::of(secret) {
                hide(*kind, &form, &skeletons, &shown, &mut hidden);
            }
        }
        let mut masked = String::with_capacity(text.len());
        let mut before = false;
        for (c, hidden) in shown.into_iter().zip(hidden) {
            if !hidden {
                masked.push(c);
            } else if !before {
                masked.extend([MASK; MASK_LENGTH]);
            }
            before = hidden;
        }
        shortened(&masked, LONGEST)
    }
}

/// Marks in `hidden` what of `shown` is `form`, of a secret of this `kind`.
fn hide(
    kind: SecretKind,
    form: &[char],
    skeletons: &[Skeleton],
    shown: &[char],
    hidden: &mut [bool],
) {
    let whole = kind != SecretKind::Key || form.len() < PIECE;
    let length = if whole { form.len() } else { PIECE };
    let pieces: HashSet<&[char]> = form.windows(length).collect();
    // Most places are passed over by what they begin with.
    let begins: HashSet<char> = pieces.iter().map(|piece| piece[0]).collect();
    for skeleton in skeletons {
        for (at, window) in skeleton.chars.windows(length).enumerate() {
            if !begins.contains(&window[0]) || !pieces.contains(window) {
                continue;
            }
            let (from, to) = (skeleton.first[at], skeleton.last[at + length - 1]);
            let before = from.checked_sub(1).and_then(|before| shown.get(before));
            let mut beside = [before, shown.get(to + 1)].into_iter().flatten();
            let kind = kind.of_form(window, &shown[from..=to]);
            if !beside.any(|c| kind.goes_on_with(*c)) {
                hidden[from..=to].fill(true);
            }
        }
    }
}

/// Whether `word` is hardly ever a part of another word, or of a number: an
/// account has 12 digits.
fn stands_out(word: &[char]) -> bool {
    let all = |is: fn(&char) -> bool| word.iter().all(is);
    let is_mixed = || {
        word.windows(2)
            .any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase())
    };
    let is_no_word = || !all(|c| c.is_alphabetic()) && !all(char::is_ascii_digit);
    word.len() >= 6 || (word.len() >= 4 && (is_mixed() || is_no_word()))
}

impl SecretKind {
    /// How to look for a secret of this kind in the form `word`, which came as
    /// `shown`.
    fn of_form(self, word: &[char], shown: &[char]) -> Self {
        match self {
            // "is not a" is no "isnota".
            Self::Word if shown.iter().any(|c| c.is_whitespace()) => self,
            Self::Word if stands_out(word) => Self::Key,
            Self::Word if word.iter().all(char::is_ascii_digit) => Self::Number,
            _ => self,
        }
    }

    /// Whether what stands beside `c` is only a part of something longer.
    fn goes_on_with(self, c: char) -> bool {
        match self {
            Self::Key => false,
            Self::Word => c.is_alphanumeric(),
            Self::Number => c.is_ascii_digit(),
        }
    }
}

/// `text`, or its first `most` characters and a mark that there are more.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests;

//! The environment, read once.

pub mod names;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use assumerole_core::{Error, Kind, Result};

/// A snapshot of a process's environment. Its order is kept, because children
/// get it in that order; of a name that occurs twice the first counts, as it
/// does for `getenv`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env {
    pairs: Vec<(OsString, OsString)>,
}

/// Shows the names only: values hold keys and tokens.
impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.pairs.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Env {
    /// The environment of this process.
    pub fn from_process() -> Self {
        Self {
            pairs: std::env::vars_os().collect(),
        }
    }

    /// An environment made of `pairs`, for tests and for children.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        Self {
            pairs: pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }

    /// The value of `name`, even if it is empty.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.pairs
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_os_str())
    }

    /// The value of `name`; `None` if it is unset, empty or not UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str().filter(|text| !text.is_empty())
    }

    /// The value of `name`; `None` if it is unset or empty.
    ///
    /// # Errors
    /// [`Kind::Usage`] if the value is not UTF-8.
    pub fn text_or_error(&self, name: &str) -> Result<Option<&str>> {
        let Some(value) = self.get(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        value.to_str().map(Some).ok_or_else(|| {
            Error::new(Kind::Usage, format!("the value of {name} is not UTF-8"))
                .hint(format!("set it again, or: unset {name}"))
        })
    }

    /// The value of `name` as a path; `None` if it is unset or empty. May be
    /// relative.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    }

    /// Whether `name` has a value that is not empty.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_empty())
    }

    /// Whether `name` is switched on: it has a value other than nothing, `0`,
    /// `false`, `no` and `off`, in any case.
    pub fn flag(&self, name: &str) -> bool {
        let off = |value: &OsStr| {
            ["", "0", "false", "no", "off"]
                .iter()
                .any(|word| value.eq_ignore_ascii_case(word))
        };
        self.get(name).is_some_and(|value| !off(value))
    }

    /// `$HOME`, if it is an absolute path.
    pub fn home(&self) -> Option<PathBuf> {
        self.path(names::HOME).filter(|home| home.is_absolute())
    }

    /// Every name and value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Sets `name` to `value`, in its place if it has one.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let (name, value) = (name.into(), value.into());
        let Some(first) = self.pairs.iter().position(|(n, _)| *n == name) else {
            self.pairs.push((name, value));
            return;
        };
        self.pairs[first].1 = value;
        let mut at = 0;
        self.pairs.retain(|(n, _)| {
            at += 1;
            at - 1 <= first || *n != name
        });
    }

    /// Removes `name`, wherever it occurs.
    pub fn remove(&mut self, name: impl AsRef<OsStr>) {
        let name = name.as_ref();
        self.pairs.retain(|(n, _)| n != name);
    }

    /// The environment as [`crate::process::exec`] takes it.
    pub fn pairs(&self) -> &[(OsString, OsString)] {
        &self.pairs
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use super::*;

    #[test]
    fn empty_is_unset_where_text_is_wanted() {
        let env = Env::from_pairs([("A", "x"), ("B", ""), ("A", "later")]);
        assert_eq!(env.text("A"), Some("x"));
        assert_eq!((env.text("B"), env.get("B")), (None, Some(OsStr::new(""))));
        assert_eq!((env.text("C"), env.get("C")), (None, None));
        assert!(env.is_set("A") && !env.is_set("B") && !env.is_set("C"));
    }

    #[test]
    fn a_value_that_is_no_text_is_named() {
        let env = Env::from_pairs([("A", OsStr::from_bytes(b"\xff"))]);
        assert_eq!(env.text("A"), None);
        let error = env.text_or_error("A").unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.message().contains('A'));
        assert_eq!(env.text_or_error("B"), Ok(None));
    }

    #[test]
    fn flags_understand_the_words_for_off() {
        for off in ["", "0", "false", "False", "NO", "off"] {
            assert!(!Env::from_pairs([("F", off)]).flag("F"), "{off:?}");
        }
        for on in ["1", "true", "yes", "x", "00"] {
            assert!(Env::from_pairs([("F", on)]).flag("F"), "{on:?}");
        }
        assert!(!Env::default().flag("F"));
    }

    #[test]
    fn a_relative_home_is_none() {
        assert_eq!(Env::from_pairs([("HOME", "x")]).home(), None);
        let env = Env::from_pairs([("HOME", "/home/x")]);
        assert_eq!(env.home().as_deref(), Some(Path::new("/home/x")));
    }

    #[test]
    fn setting_keeps_the_place_and_leaves_one() {
        let mut env = Env::from_pairs([("A", "1"), ("B", "2"), ("A", "3")]);
        env.set("A", "4");
        env.set("C", "5");
        let expected = Env::from_pairs([("A", "4"), ("B", "2"), ("C", "5")]);
        assert_eq!(env.pairs(), expected.pairs());
        env.remove("B");
        assert_eq!(env.get("B"), None);
    }

    #[test]
    fn debug_shows_no_value() {
        let env = Env::from_pairs([("AWS_SECRET_ACCESS_KEY", "hush")]);
        let shown = format!("{env:?}");
        assert!(shown.contains("AWS_SECRET_ACCESS_KEY") && !shown.contains("hush"));
    }
}

//! Forgetting: what is asked for, and what ended long ago.

use assumerole_core::plan::CacheKey;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::fs::PrivateDir;
use jiff::{SignedDuration, Timestamp};

use super::{About, Cache, Entry, FOLDER, Token, TokenAbout, Value, is_entry, key_store, legacy};
use crate::report::Report;

/// Entries, locks and refusals that nobody has touched for this long belong to
/// sessions that ended long ago (36 h is the longest that AWS gives).
const STALE: SignedDuration = SignedDuration::from_hours(72);

impl Cache {
    /// Removes the entry for `key`; whether there was one.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove(&self, key: &CacheKey) -> Result<bool> {
        self.remove_file(&self.seal.file_name(key))
    }

    fn remove_file(&self, name: &str) -> Result<bool> {
        let _ = self.dir.remove(format!("{name}.refused"));
        self.dir.remove(name).map_err(|error| {
            Error::new(Kind::Failed, "a cached entry cannot be removed").because(error)
        })
    }

    /// Removes every entry that `which` picks, and what was obtained with it;
    /// what there was.
    ///
    /// # Errors
    /// One is there and cannot be removed.
    pub fn remove_where(&self, which: impl Fn(&str, &Entry) -> bool) -> Result<Vec<About>> {
        let mut left = self.opened();
        let mut removed = Vec::new();
        let mut gone: Vec<String> = Vec::new();
        loop {
            let goes = |(name, entry): &(String, Entry)| {
                let parent = entry.about.parent.as_ref();
                which(name, entry) || parent.is_some_and(|parent| gone.contains(parent))
            };
            let (now, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(goes);
            if now.is_empty() {
                return Ok(removed);
            }
            for (name, entry) in now {
                if self.remove_file(&name)? {
                    removed.push(entry.about);
                }
                gone.push(name);
            }
            left = rest;
        }
    }

    /// Removes every token that `which` picks.
    ///
    /// # Errors
    /// One is there and cannot be removed.
    pub fn remove_tokens(&self, which: impl Fn(&TokenAbout) -> bool) -> Result<()> {
        for file in self.dir.list().unwrap_or_default() {
            let name = file.name.to_string_lossy();
            let token = name.ends_with(Token::ENDING).then(|| self.open_file(&name));
            let token: Option<Token> = token.flatten();
            if token.is_some_and(|token| which(&token.about)) {
                self.remove_file(&name)?;
            }
        }
        Ok(())
    }

    /// Removes all entries, readable or not, what the script left, and the
    /// sealing key; how many entries there were.
    ///
    /// # Errors
    /// Something is there and cannot be removed.
    pub fn remove_all(state: &PrivateDir, host: &Host, report: &dyn Report) -> Result<usize> {
        let dir = state.create_child(FOLDER)?;
        legacy::sweep(&dir, report);
        let mut removed = 0;
        for file in dir.list()? {
            let name = file.name.to_string_lossy();
            // Locks stay: a process may hold one.
            let ours = [".refused", ".index", ".spent", Token::ENDING]
                .iter()
                .any(|end| name.ends_with(end));
            if (is_entry(&name) || ours) && dir.remove(&file.name)? {
                removed += usize::from(is_entry(&name));
            }
        }
        key_store(state, host)?.destroy()?;
        Ok(removed)
    }

    /// Removes the files of sessions that ended long ago.
    pub(super) fn sweep(&self, now: Timestamp) {
        for file in self.dir.list().unwrap_or_default() {
            let name = file.name.to_string_lossy();
            let stem = name.split('.').next().unwrap_or_default();
            if now.duration_since(file.modified) > STALE && is_entry(stem) {
                let _ = self.dir.remove(&file.name);
            }
        }
    }
}

//! Forgetting: what is asked for, and what ended long ago.

use std::path::Path;

use assumerole_core::plan::CacheKey;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::fs::PrivateDir;
use jiff::{SignedDuration, Timestamp};

use super::forgetting::Forgotten;
use super::renewed::Renewed;
use super::{
    About, Cache, CachedToken, Entry, FOLDER, LARGEST, LastPrinted, Lineage, TokenAbout, Value,
    forgetting, is_entry, key_store, legacy, pace,
};
use crate::organization::{self, Organizations};
use crate::report::Report;
use crate::signin::Directory;

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

    /// Removes the value for `key`.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub(crate) fn remove_value<T: Value>(&self, key: &CacheKey) -> Result<()> {
        self.dir.remove(self.file_name::<T>(key))?;
        Ok(())
    }

    /// Forgets what a process printed, for `key`.
    pub(crate) fn remove_printed(&self, key: &CacheKey) {
        let _ = self.dir.remove(self.file_name::<LastPrinted>(key));
    }

    fn remove_file(&self, name: &str) -> Result<bool> {
        let _ = self.dir.remove(format!("{name}.refused"));
        self.dir.remove(name).map_err(|error| {
            Error::new(Kind::Failed, "a cached entry cannot be removed").because(error)
        })
    }

    /// Removes what `what` names; of that, what is under way meanwhile is not
    /// kept. How many entries there were.
    ///
    /// # Errors
    /// One is there and cannot be removed.
    pub fn forget(&self, mut what: Forgotten, host: &Host) -> Result<usize> {
        let _forgetting = forgetting::lock(&self.dir, host)?;
        legacy::sweep_above(self.dir.path());
        let found = self.find_all(&mut what);
        // On a full disk there is room for it once the entries are gone, and they
        // must go though there was none.
        let begin = || forgetting::begin(&self.dir, host, Some((&what, &self.seal)));
        let begun = begin();
        let mut removed = 0;
        for known in found {
            let there = self.remove_file(&known.file)?;
            removed += usize::from(there && matches!(known.about, Whose::Entry(_)));
        }
        begun.or_else(|_| begin())?;
        if removed > 0 {
            self.dir.keep_removed()?;
        }
        Ok(removed)
    }

    /// All that `what` names, which is told what comes from that.
    fn find_all(&self, what: &mut Forgotten) -> Vec<Known> {
        let files = self.dir.list().unwrap_or_default();
        let mut left: Vec<_> = files
            .iter()
            .filter_map(|file| Known::open(self, file.name.to_str()?))
            .collect();
        for known in &left {
            known.add_to(what);
        }
        let mut all = Vec::new();
        loop {
            let (found, rest): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|known| known.is_of(what));
            if found.is_empty() {
                return all;
            }
            for known in found {
                // What an earlier build made names but what it was made with.
                if let Whose::Entry(about) = &known.about {
                    what.all.insert(known.file.clone());
                    what.tokens.insert(about.name.clone());
                }
                all.push(known);
            }
            left = rest;
        }
    }

    /// Says that something is forgotten where there is no sealing key, and so no
    /// entry: what is under way is not kept, and servers stop.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn forget_uncached(state: &PrivateDir, host: &Host) -> Result<()> {
        let dir = state.create_child(FOLDER)?;
        let _forgetting = forgetting::lock(&dir, host)?;
        forgetting::begin(&dir, host, None)
    }

    /// Removes all entries, readable or not, what the script left, and the
    /// sealing key, if no other folder needs it; how many entries there were. What is under way meanwhile is
    /// not kept.
    ///
    /// # Errors
    /// Something is there and cannot be removed.
    pub fn remove_all(state: &PrivateDir, host: &Host, report: &dyn Report) -> Result<usize> {
        let dir = state.create_child(FOLDER)?;
        legacy::sweep(&dir, report);
        legacy::sweep_indexes(state);
        let mut removed = 0;
        let begun = {
            let _forgetting = forgetting::lock(&dir, host)?;
            let begin = || forgetting::begin(&dir, host, None);
            let begun = begin();
            for file in dir.list()? {
                let name = file.name.to_string_lossy();
                // Locks stay: a process may hold one.
                let ours = [
                    ".refused",
                    ".index",
                    ".spent",
                    CachedToken::ENDING,
                    LastPrinted::ENDING,
                    Renewed::ENDING,
                    Directory::ENDING,
                    Organizations::ENDING,
                    pace::ENDING,
                    forgetting::MEANT,
                ];
                let ours = ours.iter().any(|end| name.ends_with(end));
                if (is_entry(&name) || ours) && dir.remove(&file.name)? {
                    removed += usize::from(is_entry(&name));
                }
            }
            begun.or_else(|_| begin())
        };
        // Once for all of them; and before the key goes, without which nobody
        // would find what came back.
        let kept = match removed {
            0 => Ok(()),
            _ => dir.keep_removed(),
        };
        // Another home of the same person may have the same key.
        let holds_entries = |folder: &Path| {
            let files = PrivateDir::open(folder).ok().flatten();
            let files = files.and_then(|dir| dir.list().ok()).unwrap_or_default();
            let mut names = files.iter().filter_map(|file| file.name.to_str());
            names.any(is_entry)
        };
        key_store(state, host)?.destroy(dir.path(), removed > 0, &holds_entries)?;
        begun?;
        kept?;
        // A key file lies there.
        state.keep_removed()?;
        Ok(removed)
    }

    /// Removes what earlier versions left beside the cache, in `state`.
    pub fn remove_left_over(state: &PrivateDir) {
        legacy::sweep_indexes(state);
    }

    /// Removes the files of sessions that ended long ago.
    pub(super) fn sweep(&self, now: Timestamp) {
        for file in self.dir.list().unwrap_or_default() {
            let name = file.name.to_string_lossy();
            let stem = name.split('.').next().unwrap_or_default();
            let longest = match name.ends_with(Organizations::ENDING) {
                true => organization::LIFE,
                false => STALE,
            };
            if now.duration_since(file.modified) > longest && is_entry(stem) {
                let _ = self.dir.remove(&file.name);
            }
        }
    }
}

/// An entry or a token that is there, and what it is known by.
struct Known {
    file: String,
    lineage: Lineage,
    about: Whose,
}

enum Whose {
    Entry(About),
    Token(TokenAbout),
}

impl Known {
    /// What is in `file`; `None` if that is neither, or cannot be opened.
    fn open(cache: &Cache, file: &str) -> Option<Self> {
        let is_token = file.strip_suffix(CachedToken::ENDING).is_some_and(is_entry);
        if !is_token && !is_entry(file) {
            return None;
        }
        let bytes = cache.dir.read(file, LARGEST).ok()??;
        let plain = cache.seal.open(file, &bytes)?;
        Some(Self {
            file: file.to_owned(),
            lineage: Lineage::read(&plain),
            about: match is_token {
                true => Whose::Token(CachedToken::decode(&plain)?.about),
                false => Whose::Entry(Entry::decode(&plain)?.about),
            },
        })
    }

    /// Adds what it says of the name, whatever the files say now: the ARN of a
    /// role that was called so, the first credentials of such a profile.
    fn add_to(&self, what: &mut Forgotten) {
        let profile = match &self.about {
            Whose::Entry(about) => {
                if about.name == what.name {
                    what.all.extend(about.arn.clone());
                }
                &about.profile
            }
            Whose::Token(about) => &about.profile,
        };
        if *profile == what.name {
            what.all.extend(self.lineage.source().map(str::to_owned));
        }
    }

    fn is_of(&self, what: &Forgotten) -> bool {
        let is = |name: &String| what.is(name);
        if is(&self.file) || self.lineage.has_any(is) {
            return true;
        }
        let arn = match &self.about {
            Whose::Entry(about) => about.arn.as_ref(),
            Whose::Token(_) => None,
        };
        let of_role = |role| self.lineage.is_of_role(role, arn);
        if what.role.as_ref().is_some_and(of_role) {
            return true;
        }
        match &self.about {
            Whose::Entry(About {
                kind: _,
                name,
                arn,
                account: _,
                profile,
                device,
                region: _,
                parent,
            }) => {
                let more = [arn, device, parent].into_iter().flatten();
                [name, profile].into_iter().chain(more).any(is)
            }
            Whose::Token(TokenAbout { role, profile }) => {
                is(role) || is(profile) || what.tokens.contains(role)
            }
        }
    }
}

//! What is told of profiles that were written, or would be.

use std::fmt::Write as _;

use assumerole_core::Result;
use assumerole_core::aws_config::profiles::{BlockProfile, ProfileChange};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::text::Snippet;
use serde::Serialize;

use super::wanted::LeftOut;
use crate::app::App;
use crate::outcome::Outcome;

/// What becomes of the profiles.
pub(super) struct ProfilesReport {
    pub(super) changes: Vec<ProfileChange>,
    pub(super) left_out: Vec<LeftOut>,
}

impl ProfilesReport {
    /// Tells what would be done.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(super) fn diff(&self, app: &App<'_>, json: bool) -> Result<Outcome> {
        match json {
            true => app.json(&self.json(app))?,
            false => app.data(&self.lines(app))?,
        };
        Ok(match self.changes.iter().all(ProfileChange::is_none) {
            true => Outcome::Done,
            false => Outcome::Problems,
        })
    }

    /// Tells what was done.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(super) fn done(&self, app: &App<'_>, json: bool) -> Result<Outcome> {
        match json {
            true => app.json(&self.json(app)),
            false => app.data(&self.names(app)),
        }
    }

    /// The lines that come and go.
    fn lines(&self, app: &App<'_>) -> String {
        let path = app.places.show(&app.places.aws_config);
        let mut text = String::new();
        for change in self.changes.iter().filter(|change| !change.is_none()) {
            if text.is_empty() {
                let _ = writeln!(text, "--- {path}\n+++ {path}");
            }
            let lines = |entry: &Option<BlockProfile>| entry.as_ref().map(BlockProfile::lines);
            let before = lines(&change.before).unwrap_or_default();
            let after = lines(&change.after).unwrap_or_default();
            for line in &before {
                let mark = if after.contains(line) { ' ' } else { '-' };
                let _ = writeln!(text, "{mark}{}", one_line(line));
            }
            for line in after.iter().filter(|line| !before.contains(line)) {
                let _ = writeln!(text, "+{}", one_line(line));
            }
        }
        if text.is_empty() {
            let _ = writeln!(text, "{}", self.nothing(app));
        }
        self.and_left_out(text)
    }

    /// The profiles by what became of them.
    fn names(&self, app: &App<'_>) -> String {
        let path = app.places.show(&app.places.aws_config);
        let mut text = String::new();
        for (heading, what) in [
            (format!("Added to {path}:"), What::Added),
            (format!("Changed in {path}:"), What::Changed),
            (format!("Removed from {path}:"), What::Removed),
        ] {
            let here = self
                .changes
                .iter()
                .filter(|change| What::of(change) == what);
            let mut here = here.filter_map(name).peekable();
            if here.peek().is_some() {
                let _ = writeln!(text, "{heading}");
            }
            for name in here {
                let _ = writeln!(text, "  {}", one_line(&name));
            }
        }
        if text.is_empty() {
            let _ = writeln!(text, "{}", self.nothing(app));
        }
        self.and_left_out(text)
    }

    fn nothing(&self, app: &App<'_>) -> String {
        let path = app.places.show(&app.places.aws_config);
        match self.changes.len() {
            0 => format!("There is nothing to change in {path}: it has no profile of a role."),
            1 => format!("There is nothing to change in {path}: it has the profile already."),
            some => {
                format!("There is nothing to change in {path}: it has all {some} profiles already.")
            }
        }
    }

    fn and_left_out(&self, mut text: String) -> String {
        if !self.left_out.is_empty() {
            text.push_str("Left out:\n");
        }
        for left_out in &self.left_out {
            let at = left_out.at.as_ref().map(|at| format!(" ({})", at.place()));
            let line = format!(
                "{}: {}{}",
                left_out.role,
                left_out.why,
                at.unwrap_or_default()
            );
            let _ = writeln!(text, "  {}", one_line(&line));
        }
        text
    }

    fn json<'a>(&'a self, app: &App<'_>) -> Json<'a> {
        Json {
            file: app.places.aws_config.display().to_string(),
            profiles: self.changes.iter().filter_map(Profile::of).collect(),
            left_out: self
                .left_out
                .iter()
                .map(|one| Left {
                    profile: &one.profile,
                    role: &one.role,
                    reason: &one.why,
                    at: one.at.as_ref().map(Snippet::place),
                })
                .collect(),
        }
    }
}

/// The name of the profile; both, where it has another one than before.
fn name(change: &ProfileChange) -> Option<String> {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.profile != after.profile => {
            Some(format!("{} (was {})", after.profile, before.profile))
        }
        (before, after) => Some(after.as_ref().or(before.as_ref())?.profile.clone()),
    }
}

/// What becomes of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Added,
    Changed,
    Removed,
    Unchanged,
}

impl What {
    fn of(change: &ProfileChange) -> Self {
        match (&change.before, &change.after) {
            (None, _) => Self::Added,
            (_, None) => Self::Removed,
            (before, after) if before == after => Self::Unchanged,
            _ => Self::Changed,
        }
    }
}

#[derive(Debug, Serialize)]
struct Json<'a> {
    /// The file that has the block.
    file: String,
    profiles: Vec<Profile<'a>>,
    left_out: Vec<Left<'a>>,
}

/// A profile as it is; one that is removed, as it was.
#[derive(Debug, Serialize)]
struct Profile<'a> {
    profile: &'a str,
    role: &'a str,
    change: What,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_process: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sso_session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sso_account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sso_role_name: Option<&'a str>,
    region: Option<&'a str>,
    /// Its name before, where it has another one.
    was: Option<&'a str>,
}

impl<'a> Profile<'a> {
    fn of(change: &'a ProfileChange) -> Option<Self> {
        let entry = change.after.as_ref().or(change.before.as_ref())?;
        let before = change.before.as_ref().map(|before| before.profile.as_str());
        let sso = entry.sso.as_ref();
        Some(Self {
            profile: &entry.profile,
            role: &entry.role,
            change: What::of(change),
            credential_process: Some(entry.command.as_str()).filter(|_| sso.is_none()),
            sso_session: sso.map(|sso| sso.session.as_str()),
            sso_account_id: sso.map(|sso| sso.account.as_str()),
            sso_role_name: sso.map(|sso| sso.role.as_str()),
            region: entry.region.as_deref(),
            was: before.filter(|before| *before != entry.profile),
        })
    }
}

#[derive(Debug, Serialize)]
struct Left<'a> {
    profile: &'a str,
    role: &'a str,
    reason: &'a str,
    /// `file:line:column` of what is in its way.
    at: Option<String>,
}

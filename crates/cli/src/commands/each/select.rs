//! Which roles a command runs in.

use std::collections::HashSet;

use assumerole_core::aws::ids::Region;
use assumerole_core::config::pattern::{Candidate, Pattern, select};
use assumerole_core::{Error, Kind, Result};

use super::asked::Args;
use crate::app::App;
use crate::commands::rows::{self, RoleSummary};

/// What stands for every role.
const ALL: &str = "all";

/// A role, and where the command runs.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) role: String,
    pub(super) account: Option<String>,
    pub(super) region: Option<Region>,
    /// Whether it is tagged as one to be careful with.
    pub(super) is_prod: bool,
}

impl Task {
    /// The role, and the region where there may be several.
    pub(super) fn title(&self) -> String {
        match &self.region {
            Some(region) => format!("{} {region}", self.role),
            None => self.role.clone(),
        }
    }
}

/// The tasks, in the order of the files.
///
/// # Errors
/// A pattern is none, or picks no role; nothing is left.
pub(super) fn tasks(app: &App<'_>, args: &Args) -> Result<Vec<Task>> {
    let patterns = read(&args.patterns)?;
    let except = read(&args.except)?;
    app.show_accounts();
    app.show_assigned();
    let all = patterns.iter().chain(&except).flatten();
    rows::check_units(app, all)?;
    let mut rows: Vec<RoleSummary> = Vec::new();
    let faults = rows::each(app, &mut |row| rows.push(row))?;
    faults.say(app);
    let candidates: Vec<Candidate<'_>> = rows.iter().map(RoleSummary::candidate).collect();
    let picked = match patterns {
        None => (0..candidates.len()).collect(),
        Some(patterns) => select(&patterns, &candidates)?,
    };
    let left_out: HashSet<usize> = match except {
        Some(patterns) if patterns.is_empty() => HashSet::new(),
        Some(patterns) => select(&patterns, &candidates)?.into_iter().collect(),
        None => (0..candidates.len()).collect(),
    };
    let rows = picked
        .into_iter()
        .filter(|number| !left_out.contains(number))
        .filter_map(|number| rows.get(number));
    let mut tasks = Vec::new();
    for row in rows {
        let task = Task {
            role: row.name.clone(),
            account: row.account.clone(),
            region: None,
            is_prod: is_prod(row),
        };
        match args.regions.as_slice() {
            [] => tasks.push(task),
            regions => tasks.extend(regions.iter().map(|region| Task {
                region: Some(region.clone()),
                ..task.clone()
            })),
        }
    }
    match tasks.is_empty() {
        true => Err(
            Error::new(Kind::UnknownName, "no role is left to run it in")
                .hint("see which roles match: assumerole list PATTERN"),
        ),
        false => Ok(tasks),
    }
}

/// The patterns; `None`: every role.
fn read(texts: &[String]) -> Result<Option<Vec<Pattern>>> {
    if texts.iter().any(|text| text == ALL) {
        return Ok(None);
    }
    let patterns: Result<Vec<Pattern>> = texts
        .iter()
        .map(|text| {
            text.parse::<Pattern>()
                .map_err(|why| Error::new(Kind::Usage, why.to_string()))
        })
        .collect();
    patterns.map(Some)
}

/// By its tags: `prod`, or `stage=prod`.
fn is_prod(row: &RoleSummary) -> bool {
    let is = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "prod" | "production");
    row.tags
        .iter()
        .any(|tag| is(&tag.name) || tag.value.as_deref().is_some_and(is))
}

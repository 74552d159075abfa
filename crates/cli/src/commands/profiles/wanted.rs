//! Which roles get a profile, and what it says.

use std::collections::{HashMap, HashSet};

use assumerole_core::aws_config::profiles::{Block, BlockProfile, Decision, OwnProcess};
use assumerole_core::aws_config::{AwsFile, HEADER_CHARACTERS, fits_header};
use assumerole_core::config::Config;
use assumerole_core::config::pattern::{Candidate, Pattern, select};
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Target, guards};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::env::names;
use assumerole_host::process::find_in_path;

use super::super::rows::{self, RoleSummary};
use super::edit::Decisions;
use crate::app::App;

/// The name of the program, as people have it in PATH.
const PROGRAM: &str = "assumerole";

/// A way of more roles than that is refused when a role is planned.
const MOST_ON_THE_WAY: usize = 32;

/// A role without a profile.
#[derive(Clone, Debug)]
pub(super) struct LeftOut {
    pub(super) role: String,
    /// The name that its profile would have.
    pub(super) profile: String,
    pub(super) why: String,
    /// What is in its way.
    pub(super) at: Option<Snippet>,
}

/// What is to be written.
pub(super) struct WantedProfiles {
    pub(super) order: Vec<String>,
    pub(super) decisions: HashMap<String, Decision>,
    pub(super) left_out: Vec<LeftOut>,
}

/// What the block calls the file of roles in force.
pub(super) fn source(app: &App<'_>) -> String {
    match app.places.config_is_named {
        true => config_in_force(app).unwrap_or_else(|| app.places.show(&app.places.config)),
        false => "~/.assumerole".to_owned(),
    }
}

/// The file that was named, by an absolute path; `None` where that is no text.
fn config_in_force(app: &App<'_>) -> Option<String> {
    app.files_in_force()?
        .config
        .into_os_string()
        .into_string()
        .ok()
}

/// What the profiles run, but for the role.
///
/// # Errors
/// The program is not in PATH, or a path cannot be written into the file.
pub(in crate::commands) fn process(app: &App<'_>, no_prompt: bool) -> Result<OwnProcess> {
    let cannot = || Error::new(Kind::Failed, "no profile can name the program");
    // As PATH has it: what a link leads to may be gone with the next version.
    let found = find_in_path(PROGRAM.as_ref(), app.env.get(names::PATH));
    let Some(program) = found else {
        return Err(cannot()
            .because(format!("{PROGRAM} is not in PATH"))
            .hint("put its folder into PATH, or a link to it into one that is there"));
    };
    if !program.is_absolute() {
        return Err(cannot()
            .because(format!(
                "PATH has it as {}, which is another file in another folder",
                program.display()
            ))
            .hint("put its absolute path into PATH"));
    }
    let config = match app.places.config_is_named {
        false => None,
        true => Some(config_in_force(app).ok_or_else(|| {
            let shown = app.places.show(&app.places.config);
            cannot().because(format!("the path of {shown} is no text"))
        })?),
    };
    let shown = program.display().to_string();
    let process = OwnProcess {
        program: program
            .into_os_string()
            .into_string()
            .map_err(|_| cannot().because(format!("its path is no text: {shown}")))?,
        config,
        no_prompt,
        session: false,
        role: "role".to_owned(),
    };
    let Err(why) = process.line() else {
        return Ok(process);
    };
    let usual = OwnProcess {
        config: None,
        ..process.clone()
    };
    let path = match (&process.config, usual.line()) {
        (Some(config), Ok(_)) => config,
        _ => &process.program,
    };
    Err(Error::new(
        Kind::Failed,
        "no quotes make one word of this path for all SDKs",
    )
    .because(format!("{path:?}: {why}"))
    .hint("put the file, or a link to it, into a folder with a plain name"))
}

impl WantedProfiles {
    /// What becomes of the profiles in `file`: of the roles that one of
    /// `patterns` picks, and of those that are gone.
    ///
    /// # Errors
    /// A pattern picks nothing; `~/.assumerole` or the block is wrong.
    pub(super) fn of(
        app: &App<'_>,
        file: &AwsFile,
        source: &str,
        prefix: &str,
        process: &OwnProcess,
        patterns: &[Pattern],
    ) -> Result<Self> {
        app.show_accounts();
        rows::check_units(app, patterns.iter())?;
        let config = app.config()?;
        let order = config.role_names();
        let taken = Block::taken(file, app.aws_files()?.credentials.as_ref(), source)?;
        let (mut rows, mut wrong) = (Vec::new(), Vec::new());
        for name in &order {
            match rows::find(app, None, name, &Request::default()) {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => {}
                Err(error) => wrong.push((name, error)),
            }
        }
        let candidates: Vec<Candidate<'_>> = rows.iter().map(RoleSummary::candidate).collect();
        let picked = select(patterns, &candidates)?;
        let chooser = Chooser {
            app,
            config,
            taken: &taken,
            prefix,
            process,
        };
        let mut wanted = Self {
            decisions: HashMap::new(),
            left_out: Vec::new(),
            order: Vec::new(),
        };
        // No pattern picks these. What is in the block stays until they are right.
        for (name, error) in wrong.into_iter().filter(|_| patterns.is_empty()) {
            wanted.left_out.push(LeftOut {
                role: name.clone(),
                profile: format!("{prefix}{name}"),
                why: error.to_string(),
                at: error.snippet().cloned(),
            });
        }
        for row in picked.into_iter().filter_map(|number| rows.get(number)) {
            let decision = match chooser.entry(row) {
                Ok(entry) => Decision::Set(entry),
                Err(left_out) => {
                    wanted.left_out.push(*left_out);
                    Decision::Drop
                }
            };
            wanted.decisions.insert(row.name.clone(), decision);
        }
        let known: HashSet<&str> = order.iter().map(String::as_str).collect();
        for gone in in_block(file, source)? {
            if !known.contains(gone.role.as_str()) {
                wanted.decisions.insert(gone.role, Decision::Drop);
            }
        }
        wanted.order = order;
        Ok(wanted)
    }
}

/// The profiles that `source` has in `file`.
pub(super) fn in_block(file: &AwsFile, source: &str) -> Result<Vec<BlockProfile>> {
    let block = Block::find(file)?;
    let part = block.as_ref().and_then(|block| block.part(source));
    Ok(part.map(|part| part.entries.clone()).unwrap_or_default())
}

/// The profiles that leave `file`: those of the roles that one of `patterns`
/// picks; all without a pattern.
///
/// # Errors
/// A pattern picks none of those that are there; the block is wrong.
pub(super) fn to_remove(
    app: &App<'_>,
    file: &AwsFile,
    source: &str,
    patterns: &[Pattern],
) -> Result<Decisions> {
    let entries = in_block(file, source)?;
    // A role that is gone, or wrong, still has its name.
    let row = |entry: &BlockProfile| {
        let config = app.config().ok()?;
        config.place_of_role(&entry.role).ok()??;
        rows::find(app, None, &entry.role, &Request::default()).ok()?
    };
    let rows: Vec<Option<RoleSummary>> = match patterns {
        [] => entries.iter().map(|_| None).collect(),
        _ => entries.iter().map(row).collect(),
    };
    let candidates: Vec<Candidate<'_>> = entries
        .iter()
        .zip(&rows)
        .map(|(entry, row)| match row {
            Some(row) => row.candidate(),
            None => Candidate {
                name: &entry.role,
                account: None,
                profile: "",
                unit: None,
                sso_session: None,
                tags: &[],
            },
        })
        .collect();
    let picked = select(patterns, &candidates)?;
    let roles = picked.into_iter().filter_map(|number| entries.get(number));
    let decisions = roles.map(|entry| (entry.role.clone(), Decision::Drop));
    Ok((Vec::new(), decisions.collect()))
}

/// What says which profile a role gets.
struct Chooser<'a, 'h> {
    app: &'a App<'h>,
    config: &'a Config,
    taken: &'a HashMap<String, Snippet>,
    prefix: &'a str,
    process: &'a OwnProcess,
}

impl Chooser<'_, '_> {
    /// The profile of the role of `row`; why it gets none.
    fn entry(&self, row: &RoleSummary) -> Result<BlockProfile, Box<LeftOut>> {
        let role = &row.name;
        let profile = format!("{}{role}", self.prefix);
        let without = |why: String, at: Option<Snippet>| {
            Box::new(LeftOut {
                role: role.clone(),
                profile: profile.clone(),
                why,
                at,
            })
        };
        if !fits_header(&profile) {
            let why = format!(
                "not every SDK finds a profile of that name: letters and digits of ASCII and {HEADER_CHARACTERS} are found by all"
            );
            return Err(without(why, None));
        }
        if profile == "default" {
            let why = "every program without a profile would take it";
            return Err(without(why.to_owned(), None));
        }
        if let Some((why, at)) = self.confirmed(role) {
            return Err(without(why, at));
        }
        if let Some(why) = self.circle(role, &profile) {
            return Err(without(why, self.taken.get(&profile).cloned()));
        }
        if let Some(at) = self.taken.get(&profile) {
            let why = format!("there is a profile {profile} already");
            return Err(without(why, Some(at.clone())));
        }
        let process = OwnProcess {
            role: role.clone(),
            ..self.process.clone()
        };
        let command = process
            .line()
            .map_err(|why| without(why.to_string(), None))?;
        Ok(BlockProfile {
            profile: profile.clone(),
            role: role.clone(),
            command,
            region: row.region.clone(),
            sso: None,
        })
    }

    /// That a person confirms the role by name: an SDK cannot.
    fn confirmed(&self, name: &str) -> Option<(String, Option<Snippet>)> {
        let role = self.config.role(name).ok()??;
        let own = role.confirm.then(|| {
            let at = self.config.place_of_role(name).ok().flatten();
            (
                "it is confirmed by its name before it is assumed".to_owned(),
                at,
            )
        });
        if own.is_some() {
            return own;
        }
        let target = Target::Role(Box::new(role));
        let plan = self.app.plan(&target, &Request::default()).ok()?;
        match self
            .app
            .guarding()
            .and_then(|configs| guards(&configs, &plan))
        {
            Ok(guards) => guards.into_iter().next().map(|guard| {
                let why = format!(
                    "role {} is confirmed by its name before it is assumed",
                    guard.name
                );
                (why, guard.at)
            }),
            Err(error) => Some((error.to_string(), error.snippet().cloned())),
        }
    }

    /// That the keys of role `name` would come from its own `profile`, be it
    /// over profiles of other roles.
    fn circle(&self, name: &str, profile: &str) -> Option<String> {
        let mut base = self.base(name)?;
        if base == profile {
            return Some(format!("its keys are those of profile {profile}"));
        }
        let mut way = vec![name.to_owned()];
        while let Some(role) = base.strip_prefix(self.prefix) {
            if way.iter().any(|one| one == role) {
                let why = format!(
                    "its keys would come from itself: {} → {role}",
                    way.join(" → ")
                );
                return (role == name).then_some(why);
            }
            if self.taken.contains_key(&base) || way.len() > MOST_ON_THE_WAY {
                return None;
            }
            way.push(role.to_owned());
            base = self.base(role)?;
        }
        None
    }

    /// The profile that the keys of role `name` come from.
    fn base(&self, name: &str) -> Option<String> {
        let mut seen = vec![name.to_owned()];
        while seen.len() <= MOST_ON_THE_WAY {
            let role = self.config.role(seen.last()?).ok()??;
            match role.via {
                Some(via) if !seen.contains(&via.value) => seen.push(via.value),
                Some(_) => return None,
                None => return role.aws_profile.map(|profile| profile.value),
            }
        }
        None
    }
}

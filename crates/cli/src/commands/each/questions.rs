//! What a person is asked before the first command runs: one confirmation, and
//! one code for each MFA session.

use std::collections::{BTreeSet, HashMap};

use assumerole_core::plan::{Plan, SourceKind, Step, guards};
use assumerole_core::{Error, Kind, Result};
use assumerole_host::tty::AskError;
use secrecy::ExposeSecret as _;

use super::asked::Args;
use super::select::Task;
use crate::app::App;
use crate::commands::assume::{context, obtained};
use crate::commands::confirm::ByName;
use crate::commands::sso::offer;

/// A task, and why it cannot be done, where that is known already.
pub(super) struct ReadyTasks {
    pub(super) tasks: Vec<(Task, Option<Error>)>,
    /// The protected roles that were confirmed.
    pub(super) yes: Vec<String>,
}

/// Asks what has to be asked. What is declined, or cannot be had, fails alone.
///
/// # Errors
/// A file cannot be read; there is nobody to confirm protected roles.
pub(super) fn ask(app: &App<'_>, args: &Args, tasks: Vec<Task>) -> Result<ReadyTasks> {
    let mut plans: Vec<Result<Plan>> = Vec::with_capacity(tasks.len());
    for task in &tasks {
        let request = args.obtain(task.region.as_ref(), &[]).session.request()?;
        let plan = app
            .target(&task.role)
            .and_then(|target| app.plan(&target, &request));
        plans.push(plan);
    }
    let configs = app.guarding()?;
    let mut protected: Vec<Vec<String>> = Vec::with_capacity(tasks.len());
    for (task, plan) in tasks.iter().zip(&plans) {
        let names = match plan {
            Ok(plan) => guards(&configs, plan)?
                .into_iter()
                .map(|guard| guard.name)
                .collect(),
            Err(_) => Vec::new(),
        };
        let names: Vec<String> = names;
        protected.push(match names.is_empty() && task.is_prod {
            true => vec![task.role.clone()],
            false => names,
        });
    }
    let count = protected.iter().filter(|names| !names.is_empty()).count();
    let declined = match count {
        0 => None,
        _ if args.yes => None,
        count => confirm(app, tasks.len(), count)?,
    };
    let yes: BTreeSet<String> = match &declined {
        None => protected.iter().flatten().cloned().collect(),
        Some(_) => BTreeSet::new(),
    };
    let yes: Vec<String> = yes.into_iter().collect();
    let mut sessions: HashMap<[u8; 32], Option<Error>> = HashMap::new();
    let mut logins: HashMap<String, Option<Error>> = HashMap::new();
    let mut ready = Vec::with_capacity(tasks.len());
    for ((task, plan), protected) in tasks.into_iter().zip(plans).zip(protected) {
        let failure = match (plan, &declined) {
            (Err(error), _) => Some(error),
            (_, Some(error)) if !protected.is_empty() => Some(error.clone()),
            (Ok(plan), _) => login(app, &plan, &mut logins)
                .or_else(|| session(app, args, &plan, &yes, &mut sessions)),
        };
        ready.push((task, failure));
    }
    Ok(ReadyTasks { tasks: ready, yes })
}

/// Offers the login that `plan` needs, once for all roles that share it; why there is
/// none.
fn login(app: &App<'_>, plan: &Plan, logins: &mut HashMap<String, Option<Error>>) -> Option<Error> {
    let SourceKind::Sso(sso) = &plan.source.kind else {
        return None;
    };
    let name = format!("{} {}", sso.at.name(), sso.at.start_url.value);
    if let Some(known) = logins.get(&name) {
        return known.clone();
    }
    let cache = app.cache();
    let context = context(app, cache.as_ref()).ok()?;
    // What is cached needs no login.
    let needed = context.learnt_keys(plan).err()?;
    if needed.kind() != Kind::LoginNeeded {
        return None;
    }
    let again = || context.learnt_keys(plan).map(drop);
    let error = offer::and_again(app, &context, plan, needed, again).err();
    logins.insert(name, error.clone());
    error
}

/// Obtains what of `plan` takes an MFA code, once for all roles that share it; why
/// it cannot be had.
fn session(
    app: &App<'_>,
    args: &Args,
    plan: &Plan,
    yes: &[String],
    sessions: &mut HashMap<[u8; 32], Option<Error>>,
) -> Option<Error> {
    let takes_code = |step: &Step| step.device().is_some();
    let at = plan.steps.iter().rposition(takes_code)?;
    let part = Plan {
        steps: plan.steps[..=at].to_vec(),
        ..plan.clone()
    };
    let known = sessions
        .entry(*part.fingerprint().bytes())
        .or_insert_with(|| {
            let confirm = ByName::new(app, None, yes);
            let fresh = args.obtain(None, yes).fresh();
            obtained(app, &part, confirm, None, args.mfa, fresh).err()
        });
    known.clone()
}

/// Has the person confirm that the command runs in `count` protected roles of
/// `all`; the error of those where they do not want that.
///
/// # Errors
/// There is nobody to ask, or the person wants none of it.
fn confirm(app: &App<'_>, all: usize, count: usize) -> Result<Option<Error>> {
    let nobody = |why: &str| {
        let message = match count {
            1 => format!("1 role is protected, and {why}"),
            many => format!("{many} roles are protected, and {why}"),
        };
        Error::new(Kind::CannotAsk, message)
            .because("they have \"confirm\": true, or the tag prod")
            .hint("add --yes if you mean it, or leave them out: --except PATTERN")
    };
    let mut tty = match app.host.tty() {
        Ok(Some(tty)) => tty,
        Ok(None) => return Err(nobody("there is no terminal to confirm them at")),
        Err(error) => return Err(nobody(&error.to_string())),
    };
    let question = match count {
        1 => format!("1 of {all} roles is protected. Type {count} to run it there: "),
        many => format!("{many} of {all} roles are protected. Type {count} to run it there: "),
    };
    match tty.prompt_line(&question) {
        Ok(typed) if typed.expose_secret().trim() == count.to_string() => Ok(None),
        Ok(_) => Ok(Some(Error::new(
            Kind::Cancelled,
            "not confirmed: the role is protected",
        ))),
        Err(error @ (AskError::Background | AskError::TimedOut { .. } | AskError::Io(_))) => {
            Err(nobody(&error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

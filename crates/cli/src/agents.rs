//! AI agents get less: which commands they may use, and which credentials.

use assumerole_core::aws::ids::PolicyArn;
use assumerole_core::config::pattern::{Candidate, Pattern};
use assumerole_core::config::{AgentSettings, Config};
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::environment::agents::{Agent, agent};
use assumerole_core::plan::{Call, Plan, SourceKind, guards};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::Host;

use crate::app::App;
use crate::options::Obtain;

/// The agent that runs this process, if one does.
pub(crate) fn of(host: &Host) -> Option<Agent> {
    let is_person = || {
        let tty = host.tty().ok().flatten();
        tty.is_some_and(|tty| !tty.in_background())
    };
    agent(host.env.iter(), is_person)
}

fn refused(agent: &Agent, what: &str) -> Error {
    Error::new(
        Kind::CannotAsk,
        format!("{what} is not for an AI agent ({})", agent.name),
    )
    .called(Id::AgentRefused)
    .because(format!("{} is set, as {} does", agent.variable, agent.name))
    .hint("run it yourself, in a terminal of your own")
}

/// Refuses `what`, if it is something that only a person may do.
///
/// # Errors
/// An agent runs this.
pub(crate) fn allow(agent: Option<&Agent>, what: Option<String>) -> Result<()> {
    match (what, agent) {
        (Some(what), Some(agent)) => Err(refused(agent, &what)),
        _ => Ok(()),
    }
}

/// What the files say of agents: the strictest of each.
fn settings(app: &App<'_>) -> Result<Vec<AgentSettings>> {
    app.guarding()?.into_iter().map(Config::agents).collect()
}

/// `obtain`, narrowed if an agent asks.
///
/// # Errors
/// It asks for something that an agent may not have.
pub(crate) fn narrowed(app: &App<'_>, obtain: &Obtain) -> Result<Obtain> {
    let Some(agent) = &app.agent else {
        return Ok(obtain.clone());
    };
    if obtain.fresh().mfa {
        return Err(refused(agent, "--fresh-mfa"));
    }
    let said = settings(app)?;
    let read_only = said.iter().any(|one| one.read_only);
    let tag = said.iter().any(|one| one.tag);
    obtain
        .clone()
        .for_agent(read_only, tag.then_some(agent.name.as_str()))
        .map_err(|error| about(error, agent))
}

fn about(error: Error, agent: &Agent) -> Error {
    error.because(format!(
        "an AI agent asks for it ({}: {} is set), and \"agents\" in ~/.assumerole narrows what it gets",
        agent.name, agent.variable
    ))
}

/// `error` of a plan, which may be what narrowing for an agent has led to.
pub(crate) fn explained(app: &App<'_>, error: Error) -> Error {
    match &app.agent {
        Some(agent)
            if settings(app).is_ok_and(|all| all.iter().any(|one| one.read_only || one.tag)) =>
        {
            about(error, agent)
        }
        _ => error,
    }
}

/// Makes sure that an agent may have what comes out of `plan`.
///
/// # Errors
/// It may not, or nobody can tell.
pub(crate) fn check(app: &App<'_>, plan: &Plan) -> Result<()> {
    let Some(agent) = &app.agent else {
        return Ok(());
    };
    let configs = app.guarding()?;
    let name = one_line(&plan.name);
    let no = |why: String, hint: &str| {
        let message = format!("role {name} is not for the AI agent {}", agent.name);
        Err(Error::new(Kind::CannotAsk, message)
            .called(Id::AgentRefused)
            .because(why)
            .because(format!("{} is set, as {} does", agent.variable, agent.name))
            .hint(hint.to_owned()))
    };
    let yours = "use it yourself in a terminal of your own, or change \"agents\" in ~/.assumerole";
    if let Some(guard) = guards(&configs, plan)?.first() {
        let why = format!(
            "{} has \"confirm\": true, and only a person confirms",
            one_line(&guard.name)
        );
        return no(why, "use it yourself in a terminal of your own");
    }
    for config in &configs {
        let said = config.agents()?;
        let unit = unit_for(app, plan, &said);
        for pattern in &said.deny {
            if denies(pattern, config, plan, unit) {
                return no(format!("\"deny\" of \"agents\" has {pattern}"), yours);
            }
        }
        let allows = |pattern: &Pattern| own(config, plan, unit, &mut |one| pattern.picks(&one));
        if let Some(roles) = &said.roles
            && !roles.iter().any(allows)
        {
            return no("\"roles\" of \"agents\" does not have it".to_owned(), yours);
        }
        if said.read_only && app.settings.consumer != Consumer::Login && !is_read_only(plan) {
            return no(
                "\"agents\" has \"read_only\": true, and this session cannot be narrowed or is narrowed in another way".to_owned(),
                yours,
            );
        }
    }
    Ok(())
}

/// The unit of the account that `plan` leads to, where `said` asks for units and it is
/// known.
fn unit_for<'a>(app: &'a App<'_>, plan: &Plan, said: &AgentSettings) -> Option<&'a str> {
    let mut patterns = said.roles.iter().flatten().chain(&said.deny);
    if !patterns.any(Pattern::is_of_unit) {
        return None;
    }
    let account = plan.account()?.to_string();
    Some(&app.accounts().get(&account)?.unit)
}

/// Whether `is` holds of the entry of `config` that `plan` is for, or of its
/// profile.
fn own(
    config: &Config,
    plan: &Plan,
    unit: Option<&str>,
    is: &mut dyn FnMut(Candidate<'_>) -> bool,
) -> bool {
    let role = config.role(&plan.name).ok().flatten();
    let tags = role.as_ref().map_or(&[][..], |role| role.tags.as_slice());
    let account = plan.account().map(|account| account.to_string());
    is(Candidate {
        name: &plan.name,
        account: account.as_deref(),
        profile: &plan.source.profile.value,
        unit,
        sso_session: plan.sso_session(),
        tags,
    })
}

/// Whether `pattern` denies what `plan` comes by: it picks the role itself, or an
/// entry of the same ARN, or it cannot be told whether it does.
fn denies(pattern: &Pattern, config: &Config, plan: &Plan, unit: Option<&str>) -> bool {
    if own(config, plan, unit, &mut |one| pattern.picks(&one)) {
        return true;
    }
    let arns: Vec<_> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.call {
            Call::Assume(assume) => Some(&assume.arn.value),
            Call::Session(_) => None,
        })
        .chain(match &plan.source.kind {
            SourceKind::WebIdentity(web) => Some(&web.arn.value),
            _ => None,
        })
        .collect();
    let mut has_entry = false;
    for name in config.role_names() {
        // One that is wrong cannot be assumed, but may be tagged as another is.
        let Ok(Some(role)) = config.role(&name) else {
            continue;
        };
        let same = arns.iter().any(|arn| {
            arn.account == role.aws_account.value
                && arn.base_name() == role.arn(&arn.partition).base_name()
        });
        if !same {
            continue;
        }
        has_entry = true;
        let account = role.aws_account.value.to_string();
        let candidate = Candidate {
            name: &name,
            account: Some(&account),
            profile: role
                .aws_profile
                .as_ref()
                .map_or("", |profile| &profile.value),
            unit,
            sso_session: None,
            tags: &role.tags,
        };
        if pattern.picks(&candidate) {
            return true;
        }
    }
    (pattern.is_of_tags() && !has_entry)
        || (pattern.is_of_unit() && unit.is_none())
        || (pattern.is_of_account() && plan.account().is_none())
}

/// Whether what comes out of `plan` may only read.
fn is_read_only(plan: &Plan) -> bool {
    let only = |arns: &[PolicyArn], partition| {
        *arns == [PolicyArn::read_only(partition)] || *arns == [PolicyArn::view_only(partition)]
    };
    match (plan.role(), &plan.source.kind) {
        (Some(role), _) => {
            role.policy.is_none() && only(&role.policy_arns.value, &role.arn.value.partition)
        }
        (None, SourceKind::WebIdentity(web)) if plan.steps.is_empty() => {
            only(&web.policy_arns.value, &web.arn.value.partition)
        }
        _ => false,
    }
}

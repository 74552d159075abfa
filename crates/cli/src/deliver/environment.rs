//! The environment of what runs in a role.

use std::ffi::OsStr;
use std::path::Path;

use assumerole_core::config::EnvVar;
use assumerole_core::diagnostic::text::Spanned;
use assumerole_core::environment::expand::{LONGEST, is_literal};
use assumerole_core::environment::{self, Given, Names, Pair, Pairs, Variable, table};
use assumerole_core::plan::{Plan, Target};
use assumerole_core::render::{self, Format};
use assumerole_core::shell::note::Note;
use assumerole_core::{Credentials, Result};
use assumerole_host::env::names;
use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::app::App;
use crate::assumed::Assumed;
use crate::integrations::codeartifact;

/// The whole environment of `program`, and what of it the role set.
///
/// # Errors
/// A value of the role's `environment` uses a name that is not set.
pub(super) fn of(
    app: &App<'_>,
    assumed: &Assumed,
    program: &OsStr,
) -> Result<(Pairs, Vec<Variable>)> {
    let base = app.env.pairs().to_vec();
    let set = set(app, assumed)?;
    let names = super::format_of(program).map_or(Names::Exact, |format| format.names);
    Ok((environment::with_role(base, &set, names), set))
}

/// Whether a shell can tell the variables of `role` apart; `format` is its
/// own. Asked before a code is.
///
/// # Errors
/// Two of them are one variable there.
pub(crate) fn check_names(app: &App<'_>, role: &str, format: &Format) -> Result<()> {
    if format.names == Names::Exact {
        return Ok(());
    }
    let (target, config) = (app.target(role)?, app.config()?);
    let own = config.environment_with(target.environment());
    let place = |value: &Spanned<String>| Some(config.snippet(value.span.clone()));
    environment::check_names(format.names, format.name, &own, &place)
}

/// Whether the shell that evaluates `format`, and that asks, can have the
/// variables of `role`. Asked before a code is.
///
/// # Errors
/// It takes a variable that it has for one of them.
pub(crate) fn check_spelling(app: &App<'_>, role: &str, format: &Format) -> Result<()> {
    if format.names == Names::Exact {
        return Ok(());
    }
    let (target, config) = (app.target(role)?, app.config()?);
    let own = config.environment_with(target.environment());
    let inherited = app.host.env.pairs().to_vec();
    environment::check_spelling(format.names, format.name, &own, &inherited)
}

/// Whether the fish that asks, by its script of `init`, lets the role's variables
/// be seen. Asked before a code is.
///
/// # Errors
/// It exports others in their place, and no script can change that.
pub(crate) fn check_exported(app: &App<'_>, target: &Target, plan: &Plan) -> Result<()> {
    let text = |name| app.env.text(name);
    let (universal, local) = (
        text(names::ASSUMEROLE_UNIVERSAL),
        text(names::ASSUMEROLE_LOCAL),
    );
    if universal.is_none() && local.is_none() {
        return Ok(());
    }
    let own = app.config()?.environment_with(target.environment());
    let region = plan.region.value.is_some();
    let sets = |name: &str| {
        let is_region = name == table::REGION || name == table::DEFAULT_REGION;
        is_region && region || own.iter().any(|own| own.name.value == name)
    };
    let [universal, local] = [universal, local].map(Option::unwrap_or_default);
    render::check_exported(universal, local, &sets)
}

/// What the role sets.
///
/// # Errors
/// As for [`of`].
pub(crate) fn set(app: &App<'_>, assumed: &Assumed) -> Result<Vec<Variable>> {
    // Whoever asks a server has no key that could be told, and no end.
    let note = assumed.note.clone().map(|note| match &assumed.served {
        Some(_) => Note {
            key: None,
            ends: None,
            ..note
        },
        None => note,
    });
    let facts = Facts {
        target: &assumed.target,
        plan: &assumed.plan,
        credentials: &assumed.credentials,
        ends: assumed.ends,
        flags: &assumed.flags,
        note: note.as_ref().map(Note::write),
        around: &assumed.around,
    };
    let base = app.env.pairs();
    let set = variables(app, &facts, base)?;
    Ok(match &assumed.served {
        Some(served) => environment::served(set, base, &served.facts()),
        None => set,
    })
}

/// Whether the role's own `environment` can be made at all: asked before a
/// code is, so that a mistake in the file costs none.
///
/// # Errors
/// A value of it uses a name that is not set.
pub(crate) fn check(
    app: &App<'_>,
    target: &Target,
    plan: &Plan,
    artifacts: Option<&codeartifact::CodeArtifactSetup>,
) -> Result<()> {
    let extra = app.config()?.environment_with(target.environment());
    // What is put in as it is cannot be wrong.
    let length: usize = extra.iter().map(|own| own.value.value.len()).sum();
    let is_literal = |own: &EnvVar| is_literal(&own.value.value);
    if length <= LONGEST && extra.iter().all(is_literal) {
        return Ok(());
    }
    let stand_in = Credentials {
        access_key_id: String::new(),
        secret_access_key: String::new().into(),
        session_token: Some(String::new().into()),
        expires: Some(app.host.clock.now()),
    };
    let facts = Facts {
        target,
        plan,
        credentials: &stand_in,
        ends: None,
        flags: &[],
        note: None,
        around: &codeartifact::stand_ins(artifacts),
    };
    variables(app, &facts, app.env.pairs()).map(drop)
}

/// What the variables are made from.
struct Facts<'a> {
    target: &'a Target,
    plan: &'a Plan,
    credentials: &'a Credentials,
    ends: Option<Timestamp>,
    flags: &'a [String],
    note: Option<String>,
    around: &'a [Variable],
}

fn variables(app: &App<'_>, facts: &Facts<'_>, base: &[Pair]) -> Result<Vec<Variable>> {
    let config = app.config()?;
    let account = facts.plan.account();
    let given = Given {
        role: &facts.plan.name,
        account: account.as_ref(),
        region: facts.plan.region.value.as_ref(),
        credentials: facts.credentials,
        ends: facts.ends,
        now: app.host.clock.now(),
        flags: facts.flags,
        note: facts.note.as_deref(),
        tags: facts.target.tags(),
        extra: &config.environment_with(facts.target.environment()),
    };
    let place = |value: &Spanned<String>| Some(config.snippet(value.span.clone()));
    let home = app.places.home.as_deref().and_then(Path::to_str);
    let around = match facts.around {
        [] => return environment::variables(&given, base, home, &place),
        around => around,
    };
    let pair = |v: &Variable| (v.name.clone().into(), v.value.expose_secret().into());
    let base: Pairs = around
        .iter()
        .map(pair)
        .chain(base.iter().cloned())
        .collect();
    let mut set = environment::variables(&given, &base, home, &place)?;
    // The role's own wins.
    let own = |variable: &&Variable| !set.iter().any(|own| own.name == variable.name);
    let around: Vec<Variable> = around.iter().filter(own).cloned().collect();
    set.extend(around);
    Ok(set)
}

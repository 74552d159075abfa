//! The environment of what runs in a role.

use std::path::Path;

use assumerole_core::config::Role;
use assumerole_core::environment::{self, Given, Pairs, Variable};
use assumerole_core::plan::Plan;
use assumerole_core::text::Spanned;
use assumerole_core::{Credentials, Result};

use crate::app::App;
use crate::assumed::Assumed;

/// The whole environment, and what of it the role set.
///
/// # Errors
/// A value of the role's `environment` uses a name that is not set.
pub(super) fn of(app: &App<'_>, assumed: &Assumed) -> Result<(Pairs, Vec<Variable>)> {
    let base = app.env.pairs().to_vec();
    let set = set(app, assumed)?;
    Ok((environment::with_role(base, &set), set))
}

/// What the role sets.
///
/// # Errors
/// As for [`of`].
pub(super) fn set(app: &App<'_>, assumed: &Assumed) -> Result<Vec<Variable>> {
    let given = Given {
        ends: Some(assumed.entry.ends()),
        flags: &assumed.flags,
        ..given(
            app,
            &assumed.role,
            &assumed.plan,
            &assumed.entry.credentials,
        )
    };
    variables(app, &assumed.role, &given, &app.env.pairs().to_vec())
}

/// Whether the role's own `environment` can be made at all: asked before a
/// code is, so that a mistake in the file costs none.
///
/// # Errors
/// A value of it uses a name that is not set.
pub(crate) fn check(app: &App<'_>, role: &Role, plan: &Plan) -> Result<()> {
    if app.config()?.environment_with(&role.environment).is_empty() {
        return Ok(());
    }
    let base = app.env.pairs().to_vec();
    let stand_in = Credentials {
        access_key_id: String::new(),
        secret_access_key: String::new().into(),
        session_token: Some(String::new().into()),
        expires: Some(app.host.clock.now()),
    };
    variables(app, role, &given(app, role, plan, &stand_in), &base).map(drop)
}

fn given<'a>(
    app: &App<'_>,
    role: &'a Role,
    plan: &'a Plan,
    credentials: &'a Credentials,
) -> Given<'a> {
    Given {
        role: &plan.role,
        account: &plan.assume.arn.account,
        region: plan.region.as_ref(),
        credentials,
        ends: None,
        now: app.host.clock.now(),
        flags: &[],
        tags: &role.tags,
        extra: &[],
    }
}

fn variables(app: &App<'_>, role: &Role, given: &Given<'_>, base: &Pairs) -> Result<Vec<Variable>> {
    let config = app.config()?;
    let given = Given {
        extra: &config.environment_with(&role.environment),
        ..*given
    };
    let place = |value: &Spanned<String>| config.snippet(value.span.clone()).ok();
    let home = app.places.home.as_deref().and_then(Path::to_str);
    environment::variables(&given, base, home, &place)
}

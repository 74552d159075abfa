//! Sessions that were obtained with a key, and a new one from the new key.

use std::collections::BTreeSet;

use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::request::Request;
use assumerole_core::plan::{Fresh, Plan, SourceKind, Target};
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Kind, Result};
use assumerole_session::cache::EntryKind;

use super::asking::User;
use crate::app::App;
use crate::commands::assume::{context, obtained};
use crate::commands::confirm::ByName;
use crate::commands::login;

/// What is cached and was obtained with the key `id`, by name.
pub(super) fn cached_with(app: &App<'_>, id: &str) -> Vec<String> {
    let (Some(cache), Ok(names)) = (app.existing_cache(), app.role_names()) else {
        return Vec::new();
    };
    let (Ok(config), Ok(files)) = (app.config(), app.aws_files()) else {
        return Vec::new();
    };
    let now = app.host.clock.now();
    let mut found = BTreeSet::new();
    for name in names {
        let target = Target::find(config, files, &name).ok().flatten();
        let plan = target.and_then(|target| app.plan(&target, &Request::default()).ok());
        let Some(plan) = plan.filter(|plan| match &plan.source.kind {
            SourceKind::Stored { access_key_id, .. } | SourceKind::Keys { access_key_id, .. } => {
                access_key_id.value == id
            }
            _ => false,
        }) else {
            continue;
        };
        for key in plan.fingerprints() {
            if let Some(entry) = cache.find(&key).filter(|entry| entry.is_fresh(now)) {
                let about = &entry.about;
                found.insert(match about.kind {
                    EntryKind::Role => one_line(&about.name),
                    EntryKind::Session | EntryKind::Profile => {
                        format!("the session of profile {}", one_line(&about.profile))
                    }
                });
            }
        }
    }
    found.into_iter().collect()
}

/// Sees to the MFA session of profile `name` with its new key, so that nobody is
/// asked for a code later: that which a code was spent for in this run goes on;
/// else a new one is obtained, or that which is cached goes on where nobody has a
/// code. Where there is none, that is no failure.
///
/// # Errors
/// The person has cancelled.
pub(super) fn obtain(app: &App<'_>, name: &str, user: &mut User) -> Result<()> {
    let Some(old) = user.plan.take() else {
        return Ok(());
    };
    let plan = login::session_of_profile(app, name, &Request::default())?;
    // A second code would have to be waited for.
    if user.is_new && carry_over(app, &old, &plan)? {
        return Ok(());
    }
    let confirm = ByName::new(app, Some(name), &[]);
    let code = user.unused_code();
    let later = match obtained(app, &plan, confirm, code, None, Fresh::default()) {
        Ok(_) => return Ok(()),
        Err(error) if matches!(error.kind(), Kind::Signal(_) | Kind::Interrupted) => {
            return Err(error);
        }
        Err(error) => error,
    };
    if carry_over(app, &old, &plan)? {
        return Ok(());
    }
    app.printer.note(&format!(
        "no MFA session of the new key yet ({}); obtain one: assumerole login {}",
        later.message(),
        argument(name)
    ));
    Ok(())
}

/// As [`Context::carry_over`](assumerole_session::Context::carry_over).
fn carry_over(app: &App<'_>, old: &Plan, new: &Plan) -> Result<bool> {
    let cache = app.existing_cache();
    context(app, cache.as_ref())?.carry_over(old, new)
}

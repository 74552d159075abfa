//! Where first credentials come from: whether it is there, as far as that can
//! be told without asking anybody.

use std::collections::HashSet;

use assumerole_core::plan::Plan;
use assumerole_session::sources;

use super::report::Findings;
use crate::app::App;
use crate::commands::assume::context;

/// Each source once.
pub(super) fn check(app: &App<'_>, plans: &[Plan], findings: &mut Findings<'_, '_>) {
    // Files that cannot be read were spoken of.
    let Ok(context) = context(app, None) else {
        return;
    };
    let mut seen = HashSet::new();
    for plan in plans {
        if !seen.insert(plan.source_key()) {
            continue;
        }
        match sources::look(&context, &plan.source) {
            Ok(Some(text)) => findings.good(&text),
            Ok(None) => {}
            Err(error) => findings.error(&error),
        }
    }
}

//! `plan ROLE`: what assuming a role would do, and why. Contacts nobody, asks
//! nothing, writes nothing.

mod json;
mod text;

use assumerole_core::Result;
use assumerole_core::plan::{Plan, Why};
use assumerole_session::cache::Entry;
use jiff::Timestamp;

use super::previous;
use crate::app::App;
use crate::deliver;
use crate::options::Obtain;
use crate::outcome::Outcome;

/// Show what assuming a role would do, and why; contacts nobody
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON: steps, their values, who decided each
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    obtain: Obtain,

    /// The role; - for the previous one
    role: String,
}

/// A plan, and what is there of it already.
struct Outlook {
    plan: Plan,
    why: Why,
    /// The cached session, whatever is left of it.
    entry: Option<Entry>,
    /// Whether new credentials are wanted in any case.
    fresh: bool,
    now: Timestamp,
}

impl Outlook {
    /// Whether the cached session would be handed out.
    fn is_cached(&self) -> bool {
        let usable = |entry: &Entry| entry.is_fresh(self.now);
        !self.fresh && self.entry.as_ref().is_some_and(usable)
    }

    /// Whether a person would be asked for a code.
    fn asks(&self) -> bool {
        !self.is_cached() && self.plan.assume.mfa.is_some()
    }
}

pub(crate) fn run(app: &App<'_>, args: Args) -> Result<Outcome> {
    app.config_without_trace()?;
    let name = previous::or_named(app, args.role)?;
    let role = app.role(&name)?;
    let request = args.obtain.request()?;
    let plan = app.plan(&role, &request)?;
    deliver::check(app, &role, &plan)?;
    let cache = app.existing_cache();
    let outlook = Outlook {
        why: app.why(&role, &request, &plan)?,
        entry: cache.and_then(|cache| cache.find(&plan.key())),
        plan,
        fresh: args.obtain.fresh,
        now: app.host.clock.now(),
    };
    if args.json {
        return app.json(&json::Shown::of(&outlook));
    }
    let settings = app.printer.settings();
    app.data(&text::of(&outlook, settings.out, settings.out_width))
}

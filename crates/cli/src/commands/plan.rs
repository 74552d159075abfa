//! `plan ROLE`: what assuming a role would do, and why. Contacts nobody, asks
//! nothing, writes nothing.

mod json;
mod programs;
mod text;

use assumerole_core::plan::{
    CacheKey, Call, Content, Decided, Fact, Fresh, Plan, Route, SourceKind, Step, Why, guards,
};
use assumerole_core::{Consumer, Result};
use assumerole_session::cache::Entry;
use assumerole_session::{Context, check_proxies, sources};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use programs::Programs;

use super::assume::{context, has_program, planned};
use super::confirm::ByName;
use super::previous;
use crate::agents;
use crate::app::App;
use crate::options::Obtain;
use crate::outcome::Outcome;

/// Show what assuming a role would do; contacts nobody
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON: steps, values and where each comes from
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    obtain: Obtain,

    /// The role or profile; - for the previous one
    role: String,
}

/// A plan, and what is there of it already. Results are numbered as in
/// [`Plan::keys`]: 0 is that of the source.
struct Outlook {
    plan: Plan,
    why: Why,
    /// The cached results, whatever is left of them.
    entries: Vec<Option<Entry>>,
    /// Which results may be cached though they are not among these: it is not
    /// known yet for whom.
    unseen: Vec<bool>,
    /// What is wanted new in any case.
    fresh: Fresh,
    /// Whether the code, where one is wanted, comes from a program.
    has_program: bool,
    /// What a program gets.
    programs: Programs,
    /// The roles that a person has to confirm by their names.
    confirmed: Vec<String>,
    now: Timestamp,
    /// That times are shown in.
    zone: TimeZone,
}

impl Outlook {
    fn step(&self, number: usize) -> Option<&Step> {
        self.plan.steps.get(number.checked_sub(1)?)
    }

    /// Whether result `number` is wanted new, though it is cached.
    fn is_renewed(&self, number: usize) -> bool {
        self.plan.wants_new(number, self.fresh)
    }

    /// Whether the cached result `number` would be used.
    fn is_cached(&self, number: usize) -> bool {
        let usable = |entry: &Entry| entry.is_fresh(self.now);
        let entry = self.entries.get(number).and_then(Option::as_ref);
        !self.is_renewed(number) && entry.is_some_and(usable)
    }

    /// Whether result `number` has to be obtained: nothing after it is cached.
    fn is_needed(&self, number: usize) -> bool {
        let last = self.plan.steps.len();
        (number..=last).all(|number| !self.is_cached(number))
    }

    /// Whether all that is wanted is there already.
    fn is_all_cached(&self) -> bool {
        self.is_cached(self.plan.steps.len())
    }

    /// The steps that have to be done.
    fn needed(&self) -> &[Step] {
        self.plan.needed(|number| self.is_cached(number))
    }

    /// Whether a code is wanted.
    fn wants_code(&self) -> bool {
        self.needed().iter().any(|step| step.device().is_some())
    }

    /// Whether a person would be asked for it.
    fn asks(&self) -> bool {
        self.wants_code() && !self.has_program
    }

    /// How the services are reached that would be called.
    fn routes(&self) -> impl Iterator<Item = &Route> {
        let source = self.is_needed(0).then(|| self.plan.source.routes());
        let steps = self.needed().iter().map(|step| &step.route);
        source.into_iter().flatten().chain(steps)
    }

    /// What would be called, as AWS names it.
    fn requests(&self) -> Vec<&'static str> {
        let source = match &self.plan.source.kind {
            _ if !self.is_needed(0) => None,
            SourceKind::Sso(_) => Some("GetRoleCredentials"),
            SourceKind::WebIdentity(_) => Some("AssumeRoleWithWebIdentity"),
            SourceKind::Login(_) => Some("CreateOAuth2Token"),
            _ => None,
        };
        let steps = self.needed().iter().map(Step::operation);
        source.into_iter().chain(steps).collect()
    }
}

pub(crate) fn run(app: &mut App<'_>, mut args: Args) -> Result<Outcome> {
    let typed = args.role.clone();
    previous::stand_in(app, &mut args.role, &mut args.obtain.session)?;
    args.obtain = agents::narrowed(app, &args.obtain)?;
    let plan = planned(app, &args.role, &args.obtain)
        .map_err(|error| agents::explained(app, error))?
        .plan;
    app.warn_passed_over(&plan)?;
    let shell = std::mem::replace(&mut app.settings.consumer, Consumer::Program);
    let of_program = planned(app, &args.role, &args.obtain);
    app.settings.consumer = shell;
    let programs = Programs::of(&of_program?.plan, &plan);
    let cache = app.existing_cache();
    let keys = context(app, cache.as_ref())?.keys(&plan);
    let asks_first = matches!(
        plan.source.kind,
        SourceKind::Process { .. } | SourceKind::Container { .. } | SourceKind::Instance { .. }
    );
    let unseen = keys.iter().map(|key| asks_first && key.is_none());
    let unseen = unseen.collect();
    let find = |(number, key): (usize, Option<CacheKey>)| {
        let cache = cache.as_ref().filter(|_| plan.is_kept(number))?;
        cache.find(&key?)
    };
    let device = plan.steps.iter().find_map(Step::device);
    let has_program = match device {
        Some(device) => has_program(app, &plan, device, args.obtain.mfa)?,
        None => false,
    };
    let confirm = ByName::new(app, Some(&typed), &args.obtain.yes);
    let mut guards = guards(&app.guarding()?, &plan)?;
    guards.retain(|guard| !confirm.has_said_yes(&guard.name));
    let mut entries: Vec<Option<Entry>> = keys.into_iter().enumerate().map(find).collect();
    if let [Some(first), next, ..] = entries.as_mut_slice()
        && passes_through(&plan, first)
    {
        *next = Some(first.clone());
    }
    let mut why = app.why(&plan)?;
    why.source.extend(callers(&context(app, None)?, &plan));
    let outlook = Outlook {
        confirmed: guards.into_iter().map(|guard| guard.name).collect(),
        why,
        entries,
        unseen,
        plan,
        fresh: args.obtain.fresh(),
        has_program,
        programs,
        now: app.host.clock.now(),
        zone: app.host.time_zone(),
    };
    check_proxies(outlook.routes(), &app.settings)?;
    if args.json {
        return app.json(&json::JsonPlan::of(&outlook));
    }
    let settings = app.printer.settings();
    app.data(&text::of(&outlook, settings.out, settings.out_width))
}

/// Whether `first`, what a process printed, is temporary: then STS is not asked
/// for a session.
fn passes_through(plan: &Plan, first: &Entry) -> bool {
    let session = plan.steps.first().map(|step| &step.call);
    matches!(plan.source.kind, SourceKind::Process { .. })
        && matches!(session, Some(Call::Session(_)))
        && first.credentials.session_token.is_some()
}

/// What tells one caller of the plan's source from another.
fn callers(context: &Context<'_>, plan: &Plan) -> Vec<Fact> {
    let Some(identified) = sources::identified(context, &plan.source) else {
        return Vec::new();
    };
    let fact = |name, text, rule| Fact {
        name,
        content: Content::Text(text),
        decided: Decided::Rule(rule),
    };
    let mut facts = vec![fact("caller", identified.by, "part of the cache key")];
    let more = [
        ("caller_unseen", identified.unseen, "nobody is asked here"),
        ("kept", identified.kept, "a rule of the cache"),
    ];
    for (name, text, rule) in more {
        facts.extend(text.map(|text| fact(name, text.to_owned(), rule)));
    }
    facts
}

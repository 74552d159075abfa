//! From a role's name to its credentials: what every command that needs them
//! shares.

use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::config::{Askpass, MfaProviderName};
use assumerole_core::plan::{CacheKey, Fresh, Plan, SourceKind, Step, Target, Whose};
use assumerole_core::shell::note::{Again, Note, SessionIdentity};
use assumerole_core::{Consumer, Error, Kind, Result};
use assumerole_host::tty::Tty;
use assumerole_host::{Env, Host};
use assumerole_session::cache::Cache;
use assumerole_session::history::Way;
use assumerole_session::mfa::{Ask, Given, Never, Programs, Prompt, Wanted, Window, check_code};
use assumerole_session::{Context, Obtained, cached_shorter, gate, granted_shorter};
use jiff::Timestamp;
use secrecy::SecretString;

use super::confirm::{ByName, Nobody};
use super::sso::offer;
use crate::agents;
use crate::app::App;
use crate::assumed::Assumed;
use crate::deliver;
use crate::integrations::{codeartifact, ssh};
use crate::options::Obtain;

/// Assumes what is called `name`; `typed` is what the person wrote for it on
/// the command line, if anything. `code` is the MFA code that the person gave
/// on the command line; without it there is a question, if one is needed.
///
/// # Errors
/// No such role, something in a file is wrong, no code, or AWS said no.
pub(super) fn assume(
    app: &App<'_>,
    name: &str,
    typed: Option<&str>,
    code: Option<String>,
    obtain: &Obtain,
    way: Way,
) -> Result<Assumed> {
    let code = checked(code)?;
    let obtain = &agents::narrowed(app, obtain)?;
    let planned = planned(app, name, obtain).map_err(|error| agents::explained(app, error))?;
    if way == Way::Export {
        deliver::check_exported(app, &planned.target, &planned.plan)?;
    }
    app.warn_passed_over(&planned.plan)?;
    let command = match way {
        Way::Shell => "",
        way => way.as_str(),
    };
    let confirm = ByName::new(app, typed, &obtain.yes).of(command);
    let obtained = obtained(
        app,
        &planned.plan,
        confirm,
        code,
        obtain.mfa,
        obtain.fresh(),
    )?;
    app.note_use(
        again(app, name, &planned.plan, obtain),
        &planned.plan,
        &obtained,
        way,
    );
    if let Some(role) = planned.target.role()
        && !app.credentials_only
        && !app.variables_only
    {
        ssh::load(app, role, obtained.ends, !obtained.cached);
    }
    Ok(assumed(app, planned, obtained, obtain))
}

/// As [`assume`], of a `plan` that ends in the session of profile `name`.
///
/// # Errors
/// As there.
pub(super) fn assume_session(
    app: &App<'_>,
    name: &str,
    plan: Plan,
    obtain: &Obtain,
) -> Result<Assumed> {
    let confirm = ByName::new(app, Some(name), &obtain.yes).of("credential-process");
    let obtained = obtained(app, &plan, confirm, None, obtain.mfa, obtain.fresh())?;
    let planned = Planned {
        target: Target::Profile(name.to_owned()),
        plan,
        artifacts: None,
    };
    Ok(assumed(app, planned, obtained, obtain))
}

/// What is to be done, before anybody is asked for anything.
pub(super) struct Planned {
    pub(super) target: Target,
    pub(super) plan: Plan,
    artifacts: Option<codeartifact::CodeArtifactSetup>,
}

/// What assuming `name` takes, as far as the files tell.
///
/// # Errors
/// No such role, or something in a file is wrong.
pub(super) fn planned(app: &App<'_>, name: &str, obtain: &Obtain) -> Result<Planned> {
    let request = obtain.session.request()?;
    let target = app.target(name)?;
    let plan = app.plan(&target, &request)?;
    let artifacts = match app.credentials_only {
        true => None,
        false => codeartifact::needed(app, &target, &plan)?,
    };
    if plan.consumer == Consumer::Shell {
        deliver::check(app, &target, &plan, artifacts.as_ref())?;
    }
    Ok(Planned {
        target,
        plan,
        artifacts,
    })
}

fn assumed(app: &App<'_>, planned: Planned, obtained: Obtained, obtain: &Obtain) -> Assumed {
    let Planned {
        target,
        plan,
        artifacts,
    } = planned;
    let wants_token = artifacts.is_some();
    let around = artifacts.map_or_else(Vec::new, |artifacts| {
        codeartifact::set_up(app, &artifacts, &plan, &obtained)
    });
    Assumed {
        shorter: cached_shorter(&plan, &obtained).or_else(|| granted_shorter(&plan, &obtained)),
        flags: flags(app, obtain),
        note: note(app, &plan, &obtained, obtain),
        began: app.begun(),
        cached: obtained.key().is_some(),
        keys: obtained.keys,
        lacks_token: wants_token && around.is_empty(),
        around,
        target,
        plan,
        credentials: obtained.credentials,
        ends: obtained.ends,
        served: None,
    }
}

/// A code that was given, if it is one.
///
/// # Errors
/// It is not.
pub(super) fn checked(code: Option<String>) -> Result<Option<SecretString>> {
    let code = code.map(SecretString::from);
    if let Some(code) = &code {
        check_code(code)?;
    }
    Ok(code)
}

/// The credentials at the end of `plan`, when `confirm` has confirmed what is
/// protected on its way. `code` comes first, then the program
/// that is named (`mfa`, else by the file), then the person.
///
/// # Errors
/// No code could be had, or AWS said no.
pub(super) fn obtained(
    app: &App<'_>,
    plan: &Plan,
    mut confirm: ByName<'_>,
    code: Option<SecretString>,
    mfa: Option<MfaProviderName>,
    fresh: Fresh,
) -> Result<Obtained> {
    agents::check(app, plan)?;
    let cleared = gate::clear(&app.guarding()?, plan, &mut confirm)?;
    let mut person = Person::of(app)?;
    let mut programs = programs(app, mfa, &mut person)?;
    let mut ask = Given::new(code, &mut programs);
    let cache = app.cache();
    let context = context(app, cache.as_ref())?;
    let mut obtain = || context.obtain(&cleared, &mut ask, fresh);
    match obtain() {
        Err(error) if error.kind() == Kind::LoginNeeded => {
            offer::and_again(app, &context, plan, error, obtain)
        }
        obtained => obtained,
    }
}

/// Whether a program that the files, the environment or `mfa` name has the
/// codes of `device`, so that nobody has to be asked for the one that `plan`
/// takes.
pub(super) fn has_program(
    app: &App<'_>,
    plan: &Plan,
    device: &MfaDevice,
    mfa: Option<MfaProviderName>,
) -> Result<bool> {
    let mut person = Person::of(app)?;
    let programs = programs(app, mfa, &mut person)?;
    Ok(programs.is_automatic(&Wanted::first(plan, device)))
}

fn programs<'a>(
    app: &'a App<'_>,
    mfa: Option<MfaProviderName>,
    person: &'a mut Person<'_>,
) -> Result<Programs<'a>> {
    let (config, aws) = (app.config()?, app.aws_files()?);
    Ok(Programs::new(
        app.host, &app.env, config, aws, app, mfa, person,
    ))
}

/// What [`quietly`] gives.
pub(super) struct Quietly {
    /// The role with its credentials: those that there are, if they live long
    /// enough.
    pub(super) assumed: Assumed,
    /// Whether new ones would take a question.
    pub(super) would_ask: bool,
}

/// Of [`quietly`]: what is there is made for another caller than the shell's, or
/// nobody can tell that it is the same.
pub(super) struct OtherCaller;

/// As [`assume`], for a shell that is in the role of `planned` already: nobody
/// is asked, nobody who is being asked is waited for, and it is no use of the
/// role. `caller` is what the shell notes of whose first credentials it has.
///
/// # Errors
/// As there, and if somebody would have to be asked.
pub(super) fn quietly(
    app: &App<'_>,
    planned: Planned,
    obtain: &Obtain,
    caller: Option<&str>,
) -> Result<Result<Quietly, OtherCaller>> {
    let plan = &planned.plan;
    agents::check(app, plan)?;
    let (existing, now) = (app.existing_cache(), app.host.clock.now());
    let quiet = |cache| {
        Ok::<_, Error>(Context {
            can_ask: false,
            ..context(app, cache)?
        })
    };
    let (keys, whose) = quiet(existing.as_ref())?.learnt_keys(plan)?;
    let is_renewal = |cache: &Cache| cache.is_renewal_of(&whose, caller, now);
    let is_same = whose.is_of(caller) || existing.as_ref().is_some_and(is_renewal);
    // What a process prints may be another key than the one that is remembered.
    if !is_same && !matches!(whose, Whose::Process { .. }) {
        return Ok(Err(OtherCaller));
    }
    let is_there = |number: usize| {
        let cache = existing.as_ref().filter(|_| plan.is_kept(number));
        let entry = cache.zip(keys[number].as_ref());
        let entry = entry.and_then(|(cache, key)| cache.find(key));
        entry.is_some_and(|entry| entry.is_fresh(now))
    };
    let device = |needed: &[Step]| needed.iter().find_map(Step::device).cloned();
    let mut nobody = Never::new("no question is asked before a prompt");
    if let Some(device) = device(plan.needed(is_there)) {
        nobody.code(Wanted::first(plan, &device))?;
    }
    let last = plan.steps.len();
    let would_ask = device(plan.needed(|number| number < last && is_there(number))).is_some();
    let cache = app.cache();
    let cleared = gate::clear(&app.guarding()?, plan, &mut Nobody)?;
    let obtained = quiet(cache.as_ref())?.obtain(&cleared, &mut nobody, Fresh::default())?;
    // The login may have been renewed above.
    let renewed = whose.mark().filter(|_| is_same);
    let is_of = |mark| obtained.whose.is_of(mark);
    let is_still = is_of(caller) || renewed.is_some() && is_of(renewed.as_deref());
    if !is_still {
        return Ok(Err(OtherCaller));
    }
    Ok(Ok(Quietly {
        assumed: assumed(app, planned, obtained, obtain),
        would_ask,
    }))
}

/// What a shell in the role notes, to ask for the same again.
fn flags(app: &App<'_>, obtain: &Obtain) -> Vec<String> {
    let config = app.config_flag.iter();
    let config = config.flat_map(|path| ["--config".to_owned(), path.clone()]);
    config.chain(obtain.session.words()).collect()
}

/// What asks for the same again, for the history.
fn again(app: &App<'_>, name: &str, plan: &Plan, obtain: &Obtain) -> Again {
    Again {
        role: name.to_owned(),
        arn: plan.role_arn().map(ToString::to_string),
        flags: Some(obtain.session.words()),
        duration: app.settings.duration,
        files: app.files_in_force(),
    }
}

/// Those of `plan`. Where the plan says whose the first credentials are, they
/// are what the results are cached under: they were made already.
fn fingerprints(plan: &Plan, obtained: &Obtained) -> Vec<CacheKey> {
    let said = matches!(
        plan.source.kind,
        SourceKind::Keys { .. } | SourceKind::Stored { .. } | SourceKind::Environment { .. }
    );
    let keys = obtained.keys.iter().copied().collect::<Option<Vec<_>>>();
    let keys = keys.filter(|keys| said && !keys.is_empty());
    keys.unwrap_or_else(|| plan.fingerprints())
}

/// What is written down in whatever is in the role. None where nobody can say
/// which files are in force.
fn note(app: &App<'_>, plan: &Plan, obtained: &Obtained, obtain: &Obtain) -> Option<Note> {
    Some(Note {
        role: plan.name.clone(),
        identity: SessionIdentity::of(plan, &fingerprints(plan, obtained)),
        flags: obtain.session.words(),
        duration: app.settings.duration,
        files: app.files_in_force()?,
        whose: obtained.whose.mark(),
        key: Some(obtained.credentials.access_key_id.clone()),
        region: plan.region.value.as_ref().map(ToString::to_string),
        ends: obtained.ends.map(Timestamp::as_second),
    })
}

/// What runs plans.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn context<'a>(app: &'a App<'_>, cache: Option<&'a Cache>) -> Result<Context<'a>> {
    Ok(Context {
        host: app.host,
        env: &app.env,
        config: app.config()?,
        aws_files: app.aws_files()?,
        settings: &app.settings,
        cache,
        report: app,
        can_ask: true,
        silent: app.silent,
    })
}

/// The person: at the controlling terminal, else in a window. Looked for only
/// when something has to be asked.
struct Person<'a> {
    host: &'a Host,
    env: &'a Env,
    askpass: Option<&'a Askpass>,
}

impl<'a> Person<'a> {
    fn of(app: &'a App<'_>) -> Result<Self> {
        Ok(Self {
            host: app.host,
            env: &app.env,
            askpass: app.config()?.askpass(),
        })
    }

    /// The terminal, if it is ours.
    fn terminal(&self) -> Result<Option<Tty>, String> {
        let tty = self.host.tty().map_err(|error| error.to_string())?;
        Ok(tty.filter(|tty| !tty.in_background()))
    }

    fn window(&self) -> Result<Window<'a>, String> {
        if let Some(why) = self.host.silenced_by() {
            return Err(why.to_owned());
        }
        Window::new(self.env, self.host.clock.as_ref(), self.askpass)
    }
}

impl Ask for Person<'_> {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        if let Ok(Some(tty)) = self.terminal() {
            return Prompt::new(tty).code(wanted);
        }
        let why = match (self.window(), self.host.tty()) {
            (Ok(mut window), _) => return window.code(wanted),
            // It says itself that it is in the background.
            (Err(_), Ok(Some(tty))) => return Prompt::new(tty).code(wanted),
            (Err(why), Ok(None)) => why,
            (Err(_), Err(error)) => error.to_string(),
        };
        Never::new(why).code(wanted)
    }

    fn can_ask_again(&self) -> bool {
        matches!(self.terminal(), Ok(Some(_))) || self.window().is_ok()
    }

    fn takes_time(&self, _wanted: &Wanted<'_>) -> bool {
        self.can_ask_again()
    }

    fn is_unattended(&self) -> bool {
        !matches!(self.terminal(), Ok(Some(_)))
    }
}

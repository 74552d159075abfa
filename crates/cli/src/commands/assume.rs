//! From a role's name to its credentials: what every verb that needs them
//! shares.

use assumerole_core::Result;
use assumerole_core::config::Role;
use assumerole_core::plan::Plan;
use assumerole_host::Host;
use assumerole_session::history::Way;
use assumerole_session::mfa::{Ask, Given, Never, Programs, Prompt, Wanted, check_code};
use assumerole_session::{Engine, Obtained};
use secrecy::SecretString;

use crate::app::App;
use crate::assumed::Assumed;
use crate::deliver;
use crate::options::Obtain;

/// Assumes the role called `name`. `code` is the MFA code that the person gave
/// on the command line; without it there is a question, if one is needed.
///
/// # Errors
/// No such role, something in a file is wrong, no code, or AWS said no.
pub(super) fn assume(
    app: &App<'_>,
    name: &str,
    code: Option<String>,
    obtain: &Obtain,
    way: Way,
) -> Result<Assumed> {
    let code = code.map(SecretString::from);
    if let Some(code) = &code {
        check_code(code)?;
    }
    let (role, plan) = planned(app, name, obtain)?;
    let mut person = Person { host: app.host };
    let mut programs = Programs::new(
        app.host,
        &app.env,
        app.config()?,
        app,
        obtain.mfa,
        &mut person,
    );
    let mut ask = Given::new(code, &mut programs);
    let obtained = obtained(app, &plan, &mut ask, obtain.fresh)?;
    app.note_use(name, &obtained, way);
    Ok(Assumed {
        flags: flags(app, obtain),
        role,
        plan,
        entry: obtained.entry,
    })
}

/// What [`quietly`] gives.
pub(super) struct Quietly {
    /// The role with its credentials: those that there are, if they live long
    /// enough.
    pub(super) assumed: Assumed,
    /// Whether new ones would take a question.
    pub(super) would_ask: bool,
}

/// As [`assume`], for a shell that is in the role already: nobody is asked,
/// nobody who is being asked is waited for, and it is no use of the role.
///
/// # Errors
/// As there, and if somebody would have to be asked.
pub(super) fn quietly(app: &App<'_>, name: &str, obtain: &Obtain) -> Result<Quietly> {
    let (role, plan) = planned(app, name, obtain)?;
    let would_ask = plan.assume.mfa.is_some();
    let mut nobody = Never::new("nobody is asked before a prompt");
    if let (true, Some(device)) = (would_ask, &plan.assume.mfa) {
        let cached = app.existing_cache();
        let now = app.host.clock.now();
        if cached.is_none_or(|cache| cache.lookup(&plan.key(), now).is_none()) {
            let refused = nobody.code(Wanted {
                device,
                role: &plan.role,
                refused: None,
            });
            refused?;
        }
    }
    let obtained = obtained(app, &plan, &mut nobody, false)?;
    Ok(Quietly {
        assumed: Assumed {
            flags: flags(app, obtain),
            role,
            plan,
            entry: obtained.entry,
        },
        would_ask,
    })
}

fn planned(app: &App<'_>, name: &str, obtain: &Obtain) -> Result<(Role, Plan)> {
    let request = obtain.request()?;
    let role = app.role(name)?;
    let plan = app.plan(&role, &request)?;
    deliver::check(app, &role, &plan)?;
    Ok((role, plan))
}

fn obtained(app: &App<'_>, plan: &Plan, ask: &mut dyn Ask, fresh: bool) -> Result<Obtained> {
    let cache = app.cache();
    let engine = Engine {
        host: app.host,
        config: app.config()?,
        aws_files: app.aws_files()?,
        settings: &app.settings,
        cache: cache.as_ref(),
        report: app,
    };
    engine.obtain(plan, ask, fresh)
}

/// What a shell in the role notes, to ask for the same again.
fn flags(app: &App<'_>, obtain: &Obtain) -> Vec<String> {
    let config = app.config_flag.iter();
    let config = config.flat_map(|path| ["--config".to_owned(), path.clone()]);
    config.chain(obtain.again()).collect()
}

/// The person at the controlling terminal, looked for only when something has
/// to be asked.
struct Person<'h> {
    host: &'h Host,
}

impl Ask for Person<'_> {
    fn code(&mut self, wanted: Wanted<'_>) -> Result<SecretString> {
        match self.host.tty() {
            Ok(Some(tty)) => Prompt::new(tty).code(wanted),
            Ok(None) => Never::new("there is no terminal to ask at").code(wanted),
            Err(error) => Never::new(error.to_string()).code(wanted),
        }
    }

    fn can_ask_again(&self) -> bool {
        matches!(self.host.tty(), Ok(Some(tty)) if !tty.in_background())
    }
}

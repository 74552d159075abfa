//! From a role's name to its credentials: what every verb that needs them
//! shares.

use assumerole_core::Result;
use assumerole_host::Host;
use assumerole_session::Engine;
use assumerole_session::history::Way;
use assumerole_session::mfa::{Ask, Given, Never, Programs, Prompt, Wanted, check_code};
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
    let request = obtain.request()?;
    let code = code.map(SecretString::from);
    if let Some(code) = &code {
        check_code(code)?;
    }
    let role = app.role(name)?;
    let plan = app.plan(&role, &request)?;
    deliver::check(app, &role, &plan)?;
    let cache = app.cache();
    let engine = Engine {
        host: app.host,
        config: app.config()?,
        aws_files: app.aws_files()?,
        settings: &app.settings,
        cache: cache.as_ref(),
        report: app,
    };
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
    let obtained = engine.obtain(&plan, &mut ask, obtain.fresh)?;
    app.note_use(name, &obtained, way);
    Ok(Assumed {
        role,
        plan,
        entry: obtained.entry,
    })
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

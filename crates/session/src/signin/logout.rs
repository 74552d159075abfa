//! Ending a login, at AWS and here.

use assumerole_aws::{Reason, sso};
use assumerole_core::plan::SsoPortal;
use assumerole_core::{Error, Kind, Result};

use super::SsoLogin;
use crate::connect::connect;
use crate::context::{Context, aws_clock};

/// A login that was ended.
#[derive(Debug)]
pub struct EndedLogin {
    /// Why it may live on at AWS, if it may.
    pub lives_on: Option<Error>,
    /// Its file, for people.
    pub place: String,
}

/// Ends the login at `portal`, and no other: at AWS, then here, whatever AWS says.
/// `None`: there is none. `forget` is called while its file is still there.
///
/// # Errors
/// The file is that of another directory, or cannot be removed.
pub fn log_out(
    context: &Context<'_>,
    portal: &SsoPortal,
    forget: impl FnOnce() -> Result<()>,
) -> Result<Option<EndedLogin>> {
    let login = SsoLogin::of(context, portal, None)?;
    let document = match login.file.read()? {
        None => return Ok(None),
        // Nobody's, and in the way of the next one.
        Some(Err(_)) => None,
        Some(Ok(document)) => Some(document),
    };
    if let Some(other) = document.as_ref().and_then(|it| login.other_portal(it)) {
        let message = format!("the login in {} is for another portal", login.place());
        return Err(Error::new(Kind::LoginNeeded, message)
            .because(format!("it is for {other}"))
            .because("it was left as it is"));
    }
    let lives_on = at_aws(&login).err();
    forget()?;
    login.remove()?;
    Ok(Some(EndedLogin {
        lives_on,
        place: login.place(),
    }))
}

/// Ends it at AWS. A token that has ended ends nothing there, while the refresh
/// token beside it lives on: it is renewed for that.
fn at_aws(login: &SsoLogin<'_>) -> Result<()> {
    let Ok(held) = login.read() else {
        // There is no token to end.
        return Ok(());
    };
    let token = match login.has_ended(&held) {
        false => held,
        true => match login.renew(held.secret(), true) {
            Ok(Some(renewed)) => renewed,
            Ok(None) => return Ok(()),
            // AWS knows its refresh token no more.
            Err(error) if error.kind() == Kind::LoginNeeded => return Ok(()),
            Err(error) => return Err(error),
        },
    };
    let (context, route) = (login.context, &login.portal.portal);
    let connection = connect(route, context.settings, context.host)?;
    let ended = context.traced("Logout", &connection, || {
        sso::logout(&connection, &aws_clock(context.host), token.secret())
    });
    match ended {
        Err(error) if error.reason() != Some(Reason::LoggedOut) => {
            Err(error.explain(&login.asked(route, None)))
        }
        _ => Ok(()),
    }
}

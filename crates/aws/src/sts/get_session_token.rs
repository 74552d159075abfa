//! `GetSessionToken`: a user's temporary credentials, which carry the MFA code
//! to every role that is assumed from them.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>

use assumerole_core::Credentials;
use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::plan::SessionToken;
use secrecy::{ExposeSecret, SecretString};

use super::{CallError, call};
use crate::connection::{Connection, Now};
use crate::granted::{Granted, of_sts};

/// Asks for a session of the user whose long-term `keys` these are; `code`
/// goes with `session.device`. One request, or two when the clock had to be
/// corrected.
///
/// # Errors
/// AWS's refusal or silence.
pub fn get_session_token(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    session: &SessionToken,
    code: Option<&SecretString>,
) -> Result<Granted, CallError> {
    let seconds = i32::try_from(session.duration.value).unwrap_or(i32::MAX);
    let answer = call(
        "GetSessionToken",
        connection,
        keys,
        now,
        code.is_some(),
        &Sent::default().with_code(code),
        |client| {
            let device = session.device.as_ref().filter(|_| code.is_some());
            client
                .get_session_token()
                .duration_seconds(seconds)
                .set_serial_number(device.map(|device| device.value.to_string()))
                .set_token_code(code.map(|code| code.expose_secret().to_owned()))
                .send()
        },
    )?;
    let life = answer.life(session.duration.value);
    Ok(Granted {
        credentials: of_sts("GetSessionToken", answer.value.credentials(), life)?,
        skew: answer.skew,
    })
}

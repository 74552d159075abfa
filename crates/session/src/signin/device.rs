//! Signing in on any device: a page of AWS, and a code to type there.
//!
//! <https://datatracker.ietf.org/doc/html/rfc8628>

use std::time::Duration;

use assumerole_aws::sso::{self, Device, Grant, Tokens};
use assumerole_aws::{Connection, Reason};
use assumerole_core::aws::login::is_sign_in_page;
use assumerole_core::plan::SsoPortal;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::deadline::uncounted;
use jiff::{SignedDuration, Timestamp};

use super::registration::Registration;
use super::start::start_url;
use super::{NewLogin, Person, SsoLogin, nothing_written};
use crate::connect::connect;
use crate::context::{Context, aws_clock};

/// What a client adds to the time between two questions that AWS calls too short,
/// seconds.
///
/// <https://datatracker.ietf.org/doc/html/rfc8628#section-3.5>
const SLOWER: u64 = 5;

/// Where, and with which code, a person signs in.
#[derive(Debug)]
pub struct DeviceCode {
    /// The page.
    pub page: String,
    /// The same with the code in it.
    pub page_with_code: Option<String>,
    /// The code.
    pub code: String,
    /// Until when.
    pub ends: Timestamp,
}

/// Logs `person` in at `portal`, which `profile` names if one does, by a code.
///
/// # Errors
/// AWS's refusal or silence, or the person's; nothing is written then.
pub fn by_device(
    context: &Context<'_>,
    portal: &SsoPortal,
    profile: Option<&str>,
    person: &mut dyn Person,
) -> Result<NewLogin> {
    let login = SsoLogin::of(context, portal, profile)?;
    login.may_replace(person)?;
    let connection = connect(&portal.oidc, context.settings, context.host)?;
    let start = start_url(context, portal, &connection)?;
    let registration = Registration::of(&login, &start, None)?;
    let begun = context.traced("StartDeviceAuthorization", &connection, || {
        let client = &registration.client;
        sso::start_device_authorization(&connection, &aws_clock(context.host), client, &start)
    });
    let device = begun.map_err(|error| error.explain(&login.asked(&portal.oidc, None)))?;
    check_pages(&device, &connection)?;
    let now = context.host.clock.now();
    let life = SignedDuration::from_secs(device.seconds.into());
    person.show(&DeviceCode {
        page: device.page.clone(),
        page_with_code: device.page_with_code.clone(),
        code: device.user_code.clone(),
        ends: now.checked_add(life).unwrap_or(now),
    })?;
    let clock = context.host.clock.as_ref();
    let tokens = uncounted(clock, || wait(&login, &connection, &registration, &device))
        .map_err(nothing_written)?;
    login.keep(&tokens, &registration, person)
}

/// A person follows them: they lead to AWS, or to what is configured in its
/// place, whoever answered.
fn check_pages(device: &Device, connection: &Connection) -> Result<()> {
    let endpoint = connection.route.endpoint_url.value.as_ref();
    let pages = [Some(&device.page), device.page_with_code.as_ref()];
    for page in pages.into_iter().flatten() {
        if !is_sign_in_page(page, endpoint) {
            return Err(Error::new(
                Kind::Refused,
                "IAM Identity Center named a sign-in page that is not at AWS",
            )
            .because("what answers there may want your password")
            .hint("check endpoint_url and the proxy"));
        }
    }
    Ok(())
}

/// Asks until the person has signed in.
fn wait(
    login: &SsoLogin<'_>,
    connection: &Connection,
    registration: &Registration,
    device: &Device,
) -> Result<Tokens> {
    let context = login.context;
    let clock = context.host.clock.as_ref();
    let ends = clock.monotonic() + Duration::from_secs(device.seconds.into());
    let mut interval = Duration::from_secs(device.interval.into());
    let too_late = || {
        Error::new(Kind::LoginNeeded, "nobody signed in in time")
            .because(format!("the code was good for {} s", device.seconds))
            .hint("run this again")
    };
    loop {
        if clock.monotonic() >= ends {
            return Err(too_late());
        }
        clock.sleep(interval);
        let asked = context.traced("CreateToken", connection, || {
            let grant = Grant::Device(&device.code);
            sso::create_token(
                connection,
                &aws_clock(context.host),
                &registration.client,
                grant,
            )
        });
        let error = match asked {
            Ok(tokens) => return Ok(tokens),
            Err(error) => error,
        };
        match error.reason() {
            Some(Reason::Pending | Reason::Server) => {}
            Some(Reason::Throttled) => interval += Duration::from_secs(SLOWER),
            // The network may come back while the person signs in elsewhere.
            Some(reason) if reason.is_silence() => {}
            Some(Reason::Expired) => return Err(too_late()),
            Some(Reason::NotAuthorized) => {
                return Err(Error::new(Kind::Refused, "the sign-in was denied")
                    .because("whoever was asked on the page of AWS did not allow it"));
            }
            _ => return Err(error.explain(&login.asked(&login.portal.oidc, None))),
        }
    }
}

//! The start URL as IAM Identity Center knows it.

use assumerole_aws::Connection;
use assumerole_aws::sso::redirect_of;
use assumerole_core::aws::login::is_sign_in_page;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::plan::SsoPortal;
use assumerole_core::{Error, Kind, Result};

use crate::context::Context;

/// The start URL of `portal`. A company's own address is followed once, and to AWS
/// alone: what answers there says where people sign in.
///
/// # Errors
/// It leads elsewhere.
pub(super) fn start_url(
    context: &Context<'_>,
    portal: &SsoPortal,
    connection: &Connection,
) -> Result<String> {
    let start = portal.start_url.value.trim();
    if is_sign_in_page(start, None) {
        return Ok(start.to_owned());
    }
    let Some(there) = redirect_of(connection, start)? else {
        return Ok(start.to_owned());
    };
    let shown = one_line(&there);
    if !is_sign_in_page(&there, None) {
        let message = format!("the start URL of {} does not lead to AWS", portal.name());
        return Err(Error::new(Kind::Refused, message)
            .because(format!("{start} redirects to {shown}"))
            .hint("check sso_start_url"));
    }
    context.report.trace(&format!("{start} is {shown}"));
    Ok(there)
}

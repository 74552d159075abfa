//! The password of a database user whom IAM lets in: a signed request that the
//! database judges.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html>

use std::time::Duration;

use assumerole_core::aws::database::DatabaseHost;
use assumerole_core::aws::ids::Region;
use assumerole_core::{Credentials, Result};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use super::Presigned;

/// How long it lets somebody in.
const LASTS: Duration = Duration::from_secs(900);

/// What RFC 3986 leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The password with which `user` connects to the database at `host` in `region`,
/// signed with `keys` at `now`.
///
/// # Errors
/// The keys are none of AWS's.
pub fn rds_token(
    keys: &Credentials,
    now: Timestamp,
    region: &Region,
    host: &DatabaseHost,
    user: &str,
) -> Result<SecretString> {
    let user = utf8_percent_encode(user, UNRESERVED);
    let presigned = Presigned {
        service: "rds-db",
        region,
        url: format!("https://{host}/?Action=connect&DBUser={user}"),
        headers: &[],
        lasts: LASTS,
    };
    let url = presigned.url(keys, now)?;
    let url = url.expose_secret();
    Ok(url.strip_prefix("https://").unwrap_or(url).into())
}

//! `ListMFADevices`: those of the user whose keys ask.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>

use assumerole_core::Credentials;
use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::diagnostic::sent::Sent;

use super::answer::text_within;
use super::endpoint;
use super::query;
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};

/// The MFA devices of the user behind `keys`. A user has eight at most, which
/// one answer holds.
///
/// # Errors
/// AWS's refusal or silence.
pub fn list_mfa_devices(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
) -> Result<Vec<MfaDevice>, CallError> {
    let name = "ListMFADevices";
    let answer = call::signed(
        name,
        connection,
        keys,
        now,
        false,
        &Sent::default(),
        |config, date| {
            query::post(name, query::form(name, &[]), endpoint::of(connection)).send(config, date)
        },
    )?;
    let path = ["ListMFADevicesResult", "MFADevices", "member"];
    let serials = text_within(&answer.value, &path, "SerialNumber");
    // What is none of AWS's names is not shown to anybody.
    Ok(serials
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect())
}

//! `ListMFADevices`: those of the user whose keys ask.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>

use assumerole_core::Credentials;
use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::diagnostic::sent::Sent;
use jiff::Timestamp;

use super::answer::records;
use super::endpoint;
use super::query;
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};

/// What IAM tells of an MFA device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Its ARN or serial number.
    pub serial: MfaDevice,
    /// The name of its user.
    pub user: Option<String>,
    /// When it was assigned to the user.
    pub enabled: Option<Timestamp>,
}

/// The MFA devices of the `user`; of the one behind `keys`, which are long-term
/// ones then, if none is named. A user has eight at most, which one answer holds.
///
/// # Errors
/// AWS's refusal or silence.
pub fn list_mfa_devices(
    connection: &Connection,
    keys: &Credentials,
    user: Option<&str>,
    now: &Now,
) -> Result<Vec<DeviceStatus>, CallError> {
    let name = "ListMFADevices";
    let answer = call::signed(
        name,
        connection,
        keys,
        now,
        false,
        &Sent::default(),
        |config, date| {
            let named: Vec<(&str, &str)> =
                user.map(|user| ("UserName", user)).into_iter().collect();
            query::post(name, query::form(name, &named), endpoint::of(connection))
                .send(config, date)
        },
    )?;
    let path = ["ListMFADevicesResult", "MFADevices", "member"];
    let found = records(
        &answer.value,
        &path,
        ["SerialNumber", "UserName", "EnableDate"],
    );
    // What is none of AWS's names is not shown to anybody.
    let read = found.into_iter().filter_map(|[serial, user, enabled]| {
        Some(DeviceStatus {
            serial: serial?.parse().ok()?,
            user: user.filter(|user| is_user(user)),
            enabled: enabled.and_then(|at| at.parse().ok()),
        })
    });
    Ok(read.collect())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html>
fn is_user(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

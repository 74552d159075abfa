//! The access keys of a user: `ListAccessKeys`, `CreateAccessKey`,
//! `UpdateAccessKey`, `DeleteAccessKey` and `GetAccessKeyLastUsed`.
//!
//! The user is always named: where temporary credentials sign, IAM does not tell
//! by them whose keys are meant.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>

use assumerole_core::Credentials;
use assumerole_core::diagnostic::sent::Sent;
use jiff::Timestamp;
use secrecy::SecretString;

use super::answer::records;
use super::endpoint;
use super::query;
use crate::call::{self, CallError};
use crate::connection::{Connection, Now};
use crate::granted::incomplete;

/// What IAM tells of an access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// The access key ID.
    pub id: String,
    /// Whether AWS accepts it.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// A key that was just made. IAM tells its secret this once.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The access key ID.
    pub id: String,
    /// The secret access key.
    pub secret: SecretString,
    /// When it was made.
    pub created: Timestamp,
}

/// When a key was used last, as far as IAM has heard: it may be some minutes
/// late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// The service, such as `s3`.
    pub service: String,
    /// The region that was signed for.
    pub region: String,
}

/// IAM, asked with one user's credentials about that user's keys.
#[derive(Debug)]
pub struct AccessKeys<'a> {
    /// How IAM is reached.
    pub connection: &'a Connection,
    /// Who asks.
    pub keys: &'a Credentials,
    /// The name of the user, without a path.
    pub user: &'a str,
}

impl AccessKeys<'_> {
    /// All of them: two at most.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub fn list(&self, now: &Now) -> Result<Vec<KeyStatus>, CallError> {
        let name = "ListAccessKeys";
        let text = self.call(name, &[("UserName", self.user)], false, now)?;
        let path = ["ListAccessKeysResult", "AccessKeyMetadata", "member"];
        let found = records(&text, &path, ["AccessKeyId", "Status", "CreateDate"]);
        let read = found.into_iter().map(|[id, status, created]| {
            Some(KeyStatus {
                id: id.filter(|id| is_id(id))?,
                active: status? == "Active",
                created: created?.parse().ok()?,
            })
        });
        let read: Option<Vec<KeyStatus>> = read.collect();
        read.ok_or_else(|| incomplete(name, "no complete list").into())
    }

    /// Makes one. It is asked once: each answer that is lost has made a key.
    ///
    /// # Errors
    /// AWS's refusal or silence; a key may have been made.
    pub fn create(&self, now: &Now) -> Result<NewKey, CallError> {
        let name = "CreateAccessKey";
        let text = self.call(name, &[("UserName", self.user)], true, now)?;
        let text = zeroize::Zeroizing::new(text);
        let path = ["CreateAccessKeyResult", "AccessKey"];
        let names = ["AccessKeyId", "SecretAccessKey", "CreateDate"];
        let found = records(&text, &path, names).into_iter().next();
        let read = found.and_then(|[id, secret, created]| {
            Some(NewKey {
                id: id.filter(|id| is_id(id))?,
                secret: SecretString::from(secret?),
                created: created?.parse().ok()?,
            })
        });
        read.ok_or_else(|| incomplete(name, "no access key").into())
    }

    /// Makes AWS accept the key `id`, or not.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub fn set_active(&self, id: &str, active: bool, now: &Now) -> Result<(), CallError> {
        let status = if active { "Active" } else { "Inactive" };
        let form = [
            ("UserName", self.user),
            ("AccessKeyId", id),
            ("Status", status),
        ];
        self.call("UpdateAccessKey", &form, false, now).map(drop)
    }

    /// Deletes the key `id`.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub fn delete(&self, id: &str, now: &Now) -> Result<(), CallError> {
        let form = [("UserName", self.user), ("AccessKeyId", id)];
        self.call("DeleteAccessKey", &form, false, now).map(drop)
    }

    /// When the key `id` was used last; `None`: never.
    ///
    /// # Errors
    /// AWS's refusal or silence.
    pub fn last_use(&self, id: &str, now: &Now) -> Result<Option<LastUse>, CallError> {
        let name = "GetAccessKeyLastUsed";
        let text = self.call(name, &[("AccessKeyId", id)], false, now)?;
        let path = ["GetAccessKeyLastUsedResult", "AccessKeyLastUsed"];
        let names = ["LastUsedDate", "ServiceName", "Region"];
        let Some([at, service, region]) = records(&text, &path, names).into_iter().next() else {
            return Err(incomplete(name, "no last use").into());
        };
        // A key that was never used has no date, and N/A for the others.
        let Some(at) = at else { return Ok(None) };
        let at = at.parse().ok();
        let at = at.ok_or_else(|| incomplete(name, "no last use"))?;
        let plain = |text: Option<String>| text.filter(|text| is_plain(text)).unwrap_or_default();
        Ok(Some(LastUse {
            at,
            service: plain(service),
            region: plain(region),
        }))
    }

    fn call(
        &self,
        operation: &'static str,
        form: &[(&str, &str)],
        once: bool,
        now: &Now,
    ) -> Result<String, CallError> {
        let answer = call::signed(
            operation,
            self.connection,
            self.keys,
            now,
            once,
            &Sent::default(),
            |config, date| {
                let form = query::form(operation, form);
                query::post(operation, form, endpoint::of(self.connection)).send(config, date)
            },
        )?;
        Ok(answer.value)
    }
}

/// What can be an access key ID: it is shown to people, and sent back.
fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (16..=128).contains(&text.len()) && text.bytes().all(fits)
}

/// The names of services and regions.
fn is_plain(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

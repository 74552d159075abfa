//! The calls to the Security Token Service.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/>

mod assume_role;
mod get_caller_identity;
mod get_session_token;
mod granted;

pub use assume_role::assume_role;
pub use get_caller_identity::{Identity, get_caller_identity};
pub use get_session_token::get_session_token;
pub use granted::Granted;

use assumerole_core::{Credentials, Result};
use aws_sdk_sts::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::SignedDuration;

use crate::connection::{Connection, Now, block_on};
use crate::dates::LastDate;
use crate::failure::{Failure, Reason, SKEW_THRESHOLD};

/// Why a call has no result: the machine or a setting failed before AWS could
/// be asked, or AWS said no or nothing.
#[derive(Debug)]
pub enum CallError {
    /// Before the call.
    Local(assumerole_core::Error),
    /// The call.
    Aws(Failure),
}

impl From<assumerole_core::Error> for CallError {
    fn from(error: assumerole_core::Error) -> Self {
        Self::Local(error)
    }
}

impl CallError {
    /// As a person reads it.
    pub fn explain(&self, asked: &crate::Asked) -> assumerole_core::Error {
        match self {
            Self::Local(error) => error.clone(),
            Self::Aws(failure) => failure.explain(asked),
        }
    }

    /// Why AWS said no, if it was asked.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Local(_) => None,
            Self::Aws(failure) => Some(failure.reason),
        }
    }
}

/// What a call gave, and how far AWS's clock is ahead of ours.
pub(crate) struct Answer<T> {
    pub(crate) value: T,
    pub(crate) skew: Option<SignedDuration>,
}

/// One call. `once`: it carries an MFA code, which a blind retry would spend.
/// When AWS refuses the signature because of our clock, the call is made once
/// more at AWS's time; the signature is checked before the code, so the code
/// is not spent by then.
pub(crate) fn call<T, E, F>(
    operation: &'static str,
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    once: bool,
    send: impl Fn(Client) -> F,
) -> Result<Answer<T>, CallError>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let mut shift = SignedDuration::ZERO;
    loop {
        let date = LastDate::default();
        let config = connection.sts_config(keys, now, shift, once, date.clone())?;
        let result = block_on(send(Client::from_conf(config)))?;
        let skew = date.get().map(|theirs| theirs.duration_since(now()));
        match result {
            Ok(value) => return Ok(Answer { value, skew }),
            Err(error) => {
                let failure = Failure::read(operation, &connection.endpoint(), &error, skew);
                let off = skew.filter(|skew| skew.abs() >= SKEW_THRESHOLD);
                match off {
                    Some(skew) if failure.reason == Reason::Clock && shift.is_zero() => {
                        shift = skew;
                    }
                    _ => return Err(CallError::Aws(failure)),
                }
            }
        }
    }
}

impl Connection {
    /// Where STS is called, for people.
    pub fn endpoint(&self) -> String {
        match &self.endpoint_url {
            Some(url) => url.clone(),
            None => format!("sts in {}", self.region),
        }
    }
}

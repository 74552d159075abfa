//! One conversation with a service, whichever it is: made, and read where it
//! failed.

use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::{Credentials, Error};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::Asked;
use crate::connection::{Connection, Now};
use crate::dates::LastDate;
use crate::failure::{Failure, Reason, SKEW_THRESHOLD};
use crate::granted::{Life, incomplete};
use crate::network::block_on;

/// Why a call has no result: the machine or a setting failed before AWS could
/// be asked, or AWS said no or nothing.
#[derive(Debug)]
pub enum CallError {
    /// Before the call.
    Local(Error),
    /// The call.
    Aws(Box<Failure>),
}

impl<T> TimedAnswer<T> {
    /// How long the answer may last, if `most` seconds were asked for.
    pub(crate) fn life(&self, most: u32) -> Life {
        Life {
            now: self.now,
            most,
        }
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Local(error)
    }
}

impl CallError {
    /// As a person reads it.
    pub fn explain(&self, asked: &Asked) -> Error {
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
pub(crate) struct TimedAnswer<T> {
    pub(crate) value: T,
    pub(crate) skew: Option<SignedDuration>,
    /// What time it is at AWS; by our clock, where it does not say.
    pub(crate) now: Timestamp,
}

impl TimedAnswer<String> {
    /// What the JSON of the answer to `operation` says. It is wiped, but for what `T`
    /// has of it.
    ///
    /// # Errors
    /// It is no `T`.
    pub(crate) fn read<T: DeserializeOwned>(
        self,
        operation: &str,
    ) -> Result<TimedAnswer<T>, CallError> {
        let text = Zeroizing::new(self.value);
        // Its own words may repeat the answer.
        let value =
            serde_json::from_str(&text).map_err(|_| incomplete(operation, "not what it should"))?;
        Ok(TimedAnswer {
            value,
            skew: self.skew,
            now: self.now,
        })
    }
}

/// A call signed with `keys`. `sent` is what else of it is secret. `once`: it carries an MFA code, which a blind
/// retry would spend. When AWS refuses the signature because of our clock, the
/// call is made once more at AWS's time; the signature is checked before the
/// code, so the code is not spent by then.
pub(crate) fn signed<T, E, F>(
    operation: &'static str,
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    once: bool,
    sent: &Sent<'_>,
    send: impl Fn(SdkConfig, LastDate) -> F,
) -> Result<TimedAnswer<T>, CallError>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let sent = sent
        .clone()
        .with(&keys.secret_access_key)
        .maybe(keys.session_token.as_ref());
    let mut shift = SignedDuration::ZERO;
    loop {
        let config = connection.sdk_config(Some(keys), now, shift, once)?;
        let failure = match made(operation, connection, now, config, &sent, &send)? {
            Ok(answer) => return Ok(answer),
            Err((failure, _)) => failure,
        };
        let off = failure.skew.filter(|skew| skew.abs() >= SKEW_THRESHOLD);
        match off {
            Some(skew) if failure.reason == Reason::Clock && shift.is_zero() => shift = skew,
            _ => return Err(CallError::Aws(Box::new(failure))),
        }
    }
}

/// A call that nobody signs: what it carries says who asks, and is in `sent`. `refine` may know
/// more of a refusal than its code says.
pub(crate) fn unsigned<T, E, F>(
    operation: &'static str,
    connection: &Connection,
    now: &Now,
    sent: &Sent<'_>,
    refine: impl Fn(&E) -> Option<Reason>,
    send: impl Fn(SdkConfig, LastDate) -> F,
) -> Result<TimedAnswer<T>, CallError>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let config = connection.sdk_config(None, now, SignedDuration::ZERO, false)?;
    made(operation, connection, now, config, sent, &send)?.map_err(|(mut failure, error)| {
        if let Some(reason) = error.as_service_error().and_then(refine) {
            failure.reason = reason;
        }
        CallError::Aws(Box::new(failure))
    })
}

type Made<T, E> = Result<TimedAnswer<T>, (Failure, SdkError<E, HttpResponse>)>;

fn made<T, E, F>(
    operation: &'static str,
    connection: &Connection,
    now: &Now,
    config: SdkConfig,
    sent: &Sent<'_>,
    send: &impl Fn(SdkConfig, LastDate) -> F,
) -> Result<Made<T, E>, Error>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let date = LastDate::default();
    let result = block_on(send(config, date.clone()))?;
    let ours = now();
    let skew = date.get().map(|theirs| theirs.duration_since(ours));
    let now = date.get().unwrap_or(ours);
    Ok(match result {
        Ok(value) => Ok(TimedAnswer { value, skew, now }),
        Err(error) => {
            let mut failure = Failure::read(operation, connection, &error, sent, skew);
            failure.pause = date.pause();
            Err((failure, error))
        }
    })
}

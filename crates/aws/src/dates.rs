//! What AWS says beside its answers: what time it is (the `Date` header), and
//! when it wants to be asked again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::Timestamp;

/// The time that the text of a `Date` header says.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let date = DateTime::from_str(text, Format::HttpDate).ok()?;
    Timestamp::from_second(date.secs()).ok()
}

/// Remembers the `Date` of the last answer, and the pause that it asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastDate(Arc<Mutex<Heard>>);

#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    date: Option<Timestamp>,
    pause: Option<Duration>,
}

/// A longer pause is not waited for by the SDK, within a call that has forty
/// seconds: the person is told of it.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// <https://smithy.io/2.0/aws/aws-core.html>: milliseconds.
const RETRY_AFTER: &str = "x-amz-retry-after";

impl LastDate {
    /// The `Date` of the last answer; `None` when none came or it had none.
    pub(crate) fn get(&self) -> Option<Timestamp> {
        self.heard().date
    }

    /// The pause that the last answer asked for, if it is a long one.
    pub(crate) fn pause(&self) -> Option<Duration> {
        self.heard().pause
    }

    fn heard(&self) -> Heard {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[dyn_dispatch_hint]
impl Intercept for LastDate {
    fn name(&self) -> &'static str {
        "LastDate"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.response_mut().headers_mut();
        let date = headers.get("date").and_then(read);
        let pause = headers.get(RETRY_AFTER).and_then(|text| text.parse().ok());
        let pause = pause.map(Duration::from_millis);
        let pause = pause.filter(|pause| *pause > LONGEST_PAUSE);
        if pause.is_some() {
            headers.remove(RETRY_AFTER);
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Heard { date, pause };
        Ok(())
    }
}

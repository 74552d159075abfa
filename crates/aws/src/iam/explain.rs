//! IAM's refusals in AWS's words, and what to do about each.

use assumerole_core::Error;

use crate::Asked;
use crate::call::CallError;
use crate::failure::Reason;

/// The failure as a person reads it, whose profile `asked` names.
pub fn explain(error: &CallError, asked: &Asked) -> Error {
    let failure = match error {
        CallError::Local(error) => return error.clone(),
        CallError::Aws(failure) => failure,
    };
    let hints = match failure.reason {
        Reason::NotAuthorized => vec![
            "the user needs iam:ListMFADevices; the AWS console shows the device under Security credentials".to_owned(),
        ],
        _ => failure.hints(asked),
    };
    failure.with_hints(hints)
}

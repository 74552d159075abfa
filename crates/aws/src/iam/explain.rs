//! IAM's refusals in AWS's words, and what to do about each.

use assumerole_core::Error;

use crate::Asked;
use crate::call::CallError;
use crate::failure::Reason;

/// What a user has to be allowed for its key to be replaced, as in AWS's example
/// of a policy for one's own keys.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_credentials_console.html>
const STATEMENT: &str = r#"{"Effect": "Allow", "Action": ["iam:ListAccessKeys", "iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey", "iam:GetAccessKeyLastUsed"], "Resource": "arn:*:iam::*:user/${aws:username}"}"#;

/// The failure as a person reads it, whose profile `asked` names.
pub fn explain(error: &CallError, asked: &Asked) -> Error {
    let failure = match error {
        CallError::Local(error) => return error.clone(),
        CallError::Aws(failure) => failure,
    };
    let hints = match failure.reason {
        Reason::NotAuthorized if failure.operation == "ListMFADevices" => vec![
            "allow the user iam:ListMFADevices, or see the device in the AWS console under Security credentials".to_owned(),
        ],
        Reason::NotAuthorized if failure.operation.contains("AccessKey") => vec![
            format!("have an administrator allow iam:{} to the user, by this statement of a policy: {STATEMENT}", failure.operation),
            "name the device if the policy asks for MFA: mfa_serial of the profile, or \"aws_mfa_arn\" of a role".to_owned(),
        ],
        _ => failure.hints(asked),
    };
    failure.with_hints(hints)
}

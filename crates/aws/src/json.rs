//! A request of AWS's JSON protocol.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use assumerole_core::diagnostic::sent::Sent;
use assumerole_core::shell::command_line::argument;
use assumerole_core::{Credentials, Error};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Asked;
use crate::call::{self, CallError, TimedAnswer};
use crate::connection::{Connection, Now};
use crate::endpoint;
use crate::failure::Reason;
use crate::request::{Credential, Refusal, WireRequest};

/// A service that speaks it.
pub(crate) struct JsonService {
    /// As signatures name it.
    pub(crate) name: &'static str,
    /// What stands before operations, with its version.
    pub(crate) target: &'static str,
}

impl JsonService {
    /// Calls `operation` with `keys`. What is answered is wiped, but for what `T` has
    /// of it.
    ///
    /// # Errors
    /// AWS's refusal or silence, or an answer that is no `T`.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        connection: &Connection,
        keys: &Credentials,
        now: &Now,
        body: &Value,
    ) -> Result<TimedAnswer<T>, CallError> {
        let sent = Sent::default();
        let answer = call::signed(
            operation,
            connection,
            keys,
            now,
            false,
            &sent,
            |config, date| {
                let (url, region) = endpoint::of(connection);
                let request = WireRequest {
                    service: self.name,
                    operation,
                    headers: vec![
                        ("content-type", "application/x-amz-json-1.1".to_owned()),
                        ("x-amz-target", format!("{}.{operation}", self.target)),
                    ],
                    body: body.to_string(),
                    method: "POST",
                    path: "/".to_owned(),
                    url,
                    proof: Credential::Signature(region),
                    refusal,
                };
                request.send(config, date)
            },
        )?;
        answer.read(operation)
    }
}

fn refusal(_: Option<&str>, text: &str) -> Refusal {
    #[derive(Default, Deserialize)]
    struct JsonRefusal {
        #[serde(rename = "__type")]
        code: Option<String>,
        #[serde(alias = "Message")]
        message: Option<String>,
    }
    let read: JsonRefusal = serde_json::from_str(text).unwrap_or_default();
    // Before it stands where the error is described.
    let code = read.code.map(|code| match code.rsplit_once('#') {
        Some((_, code)) => code.to_owned(),
        None => code,
    });
    Refusal::new(code, read.message)
}

/// The failure as a person reads it, who calls the role `role`, which needs the
/// permission `action`.
pub(crate) fn explain(
    error: &CallError,
    connection: &Connection,
    role: &str,
    action: &str,
) -> Error {
    let failure = match error {
        CallError::Local(error) => return error.clone(),
        CallError::Aws(failure) => failure,
    };
    let hints = match failure.reason {
        Reason::NotAuthorized => vec![format!("give {role} the permission {action}")],
        Reason::InvalidKey | Reason::WrongSecret | Reason::Expired => {
            vec![format!(
                "get new credentials: assumerole --fresh {}",
                argument(role)
            )]
        }
        _ => failure.hints(&Asked {
            role: Some(role.to_owned()),
            region: connection.region().to_string(),
            ..Asked::default()
        }),
    };
    failure.with_hints(hints)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

    use super::*;

    #[test]
    fn refusals() {
        for (text, code, message) in [
            (
                r#"{"__type":"AccessDeniedException","message":"no"}"#,
                Some("AccessDeniedException"),
                Some("no"),
            ),
            (
                r#"{"__type":"com.amazonaws.ssm#TargetNotConnected","Message":"x"}"#,
                Some("TargetNotConnected"),
                Some("x"),
            ),
            (r#"{"message":"x"}"#, None, Some("x")),
            ("<html>", None, None),
            ("", None, None),
        ] {
            let refusal = refusal(None, text);
            assert_eq!(
                (refusal.code(), refusal.message()),
                (code, message),
                "{text}"
            );
        }
    }
}

//! Session Manager: the one call that opens a way to a machine.
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html>

use assumerole_core::{Credentials, Error};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::CallError;
use crate::connection::{Connection, Now};
use crate::endpoint;
use crate::granted::incomplete;
use crate::json::{self, JsonService};

const SSM: JsonService = JsonService {
    name: "ssm",
    target: "AmazonSSM",
};
const NAME: &str = "StartSession";

/// A session that was opened.
#[derive(Debug)]
pub struct SsmSession {
    /// What was answered, as the plugin of Session Manager reads it: JSON.
    pub answer: SecretString,
    /// What was asked for, as it reads that.
    pub request: String,
    /// Where it was asked for.
    pub endpoint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StartedSession {
    session_id: String,
    token_value: SecretString,
    stream_url: String,
}

/// Opens a way to `port` of `target`, for ssh, with the `keys` of a role.
///
/// # Errors
/// AWS's refusal or silence.
pub fn start_ssh_session(
    connection: &Connection,
    keys: &Credentials,
    now: &Now,
    target: &str,
    port: u16,
) -> Result<SsmSession, CallError> {
    let body: Value = json!({
        "Target": target,
        "DocumentName": "AWS-StartSSHSession",
        "Parameters": {"portNumber": [port.to_string()]},
    });
    let answer: StartedSession = SSM.call(NAME, connection, keys, now, &body)?.value;
    if answer.token_value.expose_secret().is_empty() {
        return Err(incomplete(NAME, "no session").into());
    }
    let text = json!({
        "SessionId": answer.session_id,
        "TokenValue": answer.token_value.expose_secret(),
        "StreamUrl": answer.stream_url,
    });
    Ok(SsmSession {
        answer: text.to_string().into(),
        request: body.to_string(),
        endpoint: endpoint::of(connection).0,
    })
}

/// The failure as a person reads it, who calls the role `role` to reach `target`.
pub fn explain(error: &CallError, connection: &Connection, role: &str, target: &str) -> Error {
    let explained = json::explain(error, connection, role, "ssm:StartSession");
    let is_away = matches!(error, CallError::Aws(failure) if failure.code.as_deref() == Some("TargetNotConnected"));
    match is_away {
        true => explained.hint(format!(
            "see whether its agent is online: aws ssm describe-instance-information --filters Key=InstanceIds,Values={target}"
        )),
        false => explained,
    }
}

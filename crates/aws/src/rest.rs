//! A request of AWS's REST protocol with JSON.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

use assumerole_core::Credentials;
use assumerole_core::diagnostic::sent::Sent;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::call::{self, CallError, TimedAnswer};
use crate::connection::{Connection, Now};
use crate::request::{Credential, Refusal, WireRequest};

/// All but what RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `text` as a query has it.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// `path` with a query of `pairs`.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = pairs.iter();
    let query: Vec<String> = query
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    format!("{path}?{}", query.join("&"))
}

/// An operation, and where it is asked for.
pub(crate) struct RestCall<'a> {
    /// As signatures name it.
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    /// With the query, if it has one.
    pub(crate) path: String,
    /// Of JSON; empty: none.
    pub(crate) body: String,
    /// Without a slash at the end.
    pub(crate) url: &'a str,
    /// What is secret in it.
    pub(crate) sent: Sent<'a>,
}

impl RestCall<'_> {
    /// Calls with `keys`. What is answered is wiped, but for what `T` has of it.
    ///
    /// # Errors
    /// AWS's refusal or silence, or an answer that is no `T`.
    pub(crate) fn signed<T: DeserializeOwned>(
        &self,
        connection: &Connection,
        keys: &Credentials,
        now: &Now,
    ) -> Result<TimedAnswer<T>, CallError> {
        let (operation, region) = (self.operation, connection.region());
        let answer = call::signed(
            operation,
            connection,
            keys,
            now,
            false,
            &self.sent,
            |config, date| {
                let proof = Credential::Signature(region.clone());
                self.request(proof).send(config, date)
            },
        )?;
        read(operation, answer)
    }

    /// As [`Self::signed`], with the `token` of a login.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn with_token<T: DeserializeOwned>(
        &self,
        connection: &Connection,
        token: &SecretString,
        now: &Now,
    ) -> Result<TimedAnswer<T>, CallError> {
        let sent = self.sent.clone().with(token);
        let none = |_: &Refusal| None;
        let answer = call::unsigned(
            self.operation,
            connection,
            now,
            &sent,
            none,
            |config, date| {
                let proof = Credential::Bearer(token.clone());
                self.request(proof).send(config, date)
            },
        )?;
        read(self.operation, answer)
    }

    fn request(&self, proof: Credential) -> WireRequest {
        let mut headers = Vec::new();
        if !self.body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        WireRequest {
            service: self.service,
            operation: self.operation,
            method: self.method,
            path: self.path.clone(),
            headers,
            body: self.body.clone(),
            url: self.url.to_owned(),
            proof,
            refusal,
        }
    }
}

fn read<T: DeserializeOwned>(
    operation: &'static str,
    mut answer: TimedAnswer<String>,
) -> Result<TimedAnswer<T>, CallError> {
    if answer.value.trim().is_empty() {
        "{}".clone_into(&mut answer.value);
    }
    answer.read(operation)
}

/// Its code stands in a header, and behind a colon there what nobody needs.
fn refusal(kind: Option<&str>, text: &str) -> Refusal {
    #[derive(Default, Deserialize)]
    struct RestRefusal {
        #[serde(alias = "__type")]
        code: Option<String>,
        #[serde(alias = "Message")]
        message: Option<String>,
    }
    let read: RestRefusal = serde_json::from_str(text).unwrap_or_default();
    let code = kind.map(str::to_owned).or(read.code);
    let code = code.map(|code| {
        let code = code.split(':').next().unwrap_or_default();
        code.rsplit('#').next().unwrap_or_default().to_owned()
    });
    Refusal::new(code.filter(|code| !code.is_empty()), read.message)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

    use super::*;

    #[test]
    fn refusals() {
        for (kind, text, code, message) in [
            (
                Some("ThrottlingException"),
                "",
                Some("ThrottlingException"),
                None,
            ),
            (
                Some("UnauthorizedException:http://internal.amazon.com/"),
                r#"{"message":"no"}"#,
                Some("UnauthorizedException"),
                Some("no"),
            ),
            (
                None,
                r#"{"__type":"com.amazonaws.x#ValidationException","Message":"x"}"#,
                Some("ValidationException"),
                Some("x"),
            ),
            (None, "<html>", None, None),
        ] {
            let refusal = refusal(kind, text);
            assert_eq!(
                (refusal.code(), refusal.message()),
                (code, message),
                "{text}"
            );
        }
    }

    #[test]
    fn a_query_is_encoded() {
        let path = with_query("/access", &[("a", "x y&=/"), ("b", "aa-1_~.")]);
        assert_eq!(path, "/access?a=x%20y%26%3D%2F&b=aa-1_~.");
    }
}

//! The bodies of answers.

use assumerole_core::Credentials;
use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use zeroize::Zeroizing;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of 400 to 499: SDKs ask again at once for what is above.
    pub status: StatusCode,
    /// One word.
    pub code: &'static str,
    /// What a person reads, with what to type.
    pub message: String,
}

impl Refusal {
    /// Access that is denied, and why.
    pub(crate) fn denied(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AccessDenied", message)
    }

    /// There are no credentials to hand out.
    pub fn nothing_to_give(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "CredentialsNotAvailable", message)
    }

    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            code,
            message,
        }
    }

    /// What is sent. Java reads the small names, Rust and Go the others.
    pub(crate) fn body(&self) -> Bytes {
        #[derive(Serialize)]
        #[expect(non_snake_case, reason = "names of the field")]
        struct Body<'a> {
            code: &'a str,
            message: &'a str,
            Code: &'a str,
            Message: &'a str,
        }
        let (code, message) = (self.code, self.message.as_str());
        let body = Body {
            code,
            message,
            Code: code,
            Message: message,
        };
        serde_json::to_vec(&body).unwrap_or_default().into()
    }
}

/// Credentials as they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// To a container.
    Container,
    /// As a `credential_process` prints them.
    Process,
    /// To an instance.
    Instance,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "Type")]
    kind: Option<&'a str>,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    expiration: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

impl Form {
    /// `credentials`, which end at `expiration`. Wiped when it was sent.
    pub(crate) fn body(
        self,
        credentials: &Credentials,
        account: Option<&str>,
        expiration: Timestamp,
        now: Timestamp,
    ) -> Bytes {
        let token = credentials.session_token.as_ref();
        // An empty one is signed by some: none is what there is then.
        let token = Some(token.map_or("", |token| token.expose_secret()));
        let process = self == Self::Process;
        let instance = self == Self::Instance;
        let sent = Sent {
            version: process.then_some(1),
            code: instance.then_some("Success"),
            last_updated: instance.then_some(whole(now)),
            kind: instance.then_some("AWS-HMAC"),
            access_key_id: &credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.expose_secret(),
            token: token.filter(|_| !process),
            session_token: token.filter(|token| process && !token.is_empty()),
            expiration: whole(expiration),
            account_id: account,
        };
        // Sized at once, so that no half-grown buffer with secrets is left.
        let mut bytes = Zeroizing::new(Vec::with_capacity(8192));
        let written = serde_json::to_writer(&mut *bytes, &sent);
        match written {
            Ok(()) => Bytes::from_owner(bytes),
            Err(_) => Bytes::new(),
        }
    }
}

/// Some read no fractions of seconds.
fn whole(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn credentials_are_sent_in_three_forms() {
        let credentials = Credentials {
            access_key_id: "ASIA1".to_owned(),
            secret_access_key: "a/b+\"c".into(),
            session_token: Some("token==".into()),
            expires: None,
        };
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let (ends, now) = (time("2026-11-30T10:00:00.9Z"), time("2026-11-30T09:00:00Z"));
        let keys = r#""AccessKeyId":"ASIA1","SecretAccessKey":"a/b+\"c","#;
        let rest = r#""Expiration":"2026-11-30T10:00:00Z","AccountId":"123456789012"}"#;
        for (form, start, token) in [
            (Form::Container, "{", r#""Token":"token==","#),
            (
                Form::Process,
                r#"{"Version":1,"#,
                r#""SessionToken":"token==","#,
            ),
            (
                Form::Instance,
                r#"{"Code":"Success","LastUpdated":"2026-11-30T09:00:00Z","Type":"AWS-HMAC","#,
                r#""Token":"token==","#,
            ),
        ] {
            let body = form.body(&credentials, Some("123456789012"), ends, now);
            assert_eq!(text(&body), format!("{start}{keys}{token}{rest}"));
        }
    }

    #[test]
    fn a_refusal_has_both_spellings() {
        let refusal = Refusal::denied("no \"token\"");
        assert_eq!(
            text(&refusal.body()),
            r#"{"code":"AccessDenied","message":"no \"token\"","Code":"AccessDenied","Message":"no \"token\""}"#
        );
        assert!(refusal.status.is_client_error());
    }
}

//! Answers that are none, most of which hold what was asked.

use crate::hostile::{Heard, Manner, http};

pub(super) fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// `message` as an error in the shape that whoever sent `heard` expects.
pub(super) fn refusal(heard: &Heard, message: &str) -> Vec<u8> {
    let escaped = |text: &str| serde_json::to_string(text).unwrap();
    if heard.body.starts_with("Action=") {
        let text: String = message
            .chars()
            .map(|c| match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                c if c.is_control() => format!("&#{};", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{text}</Message></Error></ErrorResponse>"
        );
        return http("403 Forbidden\r\ncontent-type: text/xml", body.as_bytes());
    }
    let message = escaped(message);
    let body = format!(
        r#"{{"code": "AccessDenied", "message": {message}, "error": "invalid_grant", "error_description": {message}}}"#
    );
    http(
        "400 Bad Request\r\ncontent-type: application/json\r\nx-amzn-errortype: AccessDeniedException",
        body.as_bytes(),
    )
}

/// Every answer that is none, most of which hold what was asked.
pub(super) const ANSWERS: [(&str, Manner); 21] = [
    ("its echo as an error", |heard| {
        refusal(heard, &heard.whole())
    }),
    ("its echo backwards and in hexadecimal", |heard| {
        let whole = heard.whole();
        let backwards: String = whole.chars().rev().collect();
        refusal(heard, &format!("{backwards} {}", hexadecimal(&whole)))
    }),
    ("its echo in hexadecimal", |heard| {
        refusal(heard, &hexadecimal(&heard.whole()))
    }),
    ("its echo as a URL", |heard| {
        let whole = heard.whole();
        let encoded = whole.bytes().map(|byte| format!("%{byte:02X}"));
        refusal(heard, &encoded.collect::<String>())
    }),
    ("its body alone", |heard| refusal(heard, &heard.body)),
    ("its echo, spread by escapes", |heard| {
        let spread = heard
            .whole()
            .chars()
            .flat_map(|c| [c, '\u{1b}', '\u{200b}'])
            .collect::<String>();
        refusal(
            heard,
            &format!("\u{1b}]0;title\u{7}\u{1b}[2J\u{202e}{spread}"),
        )
    }),
    ("its echo as a code", |heard| {
        let code = heard.whole().replace(['\r', '\n'], " ");
        let body = format!(
            "<ErrorResponse><Error><Code>{}</Code><Message/></Error></ErrorResponse>",
            code.replace('&', "&amp;").replace('<', "&lt;")
        );
        http(
            &format!("400 Bad Request\r\nx-amzn-errortype: {code}"),
            body.as_bytes(),
        )
    }),
    ("a page with its echo", |heard| {
        let page = format!(
            "<html><body><h1>502</h1><pre>{}</pre></body></html>",
            heard.whole()
        );
        http(
            "502 Bad Gateway\r\ncontent-type: text/html",
            page.as_bytes(),
        )
    }),
    ("XML that is none", |heard| {
        http(
            "200 OK\r\ncontent-type: text/xml",
            format!("<A><B></A>{}", heard.whole()).as_bytes(),
        )
    }),
    ("JSON that is none", |heard| {
        let body = format!(
            "{{\"accessToken\": {{\"accessKeyId\": \"{}\", nonsense",
            heard.whole()
        );
        http("200 OK\r\ncontent-type: application/json", body.as_bytes())
    }),
    ("values of another kind", |heard| {
        let echo = serde_json::to_string(&heard.whole()).unwrap();
        let body = format!(
            r#"{{"roleCredentials": {echo}, "accessToken": {echo}, "expiresIn": {echo}, "authorizationToken": [{echo}], "repositoryEndpoint": {{"a": {echo}}}, "expiration": {echo}, "Code": {echo}, "Message": {echo}, "Expiration": {echo}}}"#
        );
        http("200 OK\r\ncontent-type: application/json", body.as_bytes())
    }),
    ("another role, called as its echo", |heard| {
        let echo = heard.whole().replace('&', "&amp;").replace('<', "&lt;");
        let name = heard.body.split(['=', '&']).nth(1).unwrap_or_default();
        let body = format!(
            "<{name}Response><{name}Result><AssumedRoleUser><Arn>{echo}</Arn><AssumedRoleId>{echo}</AssumedRoleId></AssumedRoleUser><Account>{echo}</Account><Arn>{echo}</Arn><Credentials><AccessKeyId>{echo}</AccessKeyId><SecretAccessKey>{echo}</SecretAccessKey><SessionToken>{echo}</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{name}Result></{name}Response>"
        );
        http("200 OK\r\ncontent-type: text/xml", body.as_bytes())
    }),
    ("a URL with its echo", |heard| {
        let echo: String = heard
            .whole()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let body = format!(
            r#"{{"repositoryEndpoint": "https://u:{echo}@[::1", "authorizationToken": "a b {echo}", "expiration": 1}}"#
        );
        http("200 OK\r\ncontent-type: application/json", body.as_bytes())
    }),
    ("two megabytes", |heard| {
        let body = heard.whole().repeat(2_000_000 / heard.whole().len() + 1);
        http("200 OK\r\ncontent-type: text/xml", body.as_bytes())
    }),
    ("an error of a megabyte", |heard| {
        let body = heard.whole().repeat(500_000 / heard.whole().len() + 1);
        refusal(heard, &body)
    }),
    ("half of what it announced", |heard| {
        let body = format!("<AssumeRoleResponse>{}", heard.whole());
        let whole = http("200 OK\r\ncontent-type: text/xml", body.as_bytes());
        whole[..whole.len() / 2].to_vec()
    }),
    ("half of it, of unknown length", |heard| {
        let body = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<AssumeRoleResponse><a>{}",
            heard.whole()
        );
        body.into_bytes()
    }),
    ("what says that it is compressed", |heard| {
        let body = [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", heard.whole().as_bytes()].concat();
        http(
            "200 OK\r\ncontent-encoding: gzip\r\ncontent-type: text/xml",
            &body,
        )
    }),
    ("nothing", |_| Vec::new()),
    ("what is not HTTP", |heard| {
        format!("SSH-2.0-{}", heard.whole()).into_bytes()
    }),
    ("a header with its echo", |heard| {
        let echo = heard.whole().replace(['\r', '\n'], " ");
        http(
            &format!("503 {echo}\r\nserver: {echo}\r\nx-amz-retry-after: {echo}"),
            b"",
        )
    }),
];

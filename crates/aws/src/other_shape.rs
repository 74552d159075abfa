//! Errors in shapes that the SDK's clients leave unread: that of EC2,
//! `<Errors><Error>`, in which moto answers for STS too and which the AWS CLI
//! reads; and the words of OAuth 2.0.

use serde::Deserialize;

/// No error is longer, in bytes.
const LARGEST: usize = 64 * 1024;

/// The error code and the message in `body`, if they are there.
pub(crate) fn read(body: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(body.get(..body.len().min(LARGEST))?).ok()?;
    let (_, error) = text.split_once("<Errors>")?;
    let code = element(error, "Code").filter(|code| !code.is_empty())?;
    Some((code, element(error, "Message").unwrap_or_default()))
}

/// The words of a refusal of OAuth 2.0 (RFC 6749, 5.2), in which IAM Identity
/// Center's tokens are refused.
pub(crate) fn description(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct OAuthError {
        error_description: String,
    }
    let body = body.get(..body.len().min(LARGEST))?;
    let refusal: OAuthError = serde_json::from_slice(body).ok()?;
    Some(refusal.error_description)
}

/// The text of the first element called `name`.
fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    let plain = |text: String, (entity, c): (&str, &str)| text.replace(entity, c);
    Some(entities.into_iter().fold(content.to_owned(), plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_message_are_found_and_nothing_is_made_up() {
        let error = "<?xml version=\"1.0\"?>\n<ErrorResponse><Errors><Error><Code>A</Code>\
                     <Message>b &lt;c&gt; &amp;lt; d</Message></Error></Errors></ErrorResponse>";
        assert_eq!(
            read(error.as_bytes()),
            Some(("A".to_owned(), "b <c> &lt; d".to_owned()))
        );
        for none in [
            "",
            "<html><Code>A</Code></html>",
            "<Errors><Error></Error></Errors>",
            "<Errors><Error><Code></Code></Error></Errors>",
            "<Errors><Error><Code>A",
        ] {
            assert_eq!(read(none.as_bytes()), None, "{none}");
        }
        assert_eq!(read(b"<Errors>\xff<Code>A</Code>"), None);
        assert_eq!(
            description(br#"{"error":"invalid_grant","error_description":"Why"}"#).as_deref(),
            Some("Why")
        );
        assert_eq!(description(br#"{"error":"invalid_grant"}"#), None);
        let bare = read(b"<Errors><Code>A</Code>");
        assert_eq!(bare, Some(("A".to_owned(), String::new())));
    }
}

//! Whose a login is that another program left in a file.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::url::EndpointUrl;

/// Whether two start URLs are those of one portal of IAM Identity Center. What
/// people write differently for the same place does not count: the case of
/// scheme and host, the scheme's own port, slashes at the end, and whatever
/// stands behind a `#`, which no server sees.
pub fn is_same_portal(one: &str, other: &str) -> bool {
    portal(one) == portal(other)
}

/// Scheme and host in lower case, and the rest, of a URL.
fn portal(url: &str) -> (String, &str) {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url[host..]
        .find(['/', '?'])
        .map_or(url.len(), |at| host + at);
    let place = url[..path].to_ascii_lowercase();
    let port = match place.split_once("://") {
        Some(("https", _)) => ":443",
        Some(("http", _)) => ":80",
        _ => "",
    };
    let place = place.strip_suffix(port).unwrap_or(&place).to_owned();
    (place, url[path..].trim_end_matches('/'))
}

/// The domains below which AWS has its sign-in pages, in all partitions.
const PAGES: [&str; 12] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "amazonaws-us-gov.com",
    "amazonaws.cn",
    "amazonaws-eusc.eu",
    "app.aws",
    "app.amazonwebservices.com.cn",
    "app.amazonaws-eusc.eu",
    "aws.amazon.com",
    "awsapps.com",
    "awsapps.cn",
];

/// Whether a browser may be sent to `page`, which a server has named: over TLS to
/// AWS, or to the host, port and scheme of `endpoint`, which is configured in
/// AWS's place.
pub fn is_sign_in_page(page: &str, endpoint: Option<&EndpointUrl>) -> bool {
    let Ok(url) = EndpointUrl::parse(page) else {
        return false;
    };
    let origin = |text: &str| portal(text).0;
    if endpoint.is_some_and(|endpoint| origin(endpoint.as_str()) == origin(page)) {
        return true;
    }
    let host = url.host().to_ascii_lowercase();
    let below = |domain: &&str| {
        let rest = host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.ends_with('.'))
    };
    // Another port is another server, and what stands before an @ is no host.
    url.is_tls() && origin(page) == format!("https://{host}") && PAGES.iter().any(below)
}

/// The subject of an ID token, a JWT: of `aws login`, the ARN of who logged in.
/// `None` if it is no such token. Its signature is not looked at.
///
/// <https://datatracker.ietf.org/doc/html/rfc7519#section-4.1.2>
pub fn subject(id_token: &str) -> Option<String> {
    Some(claims(id_token)?.get("sub")?.as_str()?.to_owned())
}

/// Whether `text` is the ARN of somebody who can sign in to an account, and can be
/// written into a file of `~/.aws`: a user, a role's session, a federated user or the
/// root user.
pub fn is_signed_in(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, who] = parts.as_slice() else {
        return false;
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-/:".contains(&byte);
    *arn == "arn"
        && partition.starts_with("aws")
        && ["iam", "sts"].contains(service)
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !who.is_empty()
        && text.len() <= 2048
        && text.bytes().all(is_plain)
}

/// Who issued the JSON Web Token `token`, to whom and for whom: its claims `iss`,
/// `sub` and `aud`, as JSON. `None` if it is no such token or lacks one of the
/// first two. Its signature is not looked at.
pub fn issued_to(token: &str) -> Option<[String; 3]> {
    let claims = claims(token)?;
    let text = |name: &str| claims.get(name)?.as_str().map(str::to_owned);
    let audience = claims.get("aud").map(ToString::to_string);
    Some([text("iss")?, text("sub")?, audience.unwrap_or_default()])
}

fn claims(id_token: &str) -> Option<serde_json::Value> {
    let mut parts = id_token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_may_be_written_in_many_ways() {
        let url = "https://acme.awsapps.com/start";
        for same in [
            "https://acme.awsapps.com/start",
            "https://acme.awsapps.com/start/",
            "https://acme.awsapps.com/start//",
            "https://acme.awsapps.com/start#",
            "https://acme.awsapps.com/start#/",
            "https://acme.awsapps.com/start/#/",
            "https://acme.awsapps.com/start/#/?tab=accounts",
            "HTTPS://ACME.awsapps.com/start",
            "https://acme.awsapps.com:443/start",
            " https://acme.awsapps.com/start\n",
        ] {
            assert!(is_same_portal(url, same), "{same}");
            assert!(is_same_portal(same, url), "{same}");
        }
        for other in [
            "",
            "acme.awsapps.com/start",
            "http://acme.awsapps.com/start",
            "https://acme.awsapps.com",
            "https://acme.awsapps.com/",
            "https://acme.awsapps.com/Start",
            "https://acme.awsapps.com/start/x",
            "https://acme.awsapps.com/start?x",
            "https://acme.awsapps.com:80/start",
            "https://acme.awsapps.com:8443/start",
            "https://acme.awsapps.com.example.com/start",
            "https://acme.awsapps.co/start",
            "https://acme2.awsapps.com/start",
            "https://user@acme.awsapps.com/start",
            "https://example.com/#https://acme.awsapps.com/start",
        ] {
            assert!(!is_same_portal(url, other), "{other}");
        }
        assert!(is_same_portal("https://x", "https://X:443/"));
        assert!(is_same_portal("http://x:80/a", "http://x/a/"));
    }

    #[test]
    fn a_browser_is_sent_to_aws_only() {
        let own = EndpointUrl::parse("http://127.0.0.1:4566/x").unwrap();
        for page in [
            "https://device.sso.eu-west-1.amazonaws.com/",
            "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH",
            "https://oidc.eu-west-1.amazonaws.com/authorize?a=b&c=d%20e",
            "https://d-1234567890.awsapps.com/start/#/device?user_code=ABCD-EFGH",
            "https://ssoins-1.portal.eu-west-1.app.aws/#/device",
            "https://device.sso.cn-north-1.amazonaws.com.cn/",
            "https://ACME.awsapps.com/start",
            "https://acme.awsapps.com:443/start",
        ] {
            assert!(is_sign_in_page(page, None), "{page}");
        }
        for page in [
            "",
            "http://acme.awsapps.com/start",
            "https://awsapps.com.evil.example/start",
            "https://evilawsapps.com/start",
            "https://acme.awsapps.com@evil.example/",
            "https://user:p@acme.awsapps.com/",
            "https://acme.awsapps.com:8443/start",
            "https://evil.example/#https://acme.awsapps.com",
            "https://evil.example/?x=.awsapps.com",
            "javascript:alert(1)//.awsapps.com",
            "file:///etc/passwd",
            "https://acme.awsapps.com/a b",
            "https://acme.awsapps.com\\@evil.example/",
            "--help",
            "http://127.0.0.1:4566/device",
        ] {
            assert!(!is_sign_in_page(page, None), "{page}");
        }
        assert!(is_sign_in_page(
            "http://127.0.0.1:4566/device?user_code=X",
            Some(&own)
        ));
        for page in [
            "http://127.0.0.1:4567/device",
            "https://127.0.0.1:4566/device",
            "http://localhost:4566/device",
            "http://127.0.0.1:4566@evil.example/device",
        ] {
            assert!(!is_sign_in_page(page, Some(&own)), "{page}");
        }
    }

    #[test]
    fn who_signed_in_is_an_arn() {
        for good in [
            "arn:aws:iam::222222222222:user/dev",
            "arn:aws:iam::222222222222:root",
            "arn:aws-us-gov:sts::222222222222:assumed-role/Admin/j.doe@example.com",
        ] {
            assert!(is_signed_in(good), "{good}");
        }
        for bad in [
            "",
            "dev",
            "arn:aws:iam::222222222222:",
            "arn:aws:iam::22222222222:user/dev",
            "arn:aws:s3::222222222222:user/dev",
            "arn:aws:iam::222222222222:user/dev\nrole_arn = x",
            "arn:aws:iam::222222222222:user/dev # x",
        ] {
            assert!(!is_signed_in(bad), "{bad:?}");
        }
    }

    #[test]
    fn an_id_token_says_who_logged_in() {
        let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let arn = "arn:aws:iam::222222222222:user/dev";
        let claims = format!("{{\"sub\": \"{arn}\"}}");
        assert_eq!(subject(&token(&claims)).as_deref(), Some(arn));
        for none in [
            "",
            "id",
            "a.b",
            "a.b.c",
            &token("{}"),
            &token("[]"),
            &token("{\"sub\": 1}"),
        ] {
            assert_eq!(subject(none), None, "{none}");
        }
    }
}

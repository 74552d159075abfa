//! ID tokens of OpenID Connect providers: what STS makes sure of before it
//! looks at the role, in AWS's words.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::arn::Arn;
use crate::refusal::Refusal;
use crate::sigv4::sign;
use crate::world::{OidcProvider, World};

/// What a token proves.
pub(crate) struct Identity {
    /// The ARN of the provider.
    pub(crate) provider: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
}

/// Checks `token` for a role of `account`; `now` is in seconds.
///
/// # Errors
/// `InvalidIdentityToken`, or `ExpiredTokenException`.
pub(crate) fn verify(
    world: &World,
    account: &str,
    token: &str,
    now: i64,
) -> Result<Identity, Refusal> {
    let (signed, signature) = token.rsplit_once('.').ok_or_else(no_jwt)?;
    let (header, payload) = signed.split_once('.').ok_or_else(no_jwt)?;
    object(header).ok_or_else(no_jwt)?;
    let claims = object(payload).ok_or_else(no_jwt)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = text("iss").ok_or_else(|| missing("iss"))?;
    let provider = find(world, account, issuer).ok_or_else(|| {
        invalid(format!(
            "No OpenIDConnect provider found in your account for {issuer}"
        ))
    })?;
    if mac(provider, signed) != signature {
        return Err(invalid(
            "Couldn't retrieve verification key from your identity provider,  please reference \
             AssumeRoleWithWebIdentity documentation for requirements",
        ));
    }
    let expires = claims.get("exp").and_then(Value::as_i64);
    let expires = expires.ok_or_else(|| missing("exp"))?;
    if expires <= now {
        return Err(Refusal::new(
            400,
            "ExpiredTokenException",
            format!(
                "Token expired: current date/time {now} must be before the expiration \
                 date/time{expires}"
            ),
        ));
    }
    let audience = audiences(&claims)
        .find(|named| provider.client_ids.iter().any(|known| known == named))
        .ok_or_else(|| invalid("Incorrect token audience"))?;
    Ok(Identity {
        provider: provider.arn.clone(),
        subject: text("sub").ok_or_else(|| missing("sub"))?.to_owned(),
        audience: audience.to_owned(),
    })
}

/// A token that `provider` gives `subject` for its first client, good from
/// `now` for so many seconds. It is signed with the provider's secret (HS256),
/// for here the sandbox is the provider too.
pub(crate) fn issue(provider: &OidcProvider, subject: &str, now: i64, seconds: i64) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let claims = json!({
        "iss": provider.issuer(),
        "sub": subject,
        "aud": provider.client_ids.first(),
        "iat": now,
        "exp": now.saturating_add(seconds),
    });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mac = mac(provider, &signed);
    format!("{signed}.{mac}")
}

/// An ID token of the provider with that ARN for `subject`, good for an hour
/// from `time` on; `None`: the world has no such provider.
pub fn identity_token_at(
    world: &World,
    provider: &str,
    subject: &str,
    time: Timestamp,
) -> Option<String> {
    let mut providers = world.oidc_providers.iter();
    let provider = providers.find(|known| known.arn == provider)?;
    Some(issue(provider, subject, time.as_second(), 3600))
}

fn mac(provider: &OidcProvider, signed: &str) -> String {
    URL_SAFE_NO_PAD.encode(sign(provider.secret.as_bytes(), signed))
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn audiences(claims: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let many = claims.get("aud").and_then(Value::as_array);
    let one = claims.get("aud").filter(|_| many.is_none());
    many.into_iter()
        .flatten()
        .chain(one)
        .filter_map(Value::as_str)
}

/// The provider of `account` whose tokens have this issuer.
fn find<'w>(world: &'w World, account: &str, issuer: &str) -> Option<&'w OidcProvider> {
    world.oidc_providers.iter().find(|provider| {
        let owner = Arn::parse(&provider.arn).map(|arn| arn.account);
        owner == Some(account) && provider.issuer() == issuer
    })
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidIdentityToken", message)
}

fn no_jwt() -> Refusal {
    invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an \
         Access Token)",
    )
}

fn missing(claim: &str) -> Refusal {
    invalid(format!("Missing a required claim: {claim}"))
}

/// `StringLike` of policies: `*` is any text, `?` any character.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where to go on if what follows the last `*` does not fit.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((from, taken)) = star else {
                    return false;
                };
                star = Some((from, taken + 1));
                at = from + 1;
                seen = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_policies() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a", "A", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("repo:acme/*:ref", "repo:acme/x:ref:ref", true),
            ("repo:acme/*:ref", "repo:acme/x:re", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b*d", "abcbd", true),
            ("a*", "ba", false),
        ] {
            assert_eq!(like(pattern, text), fits, "{pattern} {text}");
        }
    }
}

//! `access_manager`: where the IAM roles come from that somebody is entitled to by IAM
//! account access manager.

use serde_json::{Value, json};

use super::fault::{Fault, Read};
use super::node::{Node, Shape};
use super::schema::Form;
use super::values;

/// A tenant of account access manager, and the login that its users have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessManager {
    /// Its ID: `aa-…`.
    pub tenant: String,
    /// The `[sso-session]` whose login is for it.
    pub sso_session: String,
}

const HINT: &str = r#"write {"tenant": "aa-…", "sso_session": "NAME"}"#;

/// <https://docs.aws.amazon.com/singlesignon/latest/APIReference/welcome.html>: botocore's
/// pattern for `TenantId`, which begins with `aa-`.
fn is_tenant(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.starts_with("aa-") && (3..=24).contains(&text.len()) && text.bytes().all(fits)
}

impl Form for AccessManager {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        if node.shape() != Shape::Object {
            return Err(node.must_be("an object").hint(HINT));
        }
        let (mut tenant, mut session) = (None, None);
        for (key, value) in node.members()? {
            let place = match &*key.string()? {
                "tenant" => &mut tenant,
                "sso_session" => &mut session,
                _ => {
                    let message = "has a key that is neither tenant nor sso_session";
                    return Err(Fault::new(key.span(), message).hint(HINT));
                }
            };
            let text = values::text(&value)?;
            if place.replace((text, value.span())).is_some() {
                return Err(Fault::new(key.span(), "has a key twice").hint(HINT));
            }
        }
        let (Some((tenant, at)), Some((sso_session, _))) = (tenant, session) else {
            return Err(Fault::new(node.span(), "lacks tenant or sso_session").hint(HINT));
        };
        if !is_tenant(&tenant) {
            let message = "has a tenant that is not an ID such as aa-0123456789abcdef";
            return Err(Fault::new(at, message).hint(HINT));
        }
        Ok(Self {
            tenant,
            sso_session,
        })
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "tenant": {
                    "type": "string",
                    "pattern": "^aa-[a-z0-9-]{0,21}$",
                    "description": "The ID of the tenant.",
                },
                "sso_session": {
                    "type": "string",
                    "minLength": 1,
                    "description": "The sso-session of ~/.aws/config whose login is for it.",
                },
            },
            "required": ["tenant", "sso_session"],
            "additionalProperties": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants() {
        for good in ["aa-0123456789abcdef", "aa-x"] {
            assert!(is_tenant(good), "{good}");
        }
        for bad in [
            "",
            "aa",
            "ab-1",
            "aa-X",
            "aa-0123456789abcdef0123456",
            "aa-1&x=2",
        ] {
            assert!(!is_tenant(bad), "{bad}");
        }
    }
}

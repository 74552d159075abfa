//! Which roles a person confirms by name: for everybody who comes by their
//! ARN, whatever the entry is called that leads there.
//!
//! An entry that is wrong elsewhere, or in whose `confirm` there is a slip,
//! protects all the same: nobody meant to leave the role open.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr2_iter, memmem};

use super::guard;
use super::node::{Node, Shape};
use crate::ids::{AccountId, Partition, RoleArn};

/// A role of the file with `"confirm": true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// Its name in the file, which is typed.
    pub name: String,
    /// The role. Its partition says nothing: accounts are of one alone.
    pub arn: RoleArn,
    /// The bytes of the key in the file.
    pub at: Range<usize>,
}

/// Whether a file of these bytes can have such a role: cheap, and never wrong
/// when it says no.
pub(super) fn possible(bytes: &[u8]) -> bool {
    let is = |range: Range<usize>, word: &[u8]| {
        let found = bytes.get(range);
        found.is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    // One of the two is in every spelling that is taken for it; an escape
    // could hide both.
    memchr2_iter(b'f', b'F', bytes)
        .any(|at| is(at.wrapping_sub(3)..at + 1, b"conf") || is(at..at + 4, b"firm"))
        || memmem::find(bytes, b"\\u").is_some()
}

fn named<'a>(node: &Node<'a>) -> Option<Cow<'a, str>> {
    node.string().ok()
}

/// The role under `key`, if it is protected and says which role it is.
pub(super) fn read(key: &Node<'_>, value: &Node<'_>) -> Option<Protected> {
    let members = value.members().ok()?;
    let confirm = members.iter().find(|(key, value)| {
        let off = matches!(value.raw(), "false" | "null");
        !off && named(key).is_some_and(|key| guard::is_confirm(&key))
    })?;
    let get = |wanted: &str| {
        let found = members
            .iter()
            .find(|(key, _)| named(key).is_some_and(|key| key == wanted));
        found.map(|(_, value)| value)
    };
    let role = named(get("aws_role")?)?;
    let arn = match role.parse::<RoleArn>() {
        Ok(arn) => arn,
        Err(_) => {
            let account = get("aws_account")?;
            let account: AccountId = match account.shape() {
                Shape::String => named(account)?.parse().ok()?,
                _ => account.raw().parse().ok()?,
            };
            RoleArn::new(Partition::aws(), account, &role).ok()?
        }
    };
    Some(Protected {
        name: named(key)?.into_owned(),
        arn,
        at: confirm.0.span(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    /// `name account/role` of each.
    fn of(roles: &str) -> Vec<String> {
        let text = format!("{{\"assume_roles\": {{{roles}}}}}");
        let config = Config::parse("f", text).expect("a file");
        let found = config.protected().expect("read");
        let show = |found: Protected| {
            let (account, role) = (found.arn.account, found.arn.name);
            format!("{} {account}/{role}", found.name)
        };
        found.into_iter().map(show).collect()
    }

    #[test]
    fn a_slip_or_a_fault_elsewhere_leaves_no_role_open() {
        let role = |more: &str| {
            format!(
                r#""p": {{"aws_profile": "b", "aws_account": "123456789012", "aws_role": "t/a", {more}}}"#
            )
        };
        for more in [
            r#""confirm": true"#,
            r#""Confirm": true"#,
            r#""CONFIRM_": true"#,
            r#""comfirm": true"#,
            r#""confrim": true"#,
            r#""\u0063onfirm": true"#,
            r#""\u0063on\u0066irm": true"#,
            r#""confirm": "yes""#,
            r#""confirm": 1"#,
            r#""confirm": true, "aws_region": "nowhere at all""#,
            r#""confirm": false, "confirm": true"#,
        ] {
            assert_eq!(of(&role(more)), ["p 123456789012/t/a"], "{more}");
        }
        for more in [
            r#""confirm": false"#,
            r#""confirm": null"#,
            r#""description": "confirm""#,
            r#""config": true"#,
        ] {
            assert!(of(&role(more)).is_empty(), "{more}");
        }
        let arn = r#""q": {"confirm": true, "aws_role": "arn:aws-cn:iam::123456789012:role/x"}"#;
        assert_eq!(of(arn), ["q 123456789012/x"]);
        assert!(of(r#""q": {"confirm": true, "aws_role": "x"}"#).is_empty());
        assert!(of(r#""q": {"confirm": true}, "r": 5"#).is_empty());
    }

    #[test]
    fn what_cannot_be_there_is_not_looked_for() {
        for (text, is) in [
            ("", false),
            ("f", false),
            ("con", false),
            ("conf", true),
            ("x firm", true),
            ("FIRM", true),
            ("cOnF", true),
            ("onf", false),
            ("\\u0063", true),
        ] {
            assert_eq!(possible(text.as_bytes()), is, "{text}");
        }
    }
}

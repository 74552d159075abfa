//! The roles that somebody was assigned in IAM Identity Center, and what they are
//! called here. Their names are other people's text.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use super::ids::{AccountId, Invalid, RoleArn};

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedRole {
    /// The account.
    pub account: AccountId,
    /// What the directory calls the account; any text.
    pub account_name: String,
    /// The permission set's name, as the portal takes it, or the role's.
    pub role: String,
    /// What gives the role, if it is not the portal.
    pub managed: Option<ManagedRole>,
}

/// A role that account access manager gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedRole {
    /// The ID of the tenant.
    pub tenant: String,
    /// The role, with its path.
    pub arn: RoleArn,
}

/// Characters of a name. A name is typed, and shown in a column.
const LONGEST: usize = 128;

/// How roles are called: text, and what stands for a part of each role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate(Vec<NamePiece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum NamePiece {
    Text(String),
    NameField(NameField, NameCase),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameField {
    AccountName,
    AccountId,
    RoleName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameCase {
    AsItIs,
    Lower,
    Upper,
}

impl Default for NameTemplate {
    /// `{account_name}/{role_name}`
    fn default() -> Self {
        let field = |field| NamePiece::NameField(field, NameCase::AsItIs);
        let slash = NamePiece::Text("/".to_owned());
        Self(vec![
            field(NameField::AccountName),
            slash,
            field(NameField::RoleName),
        ])
    }
}

impl FromStr for NameTemplate {
    type Err = Invalid;

    /// Reads `{account_name}`, `{account_id}`, `{role_name}`, each with `:lower` or
    /// `:upper` before the brace if wanted.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = |why: String| Invalid(why);
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(start) = rest.find('{') {
            let (before, behind) = rest.split_at(start);
            let end = behind.find('}').ok_or_else(|| {
                wrong("a { without a } behind it; write {account_name}/{role_name}".to_owned())
            })?;
            if !before.is_empty() {
                pieces.push(NamePiece::Text(before.to_owned()));
            }
            let inside = &behind[1..end];
            let (name, case) = match inside.split_once(':') {
                None => (inside, NameCase::AsItIs),
                Some((name, "lower")) => (name, NameCase::Lower),
                Some((name, "upper")) => (name, NameCase::Upper),
                Some((_, other)) => {
                    return Err(wrong(format!("{other:?} is no case; write lower or upper")));
                }
            };
            let field = match name {
                "account_name" => NameField::AccountName,
                "account_id" => NameField::AccountId,
                "role_name" => NameField::RoleName,
                other => {
                    return Err(wrong(format!(
                        "there is no {{{other}}}, only {{account_name}}, {{account_id}} and {{role_name}}"
                    )));
                }
            };
            pieces.push(NamePiece::NameField(field, case));
            rest = &behind[end + 1..];
        }
        if !rest.is_empty() {
            pieces.push(NamePiece::Text(rest.to_owned()));
        }
        let has = |wanted: NameField| {
            let is = |piece: &NamePiece| matches!(piece, NamePiece::NameField(field, _) if *field == wanted);
            pieces.iter().any(is)
        };
        let has_account = has(NameField::AccountName) || has(NameField::AccountId);
        let plain = pieces.iter().all(|piece| match piece {
            // A hyphen is left out in front of a name alone.
            NamePiece::Text(text) => text.split('/').all(|part| {
                let part = format!("x{part}");
                cleaned(&part) == part
            }),
            NamePiece::NameField(..) => true,
        });
        match () {
            () if !has(NameField::RoleName) => {
                Err(wrong("all roles of an account would have one name without {role_name}".to_owned()))
            }
            () if !has_account => Err(wrong(
                "the roles of all accounts would have one name without {account_name} or {account_id}"
                    .to_owned(),
            )),
            () if !plain || text.starts_with('-') => Err(wrong(
                "it has a blank, a quote, one of ;[]#$\\, or a hyphen in front".to_owned(),
            )),
            () => Ok(Self(pieces)),
        }
    }
}

impl NameTemplate {
    fn name(&self, one: &AssignedRole) -> String {
        let mut name = String::new();
        for piece in &self.0 {
            match piece {
                NamePiece::Text(text) => name.push_str(text),
                NamePiece::NameField(field, case) => {
                    let value = match field {
                        NameField::AccountName => match cleaned(&one.account_name) {
                            name if name.is_empty() => one.account.to_string(),
                            name => name,
                        },
                        NameField::AccountId => one.account.to_string(),
                        NameField::RoleName => cleaned(&one.role),
                    };
                    match case {
                        NameCase::AsItIs => name.push_str(&value),
                        NameCase::Lower => name.push_str(&value.to_lowercase()),
                        NameCase::Upper => name.push_str(&value.to_uppercase()),
                    }
                }
            }
        }
        name
    }
}

/// What each of `roles` is called by `template`, of one rule for all. Where several
/// would have one name, each of these has its account's ID behind it; where a permission
/// set and a role of one account still would, the role has `-iam` behind that.
pub fn names(roles: &[AssignedRole], template: &NameTemplate) -> Vec<String> {
    let plain: Vec<String> = roles.iter().map(|one| template.name(one)).collect();
    let mut count: HashMap<&str, usize> = HashMap::new();
    for name in &plain {
        *count.entry(name).or_default() += 1;
    }
    let sets: HashSet<(&str, &str)> = roles
        .iter()
        .filter(|one| one.managed.is_none())
        .map(|one| (one.account.as_str(), one.role.as_str()))
        .collect();
    let named = |(name, one): (&String, &AssignedRole)| {
        let of_set = sets.contains(&(one.account.as_str(), one.role.as_str()));
        match count.get(name.as_str()) {
            Some(1) => name.clone(),
            _ if of_set && one.managed.is_some() => format!("{name}-{}-iam", one.account),
            _ => format!("{name}-{}", one.account),
        }
    };
    plain.iter().zip(roles).map(named).collect()
}

/// `text` without what a shell, a file or a terminal would act on: control and
/// format characters, quotes and `;[]#$\` are left out, blanks and slashes become
/// hyphens. No hyphen is in front: it would be an option.
pub fn cleaned(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars().take(LONGEST) {
        match c {
            _ if c.is_whitespace() || c == '/' => out.push('-'),
            '\'' | '"' | '`' | ';' | '[' | ']' | '#' | '$' | '\\' => {}
            _ if c.is_control() || is_format(c) => {}
            _ => out.push(c),
        }
    }
    out.trim_start_matches('-').to_owned()
}

/// What changes how the text beside it is shown, and is not seen itself.
fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(account: &str, account_name: &str, role: &str) -> AssignedRole {
        AssignedRole {
            account: account.parse().unwrap(),
            account_name: account_name.to_owned(),
            role: role.to_owned(),
            managed: None,
        }
    }

    #[test]
    fn names_are_cleaned_by_one_rule() {
        for (account_name, name) in [
            ("acme-prod", "acme-prod/Read"),
            ("Acme Prod", "Acme-Prod/Read"),
            (" a  b ", "a--b/Read"),
            ("a/b", "a-b/Read"),
            ("a\n[default]\nx=y", "a-default-x=y/Read"),
            ("'; rm -rf $HOME #", "-rm--rf-HOME-".trim_start_matches('-')),
            ("\"a\" `b`", "a-b/Read"),
            ("--help", "help/Read"),
            ("a\u{1b}[2Jb\u{202e}c\u{0}", "a2Jbc/Read"),
            ("été 東京", "été-東京/Read"),
            ("", "123456789012/Read"),
            ("#", "123456789012/Read"),
        ] {
            let one = [role("123456789012", account_name, "Read")];
            let is = names(&one, &NameTemplate::default()).remove(0);
            let expected = match name.ends_with("/Read") {
                true => name.to_owned(),
                false => format!("{name}/Read"),
            };
            assert_eq!(is, expected, "{account_name:?}");
        }
    }

    #[test]
    fn a_template_names_each_role() {
        let one = [role("123456789012", "Acme Prod", "ReadOnly")];
        for (template, name) in [
            ("{account_name}/{role_name}", "Acme-Prod/ReadOnly"),
            ("{account_id}-{role_name:lower}", "123456789012-readonly"),
            (
                "aws.{account_name:lower}.{role_name:upper}",
                "aws.acme-prod.READONLY",
            ),
        ] {
            let template: NameTemplate = template.parse().unwrap();
            assert_eq!(names(&one, &template), [name]);
        }
        for wrong in [
            "",
            "x",
            "{role_name}",
            "{account_name}",
            "{account_name}/{role_name",
            "{account}/{role_name}",
            "{account_name:title}/{role_name}",
            "{account_name} {role_name}",
            "-{account_name}/{role_name}",
            "[{account_name}/{role_name}",
        ] {
            assert!(wrong.parse::<NameTemplate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_would_have_one_name_has_the_account_behind_it() {
        let roles = [
            role("111111111111", "dev", "Read"),
            role("222222222222", "dev", "Read"),
            role("222222222222", "dev", "Admin"),
            role("333333333333", "d[e]v", "Read"),
        ];
        assert_eq!(
            names(&roles, &NameTemplate::default()),
            [
                "dev/Read-111111111111",
                "dev/Read-222222222222",
                "dev/Admin",
                "dev/Read-333333333333",
            ]
        );
        let arn = "arn:aws:iam::111111111111:role/path/Read";
        let managed = AssignedRole {
            managed: Some(ManagedRole {
                tenant: "aa-1".to_owned(),
                arn: arn.parse().unwrap(),
            }),
            ..role("111111111111", "dev", "Read")
        };
        let both = [role("111111111111", "dev", "Read"), managed];
        assert_eq!(
            names(&both, &NameTemplate::default()),
            ["dev/Read-111111111111", "dev/Read-111111111111-iam"]
        );
    }
}

//! The roles that somebody was assigned in IAM Identity Center, and what they are
//! called here. Their names are other people's text.

use std::collections::HashMap;

use super::ids::AccountId;

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedRole {
    /// The account.
    pub account: AccountId,
    /// What the directory calls the account; any text.
    pub account_name: String,
    /// The permission set's name, as the portal takes it.
    pub role: String,
}

/// Characters of a name. A name is typed, and shown in a column.
const LONGEST: usize = 128;

/// What each of `roles` is called: `ACCOUNT_NAME/ROLE`, of one rule for all. Where
/// several would have one name, each of these has its account's ID behind it.
pub fn names(roles: &[AssignedRole]) -> Vec<String> {
    let plain: Vec<String> = roles
        .iter()
        .map(|one| {
            let account = match cleaned(&one.account_name) {
                name if name.is_empty() => one.account.to_string(),
                name => name,
            };
            format!("{account}/{}", cleaned(&one.role))
        })
        .collect();
    let mut count: HashMap<&str, usize> = HashMap::new();
    for name in &plain {
        *count.entry(name).or_default() += 1;
    }
    let named = |(name, one): (&String, &AssignedRole)| match count.get(name.as_str()) {
        Some(1) => name.clone(),
        _ => format!("{name}-{}", one.account),
    };
    plain.iter().zip(roles).map(named).collect()
}

/// `text` without what a shell, a file or a terminal would act on: control and
/// format characters, quotes and `;[]#$\` are left out, blanks and slashes become
/// hyphens. No hyphen is in front: it would be an option.
fn cleaned(text: &str) -> String {
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
            let is = names(&[role("123456789012", account_name, "Read")]).remove(0);
            let expected = match name.ends_with("/Read") {
                true => name.to_owned(),
                false => format!("{name}/Read"),
            };
            assert_eq!(is, expected, "{account_name:?}");
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
            names(&roles),
            [
                "dev/Read-111111111111",
                "dev/Read-222222222222",
                "dev/Admin",
                "dev/Read-333333333333",
            ]
        );
    }
}

//! Everything that is wrong with a file at once.

use assumerole_core::config::Lint;

use crate::{config, short, told, warned};

fn lint(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let found = config(text).lint(&mut |found| match found {
        Lint::Error(error) => errors.push(told(&error)),
        Lint::Warning(warning) => warnings.push(short(warned(&warning))),
    });
    found.unwrap();
    (errors, warnings)
}

#[test]
fn every_fault_of_every_role_is_found() {
    let (errors, warnings) = lint(
        r#"{
  "colour": 1,
  "assume_roles": {
    "a": { "aws_profile": "", "aws_account": "12", "aws_role": "x", "sshkey": 1 },
    "good": { "aws_profile": "p", "aws_role": "arn:aws:iam::123456789012:role/x" },
    "b": { "aws_profile": "p", "aws_role": "x" },
    "c": [],
    "d": { "aws_profile": "p", "aws_role": "arn:aws:iam::123456789012:role/x", "aws_regoin": "eu-west-1" }
  }
}"#,
    );
    assert_eq!(
        errors,
        [
            r#"4:27 «""» role "a": aws_profile is empty | give it a value, or remove the key"#,
            r#"4:46 «"12"» role "a": aws_account is not valid: an AWS account has 12 digits, this has 2 | "#,
            r#"4:79 «1» role "a": sshkey must be a string, this is a number | "#,
            r#"6:5 «"b"» role "b" has no aws_account | add "aws_account": "123456789012", the account that owns the role"#,
            r#"7:10 «[]» role "c" must be an object, this is a list | "#,
        ]
    );
    assert_eq!(
        warnings,
        [
            r#"2:3 «"colour"» the file has an unknown key "colour" | the keys here are assume_roles…"#,
            r#"8:80 «"aws_regoin"» role "d" has an unknown key "aws_regoin" | did you mean aws_region?"#,
        ]
    );
}

#[test]
fn codeartifact_is_looked_at_whatever_profile_it_is_for() {
    for (text, expected) in [
        (r#"{"domain": "d", "domain_owner": "123456789012"}"#, ""),
        (
            r#"{"domian": "d"}"#,
            r#"1:19 «"domian"» codeartifact has an unknown key "domian" | did you mean domain?"#,
        ),
        (
            r#"{"domain": "d"}"#,
            r#"1:18 «{"domain": "d"}» codeartifact has no domain_owner | add "domain_owner": "123456789012", the account that owns the domain"#,
        ),
        (
            r#"{"domain": "d", "domain_owner": "1", "region": "X"}"#,
            r#"1:50 «"1"» codeartifact: domain_owner is not valid: an AWS account has 12 digits, this has 1 | 
1:65 «"X"» codeartifact: region is not valid: a region is lower-case letters, digits and hyphens, such as eu-central-1 | "#,
        ),
        (
            r#"[{"profile": "a"}, {"profile": "b"}, {"profile": "a"}]"#,
            r#"1:55 «{"profile": "a"}» codeartifact has two entries for profile "a": the first is at ~/.assumerole:1:19 | remove one of the two"#,
        ),
        (
            r#"[{"domain": "d"}, {"profile": "b", "domain": "d", "x": 1}]"#,
            r#"1:19 «{"domain": "d"}» codeartifact entry 1 has no profile | add "profile": "PROFILE", the aws_profile of the roles it is for
1:68 «"x"» codeartifact entry 2 has an unknown key "x" | the keys here are profile…"#,
        ),
        (
            r#"{"a": {"profile": "a"}, "b": 1}"#,
            r#"1:47 «1» codeartifact mixes settings and objects | write one object of settings, or a list of such objects with a profile each"#,
        ),
        (
            r#"[{"profile": "acme-bastoin"}]"#,
            r#"1:31 «"acme-bastoin"» codeartifact is for profile "acme-bastoin", which no role uses | name the aws_profile of a role, or remove it"#,
        ),
        (
            "7",
            r#"1:18 «7» codeartifact must be an object or a list of objects, this is a number | "#,
        ),
    ] {
        let role = |name: &str| {
            format!(
                "{name:?}: {{\"aws_profile\": {name:?}, \"aws_role\": \"arn:aws:iam::123456789012:role/x\"}}"
            )
        };
        let roles = [role("a"), role("b")].join(",");
        let text = format!("{{\"codeartifact\": {text}, \"assume_roles\": {{{roles}}}}}");
        let (mut said, warnings) = lint(&text);
        said.extend(warnings);
        assert_eq!(said.join("\n"), expected, "{text}");
    }
}

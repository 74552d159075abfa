//! The file of the user guide, and a very long one.

use assumerole_core::aws::ids::Partition;

use crate::config;

const EXAMPLE: &str = r#"{
  "codeartifact": { "id": "codeartifact", "username": "aws", "domain_owner": "123456789012", "domain": "my_artifacts" },
  "assume_roles": {
    "acme-sandbox-read": {
      "aws_profile": "acme-bastion",
      "aws_account": "123456789012",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe",
      "aws_role": "read",
      "aws_region": "eu-central-1",
      "max_session_duration": 3600,
      "sshkey": "~/.ssh/acme",
      "environment": [ { "name": "MYVAR1", "value": "MYVALUE1" } ]
    }
  }
}
"#;

#[test]
fn every_value_of_the_example_is_read_with_its_place() {
    let config = config(EXAMPLE);
    assert_eq!(config.role_names(), ["acme-sandbox-read"]);
    assert!(config.warnings().is_empty());
    assert!(config.print_exports());
    assert_eq!(config.aws_region(), None);

    let role = config.role("acme-sandbox-read").unwrap().unwrap();
    assert!(config.warnings_of(&role).is_empty());
    assert_eq!(
        role.arn(&Partition::aws()).to_string(),
        "arn:aws:iam::123456789012:role/read"
    );
    let mfa = role.aws_mfa_arn.as_ref().unwrap();
    let region = role.aws_region.as_ref().unwrap();
    let duration = role.max_session_duration.as_ref().unwrap();
    let sshkey = role.sshkey.as_ref().unwrap();
    let [variable] = role.environment.as_slice() else {
        panic!("{:?}", role.environment);
    };
    for (value, expected, span, place) in [
        (
            role.name.value.as_str(),
            "acme-sandbox-read",
            &role.name.span,
            "4:5",
        ),
        (
            &role.aws_profile.as_ref().unwrap().value,
            "acme-bastion",
            &role.aws_profile.as_ref().unwrap().span,
            "5:22",
        ),
        (
            role.aws_account.value.as_str(),
            "123456789012",
            &role.aws_account.span,
            "6:22",
        ),
        (
            mfa.value.as_str(),
            "arn:aws:iam::210987654321:mfa/jdoe",
            &mfa.span,
            "7:22",
        ),
        (&role.aws_role.value, "read", &role.aws_role.span, "8:19"),
        (region.value.as_str(), "eu-central-1", &region.span, "9:21"),
        (&duration.value.to_string(), "3600", &duration.span, "10:31"),
        (&sshkey.value, "~/.ssh/acme", &sshkey.span, "11:17"),
        (&variable.name.value, "MYVAR1", &variable.name.span, "12:34"),
        (
            &variable.value.value,
            "MYVALUE1",
            &variable.value.span,
            "12:53",
        ),
    ] {
        assert_eq!(value, expected);
        let snippet = config.snippet(span.clone());
        assert_eq!(snippet.place(), format!("~/.assumerole:{place}"), "{value}");
    }

    let artifacts = config.codeartifact_for("acme-bastion").unwrap().unwrap();
    assert_eq!(artifacts.id, "codeartifact");
    assert_eq!(artifacts.username, "aws");
    assert_eq!(artifacts.domain.value, "my_artifacts");
    assert_eq!(artifacts.domain_owner.value.as_str(), "123456789012");
    assert_eq!(
        config.codeartifact_for("any other").unwrap(),
        Some(artifacts)
    );
}

#[test]
fn nothing_of_a_role_is_printed_by_debug_that_may_be_secret() {
    let text = EXAMPLE.replace("MYVALUE1", "hunter2");
    let config = config(&text);
    let role = config.role("acme-sandbox-read").unwrap().unwrap();
    assert!(!format!("{role:?} {config:?}").contains("hunter2"));
    let span = role.environment[0].name.span.clone();
    assert!(
        config
            .snippet(span)
            .text
            .ends_with(r#""value": "*******" } ]"#)
    );
}

/// A file of `count` roles, each on several lines.
pub(crate) fn many(count: usize) -> String {
    let role = |number: usize| {
        format!(
            r#"    "team-{number}-read": {{
      "aws_profile": "bastion-{}",
      "aws_account": "{:012}",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe",
      "aws_role": "path/read",
      "aws_region": "eu-central-1",
      "max_session_duration": 3600,
      "environment": [ {{ "name": "TEAM", "value": "{number}" }} ]
    }}"#,
            number % 7,
            number + 1,
        )
    };
    let roles: Vec<String> = (0..count).map(role).collect();
    format!(
        "{{\n  \"assume_roles\": {{\n{}\n  }}\n}}\n",
        roles.join(",\n")
    )
}

#[test]
fn ten_thousand_roles_are_all_found() {
    let config = config(&many(10_000));
    let names = config.role_names();
    assert_eq!(names.len(), 10_000);
    for (number, name) in names.iter().enumerate() {
        assert_eq!(*name, format!("team-{number}-read"));
        let role = config.role(name).unwrap().unwrap();
        assert_eq!(
            role.aws_account.value.as_str(),
            format!("{:012}", number + 1)
        );
        assert_eq!(role.environment[0].value.value, number.to_string());
        // Nine lines a role, after two.
        let snippet = config.snippet(role.name.span.clone());
        assert_eq!((snippet.line as usize, snippet.column), (3 + 9 * number, 5));
    }
    assert_eq!(config.role("team-10000-read").unwrap(), None);
}

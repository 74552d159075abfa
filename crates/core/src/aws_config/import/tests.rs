use super::*;
use crate::aws_config::{AwsFile, FileKind};
use crate::config::{Config, insert_role};

fn files(config: &str) -> AwsFiles {
    AwsFiles {
        config: Some(AwsFile::parse(
            FileKind::Config,
            "~/.aws/config",
            config.to_owned(),
        )),
        credentials: None,
    }
}

const ARN: &str = "arn:aws:iam::123456789012:role/read";

#[test]
fn what_awss_own_tools_read_needs_no_entry() {
    let text = format!(
        "[profile a]\nrole_arn = {ARN}\nsource_profile = base\nmfa_serial = arn:aws:iam::210987654321:mfa/jdoe\n\
         duration_seconds = 3600\nregion = eu-west-1\n[profile base]\nsession_tags = a=b\n"
    );
    let files = files(&text);
    assert!(reasons(&files, "a").is_empty());
    // Of no role.
    assert!(reasons(&files, "base").is_empty() && reasons(&files, "none").is_empty());
}

#[test]
fn what_aws_vault_alone_reads_becomes_keys_of_the_entry() {
    let text = format!(
        "[profile a]\nrole_arn = {ARN}\ninclude_profile = common\nsession_tags = team=payments, cost = 1\n\
         transitive_session_tags = team , cost\nsource_identity = jdoe\nmfa_process = pass otp aws\n\
         duration_seconds = 7200\n\
         [profile common]\nsource_profile = root\nregion = eu-west-1\ninclude_profile = a\nrole_arn = other\n"
    );
    let files = files(&text);
    assert_eq!(
        reasons(&files, "a"),
        [
            "session_tags at ~/.aws/config:4:16",
            "transitive_session_tags at ~/.aws/config:5:27",
            "source_identity at ~/.aws/config:6:19",
            "mfa_process at ~/.aws/config:7:15",
            "source_profile at ~/.aws/config:10:18",
            "region at ~/.aws/config:11:10",
        ]
    );
    let role = entry(&files, "a").unwrap();
    let made = insert_role("f", &std::sync::Arc::default(), &role).unwrap();
    let role = Config::parse("f", made)
        .unwrap()
        .role("a")
        .unwrap()
        .unwrap();
    assert_eq!(role.aws_profile.unwrap().value, "root");
    assert_eq!(role.aws_role.value, "read");
    assert_eq!(role.aws_region.unwrap().value.as_str(), "eu-west-1");
    assert_eq!(role.max_session_duration.unwrap().value, 7200);
    assert_eq!(role.session.source_identity.unwrap().value.as_str(), "jdoe");
    let tags: Vec<(&str, &str, bool)> = role
        .session
        .tags
        .as_ref()
        .unwrap()
        .value
        .iter()
        .map(|tag| (tag.key.as_str(), tag.value.as_str(), tag.transitive))
        .collect();
    assert_eq!(tags, [("cost", "1", true), ("team", "payments", true)]);
    assert!(role.mfa.is_some());
}

#[test]
fn what_an_entry_cannot_say_is_not_made_into_one() {
    for (text, why) in [
        ("", "it has no source_profile"),
        (
            "credential_source = Environment",
            "an entry cannot name the credential_source at ~/.aws/config:3:21",
        ),
        (
            "web_identity_token_file = /x",
            "an entry cannot name the token file at ~/.aws/config:3:27",
        ),
        (
            "source_profile = b\nsession_tags = team",
            "session_tags has no = in \"team\"",
        ),
    ] {
        let files = files(&format!("[profile a]\nrole_arn = {ARN}\n{text}\n"));
        assert_eq!(entry(&files, "a").unwrap_err(), why);
    }
    let files = files("[profile a]\nregion = eu-west-1\n");
    assert_eq!(entry(&files, "a").unwrap_err(), "it has no role_arn");
    assert_eq!(entry(&files, "b").unwrap_err(), "there is no such profile");
}

#[test]
fn foreign_keys_are_named_with_their_tool() {
    let files = files(
        "[profile a]\ngranted_sso_region = eu-west-1\nregion = x\n[profile b]\nautoawsume = true\n",
    );
    let mut found = Vec::new();
    foreign(&files, &mut |one| {
        found.push((one.profile, one.key, one.tool, one.place));
    });
    let text = |text: &str| text.to_owned();
    assert_eq!(
        found,
        [
            (
                text("a"),
                "granted_sso_region",
                "granted",
                text("~/.aws/config:2:1")
            ),
            (text("b"), "autoawsume", "awsume", text("~/.aws/config:5:1")),
        ]
    );
}

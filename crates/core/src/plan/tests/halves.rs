//! Half of one way to get credentials beside another, whole one: as the AWS CLI
//! has it (`tests/interop/boto3/halves.py` asks it of every pair).

use super::chains::{READ, line};
use super::*;

const PAIR: &str = "aws_access_key_id = AKIA9\naws_secret_access_key = s\n";
const ID: &str = "aws_access_key_id = AKIA8\n";
const SECRET: &str = "aws_secret_access_key = s8\n";
const PROCESS: &str = "credential_process = cmd\n";
const LOGIN: &str = "login_session = arn:aws:iam::222222222222:user/x\nregion = eu-west-1\n";
const PART: &str = "sso_account_id = 222222222222\nsso_role_name = Admin\n";
const PORTAL: &str = "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n";
const SESSION: &str = "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n[sso-session bare]\nsso_region = eu-west-1\n[sso-session t]\nsso_start_url = https://x\n[sso-session t]\nsso_region = eu-west-1\n";

/// A profile in both files, and what comes of it: the plan's source, or the
/// words of the error, the place of the half and what else is said.
type Row = (&'static str, String, String, &'static str);

/// Each profile is used in four ways: by its name, as `source_profile`, as the
/// `aws_profile` of a role, and as the profile that is called `default`.
fn check(rows: &[Row]) {
    for (what, config, credentials, expected) in rows {
        for (name, used) in [("p", "p"), ("p", "q"), ("p", "r"), ("default", "default")] {
            let header = match name {
                "p" => "[profile p]",
                _ => "[default]",
            };
            let mut case = Case::config(&format!(
                "{header}\n{config}{SESSION}[profile q]\n{READ}source_profile = p\n"
            ));
            case.credentials = format!("[{name}]\n{credentials}[base]\n{KEYS}");
            case.role = case.role.replace("\"base\"", "\"p\"");
            case.name = used.into();
            let expected = expected.replace("profile p", &format!("profile {name}"));
            match (case.plan(), expected.strip_prefix("error: ")) {
                (Ok(plan), None) => {
                    let line = line(&plan);
                    let source = line.split(" > ").next().unwrap_or_default();
                    let id = match &plan.source.kind {
                        SourceKind::Keys { access_key_id, .. } => access_key_id.value.as_str(),
                        _ => "",
                    };
                    assert_eq!(
                        format!("{source} {id}").trim_end(),
                        expected,
                        "{what}, {used}"
                    );
                }
                (Err(error), Some(words)) => {
                    let at = error
                        .snippet()
                        .map(crate::diagnostic::text::Snippet::place)
                        .unwrap_or_default();
                    let said = format!(
                        "{} | {at} | {}",
                        error.message(),
                        error.causes().join(" | ")
                    );
                    assert!(
                        words.split(" & ").all(|words| said.contains(words)),
                        "{what}, {used}: {said}\n{words}"
                    );
                    assert!(!error.hints().is_empty(), "{what}: {error}");
                    assert!(at.starts_with("~/."), "{what}: no place");
                }
                (Ok(plan), Some(_)) => panic!("{what}, {used}: {}", line(&plan)),
                (Err(error), None) => panic!("{what}, {used}: {error}"),
            }
        }
    }
}

fn row(what: &'static str, config: &str, credentials: &str, expected: &'static str) -> Row {
    (what, config.to_owned(), credentials.to_owned(), expected)
}

#[test]
fn half_a_pair_of_keys() {
    let no_secret = "error: profile p has aws_access_key_id, but no aws_secret_access_key & ~/.aws/credentials:2 & belongs beside it, into the section at ~/.aws/credentials:1:1";
    let in_config = "error: profile p has aws_access_key_id, but no aws_secret_access_key & ~/.aws/config:2 & ~/.aws/config:1:1";
    let apart = "error: the two keys of profile p stand in different files";
    check(&[
        row("an ID, a process", PROCESS, ID, no_secret),
        row("an ID, a login", LOGIN, ID, no_secret),
        row(
            "an ID and a token",
            PROCESS,
            &format!("{ID}aws_session_token = t\n"),
            no_secret,
        ),
        row("an ID, keys in config", PAIR, ID, apart),
        row("an ID in config", ID, "", in_config),
        row("an ID in config, a secret", ID, SECRET, apart),
        row("an ID in config, keys", ID, PAIR, "keys of profile p AKIA9"),
        row(
            "an ID in config, a process",
            &format!("{ID}{PROCESS}"),
            "",
            "credential_process of profile p",
        ),
        row(
            "a secret, keys in config",
            PAIR,
            SECRET,
            "keys of profile p AKIA9",
        ),
        row(
            "a secret, a process",
            PROCESS,
            SECRET,
            "credential_process of profile p",
        ),
        row(
            "a secret",
            "",
            SECRET,
            "error: no aws_access_key_id & it has aws_secret_access_key (~/.aws/credentials:2:25)",
        ),
        row(
            "a token",
            "",
            "aws_session_token = t\n",
            "error: no aws_access_key_id and no aws_secret_access_key & it has aws_session_token (~/.aws/credentials:2:21), but no aws_access_key_id and no aws_secret_access_key",
        ),
        row(
            "a token, keys in config",
            PAIR,
            "aws_session_token = t\n",
            "keys of profile p AKIA9",
        ),
        row(
            "an empty ID, a process",
            PROCESS,
            "aws_access_key_id =\n",
            "error: aws_access_key_id of profile p is empty & ~/.aws/credentials:2:1",
        ),
        row(
            "two empty ones, a process",
            PROCESS,
            "aws_access_key_id =\naws_secret_access_key =\n",
            "error: aws_access_key_id of profile p is empty",
        ),
        row(
            "an empty secret, a process",
            PROCESS,
            &format!("{ID}aws_secret_access_key =\n"),
            "error: aws_secret_access_key of profile p is empty & ~/.aws/credentials:3:1",
        ),
        row(
            "an ID of sub-keys",
            PROCESS,
            "aws_access_key_id =\n  a = b\n",
            "error: aws_access_key_id of profile p is empty",
        ),
        row(
            "an empty process, keys",
            "credential_process =\n",
            PAIR,
            "keys of profile p AKIA9",
        ),
        row(
            "an empty process, keys in config",
            &format!("credential_process =\n{PAIR}"),
            "",
            "error: credential_process of profile p is empty & ~/.aws/config:2:1",
        ),
        row(
            "an empty login, a process",
            &format!("login_session =\n{PROCESS}"),
            "",
            "error: login_session of profile p is empty",
        ),
    ]);
}

#[test]
fn half_a_way_to_a_role() {
    let web = "web_identity_token_file = /t\n";
    let no_role = "error: profile p has web_identity_token_file, but no role_arn & ~/.aws/config:2:27 & into the section at ~/.aws/config:1:1";
    check(&[
        row("a token's file, keys", web, PAIR, no_role),
        row(
            "a token's file, a process",
            &format!("{web}{PROCESS}"),
            "",
            no_role,
        ),
        row(
            "a token's file, Identity Center",
            &format!("{web}{PORTAL}{PART}"),
            "",
            no_role,
        ),
        row(
            "a token's file, an empty role",
            &format!("{web}role_arn =\n"),
            PAIR,
            "error: role_arn of profile p is empty & ~/.aws/config:3:1",
        ),
        row(
            "an empty token's file",
            "web_identity_token_file =\n",
            PAIR,
            "keys of profile p AKIA9",
        ),
        row(
            "a token's file with lines below it",
            "web_identity_token_file =\n role_arn = arn:aws:iam::222222222222:role/r\n",
            PAIR,
            "error: web_identity_token_file of profile p is empty",
        ),
        row(
            "an empty token's file, a role",
            &format!("web_identity_token_file =\n{READ}"),
            PAIR,
            "error: web_identity_token_file of profile p is empty",
        ),
        row(
            "an account, keys",
            "sso_account_id = 222222222222\n",
            PAIR,
            "error: profile p has sso_account_id, but no sso_role_name & ~/.aws/config:2:18",
        ),
        row(
            "a role, keys",
            "sso_role_name = Admin\n",
            PAIR,
            "error: profile p has sso_role_name, but no sso_account_id",
        ),
        row(
            "both, keys",
            PART,
            PAIR,
            "error: profile p has sso_account_id, but no sso_start_url and no sso_region",
        ),
        row(
            "no URL, keys",
            &format!("{PART}sso_region = eu-west-1\n"),
            PAIR,
            "error: profile p has sso_account_id, but no sso_start_url & ~/.aws/config",
        ),
        row(
            "no region, a process",
            &format!("{PART}sso_start_url = https://x\n{PROCESS}"),
            "",
            "error: profile p has sso_account_id, but no sso_region",
        ),
        row(
            "an empty account, keys",
            "sso_account_id =\n",
            PAIR,
            "error: sso_account_id of profile p is empty",
        ),
        row("a portal, keys", PORTAL, PAIR, "keys of profile p AKIA9"),
        row(
            "a session, keys",
            "sso_session = s\n",
            PAIR,
            "keys of profile p AKIA9",
        ),
        row(
            "a session in two halves, keys",
            "sso_session = t\n",
            PAIR,
            "error: sso-session t stands twice",
        ),
        row(
            "a session",
            "sso_session = s\n",
            "",
            "error: it has sso_session (~/.aws/config:2:15), but no sso_account_id and no sso_role_name",
        ),
        row(
            "a session that is not there",
            &format!("sso_session = x\n{PART}"),
            PAIR,
            "error: uses the sso-session x, which does not exist",
        ),
        row(
            "half a session",
            &format!("sso_session = bare\n{PART}"),
            PAIR,
            "error: the sso-session bare has no sso_start_url & it is used at ~/.aws/config:2:15",
        ),
        row(
            "half a session, the rest beside",
            &format!("sso_session = bare\n{PART}{PORTAL}"),
            "",
            "error: the sso-session bare has no sso_start_url",
        ),
        row(
            "a session, another portal",
            &format!("sso_session = s\n{PART}sso_start_url = https://y\n"),
            PAIR,
            "error: sso_start_url of profile p is not that of its sso-session & ~/.aws/config:5:1 & the sso-session s has another one at ~/.aws/config:7:1",
        ),
        row(
            "a session, another region",
            &format!("sso_session = s\n{PART}sso_region = eu-west-2\n"),
            "",
            "error: sso_region of profile p is not that of its sso-session",
        ),
        row(
            "a session, the same portal",
            &format!("sso_session = s\n{PART}{PORTAL}"),
            PAIR,
            "IAM Identity Center, profile p",
        ),
        row(
            "an account, the role in the session",
            &format!(
                "sso_session = w\nsso_account_id = 222222222222\n[sso-session w]\n{PORTAL}sso_role_name = Admin\n"
            ),
            PAIR,
            "IAM Identity Center, profile p",
        ),
        row(
            "a role, the account in the session",
            &format!(
                "sso_session = w\nsso_role_name = Admin\n[sso-session w]\n{PORTAL}sso_account_id = 222222222222\n"
            ),
            "",
            "IAM Identity Center, profile p",
        ),
        row(
            "a role, another one in the session",
            &format!("sso_session = w\n{PART}[sso-session w]\n{PORTAL}sso_role_name = Other\n"),
            "",
            "error: sso_role_name of profile p is not that of its sso-session",
        ),
        row(
            "account and role in the session, keys",
            &format!("sso_session = w\n[sso-session w]\n{PORTAL}{PART}"),
            PAIR,
            "keys of profile p AKIA9",
        ),
        row(
            "a source without a role, keys",
            "source_profile = base\n",
            PAIR,
            "keys of profile p AKIA9",
        ),
        row(
            "a source without a role",
            "source_profile = base\n",
            "",
            "error: it has source_profile (~/.aws/config:2:18), but no role_arn",
        ),
        row(
            "a machine without a role",
            "credential_source = Environment\n",
            "",
            "error: it has credential_source (~/.aws/config:2:21), but no role_arn",
        ),
    ]);
}

/// A role's profile is one thing by its name, and another as a source.
#[test]
fn keys_beside_a_role() {
    for (what, credentials, role) in [
        ("an ID", ID, "error"),
        ("a secret", SECRET, "error"),
        ("an empty ID", "aws_access_key_id =\n", "error"),
        ("a pair", PAIR, "keys of profile p"),
        ("a token", "aws_session_token = t\n", "keys of profile base"),
    ] {
        for (used, expected) in [("p", "keys of profile base"), ("q", role), ("r", role)] {
            let mut case = Case::config(&format!(
                "[profile p]\n{READ}source_profile = base\n[profile q]\n{READ}source_profile = p\n"
            ));
            case.credentials = format!("[p]\n{credentials}[base]\n{KEYS}");
            case.role = case.role.replace("\"base\"", "\"p\"");
            case.name = used.into();
            let found = case.plan().map(|plan| line(&plan));
            let source = found.as_ref().map(|line| line.split(" > ").next());
            match source {
                Ok(source) => assert_eq!(source, Some(expected), "{what}, {used}"),
                Err(_) => assert_eq!(expected, "error", "{what}, {used}: {found:?}"),
            }
        }
    }
    for (what, role, words) in [
        (
            "no role",
            "role_arn =\nsource_profile = base\n",
            "role_arn of profile p is empty",
        ),
        (
            "no source",
            &*format!("{READ}source_profile =\n"),
            "source_profile of profile p is empty",
        ),
        (
            "no source and a machine",
            &format!("{READ}source_profile =\ncredential_source = Environment\n"),
            "source_profile of profile p is empty",
        ),
        (
            "no machine",
            &format!("{READ}source_profile = base\ncredential_source =\n"),
            "credential_source of profile p is empty",
        ),
    ] {
        let mut case = Case::config(&format!("[profile p]\n{role}"));
        case.credentials.push_str(&format!("[p]\n{PAIR}"));
        case.name = "p".into();
        let error = case.plan().expect_err(what);
        assert!(error.message().contains(words), "{what}: {error}");
    }
}

/// The older name of a session token counts, and wins, even if it is empty.
#[test]
fn a_session_token_has_two_names() {
    for (tokens, from) in [
        ("", None),
        ("aws_session_token = t\n", Some("t")),
        ("aws_security_token = t\n", Some("t")),
        ("aws_session_token = t\naws_security_token = u\n", Some("u")),
        ("aws_security_token = u\naws_session_token = t\n", Some("u")),
        ("aws_session_token =\n", None),
        ("aws_security_token =\naws_session_token = t\n", None),
    ] {
        let case = Case {
            credentials: format!("[base]\n{PAIR}{tokens}"),
            ..Case::default()
        };
        let plan = case.planned();
        let SourceKind::Keys { token_from, .. } = &plan.source.kind else {
            panic!("{tokens}");
        };
        let text = token_from.as_ref().map(|from| match from {
            Origin::Aws(FileKind::Credentials, span) => &case.credentials[span.clone()],
            other => panic!("{other:?}"),
        });
        assert_eq!(
            (text, plan.source.is_temporary()),
            (from, from.is_some()),
            "{tokens}"
        );
    }
}

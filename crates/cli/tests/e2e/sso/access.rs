//! IAM roles of account access manager, by a login of IAM Identity Center.

use aws_sandbox::{Options, Role};

use super::{CORP, SSO_CONFIG, python};
use crate::harness::Stage;
use crate::sources::{everything, sso_login};
use crate::support::Checks;

const TENANT: &str = "aa-0123456789abcdef";
const DEPLOY: &str = "arn:aws:iam::222222222222:role/ops/Deploy";
const ADMIN: &str = "arn:aws:iam::222222222222:role/Admin";

/// A stage whose jdoe is entitled to two roles, one of which is called as a permission
/// set is.
fn stage() -> Stage {
    let trusting = |arn| Role::new(arn).trusting("account-access.amazonaws.com");
    let mut world = everything()
        .role(trusting(DEPLOY).lasting(7200))
        .role(trusting(ADMIN));
    let center = &mut world.identity_centers[0];
    *center = center.clone().tenant(TENANT);
    let user = &mut center.users[0];
    *user = user.clone().entitled(DEPLOY).entitled(ADMIN);
    let stage = Stage::with(world, Options::default());
    stage.config(SSO_CONFIG);
    stage.write(
        ".assumerole",
        &format!(
            r#"{{"access_manager": {{"tenant": "{TENANT}", "sso_session": "corp"}}, "assume_roles": {{}}}}"#
        ),
    );
    stage
}

fn rows(stage: &Stage) -> Vec<(String, String)> {
    let ran = stage.run(&["sso", "list", "corp", "--json", "--refresh"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(&row["name"]), text(&row["arn"])))
        .collect()
}

#[test]
fn its_roles_are_listed_assumed_and_cached() {
    let stage = stage();
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    let of = |name: &str, arn: &str| (name.to_owned(), arn.to_owned());
    assert_eq!(
        rows(&stage),
        [
            of("hub/Admin-222222222222", "-"),
            of("hub/Read", "-"),
            of("hub/Audit", "-"),
            of("hub/Deploy", DEPLOY),
            of("hub/Admin-222222222222-iam", ADMIN),
        ]
    );
    checks.number("one call", stage.sandbox.count("ListRoles"), 1);
    let show = [
        "exec",
        "hub/Deploy",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    checks.ran("used", &stage.run(&show), "222222222222\n", "", 0);
    let before = stage.requests();
    checks.ran("cached", &stage.run(&show), "222222222222\n", "", 0);
    checks.number("requests", stage.requests() - before, 0);
    let plan = stage.run(&["plan", "hub/Deploy"]);
    for said in [TENANT, DEPLOY, "account access manager"] {
        assert!(plan.stdout.contains(said), "{said}{plan:?}");
    }
    let refused = stage.run(&["exec", "hub/Deploy", "--read-only", "--", "true"]);
    checks.number("narrowed", refused.status.unsigned_abs() as usize, 125);
    assert!(
        refused
            .stderr
            .contains("account access manager gives the whole role"),
        "{refused:?}"
    );
    // Another login is another cache.
    stage.write(CORP, &sso_login("good-token", "2999-01-01T00:00:00Z", ""));
    let other = stage.run(&show);
    checks.number("another's", other.status.unsigned_abs() as usize, 125);
}

/// As STS says it.
#[test]
fn the_name_and_the_duration_are_those_that_were_asked_for() {
    let stage = stage();
    stage.logs_jdoe_in();
    rows(&stage);
    let venv = std::env::var("ASSUMEROLE_TEST_VENV").expect("run cargo xtask test");
    let endpoint = stage.sandbox.endpoint();
    let script = format!(
        "import boto3, os\nfrom datetime import datetime\nme = boto3.client('sts', region_name='eu-west-1', endpoint_url='{endpoint}').get_caller_identity()\nprint(me['Arn'], os.environ['AWS_CREDENTIAL_EXPIRATION'] > datetime.utcnow().isoformat())"
    );
    let python = format!("{venv}/bin/python");
    let args = [
        "exec",
        "--duration",
        "2h",
        "--session-name",
        "me@x",
        "hub/Deploy",
        "--",
        &python,
        "-W",
        "ignore",
        "-c",
        &script,
    ];
    let ran = stage.run(&args);
    assert_eq!(
        ran.stdout, "arn:aws:sts::222222222222:assumed-role/Deploy/me@x True\n",
        "{ran:?}"
    );
    let ran = stage.run(&["exec", "--duration", "3h", "hub/Deploy", "--", "true"]);
    assert!(ran.stderr.contains("sessionDuration is invalid"), "{ran:?}");
}

#[test]
fn a_login_without_its_scopes_is_told_from_an_ended_one() {
    let stage = stage();
    let mut checks = Checks::default();
    stage.logs_jdoe_in();
    rows(&stage);
    let exec = ["exec", "hub/Deploy", "--", "true"];
    // The portal takes it.
    stage.write(CORP, &sso_login("good-token", "2999-01-01T00:00:00Z", ""));
    let ran = stage.run(&exec);
    checks.same(
        "without",
        &ran.stderr,
        "\
error: the login of sso-session corp is not for account access manager
  because: it is valid, and was made without the scopes account_access:read_only and account_access:assume
  because: tenant aa-0123456789abcdef is in access_manager of ~/.assumerole
  hint: log in again, which asks for them: assumerole sso login corp
",
    );
    // Nobody takes it.
    stage.write(CORP, &sso_login("dead-token", "2999-01-01T00:00:00Z", ""));
    let ran = stage.run(&exec);
    assert!(ran.stderr.contains("UnauthorizedException"), "{ran:?}");
    assert!(!ran.stderr.contains("scopes"), "{ran:?}");
    // It has ended by its file.
    stage.write(CORP, &sso_login("good-token", "2020-01-01T00:00:00Z", ""));
    let ran = stage.run(&exec);
    assert!(ran.stderr.contains("has expired"), "{ran:?}");
    // A new login is for both.
    std::fs::remove_file(stage.path(CORP)).unwrap();
    stage.logs_jdoe_in();
    checks.ran("again", &stage.run(&exec), "", "", 0);
}

#[test]
fn who_is_not_entitled_is_told() {
    let stage = stage();
    stage.logs_jdoe_in();
    rows(&stage);
    let text = std::fs::read_to_string(stage.path(".assumerole")).unwrap();
    // Of another tenant there is no role that is known.
    stage.write(".assumerole", &text.replace(TENANT, "aa-other"));
    let ran = stage.run(&["exec", "hub/Deploy", "--", "true"]);
    assert!(
        ran.stderr.contains("there is no role \"hub/Deploy\""),
        "{ran:?}"
    );
    let ran = stage.run(&["sso", "list", "corp"]);
    assert!(ran.stderr.contains("The tenant ID is invalid"), "{ran:?}");
    for (wrong, said) in [
        (
            r#"{"tenant": "x", "sso_session": "corp"}"#,
            "not an ID such as",
        ),
        (r#"{"tenant": "aa-1"}"#, "lacks tenant or sso_session"),
        (
            r#"{"tenant": "aa-1", "sso_session": "c", "x": 1}"#,
            "neither tenant nor sso_session",
        ),
        (r#""aa-1""#, "must be an object"),
    ] {
        let file = format!(r#"{{"access_manager": {wrong}, "assume_roles": {{}}}}"#);
        stage.write(".assumerole", &file);
        let ran = stage.run(&["check"]);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains(said), "{said}{ran:?}");
    }
}

/// boto3 takes the login that we made, and the sandbox answers as its model says.
#[test]
fn boto3_uses_the_same_login() {
    let stage = stage();
    stage.logs_jdoe_in();
    let endpoint = stage.sandbox.endpoint();
    // botocore sends no bearer token without TLS, which the sandbox has not here.
    let script = format!(
        "\
import boto3

def plain(request, **_):
    request.url = request.url.replace('https://', 'http://')

session = boto3.Session(profile_name='q')
client = session.client('account-access-runtime', region_name='eu-west-1', endpoint_url='{endpoint}'.replace('http:', 'https:'))
client.meta.events.register('before-send', plain)
pages = client.get_paginator('list_roles').paginate(tenantId='{TENANT}', PaginationConfig={{'PageSize': 1}})
print([role['roleArn'] for page in pages for role in page['roles']])
given = client.get_role_credentials(tenantId='{TENANT}', roleArn='{DEPLOY}', accessType='PROGRAMMATIC_ACCESS', sessionName='me')
print(given['credentialsDetails']['programmaticAccess']['accessKeyId'][:4])
try:
    client.get_role_credentials(tenantId='{TENANT}', roleArn='{DEPLOY}x', accessType='PROGRAMMATIC_ACCESS')
except client.exceptions.AccessDeniedException as error:
    print(error.response['ResponseMetadata']['HTTPStatusCode'])
"
    );
    let ran = python(&stage, &script);
    assert_eq!(
        ran.stdout,
        format!("['{DEPLOY}', '{ADMIN}']\nASIA\n403\n"),
        "{ran:?}"
    );
}

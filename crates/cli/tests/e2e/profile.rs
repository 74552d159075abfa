//! The base profile: whose keys call STS, and where.

use aws_sandbox::{Options, Role};

use super::harness::{KEY, SECRET, Stage, world};
use super::support::{Checks, base_keys, check, environment};

/// The credentials of the role, as a profile may hold them.
fn session(stage: &Stage) -> String {
    let env = environment(&stage.run(&["exec", "plain", "env", "-0"]).stdout);
    format!(
        "aws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"]
    )
}

#[test]
fn a_profile_that_cannot_be_used_is_told_and_nobody_is_asked() {
    let stage = Stage::new();
    let role = "\n  \"plain\": {\"aws_account\": \"123456789012\", \"aws_role\": \"plain\",\n    \"aws_profile\": \"acme-bastion\"}";
    stage.roles(role);
    let mut checks = Checks::default();
    for (case, credentials, config, stderr) in [
        (
            "none like it",
            base_keys(),
            "",
            "\
error: role plain uses profile acme-bastion, which does not exist
 --> ~/.assumerole:3:20
  |
3 |     \"aws_profile\": \"acme-bastion\"}}}
  |                    ^^^^^^^^^^^^^^
  = because: looked in ~/.aws/config and ~/.aws/credentials
  hint: create it: aws configure --profile acme-bastion
",
        ),
        (
            "nearest",
            "[acme-bastoin]\n[acme-bastion-2]\n".to_owned(),
            "[profile acme]\n[profile ACME-BASTION]\n[profile zzz]\n",
            "\
error: role plain uses profile acme-bastion, which does not exist
 --> ~/.assumerole:3:20
  |
3 |     \"aws_profile\": \"acme-bastion\"}}}
  |                    ^^^^^^^^^^^^^^
  = because: looked in ~/.aws/config and ~/.aws/credentials
  hint: did you mean ACME-BASTION or acme-bastion-2 or acme-bastoin?
  hint: create it: aws configure --profile acme-bastion
",
        ),
        (
            "no keys",
            "[acme-bastion]\n".to_owned(),
            "",
            "\
error: profile acme-bastion of role plain has no aws_access_key_id and no aws_secret_access_key
 --> ~/.assumerole:3:20
  |
3 |     \"aws_profile\": \"acme-bastion\"}}}
  |                    ^^^^^^^^^^^^^^
  = because: looked in ~/.aws/config and ~/.aws/credentials
  hint: add access keys: aws configure --profile acme-bastion
",
        ),
        (
            "no secret",
            format!("[acme-bastion]\naws_access_key_id = {KEY}\n"),
            "",
            "\
error: profile acme-bastion has aws_access_key_id, but no aws_secret_access_key
 --> ~/.aws/credentials:2:21
  |
2 | aws_access_key_id = AKIAIOSFODNN7EXAMPLE
  |                     ^^^^^^^^^^^^^^^^^^^^
  = because: aws_secret_access_key belongs beside it, into the section at ~/.aws/credentials:1:1
  hint: add the secret key: aws configure --profile acme-bastion
",
        ),
        (
            "no id",
            format!("[acme-bastion]\naws_secret_access_key = {SECRET}\n"),
            "",
            "\
error: profile acme-bastion of role plain has no aws_access_key_id
 --> ~/.assumerole:3:20
  |
3 |     \"aws_profile\": \"acme-bastion\"}}}
  |                    ^^^^^^^^^^^^^^
  = because: it has aws_secret_access_key (~/.aws/credentials:2:25), but no aws_access_key_id
  hint: add access keys: aws configure --profile acme-bastion
",
        ),
        (
            "empty",
            "[acme-bastion]\naws_access_key_id =\naws_secret_access_key = \n".to_owned(),
            "",
            "\
error: aws_access_key_id of profile acme-bastion is empty
 --> ~/.aws/credentials:2:1
  |
2 | aws_access_key_id =
  | ^^^^^^^^^^^^^^^^^
  = because: the AWS CLI takes an empty value as set: the profile has no other credentials for it
  hint: remove the line, or give aws_access_key_id a value
",
        ),
        (
            "another role",
            String::new(),
            "[profile acme-bastion]\nregion = eu-central-1\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n",
            "\
error: profile acme-bastion uses profile base, which does not exist
 --> ~/.aws/config:4:18
  |
4 | source_profile = base
  |                  ^^^^
  = because: looked in ~/.aws/config and ~/.aws/credentials
  hint: create it: aws configure --profile base
",
        ),
        (
            "single sign-on",
            String::new(),
            "[profile acme-bastion]\nsso_session = corp\n",
            "\
error: profile acme-bastion of role plain has no aws_access_key_id and no aws_secret_access_key
 --> ~/.assumerole:3:20
  |
3 |     \"aws_profile\": \"acme-bastion\"}}}
  |                    ^^^^^^^^^^^^^^
  = because: it has sso_session (~/.aws/config:2:15), but no sso_account_id and no sso_role_name
  hint: choose them: aws configure sso --profile acme-bastion
",
        ),
        (
            "region",
            base_keys().replace("base", "acme-bastion"),
            "[profile acme-bastion]\nregion = Frankfurt am Main\n",
            "\
error: the region of profile acme-bastion is not a region
 --> ~/.aws/config:2:10
  |
2 | region = Frankfurt am Main
  |          ^^^^^^^^^^^^^^^^^
  = because: a region is lower-case letters, digits and hyphens, such as eu-central-1
",
        ),
        (
            "switch",
            base_keys().replace("base", "acme-bastion"),
            "[profile acme-bastion]\nuse_fips_endpoint = maybe\n",
            "\
error: use_fips_endpoint of profile acme-bastion is true or false, not \"maybe\"
 --> ~/.aws/config:2:21
  |
2 | use_fips_endpoint = maybe
  |                     ^^^^^
",
        ),
        (
            "endpoint",
            base_keys().replace("base", "acme-bastion"),
            "[profile acme-bastion]\nendpoint_url = localhost:4566\n",
            "\
error: the endpoint of STS is not a URL: \"localhost:4566\"
 --> ~/.aws/config:2:16
  |
2 | endpoint_url = localhost:4566
  |                ^^^^^^^^^^^^^^
  = because: it begins with neither http:// nor https://
  hint: write it as https://host[:port]
",
        ),
    ] {
        stage.write(".aws/credentials", &credentials);
        stage.write(".aws/config", config);
        checks.ran(
            case,
            &stage.run(&["exec", "plain", "true"]),
            "",
            stderr,
            125,
        );
    }
    let env = [("AWS_ENDPOINT_URL", "https://")];
    checks.ran(
        "variable",
        &stage.run_in(&["exec", "plain", "true"], &env),
        "",
        "\
error: the endpoint of STS is not a URL: \"https://\"
  because: it names no host
  because: AWS_ENDPOINT_URL says so
  hint: write it as https://host[:port]
",
        125,
    );
    std::fs::remove_dir_all(stage.path(".aws")).unwrap();
    checks.ran(
        "no files",
        &stage.run(&["exec", "plain", "true"]),
        "",
        "\
error: role plain uses profile acme-bastion, which does not exist
 --> ~/.assumerole:3:20
  |
3 |     \"aws_profile\": \"acme-bastion\"}}}
  |                    ^^^^^^^^^^^^^^
  = because: neither ~/.aws/credentials nor ~/.aws/config could be found
  hint: create it: aws configure --profile acme-bastion
",
        125,
    );
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn a_bad_line_costs_only_itself() {
    let stage = Stage::new();
    let endpoint = stage.sandbox.endpoint();
    stage.write(
        ".aws/credentials",
        &format!(
            "nonsense before\n[other\naws_access_key_id\n{}= \u{1b}[2J\n",
            base_keys()
        ),
    );
    stage.write(
        ".aws/config",
        &format!("[profile base]\n!\nendpoint_url = {endpoint}\n"),
    );
    let ran = stage.run(&["exec", "plain", "echo", "works"]);
    check(&ran, "works\n", "", 0);
}

/// The profile may be there, in a line that costs only itself.
#[test]
fn a_bad_line_is_named_where_something_is_missing() {
    let stage = Stage::new();
    let keys = base_keys().replace(']', "");
    let nonsense = "one\ntwo\n".repeat(2);
    stage.write(".aws/credentials", &format!("{keys}[other]\n{nonsense}"));
    let ran = stage.run(&["exec", "plain", "true"]);
    check(
        &ran,
        "",
        "\
error: profile base of role plain has no aws_access_key_id and no aws_secret_access_key
  --> ~/.assumerole:12:22
   |
12 |       \"aws_profile\": \"base\",
   |                      ^^^^^^
   = because: looked in ~/.aws/config and ~/.aws/credentials
   = because: ~/.aws/credentials:1:1: ignored with the keys below it: this looks like a [section], but is not one
   = because: ~/.aws/credentials:5:1: ignored: not a `key = value` line
   = because: ~/.aws/credentials:6:1: ignored: not a `key = value` line
  hint: add access keys: aws configure --profile base
  hint: see all ignored lines: assumerole doctor
",
        125,
    );
}

#[test]
fn the_files_are_those_that_are_named() {
    let stage = Stage::new();
    let endpoint = stage.sandbox.endpoint();
    stage.write("elsewhere/credentials", &base_keys());
    stage.write(
        "elsewhere/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\n"),
    );
    stage.write(
        "both",
        &format!(
            "{}endpoint_url = {endpoint}\n",
            base_keys().replace("[", "[profile ")
        ),
    );
    std::fs::remove_dir_all(stage.path(".aws")).unwrap();
    let path = |name: &str| stage.path(name).into_os_string().into_string().unwrap();
    let (credentials, config, both) = (
        path("elsewhere/credentials"),
        path("elsewhere/config"),
        path("both"),
    );
    let mut checks = Checks::default();
    for (case, env) in [
        (
            "both",
            &[
                ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str()),
                ("AWS_CONFIG_FILE", &config),
            ][..],
        ),
        (
            "home",
            &[
                ("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere/credentials"),
                ("AWS_CONFIG_FILE", "~/elsewhere/config"),
            ],
        ),
        (
            "keys in the other file",
            &[("AWS_CONFIG_FILE", both.as_str())],
        ),
    ] {
        let ran = stage.run_in(&["exec", "--fresh", "plain", "echo", case], env);
        checks.ran(case, &ran, &format!("{case}\n"), "", 0);
    }
    checks.number("requests", stage.requests(), 3);
    let env = [
        ("AWS_SHARED_CREDENTIALS_FILE", "/none/credentials"),
        ("AWS_CONFIG_FILE", config.as_str()),
    ];
    checks.ran(
        "missing",
        &stage.run_in(&["exec", "plain", "true"], &env),
        "",
        "\
error: profile base of role plain has no aws_access_key_id and no aws_secret_access_key
  --> ~/.assumerole:12:22
   |
12 |       \"aws_profile\": \"base\",
   |                      ^^^^^^
   = because: looked in ~/elsewhere/config
  hint: add access keys: aws configure --profile base
",
        125,
    );
}

#[test]
fn temporary_keys_take_their_token_along() {
    let world = world().role(
        Role::new("arn:aws:iam::123456789012:role/next")
            .trusting("arn:aws:iam::123456789012:role/plain"),
    );
    let stage = Stage::with(world, Options::default());
    let endpoint = stage.sandbox.endpoint();
    let session = session(&stage);
    stage.write(
        ".aws/credentials",
        &format!("{}[temporary]\n{session}", base_keys()),
    );
    stage.write(
        ".aws/config",
        &format!("[profile base]\nendpoint_url = {endpoint}\n[profile temporary]\nendpoint_url = {endpoint}\n"),
    );
    stage.roles(
        r#""next": {"aws_profile": "temporary", "aws_account": "123456789012", "aws_role": "next"},
        "long": {"aws_profile": "temporary", "aws_account": "123456789012", "aws_role": "next", "max_session_duration": 7200}"#,
    );
    let mut checks = Checks::default();
    let ran = stage.run(&["exec", "next", "sh", "-c", "echo $AWS_ACCOUNT"]);
    checks.ran("next", &ran, "next\n", "", 0);
    let caller = stage.sandbox.journal().last().unwrap().caller.clone();
    checks.same(
        "caller",
        &caller.unwrap(),
        "arn:aws:sts::123456789012:assumed-role/plain/tester",
    );
    // AWS gives them an hour at most, whatever the role allows: said, not failed.
    checks.ran(
        "long",
        &stage.run(&["exec", "long", "--fresh", "true"]),
        "",
        "long: 3600 s instead of 7200 s, because a role assumed from temporary credentials lasts an hour at most (a rule of STS)\n",
        0,
    );
    stage.write(
        ".aws/credentials",
        &format!(
            "[temporary]\n{}",
            session.replace("aws_session_token = ", "aws_session_token = x")
        ),
    );
    checks.ran("damaged", &stage.run(&["exec", "next", "--fresh", "true"]), "", "\
error: An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid
  hint: see whether the access key of profile temporary (~/.aws/credentials:2:21) was deleted, is inactive, or belongs to another partition of AWS
  hint: replace it with a working key: aws configure --profile temporary
", 125);
}

//! What `doctor` says of sources, without asking any of them.

use super::{START, Stage};
use crate::support::Checks;

const ROLE: &str = "role_arn = arn:aws:iam::123456789012:role/last\nSTS\n";

const CORP: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// A profile of each kind, with a role that comes from it.
fn config(stage: &Stage) {
    let sources = [
        (
            "process",
            "credential_process = \"~x/my tool\" --secret hush\n".to_owned(),
        ),
        (
            "sso",
            "sso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Admin\n".to_owned(),
        ),
        (
            "web",
            "role_arn = arn:aws:iam::222222222222:role/hub\nweb_identity_token_file = ~/token\n"
                .to_owned(),
        ),
        (
            "login",
            "login_session = arn:aws:iam::222222222222:user/dev\nregion = eu-west-1\n".to_owned(),
        ),
    ];
    let mut text = format!("[sso-session corp]\nsso_start_url = {START}\nsso_region = eu-west-1\n");
    for (name, lines) in sources {
        text.push_str(&format!(
            "[profile {name}]\n{lines}STS\n[profile of-{name}]\n{ROLE}source_profile = {name}\n"
        ));
    }
    for machine in ["EcsContainer", "Ec2InstanceMetadata", "Environment"] {
        text.push_str(&format!(
            "[profile of-{machine}]\n{ROLE}credential_source = {machine}\n"
        ));
    }
    let tool = stage
        .path("my tool")
        .into_os_string()
        .into_string()
        .unwrap();
    stage.config(&text.replace("~x/my tool", &tool));
}

/// The lines between the sources' and the machine's.
fn said(stage: &Stage, args: &[&str]) -> String {
    let env = [
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://127.0.0.1:9/v2/credentials/x",
        ),
        ("AWS_ACCESS_KEY_ID", crate::harness::KEY),
        ("AWS_SECRET_ACCESS_KEY", crate::harness::SECRET),
    ];
    let ran = stage.run_in(args, &env);
    assert!(
        !ran.stdout.contains("hush") && !ran.stdout.contains("hidden"),
        "{}",
        ran.stdout
    );
    let lines = ran
        .stdout
        .lines()
        .skip_while(|line| !line.contains("web identity of profile"));
    let lines = lines.skip(1).filter(|line| {
        ![
            "in PATH",
            " is /",
            "~/.assumerole.d",
            "ASSUMEROLE_KEY_STORE",
        ]
        .iter()
        .any(|word| line.contains(word))
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn sources_are_there_or_are_missed() {
    let stage = Stage::of_sources("");
    config(&stage);
    let mut checks = Checks::default();
    checks.same("none", &said(&stage, &["doctor", "--offline"]), "\
BAD the credential_process of profile process failed: ~/my tool: command not found
    fix: correct the command at ~/.aws/config:5:22
BAD there is no login for sso-session corp: there is no file ~/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json
    fix: log in: assumerole sso login corp
BAD ~/.aws/config:22:27: there is no web identity token for profile web: there is no file ~/token
    fix: have the token written there by whoever runs this: Kubernetes, a CI system, a login of yours
BAD there is no login of arn:aws:iam::222222222222:user/dev: there is no file ~/.aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json
    fix: log in: assumerole login login
ok  the container's role is asked for at http://127.0.0.1:9/v2/credentials/x
ok  the instance's role is asked for at http://169.254.169.254
-   keys and clock against STS: left out (--offline)
");
    stage.script("my tool", "#!/bin/sh\ntouch ran\n");
    stage.write("token", "hidden");
    let sso = |ends: &str, more: &str| {
        format!(
            r#"{{"startUrl": "{START}", "region": "eu-west-1", "accessToken": "hidden", "expiresAt": "{ends}"{more}}}"#
        )
    };
    stage.write(CORP, &sso("2999-01-01T00:00:00Z", ""));
    let login =
        ".aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json";
    let session = |ends: &str| {
        format!(
            r#"{{"accessToken": {{"accessKeyId": "ASIAOLD", "secretAccessKey": "hidden", "sessionToken": "hidden", "accountId": "222222222222", "expiresAt": "{ends}"}}}}"#
        )
    };
    stage.write(login, &session("2999-01-01T00:00:00Z"));
    checks.same("all", &said(&stage, &["doctor"]), "\
ok  the credential_process of profile process is ~/my tool
ok  the login of sso-session corp is valid until 2999-01-01T00:00:00Z
ok  the web identity token of profile web is in ~/token
ok  the login of arn:aws:iam::222222222222:user/dev has credentials until 2999-01-01T00:00:00Z; they are renewed
ok  the container's role is asked for at http://127.0.0.1:9/v2/credentials/x
ok  the instance's role is asked for at http://169.254.169.254
ok  STS accepts the keys in the environment: arn:aws:iam::210987654321:user/jdoe
ok  the clock agrees with that of STS
");
    let renewable = r#", "clientId": "c", "clientSecret": "hidden", "registrationExpiresAt": "2999-01-01T00:00:00Z", "refreshToken": "hidden""#;
    stage.write(login, &session("2020-01-01T00:00:00Z"));
    for (more, line) in [
        (
            "",
            "BAD the login of sso-session corp has expired: it was valid until 2020-01-01T00:00:00Z\n    fix: log in: assumerole sso login corp\n",
        ),
        (
            renewable,
            &format!(
                "ok  the login of sso-session corp has expired and will be renewed; its refresh token is in clear in ~/{CORP}\n"
            ),
        ),
    ] {
        stage.write(CORP, &sso("2020-01-01T00:00:00Z", more));
        let said = said(&stage, &["doctor", "--offline"]);
        checks.number(line, said.matches(line).count(), 1);
        checks.number("login", said.matches("ok  the login of arn:aws:iam::222222222222:user/dev has no credentials now; they are renewed\n").count(), 1);
    }
    assert!(!stage.path("ran").exists(), "the process was run");
    checks.same(
        "asked",
        &stage.asked(),
        "GetCallerIdentity OK by 210987654321:user/jdoe\n",
    );
}

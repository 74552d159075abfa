//! IAM Identity Center, by the token of a login.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use aws_sandbox::Fault;

use jiff::{SignedDuration, Timestamp};

use super::answering::Answering;
use super::{READ, START, Stage};
use crate::connections::calls;
use crate::harness::Ran;
use crate::hostile::{Heard, Hostile, http};
use crate::support::{Checks, check};

/// Where the AWS CLI keeps the token of the session `corp`, and that of the
/// portal for profiles without a session: SHA-1 of the one and of the other.
pub(crate) const CORP: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
const PORTAL: &str = ".aws/sso/cache/40169cea58ca6cbf23fb27b2542923fb5f524af0.json";

pub(crate) const CONFIG: &str = "\
[profile q]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin
STS
[sso-session corp]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

/// A login as the AWS CLI writes it; `more` is what goes into the object.
pub(crate) fn login(token: &str, ends: &str, more: &str) -> String {
    format!(
        r#"{{"startUrl": "{START}", "region": "eu-west-1", "accessToken": "{token}", "expiresAt": "{ends}"{more}}}"#
    )
}

/// What lets a login be renewed, until `ends`.
pub(super) fn renewable(ends: &str) -> String {
    format!(
        r#", "clientId": "client", "clientSecret": "client-secret", "registrationExpiresAt": "{ends}", "refreshToken": "refresh-token""#
    )
}

pub(crate) const LATER: &str = "2999-01-01T00:00:00Z";
pub(crate) const PAST: &str = "2020-01-01T00:00:00Z";

fn run(stage: &Stage) -> Ran {
    stage.run(&[
        "exec",
        "q",
        "--fresh",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ])
}

/// What can be done without is tried once, so that what has to be done has the
/// time for it.
#[test]
fn a_login_that_is_good_still_is_renewed_in_a_hurry() {
    let mut checks = Checks::default();
    let busy = |_: &Heard| http("500 No", b"{}");
    for (case, ends, asked) in [
        // One CreateToken, three GetRoleCredentials.
        ("soon", SignedDuration::from_mins(4), 4),
        // Three CreateToken.
        ("ended", SignedDuration::from_mins(-4), 3),
        // Three GetRoleCredentials.
        ("good", SignedDuration::from_hours(4), 3),
    ] {
        let server = Hostile::start(busy);
        let stage = Stage::of_sources(CONFIG);
        let url = format!("endpoint_url = http://{}\n", server.authority());
        stage.write(".aws/config", &CONFIG.replace("STS\n", &url));
        let ends = Timestamp::now() + ends;
        stage.write(CORP, &login("token", &ends.to_string(), &renewable(LATER)));
        let ran = run(&stage);
        assert_eq!(ran.status, 125, "{case}: {ran:?}");
        checks.number(case, server.connections(), asked);
    }
}

#[test]
fn a_login_gives_a_role_and_the_role_another() {
    let stage = Stage::of_sources(&format!(
        "{CONFIG}[profile p]\n{READ}source_profile = q\nSTS\n"
    ));
    stage.write(CORP, &login("good-token", LATER, ""));
    let before = std::fs::read(stage.path(CORP)).unwrap();
    let mut checks = Checks::default();
    let show = ["exec", "p", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("chain", &stage.run(&show), "123456789012\n", "", 0);
    let asked = stage.asked();
    let (first, second) = asked.split_once('\n').unwrap();
    checks.same("first", first, "GetRoleCredentials OK by jdoe@example.com");
    assert!(
        second.starts_with("AssumeRole OK by 222222222222:assumed-role/AWSReservedSSO_Admin_"),
        "{second}"
    );
    assert!(second.ends_with("/jdoe@example.com\n"), "{second}");
    assert_eq!(std::fs::read(stage.path(CORP)).unwrap(), before);
    // Its role is for all that come from it, as long as somebody is logged in.
    let show = ["exec", "q", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("kept", &stage.run(&show), "222222222222\n", "", 0);
    std::fs::remove_file(stage.path(CORP)).unwrap();
    for name in ["p", "q"] {
        let ran = stage.run(&["exec", name, "true"]);
        checks.ran(&format!("logged out: {name}"), &ran, "", &format!("error: there is no login for sso-session corp\n  because: there is no file ~/{CORP}\n  hint: log in: assumerole sso login corp\n"), 125);
    }
    checks.number("requests", stage.requests(), 2);
}

/// By the ARN that `aws sts get-caller-identity` prints.
#[test]
fn sessions_of_a_permission_set_are_forgotten_by_their_arn() {
    let stage = Stage::of_sources(&format!(
        "{CONFIG}[profile p]\n{READ}source_profile = q\nSTS\n"
    ));
    stage.write(CORP, &login("good-token", LATER, ""));
    let mut checks = Checks::default();
    let set = |account: &str, name: &str| {
        format!(
            "arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{name}_0123456789abcdef/jdoe@example.com"
        )
    };
    for (arn, said) in [
        (set("222222222222", "Read"), "nothing was cached\n"),
        (set("123456789012", "Admin"), "nothing was cached\n"),
        (set("222222222222", "Admin"), "forgot 2 sessions\n"),
    ] {
        checks.ran("warm", &stage.run(&["exec", "p", "true"]), "", "", 0);
        checks.ran(&arn, &stage.run(&["logout", &arn]), "", said, 0);
    }
}

#[test]
fn the_older_form_has_its_login_by_the_portal() {
    let stage = Stage::of_sources(
        "[profile q]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 222222222222\nsso_role_name = Admin\nSTS\n",
    );
    stage.write(PORTAL, &login("good-token", "2999-01-01T00:00:00UTC", ""));
    let mut checks = Checks::default();
    checks.ran("good", &run(&stage), "222222222222\n", "", 0);
    stage.write(PORTAL, &login("good-token", "2020-01-01T00:00:00UTC", ""));
    checks.ran(
        "ended",
        &run(&stage),
        "",
        "\
error: the login of https://acme.awsapps.com/start has expired
  because: it was valid until 2020-01-01T00:00:00Z
  hint: log in: assumerole login q
",
        125,
    );
}

#[test]
fn a_login_that_has_ended_is_renewed_and_written_back() {
    let stage = Stage::of_sources(CONFIG);
    let more = format!(r#"{}, "other": {{"kept": [1, null]}}"#, renewable(LATER));
    stage.write(CORP, &login("old-token", PAST, &more));
    std::fs::set_permissions(stage.path(CORP), std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut checks = Checks::default();
    checks.ran("renewed", &run(&stage), "222222222222\n", "", 0);
    checks.same(
        "asked",
        &stage.asked(),
        "CreateToken OK by jdoe@example.com\nGetRoleCredentials OK by jdoe@example.com\n",
    );
    checks.same(
        "connections",
        &calls(&stage),
        "1 CreateToken, 1 GetRoleCredentials",
    );
    checks.same(
        "parameter",
        &stage.sandbox.journal()[0].parameters["grantType"],
        "refresh_token",
    );
    let text = std::fs::read_to_string(stage.path(CORP)).unwrap();
    let token: serde_json::Value = serde_json::from_str(&text).unwrap();
    for same in [
        "startUrl",
        "region",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
        "other",
    ] {
        let before: serde_json::Value = serde_json::from_str(&login("", "", &more)).unwrap();
        assert_eq!(token[same], before[same], "{same}");
    }
    assert_ne!(token["accessToken"], "old-token");
    assert_ne!(token["refreshToken"], "refresh-token");
    let ends: Timestamp = token["expiresAt"].as_str().unwrap().parse().unwrap();
    assert!(ends > stage.sandbox.now());
    let mode = std::fs::metadata(stage.path(CORP))
        .unwrap()
        .permissions()
        .mode();
    checks.same("mode", &format!("{:o}", mode & 0o777), "600");
    checks.same("files", &stage.list(".aws/sso/cache").concat(), &CORP[15..]);
    // The next one finds it new.
    checks.ran("again", &run(&stage), "222222222222\n", "", 0);
    checks.number("requests", stage.requests(), 3);
}

/// As the AWS CLI does it; what cannot be renewed is used as long as it lasts.
#[test]
fn a_login_is_renewed_in_its_last_fifteen_minutes() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let spent = renewable(LATER).replace("refresh-token", "spent");
    let renewed = "CreateToken OK by jdoe@example.com\n";
    let refused = "CreateToken InvalidGrantException by \n";
    let given = "GetRoleCredentials OK by jdoe@example.com\n";
    let mut before = String::new();
    for (minutes, token, more, asked) in [
        (16, "good-token", spent.as_str(), given.to_owned()),
        (
            14,
            "good-token",
            spent.as_str(),
            format!("{refused}{given}"),
        ),
        (14, "good-token", "", given.to_owned()),
        (
            14,
            "old-token",
            &renewable(LATER),
            format!("{renewed}{given}"),
        ),
    ] {
        let ends = stage.sandbox.now() + SignedDuration::from_mins(minutes);
        stage.write(CORP, &login(token, &ends.to_string(), more));
        let case = format!("{minutes} minutes, {token}, {more}");
        checks.ran(&case, &run(&stage), "222222222222\n", "", 0);
        let all = stage.asked();
        checks.same(&case, &all[before.len()..], &asked);
        before = all;
    }
}

#[test]
fn a_login_that_cannot_be_renewed_is_told_with_the_command_that_logs_in() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let ended = "\
error: the login of sso-session corp has expired
  because: it was valid until 2020-01-01T00:00:00Z
  hint: log in: assumerole sso login corp
";
    let whole = renewable(LATER);
    for (case, more) in [
        ("nothing to renew with", ""),
        ("registration ended", &renewable(PAST)),
        ("no refresh token", &whole.replace("refreshToken", "x")),
        ("no client", &whole.replace("clientId", "x")),
        ("registration damaged", &renewable("x")),
    ] {
        stage.write(CORP, &login("old-token", PAST, more));
        checks.ran(case, &run(&stage), "", ended, 125);
    }
    checks.number("requests", stage.requests(), 0);
    stage.write(
        CORP,
        &login("old-token", PAST, &whole.replace("refresh-token", "spent")),
    );
    checks.ran("refused", &run(&stage), "", "\
error: An error occurred (InvalidGrantException) when calling the CreateToken operation: Invalid refresh token provided
  hint: log in: assumerole sso login corp
", 125);
    stage.sandbox.inject(Fault::cut().always());
    let ran = run(&stage);
    assert!(
        ran.stderr
            .starts_with("error: IAM Identity Center's tokens could not be reached at $STS\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn there_must_be_a_login() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let none = |because: &str| {
        format!(
            "error: there is no login for sso-session corp\n  because: {because}\n  hint: log in: assumerole sso login corp\n"
        )
    };
    checks.ran(
        "no file",
        &run(&stage),
        "",
        &none(&format!("there is no file ~/{CORP}")),
        125,
    );
    for (case, text, what) in [
        ("empty", "", "holds nothing"),
        ("no JSON", "hush{", "holds no JSON (line 1, column 1)"),
        (
            "cut",
            "{\"accessToken\": \"hush",
            "holds no JSON (line 1, column 21)",
        ),
        ("a list", "[\"hush\"]", "holds no JSON object"),
        ("no token", &login("", LATER, ""), "has no accessToken"),
        (
            "token no text",
            &login("hush", LATER, "").replace("\"hush\"", "[\"hush\"]"),
            "has no accessToken",
        ),
        (
            "no end",
            &login("hush", LATER, "").replace("expiresAt", "x"),
            "has no expiresAt",
        ),
        (
            "no portal",
            &login("hush", LATER, "").replace("startUrl", "x"),
            "has no startUrl",
        ),
        (
            "an empty portal",
            &login("hush", LATER, "").replace(START, ""),
            "has no startUrl",
        ),
        (
            "no region",
            &login("hush", LATER, "").replace("region", "x"),
            "has no region",
        ),
        (
            "a token of two lines",
            &login("hush\\r\\nhush", LATER, ""),
            "has no accessToken",
        ),
        (
            "a token that no header holds",
            &login("h\u{fc}sh", LATER, ""),
            "has no accessToken",
        ),
        (
            "end no time",
            &login("hush", "soon", ""),
            "has no expiresAt",
        ),
    ] {
        stage.write(CORP, text);
        checks.ran(
            case,
            &run(&stage),
            "",
            &none(&format!("~/{CORP} {what}")),
            125,
        );
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn refusals_of_the_portal_are_told_in_its_words() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    // Good for us, and unknown to AWS: revoked.
    stage.write(CORP, &login("revoked-token", LATER, ""));
    checks.ran("revoked", &run(&stage), "", "\
error: An error occurred (UnauthorizedException) when calling the GetRoleCredentials operation: Session token not found or invalid
  hint: log in: assumerole sso login corp
", 125);
    // What can renew it is tried first.
    stage.write(CORP, &login("revoked-token", LATER, &renewable(LATER)));
    checks.ran("renewed", &run(&stage), "222222222222\n", "", 0);
    stage.write(CORP, &login("good-token", LATER, ""));
    stage.config(&CONFIG.replace("Admin", "Root"));
    checks.ran("not assigned", &run(&stage), "", "\
error: An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access
  hint: check sso_account_id and sso_role_name: role Root in account 222222222222 does not exist or is not assigned to you
  hint: or log in as a user who has it: assumerole sso login corp
", 125);
    stage.config(CONFIG);
    stage.sandbox.inject(Fault::throttle().always());
    checks.ran("throttled", &run(&stage), "", "\
error: An error occurred (TooManyRequestsException) when calling the GetRoleCredentials operation: Rate exceeded
  hint: wait a few seconds, then try again: there were too many requests at once
", 125);
    stage.sandbox.clear_faults();
    stage.sandbox.inject(Fault::garbage().always());
    let ran = run(&stage);
    assert!(
        ran.stderr.starts_with(
            "error: $STS answered GetRoleCredentials with something that is not a response from AWS\n"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_name_that_a_shell_would_run_is_quoted() {
    let stage = Stage::of_sources(
        "[profile q]\nsso_session = a $(x)\nsso_account_id = 222222222222\nsso_role_name = Admin\n[sso-session \"a $(x)\"]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n",
    );
    let ran = run(&stage);
    assert!(
        ran.stderr
            .ends_with("  hint: log in: assumerole sso login 'a $(x)'\n"),
        "{}",
        ran.stderr
    );
}

/// A refresh token is good once.
#[test]
fn many_at_once_renew_a_login_once() {
    let stage = Stage::of_sources(CONFIG);
    stage.write(CORP, &login("old-token", PAST, &renewable(LATER)));
    let roles = ["Admin", "Read", "Audit"];
    let profile = |role: &&str| {
        let of_corp = CONFIG.replace("[profile q]", &format!("[profile {role}]"));
        of_corp.replace("Admin\n", &format!("{role}\n"))
    };
    stage.config(&roles.iter().map(profile).collect::<String>());
    let start = |role: &&str| {
        let mut command = stage.command(&["exec", role, "--", "true"]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let started: Vec<Child> = roles.iter().map(start).collect();
    for child in started {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((said.as_str(), output.status.code()), ("", Some(0)));
    }
    assert_eq!(stage.sandbox.count("GetRoleCredentials"), 3);
    assert_eq!(stage.sandbox.count("CreateToken"), 1);
}

/// Two sessions may be two people at one portal.
#[test]
fn another_session_is_another_person() {
    let stage = Stage::of_sources(CONFIG);
    stage.write(CORP, &login("good-token", LATER, ""));
    check(&stage.run(&["exec", "q", "true"]), "", "", 0);
    stage.config(&CONFIG.replace("corp", "other"));
    let ran = stage.run(&["exec", "q", "true"]);
    assert!(
        ran.stderr
            .starts_with("error: there is no login for sso-session other\n"),
        "{}",
        ran.stderr
    );
}

/// A login counts where its file says that it is one of the session's portal:
/// the file's name is that of a session, and the session may have been another.
#[test]
fn a_login_at_another_portal_is_none() {
    let legacy = "[profile q]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 222222222222\nsso_role_name = Admin\nSTS\n";
    let mut checks = Checks::default();
    for (config, file, who, command) in [
        (CONFIG, CORP, "sso-session corp", "sso login corp"),
        (legacy, PORTAL, "profile q", "login q"),
    ] {
        let stage = Stage::of_sources(config);
        let other = |url: &str, region: &str, ends: &str, token: &str| {
            let login = login(token, ends, &renewable(LATER));
            login.replace(START, url).replace("eu-west-1", region)
        };
        for (url, region) in [
            ("https://other.awsapps.com/start", "eu-west-1"),
            ("https://other.awsapps.com/start", "us-east-1"),
            ("http://acme.awsapps.com/start", "eu-west-1"),
            ("https://acme.awsapps.com/Start", "eu-west-1"),
            ("https://acme.awsapps.com/start", "us-east-1"),
            ("https://acme.awsapps.com.example.com/start", "eu-west-1"),
        ] {
            // Neither one that lasts nor one that could be renewed.
            for (ends, token) in [(LATER, "good-token"), (PAST, "old-token")] {
                let text = other(url, region, ends, token);
                stage.write(file, &text);
                let case = format!("{who}, {url} {region} {ends}");
                checks.ran(
                    &case,
                    &run(&stage),
                    "",
                    &format!(
                        "\
error: the login in ~/{file} is for another portal
  because: it is for {url} in {region}, and {who} has https://acme.awsapps.com/start in eu-west-1
  hint: log in: assumerole {command}
"
                    ),
                    125,
                );
                let ran = stage.run(&["export", "q", "--fresh"]);
                checks.number(&case, ran.status.unsigned_abs() as usize, 8);
                let file = std::fs::read_to_string(stage.path(file)).unwrap();
                checks.same("left alone", &file, &text);
            }
        }
        let ran = stage.run(&["doctor", "--offline"]);
        assert!(
            ran.stdout.contains("is for another portal: it is for "),
            "{}",
            ran.stdout
        );
        checks.number("requests", stage.requests(), 0);
        // What is the same is written in more than one way.
        for same in [
            "https://acme.awsapps.com/start/",
            "https://acme.awsapps.com/start#/",
            "https://ACME.awsapps.com/start/#/",
        ] {
            stage.write(file, &other(same, "EU-west-1", LATER, "good-token"));
            checks.ran(same, &run(&stage), "222222222222\n", "", 0);
        }
        stage.write(
            file,
            &other(
                "https://acme.awsapps.com/start/",
                "eu-west-1",
                PAST,
                "old-token",
            ),
        );
        checks.ran("renewed", &run(&stage), "222222222222\n", "", 0);
        let text = std::fs::read_to_string(stage.path(file)).unwrap();
        assert!(
            text.contains("\"https://acme.awsapps.com/start/\""),
            "{text}"
        );
    }
}

/// What a damaged answer holds is neither used nor kept, and what is in the
/// file may still be good for another try.
#[test]
fn a_damaged_answer_is_not_written_over_a_login() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    for (case, members) in [
        ("lines", r#""accessToken": "new\r\ntoken""#),
        ("a line", r#""accessToken": "new-token\n""#),
        ("a control", r#""accessToken": "new\u0000token""#),
        ("empty", r#""accessToken": """#),
        ("null", r#""accessToken": null"#),
        ("not ASCII", r#""accessToken": "tök""#),
        ("a direction", r#""accessToken": "new\u202etoken""#),
        ("a blank", r#""accessToken": "new token""#),
        ("refresh: lines", r#""refreshToken": "new\r\nrefresh""#),
        ("refresh: empty", r#""refreshToken": """#),
        ("refresh: not ASCII", r#""refreshToken": "ü""#),
        ("ID: lines", r#""idToken": "a\nb""#),
        ("negative", r#""expiresIn": -1"#),
        ("zero", r#""expiresIn": 0"#),
        ("missing", r#""expiresIn": null"#),
        ("another type", r#""tokenType": "DPoP""#),
    ] {
        let (name, _) = members.split_once(':').unwrap();
        let before = login("old-token", PAST, &renewable(LATER));
        stage.write(CORP, &before);
        let whole = r#"{"accessToken": "new-token", "tokenType": "Bearer", "expiresIn": 3600, "refreshToken": "new-refresh", "idToken": "a.b.c"}"#;
        let mut value: serde_json::Value = serde_json::from_str(whole).unwrap();
        let changed: serde_json::Value = serde_json::from_str(&format!("{{{members}}}")).unwrap();
        let name = name.trim_matches('"');
        value[name] = changed[name].clone();
        let server = Answering::start(&value.to_string());
        let env = [("AWS_ENDPOINT_URL_SSO_OIDC", server.url())];
        let ran = stage.ran(stage.command(&["export", "q", "--fresh"]).envs(env));
        checks.number(case, ran.status.unsigned_abs() as usize, 6);
        assert!(
            ran.stderr
                .starts_with("error: the answer to CreateToken contains ")
                && ran.stderr.contains("; nothing of it was kept"),
            "{case}: {}",
            ran.stderr
        );
        let after = std::fs::read_to_string(stage.path(CORP)).unwrap();
        checks.same(case, &after, &before);
        checks.number(case, server.asked(), 1);
    }
    checks.number("requests to the portal", stage.requests(), 0);
    // The refresh token that was kept is good for another try.
    checks.ran("then", &run(&stage), "222222222222\n", "", 0);
}

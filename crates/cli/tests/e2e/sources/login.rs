//! `login_session`: a session of `aws login`.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use aws_sandbox::{Fault, Login};

use super::answering::Answering;
use super::{DEV, READ, Stage};
use crate::harness::Ran;
use crate::support::Checks;

/// Where the AWS CLI keeps the session: SHA-256 of who logged in.
pub(super) const FILE: &str =
    ".aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json";

pub(super) const CONFIG: &str =
    "[profile q]\nlogin_session = arn:aws:iam::222222222222:user/dev\nregion = eu-central-1\nSTS\n";

/// The example of the AWS CLI's own tests, as JSON has it.
const KEY: &str = r"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49\nAwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t\ndjiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==\n-----END EC PRIVATE KEY-----\n";

const LATER: &str = "2999-01-01T00:00:00Z";
pub(super) const PAST: &str = "2020-01-01T00:00:00Z";

/// A session as the AWS CLI writes it, whose credentials end at `ends`.
pub(super) fn session(ends: &str) -> String {
    format!(
        r#"{{"accessToken": {{"accessKeyId": "ASIAOLD", "secretAccessKey": "old-secret", "sessionToken": "old-token", "accountId": "222222222222", "expiresAt": "{ends}"}}, "tokenType": "aws_sigv4", "refreshToken": "login-refresh", "idToken": "id", "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "{KEY}"}}"#
    )
}

fn run(stage: &Stage) -> Ran {
    let show = "echo ${AWS_ACCESS_KEY_ID%%[0-9]*} $AWS_CREDENTIAL_EXPIRATION";
    stage.run(&["exec", "q", "--fresh", "--", "sh", "-c", show])
}

#[test]
fn credentials_that_last_are_taken_as_they_are() {
    let stage = Stage::of_sources(CONFIG);
    stage.write(FILE, &session(LATER));
    let mut checks = Checks::default();
    let expected = format!("ASIAOLD {LATER}\n");
    checks.ran("good", &run(&stage), &expected, "", 0);
    checks.same(
        "file",
        &std::fs::read_to_string(stage.path(FILE)).unwrap(),
        &session(LATER),
    );
    std::fs::rename(stage.path(".aws/login/cache"), stage.path("elsewhere")).unwrap();
    for folder in ["~/elsewhere", "$HOME/elsewhere"] {
        let env = [("AWS_LOGIN_CACHE_DIRECTORY", folder)];
        let ran = stage.run_in(&["exec", "q", "--fresh", "true"], &env);
        checks.ran(folder, &ran, "", "", 0);
    }
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn credentials_that_have_ended_are_renewed_and_written_back() {
    let stage = Stage::of_sources(&format!(
        "{CONFIG}[profile p]\n{READ}source_profile = q\nSTS\n"
    ));
    stage.write(FILE, &session(PAST));
    std::fs::set_permissions(stage.path(FILE), std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut checks = Checks::default();
    let show = ["exec", "p", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"];
    checks.ran("chain", &stage.run(&show), "123456789012\n", "", 0);
    checks.same(
        "asked",
        &stage.asked(),
        "CreateOAuth2Token OK by 222222222222:user/dev\nAssumeRole OK by 222222222222:user/dev\n",
    );
    let text = std::fs::read_to_string(stage.path(FILE)).unwrap();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (new, old) = (json(&text), json(&session(PAST)));
    for same in ["tokenType", "idToken", "clientId", "dpopKey"] {
        assert_eq!(new[same], old[same], "{same}");
    }
    assert_eq!(new["accessToken"]["accountId"], "222222222222");
    for other in [
        "accessKeyId",
        "secretAccessKey",
        "sessionToken",
        "expiresAt",
    ] {
        assert_ne!(
            new["accessToken"][other], old["accessToken"][other],
            "{other}"
        );
    }
    assert_ne!(new["refreshToken"], old["refreshToken"]);
    let mode = std::fs::metadata(stage.path(FILE))
        .unwrap()
        .permissions()
        .mode();
    checks.same("mode", &format!("{:o}", mode & 0o777), "600");
    checks.same(
        "files",
        &stage.list(".aws/login/cache").concat(),
        &FILE[17..],
    );
    // The next one finds them new, and the token after that is good too.
    checks.ran(
        "again",
        &stage.run(&["exec", "q", "--fresh", "true"]),
        "",
        "",
        0,
    );
    checks.number("requests", stage.requests(), 2);
    let ends = new["accessToken"]["expiresAt"].as_str().unwrap();
    stage.write(FILE, &text.replace(ends, PAST));
    checks.ran(
        "once more",
        &stage.run(&["exec", "q", "--fresh", "true"]),
        "",
        "",
        0,
    );
}

#[test]
fn there_must_be_a_session() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let none = |because: &str| {
        format!(
            "error: there is no login of {DEV}\n  because: {because}\n  hint: log in: assumerole login q\n"
        )
    };
    checks.ran(
        "no file",
        &run(&stage),
        "",
        &none(&format!("there is no file ~/{FILE}")),
        125,
    );
    let whole = session(PAST);
    for (case, text, what) in [
        ("empty", String::new(), "holds nothing"),
        (
            "cut",
            whole[..100].to_owned(),
            "holds no JSON (line 1, column 100)",
        ),
        (
            "no key",
            whole.replace("accessKeyId", "x"),
            "has no accessToken.accessKeyId",
        ),
        ("no time", session("soon"), "has no accessToken.expiresAt"),
        (
            "no refresh token",
            whole.replace("refreshToken", "x"),
            "has no refreshToken",
        ),
        (
            "no client",
            whole.replace("clientId", "x"),
            "has no clientId",
        ),
        (
            "no proof key",
            whole.replace("dpopKey", "x"),
            "has no dpopKey",
        ),
    ] {
        stage.write(FILE, &text);
        checks.ran(
            case,
            &run(&stage),
            "",
            &none(&format!("~/{FILE} {what}")),
            125,
        );
    }
    stage.write(FILE, &whole.replace("MHcCAQEE", "AAAA"));
    checks.ran(
        "damaged key",
        &run(&stage),
        "",
        &none("the key of the login cannot be read: InvalidEncoding"),
        125,
    );
    checks.number("requests", stage.requests(), 0);
}

#[test]
fn refusals_are_told_in_the_words_of_aws() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let error = |code: &str, words: &str| {
        format!(
            "error: An error occurred ({code}) when calling the CreateOAuth2Token operation: {words}\n"
        )
    };
    let again = "  hint: log in: assumerole login q\n";
    stage.write(FILE, &session(PAST));
    let login = || Login::new(DEV, "login-refresh");
    let ended = login().ending("2020-01-01T00:00:00Z".parse().unwrap());
    let mut changed = login();
    changed.refused = Some("USER_CREDENTIALS_CHANGED".to_owned());
    let mut forbidden = login();
    forbidden.refused = Some("INSUFFICIENT_PERMISSIONS".to_owned());
    for (case, login, words, hint) in [
        ("ended", ended, "The refresh token has expired.", again),
        (
            "changed",
            changed,
            "The user's credentials have changed.",
            again,
        ),
        (
            "forbidden",
            forbidden,
            "The user has insufficient permissions.",
            "  hint: allow the user signin:CreateOAuth2Token (policy SignInLocalDevelopmentAccess), which renews the login\n",
        ),
    ] {
        stage
            .sandbox
            .edit(|world| world.logins = vec![login])
            .unwrap();
        let stderr = error("AccessDeniedException", words) + hint;
        checks.ran(case, &run(&stage), "", &stderr, 125);
    }
    stage
        .sandbox
        .edit(|world| world.logins = vec![login()])
        .unwrap();
    stage.write(FILE, &session(PAST).replace("login-refresh", "spent"));
    let words = "The provided authorization grant is invalid, expired, revoked, or malformed";
    checks.ran(
        "spent",
        &run(&stage),
        "",
        &(error("ValidationException", words) + again),
        125,
    );
}

/// What is left of credentials is used where nobody can be asked for more.
#[test]
fn without_a_network_the_rest_of_the_credentials_is_used() {
    let stage = Stage::of_sources(CONFIG);
    let soon = (stage.sandbox.now() + jiff::SignedDuration::from_mins(4))
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    stage.write(FILE, &session(&soon));
    stage.sandbox.inject(Fault::cut().always());
    let mut checks = Checks::default();
    checks.ran("soon", &run(&stage), &format!("ASIAOLD {soon}\n"), "", 0);
    stage.write(FILE, &session(PAST));
    let ran = run(&stage);
    assert!(
        ran.stderr
            .starts_with("error: AWS sign-in could not be reached at $STS\n"),
        "{}",
        ran.stderr
    );
}

/// A refresh token is good once.
#[test]
fn many_at_once_renew_a_session_once() {
    let stage = Stage::of_sources(CONFIG);
    stage.write(FILE, &session(PAST));
    let regions = ["eu-west-1", "eu-west-2", "eu-west-3"];
    let profile = |region: &&str| {
        CONFIG
            .replace("[profile q]", &format!("[profile {region}]"))
            .replace("eu-central-1", region)
    };
    stage.config(&regions.iter().map(profile).collect::<String>());
    let start = |region: &&str| {
        let mut command = stage.command(&["exec", region, "--", "true"]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let started: Vec<Child> = regions.iter().map(start).collect();
    for child in started {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((said.as_str(), output.status.code()), ("", Some(0)));
    }
    assert_eq!(stage.sandbox.count("CreateOAuth2Token"), 1);
}

/// The file's name is that of a session; what is in it says whose it is.
#[test]
fn a_login_of_somebody_else_is_none() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    // ID tokens whose subject is another user of the account, and the right one.
    let (of_other, of_dev) = (
        "e30.eyJzdWIiOiAiYXJuOmF3czppYW06OjIyMjIyMjIyMjIyMjp1c2VyL290aGVyIn0.c2ln",
        "e30.eyJzdWIiOiAiYXJuOmF3czppYW06OjIyMjIyMjIyMjIyMjp1c2VyL2RldiJ9.c2ln",
    );
    let foreign = |whose: &str| {
        format!(
            "error: the login in ~/{FILE} is not that of {DEV}\n  because: it is that of {whose}\n  hint: log in: assumerole login q\n"
        )
    };
    let other = "arn:aws:iam::222222222222:user/other";
    for ends in [LATER, PAST] {
        let whole = session(ends);
        for (case, text, whose) in [
            (
                "account",
                whole.replace("\"222222222222\"", "\"333333333333\""),
                "account 333333333333",
            ),
            (
                "user",
                whole.replace("\"id\"", &format!("\"{of_other}\"")),
                other,
            ),
        ] {
            stage.write(FILE, &text);
            checks.ran(case, &run(&stage), "", &foreign(whose), 125);
            let ran = stage.run(&["export", "q", "--fresh"]);
            checks.number(case, ran.status.unsigned_abs() as usize, 8);
            let file = std::fs::read_to_string(stage.path(FILE)).unwrap();
            checks.same("left alone", &file, &text);
        }
    }
    checks.number("requests", stage.requests(), 0);
    stage.write(
        FILE,
        &session(PAST).replace("\"id\"", &format!("\"{of_dev}\"")),
    );
    checks.number(
        "own",
        stage.run(&["exec", "q", "true"]).status.unsigned_abs() as usize,
        0,
    );
}

/// What a damaged answer holds is neither used nor kept.
#[test]
fn a_damaged_answer_is_not_written_over_a_login() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let whole = r#"{"accessToken": {"accessKeyId": "ASIANEW", "secretAccessKey": "new-secret", "sessionToken": "new-token"}, "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "new-refresh", "idToken": "a.b.c"}"#;
    for (case, place, value) in [
        ("key", "/accessToken/accessKeyId", "\"ASIA\\r\\nNEW\""),
        ("secret", "/accessToken/secretAccessKey", "\"new\\nsecret\""),
        ("token", "/accessToken/sessionToken", "\"new\\u0000token\""),
        ("no token", "/accessToken/sessionToken", "\"\""),
        ("refresh: lines", "/refreshToken", "\"new\\r\\nrefresh\""),
        ("refresh: empty", "/refreshToken", "\"\""),
        ("refresh: not ASCII", "/refreshToken", "\"tök\""),
        ("ID: lines", "/idToken", "\"a\\nb\""),
        ("negative", "/expiresIn", "-900"),
        ("zero", "/expiresIn", "0"),
        ("another type", "/tokenType", "\"Bearer\""),
    ] {
        let before = session(PAST);
        stage.write(FILE, &before);
        let mut answer: serde_json::Value = serde_json::from_str(whole).unwrap();
        *answer.pointer_mut(place).unwrap() = serde_json::from_str(value).unwrap();
        let server = Answering::start(&answer.to_string());
        let env = [("AWS_ENDPOINT_URL_SIGNIN", server.url())];
        let ran = stage.ran(stage.command(&["export", "q", "--fresh"]).envs(env));
        checks.number(case, ran.status.unsigned_abs() as usize, 6);
        assert!(
            ran.stderr
                .starts_with("error: the answer to CreateOAuth2Token contains ")
                && ran.stderr.contains("; nothing of it was kept"),
            "{case}: {}",
            ran.stderr
        );
        let after = std::fs::read_to_string(stage.path(FILE)).unwrap();
        checks.same(case, &after, &before);
        checks.number(case, server.asked(), 1);
    }
    // The refresh token that was kept is good for another try.
    let ran = stage.run(&["exec", "q", "--fresh", "true"]);
    checks.ran("then", &ran, "", "", 0);
}

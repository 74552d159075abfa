//! How clients come by the tokens of the access portal.

use aws_sandbox::{Fault, Sandbox};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::{Answer, http};
use crate::sso::{START, sandbox};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Answer {
    let kind = [("content-type", "application/json")];
    http(sandbox, ("POST", path), &kind, &body.to_string())
}

/// Asks for a token by this grant; the rest may take the place of anything.
fn token(sandbox: &Sandbox, client: &Value, grant: &str, more: &Value) -> Answer {
    let mut body = json!({
        "clientId": client["clientId"],
        "clientSecret": client["clientSecret"],
        "grantType": grant,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    post(sandbox, "/token", &body)
}

fn jdoe() -> Value {
    json!({"clientId": "jdoe-client", "clientSecret": "jdoe-secret"})
}

/// Whether the portal takes this access token.
fn good(sandbox: &Sandbox, access: &str) -> bool {
    let headers = [("x-amz-sso_bearer_token", access)];
    http(sandbox, ("GET", "/assignment/accounts"), &headers, "").status == 200
}

#[test]
fn a_refresh_token_gives_new_tokens_once() {
    let sandbox = sandbox();
    let refresh = |refresh: &str| {
        let more = json!({"refreshToken": refresh});
        token(&sandbox, &jdoe(), "refresh_token", &more)
    };
    sandbox.advance(SignedDuration::from_hours(2));
    assert!(!good(&sandbox, "jdoe-token"));
    let first = refresh("jdoe-refresh").good();
    assert_eq!(first.at("/tokenType"), "Bearer");
    assert_eq!(first.at("/expiresIn"), "3600");
    assert!(good(&sandbox, &first.at("/accessToken")));
    let spent = "Invalid refresh token provided";
    refresh("jdoe-refresh").is_json(400, "InvalidGrantException", spent);
    let second = refresh(&first.at("/refreshToken")).good();
    assert!(good(&sandbox, &second.at("/accessToken")));
    refresh(&first.at("/refreshToken")).is_json(400, "InvalidGrantException", spent);
    sandbox.advance(SignedDuration::from_secs(3601));
    assert!(!good(&sandbox, &second.at("/accessToken")));

    let entry = sandbox
        .journal()
        .into_iter()
        .find(|entry| entry.action == "CreateToken")
        .unwrap();
    assert_eq!(entry.service, "sso-oidc");
    assert_eq!(entry.caller.as_deref(), Some("jdoe@example.com"));
    assert_eq!(entry.parameters["refreshToken"], "(secret)");
    assert_eq!(entry.parameters["clientSecret"], "(secret)");
    assert_eq!(entry.parameters["grantType"], "refresh_token");
}

#[test]
fn what_is_wrong_with_a_request_for_a_token_is_said() {
    let sandbox = sandbox();
    let other = json!({"clientId": "jdoe-client", "clientSecret": "wrong"});
    let ask = |client: &Value, grant: &str, more: Value| token(&sandbox, client, grant, &more);
    let refresh = json!({"refreshToken": "jdoe-refresh"});
    let answer = ask(&other, "refresh_token", refresh.clone());
    answer.is_json(401, "InvalidClientException", "Invalid client provided");
    assert_eq!(answer.at("/error"), "invalid_client");
    let answer = ask(&jdoe(), "refresh_token", json!({"refreshToken": "x"}));
    answer.is_json(
        400,
        "InvalidGrantException",
        "Invalid refresh token provided",
    );
    assert_eq!(answer.at("/error"), "invalid_grant");
    let answer = ask(&jdoe(), "password", json!({}));
    assert_eq!(answer.at("/error"), "unsupported_grant_type");
    assert_eq!(
        answer.header("x-amzn-errortype").split(':').next(),
        Some("UnsupportedGrantTypeException")
    );
    ask(&jdoe(), "refresh_token", json!({})).is_json(
        400,
        "InvalidRequestException",
        "Missing required parameter: refreshToken",
    );
    ask(&jdoe(), DEVICE, json!({"deviceCode": "x"})).is_json(
        400,
        "InvalidGrantException",
        "Invalid device code provided",
    );
    post(&sandbox, "/token", &json!([])).is_json(400, "InvalidRequestException", "Invalid request");
    // A refresh token is for the client that it was given to.
    let registered = register(&sandbox, &json!({}));
    let answer = ask(&registered, "refresh_token", refresh.clone());
    answer.is_json(
        400,
        "InvalidGrantException",
        "Invalid refresh token provided",
    );
    ask(&jdoe(), "refresh_token", refresh).good();
}

fn register(sandbox: &Sandbox, more: &Value) -> Value {
    let mut body = json!({
        "clientName": "test",
        "clientType": "public",
        "scopes": ["sso:account:access"],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let answer = post(sandbox, "/client/register", &body).good();
    let json = answer.json();
    let lasts = json["clientSecretExpiresAt"].as_i64().unwrap();
    assert!(lasts - sandbox.now().as_second() > 89 * 24 * 3600);
    json
}

fn begin(sandbox: &Sandbox, client: &Value) -> Answer {
    let body = json!({
        "clientId": client["clientId"],
        "clientSecret": client["clientSecret"],
        "startUrl": START,
    });
    post(sandbox, "/device_authorization", &body)
}

#[test]
fn a_device_waits_for_its_person() {
    let sandbox = sandbox();
    let client = register(&sandbox, &json!({}));
    let begun = begin(&sandbox, &client).good();
    let code = begun.at("/userCode");
    assert_eq!((code.len(), begun.at("/interval").as_str()), (9, "1"));
    let page = format!("{}/device?user_code={code}", sandbox.endpoint());
    assert_eq!(begun.at("/verificationUriComplete"), page);
    let more = json!({"deviceCode": begun.at("/deviceCode")});
    let ask = || token(&sandbox, &client, DEVICE, &more);
    let waiting = ask();
    assert_eq!(waiting.at("/error"), "authorization_pending");
    assert_eq!(waiting.status, 400);
    assert!(!sandbox.approve_device("ABCD-EFGH", "eve"));
    assert!(sandbox.approve_device(&code, "jdoe@example.com"));
    assert!(!sandbox.approve_device(&code, "eve"), "once");
    // Another client has nothing of it.
    let answer = token(&sandbox, &jdoe(), DEVICE, &more);
    answer.is_json(400, "InvalidGrantException", "Invalid device code provided");
    let given = ask().good();
    assert!(good(&sandbox, &given.at("/accessToken")));
    ask().is_json(400, "InvalidGrantException", "Invalid device code provided");
    let more = json!({"refreshToken": given.at("/refreshToken")});
    token(&sandbox, &client, "refresh_token", &more).good();
}

#[test]
fn a_person_may_refuse_or_take_too_long() {
    let sandbox = sandbox();
    let client = register(&sandbox, &json!({}));
    let ask = |begun: &Answer| {
        let more = json!({"deviceCode": begun.at("/deviceCode")});
        token(&sandbox, &client, DEVICE, &more).at("/error")
    };
    let begun = begin(&sandbox, &client).good();
    assert!(sandbox.deny_device(&begun.at("/userCode")));
    assert_eq!(ask(&begun), "access_denied");
    let begun = begin(&sandbox, &client).good();
    sandbox.advance(SignedDuration::from_secs(601));
    assert!(!sandbox.approve_device(&begun.at("/userCode"), "eve"));
    assert_eq!(ask(&begun), "expired_token");
}

/// Sends the page that `shown` is back, with this user, password and decision.
fn send_back(
    sandbox: &Sandbox,
    shown: &Answer,
    (path, code): (&str, &str),
    [user, password, decision]: [&str; 3],
) -> Answer {
    let token = page_token(shown);
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("page_token", &token)
        .append_pair("user_code", code)
        .append_pair("username", user)
        .append_pair("password", password)
        .append_pair("decision", decision)
        .finish();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    http(sandbox, ("POST", path), &kind, &form)
}

fn page_token(shown: &Answer) -> String {
    let (_, rest) = shown
        .body
        .split_once("name=\"page_token\" value=\"")
        .expect("a page");
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn the_page_of_a_device_approves_nothing_by_being_opened() {
    let sandbox = sandbox();
    let client = register(&sandbox, &json!({"scopes": []}));
    let begun = begin(&sandbox, &client).good();
    let open = |query: &str| http(&sandbox, ("GET", &format!("/device?{query}")), &[], "");
    let code = begun.at("/userCode");
    open("user_code=ABCD-EFGH").is_json(
        400,
        "InvalidRequestException",
        "Invalid user code provided",
    );
    let more = json!({"deviceCode": begun.at("/deviceCode")});
    let ask = || token(&sandbox, &client, DEVICE, &more);
    let device = ("/device", code.as_str());
    let page = open(&format!("user_code={code}"));
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&code), "{}", page.body);
    assert_eq!(ask().at("/error"), "authorization_pending");
    let wrong = send_back(&sandbox, &page, device, ["eve", "wrong", "allow"]);
    assert_eq!(wrong.status, 401);
    assert_eq!(ask().at("/error"), "authorization_pending");
    let good = ["eve", "password", "allow"];
    // A page is sent back once, and only if it was shown.
    assert_eq!(send_back(&sandbox, &page, device, good).status, 403);
    assert_eq!(send_back(&sandbox, &wrong, device, good).status, 200);
    let given = ask().good();
    // Without the scope it is of the old kind: longer, and cannot be renewed.
    assert_eq!(given.at("/expiresIn"), "28800");
    assert_eq!(given.at("/refreshToken"), "");
    let entry = sandbox.journal().pop().unwrap();
    assert_eq!(entry.caller.as_deref(), Some("eve"));
    let said = format!("{:?}", sandbox.journal());
    assert!(said.contains("(secret)") && !said.contains("\"password\": \"password\""));
}

#[test]
fn a_page_denies_too() {
    let sandbox = sandbox();
    let client = register(&sandbox, &json!({}));
    let begun = begin(&sandbox, &client).good();
    let code = begun.at("/userCode");
    let page = http(&sandbox, ("GET", "/device"), &[], "");
    let denied = ["eve", "password", "deny"];
    let sent = send_back(&sandbox, &page, ("/device", &code), denied);
    assert_eq!(sent.status, 200);
    let more = json!({"deviceCode": begun.at("/deviceCode")});
    let answer = token(&sandbox, &client, DEVICE, &more);
    assert_eq!(answer.at("/error"), "access_denied");
}

#[test]
fn a_token_is_for_its_scopes() {
    let sandbox = sandbox();
    let client = register(&sandbox, &json!({"scopes": ["account_access:read_only"]}));
    let begun = begin(&sandbox, &client).good();
    assert!(sandbox.approve_device(&begun.at("/userCode"), "eve"));
    let more = json!({"deviceCode": begun.at("/deviceCode")});
    let given = token(&sandbox, &client, DEVICE, &more).good();
    assert!(!good(&sandbox, &given.at("/accessToken")));
}

#[test]
fn registrations_and_sign_ins_are_checked() {
    let sandbox = sandbox();
    let register = |body: Value| post(&sandbox, "/client/register", &body);
    register(json!({"clientType": "public"})).is_json(
        400,
        "InvalidRequestException",
        "Missing required parameter: clientName",
    );
    let answer = register(json!({"clientName": "x", "clientType": "confidential"}));
    assert_eq!(answer.at("/error"), "invalid_client_metadata");
    let with = |uris: Value| {
        register(json!({
            "clientName": "x",
            "clientType": "public",
            "grantTypes": ["authorization_code"],
            "redirectUris": uris,
        }))
    };
    assert_eq!(with(json!([])).at("/error"), "invalid_redirect_uri");
    let evil = with(json!(["https://evil.example.com"]));
    assert_eq!(evil.at("/error"), "invalid_redirect_uri");
    with(json!(["http://127.0.0.1/oauth/callback"])).good();
    let begin = |url: &str| {
        let body =
            json!({"clientId": "jdoe-client", "clientSecret": "jdoe-secret", "startUrl": url});
        post(&sandbox, "/device_authorization", &body)
    };
    begin("https://other.awsapps.com/start").is_json(
        400,
        "InvalidRequestException",
        "Invalid start url provided",
    );
    begin(&format!("{START}/")).good();
    begin(&format!("{START}/#")).good();
}

#[test]
fn a_registration_ends() {
    let sandbox = sandbox();
    let client = register(&sandbox, &json!({}));
    sandbox.advance(SignedDuration::from_hours(91 * 24));
    begin(&sandbox, &client).is_json(401, "InvalidClientException", "Invalid client provided");
}

#[test]
fn a_browser_brings_a_code_back_for_the_client_that_sent_it() {
    let sandbox = sandbox();
    let client = register(
        &sandbox,
        &json!({
            "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"],
            "issuerUrl": START,
        }),
    );
    // The example of RFC 7636, appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let there = "http://127.0.0.1:40123/oauth/callback";
    let id = client["clientId"].as_str().unwrap();
    let open = |redirect: &str| {
        let target = format!(
            "/authorize?response_type=code&client_id={id}&redirect_uri={redirect}&state=a%2Bb\
             &code_challenge_method=S256&code_challenge={challenge}&scopes=sso%3Aaccount%3Aaccess"
        );
        http(&sandbox, ("GET", &target), &[], "")
    };
    for wrong in [
        "http://127.0.0.1.evil.example.com/oauth/callback",
        "http://127.0.0.1:1/other",
        "https://evil.example.com/oauth/callback",
    ] {
        open(wrong).is_json(
            400,
            "InvalidRequestException",
            "Invalid redirect uri provided",
        );
    }
    let page = open(there);
    assert_eq!(page.status, 200);
    let jdoe = ["jdoe@example.com", "password", "allow"];
    let sent = send_back(&sandbox, &page, ("/authorize", ""), jdoe);
    assert_eq!(sent.status, 302);
    let location = sent.header("location");
    let code = location
        .strip_prefix(&format!("{there}?code="))
        .and_then(|rest| rest.strip_suffix("&state=a%2Bb"))
        .unwrap();
    let ask = |verifier: &str, uri: &str| {
        let more = json!({"code": code, "redirectUri": uri, "codeVerifier": verifier});
        token(&sandbox, &client, "authorization_code", &more)
    };
    ask("wrong", there).is_json(400, "InvalidGrantException", "Invalid grant provided");
    ask(verifier, "http://127.0.0.1:1/oauth/callback").is_json(
        400,
        "InvalidGrantException",
        "Invalid grant provided",
    );
    let as_device = token(&sandbox, &client, DEVICE, &json!({"deviceCode": code}));
    as_device.is_json(400, "InvalidGrantException", "Invalid device code provided");
    let given = ask(verifier, there).good();
    assert!(good(&sandbox, &given.at("/accessToken")));
    ask(verifier, there).is_json(400, "InvalidGrantException", "Invalid grant provided");
}

#[test]
fn faults_are_in_the_words_of_oauth() {
    let sandbox = sandbox();
    let refresh = || {
        let more = json!({"refreshToken": "jdoe-refresh"});
        token(&sandbox, &jdoe(), "refresh_token", &more)
    };
    sandbox.inject(Fault::throttle().on("CreateToken"));
    assert_eq!(refresh().at("/error"), "slow_down");
    sandbox.inject(Fault::internal_error());
    let answer = refresh();
    assert_eq!(
        (answer.status, answer.at("/error").as_str()),
        (500, "server_error")
    );
    sandbox.inject(Fault::service_unavailable());
    assert_eq!(refresh().status, 503);
    sandbox.inject(Fault::expire_in(60));
    let given = refresh().good();
    assert_eq!(given.at("/expiresIn"), "60");
    sandbox.advance(SignedDuration::from_secs(61));
    assert!(!good(&sandbox, &given.at("/accessToken")));
}

#[test]
fn a_logout_ends_all_tokens_of_its_sign_in() {
    let sandbox = sandbox();
    let client = register(&sandbox, &json!({}));
    let sign_in = || {
        let begun = begin(&sandbox, &client).good();
        assert!(sandbox.approve_device(&begun.at("/userCode"), "eve"));
        let more = json!({"deviceCode": begun.at("/deviceCode")});
        token(&sandbox, &client, DEVICE, &more).good()
    };
    let (first, other) = (sign_in(), sign_in());
    let refresh = |from: &Answer| {
        let more = json!({"refreshToken": from.at("/refreshToken")});
        token(&sandbox, &client, "refresh_token", &more)
    };
    let second = refresh(&first).good();
    let access = second.at("/accessToken");
    let headers = [("x-amz-sso_bearer_token", access.as_str())];
    assert_eq!(
        http(&sandbox, ("POST", "/logout"), &headers, "").status,
        200
    );
    assert!(!good(&sandbox, &access) && !good(&sandbox, &first.at("/accessToken")));
    assert_eq!(refresh(&second).at("/error"), "invalid_grant");
    assert!(good(&sandbox, &other.at("/accessToken")));
    refresh(&other).good();
}

//! The access portal of IAM Identity Center.

use aws_sandbox::{
    Fault, IdentityCenter, PermissionSet, Role, Sandbox, SsoSession, SsoUser, World,
};
use jiff::SignedDuration;

use crate::client::{Answer, Client, http, start};

pub(crate) const START: &str = "https://acme.awsapps.com/start";
const SHOP: &str = "123456789012";
const PLAY: &str = "345678901234";

/// Two people: `jdoe` with a token that ends, `eve` with one that does not and
/// with nothing that she may have.
pub(crate) fn center() -> IdentityCenter {
    let jdoe = SsoUser::new("jdoe@example.com")
        .assigned(SHOP, "ReadOnly")
        .assigned(SHOP, "Admin")
        .assigned(PLAY, "Admin")
        .session(
            SsoSession::new("jdoe-token")
                .ending("2026-01-05T13:00:00Z".parse().unwrap())
                .renewable("jdoe-refresh", "jdoe-client", "jdoe-secret"),
        );
    IdentityCenter::new(START)
        .account(SHOP, "shop")
        .account(PLAY, "play")
        .account("567890123456", "secret")
        .permission_set(PermissionSet::new("ReadOnly"))
        .permission_set(PermissionSet::new("Admin").lasting(43_200))
        .user(jdoe)
        .user(SsoUser::new("eve").session(SsoSession::new("eve-token")))
}

pub(crate) fn sandbox() -> Sandbox {
    start(World::default().single_sign_on(center()))
}

fn get(sandbox: &Sandbox, target: &str, token: &str) -> Answer {
    let headers = [("x-amz-sso_bearer_token", token)];
    http(sandbox, ("GET", target), &headers, "")
}

fn credentials(sandbox: &Sandbox, account: &str, role: &str, token: &str) -> Answer {
    let target = format!("/federation/credentials?role_name={role}&account_id={account}");
    get(sandbox, &target, token)
}

#[test]
fn a_token_gives_the_roles_that_its_user_was_assigned() {
    let sandbox = sandbox();
    for (account, role, seconds) in [
        (SHOP, "ReadOnly", 3600),
        (SHOP, "Admin", 43_200),
        (PLAY, "Admin", 43_200),
    ] {
        let before = sandbox.now().as_second();
        let answer = credentials(&sandbox, account, role, "jdoe-token").good();
        let ends: i64 = answer.at("/roleCredentials/expiration").parse().unwrap();
        assert_eq!(ends % 1000, 0, "milliseconds of whole seconds");
        let lasts = ends / 1000 - before;
        assert!((seconds - 1..=seconds + 60).contains(&lasts), "{lasts}");
        let session = Client::new(&sandbox).with_json(&answer, "/roleCredentials");
        let who = session.call("GetCallerIdentity", &[]).good();
        let arn = who.text("Arn");
        let start = format!("arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{role}_");
        assert!(arn.starts_with(&start), "{arn}");
        assert!(arn.ends_with("/jdoe@example.com"), "{arn}");
        assert_eq!(arn.len(), start.len() + 16 + "/jdoe@example.com".len());
        assert_eq!(who.text("Account"), account);
    }
    let entry = sandbox.journal().swap_remove(0);
    assert_eq!(
        (entry.service.as_str(), entry.action.as_str()),
        ("sso", "GetRoleCredentials")
    );
    assert_eq!(entry.caller.as_deref(), Some("jdoe@example.com"));
    assert_eq!(entry.parameters["role_name"], "ReadOnly");
    assert!(!format!("{entry:?}").contains("jdoe-token"));
}

#[test]
fn a_role_may_trust_such_a_session_for_an_hour_at_most() {
    let sandbox = sandbox();
    let answer = credentials(&sandbox, SHOP, "Admin", "jdoe-token").good();
    let session = Client::new(&sandbox).with_json(&answer, "/roleCredentials");
    let target = "arn:aws:iam::345678901234:role/deploy";
    sandbox
        .add_role(Role::new(target).trusting(SHOP).lasting(43_200))
        .unwrap();
    let given = session.assume_role(target, &[]).good();
    assert_eq!(
        given.text("Arn"),
        "arn:aws:sts::345678901234:assumed-role/deploy/jdoe"
    );
    session
        .assume_role(target, &[("DurationSeconds", "3601")])
        .is(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
             by role chaining.",
        );
    session.call("GetSessionToken", &[]).is(
        403,
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    );
    // With its permission set a session ends.
    sandbox
        .edit(|world| {
            world.identity_centers[0].permission_sets.pop();
            world.identity_centers[0].users.clear();
        })
        .unwrap();
    let (_, code, _) = session.call("GetCallerIdentity", &[]).refusal();
    assert_eq!(code, "InvalidClientTokenId");
}

#[test]
fn only_a_token_that_is_good_is_one() {
    let sandbox = sandbox();
    let refused = |token: &str| {
        for target in [
            "/assignment/accounts",
            "/federation/credentials?role_name=x",
        ] {
            get(&sandbox, target, token).is_json(
                401,
                "UnauthorizedException",
                "Session token not found or invalid",
            );
        }
    };
    for wrong in ["", "other", "jdoe-refresh", "Bearer jdoe-token"] {
        refused(wrong);
    }
    get(&sandbox, "/assignment/accounts", "jdoe-token").good();
    sandbox.advance(SignedDuration::from_secs(3601));
    refused("jdoe-token");
    let answer = get(&sandbox, "/assignment/accounts", "eve-token").good();
    assert_eq!(answer.json()["accountList"].as_array().unwrap().len(), 0);
    let headers = [("x-amz-sso_bearer_token", "eve-token")];
    http(&sandbox, ("POST", "/logout"), &headers, "").good();
    refused("eve-token");
}

#[test]
fn what_was_not_assigned_is_no_access() {
    let sandbox = sandbox();
    for (account, role, token) in [
        (PLAY, "ReadOnly", "jdoe-token"),
        (SHOP, "Nobody", "jdoe-token"),
        ("567890123456", "Admin", "jdoe-token"),
        ("999999999999", "Admin", "jdoe-token"),
        (SHOP, "Admin", "eve-token"),
    ] {
        let answer = credentials(&sandbox, account, role, token);
        answer.is_json(403, "ForbiddenException", "No access");
        let kind = "com.amazonaws.switchboard.portal#ForbiddenException";
        assert_eq!(answer.at("/__type"), kind);
    }
    let roles = get(
        &sandbox,
        "/assignment/roles?account_id=567890123456",
        "jdoe-token",
    );
    roles.is_json(403, "ForbiddenException", "No access");
    for (target, message) in [
        (
            "/federation/credentials?role_name=Admin",
            "account_id is missing",
        ),
        (
            "/federation/credentials?account_id=1",
            "role_name is missing",
        ),
        ("/assignment/roles", "account_id is missing"),
        (
            "/assignment/accounts?max_result=101",
            "max_result is invalid",
        ),
        ("/assignment/accounts?max_result=0", "max_result is invalid"),
        ("/assignment/accounts?next_token=x", "next_token is invalid"),
    ] {
        let answer = get(&sandbox, target, "jdoe-token");
        answer.is_json(400, "InvalidRequestException", message);
    }
}

#[test]
fn accounts_and_roles_are_listed_in_pages() {
    let sandbox = sandbox();
    let all = get(&sandbox, "/assignment/accounts", "jdoe-token").good();
    assert_eq!(all.at("/accountList/0/accountId"), SHOP);
    assert_eq!(all.at("/accountList/1/accountName"), "play");
    assert_eq!(all.at("/accountList/1/emailAddress"), "play@example.com");
    assert_eq!(all.at("/accountList/2"), "");
    assert_eq!(all.at("/nextToken"), "null");
    let first = get(&sandbox, "/assignment/accounts?max_result=1", "jdoe-token").good();
    assert_eq!(first.at("/accountList/1"), "");
    let next = first.at("/nextToken");
    let target = format!("/assignment/accounts?max_result=1&next_token={next}");
    let second = get(&sandbox, &target, "jdoe-token").good();
    assert_eq!(second.at("/accountList/0/accountId"), PLAY);
    assert_eq!(second.at("/nextToken"), "null");
    let target = format!("/assignment/roles?account_id={SHOP}");
    let roles = get(&sandbox, &target, "jdoe-token").good();
    assert_eq!(roles.at("/roleList/0/roleName"), "ReadOnly");
    assert_eq!(roles.at("/roleList/1/roleName"), "Admin");
    assert_eq!(roles.at("/roleList/1/accountId"), SHOP);
}

#[test]
fn faults_are_in_the_words_of_the_portal() {
    let sandbox = sandbox();
    let ask = || credentials(&sandbox, SHOP, "ReadOnly", "jdoe-token");
    sandbox.inject(Fault::throttle().on("GetRoleCredentials"));
    ask().is_json(429, "TooManyRequestsException", "Rate exceeded");
    sandbox.inject(Fault::internal_error());
    ask().is_json(500, "InternalFailure", "Internal error");
    sandbox.inject(Fault::service_unavailable());
    assert_eq!(ask().status, 503);
    sandbox.inject(Fault::error("ResourceNotFoundException", "gone", 404));
    ask().is_json(404, "ResourceNotFoundException", "gone");
    sandbox.inject(Fault::expire_in(-1));
    let ended = Client::new(&sandbox).with_json(&ask().good(), "/roleCredentials");
    let (_, code, _) = ended.call("GetCallerIdentity", &[]).refusal();
    assert_eq!(code, "ExpiredToken");
}

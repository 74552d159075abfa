//! CodeArtifact: tokens, endpoints, and what package tools find there.

use aws_sandbox::{Domain, Fault, Repository, Role, Sandbox, User, World};
use jiff::{SignedDuration, Timestamp};

use crate::client::{Answer, Client, KEY, READ, SECRET, USER, http, start};
use crate::packages::tool;

const OWNER: &str = "123456789012";
pub(crate) const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
pub(crate) const TOKEN: &str = "/v1/authorization-token?domain=my-artifacts";

/// A role that may do all of it, and a user that may only assume it.
pub(crate) fn sandbox() -> Sandbox {
    let user = User::new("team/jdoe", "210987654321").key(KEY, SECRET);
    let role = Role::new(READ)
        .trusting(USER)
        .allowing("codeartifact:*")
        .allowing("sts:GetServiceBearerToken");
    let repository = Repository::new("shop")
        .file("maven/com/acme/lib/1.0/lib-1.0.pom", "<project/>")
        .file("npm/acme-lib", r#"{"dist": "{endpoint}/acme-lib/-/x.tgz"}"#)
        .file("pypi/simple/acme-lib/", "<a href=\"x.whl\">x.whl</a>");
    let domain = Domain::new("my-artifacts", OWNER).repository(repository);
    let elsewhere = Domain::new("far-away", OWNER).region("us-west-2");
    start(
        World::default()
            .user(user)
            .role(role)
            .domain(domain)
            .domain(elsewhere),
    )
}

pub(crate) fn role(sandbox: &Sandbox) -> Client<'_> {
    let user = Client::new(sandbox);
    let given = user.assume(&[("DurationSeconds", "900")]).good();
    Client {
        service: "codeartifact",
        ..user.with(&given)
    }
}

fn lasts(sandbox: &Sandbox, answer: &Answer) -> i64 {
    let end: i64 = answer.at("/expiration").parse().unwrap();
    end - sandbox.now().as_second()
}

#[test]
fn a_token_lasts_as_long_as_asked_or_as_the_session() {
    let sandbox = sandbox();
    let client = role(&sandbox);
    for (more, seconds) in [
        ("", 43_200),
        ("&duration=900", 900),
        ("&duration=43200", 43_200),
        ("&duration=0", 900),
        ("&domain-owner=123456789012&duration=3600", 3600),
    ] {
        let target = format!("{TOKEN}{more}");
        let answer = client.rest("POST", &target, "").good();
        let lasts = lasts(&sandbox, &answer);
        assert!((seconds - 60..=seconds).contains(&lasts), "{more}: {lasts}");
        let token = answer.at("/authorizationToken");
        assert_eq!(token.split('.').count(), 5);
        assert!(token.len() > 700);
    }
    let entry = sandbox.journal().pop().unwrap();
    assert_eq!(
        (
            entry.service.as_str(),
            entry.action.as_str(),
            entry.region.as_str()
        ),
        ("codeartifact", "GetAuthorizationToken", "eu-central-1")
    );
    assert_eq!(entry.caller.as_deref(), Some(SESSION));
    assert_eq!(entry.parameters["domain"], "my-artifacts");
    assert_eq!(entry.parameters["duration"], "3600");
}

#[test]
fn long_term_keys_have_no_end_that_a_token_could_have() {
    let sandbox = sandbox();
    sandbox
        .edit(|world| world.users[0].allow = vec!["*".to_owned()])
        .unwrap();
    let user = Client {
        service: "codeartifact",
        ..Client::new(&sandbox)
    };
    let target = format!("{TOKEN}&domain-owner={OWNER}&duration=0");
    let answer = user.rest("POST", &target, "").good();
    assert!(lasts(&sandbox, &answer) > 43_000);
}

#[test]
fn both_permissions_are_needed() {
    let sandbox = sandbox();
    let client = role(&sandbox);
    let allow = |actions: &[&str]| {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        sandbox
            .edit(|world| world.roles[0].allow = actions)
            .unwrap();
    };
    let denied = |action: &str, resource: &str| {
        let message = format!(
            "User: {SESSION} is not authorized to perform: {action} on resource: {resource} \
             because no identity-based policy allows the {action} action"
        );
        let answer = client.rest("POST", TOKEN, "");
        answer.is_json(403, "AccessDeniedException", &message);
    };
    let resource = "arn:aws:codeartifact:eu-central-1:123456789012:domain/my-artifacts";
    allow(&[]);
    denied("codeartifact:GetAuthorizationToken", resource);
    allow(&["codeartifact:Get"]);
    denied("codeartifact:GetAuthorizationToken", resource);
    allow(&["CodeArtifact:get*"]);
    denied("sts:GetServiceBearerToken", "*");
    allow(&["CodeArtifact:get*", "sts:GetServiceBearerToken"]);
    client.rest("POST", TOKEN, "").good();
    // Who owns the domain is said, or is the caller.
    let target = format!("{TOKEN}&domain-owner=999999999999");
    client.rest("POST", &target, "").is_json(
        404,
        "ResourceNotFoundException",
        "Domain not found. Domain 'my-artifacts' owned by account '999999999999' does not exist",
    );
}

#[test]
fn a_domain_has_to_be_in_the_region() {
    let sandbox = sandbox();
    let mut client = role(&sandbox);
    let target = "/v1/authorization-token?domain=far-away";
    let answer = client.rest("POST", target, "");
    answer.is_json(
        404,
        "ResourceNotFoundException",
        "Domain not found. Domain 'far-away' owned by account '123456789012' does not exist",
    );
    assert_eq!(answer.at("/resourceId"), "far-away");
    assert_eq!(answer.at("/resourceType"), "domain");
    client.region = "us-west-2";
    client.rest("POST", target, "").good();
}

#[test]
fn parameters_have_their_bounds() {
    let sandbox = sandbox();
    let client = role(&sandbox);
    let refused = |method: &str, target: &str, message: &str| {
        let answer = client.rest(method, target, "");
        answer.is_json(400, "ValidationException", message);
    };
    let one = |value: &str, name: &str, wanted: &str| {
        format!(
            "1 validation error detected: Value {value} at '{name}' failed to satisfy \
             constraint: Member must {wanted}"
        )
    };
    let token = "/v1/authorization-token";
    refused("POST", token, &one("null", "domain", "not be null"));
    let pattern = r"satisfy regular expression pattern: [a-z][a-z0-9\-]{0,48}[a-z0-9]";
    for wrong in ["my_artifacts", "My-artifacts", "1a", "a-"] {
        let target = format!("{token}?domain={wrong}");
        refused(
            "POST",
            &target,
            &one(&format!("'{wrong}'"), "domain", pattern),
        );
    }
    let owner = one(
        "'12'",
        "domainOwner",
        "have length greater than or equal to 12",
    );
    refused("POST", &format!("{TOKEN}&domain-owner=12"), &owner);
    let long = one(
        "'43201'",
        "durationSeconds",
        "have value less than or equal to 43200",
    );
    refused("POST", &format!("{TOKEN}&duration=43201"), &long);
    for short in ["1", "899"] {
        refused(
            "POST",
            &format!("{TOKEN}&duration={short}"),
            "Invalid duration: durationSeconds must be 0 or between 900 and 43200",
        );
    }
    refused(
        "POST",
        &format!("{TOKEN}&duration=x"),
        "Invalid value 'x' at 'durationSeconds': an integer is expected",
    );
    let endpoint = "/v1/repository/endpoint?domain=my-artifacts";
    let formats = "satisfy enum value set: [npm, pypi, maven, nuget, generic, ruby, swift, cargo]";
    refused(
        "GET",
        &format!("{endpoint}&repository=shop&format=deb"),
        &one("'deb'", "format", formats),
    );
    refused(
        "GET",
        &format!("{endpoint}&repository=.shop&format=npm"),
        &one(
            "'.shop'",
            "repository",
            r"satisfy regular expression pattern: [A-Za-z0-9][A-Za-z0-9._\-]{1,99}",
        ),
    );
}

#[test]
fn a_repository_has_an_endpoint_a_format() {
    let sandbox = sandbox();
    let client = role(&sandbox);
    let ask = |rest: &str| {
        let target = format!("/v1/repository/endpoint?domain=my-artifacts&{rest}");
        client.rest("GET", &target, "")
    };
    for format in ["npm", "maven", "pypi", "nuget", "cargo"] {
        let answer = ask(&format!("repository=shop&format={format}")).good();
        let url = format!(
            "{}/d/my-artifacts-123456789012/eu-central-1/{format}/shop/",
            sandbox.endpoint()
        );
        assert_eq!(answer.at("/repositoryEndpoint"), url);
    }
    ask("repository=shop&format=npm&endpointType=dualstack").good();
    let answer = ask("repository=other&format=npm");
    answer.is_json(
        404,
        "ResourceNotFoundException",
        "Repository not found. Repository 'other' in domain 'my-artifacts' owned by account \
         '123456789012' does not exist",
    );
    assert_eq!(answer.at("/resourceType"), "repository");
    sandbox.edit(|world| world.roles[0].allow.clear()).unwrap();
    let (_, message) = (
        ask("repository=shop&format=npm"),
        "codeartifact:GetRepositoryEndpoint",
    );
    assert!(
        ask("repository=shop&format=npm")
            .at("/message")
            .contains(message)
    );
}

#[test]
fn signatures_are_checked_in_the_words_of_json_services() {
    let sandbox = sandbox();
    let good = role(&sandbox);
    let refused = |client: &Client<'_>, status: u16, code: &str| {
        let answer = client.rest("POST", TOKEN, "");
        let kind = answer.header("x-amzn-errortype");
        assert_eq!(
            (answer.status, kind.as_str()),
            (status, code),
            "{}",
            answer.body
        );
    };
    let with = |change: fn(&mut Client<'_>)| {
        let mut client = good.clone();
        change(&mut client);
        client
    };
    refused(
        &with(|c| c.secret.push('x')),
        403,
        "InvalidSignatureException",
    );
    refused(
        &with(|c| c.service = "sts"),
        403,
        "InvalidSignatureException",
    );
    refused(
        &with(|c| c.ahead = SignedDuration::from_mins(16)),
        403,
        "InvalidSignatureException",
    );
    refused(
        &with(|c| c.token = None),
        403,
        "UnrecognizedClientException",
    );
    refused(
        &with(|c| c.key = "AKIAI44QH8DHBEXAMPLE".into()),
        403,
        "UnrecognizedClientException",
    );
    let answer = http(&sandbox, ("POST", TOKEN), &[], "");
    assert_eq!(
        answer.header("x-amzn-errortype"),
        "MissingAuthenticationTokenException"
    );
    sandbox.advance(SignedDuration::from_secs(901));
    refused(&good, 403, "ExpiredTokenException");
    good.clone().rest("POST", "/v1/nothing", "");
    assert_eq!(sandbox.journal().pop().unwrap().status, 404);
}

#[test]
fn faults_are_in_the_words_of_codeartifact() {
    let sandbox = sandbox();
    let client = role(&sandbox);
    let ask = || client.rest("POST", TOKEN, "");
    sandbox.inject(Fault::throttle().on("GetAuthorizationToken"));
    ask().is_json(429, "ThrottlingException", "Rate exceeded");
    sandbox.inject(Fault::internal_error());
    ask().is_json(500, "InternalServerException", "Internal server error");
    sandbox.inject(Fault::service_unavailable());
    assert_eq!(ask().status, 503);
    sandbox.inject(Fault::expire_in(-5));
    let answer = ask().good();
    let end = Timestamp::from_second(answer.at("/expiration").parse().unwrap()).unwrap();
    assert!(end < sandbox.now());
    let bearer = format!("Bearer {}", answer.at("/authorizationToken"));
    assert_eq!(
        tool(&sandbox, "GET", "npm/shop/acme-lib", Some(&bearer)).status,
        401
    );
    sandbox.inject(Fault::throttle().on("ReadPackage"));
    assert_eq!(tool(&sandbox, "GET", "npm/shop/acme-lib", None).status, 429);
}

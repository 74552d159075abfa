//! What package tools find below the endpoints of CodeArtifact.

use aws_sandbox::Sandbox;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;

use crate::client::{Answer, http};
use crate::codeartifact::{SESSION, TOKEN, role, sandbox};

/// Asks a package tool's question, with this `Authorization`.
pub(crate) fn tool(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    authorization: Option<&str>,
) -> Answer {
    let target = format!("/d/my-artifacts-123456789012/eu-central-1/{path}");
    let headers: Vec<_> = authorization
        .map(|value| ("authorization", value))
        .into_iter()
        .collect();
    http(sandbox, (method, &target), &headers, "content")
}

#[test]
fn package_tools_find_files_for_their_token() {
    let sandbox = sandbox();
    let client = role(&sandbox);
    let token = client
        .rest("POST", TOKEN, "")
        .good()
        .at("/authorizationToken");
    let bearer = format!("Bearer {token}");
    let basic = format!("Basic {}", STANDARD.encode(format!("aws:{token}")));
    let pom = "maven/shop/com/acme/lib/1.0/lib-1.0.pom";
    for authorization in [&bearer, &basic] {
        let answer = tool(&sandbox, "GET", pom, Some(authorization)).good();
        assert_eq!(answer.body, "<project/>");
        let entry = sandbox.journal().pop().unwrap();
        assert_eq!(entry.authorization.as_ref(), Some(authorization));
        assert_eq!(entry.caller.as_deref(), Some(SESSION));
        assert!(entry.path.ends_with(pom), "{}", entry.path);
        assert_eq!(
            (entry.service.as_str(), entry.action.as_str()),
            ("codeartifact-packages", "ReadPackage")
        );
    }
    let npm = tool(&sandbox, "GET", "npm/shop/acme-lib", Some(&bearer)).good();
    assert_eq!(npm.header("content-type"), "application/json");
    let url = format!(
        "{}/d/my-artifacts-123456789012/eu-central-1/npm/shop/acme-lib/-/x.tgz",
        sandbox.endpoint()
    );
    assert_eq!(npm.at("/dist"), url);
    let pip = tool(&sandbox, "GET", "pypi/shop/simple/acme-lib/", Some(&basic)).good();
    assert_eq!(pip.header("content-type"), "text/html");
    tool(&sandbox, "GET", "npm/shop/-/ping", Some(&bearer)).good();
    assert_eq!(
        tool(&sandbox, "GET", "npm/shop/nothing", Some(&bearer)).status,
        404
    );
    assert_eq!(
        tool(&sandbox, "GET", "npm/other/acme-lib", Some(&bearer)).status,
        404
    );
    // What is published can be had.
    let jar = "maven/shop/com/acme/new/1/new-1.jar";
    assert_eq!(tool(&sandbox, "PUT", jar, Some(&basic)).status, 201);
    assert_eq!(
        tool(&sandbox, "GET", jar, Some(&basic)).good().body,
        "content"
    );
    assert_eq!(
        tool(&sandbox, "POST", "pypi/shop/", Some(&basic)).status,
        201
    );
    assert_eq!(tool(&sandbox, "DELETE", jar, Some(&basic)).status, 404);
}

#[test]
fn package_tools_without_a_good_token_are_asked_for_one() {
    let sandbox = sandbox();
    let client = role(&sandbox);
    let target = format!("{TOKEN}&duration=900");
    let token = client
        .rest("POST", &target, "")
        .good()
        .at("/authorizationToken");
    let bearer = format!("Bearer {token}");
    let pom = "maven/shop/com/acme/lib/1.0/lib-1.0.pom";
    for wrong in [
        None,
        Some("Bearer x"),
        Some(token.as_str()),
        Some("Basic !"),
        Some("Basic YQ=="),
    ] {
        let answer = tool(&sandbox, "GET", pom, wrong);
        assert_eq!(answer.status, 401);
        for scheme in ["Bearer", "Basic"] {
            let header = format!("www-authenticate: {scheme} realm=\"my-artifacts/shop\"");
            assert!(answer.head.contains(&header), "{}", answer.head);
        }
    }
    let elsewhere = "/d/my-artifacts-123456789012/us-east-1/maven/shop/x";
    let answer = http(
        &sandbox,
        ("GET", elsewhere),
        &[("authorization", &bearer)],
        "",
    );
    assert_eq!(answer.status, 401, "a token is for a domain in a region");
    tool(&sandbox, "GET", pom, Some(&bearer)).good();
    sandbox
        .edit(|world| world.roles[0].allow = vec!["codeartifact:GetAuthorizationToken".into()])
        .unwrap();
    let denied = tool(&sandbox, "GET", pom, Some(&bearer));
    assert_eq!(denied.status, 403);
    let part = "codeartifact:ReadFromRepository on resource: \
                arn:aws:codeartifact:eu-central-1:123456789012:repository/my-artifacts/shop";
    assert!(denied.at("/message").contains(part), "{}", denied.body);
    sandbox.advance(SignedDuration::from_secs(901));
    assert_eq!(tool(&sandbox, "GET", pom, Some(&bearer)).status, 401);
}

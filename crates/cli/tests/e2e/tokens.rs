//! `eks-token` and `rds-token`: requests that are signed here and sent by others.

use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use super::harness::{Ran, SECRET, Stage};
use super::support::Checks;

const V1: &str = "client.authentication.k8s.io/v1";
const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";

fn stage() -> Stage {
    let stage = Stage::new();
    stage.warm("plain");
    stage
}

fn info(version: &str) -> String {
    format!(
        r#"{{"kind":"ExecCredential","apiVersion":"{version}","spec":{{"interactive":false}}}}"#
    )
}

fn eks(stage: &Stage, info: Option<&str>) -> Ran {
    let mut command = stage.command(&["eks-token", "plain", "acme-1"]);
    // As kubectl is, which is told where STS is by nothing but the environment.
    if let Some(info) = info {
        command.env("KUBERNETES_EXEC_INFO", info);
    }
    stage.ran(&mut command)
}

/// The URL in a token, which a cluster sends.
fn url(credential: &Value) -> String {
    let token = credential["status"]["token"].as_str().unwrap();
    let encoded = token.strip_prefix("k8s-aws-v1.").unwrap();
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
}

fn sent(stage: &Stage, url: &str, cluster: &str) -> String {
    let mut curl = Command::new("curl");
    let header = format!("x-k8s-aws-id: {cluster}");
    stage.clear(curl.args(["-s", "-H", &header, url]));
    stage.ran(&mut curl).stdout
}

#[test]
fn a_cluster_learns_from_the_token_who_asks() {
    let stage = stage();
    let before = stage.requests();
    let ran = eks(&stage, Some(&info(V1)));
    let mut checks = Checks::default();
    checks.same("stderr", &ran.stderr, "");
    checks.number("status", ran.status as usize, 0);
    checks.number("requests", stage.requests() - before, 0);
    let credential: Value = serde_json::from_str(&ran.stdout).unwrap();
    checks.same(
        "kind",
        credential["kind"].as_str().unwrap(),
        "ExecCredential",
    );
    checks.same("spec", &credential["spec"].to_string(), "{}");
    let ends = credential["status"]["expirationTimestamp"]
        .as_str()
        .unwrap();
    checks.same("whole seconds", &ends[19..], "Z");
    let url = url(&credential);
    let page = sent(&stage, &url, "acme-1");
    let who = "<Arn>arn:aws:sts::123456789012:assumed-role/plain/tester</Arn>";
    checks.same("who", &page.contains(who).to_string(), "true");
    // It is for this cluster alone, and nothing else can be asked with it.
    for (url, cluster) in [
        (url.clone(), "acme-2"),
        (
            url.replace("GetCallerIdentity", "GetSessionToken"),
            "acme-1",
        ),
    ] {
        let page = sent(&stage, &url, cluster);
        let refused = page.contains("<Code>SignatureDoesNotMatch</Code>");
        checks.same(&url, &refused.to_string(), "true");
    }
}

#[test]
fn kubectl_gets_the_version_that_it_asks_for() {
    let stage = stage();
    let mut checks = Checks::default();
    for (asked, answered) in [(None, V1BETA1), (Some(V1BETA1), V1BETA1), (Some(V1), V1)] {
        let info = asked.map(info);
        let ran = eks(&stage, info.as_deref());
        let credential: Value = serde_json::from_str(&ran.stdout).unwrap();
        checks.same(
            answered,
            credential["apiVersion"].as_str().unwrap(),
            answered,
        );
        checks.same("stderr", &ran.stderr, "");
    }
    let hint = "  hint: write into the kubeconfig: apiVersion: client.authentication.k8s.io/v1\n";
    for (info, why) in [
        (
            info("client.authentication.k8s.io/v1alpha1"),
            "error: KUBERNETES_EXEC_INFO asks for \"client.authentication.k8s.io/v1alpha1\", and there is only \
             client.authentication.k8s.io/v1beta1 and client.authentication.k8s.io/v1\n",
        ),
        (
            "nonsense".to_owned(),
            "error: KUBERNETES_EXEC_INFO does not say which apiVersion is wanted\n",
        ),
    ] {
        let ran = eks(&stage, Some(&info));
        checks.same(&info, &ran.stderr, &format!("{why}{hint}"));
        checks.same("stdout", &ran.stdout, "");
        checks.number("status", ran.status as usize, 2);
    }
}

#[test]
fn a_database_token_is_signed_for_host_port_and_region() {
    let stage = stage();
    let mut checks = Checks::default();
    let before = stage.requests();
    for (args, start, region) in [
        (
            vec!["plain", "db.cxyz.eu-west-1.rds.amazonaws.com", "app"],
            "db.cxyz.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&",
            "eu-west-1",
        ),
        (
            vec![
                "--region",
                "eu-north-1",
                "plain",
                "DB.example:3306",
                "j doe",
            ],
            "db.example:3306/?Action=connect&DBUser=j%20doe&",
            "eu-north-1",
        ),
        (
            vec![
                "--port",
                "1",
                "--region",
                "eu-west-3",
                "plain",
                "db.cxyz.eu-west-1.rds.amazonaws.com",
                "app",
            ],
            "db.cxyz.eu-west-1.rds.amazonaws.com:1/?Action=connect&DBUser=app&",
            "eu-west-3",
        ),
    ] {
        let ran = stage.run(&[&["rds-token"], args.as_slice()].concat());
        checks.same("stderr", &ran.stderr, "");
        checks.same(start, &ran.stdout.starts_with(start).to_string(), "true");
        let scope = format!("%2F{region}%2Frds-db%2Faws4_request&");
        checks.same(region, &ran.stdout.contains(&scope).to_string(), "true");
        checks.number("lines", ran.stdout.lines().count(), 1);
        checks.same("secret", &ran.stdout.contains(SECRET).to_string(), "false");
    }
    checks.number("requests", stage.requests() - before, 0);
}

#[test]
fn what_is_wrong_is_said_before_a_role_is_assumed() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for (args, stderr, status) in [
        (
            vec!["eks-token", "plain"],
            "error: missing: <CLUSTER>\n  hint: write: assumerole eks-token [OPTIONS] <ROLE> <CLUSTER>\n  \
             hint: see: assumerole eks-token --help\n",
            2,
        ),
        (
            vec!["eks-token", "plain", "a b"],
            "error: \"a b\" is not the name of a cluster\n  hint: see the names: aws eks list-clusters\n",
            2,
        ),
        (
            vec!["rds-token", "plain", "db.example"],
            "error: missing: <USER>\n  hint: write: assumerole rds-token [OPTIONS] <ROLE> <HOST[:PORT]> <USER>\n  \
             hint: see: assumerole rds-token --help\n",
            2,
        ),
        (
            vec!["rds-token", "plain", "db.example", ""],
            "error: \"\" is not the name of a database user\n",
            2,
        ),
    ] {
        let ran = stage.run(&args);
        checks.same(&args.join(" "), &ran.stderr, stderr);
        checks.number("status", ran.status as usize, status);
    }
    checks.number("requests", stage.requests(), 0);
    let ran = stage.run(&["rds-token", "plain", "db.example", "app"]);
    checks.same(
        "no region",
        &ran.stderr,
        "error: cannot tell in which region db.example:5432 is\n  because: plain has no region either\n  \
         hint: name it: assumerole rds-token --region REGION plain db.example:5432 app\n",
    );
}

#[test]
fn a_token_of_a_role_with_a_device_asks_for_the_code_and_says_why_it_cannot() {
    let stage = Stage::new();
    let ran = stage.run(&["eks-token", "read", "acme-1"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 5), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("assumerole login read"),
        "{}",
        ran.stderr
    );
}

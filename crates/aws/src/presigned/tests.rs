//! Compared with what botocore 1.44.5 and the AWS CLI 1.46.3 sign at the same time.

use assumerole_core::aws::service::Service;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;

use super::*;
use crate::connection::in_region;

fn keys(secret: &str) -> Credentials {
    Credentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: secret.into(),
        session_token: Some("IQoJb3JpZ2luX2VjE/+=Ab".into()),
        expires: None,
    }
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn now() -> Timestamp {
    "2015-08-30T12:36:00Z".parse().unwrap()
}

/// What a query says, in any order.
fn parts(url: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = url.split(['?', '&']).collect();
    parts.sort_unstable();
    parts
}

#[test]
fn a_database_token_is_that_of_botocore() {
    let host = "db.example:3306".parse().unwrap();
    let region = "eu-west-1".parse().unwrap();
    let token = rds_token(&keys(SECRET), now(), &region, &host, "j döe+/").unwrap();
    let theirs = "db.example:3306/?Action=connect&DBUser=j%20d%C3%B6e%2B%2F&X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Frds-db%2Faws4_request&X-Amz-Date=20150830T123600Z\
        &X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=IQoJb3JpZ2luX2VjE%2F%2B%3DAb\
        &X-Amz-Signature=d16e45c626466a4d438b3299d8a392c13177601865dcb3b5d3fda4e84621861b";
    assert_eq!(parts(token.expose_secret()), parts(theirs));
}

#[test]
fn a_cluster_token_is_that_of_the_aws_cli() {
    let connection = in_region(Service::Sts, "eu-west-1");
    let token = eks_token(&connection, &keys(SECRET), now(), "acme-1").unwrap();
    let encoded = token.expose_secret().strip_prefix("k8s-aws-v1.").unwrap();
    let url = BASE64_URL_SAFE_NO_PAD.decode(encoded).unwrap();
    let theirs = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15\
        &X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20150830T123600Z\
        &X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjE%2F%2B%3DAb\
        &X-Amz-Signature=b2d3b8937463cd5831c37359fe0b9068c953e1c3dbf0eab8da9960fd2f5d2f60";
    assert_eq!(parts(&String::from_utf8(url).unwrap()), parts(theirs));
}

#[test]
fn nothing_is_signed_with_what_no_credentials_are() {
    let connection = in_region(Service::Sts, "eu-west-1");
    let error = eks_token(&connection, &keys("a\nb"), now(), "acme-1").unwrap_err();
    assert!(!error.to_string().contains("a\nb"), "{error}");
}

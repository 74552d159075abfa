use super::*;
use crate::world::{
    Container, Domain, IdentityCenter, Instance, Login, OidcProvider, PermissionSet, Repository,
    SsoSession, SsoUser,
};

const OWNER: &str = "123456789012";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/read/jdoe";
const READ: &str = "arn:aws:iam::123456789012:role/read";
const OIDC: &str = "arn:aws:iam::123456789012:oidc-provider/token.example.com";

#[test]
fn the_sample_makes_sense_and_survives_json() {
    let world = World::sample();
    assert_eq!(world.check(), Ok(()));
    let json = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<World>(&json).unwrap(), world);
    assert!(!format!("{world:?}").contains("wJalr"), "a secret in Debug");
    assert!(!format!("{world:?}").contains("JBSWY"), "a secret in Debug");
}

#[test]
fn a_small_file_is_enough_and_a_typing_error_is_found() {
    let small: World = serde_json::from_str(
        r#"{"roles": [{"arn": "arn:aws:iam::123456789012:role/a", "trust": {"principals": ["*"]}}]}"#,
    )
    .unwrap();
    assert_eq!(small.check(), Ok(()));
    assert_eq!(small.roles[0].max_session_duration, 3600);
    let typo = serde_json::from_str::<World>(r#"{"rolls": []}"#);
    assert!(typo.unwrap_err().to_string().contains("rolls"));
}

#[test]
fn what_aws_would_not_have_is_refused() {
    let world = World::default;
    let user = || User::new("jdoe", "210987654321");
    let role = || Role::new(READ);
    let read = || World::default().role(Role::new(READ));
    let key = "AKIAIOSFODNN7EXAMPLE";
    let center = || IdentityCenter::new("https://acme.awsapps.com/start");
    let sso = |center| World::default().single_sign_on(center);
    let set = |name: &str| PermissionSet::new(name);
    let ab = || Domain::new("ab", OWNER);
    let token = || SsoSession::new("0189");
    let device = "arn:aws:iam::210987654321:mfa/jdoe";
    let oidc = || OidcProvider::new(OIDC, "0189");
    for (wrong, about) in [
        (World::new("aws-moon"), "aws-moon"),
        (world().region("EU West"), "EU West"),
        (world().disable_region(""), "region"),
        (world().user(User::new("", "210987654321")), "name"),
        (world().user(User::new("jdoe", "21")), "12 digits"),
        (world().user(user().key("akia", "s")), "akia"),
        (world().user(user().key(key, "")), "no secret"),
        (world().user(user().key(key, "s").key(key, "t")), "twice"),
        (world().user(user().mfa("short", "GEZDGNBV")), "short"),
        (
            world().user(user().mfa("arn:aws-cn:iam::210987654321:mfa/jdoe", "GEZDGNBV")),
            "partition",
        ),
        (world().user(user().mfa(device, "0189")), "base32"),
        (
            world().user(user().mfa(device, "GEZDGNBV").mfa(device, "GEZDGNBV")),
            "twice",
        ),
        (
            world().role(Role::new("arn:aws:iam::123456789012:user/read")),
            "ARN",
        ),
        (
            world().role(Role::new("arn:aws-cn:iam::123456789012:role/read")),
            "ARN",
        ),
        (
            world().role(Role::new("arn:aws:iam::123456789012:role/a b")),
            "name",
        ),
        (world().role(role().lasting(3599)), "3600"),
        (world().role(role().lasting(43_201)), "43200"),
        (world().role(role().trusting("jdoe")), "principal"),
        (world().role(role()).role(role()), "twice"),
        (world().oidc_provider(OidcProvider::new("x", "key")), "oidc"),
        (sso(IdentityCenter::new("acme")), "https"),
        (sso(center().account("12", "x")), "12 digits"),
        (sso(center().permission_set(set("a/b"))), "name"),
        (sso(center().permission_set(set(&"x".repeat(33)))), "32"),
        (sso(center().permission_set(set("x").lasting(60))), "3600"),
        (sso(center().user(SsoUser::new("a b"))), "name"),
        (
            sso(center().user(SsoUser::new("jdoe").assigned("123456789012", "x"))),
            "no \"x\"",
        ),
        (
            sso(center().user(SsoUser::new("a").session(token()).session(token()))),
            "twice",
        ),
        (sso(center()).single_sign_on(center()), "twice"),
        (world().container(Container::task("a", READ)), "2 to 64"),
        (world().container(Container::task("task", READ)), "role"),
        (
            read().container(Container::pod("pod", READ, "a b")),
            "header",
        ),
        (
            read()
                .container(Container::pod("pod", READ, "x"))
                .container(Container::pod("other", READ, "x")),
            "twice",
        ),
        (
            world().domain(Domain::new("my_artifacts", OWNER)),
            "2 to 50",
        ),
        (world().domain(Domain::new("a", OWNER)), "2 to 50"),
        (world().domain(Domain::new("ab", "12")), "12 digits"),
        (world().domain(ab().region("eu-west-9")), "region"),
        (world().domain(ab()).domain(ab()), "twice"),
        (
            world().domain(ab().repository(Repository::new("a/b"))),
            "repository",
        ),
        (
            world().domain(ab().repository(Repository::new("ab").file("deb/x", ""))),
            "format",
        ),
        (world().login(Login::new(READ, "0189")), "no such user"),
        (read().login(Login::new(SESSION, "")), "empty"),
        (
            read().login(Login {
                refused: Some("NO".to_owned()),
                ..Login::new(SESSION, "x")
            }),
            "USER_CREDENTIALS_CHANGED",
        ),
        (world().on(Instance::new("i", "eu-west-1")), "2 to 64"),
        (world().on(Instance::new("i-0", "eu-west-9")), "region"),
        (
            world().on(Instance::new("i-0", "eu-west-1").role(READ)),
            "role",
        ),
        (world().oidc_provider(OidcProvider::new(OIDC, "")), "secret"),
        (world().oidc_provider(oidc()).oidc_provider(oidc()), "twice"),
    ] {
        let said = wrong.check().unwrap_err();
        assert!(said.contains(about), "{about}: {said}");
        assert!(!said.contains("0189"), "a secret in {said}");
    }
}

#[test]
fn regions_follow_the_partition_unless_named() {
    assert!(World::default().has_region("eu-central-1"));
    assert!(!World::default().has_region("cn-north-1"));
    assert!(World::new("aws-cn").has_region("cn-north-1"));
    let one = World::default().region("eu-west-1");
    assert!(one.has_region("eu-west-1") && !one.has_region("eu-central-1"));
}

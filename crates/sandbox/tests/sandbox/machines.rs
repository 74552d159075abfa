//! What runs inside AWS: a task of ECS, a pod of EKS, an instance.

use aws_sandbox::{Container, Fault, Instance, Role, Sandbox, World};
use jiff::{SignedDuration, Timestamp};

use crate::client::{Answer, Client, READ, http, start};

const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

fn sandbox() -> Sandbox {
    start(
        World::default()
            .role(Role::new(READ))
            .container(Container::task("task-1", READ))
            .container(Container::pod("pod-1", READ, "pod-token"))
            .on(Instance::new("i-0123456789abcdef0", "eu-central-1").role(READ)),
    )
}

fn get(sandbox: &Sandbox, target: &str, headers: &[(&str, &str)]) -> Answer {
    http(sandbox, ("GET", target), headers, "")
}

/// Fails unless these are credentials for 6 hours of the session `name`.
#[track_caller]
fn are_credentials(sandbox: &Sandbox, answer: &Answer, name: &str) {
    let expires: Timestamp = answer.at("/Expiration").parse().unwrap();
    let lasts = expires.duration_since(sandbox.now()).as_secs();
    assert!((21_500..=21_600).contains(&lasts), "{lasts}");
    let session = Client {
        key: answer.at("/AccessKeyId"),
        secret: answer.at("/SecretAccessKey"),
        token: Some(answer.at("/Token")),
        ..Client::new(sandbox)
    };
    let arn = format!("arn:aws:sts::123456789012:assumed-role/read/{name}");
    let who = session.call("GetCallerIdentity", &[]).good();
    assert_eq!(who.text("Arn"), arn);
    let journal = sandbox.journal();
    let entry = &journal[journal.len() - 2];
    assert_eq!(entry.caller.as_deref(), Some(arn.as_str()));
}

#[test]
fn a_task_is_given_its_role() {
    let sandbox = sandbox();
    let answer = get(&sandbox, "/v2/credentials/task-1", &[]).good();
    assert_eq!(answer.at("/RoleArn"), READ);
    are_credentials(&sandbox, &answer, "task-1");
    let entry = sandbox.journal().swap_remove(0);
    assert_eq!(
        (entry.service.as_str(), entry.action.as_str()),
        ("ecs", "GetContainerCredentials")
    );
    for (path, code, message) in [
        ("", "NoIdInRequest", "No Credential ID in the request"),
        ("/", "NoIdInRequest", "No Credential ID in the request"),
        ("/task-2", "InvalidIdInRequest", "Credentials not found"),
        // It is a pod.
        ("/pod-1", "InvalidIdInRequest", "Credentials not found"),
    ] {
        let answer = get(&sandbox, &format!("/v2/credentials{path}"), &[]);
        assert_eq!(answer.status, 400);
        assert_eq!(answer.at("/code"), code);
        assert_eq!(
            answer.at("/message"),
            format!("CredentialsV2Request: {message}")
        );
        assert_eq!(answer.at("/HTTPErrorCode"), "400");
    }
    assert_eq!(get(&sandbox, "/v2/credentialsx", &[]).status, 404);
}

#[test]
fn a_pod_is_given_its_role_for_its_token() {
    let sandbox = sandbox();
    let ask = |headers: &[(&str, &str)]| get(&sandbox, "/v1/credentials", headers);
    let answer = ask(&[("authorization", "pod-token")]).good();
    assert_eq!(answer.at("/AccountId"), "123456789012");
    are_credentials(&sandbox, &answer, "eks-pod-1");
    let entry = sandbox.journal().swap_remove(0);
    assert_eq!(entry.authorization.as_deref(), Some("pod-token"));
    let none = ask(&[]);
    assert_eq!(
        (none.status, none.body.as_str()),
        (400, "Service account token cannot be empty\n")
    );
    let wrong = ask(&[("authorization", "Bearer pod-token")]);
    assert_eq!(wrong.status, 404);
    let text = "]: (ResourceNotFoundException): The token included in the request has no \
                service account role association for it., fault: client\n";
    assert!(wrong.body.ends_with(text), "{}", wrong.body);
}

fn metadata_token(sandbox: &Sandbox, headers: &[(&str, &str)]) -> Answer {
    http(sandbox, ("PUT", "/latest/api/token"), headers, "")
}

#[test]
fn an_instance_is_given_its_role_for_a_session_token() {
    let sandbox = sandbox();
    let token = metadata_token(&sandbox, &[(TTL, "60")]).good();
    assert_eq!(token.header(TTL), "60");
    let token = token.body;
    let ask = |path: &str| get(&sandbox, path, &[("x-aws-ec2-metadata-token", &token)]);
    assert_eq!(ask(ROLES).good().body, "read");
    assert_eq!(ask(ROLES.trim_end_matches('/')).good().body, "read");
    let answer = ask(&format!("{ROLES}read")).good();
    assert_eq!(answer.at("/Code"), "Success");
    assert_eq!(answer.at("/Type"), "AWS-HMAC");
    are_credentials(&sandbox, &answer, "i-0123456789abcdef0");
    assert_eq!(
        ask("/latest/meta-data/instance-id").good().body,
        "i-0123456789abcdef0"
    );
    assert_eq!(
        ask("/latest/meta-data/placement/region").good().body,
        "eu-central-1"
    );
    for nothing in [&format!("{ROLES}write"), "/latest/meta-data/x", "/latest/"] {
        let answer = ask(nothing);
        assert_eq!(answer.status, 404);
        assert!(answer.body.contains("<h1>404 - Not Found</h1>"));
    }
    sandbox.advance(SignedDuration::from_secs(61));
    assert_eq!(ask(ROLES).status, 401);
}

#[test]
fn version_1_is_off() {
    let sandbox = sandbox();
    for headers in [&[][..], &[("x-aws-ec2-metadata-token", "x")][..]] {
        let answer = get(&sandbox, ROLES, headers);
        assert_eq!(answer.status, 401);
        assert!(answer.body.contains("<title>401 - Unauthorized</title>"));
        let entry = sandbox.journal().pop().unwrap();
        assert_eq!(
            (
                entry.service.as_str(),
                entry.action.as_str(),
                entry.outcome.as_str()
            ),
            ("ec2-metadata", "GetMetadata", "Unauthorized")
        );
    }
}

#[test]
fn a_session_token_is_asked_for_as_it_should_be() {
    let sandbox = sandbox();
    for (headers, status) in [
        (vec![], 400),
        (vec![(TTL, "0")], 400),
        (vec![(TTL, "21601")], 400),
        (vec![(TTL, "long")], 400),
        (vec![(TTL, "60"), ("x-forwarded-for", "10.0.0.1")], 403),
        (vec![(TTL, "21600")], 200),
    ] {
        assert_eq!(
            metadata_token(&sandbox, &headers).status,
            status,
            "{headers:?}"
        );
    }
    assert_eq!(
        get(&sandbox, "/latest/api/token", &[(TTL, "60")]).status,
        405
    );
}

#[test]
fn an_instance_may_have_no_role_and_a_machine_may_be_no_instance() {
    let sandbox = sandbox();
    let token = metadata_token(&sandbox, &[(TTL, "60")]).good().body;
    let ask = || get(&sandbox, ROLES, &[("x-aws-ec2-metadata-token", &token)]).status;
    let change = |instance: Option<Instance>| sandbox.edit(|world| world.instance = instance);
    change(Some(Instance::new("i-0", "eu-west-1"))).unwrap();
    assert_eq!(ask(), 404);
    change(None).unwrap();
    assert_eq!(ask(), 404);
    assert_eq!(metadata_token(&sandbox, &[(TTL, "60")]).status, 404);
}

#[test]
fn faults_happen_there_too() {
    let sandbox = sandbox();
    let token = metadata_token(&sandbox, &[(TTL, "60")]).good().body;
    let instance = format!("{ROLES}read");
    let pod = [("authorization", "pod-token")];
    let metadata = [("x-aws-ec2-metadata-token", token.as_str())];
    let asks = [
        ("GetContainerCredentials", "/v2/credentials/task-1", &[][..]),
        ("GetContainerCredentials", "/v1/credentials", &pod),
        ("GetInstanceCredentials", &instance, &metadata),
    ];
    for (action, path, headers) in asks {
        for (fault, status) in [
            (Fault::throttle(), 429),
            (Fault::internal_error(), 500),
            (Fault::service_unavailable(), 503),
        ] {
            sandbox.inject(fault.on(action));
            assert_eq!(get(&sandbox, path, headers).status, status, "{path}");
        }
        sandbox.inject(Fault::expire_in(-60).on(action));
        let ended = get(&sandbox, path, headers).good().at("/Expiration");
        assert!(
            ended.parse::<Timestamp>().unwrap() < sandbox.now(),
            "{path}"
        );
    }
}

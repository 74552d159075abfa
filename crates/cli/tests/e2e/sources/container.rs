//! `credential_source = EcsContainer`.

use aws_sandbox::{Fault, Options, Sandbox};

use super::{READ, Stage, everything};
use crate::harness::Ran;
use crate::support::Checks;

const CONFIG: &str = "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/last\ncredential_source = EcsContainer\nSTS\n";

const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

fn run(stage: &Stage, env: &[(&str, &str)]) -> Ran {
    let show = [
        "exec",
        "--fresh",
        "p",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCOUNT_ID",
    ];
    // No proxy is asked for what is beside us.
    let proxy = [
        ("http_proxy", "http://127.0.0.1:1"),
        ("no_proxy", "127.0.0.1"),
    ];
    stage.ran(stage.command(&show).envs(proxy).envs(env.iter().copied()))
}

#[test]
fn a_task_and_a_pod_have_roles() {
    assert!(CONFIG.contains(READ.trim_end()));
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let url = |path: &str| format!("{}{path}", stage.sandbox.endpoint());
    let (task, pod) = (url("/v2/credentials/task-1"), url("/v1/credentials"));
    stage.write("token", "pod-token\n");
    let file = stage.path("token").into_os_string().into_string().unwrap();
    for (case, env) in [
        ("task", &[(FULL, task.as_str())][..]),
        ("pod", &[(FULL, &pod), (TOKEN, "pod-token")]),
        ("pod by a file", &[(FULL, &pod), (TOKEN_FILE, &file)]),
        (
            "the file wins",
            &[(FULL, &pod), (TOKEN, "other"), (TOKEN_FILE, &file)],
        ),
    ] {
        checks.ran(case, &run(&stage, env), "123456789012\n", "", 0);
    }
    let asked = |session: &str| {
        format!(
            "GetContainerCredentials OK by 222222222222:assumed-role/hub/{session}\nAssumeRole OK by 222222222222:assumed-role/hub/{session}\n"
        )
    };
    checks.same(
        "asked",
        &stage.asked(),
        &[asked("task-1"), asked("eks-pod-1").repeat(3)].concat(),
    );
}

#[test]
fn a_proxy_is_not_told() {
    let stage = Stage::of_sources(
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/last\ncredential_source = EcsContainer\n",
    );
    let other = Sandbox::start(everything(), Options::default()).unwrap();
    let task = format!("{}/v2/credentials/task-1", stage.sandbox.endpoint());
    let env = [
        (FULL, task.as_str()),
        ("HTTP_PROXY", &other.endpoint()),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ];
    stage.run_in(&["exec", "p", "true"], &env);
    let mut checks = Checks::default();
    checks.number("the task's agent", stage.requests(), 1);
    let asked = other
        .journal()
        .into_iter()
        .map(|entry| entry.action)
        .collect::<Vec<_>>();
    checks.same(
        "the proxy",
        &format!("{asked:?}").replace("AssumeRole", ""),
        &format!("{:?}", vec![""; asked.len()]),
    );
}

#[test]
fn what_cannot_be_is_told_before_anybody_is_asked() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    let says = |url: &str, why: &str| {
        format!(
            "error: refusing to ask for container credentials at {url:?}\n  because: {why}\n  because: {FULL} says so\n"
        )
    };
    for (case, env, stderr) in [
        (
            "elsewhere",
            &[(FULL, "http://example.com/x"), (TOKEN, "hush")][..],
            says("http://example.com/x", "its host is neither this machine nor an address of AWS (169.254.170.2, 169.254.170.23, fd00:ec2::23), and it is not https://"),
        ),
        ("no URL", &[(FULL, "127.0.0.1/x")], says("127.0.0.1/x", "it begins with neither http:// nor https://")),
        ("no web", &[(FULL, "file:///etc/passwd")], says("file:///etc/passwd", "it begins with neither http:// nor https://")),
        (
            "no path",
            &[(relative, "@example.com/"), (TOKEN, "hush")],
            "error: refusing to ask for container credentials at \"***@example.com/\"\n  because: it does not begin with a slash\n  because: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI says so\n".to_owned(),
        ),
        (
            "no file",
            &[(FULL, "http://127.0.0.1:9/"), (TOKEN_FILE, "none")],
            "error: the token that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names cannot be read\n  because: there is no file none\n".to_owned(),
        ),
        (
            "no header",
            &[(FULL, "http://127.0.0.1:9/"), (TOKEN, "hush\r\nX-Evil: 1")],
            "error: the value for authorization cannot be sent in a header\n".to_owned(),
        ),
    ] {
        checks.ran(case, &run(&stage, env), "", &stderr, 125);
    }
}

#[test]
fn refusals_are_told_in_the_words_of_the_agent() {
    let stage = Stage::of_sources(CONFIG);
    let mut checks = Checks::default();
    let url = |path: &str| format!("{}{path}", stage.sandbox.endpoint());
    let refused = |url: &str, words: &str| {
        format!("error: the container's credentials were refused by {url}\n  because: HTTP status {words}\n").replace(&stage.sandbox.endpoint(), "$STS")
    };
    let task = url("/v2/credentials/none");
    checks.ran(
        "no such task",
        &run(&stage, &[(FULL, &task)]),
        "",
        &refused(
            &task,
            "400: InvalidIdInRequest: CredentialsV2Request: Credentials not found",
        ),
        125,
    );
    let task = url("/v2/credentials/task-1");
    stage.sandbox.inject(Fault::garbage());
    checks.ran(
        "garbage",
        &run(&stage, &[(FULL, &task)]),
        "",
        "error: $STS/v2/credentials/task-1 returned no credentials\n  because: it is not a JSON object\n",
        125,
    );
    // An agent that is not ready yet is asked again.
    stage.sandbox.inject(
        Fault::service_unavailable()
            .on("GetContainerCredentials")
            .times(2),
    );
    checks.ran(
        "late",
        &run(&stage, &[(FULL, &task)]),
        "123456789012\n",
        "",
        0,
    );
    stage
        .sandbox
        .inject(Fault::cut().on("GetContainerCredentials").times(2));
    checks.ran(
        "cut",
        &run(&stage, &[(FULL, &task)]),
        "123456789012\n",
        "",
        0,
    );
    checks.ran(
        "nobody",
        &run(&stage, &[(FULL, "http://127.0.0.1:9/x")]),
        "",
        "error: cannot get the container's credentials from http://127.0.0.1:9/x\n  because: tcp connect error: Connection refused\n  hint: check that this container has a role: it is set up where the container is started\n",
        125,
    );
}

#[test]
fn over_tls_the_certificate_must_be_trusted() {
    let options = Options {
        tls: true,
        ..Options::default()
    };
    let stage = Stage::with(everything(), options);
    stage.config(CONFIG);
    stage.write("ca.pem", stage.sandbox.ca_pem().unwrap());
    let task = format!("{}/v2/credentials/task-1", stage.sandbox.endpoint());
    let mut checks = Checks::default();
    let bundle = stage.path("ca.pem").into_os_string().into_string().unwrap();
    let env = [(FULL, task.as_str()), ("AWS_CA_BUNDLE", &bundle)];
    checks.ran("trusted", &run(&stage, &env), "123456789012\n", "", 0);
    let ran = run(&stage, &env[..1]);
    checks.ran(
        "not trusted",
        &ran,
        "",
        "error: cannot get the container's credentials from $STS/v2/credentials/task-1\n  because: TLS handshake failed: invalid peer certificate: UnknownIssuer\n  hint: check that this container has a role: it is set up where the container is started\n",
        125,
    );
}

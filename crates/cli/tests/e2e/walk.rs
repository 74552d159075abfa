//! Every call by every broken URL, and to every broken answer: nothing that was
//! sent comes back to the person, nor is it left anywhere.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::harness::{KEY, SECRET, Stage, world};
use super::hostile::{Heard, Hostile, Manner, http};
use super::secrecy::{Secret, files, watched_by};
use super::support::Checks;
use super::terminal::{CTRL_C, Terminal, eventually, kill};
use super::users::Someone;
use aws_sandbox::Options;
use rustix::process::Signal;

/// No part of an account.
const CODE: &str = "730164";
const EXTERNAL: &str = "external-id-of-acme-4711";
const SESSION: &str = "IQoJb3JpZ2luX2VjEXAMPLEsession+token/0123456789abcdefghijKLMNOP==";
const TEMPORARY: &str = "tEmPoRaRySecretAccessKey0123456789/+abcd";
const WEB: &str =
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFjbWUvc2hvcCJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
const ACCESS: &str = "sso-access-token-aoaAAAAAGVnQm9keQ.0123456789";
const REFRESH: &str = "sso-refresh-token-aorAAAAAGVnQm9keQ.9876543210";
const CLIENT: &str = "sso-client-secret-eyJraWQiOiJrZXktMTU2NDAyODA5OSJ9";
const LOGIN: &str = "login-refresh-token-abcdefghij0123456789";
const OLD: &str = "old-secret-access-key-of-the-login-0123";
const AGENT: &str = "what-the-agent-of-the-container-wants-0123";
const USER: &str = "url-user-name-0815";
const PASSWORD: &str = "url-password-4711-xyz";
const QUERY: &str = "url-query-secret-31415926";
const PROXY: &str = "proxy-password-2718281828";

/// Where the AWS CLI keeps the logins of `corp`, `old` and of who used
/// `aws login`.
const CORP: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
const OVER: &str = ".aws/sso/cache/c00dbbc9dadfbe1e232e93a729dd4752fade0abf.json";
const DEV: &str =
    ".aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json";
const PROOF: &str = r"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49\nAwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t\ndjiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==\n-----END EC PRIVATE KEY-----\n";

const ROLES: &str = r#"{
  "assume_roles": {
    "coded": {
      "aws_profile": "base", "aws_account": "123456789012", "aws_role": "read",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe", "mfa_session": false,
      "external_id": "EXTERNAL"
    },
    "session": {
      "aws_profile": "base", "aws_account": "123456789012", "aws_role": "read",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe"
    },
    "temporary": { "aws_profile": "temporary", "aws_account": "123456789012", "aws_role": "read" },
    "artifacts": { "aws_profile": "artifacts", "aws_account": "123456789012", "aws_role": "plain" },
    "endpoints": { "aws_profile": "endpoints", "aws_account": "123456789012", "aws_role": "plain" }
  },
  "codeartifact": [
    {"profile": "artifacts", "domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1"},
    {"profile": "endpoints", "domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1",
     "repository": "shop", "tools": ["npm"]}
  ]
}
"#;

const CONFIG: &str = "\
[profile web]
role_arn = arn:aws:iam::222222222222:role/hub
web_identity_token_file = ~/web-token
[profile portal]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin
[profile renewed]
sso_session = old
sso_account_id = 222222222222
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
[sso-session old]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
[profile login]
login_session = arn:aws:iam::222222222222:user/dev
region = eu-central-1
[profile container]
role_arn = arn:aws:iam::123456789012:role/last
credential_source = EcsContainer
[profile instance]
role_arn = arn:aws:iam::123456789012:role/last
credential_source = Ec2InstanceMetadata
";

/// A call: what makes the program send it, and the variable that says where to.
struct Call {
    name: &'static str,
    args: &'static [&'static str],
    variable: &'static str,
}

/// All that can be had without a terminal; `ListMFADevices` is asked for at one.
static CALLS: [Call; 12] = [
    Call {
        name: "AssumeRole with a code",
        args: &["-vv", "exec", "coded", "--mfa-code", CODE, "--", "true"],
        variable: "AWS_ENDPOINT_URL",
    },
    Call {
        name: "AssumeRole with a session token",
        args: &["-vv", "exec", "temporary", "--", "true"],
        variable: "AWS_ENDPOINT_URL_STS",
    },
    Call {
        name: "GetSessionToken",
        args: &["-vv", "exec", "session", "--mfa-code", CODE, "--", "true"],
        variable: "AWS_ENDPOINT_URL",
    },
    Call {
        name: "AssumeRoleWithWebIdentity",
        args: &["-vv", "exec", "web", "--", "true"],
        variable: "AWS_ENDPOINT_URL_STS",
    },
    Call {
        name: "GetCallerIdentity",
        args: &["-vv", "doctor"],
        variable: "AWS_ENDPOINT_URL_STS",
    },
    Call {
        name: "GetRoleCredentials",
        args: &["-vv", "exec", "portal", "--", "true"],
        variable: "AWS_ENDPOINT_URL_SSO",
    },
    Call {
        name: "CreateToken",
        args: &["-vv", "exec", "renewed", "--", "true"],
        variable: "AWS_ENDPOINT_URL_SSO_OIDC",
    },
    Call {
        name: "CreateOAuth2Token",
        args: &["-vv", "exec", "login", "--", "true"],
        variable: "AWS_ENDPOINT_URL_SIGNIN",
    },
    Call {
        name: "GetAuthorizationToken",
        args: &["-vv", "codeartifact", "artifacts", "--print"],
        variable: "AWS_ENDPOINT_URL_CODEARTIFACT",
    },
    Call {
        name: "GetRepositoryEndpoint",
        args: &["-vv", "codeartifact", "endpoints"],
        variable: "AWS_ENDPOINT_URL_CODEARTIFACT",
    },
    Call {
        name: "container",
        args: &["-vv", "exec", "container", "--", "true"],
        variable: "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    },
    Call {
        name: "instance",
        args: &["-vv", "exec", "instance", "--", "true"],
        variable: "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    },
];

/// A home with every kind of secret.
fn stage() -> Stage {
    let stage = Stage::with(super::codeartifact::artifacts(), Options::default());
    stage.write(".assumerole", &ROLES.replace("EXTERNAL", EXTERNAL));
    stage.write(
        ".aws/credentials",
        &format!(
            "[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n\
             [artifacts]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n\
             [endpoints]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n\
             [temporary]\naws_access_key_id = ASIATEMPORARY0000000\n\
             aws_secret_access_key = {TEMPORARY}\naws_session_token = {SESSION}\n"
        ),
    );
    // Roles for CodeArtifact are granted, whatever the variables say.
    let sts = stage.sandbox.endpoint();
    let granted = |name| format!("[profile {name}]\nservices = granted\n");
    stage.write(
        ".aws/config",
        &format!(
            "{CONFIG}{}{}[services granted]\nsts =\n  endpoint_url = {sts}\n",
            granted("artifacts"),
            granted("endpoints")
        ),
    );
    stage.write("web-token", WEB);
    let portal = r#""startUrl": "https://acme.awsapps.com/start", "region": "eu-west-1""#;
    stage.write(
        CORP,
        &format!(r#"{{{portal}, "accessToken": "{ACCESS}", "expiresAt": "2999-01-01T00:00:00Z"}}"#),
    );
    stage.write(
        OVER,
        &format!(
            r#"{{{portal}, "accessToken": "{ACCESS}", "expiresAt": "2020-01-01T00:00:00Z", "clientId": "client", "clientSecret": "{CLIENT}", "registrationExpiresAt": "2999-01-01T00:00:00Z", "refreshToken": "{REFRESH}"}}"#
        ),
    );
    stage.write(
        DEV,
        &format!(
            r#"{{"accessToken": {{"accessKeyId": "ASIAOLD", "secretAccessKey": "{OLD}", "sessionToken": "{SESSION}", "accountId": "222222222222", "expiresAt": "2020-01-01T00:00:00Z"}}, "tokenType": "aws_sigv4", "refreshToken": "{LOGIN}", "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "{PROOF}"}}"#
        ),
    );
    for role in ["artifacts", "endpoints"] {
        let skip = [("ASSUMEROLE_SKIP_CODEARTIFACT", "1")];
        let ran = stage.run_in(&["exec", role, "--", "true"], &skip);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
    stage
}

/// All secrets that are in play in [`stage`].
fn secrets() -> Vec<Secret> {
    let mut secrets: Vec<Secret> = [
        ("secret key", SECRET),
        ("temporary secret key", TEMPORARY),
        ("session token", SESSION),
        ("external ID", EXTERNAL),
        ("web identity token", WEB),
        ("access token", ACCESS),
        ("refresh token", REFRESH),
        ("client secret", CLIENT),
        ("refresh token of the login", LOGIN),
        ("secret key of the login", OLD),
        ("authorization of the container", AGENT),
        ("user of the URL", USER),
        ("password of the URL", PASSWORD),
        ("query of the URL", QUERY),
        ("password of the proxy", PROXY),
    ]
    .into_iter()
    .map(|(name, text)| Secret::new(name, text))
    .collect();
    secrets.push(Secret::code(CODE));
    secrets
}

/// What of `output` is secret, also with something put between its characters.
fn found(secrets: &[Secret], output: &[u8]) -> String {
    let bare: Vec<u8> = output
        .iter()
        .copied()
        .filter(u8::is_ascii_graphic)
        .collect();
    let in_it = |secret: &&Secret| secret.is_in(output) || secret.is_in(&bare);
    let names: Vec<&str> = secrets.iter().filter(in_it).map(Secret::name).collect();
    names.join(", ")
}

/// The program with the arguments of `call`.
fn command(stage: &Stage, call: &Call) -> Command {
    if call.args.contains(&CODE) {
        // A code that was spent is not sent again.
        let _ = std::fs::remove_dir_all(stage.path(".assumerole.d"));
    }
    let mut command = stage.command(call.args);
    command
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", AGENT);
    command
}

/// Runs it; what went wrong with that, if anything did.
struct Walk {
    secrets: Vec<Secret>,
    checks: Checks,
    runs: usize,
}

impl Walk {
    fn new() -> Self {
        Self {
            secrets: secrets(),
            checks: Checks::default(),
            runs: 0,
        }
    }

    /// Runs `command`, which fails and says so within bounds; what it said.
    fn run(&mut self, case: &str, command: &mut Command) -> String {
        self.runs += 1;
        let output = command.output().unwrap();
        let both = [&output.stdout[..], &output.stderr].concat();
        let text = String::from_utf8_lossy(&both).into_owned();
        self.checks.same(case, &found(&self.secrets, &both), "");
        let wild = |c: &char| c.is_control() && *c != '\n';
        let wild: String = text.chars().filter(wild).collect();
        self.checks.same(&format!("{case}: {text}"), &wild, "");
        let fails = output.status.code().is_some_and(|code| code > 0);
        if !fails || text.chars().count() > 8_000 {
            self.checks.same(case, &text, "an error of bounded length");
        }
        text
    }

    /// Looks into every file, but for those where the secrets are.
    fn files(&mut self, stage: &Stage) {
        let own = [
            ".assumerole",
            ".aws/credentials",
            "web-token",
            CORP,
            OVER,
            DEV,
        ];
        for (path, bytes) in files(stage.home()) {
            let name = path.strip_prefix(stage.home().to_str().unwrap());
            let name = name.unwrap().trim_start_matches('/');
            if !own.contains(&name) {
                self.checks.same(name, &found(&self.secrets, &bytes), "");
            }
        }
    }
}

/// Runs `work` for every call, two at a time, each in a home of its own; how
/// many runs there were.
fn for_every_call(work: fn(&mut Walk, &Stage, &Call)) -> usize {
    let half = CALLS.len().div_ceil(2);
    let walk = move |calls: &'static [Call]| {
        let mut walk = Walk::new();
        for call in calls {
            let stage = stage();
            work(&mut walk, &stage, call);
            walk.files(&stage);
        }
        walk.runs
    };
    let other = thread::spawn(move || walk(&CALLS[half..]));
    walk(&CALLS[..half]) + other.join().unwrap()
}

/// URLs that are none; `U` is a user with a password, `Q` a query.
const BROKEN: [&str; 18] = [
    "http://[::1",
    "http://U@[::1",
    "http://host:1:2?Q",
    "http://U@host:1:2",
    "http://a_b%zz",
    "http://U@a_b%zz/?Q",
    "http://U@",
    "http://?Q",
    "http://U@host:0",
    "http://U@host:65536",
    "http://U@ho st",
    "http://U@host\u{1b}[2J/",
    "http://U@host/\r\nX-Evil: 1",
    "ftp://U@host/",
    "U@host",
    "//U@host?Q",
    "http://U@a@b",
    "https://U@höst",
];

fn filled(url: &str) -> String {
    url.replace('U', &format!("{USER}:{PASSWORD}"))
        .replace('Q', &format!("token={QUERY}"))
}

#[test]
fn no_call_is_made_by_a_broken_url() {
    let runs = for_every_call(|walk, stage, call| {
        let before = stage.requests();
        for url in BROKEN {
            let case = format!("{} by {url:?}", call.name);
            let mut command = command(stage, call);
            command.env(call.variable, filled(url));
            let text = walk.run(&case, &mut command);
            if !text.contains(&format!("{} says so", call.variable)) {
                walk.checks.same(&case, &text, "the variable is named");
            }
        }
        // In a file it is refused with its place.
        if call.variable == "AWS_ENDPOINT_URL" || call.variable == "AWS_ENDPOINT_URL_STS" {
            for url in ["http://U@[::1", "http://U@host:0?Q", "http://U@ho st"] {
                let config = std::fs::read_to_string(stage.path(".aws/config")).unwrap();
                let line = format!("endpoint_url = {}\n", filled(url));
                let mut broken =
                    config.replace("[profile web]\n", &format!("[profile web]\n{line}"));
                for profile in ["base", "temporary"] {
                    broken += &format!("[profile {profile}]\n{line}");
                }
                stage.write(".aws/config", &broken);
                let case = format!("{} by {url:?} in a file", call.name);
                let text = walk.run(&case, &mut command(stage, call));
                if !text.contains("~/.aws/config:") && !text.contains("/.aws/config:") {
                    walk.checks.same(&case, &text, "the place is named");
                }
                stage.write(".aws/config", &config);
            }
        }
        // `doctor` asks for the keys of every role, by whatever way it has.
        if call.name != "GetCallerIdentity" {
            walk.checks.number(call.name, stage.requests(), before);
        }
    });
    assert!(runs >= 200, "{runs}");
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// `message` as an error in the shape that whoever sent `heard` expects.
fn refusal(heard: &Heard, message: &str) -> Vec<u8> {
    let escaped = |text: &str| serde_json::to_string(text).unwrap();
    if heard.body.starts_with("Action=") {
        let text: String = message
            .chars()
            .map(|c| match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                c if c.is_control() => format!("&#{};", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{text}</Message></Error></ErrorResponse>"
        );
        return http("403 Forbidden\r\ncontent-type: text/xml", body.as_bytes());
    }
    let message = escaped(message);
    let body = format!(
        r#"{{"code": "AccessDenied", "message": {message}, "error": "invalid_grant", "error_description": {message}}}"#
    );
    http(
        "400 Bad Request\r\ncontent-type: application/json\r\nx-amzn-errortype: AccessDeniedException",
        body.as_bytes(),
    )
}

/// Every answer that is none, most of which hold what was asked.
const ANSWERS: [(&str, Manner); 21] = [
    ("its echo as an error", |heard| {
        refusal(heard, &heard.whole())
    }),
    ("its echo backwards and in hexadecimal", |heard| {
        let whole = heard.whole();
        let backwards: String = whole.chars().rev().collect();
        refusal(heard, &format!("{backwards} {}", hexadecimal(&whole)))
    }),
    ("its echo in hexadecimal", |heard| {
        refusal(heard, &hexadecimal(&heard.whole()))
    }),
    ("its echo as a URL", |heard| {
        let whole = heard.whole();
        let encoded = whole.bytes().map(|byte| format!("%{byte:02X}"));
        refusal(heard, &encoded.collect::<String>())
    }),
    ("its body alone", |heard| refusal(heard, &heard.body)),
    ("its echo, spread by escapes", |heard| {
        let spread = heard
            .whole()
            .chars()
            .flat_map(|c| [c, '\u{1b}', '\u{200b}'])
            .collect::<String>();
        refusal(
            heard,
            &format!("\u{1b}]0;title\u{7}\u{1b}[2J\u{202e}{spread}"),
        )
    }),
    ("its echo as a code", |heard| {
        let code = heard.whole().replace(['\r', '\n'], " ");
        let body = format!(
            "<ErrorResponse><Error><Code>{}</Code><Message/></Error></ErrorResponse>",
            code.replace('&', "&amp;").replace('<', "&lt;")
        );
        http(
            &format!("400 Bad Request\r\nx-amzn-errortype: {code}"),
            body.as_bytes(),
        )
    }),
    ("a page with its echo", |heard| {
        let page = format!(
            "<html><body><h1>502</h1><pre>{}</pre></body></html>",
            heard.whole()
        );
        http(
            "502 Bad Gateway\r\ncontent-type: text/html",
            page.as_bytes(),
        )
    }),
    ("XML that is none", |heard| {
        http(
            "200 OK\r\ncontent-type: text/xml",
            format!("<A><B></A>{}", heard.whole()).as_bytes(),
        )
    }),
    ("JSON that is none", |heard| {
        let body = format!(
            "{{\"accessToken\": {{\"accessKeyId\": \"{}\", nonsense",
            heard.whole()
        );
        http("200 OK\r\ncontent-type: application/json", body.as_bytes())
    }),
    ("values of another kind", |heard| {
        let echo = serde_json::to_string(&heard.whole()).unwrap();
        let body = format!(
            r#"{{"roleCredentials": {echo}, "accessToken": {echo}, "expiresIn": {echo}, "authorizationToken": [{echo}], "repositoryEndpoint": {{"a": {echo}}}, "expiration": {echo}, "Code": {echo}, "Message": {echo}, "Expiration": {echo}}}"#
        );
        http("200 OK\r\ncontent-type: application/json", body.as_bytes())
    }),
    ("another role, called as its echo", |heard| {
        let echo = heard.whole().replace('&', "&amp;").replace('<', "&lt;");
        let name = heard.body.split(['=', '&']).nth(1).unwrap_or_default();
        let body = format!(
            "<{name}Response><{name}Result><AssumedRoleUser><Arn>{echo}</Arn><AssumedRoleId>{echo}</AssumedRoleId></AssumedRoleUser><Account>{echo}</Account><Arn>{echo}</Arn><Credentials><AccessKeyId>{echo}</AccessKeyId><SecretAccessKey>{echo}</SecretAccessKey><SessionToken>{echo}</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{name}Result></{name}Response>"
        );
        http("200 OK\r\ncontent-type: text/xml", body.as_bytes())
    }),
    ("a URL with its echo", |heard| {
        let echo: String = heard
            .whole()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let body = format!(
            r#"{{"repositoryEndpoint": "https://u:{echo}@[::1", "authorizationToken": "a b {echo}", "expiration": 1}}"#
        );
        http("200 OK\r\ncontent-type: application/json", body.as_bytes())
    }),
    ("two megabytes", |heard| {
        let body = heard.whole().repeat(2_000_000 / heard.whole().len() + 1);
        http("200 OK\r\ncontent-type: text/xml", body.as_bytes())
    }),
    ("an error of a megabyte", |heard| {
        let body = heard.whole().repeat(500_000 / heard.whole().len() + 1);
        refusal(heard, &body)
    }),
    ("half of what it announced", |heard| {
        let body = format!("<AssumeRoleResponse>{}", heard.whole());
        let whole = http("200 OK\r\ncontent-type: text/xml", body.as_bytes());
        whole[..whole.len() / 2].to_vec()
    }),
    ("half of it, of unknown length", |heard| {
        let body = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<AssumeRoleResponse><a>{}",
            heard.whole()
        );
        body.into_bytes()
    }),
    ("what says that it is compressed", |heard| {
        let body = [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", heard.whole().as_bytes()].concat();
        http(
            "200 OK\r\ncontent-encoding: gzip\r\ncontent-type: text/xml",
            &body,
        )
    }),
    ("nothing", |_| Vec::new()),
    ("what is not HTTP", |heard| {
        format!("SSH-2.0-{}", heard.whole()).into_bytes()
    }),
    ("a header with its echo", |heard| {
        let echo = heard.whole().replace(['\r', '\n'], " ");
        http(
            &format!("503 {echo}\r\nserver: {echo}\r\nx-amz-retry-after: {echo}"),
            b"",
        )
    }),
];

/// A URL of `server` with a user, a password and a query.
fn url(server: &Hostile, call: &Call) -> String {
    let url = format!("http://{USER}:{PASSWORD}@{}", server.authority());
    match call.variable {
        // Only this one is called as it is, the query too.
        "AWS_CONTAINER_CREDENTIALS_FULL_URI" => format!("{url}/x?token={QUERY}"),
        _ => format!("{url}/?token={QUERY}"),
    }
}

#[test]
fn no_answer_brings_back_what_was_sent() {
    let runs = for_every_call(|walk, stage, call| {
        for (name, manner) in ANSWERS {
            let server = Hostile::start(manner);
            let case = format!("{} answered by {name}", call.name);
            let mut command = command(stage, call);
            command.env(call.variable, url(&server, call));
            walk.run(&case, &mut command);
            if server.connections() == 0 {
                walk.checks
                    .same(&case, "nobody was asked", "the server was");
            }
        }
    });
    assert!(runs >= 200, "{runs}");
}

#[test]
fn proxies_and_redirects_get_nothing_and_bring_nothing_back() {
    let runs = for_every_call(|walk, stage, call| {
        let metadata = call.name == "container" || call.name == "instance";
        // A redirect is followed by nobody, wherever it leads.
        let elsewhere = Hostile::start(|_| http("200 OK", b""));
        for status in ["301", "302", "307", "308"] {
            let server = Hostile::start(|heard| {
                let to = heard.path().split("to=").nth(1).unwrap_or("127.0.0.1:9");
                let echo = heard.whole().replace(['\r', '\n', ' '], "+");
                let status = heard.path().split('/').nth(1).unwrap_or("302");
                http(
                    &format!("{status} Elsewhere\r\nlocation: http://{to}/?{echo}"),
                    b"",
                )
            });
            let case = format!("{} redirected by {status}", call.name);
            let mut command = command(stage, call);
            let to = format!(
                "http://{}/{status}/to={}",
                server.authority(),
                elsewhere.authority()
            );
            command.env(call.variable, to);
            walk.run(&case, &mut command);
            walk.checks.number(&case, server.connections().min(1), 1);
        }
        walk.checks.number(call.name, elsewhere.connections(), 0);
        if metadata {
            return;
        }
        let refuses: Manner = |heard| {
            let page = format!("<html>no way: {}</html>", heard.whole());
            http("403 Forbidden\r\ncontent-type: text/html", page.as_bytes())
        };
        let proxy = Hostile::start(refuses);
        let through = format!("http://{USER}:{PROXY}@{}", proxy.authority());
        for (variable, url) in [
            ("HTTP_PROXY", "http://sts.invalid"),
            ("HTTPS_PROXY", "https://sts.invalid"),
        ] {
            let mut command = command(stage, call);
            // What has to be granted before is beside us.
            command.envs([
                (variable, through.as_str()),
                (call.variable, url),
                ("NO_PROXY", "127.0.0.1"),
            ]);
            walk.run(&format!("{} by {variable}", call.name), &mut command);
        }
        walk.checks.number(call.name, proxy.connections().min(2), 2);
        for broken in [
            "http://U@[::1",
            "U@host:1:2",
            "http://U@ho st",
            "socks5://U@host:1080",
            "ftp://U@host",
            "http://U@",
        ] {
            let mut command = command(stage, call);
            let broken = filled(broken);
            command.envs([
                ("HTTPS_PROXY", broken.as_str()),
                (call.variable, "https://sts.invalid"),
                ("NO_PROXY", "127.0.0.1"),
            ]);
            let case = format!("{} by the proxy {broken:?}", call.name);
            let text = walk.run(&case, &mut command);
            if !text.contains("the proxy in HTTPS_PROXY ") {
                walk.checks.same(&case, &text, "the variable is named");
            }
        }
        // A certificate of somebody's, trusted and for another host.
        let name = "a-name-of-somebody-else.example";
        let (server, pem) = Hostile::over_tls(name, |_| Vec::new());
        stage.write("somebody.pem", &pem);
        let mut command = command(stage, call);
        let url = format!("https://{USER}:{PASSWORD}@{}", server.authority());
        command
            .env(call.variable, url)
            .env("AWS_CA_BUNDLE", stage.path("somebody.pem"));
        let text = walk.run(&format!("{} by TLS", call.name), &mut command);
        walk.checks.number(&text, text.matches(name).count(), 0);
    });
    assert!(runs >= 100, "{runs}");
}

/// What cannot go into a request is not shown by whoever says so.
#[test]
fn a_token_that_cannot_be_sent_is_not_shown() {
    let mut walk = Walk::new();
    let stage = stage();
    let server = Hostile::start(|heard| refusal(heard, &heard.whole()));
    for (file, call) in [(CORP, &CALLS[5]), (OVER, &CALLS[6]), (DEV, &CALLS[7])] {
        let text = std::fs::read_to_string(stage.path(file)).unwrap();
        for part in ["\\n", "\\u0000", "\\u00e9", "\\u001b[2J", " "] {
            let broken = [ACCESS, REFRESH, CLIENT, LOGIN, OLD]
                .into_iter()
                .fold(text.clone(), |text, token| {
                    text.replace(token, &format!("{token}{part}{token}"))
                });
            stage.write(file, &broken);
            let mut command = command(&stage, call);
            command.env(call.variable, url(&server, call));
            walk.run(&format!("{} with {part:?}", call.name), &mut command);
        }
        stage.write(file, &text);
    }
}

/// `ListMFADevices` is asked for by somebody at a terminal.
#[test]
fn what_iam_is_sent_does_not_come_back_either() {
    let secrets = secrets();
    let answers = [0, 1, 4, 5, 7, 8, 14, 19].map(|number| ANSWERS[number]);
    for (name, manner) in answers {
        let server = Hostile::start(manner);
        let stage = Stage::with(world(), Options::default());
        std::fs::remove_file(stage.path(".assumerole")).unwrap();
        stage.write(
            ".aws/config",
            &format!(
                "[profile base]\nendpoint_url = http://{USER}:{PASSWORD}@{}/?token={QUERY}\nmax_attempts = 1\n",
                server.authority()
            ),
        );
        let line = "assumerole -vv add plain --profile base --account 123456789012";
        let mut terminal = Terminal::running(&stage, line);
        terminal.sees("its ARN:");
        terminal.types("plain\r");
        terminal.sees("Enter for none, ?:");
        terminal.types("?\r");
        terminal.sees_times("Enter for none, ?:", 2);
        let seen = terminal.all().into_bytes();
        assert_eq!(
            found(&secrets, &seen),
            "",
            "{name}: {}",
            String::from_utf8_lossy(&seen)
        );
        terminal.types(CTRL_C);
        assert_eq!(terminal.ends_by_signal(), "Interrupt");
        assert!(server.connections() > 0, "{name}");
    }
}

/// What a process holds while it waits for an answer stays in it, however it
/// ends.
#[test]
fn a_call_that_is_killed_leaves_no_core() {
    let server = Hostile::start(|_| {
        thread::sleep(Duration::from_secs(600));
        Vec::new()
    });
    let stage = stage();
    let someone = Someone::new();
    someone.moves_into(&stage);
    let script = format!(
        "ulimit -c $(ulimit -H -c); exec assumerole -vv exec coded --mfa-code {CODE} -- true"
    );
    let mut command = someone.shell(&stage, &script);
    command.env("AWS_ENDPOINT_URL", format!("http://{}", server.authority()));
    let mut child = command.spawn().unwrap();
    eventually("the request is under way", || server.connections() > 0);
    assert_eq!(watched_by(child.id()), 0);
    kill(child.id(), Signal::ABORT);
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6), "{status:?}");
    assert!(!status.core_dumped());
    Walk::new().files(&stage);
}

//! A home with every kind of secret.

use aws_sandbox::Options;

use crate::codeartifact::artifacts;
use crate::harness::{KEY, SECRET, Stage};
use crate::secrecy::Secret;

/// No part of an account.
pub(super) const CODE: &str = "730164";
pub(super) const EXTERNAL: &str = "external-id-of-acme-4711";
pub(super) const SESSION: &str =
    "IQoJb3JpZ2luX2VjEXAMPLEsession+token/0123456789abcdefghijKLMNOP==";
pub(super) const TEMPORARY: &str = "tEmPoRaRySecretAccessKey0123456789/+abcd";
pub(super) const WEB: &str =
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFjbWUvc2hvcCJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
pub(super) const ACCESS: &str = "sso-access-token-aoaAAAAAGVnQm9keQ.0123456789";
pub(super) const REFRESH: &str = "sso-refresh-token-aorAAAAAGVnQm9keQ.9876543210";
pub(super) const CLIENT: &str = "sso-client-secret-eyJraWQiOiJrZXktMTU2NDAyODA5OSJ9";
pub(super) const LOGIN: &str = "login-refresh-token-abcdefghij0123456789";
pub(super) const OLD: &str = "old-secret-access-key-of-the-login-0123";
pub(super) const AGENT: &str = "what-the-agent-of-the-container-wants-0123";
pub(super) const USER: &str = "url-user-name-0815";
pub(super) const PASSWORD: &str = "url-password-4711-xyz";
pub(super) const QUERY: &str = "url-query-secret-31415926";
pub(super) const PROXY: &str = "proxy-password-2718281828";

/// Where the AWS CLI keeps the logins of `corp`, `old` and of who used
/// `aws login`.
pub(super) const CORP: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
pub(super) const OVER: &str = ".aws/sso/cache/c00dbbc9dadfbe1e232e93a729dd4752fade0abf.json";
pub(super) const DEV: &str =
    ".aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json";
pub(super) const PROOF: &str = r"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49\nAwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t\ndjiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==\n-----END EC PRIVATE KEY-----\n";

pub(super) const ROLES: &str = r#"{
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

pub(super) const CONFIG: &str = "\
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

/// A home with every kind of secret.
pub(super) fn stage() -> Stage {
    let stage = Stage::with(artifacts(), Options::default());
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
pub(super) fn secrets() -> Vec<Secret> {
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

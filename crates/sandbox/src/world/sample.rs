//! The world that is there when none is described.

use super::{
    Container, Domain, IdentityCenter, Instance, Login, OidcProvider, PermissionSet, Repository,
    Role, SsoSession, SsoUser, User, World,
};

/// A package in each of the formats that are used most.
fn packages() -> Repository {
    let npm = r#"{"name": "acme-lib", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0":
        {"name": "acme-lib", "version": "1.0.0", "dist": {"tarball": "{endpoint}/acme-lib.tgz"}}}}"#;
    let pom = "<project><modelVersion>4.0.0</modelVersion><groupId>com.acme</groupId>\
               <artifactId>lib</artifactId><version>1.0</version><packaging>pom</packaging></project>";
    let wheel = "acme_lib-1.0-py3-none-any.whl";
    Repository::new("shop")
        .file("npm/acme-lib", npm)
        .file("maven/com/acme/lib/1.0/lib-1.0.pom", pom)
        .file(
            "pypi/simple/acme-lib/",
            format!("<a href=\"{wheel}\">{wheel}</a>"),
        )
}

fn sign_on() -> IdentityCenter {
    let session = SsoSession::new("sample-access-token");
    IdentityCenter::new("https://acme.awsapps.com/start")
        .account("123456789012", "acme-sandbox")
        .account("345678901234", "acme-prod")
        .permission_set(PermissionSet::new("ReadOnly"))
        .permission_set(PermissionSet::new("Admin").lasting(43_200))
        .user(
            SsoUser::new("jdoe")
                .assigned("123456789012", "ReadOnly")
                .assigned("123456789012", "Admin")
                .assigned("345678901234", "ReadOnly")
                .session(session.renewable("sample-refresh-token", "sample-client", "sample")),
        )
}

/// The base account, where people's users live.
const BASTION: &str = "210987654321";
/// The user's device.
const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";

impl World {
    /// A small company: a bastion account with one user who has an MFA device,
    /// and roles in three other accounts.
    ///
    /// | role | trusts | needs | lasts |
    /// | --- | --- | --- | --- |
    /// | `123456789012:role/read` | the bastion account | MFA | 1 h |
    /// | `123456789012:role/admin` | `jdoe` | MFA at most 15 minutes old | 1 h |
    /// | `345678901234:role/team/deploy` | `jdoe` | MFA | 12 h |
    /// | `345678901234:role/audit` | the role `read` | | 1 h |
    /// | `567890123456:role/partner` | `jdoe` | the external ID `acme-42` | 1 h |
    /// | `345678901234:role/ci` | `token.example.com`, a web identity | a subject `repo:acme/…` | 1 h |
    ///
    /// And IAM Identity Center at `https://acme.awsapps.com/start`, whose user
    /// `jdoe` may have `ReadOnly` and `Admin` in two accounts; a task of ECS
    /// (`/v2/credentials/sample-task`), a pod of EKS and an instance, with the
    /// role `audit`; and the CodeArtifact domain `my-artifacts` of 123456789012,
    /// whose repository `shop` the role `read` may use; `jdoe` may ask IAM about
    /// himself and is signed in by `aws login`. The role `read` may log in to registries of
    /// ECR, and reach the instance by Session Manager.
    pub fn sample() -> Self {
        let user = "arn:aws:iam::210987654321:user/jdoe";
        Self::default()
            .user(
                User::new("jdoe", BASTION)
                    .key("AKIAIOSFODNN7EXAMPLE", SAMPLE_SECRET)
                    .allowing("iam:Get*")
                    .allowing("iam:List*")
                    .mfa(DEVICE, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
            )
            .user(User::new("robot", BASTION).key("AKIAI44QH8DHBEXAMPLE", OTHER_SECRET))
            .role(
                Role::new("arn:aws:iam::123456789012:role/read")
                    .trusting(format!("arn:aws:iam::{BASTION}:root"))
                    .with_mfa()
                    .allowing("codeartifact:*")
                    .allowing("ecr:*")
                    .allowing("ssm:*")
                    .allowing("sts:GetServiceBearerToken"),
            )
            .role(
                Role::new("arn:aws:iam::123456789012:role/admin")
                    .trusting(user)
                    .with_mfa_younger_than(900),
            )
            .role(
                Role::new("arn:aws:iam::345678901234:role/team/deploy")
                    .trusting(user)
                    .with_mfa()
                    .lasting(43_200),
            )
            .role(Role::new(AUDIT).trusting("arn:aws:iam::123456789012:role/read"))
            .role(
                Role::new("arn:aws:iam::567890123456:role/partner")
                    .trusting(user)
                    .with_external_id("acme-42"),
            )
            .role(
                Role::new("arn:aws:iam::345678901234:role/ci")
                    .trusting(PROVIDER)
                    .with_web_subject("repo:acme/*"),
            )
            .single_sign_on(sign_on())
            .domain(Domain::new("my-artifacts", "123456789012").repository(packages()))
            .login(Login::new(user, "sample-login-token"))
            .managed("i-0123456789abcdef0")
            .container(Container::task("sample-task", AUDIT))
            .container(Container::pod("sample-pod", AUDIT, "sample-pod-token"))
            .on(Instance::new("i-0123456789abcdef0", "eu-central-1").role(AUDIT))
            .oidc_provider(OidcProvider::new(PROVIDER, "the provider's signing key"))
    }
}

/// The role of the containers and of the instance.
const AUDIT: &str = "arn:aws:iam::345678901234:role/audit";
/// Whose tokens the role `ci` takes.
const PROVIDER: &str = "arn:aws:iam::345678901234:oidc-provider/token.example.com";
/// The secret of AWS's own documentation.
const SAMPLE_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// Another one of AWS's documentation.
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

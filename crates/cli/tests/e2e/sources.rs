//! Where first credentials come from, besides the keys of a profile.

mod answering;
mod as_asked;
mod callers;
mod container;
mod doctor;
mod endings;
mod instance;
mod login;
mod long_term;
mod process;
mod protected;
mod sso;
mod web_identity;

pub(crate) use sso::{CONFIG as SSO_CONFIG, CORP, login as sso_login};

use aws_sandbox::{
    Container, IdentityCenter, Instance, Login, OidcProvider, Options, PermissionSet, Role,
    SsoSession, SsoUser, User, World,
};

use super::harness::{ACCOUNT, Stage, world};

/// The provider that `hub` trusts.
pub(crate) const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/token.example.com";
/// The portal.
const START: &str = "https://acme.awsapps.com/start";
/// Who logged in with `aws login`.
const DEV: &str = "arn:aws:iam::222222222222:user/dev";
/// A profile's role that is assumed from anybody's of account 222222222222.
const READ: &str = "role_arn = arn:aws:iam::123456789012:role/last\n";

/// The usual world with every source: all of them end in account 222222222222,
/// which may have the role `last` of account 123456789012.
pub(crate) fn everything() -> World {
    let hub = "arn:aws:iam::222222222222:role/hub";
    let jdoe = SsoUser::new("jdoe@example.com")
        .assigned("222222222222", "Admin")
        .assigned("222222222222", "Read")
        .assigned("222222222222", "Audit")
        .session(SsoSession::new("good-token"))
        .session(
            SsoSession::new("old-token")
                .ending("2020-01-01T00:00:00Z".parse().unwrap())
                .renewable("refresh-token", "client", "client-secret"),
        );
    world()
        .role(Role::new(hub).trusting(PROVIDER))
        .role(Role::new(format!("arn:aws:iam::{ACCOUNT}:role/last")).trusting("222222222222"))
        .user(User::new("dev", "222222222222"))
        .login(Login::new(DEV, "login-refresh"))
        .oidc_provider(OidcProvider::new(PROVIDER, "signing key"))
        .single_sign_on(
            IdentityCenter::new(START)
                .account("222222222222", "hub")
                .permission_set(PermissionSet::new("Admin").lasting(43_200))
                .permission_set(PermissionSet::new("Read"))
                .permission_set(PermissionSet::new("Audit"))
                .user(jdoe),
        )
        .container(Container::task("task-1", hub))
        .container(Container::pod("pod-1", hub, "pod-token"))
        .on(Instance::new("i-0123456789abcdef0", "eu-central-1").role(hub))
}

impl Stage {
    /// A stage of everything, with a `~/.aws/config` of `config` and without
    /// `~/.assumerole`. In `config`, `STS` is where everything of AWS is.
    pub(crate) fn of_sources(config: &str) -> Self {
        let stage = Self::with(everything(), Options::default());
        std::fs::remove_file(stage.path(".assumerole")).unwrap();
        stage.config(config);
        stage
    }

    /// Replaces `~/.aws/config`.
    pub(crate) fn config(&self, config: &str) {
        let config = config.replace(
            "STS",
            &format!("endpoint_url = {}", self.sandbox.endpoint()),
        );
        self.write(".aws/config", &config);
    }

    /// What was asked of AWS so far: each request's action, and who asked where
    /// that is an ARN.
    fn asked(&self) -> String {
        let entry = |entry: aws_sandbox::Entry| {
            let who = entry.caller.unwrap_or_default();
            let who = who.rsplit("::").next().unwrap_or_default().to_owned();
            format!("{} {} by {who}\n", entry.action, entry.outcome)
        };
        self.sandbox.journal().into_iter().map(entry).collect()
    }
}

//! Where the commands of the book work: their roles, profiles and programs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;

use aws_sandbox::{
    Domain, IdentityCenter, Options, Organization, PermissionSet, Repository, Role, SsoUser, World,
};

use crate::codeartifact::{DOMAIN, SETTINGS, XML};
use crate::console;
use crate::harness::{ACCOUNT, BASE_ACCOUNT, DEVICE, KEY, SECRET, Stage, program, world};
use crate::recipes::venv;
use crate::sso::{self, JDOE};

/// The profile that the pages sign in for.
const DIRECTORY: &str = "\
[profile corp-read]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = ReadOnly
region = eu-west-1
[sso-session corp]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

/// Role and tag of each entry of `~/.assumerole`.
const ROLES: [(&str, &str); 7] = [
    ("bastion-read", "dev"),
    ("acme-sandbox-read", "sandbox"),
    ("acme-dev", "dev"),
    ("acme-read", "dev"),
    ("acme-admin", "prod"),
    ("acme-prod", "prod"),
    ("acme-prod-deploy", "prod"),
];

/// Stand-ins for programs that tests do not have, and for services that the private
/// AWS does not have: each says who it is.
const PROGRAMS: [(&str, &str); 5] = [
    (
        "terraform",
        "aws sts get-caller-identity --query Arn --output text",
    ),
    ("shell", "echo \"shell in $AWS_ACCOUNT\""),
    ("mvn", "exit 0"),
    (
        "session-manager-plugin",
        "case \"$*\" in --version) echo 1.2.553.0 ;; *) echo \"plugin for $5\" ;; esac",
    ),
    ("sudo", "exec \"$@\""),
];

fn book_world() -> World {
    let mut world = world().managed("i-0123456789abcdef0");
    world.users[0].allow = vec!["iam:*".to_owned()];
    for name in ["admin", "dev", "prod", "prod-deploy"] {
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
        world = world.role(Role::new(arn).trusting(BASE_ACCOUNT).with_mfa());
    }
    for role in &mut world.roles {
        role.allow = [
            "codeartifact:*",
            "sts:GetServiceBearerToken",
            "ssm:*",
            "ecr:*",
        ]
        .map(str::to_owned)
        .to_vec();
    }
    for account in ["111111111111", "222222222222"] {
        let arn = format!("arn:aws:iam::{account}:role/read");
        world = world.role(Role::new(arn).trusting(BASE_ACCOUNT).with_mfa());
    }
    let list = Role::new("arn:aws:iam::999999999999:role/org-list");
    let world = world
        .role(
            list.trusting(BASE_ACCOUNT)
                .with_mfa()
                .allowing("organizations:List*"),
        )
        .organized(organization());
    let jdoe = SsoUser::new(JDOE)
        .assigned("222222222222", "ReadOnly")
        .assigned("222222222222", "Admin");
    let directory = |start: &str| {
        IdentityCenter::new(start)
            .account("222222222222", "acme-prod")
            .permission_set(PermissionSet::new("ReadOnly"))
            .permission_set(PermissionSet::new("Admin"))
            .user(jdoe.clone())
    };
    world
        .domain(Domain::new("my-artifacts", ACCOUNT).repository(Repository::new("shop")))
        .single_sign_on(directory("https://acme.awsapps.com/start"))
}

fn organization() -> Organization {
    Organization::new("o-exampleorg", "999999999999")
        .unit("ou-abcd-11111111", "Workloads", "")
        .unit("ou-abcd-22222222", "Prod", "ou-abcd-11111111")
        .unit("ou-abcd-33333333", "Test", "ou-abcd-11111111")
        .account("111111111111", "acme-prod", "ou-abcd-22222222")
        .account("222222222222", "acme-test", "ou-abcd-33333333")
        .account("333333333333", "old", "")
        .in_state("CLOSED")
}

/// A home with the roles of the book. Nobody is signed in, nothing is cached.
pub(super) fn bare() -> Stage {
    let stage = Stage::with(book_world(), Options::default());
    let roles = ROLES.map(|(name, env)| {
        let role = name.strip_prefix("acme-").unwrap_or(name);
        let role = role.strip_prefix("sandbox-").unwrap_or(role);
        let role = role.strip_prefix("bastion-").unwrap_or(role);
        format!(
            r#"    "{name}": {{"aws_profile": "acme-bastion", "aws_account": "{ACCOUNT}", "aws_role": "{role}", "aws_mfa_arn": "{DEVICE}", "aws_region": "eu-central-1", "tags": {{"{env}": ""}}}}"#
        )
    });
    let list = format!(
        r#"    "org-list": {{"aws_profile": "acme-bastion", "aws_account": "999999999999", "aws_role": "org-list", "aws_mfa_arn": "{DEVICE}"}}"#
    );
    let roles = format!("{},\n{list}", roles.join(",\n"));
    stage.write(
        ".assumerole",
        &format!("{{\n  \"assume_roles\": {{\n{roles}\n  }}\n}}\n"),
    );
    let keys = format!("aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n");
    stage.write(
        ".aws/credentials",
        &format!("[acme-bastion]\n{keys}[base]\n{keys}"),
    );
    stage.write(
        ".aws/config",
        "[profile acme-bastion]\nregion = eu-central-1\n[profile base]\nregion = eu-central-1\n",
    );
    fs::create_dir(stage.path("bin")).unwrap();
    let mode = Permissions::from_mode(0o700);
    fs::create_dir(stage.path("run")).unwrap();
    fs::set_permissions(stage.path("run"), mode).unwrap();
    symlink(program(), stage.path("bin/assumerole")).unwrap();
    // Not by its own first line, which cannot hold a path with blanks.
    let [python, aws] = ["python", "aws"].map(|name| {
        let path = venv().join(name);
        shell_words::quote(path.to_str().unwrap()).into_owned()
    });
    stage.script("bin/firefox", console::BROWSER);
    let buckets = "[ \"$1 $2\" != 's3 ls' ] || { echo \"buckets of $AWS_ACCOUNT\"; exit; }";
    for (name, script) in PROGRAMS
        .iter()
        .map(|(name, script)| (*name, (*script).to_owned()))
        .chain([("aws", format!("{buckets}\nexec {python} {aws} \"$@\""))])
    {
        stage.script(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
    }
    stage
}

/// With an MFA session, so that nothing is asked.
pub(super) fn warm() -> Stage {
    let stage = bare();
    let code = stage.code();
    after(stage, &format!("login acme-read {code}"))
}

/// A command of a person who works on a stage.
pub(super) trait On {
    fn on(&mut self, stage: &Stage) -> &mut Self;
}

impl On for Command {
    fn on(&mut self, stage: &Stage) -> &mut Self {
        stage.clear(self);
        let bin = stage.path("bin");
        self.env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("AWS_ENDPOINT_URL", stage.sandbox.endpoint())
            .env("AWS_ENDPOINT_URL_SIGNIN", stage.sandbox.endpoint())
            .env("BROWSER", stage.path("bin/firefox"))
            .env("SHELL", bin.join("shell"))
            .env("XDG_RUNTIME_DIR", stage.path("run"))
            .env("EDITOR", "true")
            .env("USER", "jdoe")
            .env("LANG", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env("TERM", "xterm-256color")
    }
}

/// As [`warm`], after `assumerole ARGUMENTS` in a shell.
pub(super) fn in_role(arguments: &str) -> Stage {
    after(warm(), arguments)
}

/// As [`signing_in`], after that.
pub(super) fn signed_in() -> Stage {
    after(signing_in(), "sso login")
}

fn after(stage: Stage, arguments: &str) -> Stage {
    let script = format!("assumerole {arguments}");
    let mut command = Command::new("setsid");
    command.args(["--wait", "sh", "-c", &script]).on(&stage);
    let ran = stage.ran(&mut command);
    assert_eq!(ran.status, 0, "{ran:?}");
    stage
}

/// With a directory of IAM Identity Center, and a browser whose person signs in.
pub(super) fn signing_in() -> Stage {
    let stage = bare();
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let config = format!("{config}{DIRECTORY}");
    stage.write(".aws/config", &config);
    stage.script("bin/firefox", sso::browser::BROWSER);
    stage.write("decision", "allow");
    stage
}

/// Someone who has an access key and no role yet.
pub(super) fn without_roles() -> Stage {
    let stage = bare();
    fs::remove_file(stage.path(".assumerole")).unwrap();
    stage
}

/// Someone who has an access key, and a directory, and no role yet.
pub(super) fn newcomer() -> Stage {
    let stage = signing_in();
    fs::remove_file(stage.path(".assumerole")).unwrap();
    stage.write(".aws/config", "[profile base]\nregion = eu-central-1\n");
    stage
}

/// As [`warm`], with a domain of CodeArtifact.
pub(super) fn with_artifacts() -> Stage {
    let stage = warm();
    let roles = fs::read_to_string(stage.path(".assumerole")).unwrap();
    let domain = format!("{{\"codeartifact\": {DOMAIN},");
    stage.write(".assumerole", &roles.replacen('{', &domain, 1));
    stage.write(SETTINGS, XML);
    stage
}

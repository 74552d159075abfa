//! A throw-away home with a made-up company in it: the files that a person of
//! that company has, and the private AWS that answers for it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Context as _, Result};
use crate::sandbox::Sandbox;
use crate::workspace::Programs;

/// The profile whose keys assume every role.
pub(crate) const PROFILE: &str = "acme-bastion";
/// The user's MFA device.
pub(crate) const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";
/// The secret of that device, in base32.
pub(crate) const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// The user.
const USER: &str = "arn:aws:iam::210987654321:user/jdoe";
/// The example keys of AWS's own documentation.
const KEY: (&str, &str) = (
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
);

/// A role of the company.
pub(crate) struct Role {
    /// Its name in `~/.assumerole`.
    pub(crate) name: &'static str,
    /// The account, 12 digits.
    pub(crate) account: &'static str,
    /// The role's name in AWS, with its path.
    pub(crate) role: &'static str,
    /// `aws_region`.
    pub(crate) region: &'static str,
    /// Whether it is assumed with MFA, which it then demands.
    pub(crate) mfa: bool,
    /// Whom it trusts.
    pub(crate) trusts: &'static str,
    /// `environment`, name and value.
    pub(crate) environment: &'static [(&'static str, &'static str)],
}

/// What the company has.
#[rustfmt::skip]
pub(crate) const ROLES: [Role; 6] = [
    Role { name: "acme-sandbox-read", account: "111122223333", role: "read", region: "eu-central-1",
        mfa: true, trusts: USER, environment: &[("ACME_STAGE", "sandbox")] },
    Role { name: "acme-sandbox-admin", account: "111122223333", role: "admin", region: "eu-central-1",
        mfa: true, trusts: USER, environment: &[("ACME_STAGE", "sandbox")] },
    Role { name: "acme-prod-read", account: "444455556666", role: "read", region: "eu-west-1",
        mfa: true, trusts: USER, environment: &[("ACME_STAGE", "prod")] },
    Role { name: "acme-prod-admin", account: "444455556666", role: "admin", region: "eu-west-1",
        mfa: true, trusts: "arn:aws:iam::210987654321:user/on-call", environment: &[("ACME_STAGE", "prod")] },
    Role { name: "acme-data-etl", account: "777788889999", role: "pipelines/etl", region: "us-east-1",
        mfa: false, trusts: USER, environment: &[("DATA_BUCKET", "acme-data-lake"), ("DATA_WORK", "~/data")] },
    Role { name: "acme-billing-read", account: "210987654321", role: "billing", region: "us-east-1",
        mfa: true, trusts: USER, environment: &[] },
];

/// A throw-away home and its AWS. Both go when this is dropped.
pub(crate) struct Stage {
    /// The private AWS.
    pub(crate) sandbox: Sandbox,
    // Dropped after the sandbox that writes into it.
    dir: TempDir,
}

impl Stage {
    /// A new one, in a folder that nobody else can enter.
    ///
    /// # Errors
    /// A file cannot be written or the sandbox does not start.
    pub(crate) fn new(programs: &Programs) -> Result<Self> {
        Self::with_latency(programs, Duration::ZERO)
    }

    /// The same, with an AWS that keeps every answer back for `latency`.
    ///
    /// # Errors
    /// As for [`Stage::new`].
    pub(crate) fn with_latency(programs: &Programs, latency: Duration) -> Result<Self> {
        Self::start(programs, latency, false)
    }

    /// The same, with an AWS that speaks TLS; the certificate of its authority is
    /// in the file `ca.pem` of [`Stage::path`].
    ///
    /// # Errors
    /// As for [`Stage::new`].
    pub(crate) fn with_tls(programs: &Programs) -> Result<Self> {
        Self::start(programs, Duration::ZERO, true)
    }

    fn start(programs: &Programs, latency: Duration, tls: bool) -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("assumerole-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .context("cannot make a temporary folder")?;
        let program = programs.get("aws-sandbox")?;
        let sandbox = Sandbox::start(program, &world(), dir.path(), latency, tls)?;
        let stage = Self { sandbox, dir };
        for folder in [stage.home().join(".aws"), stage.bin()] {
            fs::create_dir_all(&folder).context(folder.display())?;
        }
        let program = stage.bin().join("assumerole");
        symlink(programs.get("assumerole")?, &program).context(program.display())?;
        let config = format!("{:#}\n", config(ROLES.iter().map(entry)));
        stage.write(".assumerole", &config)?;
        stage.write(".aws/credentials", &credentials())?;
        stage.write(".aws/config", &aws_config(&stage.sandbox.endpoint))?;
        Ok(stage)
    }

    /// Has the private AWS reached at `endpoint` instead of its own.
    ///
    /// # Errors
    /// `~/.aws/config` cannot be written.
    pub(crate) fn go_by(&self, endpoint: &str) -> Result {
        self.write(".aws/config", &aws_config(endpoint))
    }

    /// Ends the private AWS and removes everything. Dropping does so too, and
    /// keeps silent if it cannot.
    ///
    /// # Errors
    /// Something is still there.
    pub(crate) fn remove(self) -> Result {
        drop(self.sandbox);
        let shown = self.dir.path().display().to_string();
        self.dir.close().context(format!("cannot remove {shown}"))
    }

    /// The home of the person.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// The folder that comes first on PATH.
    pub(crate) fn bin(&self) -> PathBuf {
        self.dir.path().join("bin")
    }

    /// A file or a folder for whoever uses the stage, outside the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes the file `name` of the home, for its owner's eyes only.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result {
        write(&self.home().join(name), text, 0o600)
    }

    /// Puts the script `name` on PATH.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn add_script(&self, name: &str, text: &str) -> Result {
        write(&self.bin().join(name), text, 0o755)
    }

    /// The environment of the person: this home, and of ours only what a
    /// terminal and its locale need.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned());
        let mut environment = vec![
            ("HOME".to_owned(), self.home().display().to_string()),
            (
                "PATH".to_owned(),
                format!("{}:{path}", self.bin().display()),
            ),
            ("USER".to_owned(), "jdoe".to_owned()),
            // The home goes, and nothing of it may stay in the kernel.
            ("ASSUMEROLE_KEY_STORE".to_owned(), "file".to_owned()),
        ];
        let kept = |name: &str| {
            let terminal = [
                "TERM",
                "COLORTERM",
                "LANG",
                "TZ",
                "NO_COLOR",
                "CLICOLOR_FORCE",
            ];
            terminal.contains(&name) || name.starts_with("LC_")
        };
        environment.extend(std::env::vars().filter(|(name, _)| kept(name)));
        environment
    }

    /// `program` as the person would run it.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .envs(self.environment())
            .current_dir(self.home());
        command
    }
}

fn write(path: &Path, text: &str, mode: u32) -> Result {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).context(folder.display())?;
    }
    fs::write(path, text).context(path.display())?;
    fs::set_permissions(path, Permissions::from_mode(mode)).context(path.display())
}

/// The role in `~/.assumerole`: its name and what stands under it.
pub(crate) fn entry(role: &Role) -> (String, Value) {
    let mut entry = json!({
        "aws_profile": PROFILE,
        "aws_account": role.account,
        "aws_role": role.role,
        "aws_region": role.region,
    });
    if role.mfa {
        entry["aws_mfa_arn"] = DEVICE.into();
    }
    if !role.environment.is_empty() {
        let pair = |(name, value): &(&str, &str)| json!({ "name": name, "value": value });
        entry["environment"] = role.environment.iter().map(pair).collect();
    }
    (role.name.to_owned(), entry)
}

/// The content of `~/.assumerole` with `roles`.
pub(crate) fn config(roles: impl Iterator<Item = (String, Value)>) -> Value {
    json!({ "assume_roles": roles.collect::<serde_json::Map<_, _>>() })
}

fn credentials() -> String {
    let (id, secret) = KEY;
    format!("[{PROFILE}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

/// The endpoint stands under `[default]` too: inside a role no profile is set,
/// and no AWS client may leave this machine from there.
fn aws_config(endpoint: &str) -> String {
    let settings = format!("region = eu-central-1\nendpoint_url = {endpoint}\n");
    format!("[default]\n{settings}\n[profile {PROFILE}]\n{settings}")
}

/// The company as the sandbox knows it.
fn world() -> Value {
    let role = |role: &Role| {
        json!({
            "arn": format!("arn:aws:iam::{}:role/{}", role.account, role.role),
            "trust": { "principals": [role.trusts], "require_mfa": role.mfa },
        })
    };
    json!({
        "users": [
            {
                "name": "jdoe",
                "account": "210987654321",
                "access_keys": [{ "id": KEY.0, "secret": KEY.1 }],
                "mfa_devices": [{ "arn": DEVICE, "secret": DEVICE_SECRET }],
            },
            { "name": "on-call", "account": "210987654321" },
        ],
        "roles": ROLES.iter().map(role).collect::<Vec<_>>(),
    })
}

//! A throw-away home, a private AWS, and the program between them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use aws_sandbox::{Options, Role, Sandbox, User, World};
use tempfile::TempDir;

/// The account of the user whose keys are in `~/.aws`.
pub(crate) const BASE_ACCOUNT: &str = "210987654321";
/// The account of the roles.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The user's access key.
pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// The user's secret key.
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// The user's MFA device.
pub(crate) const DEVICE: &str = "arn:aws:iam::210987654321:mfa/jdoe";

/// A home with a configuration, and an AWS that knows its roles.
///
/// Roles in the file: `read` (MFA, eu-central-1, `MYVAR1`), `plain` (no MFA,
/// no region), `deploy` (MFA, a path, 7200 s).
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    dir: TempDir,
}

/// What a run of the program left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

pub(crate) const CONFIG: &str = r#"{
  "assume_roles": {
    "read": {
      "aws_profile": "base",
      "aws_account": "123456789012",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe",
      "aws_role": "read",
      "aws_region": "eu-central-1",
      "environment": [ { "name": "MYVAR1", "value": "my value" } ]
    },
    "plain": {
      "aws_profile": "base",
      "aws_account": "123456789012",
      "aws_role": "plain"
    },
    "deploy": {
      "aws_profile": "base",
      "aws_role": "arn:aws:iam::123456789012:role/team/deploy",
      "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe",
      "max_session_duration": 7200
    }
  }
}
"#;

/// The world of every [`Stage`].
pub(crate) fn world() -> World {
    World::default()
        .user(
            User::new("jdoe", BASE_ACCOUNT)
                .key(KEY, SECRET)
                .mfa(DEVICE, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        )
        .role(
            Role::new("arn:aws:iam::123456789012:role/read")
                .trusting(BASE_ACCOUNT)
                .with_mfa(),
        )
        .role(Role::new("arn:aws:iam::123456789012:role/plain").trusting(BASE_ACCOUNT))
        .role(
            Role::new("arn:aws:iam::123456789012:role/team/deploy")
                .trusting(BASE_ACCOUNT)
                .with_mfa()
                .lasting(43_200),
        )
}

impl Stage {
    /// The usual stage.
    pub(crate) fn new() -> Self {
        Self::with(world(), Options::default())
    }

    /// The usual stage without MFA sessions: each session of a role takes a
    /// code and one request.
    pub(crate) fn direct() -> Self {
        let stage = Self::new();
        stage.without_sessions();
        stage
    }

    /// Makes it a stage without MFA sessions.
    pub(crate) fn without_sessions(&self) {
        let config = CONFIG.replacen('{', "{ \"mfa_session\": false,", 1);
        self.write(".assumerole", &config);
    }

    /// Another world, or a server with other options.
    pub(crate) fn with(world: World, options: Options) -> Self {
        let stage = Self {
            sandbox: Sandbox::start(world, options).unwrap(),
            dir: tempfile::tempdir().unwrap(),
        };
        stage.write(".assumerole", CONFIG);
        stage.write(
            ".aws/credentials",
            &format!("[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
        );
        stage.write(
            ".aws/config",
            &format!(
                "[profile base]\nendpoint_url = {}\n",
                stage.sandbox.endpoint()
            ),
        );
        stage
    }

    /// The home folder.
    pub(crate) fn home(&self) -> &Path {
        self.dir.path()
    }

    /// A path below the home folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }

    /// Writes a file below the home folder, mode 0600.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// An MFA code that has not been used; waits for one if it must.
    pub(crate) fn code(&self) -> String {
        self.sandbox.code(DEVICE)
    }

    /// The program with `args`, its environment cleared but for HOME, PATH and
    /// the place of the sealing key: a file, so that a test does not meet the
    /// key of another one or of the person who runs it. No controlling
    /// terminal.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("setsid");
        command.arg("--wait").arg(program()).args(args);
        self.clear(&mut command);
        command
    }

    /// Clears and sets the environment of any command.
    pub(crate) fn clear(&self, command: &mut Command) {
        command
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("TZ", "UTC")
            .env("USER", "tester")
            .env("SHELL", "/bin/sh")
            .env("ASSUMEROLE_KEY_STORE", "file")
            .current_dir(self.home())
            .stdin(Stdio::null());
    }

    /// A PATH that holds these programs of the machine and no other.
    pub(crate) fn path_of(&self, programs: &[&str]) -> String {
        let folder = self.path("few");
        fs::create_dir_all(&folder).unwrap();
        for name in programs {
            let link = folder.join(name);
            let found = ["/usr/local/bin", "/usr/bin", "/bin"]
                .iter()
                .map(|place| Path::new(place).join(name))
                .find(|path| path.exists());
            let _ = std::os::unix::fs::symlink(found.expect("a program of every machine"), link);
        }
        folder.into_os_string().into_string().unwrap()
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.ran(&mut self.command(args))
    }

    /// Runs a command; the home folder and the endpoint are replaced by
    /// `$HOME` and `$STS` in what it printed.
    pub(crate) fn ran(&self, command: &mut Command) -> Ran {
        self.tidy(&command.output().unwrap())
    }

    fn tidy(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .replace(self.home().to_str().unwrap(), "$HOME")
                .replace(&self.sandbox.endpoint(), "$STS")
        };
        Ran {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            status: output.status.code().unwrap_or(-1),
        }
    }

    /// Assumes `role` so that it is cached.
    pub(crate) fn warm(&self, role: &str) {
        let code = self.code();
        let ran = self.run(&["exec", role, "--mfa-code", &code, "--", "true"]);
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
}

/// The program under test.
pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_assumerole")
}

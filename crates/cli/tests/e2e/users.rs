//! Other users: for what root may do that others may not, and for kernel
//! keyrings, of which each user has one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use super::harness::{Stage, program};

/// A user whose keyring no other test, and nobody else, uses.
///
/// Root becomes any user; everybody else becomes the same one again in a user
/// namespace of its own, which has keyrings of its own.
#[derive(Debug)]
pub(crate) struct Someone {
    /// What stands before a command.
    words: Vec<String>,
    /// Whom the home folder must belong to, where that is another user.
    uid: Option<u32>,
    /// Where they find the program.
    folder: TempDir,
}

impl Someone {
    /// A user other than root, and other than any other one of the tests.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if !is_root() {
            return Self::in_namespace("--map-current-user");
        }
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        // Containers may have no more than 65,536 of them.
        let uid = 20_000 + (std::process::id() * 4 + count) % 40_000;
        let words = ["setpriv", "--clear-groups", "--inh-caps=-all"].map(str::to_owned);
        let mut words = words.to_vec();
        words.extend([format!("--reuid={uid}"), format!("--regid={uid}")]);
        Self {
            words,
            uid: Some(uid),
            folder: folder(),
        }
    }

    /// Root, with a keyring of its own.
    pub(crate) fn root() -> Self {
        let mut root = Self::in_namespace("--map-root-user");
        root.uid = is_root().then_some(0);
        root
    }

    /// One who sees what a process asks of the kernel though it is closed to
    /// its own user.
    pub(crate) fn who_may_trace() -> Self {
        if is_root() {
            return Self {
                words: vec!["env".to_owned()],
                uid: None,
                folder: folder(),
            };
        }
        Self::root()
    }

    fn in_namespace(map: &str) -> Self {
        let words = ["unshare", "--user", map];
        let works = Command::new("unshare")
            .args(["--user", map, "true"])
            .output();
        let works = works.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
        assert!(
            matches!(&works, Ok(complaint) if complaint.is_empty()),
            "this test needs user namespaces ({works:?}): run it as root, or allow them: \
             sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"
        );
        Self {
            words: words.map(str::to_owned).to_vec(),
            uid: None,
            folder: folder(),
        }
    }

    /// `program` as this user.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).arg(program);
        command
    }

    /// A command line as this user.
    pub(crate) fn shell(&self, stage: &Stage, script: &str) -> Command {
        let mut command = self.command("sh");
        command.args(["-c", script]);
        stage.clear(&mut command);
        command.env(
            "PATH",
            format!(
                "{}:/usr/local/bin:/usr/bin:/bin",
                self.folder.path().display()
            ),
        );
        command
    }

    /// A command line as this user, with the sealing key in the kernel's
    /// keyring and nowhere else; the key is gone at its end. It may call
    /// `login COMMAND`, which runs a command as after a fresh login, `su
    /// COMMAND`, as after a login that has ended, and `has_key`.
    pub(crate) fn shell_with_keyring(&self, stage: &Stage, script: &str) -> Command {
        let script = format!("{}\n{script}", keyring_functions());
        let mut command = self.shell(stage, &script);
        command.env("ASSUMEROLE_KEY_STORE", "keyring");
        command
    }

    /// Gives the home folder to this user.
    pub(crate) fn moves_into(&self, stage: &Stage) {
        if let Some(uid) = self.uid {
            give(stage.home(), uid);
        }
    }

    /// Its number, as it is seen from outside.
    pub(crate) fn uid(&self) -> u32 {
        self.uid
            .unwrap_or_else(|| rustix::process::getuid().as_raw())
    }
}

/// Shell functions for [`Someone::shell_with_keyring`]: keyctl(2) as Python
/// calls it, so that nothing has to be installed.
fn keyring_functions() -> String {
    let python = |text: &str, args: &str| {
        format!(
            "python3 -c 'import ctypes, os, sys
def keyctl(*args): return ctypes.CDLL(None).syscall({}, *args)
JOIN_SESSION, REVOKE, UNLINK, SEARCH, SESSION, USER = 1, 3, 9, 10, -3, -4
def find(name=b\"sealing-key\"): return keyctl(SEARCH, USER, b\"user\", b\"assumerole:\" + name + b\":v1\", 0)
{text}' {args}",
            libc::SYS_keyctl
        )
    };
    let run = "os.execvp(sys.argv[1], sys.argv[1:])";
    let login = format!("assert keyctl(JOIN_SESSION, None) > 0\n{run}");
    let su = format!("keyctl(JOIN_SESSION, None)\nassert keyctl(REVOKE, SESSION) == 0\n{run}");
    format!(
        "login() {{ {}; }}\nsu() {{ {}; }}\nhas_key() {{ {}; }}\nforget() {{ {}; }}
login true || {{
    echo 'the kernel forbids keys here, as containers do: run the tests where keyctl is allowed' >&2
    exit 99
}}
trap forget EXIT",
        python(&login, "\"$@\""),
        python(&su, "\"$@\""),
        python("print(find() > 0)", ""),
        python(
            "[keyctl(UNLINK, key, USER) for key in [find(), find(b\"folders\")] if key > 0]",
            "",
        ),
    )
}

/// Whether this is root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn give(path: &Path, uid: u32) {
    chown(path, Some(uid), Some(uid)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), uid);
        }
    }
}

/// A folder that every user can look into, with the program in it: the one it
/// was built in may be closed to others.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let copy = dir.path().join("assumerole");
    if fs::hard_link(program(), &copy).is_err() {
        fs::copy(program(), &copy).unwrap();
    }
    dir
}

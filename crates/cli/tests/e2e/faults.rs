//! Everything that can be wrong around the program, from `faults/table.rs`: it
//! goes on, or says why not.

#[expect(dead_code, reason = "what the page alone says")]
mod table;

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cache_folder::{NOBODY, give_away, is_root, without_names};
use super::harness::{Ran, Stage, program};
use super::support::Checks;
use super::users::Someone;
use table::{GROUPS, Way};

/// What a shell does around the program, in whose place `"$@"` stands.
const PLAIN: &str = "exec \"$@\"";

#[test]
fn each_way_goes_on_or_says_why() {
    let mut checks = Checks::default();
    for row in GROUPS.iter().flat_map(|group| group.rows) {
        // Only root can give a file away; CI is root.
        if matches!(row.way, Way::StateForeign | Way::LockForeign) && !is_root(&Stage::new()) {
            continue;
        }
        let ran = tried(row.way);
        let stdout = if row.status == 0 { "works\n" } else { "" };
        checks.ran(row.tried, &ran, stdout, row.says, row.status);
    }
}

/// Makes it so and runs the program, as somebody who is not root where root
/// would not be stopped.
fn tried(way: Way) -> Ran {
    let stage = Stage::new();
    let state = stage.path(".assumerole.d");
    let cache = state.join("cache");
    match way {
        Way::HomeReadOnly => {
            give_away(&stage);
            mode(stage.home(), 0o555);
            let ran = run(&stage, PLAIN, true);
            mode(stage.home(), 0o755);
            ran
        }
        Way::DiskReadOnly => on_disk(&stage, "mount -o remount,ro none .assumerole.d"),
        Way::DiskReadOnlyUsed => {
            let first = used();
            on_disk(
                &stage,
                &format!("{first}; mount -o remount,ro none .assumerole.d"),
            )
        }
        Way::DiskFull => on_disk(&stage, FILL),
        Way::DiskFullUsed => {
            let first = used();
            on_disk(&stage, &format!("{first}; {FILL}"))
        }
        Way::Quota => on_quota(&stage),
        Way::QuotaUsed => {
            let stage = warm();
            entries(&stage, "");
            on_quota(&stage)
        }
        Way::StateLink => {
            fs::create_dir(stage.path("elsewhere")).unwrap();
            symlink(stage.path("elsewhere"), &state).unwrap();
            run(&stage, PLAIN, false)
        }
        Way::StateFile => {
            stage.write(".assumerole.d", "");
            run(&stage, PLAIN, false)
        }
        Way::StateForeign => {
            give_away(&stage);
            fs::create_dir(&state).unwrap();
            run(&stage, PLAIN, true)
        }
        Way::CacheLink => {
            fs::create_dir(&state).unwrap();
            fs::create_dir(stage.path("elsewhere")).unwrap();
            symlink(stage.path("elsewhere"), &cache).unwrap();
            run(&stage, PLAIN, false)
        }
        Way::CacheFile => {
            stage.write(".assumerole.d/cache", "");
            run(&stage, PLAIN, false)
        }
        Way::KeyFolder => {
            fs::create_dir_all(state.join("sealing-key")).unwrap();
            run(&stage, PLAIN, false)
        }
        Way::KeyLink => {
            fs::create_dir(&state).unwrap();
            symlink("/none", state.join("sealing-key")).unwrap();
            run(&stage, PLAIN, false)
        }
        Way::LockFolder => for_each_entry(".lock", |path| fs::create_dir(path).unwrap()),
        Way::LockLink => for_each_entry(".lock", |path| symlink("/none", path).unwrap()),
        Way::LockSocket => for_each_entry(".lock", |path| {
            // The path of a socket has a hundred bytes at most.
            let folder = fs::File::open(path.parent().unwrap()).unwrap();
            let at = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
            UnixListener::bind(at.join(path.file_name().unwrap())).unwrap();
        }),
        Way::LockForeign => {
            let stage = warm();
            let locks = entries(&stage, ".lock");
            give_away(&stage);
            for lock in locks {
                fs::write(&lock, "").unwrap();
                mode(&lock, 0o600);
            }
            run(&stage, PLAIN, true)
        }
        Way::LockClosed => {
            let stage = warm();
            for lock in entries(&stage, ".lock") {
                fs::write(&lock, "").unwrap();
                mode(&lock, 0o400);
            }
            give_away(&stage);
            run(&stage, PLAIN, true)
        }
        Way::EntryFolder => for_each_entry("", |path| fs::create_dir(path).unwrap()),
        Way::StampFolder => {
            fs::create_dir_all(cache.join("forgotten.lock")).unwrap();
            mode(&state, 0o700);
            run(&stage, PLAIN, false)
        }
        Way::FileLimit => run(&stage, "ulimit -f 0; exec \"$@\"", false),
        Way::NoThread => {
            let named = stage.sandbox.endpoint().replace("127.0.0.1", "localhost");
            stage.write(
                ".aws/config",
                &format!("[profile base]\nendpoint_url = {named}\n"),
            );
            give_away(&stage);
            run(&stage, "exec prlimit --nproc=0 \"$@\"", true)
        }
        Way::ConfigLarge => large(&stage, ".assumerole"),
        Way::AwsConfigLarge => large(&stage, ".aws/config"),
        Way::ConfigClosed => closed(&stage, ".assumerole"),
        Way::AwsConfigClosed => closed(&stage, ".aws/config"),
        Way::CredentialsClosed => closed(&stage, ".aws/credentials"),
        Way::AwsConfigLines => {
            let before = fs::read_to_string(stage.path(".aws/config")).unwrap();
            let lines = "a=1\n".repeat(1_000_000);
            stage.write(".aws/config", &(before + &lines));
            stage.run(&["exec", "plain", "--", "echo", "works"])
        }
    }
}

/// With a file of 17 MiB, of which no byte is written.
fn large(stage: &Stage, name: &str) -> Ran {
    let file = fs::OpenOptions::new().write(true).open(stage.path(name));
    file.unwrap().set_len(17 * 1024 * 1024).unwrap();
    stage.run(&["exec", "plain", "--", "echo", "works"])
}

/// With a file that nobody may read.
fn closed(stage: &Stage, name: &str) -> Ran {
    mode(&stage.path(name), 0o000);
    give_away(stage);
    run(stage, PLAIN, true)
}

/// Whoever reads `check --json` finds the file that is meant.
#[test]
fn check_names_the_file_that_cannot_be_read() {
    for name in [".assumerole", ".aws/config", ".aws/credentials"] {
        let stage = Stage::new();
        mode(&stage.path(name), 0o000);
        give_away(&stage);
        let ran = as_nobody(&stage, "exec \"$@\" check --json", &[]);
        let file = format!("\"file\": \"$HOME/{name}\"");
        assert_eq!(ran.stdout.matches("\"file\":").count(), 1, "{ran:?}");
        assert!(ran.stdout.contains(&file), "{ran:?}");
        assert_eq!(ran.status, 1, "{ran:?}");
    }
}

const FILL: &str = "cat /dev/zero > .assumerole.d/ballast 2> /dev/null";

/// A stage whose cache was used, and holds nothing any more.
fn warm() -> Stage {
    let stage = Stage::new();
    stage.warm("read");
    stage
}

/// Removes the entries of a stage; their paths with `ending`.
fn entries(stage: &Stage, ending: &str) -> Vec<PathBuf> {
    let names = stage.entries();
    assert_eq!(names.len(), 2, "an MFA session and a role");
    let cache = stage.path(".assumerole.d/cache");
    let path = |name: String| {
        fs::remove_file(cache.join(&name)).unwrap();
        cache.join(name + ending)
    };
    names.into_iter().map(path).collect()
}

fn for_each_entry(ending: &str, make: fn(&Path)) -> Ran {
    let stage = warm();
    for path in entries(&stage, ending) {
        make(&path);
    }
    run(&stage, PLAIN, false)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The command line behind the program's name.
fn args(stage: &Stage) -> Vec<String> {
    let code = stage.code();
    let args = [
        "exec",
        "read",
        "--mfa-code",
        &code,
        "--",
        "/bin/echo",
        "works",
    ];
    args.map(str::to_owned).into()
}

/// Runs the program in the place of `"$@"` of `script`, as nobody or as who
/// runs the tests.
fn run(stage: &Stage, script: &str, nobody: bool) -> Ran {
    let args = args(stage);
    // Which root alone has made, and needs.
    if nobody && stage.path("program").exists() {
        return as_nobody(stage, script, &args);
    }
    let mut command = Command::new("sh");
    stage.clear(&mut command);
    command.args(["-c", script, "sh", program()]);
    without_names(stage.ran(command.args(args)))
}

/// As [`run`], as somebody who may read only what its mode says.
fn as_nobody(stage: &Stage, script: &str, args: &[String]) -> Ran {
    let own = stage.path("program");
    let mut command = Command::new(if own.exists() { "setpriv" } else { "env" });
    stage.clear(&mut command);
    if own.exists() {
        let ids = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
        command.args(ids).arg("--clear-groups");
    }
    command.args(["sh", "-c", script, "sh"]);
    command.arg(if own.exists() { own } else { program().into() });
    without_names(stage.ran(command.args(args)))
}

/// What a shell runs so that the cache has been used, and holds nothing.
fn used() -> String {
    let program = program();
    format!("'{program}' -q exec plain true; rm .assumerole.d/cache/*")
}

/// As [`run`], where no byte that is written to a file reaches the disk: what
/// file systems with quotas answer, at the latest when a file is flushed.
fn on_quota(stage: &Stage) -> Ran {
    let mut command = Someone::who_may_trace().command("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,pwrite64"])
        .args(["-e", "inject=fsync,pwrite64:error=EDQUOT"])
        .arg(program())
        .args(args(stage));
    stage.clear(&mut command);
    without_names(stage.ran(&mut command))
}

/// As [`run`], with a small file system at `~/.assumerole.d`; `first` is what
/// the shell does to it.
fn on_disk(stage: &Stage, first: &str) -> Ran {
    fs::create_dir_all(stage.path(".assumerole.d")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k,mode=700 none \"$HOME/.assumerole.d\" || exit 99\n\
         cd \"$HOME\"\n{first}\nexec \"$@\""
    );
    let mut command = Command::new("unshare");
    stage.clear(&mut command);
    if !is_root(stage) {
        command.arg("--map-root-user");
    }
    command.args(["--mount", "sh", "-c", &script, "sh", program()]);
    let ran = stage.ran(command.args(args(stage)));
    assert_ne!(ran.status, 99, "no file system could be mounted: {ran:?}");
    without_names(ran)
}

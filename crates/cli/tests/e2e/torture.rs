//! Every kind of edit, killed again and again: the file has the old content or
//! the new one, byte for byte, with its mode, and what is left beside it goes
//! with the next run.
//!
//! A round kills the program right before one of its system calls, each in
//! turn and those that change files first; `cargo xtask torture` has more rounds, every other one of them at a
//! moment by the clock.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aws_sandbox::{IdentityCenter, Options, PermissionSet, SsoSession, SsoUser};

use super::codeartifact::{self, DOMAIN, SETTINGS, XML};
use super::harness::{Stage, program, world};
use super::users::Someone;

/// How often each edit is killed when nobody says.
const ROUNDS: usize = 100;

/// Says how often, for `cargo xtask torture`.
const VARIABLE: &str = "ASSUMEROLE_TORTURE_ROUNDS";

/// System calls that change files.
const CHANGES: [&str; 16] = [
    "fchmod",
    "fchmodat",
    "fchown",
    "fdatasync",
    "fremovexattr",
    "fsetxattr",
    "fsync",
    "ftruncate",
    "linkat",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "write",
];

/// What is done with a stage in a round.
type Of<T> = Box<dyn Fn(&Stage, usize) -> T>;

/// An edit.
struct Edit {
    name: &'static str,
    stage: Stage,
    args: Vec<&'static str>,
    env: Vec<(&'static str, String)>,
    /// Makes everything as it was before the edit of this round.
    reset: Of<()>,
    /// Whether the edit has been made; fails if it is neither made nor not.
    made: Of<bool>,
    /// What an unfinished edit has left: paths below the home folder.
    left: Of<Vec<String>>,
    /// Whether a run that nobody kills must succeed.
    succeeds: bool,
}

/// What came of an edit's rounds.
#[derive(Default)]
struct Figures {
    killed: usize,
    by_call: usize,
    made: usize,
    left: usize,
}

fn rounds() -> usize {
    match std::env::var(VARIABLE) {
        Ok(rounds) => rounds.parse().expect("a number"),
        Err(_) => ROUNDS,
    }
}

impl Edit {
    fn torture(&self) {
        let started = Instant::now();
        self.whole(0);
        let whole = started.elapsed();
        let points = self.points();
        let (rounds, mut figures) = (rounds(), Figures::default());
        let mut attempt = 0;
        while figures.killed < rounds {
            assert!(
                attempt < rounds * 4,
                "{}: it is hardly ever killed",
                self.name
            );
            attempt += 1;
            (self.reset)(&self.stage, attempt);
            let by_call = rounds <= ROUNDS || attempt.is_multiple_of(2);
            let killed = if by_call {
                let (call, number) = &points[attempt % points.len()];
                self.killed_before(call, *number)
            } else {
                let part = u32::try_from(attempt * 7919 % 1000).unwrap();
                self.killed_after(whole * part / 900)
            };
            if !killed {
                continue;
            }
            figures.killed += 1;
            figures.by_call += usize::from(by_call);
            figures.made += usize::from((self.made)(&self.stage, attempt));
            let left = (self.left)(&self.stage, attempt);
            figures.left += usize::from(!left.is_empty());
            if !left.is_empty() || attempt.is_multiple_of(50) {
                self.whole(attempt);
            }
        }
        self.whole(attempt);
        self.say(&figures, points.len());
    }

    /// A run that nobody kills makes the edit, and leaves nothing, whatever is
    /// beside the file.
    fn whole(&self, round: usize) {
        (self.reset)(&self.stage, round);
        let ran = self.stage.ran(&mut self.command());
        if self.succeeds {
            assert_eq!(ran.status, 0, "{}: {}", self.name, ran.stderr);
            assert!((self.made)(&self.stage, round), "{}", self.name);
        }
        assert_eq!((self.left)(&self.stage, round), [""; 0], "{}", self.name);
    }

    fn command(&self) -> Command {
        let mut command = self.stage.command(&self.args);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    fn traced(&self, words: &[&str]) -> Command {
        let mut command = Someone::who_may_trace().command("strace");
        command
            .arg("-qq")
            .args(words)
            .arg(program())
            .args(&self.args);
        self.stage.clear(&mut command);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The system calls of one edit: each with how often it was made before.
    fn points(&self) -> Vec<(String, usize)> {
        (self.reset)(&self.stage, 0);
        let log = self.stage.path("strace.log");
        let ran = self
            .stage
            .ran(&mut self.traced(&["-o", log.to_str().unwrap()]));
        assert!(!self.succeeds || ran.status == 0, "{}", ran.stderr);
        let text = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let calls = text.lines().filter_map(|line| line.split_once('('));
        let calls = calls.map(|(name, _)| name.to_owned()).filter(|name| {
            let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            // With that of strace itself it starts.
            !name.is_empty() && name.bytes().all(letter) && name != "execve"
        });
        let numbered = calls.map(|name| {
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            (name, *count)
        });
        let mut points: Vec<_> = numbered.collect();
        assert!(points.len() > 50, "{}: {text}", self.name);
        // However few rounds there are: those that change a file.
        points.sort_by_key(|(name, _)| !CHANGES.contains(&name.as_str()));
        points
    }

    /// Runs it, and kills it right before it makes a system call for the
    /// `number`th time; whether it did.
    fn killed_before(&self, call: &str, number: usize) -> bool {
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:signal=KILL:when={number}");
        let words = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
        let status = self.traced(&words).output().unwrap().status;
        status.signal() == Some(9)
    }

    /// Runs it, and kills it after this time; whether it was still there.
    fn killed_after(&self, time: Duration) -> bool {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(time);
        let _ = child.kill();
        child.wait().unwrap().signal() == Some(9)
    }

    #[expect(
        clippy::print_stdout,
        clippy::disallowed_macros,
        reason = "who asks for more rounds wants figures"
    )]
    fn say(&self, figures: &Figures, points: usize) {
        println!(
            "{}: killed {} times ({} before one of {points} system calls, {} by the clock): \
             {} old, {} new, 0 torn; {} left something, which went with the next run",
            self.name,
            figures.killed,
            figures.by_call,
            figures.killed - figures.by_call,
            figures.killed - figures.made,
            figures.made,
            figures.left,
        );
    }
}

fn mode(stage: &Stage, file: &str) -> u32 {
    let found = fs::metadata(stage.path(file)).unwrap();
    found.permissions().mode() & 0o7777
}

/// The unfinished files beside `file`, and those of `~/.assumerole.d`; others
/// may read one only if they may read the file, and then it is whole.
fn left_beside(stage: &Stage, file: &str, new: &[u8]) -> Vec<String> {
    let (folder, name) = file.rsplit_once('/').unwrap_or((".", file));
    // Of a long name, as much as leaves room for the rest.
    let prefix = format!(".{}.", &name[..name.len().min(32)]);
    let beside = stage.list(folder).into_iter();
    let beside = beside.filter(|name| name.starts_with(&prefix) && name.ends_with(".tmp"));
    let mut left: Vec<String> = beside.map(|name| format!("{folder}/{name}")).collect();
    for path in &left {
        let is = mode(stage, path);
        let whole = is == mode(stage, file) && fs::read(stage.path(path)).unwrap() == new;
        assert!(is == 0o600 || whole, "{path}: {is:o}");
    }
    left.extend(left_in_state(stage));
    left
}

fn left_in_state(stage: &Stage) -> Vec<String> {
    let folders = [".assumerole.d", ".assumerole.d/cache"];
    let files = |folder| {
        let names = stage.list(folder).into_iter();
        let names = names.filter(|name| name.starts_with(".tmp-"));
        names.map(move |name| format!("{folder}/{name}"))
    };
    folders.into_iter().flat_map(files).collect()
}

/// A file whose new content is always the same.
fn of_file(
    name: &'static str,
    stage: Stage,
    args: Vec<&'static str>,
    file: &'static str,
    old: &str,
) -> Edit {
    stage.write(file, old);
    let path = stage.path(file);
    // More than its owner may read it: the rights are part of the edit.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o2644)).unwrap();
    let ran = stage.run(&args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let (old, new) = (old.as_bytes().to_vec(), fs::read(&path).unwrap());
    assert!(new != old);
    let left = new.clone();
    Edit {
        name,
        stage,
        args,
        env: Vec::new(),
        reset: Box::new({
            let old = old.clone();
            move |_, _| fs::write(&path, &old).unwrap()
        }),
        made: Box::new(move |stage, _| {
            let now = fs::read(stage.path(file)).unwrap();
            assert!(now == old || now == new, "{} bytes", now.len());
            assert_eq!(mode(stage, file), 0o2644);
            now == new
        }),
        left: Box::new(move |stage, _| left_beside(stage, file, &left)),
        succeeds: true,
    }
}

/// The file of one package tool.
fn of_tool(name: &'static str, tool: &str, file: &'static str, old: &str) -> Edit {
    let entry = format!(
        r#"{{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1", "repository": "shop", "tools": ["{tool}"]}}"#
    );
    let stage = codeartifact::stage(&entry);
    of_file(name, stage, vec!["codeartifact", "plain"], file, old)
}

#[test]
fn settings_xml() {
    let stage = codeartifact::stage(DOMAIN);
    of_file(
        "settings.xml",
        stage,
        vec!["codeartifact", "plain"],
        SETTINGS,
        XML,
    )
    .torture();
}

#[test]
fn npmrc() {
    of_tool(".npmrc", "npm", ".npmrc", "fund=false\n; last line").torture();
}

#[test]
fn pip_conf() {
    let old = "[global]\ntimeout = 5\n";
    of_tool("pip.conf", "pip", ".config/pip/pip.conf", old).torture();
}

#[test]
fn pypirc() {
    let old = "[distutils]\nindex-servers =\n    pypi\n";
    of_tool(".pypirc", "twine", ".pypirc", old).torture();
}

#[test]
fn nuget_config() {
    let file = ".nuget/NuGet/NuGet.Config";
    of_tool(
        "NuGet.Config",
        "nuget",
        file,
        "<configuration>\n</configuration>\n",
    )
    .torture();
}

#[test]
fn a_role_that_is_added() {
    let args = vec![
        "add",
        "more",
        "--profile",
        "base",
        "--account",
        "123456789012",
        "--role",
        "plain",
    ];
    let old = super::harness::CONFIG;
    of_file("~/.assumerole", Stage::new(), args, ".assumerole", old).torture();
}

#[test]
fn a_file_of_github_actions() {
    let stage = Stage::of_roles(
        r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    let path = stage.path("github-env").to_str().unwrap().to_owned();
    let old = "BEFORE=1\n";
    Edit {
        name: "GITHUB_ENV",
        stage,
        args: vec!["export", "--format", "github", "plain"],
        env: vec![("GITHUB_ENV", path)],
        reset: Box::new(move |stage, _| stage.write("github-env", old)),
        made: Box::new(move |stage, _| {
            let now = fs::read_to_string(stage.path("github-env")).unwrap();
            // Every line that opens a value has the one that closes it.
            let mut lines = now.strip_prefix(old).unwrap().lines();
            let mut values = 0;
            while let Some(line) = lines.next() {
                let (_, end) = line.split_once("<<").unwrap();
                assert!(lines.any(|line| line == end), "{now}");
                values += 1;
            }
            assert!(values == 0 || values > 5 && now.ends_with('\n'), "{now}");
            values > 0
        }),
        left: Box::new(|stage, _| left_in_state(stage)),
        succeeds: true,
    }
    .torture();
}

#[test]
fn an_entry_of_the_cache() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    Edit {
        name: "cache entry",
        stage,
        args: vec!["exec", "plain", "--fresh", "--", "true"],
        env: Vec::new(),
        reset: Box::new(|stage, _| {
            // As if the last entry had been read by somebody since.
            let _ = fs::remove_file(stage.path("before"));
            let entry = stage.entries().remove(0);
            let path = stage.path(".assumerole.d/cache").join(entry);
            fs::copy(path, stage.path("before")).unwrap();
        }),
        made: Box::new(|stage, _| {
            let [entry] = <[String; 1]>::try_from(stage.entries()).unwrap();
            let path = stage.path(".assumerole.d/cache").join(&entry);
            let read = || fs::read(&path).unwrap();
            let now = read();
            // The next one is served from it, without asking anybody.
            let ran = stage.run(&["exec", "plain", "--", "printenv", "AWS_ACCESS_KEY_ID"]);
            assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
            assert!(read() == now, "it was not cached");
            assert_eq!(mode(stage, &format!(".assumerole.d/cache/{entry}")), 0o600);
            now != fs::read(stage.path("before")).unwrap()
        }),
        left: Box::new(|stage, _| left_in_state(stage)),
        succeeds: true,
    }
    .torture();
}

/// Of a history that has grown too long the older half goes with this run.
#[test]
fn the_history() {
    const FILE: &str = ".assumerole.d/history";
    let stage = Stage::new();
    assert_eq!(stage.run(&["exec", "plain", "--", "true"]).status, 0);
    let line = |n| format!("{{\"at\":\"2026-01-01T00:00:00Z\",\"role\":\"role-{n:06}\"}}\n");
    let old: String = (0..5200).map(line).collect();
    assert!(old.len() > 256 * 1024);
    Edit {
        name: "history",
        stage,
        args: vec!["exec", "plain", "--", "true"],
        env: Vec::new(),
        reset: Box::new({
            let old = old.clone();
            move |stage, _| stage.write(FILE, &old)
        }),
        made: Box::new(move |stage, _| {
            let now = fs::read_to_string(stage.path(FILE)).unwrap();
            assert_eq!(mode(stage, FILE), 0o600);
            if now == old {
                return false;
            }
            // The newer lines, and the new ones, all of them whole.
            assert!(now.len() > old.len() / 3 && now.ends_with('\n'));
            let is_new = |line: &&str| line.contains("\"role\":\"plain\"");
            let newest_first = now.lines().rev();
            let new = newest_first.clone().take_while(is_new).count();
            assert!((1..=2).contains(&new), "{new}");
            let kept: Vec<&str> = newest_first.clone().skip(new).collect();
            let before: Vec<&str> = old.lines().rev().take(kept.len()).collect();
            assert!(kept == before);
            let is_whole = |line: &str| line.starts_with('{') && line.ends_with('}');
            assert!(newest_first.take(new).all(is_whole));
            true
        }),
        left: Box::new(|stage, _| left_in_state(stage)),
        succeeds: true,
    }
    .torture();
}

/// Each round has a login of its own: what was renewed once is renewed no more.
#[test]
fn a_login_that_is_renewed() {
    const FILE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    const START: &str = "https://acme.awsapps.com/start";
    const ENDED: &str = "2020-01-01T00:00:00Z";
    let mut jdoe = SsoUser::new("jdoe@example.com").assigned("222222222222", "Admin");
    for round in 0..=rounds() * 4 {
        let session = SsoSession::new(format!("old-{round}")).ending(ENDED.parse().unwrap());
        jdoe = jdoe.session(session.renewable(format!("refresh-{round}"), "client", "secret"));
    }
    let portal = IdentityCenter::new(START)
        .account("222222222222", "hub")
        .permission_set(PermissionSet::new("Admin"))
        .user(jdoe);
    let stage = Stage::with(world().single_sign_on(portal), Options::default());
    let config = format!(
        "[profile q]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Admin\nendpoint_url = {}\n\
         [sso-session corp]\nsso_start_url = {START}\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n",
        stage.sandbox.endpoint()
    );
    stage.write(".aws/config", &config);
    let login = |round: usize| {
        format!(
            r#"{{"startUrl": "{START}", "region": "eu-west-1", "accessToken": "old-{round}", "expiresAt": "{ENDED}", "clientId": "client", "clientSecret": "secret", "registrationExpiresAt": "2999-01-01T00:00:00Z", "refreshToken": "refresh-{round}"}}"#
        )
    };
    Edit {
        name: "login of IAM Identity Center",
        stage,
        args: vec!["exec", "q", "--fresh", "--", "true"],
        env: Vec::new(),
        reset: Box::new(move |stage, round| stage.write(FILE, &login(round))),
        made: Box::new(move |stage, round| {
            let now = fs::read_to_string(stage.path(FILE)).unwrap();
            assert_eq!(mode(stage, FILE), 0o600);
            if now == login(round) {
                return false;
            }
            let now: serde_json::Value = serde_json::from_str(&now).unwrap();
            for kept in [
                "clientId",
                "clientSecret",
                "startUrl",
                "registrationExpiresAt",
            ] {
                assert!(now[kept].is_string(), "{kept}");
            }
            let is_new = |name: &str, old: &str| {
                let value = now[name].as_str().unwrap();
                assert!(!value.is_empty() && value != format!("{old}-{round}"));
            };
            is_new("accessToken", "old");
            is_new("refreshToken", "refresh");
            true
        }),
        left: Box::new(|stage, _| left_beside(stage, FILE, b"")),
        succeeds: false,
    }
    .torture();
}

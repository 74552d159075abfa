//! Every file that is read, and what may stand in its place: nothing hangs,
//! and what is no file is told with its path.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::codeartifact;
use super::harness::{CONFIG, Ran, Stage};
use super::support::Checks;

/// A file, and a run that reads it.
struct Row {
    file: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    /// What makes a stage on which the run succeeds.
    stage: fn() -> Stage,
    /// Whether the file is changed by the run, so that it must be a file.
    edited: bool,
}

const EXEC: &[&str] = &["exec", "plain", "--fresh", "--", "echo", "works"];
const PROFILE: &[&str] = &["exec", "q", "--", "echo", "works"];

/// The rows of what must be read for a run to succeed.
fn rows() -> Vec<Row> {
    let row = |file, args, env, stage| Row {
        file,
        args,
        env,
        stage,
        edited: false,
    };
    let tool = |file, args, stage| Row {
        file,
        args,
        env: &[],
        stage,
        edited: true,
    };
    let artifacts: &[&str] = &["codeartifact", "plain"];
    let add: &[&str] = &[
        "add",
        "more",
        "--profile",
        "base",
        "--account",
        "123456789012",
        "--role",
        "plain",
    ];
    vec![
        row(".assumerole", EXEC, &[], Stage::new),
        row(
            "roles.json",
            &[
                "--config",
                "roles.json",
                "exec",
                "plain",
                "--",
                "echo",
                "works",
            ],
            &[],
            || with("roles.json", CONFIG),
        ),
        row(
            "roles.json",
            EXEC,
            &[("ASSUMEROLE_CONFIG", "~/roles.json")],
            || with("roles.json", CONFIG),
        ),
        row(".aws/config", EXEC, &[], Stage::new),
        row(".aws/credentials", EXEC, &[], Stage::new),
        row("policy.json", EXEC, &[], || {
            let stage = with(
                "policy.json",
                r#"{"Version": "2012-10-17", "Statement": []}"#,
            );
            stage.roles(
                r#""plain": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "policy": "~/policy.json"}"#,
            );
            stage
        }),
        row("token", PROFILE, &[], || {
            let stage = with("token", "no token of anybody");
            let config = "[profile q]\nrole_arn = arn:aws:iam::123456789012:role/plain\nweb_identity_token_file = ~/token\n";
            aws_config(&stage, config);
            stage
        }),
        row(
            ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
            PROFILE,
            &[],
            || {
                let stage = with(
                    ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
                    r#"{"startUrl": "https://acme.awsapps.com/start", "region": "eu-west-1", "accessToken": "token", "expiresAt": "2999-01-01T00:00:00Z"}"#,
                );
                aws_config(
                    &stage,
                    "[profile q]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Admin\n\
                     [sso-session corp]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n",
                );
                stage
            },
        ),
        row(
            ".aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json",
            PROFILE,
            &[],
            || {
                let stage = with(
                    ".aws/login/cache/af4420be59a42c944509130bea1b68e7a3bbad9b3dfd3545130c8f6a8479ca99.json",
                    "{}",
                );
                let config = "[profile q]\nlogin_session = arn:aws:iam::222222222222:user/dev\nregion = eu-central-1\n";
                aws_config(&stage, config);
                stage
            },
        ),
        tool(".m2/settings.xml", artifacts, || {
            codeartifact::stage(codeartifact::DOMAIN)
        }),
        tool(".npmrc", artifacts, || of_tool("npm", ".npmrc")),
        tool(".config/pip/pip.conf", artifacts, || {
            of_tool("pip", ".config/pip/pip.conf")
        }),
        tool(".pypirc", artifacts, || of_tool("twine", ".pypirc")),
        tool(".nuget/NuGet/NuGet.Config", artifacts, || {
            let stage = of_tool("nuget", ".nuget/NuGet/NuGet.Config");
            stage.write(".nuget/NuGet/NuGet.Config", "<configuration />");
            stage
        }),
        tool(".assumerole", add, Stage::new),
        Row {
            file: "github-env",
            args: &["export", "--format", "github", "plain"],
            env: &[("GITHUB_ENV", "github-env")],
            stage: || with("github-env", ""),
            edited: true,
        },
    ]
}

fn with(file: &str, text: &str) -> Stage {
    let stage = Stage::new();
    stage.write(file, text);
    stage
}

fn aws_config(stage: &Stage, config: &str) {
    let endpoint = format!("endpoint_url = {}\n", stage.sandbox.endpoint());
    let config = config.replacen("]\n", &format!("]\n{endpoint}"), 1);
    stage.write(".aws/config", &config);
}

fn of_tool(tool: &str, file: &str) -> Stage {
    let stage = codeartifact::stage(&format!(
        r#"{{"domain": "my-artifacts", "domain_owner": "123456789012", "region": "eu-central-1", "repository": "shop", "tools": ["{tool}"]}}"#
    ));
    stage.write(file, "");
    stage
}

impl Row {
    fn run(&self, stage: &Stage) -> Ran {
        let home = stage.home().to_str().unwrap();
        let env: Vec<(&str, String)> = self
            .env
            .iter()
            .map(|(name, value)| (*name, value.replace('~', home)))
            .collect();
        let env: Vec<(&str, &str)> = env.iter().map(|(n, v)| (*n, v.as_str())).collect();
        stage.run_in(self.args, &env)
    }
}

/// What is put in the place of a file, and what is said of it.
const KINDS: [(&str, &str); 6] = [
    ("pipe", "it is a pipe"),
    ("directory", "Is a directory"),
    ("socket", "it is a socket, not a file"),
    ("device", "it is a device, not a file"),
    ("loop", "ymbolic link"),
    ("large", "it has 16777217 bytes; "),
];

/// Puts it there; what must live as long as it does.
fn put(kind: &str, path: &Path) -> Option<UnixListener> {
    let _ = fs::remove_file(path);
    match kind {
        "pipe" => {
            let made = Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        }
        "directory" => fs::create_dir(path).unwrap(),
        "socket" => {
            // A socket's path is short.
            let folder = path.parent().unwrap();
            let short = tempfile::tempdir().unwrap();
            symlink(folder, short.path().join("f")).unwrap();
            let name = path.file_name().unwrap();
            let made = short.path().join("f").join("s");
            let listener = UnixListener::bind(&made).unwrap();
            fs::rename(folder.join("s"), folder.join(name)).unwrap();
            return Some(listener);
        }
        "device" => symlink("/dev/zero", path).unwrap(),
        "loop" => symlink(path.file_name().unwrap(), path).unwrap(),
        "large" => {
            let file = fs::File::create(path).unwrap();
            file.set_len(16 * 1024 * 1024 + 1).unwrap();
        }
        other => panic!("{other}"),
    }
    None
}

/// Each row in a thread: a pipe is waited for.
fn each(rows: &[Row], check: impl Fn(&Row) -> Vec<String> + Sync) {
    let wrong: Vec<String> = thread::scope(|scope| {
        let check = &check;
        let running: Vec<_> = rows
            .iter()
            .map(|row| scope.spawn(move || check(row)))
            .collect();
        let wrong = running.into_iter().flat_map(|row| row.join().unwrap());
        wrong.collect()
    });
    let mut checks = Checks::default();
    checks.same("rows", &wrong.join("\n"), "");
}

#[test]
fn what_is_no_file_is_told_with_its_path() {
    each(&rows(), |row| {
        let mut wrong = Vec::new();
        for (kind, why) in KINDS {
            // Lines are added to a file of any size; Maven has no settings
            // where a link leads nowhere.
            if [("github-env", "large"), (".m2/settings.xml", "loop")].contains(&(row.file, kind)) {
                continue;
            }
            let stage = (row.stage)();
            let _kept = put(kind, &stage.path(row.file));
            let ran = row.run(&stage);
            let told = ran.stderr.contains(why) && ran.stderr.contains(row.file);
            if ran.status == 0 || !told || ran.stdout.contains("works") {
                wrong.push(format!("{} as a {kind}: {ran:?}", row.file));
            }
        }
        wrong
    });
}

/// A pipe that somebody writes to is as good as a file, and `/dev/null` as an
/// empty one; what is to be changed must be a file.
#[test]
fn a_pipe_is_read_and_the_null_device_is_empty() {
    each(&rows(), |row| {
        let mut wrong = Vec::new();
        let stage = (row.stage)();
        let path = stage.path(row.file);
        let content = fs::read(&path).unwrap();
        let expected = (!row.edited).then(|| row.run(&stage));
        put("pipe", &path);
        let ran = thread::scope(|scope| {
            // Opened for both, so that this ends though nobody reads.
            let options = fs::File::options().read(true).write(true).open(&path);
            let mut pipe = options.unwrap();
            if row.edited {
                return row.run(&stage);
            }
            let (ended, end) = std::sync::mpsc::channel::<()>();
            let writer = scope.spawn(move || {
                pipe.write_all(&content).unwrap();
                // The reader must have it open before the writer closes it.
                while end.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty)
                    && rustix::io::ioctl_fionread(&pipe).unwrap() == content.len() as u64
                    && !content.is_empty()
                {
                    thread::yield_now();
                }
            });
            let ran = row.run(&stage);
            drop(ended);
            writer.join().unwrap();
            ran
        });
        match expected {
            Some(expected) if ran != expected => {
                wrong.push(format!("{} as a pipe: {ran:?}, not {expected:?}", row.file));
            }
            None if ran.status == 0 || !ran.stderr.contains("it is a pipe, not a file") => {
                wrong.push(format!("{} as a pipe to change: {ran:?}", row.file));
            }
            _ => {}
        }

        let empty = (row.stage)();
        empty.write(row.file, "");
        let expected = row.run(&empty);
        let null = (row.stage)();
        fs::remove_file(null.path(row.file)).unwrap();
        symlink("/dev/null", null.path(row.file)).unwrap();
        let ran = row.run(&null);
        if row.edited {
            let told = ran.stderr.contains("it is a device, not a file");
            if ran.status == 0 || !told {
                wrong.push(format!("{} as /dev/null to change: {ran:?}", row.file));
            }
        } else if ran != expected {
            wrong.push(format!(
                "{} as /dev/null: {ran:?}, not {expected:?}",
                row.file
            ));
        }
        wrong
    });
}

/// What is ours is nothing when it is no file, and the role goes on.
#[test]
fn what_is_ours_and_no_file_keeps_nobody_waiting() {
    for kind in ["pipe", "socket", "device"] {
        for file in [".assumerole.d/history", ".assumerole.d/cache/ENTRY"] {
            let stage = Stage::new();
            assert_eq!(stage.run(EXEC).status, 0);
            let file = file.replace("ENTRY", &stage.entries()[0]);
            let _kept = put(kind, &stage.path(&file));
            let ran = stage.run(&["exec", "plain", "--", "echo", "works"]);
            assert_eq!(
                (ran.stdout.as_str(), ran.status),
                ("works\n", 0),
                "{file} as a {kind}: {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn a_bundle_of_certificates_may_be_anything() {
    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        for (kind, why) in KINDS {
            let stage = Stage::new();
            let config = format!(
                "[profile base]\nendpoint_url = {}\n",
                stage.sandbox.endpoint().replace("http://", "https://")
            );
            stage.write(".aws/config", &config);
            let path = stage.path("bundle.pem");
            let _kept = put(kind, &path);
            let ran = stage.run_in(EXEC, &[(variable, path.to_str().unwrap())]);
            assert!(
                ran.status == 125 && ran.stderr.contains(why) && ran.stderr.contains("bundle.pem"),
                "{variable} as a {kind}: {ran:?}"
            );
        }
    }
}

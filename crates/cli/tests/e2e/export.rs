//! `export`: a role's variables in every format.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use super::harness::{CONFIG, Ran, Stage};
use super::support::{Checks, check, environment};
use super::terminal::path_with_program;

/// The shells, and what they run.
const SHELLS: [(&[&str], &str); 7] = [
    (
        &["bash", "-c"],
        "eval \"$(assumerole export read)\"; env -0",
    ),
    (
        &["zsh", "-fc"],
        "eval \"$(assumerole export read)\"; env -0",
    ),
    (
        &["dash", "-c"],
        "eval \"$(assumerole export read)\"; env -0",
    ),
    (
        &["fish", "--no-config", "-c"],
        "assumerole export read | source; env -0",
    ),
    (
        &["elvish", "-norc", "-c"],
        "eval (assumerole export read | slurp); e:env -0",
    ),
    (
        &["tcsh", "-fc"],
        "eval \"`assumerole export read`\"; env -0",
    ),
    (
        &["NU", "--no-config-file", "-c"],
        "^assumerole export read | from json | load-env; ^env -0",
    ),
];

/// A shell on `stage`, the program in its PATH.
fn shell(stage: &Stage, start: &[&str], script: &str) -> Command {
    let program = match start[0] {
        "NU" => std::env::var_os("ASSUMEROLE_TEST_NU").expect("run cargo xtask test"),
        other => other.into(),
    };
    let mut command = Command::new("setsid");
    command
        .arg("--wait")
        .arg(program)
        .args(&start[1..])
        .arg(script);
    stage.clear(&mut command);
    command.env("PATH", path_with_program());
    // fish finds no program below a folder with a name beyond ASCII without.
    command.env("LANG", "C.UTF-8");
    command
}

/// `start` in the role `role`, running `script`.
fn in_role(stage: &Stage, role: &str, start: &[&str], script: &str) -> Command {
    let mut command = stage.command(&["exec", role, "--"]);
    let inner = shell(stage, start, script);
    // Not a session of its own.
    command.args(inner.get_args().skip(1));
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command
}

/// The same as a shell that is started in the role, whoever evaluates it, and
/// whoever's role it was in.
#[test]
fn a_shell_that_evaluates_it_is_in_the_role() {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    let before = [
        ("AWS_PROFILE", "mine"),
        ("AWS_SECURITY_TOKEN", "old"),
        ("MYVAR1", "it's\nmine"),
        ("OTHER", "x"),
    ];
    let seen = |mut command: Command| {
        let ran = stage.ran(command.envs(before));
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{command:?}");
        let mut seen = environment(&ran.stdout);
        // How deep, and what was run last.
        seen.retain(|name, _| name != "SHLVL" && name != "_");
        seen
    };
    for (start, script) in SHELLS {
        let show = match start[0] {
            "elvish" => "e:env -0",
            "NU" => "^env -0",
            _ => "env -0",
        };
        let wanted = seen(in_role(&stage, "read", start, show));
        assert_eq!(wanted["MYVAR1"], "my value");
        assert_eq!(seen(shell(&stage, start, script)), wanted, "{start:?}");
        assert_eq!(
            seen(in_role(&stage, "plain", start, script)),
            wanted,
            "{start:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_come_back_from_an_outer_role() {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    let inner = "eval \"$(assumerole export plain)\"; printenv MYVAR1 | od -An -tx1";
    let script = format!("eval \"$(assumerole export read)\"; printenv MYVAR1; bash -c '{inner}'");
    let mut command = shell(&stage, &["bash", "-c"], &script);
    command.env("MYVAR1", OsStr::from_bytes(b"a\xff'\x81"));
    check(
        &stage.ran(&mut command),
        "my value\n 61 ff 27 81 0a\n",
        "",
        0,
    );
}

#[test]
fn without_a_format_it_is_that_of_the_shell_that_asks() {
    let stage = Stage::new();
    stage.warm("plain");
    let first = |ran: &Ran| {
        let line = ran.stdout.lines().next().unwrap_or_default();
        line.split("AWS_").next().unwrap().to_owned()
    };
    let mut checks = Checks::default();
    // The shell that runs it counts, `$SHELL` only behind it.
    for (start, line) in [
        (&["bash", "-c"][..], "export "),
        (&["zsh", "-fc"], "export "),
        (&["dash", "-c"], "export "),
        (&["fish", "--no-config", "-c"], "begin"),
        (&["elvish", "-norc", "-c"], "set-env "),
        (&["tcsh", "-fc"], "setenv "),
    ] {
        let script = "assumerole export plain; true";
        let script = script.replace("; true", if start[0] == "elvish" { "" } else { "; true" });
        let mut command = shell(&stage, start, &script);
        command.env("SHELL", "/opt/pwsh");
        let ran = stage.ran(&mut command);
        checks.same(&format!("{start:?}"), &first(&ran), line);
    }
    for (program, line) in [
        ("/bin/zsh", "export "),
        ("/usr/local/bin/fish", "begin"),
        ("/opt/pwsh", "$env:"),
        ("/usr/bin/nu", "{"),
    ] {
        let ran = stage.run_in(&["export", "plain"], &[("SHELL", program)]);
        checks.same(program, &first(&ran), line);
    }
    for (program, why) in [
        (
            "/bin/rubbish",
            "SHELL names an unknown shell: \"/bin/rubbish\"",
        ),
        ("", "SHELL is not set"),
    ] {
        let ran = stage.run_in(&["export", "plain"], &[("SHELL", program)]);
        let stderr = format!(
            "\
error: cannot tell which shell this is for
  because: {why}
  hint: name the format: assumerole export --format bash ROLE
  hint: see all formats: assumerole export --help
"
        );
        checks.ran(program, &ran, "", &stderr, 2);
    }
}

#[test]
fn cmd_sets_what_the_role_sets() {
    let stage = Stage::new();
    stage.warm("plain");
    let ran = stage.run(&["export", "plain", "--format", "cmd"]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    for line in [
        "set \"AWS_ACCOUNT_ID=123456789012\"",
        "set \"AWS_ACCOUNT=plain\"",
        "set \"AWS_PROFILE=\"",
    ] {
        assert!(lines.contains(&line), "{line} in {lines:#?}");
    }
    assert!(lines.iter().all(|line| line.starts_with("set \"")));
}

/// The variables of the role alone, and nothing that only we read.
#[test]
fn files_hold_what_the_role_sets() {
    let stage = Stage::new();
    stage.warm("read");
    let exec = stage.run(&["exec", "read", "--", "env", "-0"]);
    let mut wanted = environment(&exec.stdout);
    wanted.retain(|name, _| name.to_uppercase().starts_with("AWS") || name == "MYVAR1");
    assert_eq!(wanted.len(), 12);
    let export = |format| {
        let ran = stage.run_in(
            &["export", "--format", format, "read"],
            &[("AWS_PROFILE", "mine")],
        );
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0), "{format}");
        ran.stdout
    };
    let pairs = |text: &str, trim: char| -> BTreeMap<String, String> {
        text.lines()
            .map(|line| {
                let (name, value) = line.split_once('=').unwrap();
                (name.to_owned(), value.trim_matches(trim).to_owned())
            })
            .collect()
    };
    assert_eq!(pairs(&export("docker"), '\0'), wanted);
    assert_eq!(pairs(&export("dotenv"), '\''), wanted);
    assert_eq!(pairs(&export("systemd"), '"'), wanted);
    let json: BTreeMap<String, String> = serde_json::from_str(&export("json")).unwrap();
    assert_eq!(json, wanted);
    assert_eq!(export("yaml").lines().count(), wanted.len());
    let answer: serde_json::Value = serde_json::from_str(&export("credential-process")).unwrap();
    assert_eq!(answer["Version"], 1);
    for (key, name) in [
        ("AccessKeyId", "AWS_ACCESS_KEY_ID"),
        ("SecretAccessKey", "AWS_SECRET_ACCESS_KEY"),
        ("SessionToken", "AWS_SESSION_TOKEN"),
        ("Expiration", "AWS_CREDENTIAL_EXPIRATION"),
    ] {
        assert_eq!(answer[key], *wanted[name]);
    }
    let section = export("ini");
    assert!(section.starts_with("[read]\naws_access_key_id = ASIA"));
    assert!(section.ends_with("\nregion = eu-central-1\n"));
}

#[test]
fn github_gets_masks_and_a_file() {
    let stage = Stage::new();
    stage.warm("read");
    let args = ["export", "--format", "github", "read"];
    let none = "\
error: GITHUB_ENV is not set
  because: it names the file that the variables are written to
  hint: use another format, such as: --format json
";
    check(&stage.run(&args), "", none, 2);
    let path = stage.path("github-env");
    let env = [("GITHUB_ENV", path.to_str().unwrap())];
    let ran = stage.run_in(&args, &env);
    assert_eq!((ran.stdout.as_str(), ran.status), (ran.stdout.as_str(), 1));
    assert!(
        ran.stderr.starts_with("error: cannot write ~/github-env\n"),
        "{}",
        ran.stderr
    );
    stage.write("github-env", "BEFORE=1\n");
    let (first, second) = (stage.run_in(&args, &env), stage.run_in(&args, &env));
    assert_eq!(first, second);
    let secrets: Vec<&str> = first
        .stdout
        .lines()
        .map(|line| line.strip_prefix("::add-mask::").unwrap())
        .collect();
    let text = fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("BEFORE=1"));
    let mut ends = Vec::new();
    let mut got = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        ends.push(end);
        got.insert(name, value.join("\n"));
    }
    assert_eq!(got.len(), 12);
    assert_eq!(got["MYVAR1"], "my value");
    assert_eq!(
        secrets,
        [&got["AWS_SECRET_ACCESS_KEY"], &got["AWS_SESSION_TOKEN"]]
    );
    ends.dedup();
    assert_eq!(
        (ends.len(), ends[0].len()),
        (2, 36),
        "another one each time"
    );
}

#[test]
fn what_a_format_cannot_hold_is_said() {
    let stage = Stage::new();
    stage.warm("read");
    stage.write(".assumerole", &CONFIG.replace("my value", r"two\nlines"));
    let mut checks = Checks::default();
    for format in ["docker", "tcsh"] {
        let ran = stage.run(&["export", "--format", format, "read"]);
        let stderr = format!(
            "\
error: the format {format} cannot hold the value of MYVAR1
  because: it has a line break
  hint: use another format, such as: --format json
"
        );
        checks.ran(format, &ran, "", &stderr, 2);
    }
    let ran = stage.run(&["export", "--format", "ms-word", "read"]);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 2));
    assert!(
        ran.stderr.starts_with(
            "error: --format <FORMAT> cannot be \"ms-word\"\n  because: it can be bash, zsh"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn codes_flags_and_refusals_are_as_for_every_command() {
    let stage = Stage::direct();
    let code = stage.code();
    let ran = stage.run(&[
        "export",
        "--format",
        "json",
        "--region",
        "us-east-1",
        "read",
        &code,
    ]);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    assert!(ran.stdout.contains("\"AWS_REGION\": \"us-east-1\""));
    assert_eq!(stage.run(&["export", "-"]).status, 0);
    assert_eq!(stage.run(&["export", "--fresh", "read"]).status, 5);
    assert_eq!(stage.run(&["export", "nobody"]).status, 4);
    assert_eq!(stage.run(&["export"]).status, 2);
    let history = stage.run(&["history", "--json"]);
    assert!(
        history.stdout.contains("\"way\": \"export\""),
        "{}",
        history.stdout
    );
}

/// Read by the SDK that `credential_process` was made for.
#[test]
fn an_sdk_takes_it_from_its_credential_process() {
    let stage = Stage::new();
    stage.warm("plain");
    let program = super::harness::program();
    let config = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let line = format!("credential_process = '{program}' export --format credential-process plain");
    stage.write(".aws/config", &format!("{config}[profile sdk]\n{line}\n"));
    let venv = std::env::var_os("ASSUMEROLE_TEST_VENV").expect("run cargo xtask test");
    let mut command = Command::new(std::path::Path::new(&venv).join("bin/python"));
    command.args([
        "-c",
        "import botocore.session as s; c = s.Session(profile='sdk').get_credentials(); \
         f = c.get_frozen_credentials(); print(c.method, f.access_key, f.secret_key, f.token)",
    ]);
    stage.clear(&mut command);
    command.env("BOTO_CONFIG", "/dev/null");
    let ran = stage.ran(&mut command);
    let exec = stage.run(&[
        "exec",
        "plain",
        "--",
        "sh",
        "-c",
        "echo custom-process $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN",
    ]);
    check(&ran, &exec.stdout, "", 0);
}

/// The note of it must not stand in the way.
#[test]
fn cmd_takes_a_role_whatever_was_there_before() {
    let stage = Stage::new();
    stage.warm("read");
    let mut command = stage.command(&["export", "read", "--format", "cmd"]);
    let ran = stage.ran(command.env("MYVAR1", "\"100%\" <o&l^d>!"));
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let lines: Vec<&str> = ran.stdout.split_terminator("\r\n").collect();
    assert!(lines.contains(&"set \"MYVAR1=my value\""));
    let note = "set \"ASSUMEROLE_RESTORE={";
    assert!(lines.iter().any(|line| line.starts_with(note)), "{lines:?}");
    for line in lines {
        assert!(line.starts_with("set \"") && line.ends_with('"'), "{line}");
        assert!(
            !line.contains(['&', '|', '<', '>', '^', '%', '!']),
            "{line}"
        );
    }
}

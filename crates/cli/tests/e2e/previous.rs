//! `-`: the previous role.

use super::harness::Stage;
use super::support::Checks;

/// Prints the role that it runs in.
const WHO: [&str; 3] = ["sh", "-c", "echo $AWS_ACCOUNT"];

fn exec(role: &str) -> Vec<&str> {
    [&["exec", role, "--"], WHO.as_slice()].concat()
}

/// A stage where `read`, then `plain` was used.
fn used() -> Stage {
    let stage = Stage::direct();
    stage.warm("read");
    assert_eq!(stage.run(&exec("plain")).stdout, "plain\n");
    stage
}

#[test]
fn outside_of_any_role_it_is_the_one_used_last() {
    let stage = used();
    let mut checks = Checks::default();
    checks.ran("exec", &stage.run(&exec("-")), "plain\n", "", 0);
    checks.ran("again", &stage.run(&exec("-")), "plain\n", "", 0);
    let command = [("ASSUMEROLE_COMMAND", "sh -c 'echo $AWS_ACCOUNT'")];
    checks.ran("command", &stage.run_in(&["-"], &command), "plain\n", "", 0);
    let shell = stage.script("shell", "#!/bin/sh\necho in $AWS_ACCOUNT\n");
    let quiet = [("SHELL", shell.as_str()), ("ASSUMEROLE_QUIET", "1")];
    checks.ran("shell", &stage.run_in(&["-"], &quiet), "in plain\n", "", 0);
}

/// As `cd -` does, one goes to and fro.
#[test]
fn inside_a_role_it_is_the_last_other_one() {
    let stage = used();
    let mut checks = Checks::default();
    let inside = |role: &'static str| [("AWS_ACCOUNT", role)];
    checks.ran(
        "plain",
        &stage.run_in(&exec("-"), &inside("plain")),
        "read\n",
        "",
        0,
    );
    checks.ran(
        "read",
        &stage.run_in(&exec("-"), &inside("read")),
        "plain\n",
        "",
        0,
    );
    checks.ran(
        "plain again",
        &stage.run_in(&exec("-"), &inside("plain")),
        "read\n",
        "",
        0,
    );
    // A role that was entered elsewhere.
    checks.ran(
        "other",
        &stage.run_in(&exec("-"), &inside("deploy")),
        "read\n",
        "",
        0,
    );
    // For real: each shell in the one before.
    let shell = stage.script(
        "shell",
        "#!/bin/sh\necho in $AWS_ACCOUNT\n[ \"$AWS_ACCOUNT\" = read ] || exec \"$PROGRAM\" -\n",
    );
    let env = [
        ("SHELL", shell.as_str()),
        ("ASSUMEROLE_QUIET", "1"),
        ("PROGRAM", super::harness::program()),
    ];
    checks.ran(
        "nested",
        &stage.run_in(&["plain"], &env),
        "in plain\nin read\n",
        "",
        0,
    );
}

#[test]
fn a_code_may_stand_behind_it() {
    let stage = used();
    std::fs::remove_dir_all(stage.path(".assumerole.d/cache")).unwrap();
    let code = stage.code();
    let command = [
        ("ASSUMEROLE_COMMAND", "sh -c 'echo $AWS_ACCOUNT'"),
        ("AWS_ACCOUNT", "plain"),
    ];
    let mut checks = Checks::default();
    checks.ran(
        "code",
        &stage.run_in(&["-", &code], &command),
        "read\n",
        "",
        0,
    );
    checks.same("sent", &stage.parameter("TokenCode").unwrap(), &code);
    let ran = stage.run_in(&["-", "12345"], &command);
    checks.number("five digits", ran.status.unsigned_abs() as usize, 125);
}

#[test]
fn without_one_it_says_so() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let hints =
        "  hint: name one: assumerole ROLE\n  hint: see what was used: assumerole history\n";
    let none = format!("error: there is no previous role: none has been used\n{hints}");
    checks.ran("exec", &stage.run(&exec("-")), "", &none, 125);
    checks.ran("shell", &stage.run(&["-"]), "", &none, 125);
    stage.run(&exec("plain"));
    let only = format!("error: there is no previous role: none but plain has been used\n{hints}");
    let inside = [("AWS_ACCOUNT", "plain")];
    checks.ran("only", &stage.run_in(&exec("-"), &inside), "", &only, 125);
    // One that has left the file since.
    stage.write(
        ".assumerole.d/history",
        "{\"at\":\"2026-11-22T08:00:00Z\",\"role\":\"gone\"}\n",
    );
    let gone = "\
error: there is no role \"gone\" in ~/.assumerole or ~/.aws
  hint: see all roles: assumerole list
";
    checks.ran("gone", &stage.run(&exec("-")), "", gone, 125);
}

#[test]
fn a_role_of_that_name_is_meant_by_its_name() {
    let stage = used();
    stage.roles(
        r#""-": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#,
    );
    assert_eq!(stage.run(&exec("-")).stdout, "-\n");
}

/// Says which session it runs in.
const SESSION: [&str; 3] = ["sh", "-c", "echo $AWS_ACCESS_KEY_ID ${AWS_REGION-none}"];

/// A stage without questions, whose roles last long.
fn plain_roles() -> Stage {
    let stage = Stage::new();
    stage
        .sandbox
        .edit(|world| {
            for role in &mut world.roles {
                role.max_session_duration = 43_200;
            }
        })
        .unwrap();
    stage.roles(&format!("{}, {}", role("a"), role("b")));
    stage.write("narrow.json", &narrow());
    stage
}

fn role(name: &str) -> String {
    format!(
        r#""{name}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain", "session_name": "{name}-session"}}"#
    )
}

/// A file in which `a` is narrowed.
fn narrow() -> String {
    let more = r#", "policy_arns": ["arn:aws:iam::aws:policy/SecurityAudit"]}"#;
    let a = role("a").replace('}', more);
    format!("{{\"assume_roles\": {{{a}}}}}")
}

/// Flags and variables that a role is assumed with, and what `-` says of them.
type With = (
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
    &'static str,
);

const WITH: &[With] = &[
    (&[], &[], ""),
    (&["--read-only"], &[], "- is a with --read-only\n"),
    (&["--duration", "15m"], &[], "- is a with --duration 900\n"),
    (
        &["--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"],
        &[],
        "- is a with --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess\n",
    ),
    (
        &["--tag", "team=a b", "--tag", "k=v"],
        &[],
        "- is a with --tag 'team=a b' --tag 'k=v'\n",
    ),
    (
        &["--session-name", "me"],
        &[],
        "- is a with --session-name me\n",
    ),
    (
        &["--region", "us-west-2"],
        &[],
        "- is a with --region us-west-2\n",
    ),
    (
        &[
            "--read-only",
            "--duration",
            "15m",
            "--config",
            "narrow-not.json",
        ],
        &[],
        "- is a with --duration 900 --read-only, from ~/narrow-not.json\n",
    ),
    (
        &["--config", "narrow.json"],
        &[],
        "- is a from ~/narrow.json\n",
    ),
    (
        &[],
        &[("ASSUMEROLE_CONFIG", "narrow.json")],
        "- is a from ~/narrow.json\n",
    ),
    (
        &[],
        &[("AWS_CONFIG_FILE", "config")],
        "- is a from ~/config\n",
    ),
    (
        &[],
        &[("AWS_SHARED_CREDENTIALS_FILE", "credentials")],
        "- is a from ~/credentials\n",
    ),
    (
        &[],
        &[("AWS_STS_DURATION_SECONDS", "900")],
        "- is a with AWS_STS_DURATION_SECONDS=900\n",
    ),
];

/// As `assume --read-only a; assume b; assume -`, whichever command it is.
#[test]
fn flags_and_files_come_back_with_it_and_are_said() {
    let mut checks = Checks::default();
    for (flags, env, said) in WITH {
        let stage = plain_roles();
        stage.write(
            "narrow-not.json",
            &format!("{{\"assume_roles\": {{{}}}}}", role("a")),
        );
        let copy = |from: &str, to: &str| {
            stage.write(to, &std::fs::read_to_string(stage.path(from)).unwrap());
        };
        copy(".aws/config", "config");
        copy(".aws/credentials", "credentials");
        let case = format!("{flags:?} {env:?}");
        let args = [&["exec"], *flags, &["a", "--"], &SESSION].concat();
        let first = stage.run_in(&args, env);
        checks.same(&case, &first.stderr, "");
        let second = stage.run(&[&["exec", "b", "--"], SESSION.as_slice()].concat());
        assert_ne!(first.stdout, second.stdout);
        let in_b = [("AWS_ACCOUNT", "b")];
        let inside = |args: &[&str]| stage.run_in(args, &in_b);
        checks.ran(
            &format!("{case}: exec -"),
            &inside(&[&["exec", "-", "--"], SESSION.as_slice()].concat()),
            &first.stdout,
            said,
            0,
        );
        let command = format!("sh -c '{}'", SESSION[2]);
        checks.ran(
            &format!("{case}: -"),
            &stage.run_in(&["-"], &[in_b[0], ("ASSUMEROLE_COMMAND", &command)]),
            &first.stdout,
            "",
            0,
        );
        let exported = inside(&["export", "--format", "json", "-"]);
        let key = first.stdout.split(' ').next().unwrap();
        checks.same(&format!("{case}: export -"), &exported.stderr, said);
        assert!(exported.stdout.contains(key), "{case}: {}", exported.stdout);
        let plan = inside(&["plan", "-"]);
        checks.same(&format!("{case}: plan -"), &plan.stderr, said);
        let cached = plan.stdout.contains("cached");
        checks.same(&format!("{case}: plan -"), &cached.to_string(), "true");
        // All of it was one session each.
        checks.number(&format!("{case}: requests"), stage.requests(), 2);
    }
}

#[test]
fn flags_beside_it_win_and_take_no_narrowing_away() {
    let stage = plain_roles();
    let mut checks = Checks::default();
    let used = [
        "exec",
        "--read-only",
        "--duration",
        "15m",
        "a",
        "--",
        "true",
    ];
    checks.ran("a", &stage.run(&used), "", "", 0);
    let ran = stage.run(&["exec", "-", "--duration", "30m", "--", "true"]);
    checks.ran("-", &ran, "", "- is a with --duration 900 --read-only\n", 0);
    checks.same(
        "duration",
        &stage.parameter("DurationSeconds").unwrap(),
        "1800",
    );
    let policy = stage.parameter("PolicyArns.member.1.arn").unwrap();
    checks.same("policy", &policy, "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let requests = stage.requests();
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let ran = stage.run(&["exec", "-", "--policy-arn", admin, "--", "true"]);
    let refused = "\
error: --policy-arn would take the place of what narrows that session already
  because: it was asked for with --duration 1800 --read-only
  because: STS adds up what the policies of a request allow
  hint: leave out the flag, or run this outside of any role
";
    checks.ran("another policy", &ran, "", refused, 125);
    checks.number("requests", stage.requests(), requests);
}

/// What an earlier version noted, and a role that is another one by now.
#[test]
fn what_is_not_known_of_it_is_said() {
    let stage = plain_roles();
    let line = "{\"at\":\"2026-11-22T08:00:00Z\",\"role\":\"a\",\"way\":\"exec\"}\n";
    stage.write(".assumerole.d/history", line);
    let mut checks = Checks::default();
    let said = "- is a without flags: an earlier version did not record them\n";
    checks.ran("an old line", &stage.run(&exec("-")), "a\n", said, 0);
    let garbled = line.replace("\"way\"", "\"flags\":[\"--nonsense\"],\"way\"");
    stage.write(".assumerole.d/history", &garbled);
    let ran = stage.run(&exec("-"));
    checks.number("status", ran.status.try_into().unwrap(), 125);
    checks.number(
        "read",
        usize::from(ran.stderr.contains("cannot be read")),
        1,
    );
}

/// A shell that changes its role in place keeps it for itself.
#[test]
fn a_shell_keeps_flags_and_file_too() {
    for (shell, init) in [
        ("bash", "eval \"$(assumerole init bash)\""),
        ("zsh", "eval \"$(assumerole init zsh)\""),
        ("fish", "assumerole init fish | source"),
        ("dash", "eval \"$(assumerole init sh)\""),
    ] {
        let stage = plain_roles();
        let script = format!(
            "{init}\nassume --read-only --config narrow-not.json a\n\
             sh -c 'echo $AWS_ACCESS_KEY_ID'\nassume b\ncd /\n\
             assume -\nsh -c 'echo $AWS_ACCESS_KEY_ID $ASSUMEROLE_FLAGS'\n\
             assume -\nassume --off\nassume -\nsh -c 'echo $AWS_ACCOUNT'\n"
        );
        stage.write(
            "narrow-not.json",
            &format!("{{\"assume_roles\": {{{}}}}}", role("a")),
        );
        let mut command = std::process::Command::new(shell);
        command.args(["-c", &script]);
        stage.clear(&mut command);
        command.env("PATH", super::terminal::path_with_program());
        // fish finds no program in a folder whose name it cannot read.
        command.env("LC_ALL", "C.UTF-8");
        let ran = stage.ran(&mut command);
        let lines: Vec<&str> = ran.stdout.lines().collect();
        let [first, again, last] = lines.as_slice() else {
            panic!("{shell}: {ran:?}");
        };
        let flags = "--config $HOME/narrow-not.json --read-only";
        assert_eq!(*again, format!("{first} {flags}"), "{shell}: {ran:?}");
        assert_eq!(*last, "b", "{shell}");
        let said = "- is a with --read-only, from ~/narrow-not.json\n";
        assert_eq!(ran.stderr.matches(said).count(), 1, "{shell}: {ran:?}");
        assert_eq!(stage.requests(), 2, "{shell}");
    }
}

/// A role of another file is another one, whatever it is called.
#[test]
fn the_same_name_in_another_file_is_another_role() {
    let stage = plain_roles();
    let run = |args: &[&str], env: &[(&str, &str)]| {
        let ran = stage.run_in(args, env);
        assert_eq!(ran.status, 0, "{ran:?}");
        ran
    };
    run(&["exec", "--config", "narrow.json", "a", "--", "true"], &[]);
    let inside = run(&["exec", "a", "--", "printenv", "ASSUMEROLE_SESSION"], &[]);
    let note = inside
        .stdout
        .replace("$HOME", stage.home().to_str().unwrap());
    let inside = [
        ("ASSUMEROLE_SESSION", note.trim_end()),
        ("ASSUMEROLE_RESTORE", "{}"),
        ("AWS_ACCOUNT", "a"),
        ("AWS_ACCESS_KEY_ID", key(&note)),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_SESSION_TOKEN", "y"),
    ];
    let ran = run(&["exec", "-", "--", "true"], &inside);
    assert_eq!(ran.stderr, "- is a from ~/narrow.json\n");
}

fn key(note: &str) -> &str {
    let (_, rest) = note.split_once("\"key\":\"").unwrap();
    rest.split_once('"').unwrap().0
}

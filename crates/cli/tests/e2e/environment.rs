//! The environment of what runs in a role: set and unset exactly.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use jiff::{SignedDuration, Timestamp};

use super::harness::Stage;
use super::support::{Checks, check, environment};

/// What a person may have set before.
const INHERITED: [(&str, &str); 9] = [
    ("AWS_ACCESS_KEY_ID", "AKIAOLD"),
    ("AWS_SECRET_ACCESS_KEY", "old-secret"),
    ("AWS_SESSION_TOKEN", "old-token"),
    ("AWS_PROFILE", "other"),
    ("CODEARTIFACT_AUTH_TOKEN", "old-artifacts"),
    ("AWS_REGION", "us-west-2"),
    ("AWS_DEFAULT_REGION", "us-west-1"),
    ("MYVAR1", "my own"),
    ("EDITOR", "vi"),
];

/// What the stage itself sets, and no role touches.
const KEPT: [(&str, &str); 7] = [
    ("HOME", "$HOME"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("TZ", "UTC"),
    ("USER", "tester"),
    ("SHELL", "/bin/sh"),
    ("ASSUMEROLE_KEY_STORE", "file"),
    ("EDITOR", "vi"),
];

/// The whole environment that a run of `env -0` sees, for a person who had set
/// all of that.
fn given(stage: &Stage, args: &[&str]) -> BTreeMap<String, String> {
    let ran = stage.run_in(args, &INHERITED);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    environment(&ran.stdout)
}

/// Takes the three credentials out, and checks that they look like ones.
fn take_credentials(env: &mut BTreeMap<String, String>) {
    let mut take = |name: &str| env.remove(name).unwrap();
    assert!(take("AWS_ACCESS_KEY_ID").starts_with("ASIA"));
    let secret = take("AWS_SECRET_ACCESS_KEY");
    assert!(secret.len() == 40 && secret != "old-secret");
    assert!(take("AWS_SESSION_TOKEN").len() > 100);
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// When a session of an hour ends that the latest request gave.
fn end(stage: &Stage) -> String {
    let asked = stage.sandbox.journal().last().unwrap().time;
    let whole = Timestamp::from_second(asked.as_second()).unwrap();
    (whole + SignedDuration::from_hours(1)).to_string()
}

#[test]
fn a_role_sets_these_variables_and_no_other() {
    let stage = Stage::direct();
    let code = stage.code();
    let mut env = given(
        &stage,
        &["exec", "read", "--mfa-code", &code, "--", "env", "-0"],
    );
    let key = env["AWS_ACCESS_KEY_ID"].clone();
    take_credentials(&mut env);
    let note = env.remove("ASSUMEROLE_SESSION").unwrap();
    let end = end(&stage);
    let ends = end.parse::<Timestamp>().unwrap().as_second();
    let mut expected = map(&KEPT);
    expected.extend(map(&[
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCOUNT", "read"),
        ("aws_account", "read"),
        ("AWSUME_PROFILE", "read"),
        ("AWS_ACCOUNT_ID", "123456789012"),
        ("AWS_EXPIRATION", &end),
        ("AWS_CREDENTIAL_EXPIRATION", &end),
        ("ASSUMEROLE_EXPIRES", &ends.to_string()),
        ("ASSUMEROLE_CHECK_AT", &(ends - 600).to_string()),
        ("MYVAR1", "my value"),
        (
            "ASSUMEROLE_RESTORE",
            r#"{"AWSUME_PROFILE":null,"AWS_ACCOUNT":null,"AWS_ACCOUNT_ID":null,"AWS_CREDENTIAL_EXPIRATION":null,"AWS_DEFAULT_REGION":"us-west-1","AWS_EXPIRATION":null,"AWS_REGION":"us-west-2","MYVAR1":"my own","aws_account":null}"#,
        ),
    ]));
    assert_eq!(env, expected);

    // Which session it is, and nothing of it that is secret.
    let members: serde_json::Value = serde_json::from_str(&note).unwrap();
    let home = |name: &str| format!("$HOME/{name}");
    for (pointer, value) in [
        ("/role", "read".to_owned()),
        ("/arn", "arn:aws:iam::123456789012:role/read".to_owned()),
        ("/account", "123456789012".to_owned()),
        ("/key", key),
        ("/region", "eu-central-1".to_owned()),
        ("/files/config", home(".assumerole")),
        ("/files/aws_config", home(".aws/config")),
        ("/files/aws_credentials", home(".aws/credentials")),
    ] {
        assert_eq!(members.pointer(pointer).unwrap(), &value, "{pointer}");
    }
    assert_eq!(members["ends"], ends);

    // From the cache it is the same one, byte for byte.
    let mut again = given(&stage, &["exec", "read", "--", "env", "-0"]);
    take_credentials(&mut again);
    assert_eq!(again.remove("ASSUMEROLE_SESSION"), Some(note));
    assert_eq!((again, stage.requests()), (expected, 1));
}

#[test]
fn a_role_without_a_region_leaves_none_behind() {
    let stage = Stage::new();
    let env = given(&stage, &["exec", "plain", "--", "env", "-0"]);
    assert_eq!(
        env.get("AWS_REGION")
            .or_else(|| env.get("AWS_DEFAULT_REGION")),
        None
    );
    assert_eq!(
        (env["AWS_ACCOUNT"].as_str(), env["MYVAR1"].as_str()),
        ("plain", "my own")
    );
    assert!(!env.contains_key("AWS_PROFILE") && !env.contains_key("CODEARTIFACT_AUTH_TOKEN"));
}

#[test]
fn a_role_inside_a_role_leaves_nothing_of_the_outer_one() {
    let stage = Stage::direct();
    stage.warm("read");
    let program = super::harness::program();
    let direct = |role| given(&stage, &["exec", role, "--", "env", "-0"]);
    let once = given(
        &stage,
        &[
            "exec", "read", "--", program, "exec", "plain", "--", "env", "-0",
        ],
    );
    assert_eq!(once, direct("plain"));
    // What the outer role hid is there again.
    assert_eq!(once["MYVAR1"], "my own");

    let twice = given(
        &stage,
        &[
            "exec", "read", "--", program, "exec", "plain", "--", program, "exec", "read", "--",
            "env", "-0",
        ],
    );
    assert_eq!(twice, direct("read"));
    let itself = given(
        &stage,
        &[
            "exec", "read", "--", program, "exec", "read", "--", "env", "-0",
        ],
    );
    assert_eq!(itself, direct("read"));
    assert_eq!(stage.requests(), 2);
}

#[test]
fn what_the_outer_role_never_had_is_not_made_up() {
    let stage = Stage::new();
    stage.warm("read");
    stage.warm("plain");
    let program = super::harness::program();
    let plain = |args: &[&str]| environment(&stage.run(args).stdout);
    let nested = plain(&[
        "exec", "read", "--", program, "exec", "plain", "--", "env", "-0",
    ]);
    assert_eq!(nested, plain(&["exec", "plain", "--", "env", "-0"]));
    assert!(!nested.contains_key("MYVAR1") && !nested.contains_key("AWS_REGION"));
}

#[test]
fn a_note_of_somebody_else_brings_nothing_back() {
    let stage = Stage::new();
    stage.warm("plain");
    let usual = environment(&stage.run(&["exec", "plain", "--", "env", "-0"]).stdout);
    let mut checks = Checks::default();
    for note in [
        "",
        "garbage",
        "[]",
        "{\"AWS_PROFILE\": \"x\", \"AWS_SESSION_TOKEN\": \"y\", \"ASSUMEROLE_RESTORE\": \"{}\"}",
        "{\"\": \"x\", \"A=B\": \"y\"}",
        "{\"X\": 1}",
    ] {
        let ran = stage.run_in(
            &["exec", "plain", "--", "env", "-0"],
            &[("ASSUMEROLE_RESTORE", note)],
        );
        checks.same(
            note,
            &format!("{:?}", environment(&ran.stdout)),
            &format!("{usual:?}"),
        );
    }
}

#[test]
fn bytes_that_are_not_text_pass_through() {
    let stage = Stage::new();
    let show = "printf %s \"$ODD\" | od -An -tx1; printf %s \"$1\" | od -An -tx1; echo $#";
    let mut command = stage.command(&["exec", "plain", "--", "sh", "-c", show, "sh"]);
    command.env("ODD", OsStr::from_bytes(b"\xff=\x01"));
    command.arg(OsStr::from_bytes(b"\xfe\n\x80")).arg("");
    check(&stage.ran(&mut command), " ff 3d 01\n fe 0a 80\n2\n", "", 0);
}

#[test]
fn the_command_meets_the_process_state_it_would_meet_without_us() {
    let stage = Stage::new();
    stage.warm("plain");
    // Core dumps, signals, files: what we changed for ourselves is ours alone.
    let show = "ulimit -c; ulimit -Hc; ls /proc/self/fd | wc -l; \
                grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; umask; pwd";
    let mut direct = std::process::Command::new("setsid");
    direct.args(["--wait", "sh", "-c", show]);
    stage.clear(&mut direct);
    let direct = stage.ran(&mut direct);
    let ran = stage.run(&["exec", "plain", "--", "sh", "-c", show]);
    assert_eq!(ran, direct);
    assert_eq!(ran.status, 0);
}

/// Variables for all roles; a role's own win, and both are expanded.
#[test]
fn variables_for_all_roles_and_a_roles_own() {
    let stage = Stage::new();
    let role = r#""aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain""#;
    stage.write(
        ".assumerole",
        &format!(
            r#"{{
  "environment": {{"STAGE": "$AWS_ACCOUNT", "EDITOR": "ed", "MYVAR1": "all"}},
  "assume_roles": {{
    "plain": {{{role}, "environment": {{"MYVAR1": "$STAGE's", "MY_HOME": "~/x"}}}},
    "bare": {{{role}}}
  }}
}}"#
        ),
    );
    let mut checks = Checks::default();
    for (name, expected) in [
        ("plain", "plain ed plain's $HOME/x\n"),
        ("bare", "bare ed all\n"),
    ] {
        let script = "echo $STAGE $EDITOR \"$MYVAR1\" $MY_HOME";
        let ran = stage.run_in(&["exec", name, "sh", "-c", script], &INHERITED);
        checks.ran(name, &ran, expected, "", 0);
    }
    // Inside of one another: nothing of the outer one is left.
    let script = "assumerole exec bare -- sh -c 'echo $MYVAR1 [$MY_HOME]'";
    let mut command = stage.command(&["exec", "plain", "sh", "-c", script]);
    command.env("PATH", super::terminal::path_with_program());
    checks.ran("nested", &stage.ran(&mut command), "all []\n", "", 0);

    stage.write(
        ".assumerole",
        &format!(
            "{{\n  \"environment\": {{\n    \"A\": \"$NOWHERE\"\n  }},\n  \"assume_roles\": {{\"plain\": {{{role}}}}}\n}}\n"
        ),
    );
    let before = stage.requests();
    let ran = stage.run(&["exec", "plain", "true"]);
    checks.ran(
        "not set",
        &ran,
        "",
        "\
error: the value of A in the environment of role plain cannot be expanded
 --> ~/.assumerole:3:10
  |
3 |     \"A\": \"********\"
  |          ^^^^^^^^^^
  = because: the environment variable NOWHERE is not set
  hint: set that variable first, or take the name out of the value
",
        125,
    );
    checks.number("requests", stage.requests(), before);
}

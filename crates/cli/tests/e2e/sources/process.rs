//! `credential_process`.

use super::{READ, Stage};
use crate::harness::{KEY, SECRET};
use crate::support::{Checks, check};
use crate::terminal::{CTRL_C, Terminal};

/// What a process prints for the user's keys.
fn keys() -> String {
    format!(r#"{{"Version": 1, "AccessKeyId": "{KEY}", "SecretAccessKey": "{SECRET}"}}"#)
}

#[test]
fn keys_of_a_process_assume_a_role() {
    let stage = Stage::of_sources("");
    let script = stage.script(
        "my tools/creds",
        &format!(
            "#!/bin/sh\n[ \"$1 $2\" = '--for p q' ] || exit 9\n[ \"$AWS_ACCESS_KEY_ID$AWS_PROFILE\" = AKIAELSEother ] || exit 8\n[ \"$MINE\" = mine ] || exit 7\ncat <<EOF\n{}\nEOF\n",
            keys()
        ),
    );
    stage.config(&format!(
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = q\nSTS\n[profile q]\nSTS\ncredential_process = \"{script}\" --for 'p q'\n"
    ));
    let env = [
        ("MINE", "mine"),
        ("AWS_ACCESS_KEY_ID", "AKIAELSE"),
        ("AWS_PROFILE", "other"),
    ];
    let ran = stage.run_in(
        &[
            "exec",
            "p",
            "--",
            "sh",
            "-c",
            "echo ${AWS_ACCESS_KEY_ID%????????????????}",
        ],
        &env,
    );
    check(&ran, "ASIA\n", "", 0);
    check_asked(&stage, "AssumeRole OK by 210987654321:user/jdoe\n");
    // What it printed has no end, and is not kept; what came of it is.
    std::fs::remove_file(&script).unwrap();
    check(&stage.run_in(&["exec", "p", "--", "true"], &env), "", "", 0);
}

/// The person's own profile and keys, as with the AWS CLI; of a role of ours
/// nothing.
#[test]
fn a_process_sees_the_environment_of_the_person() {
    let names = [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_VAULT",
        "AWS_REGION",
    ];
    let stage = Stage::of_sources("");
    let shown: String = names.iter().map(|name| format!("${name} ")).collect();
    let script = stage.script(
        "creds",
        &format!(
            "#!/bin/sh\necho \"{shown}\" > \"$HOME/seen\"\ncat <<EOF\n{}\nEOF\n",
            keys()
        ),
    );
    stage.config(&format!(
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = q\nregion = eu-west-3\nSTS\n[profile q]\nSTS\ncredential_process = {script}\n"
    ));
    let mut checks = Checks::default();
    let values: Vec<String> = names.iter().map(|name| format!("my-{name}")).collect();
    let mut env: Vec<(&str, &str)> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    env.push(("AWS_REGION", "eu-north-1"));
    env.retain(|(name, value)| *name != "AWS_REGION" || *value == "eu-north-1");
    let seen = || std::fs::read_to_string(stage.path("seen")).unwrap_or_default();
    let mine: String = env.iter().map(|(_, value)| format!("{value} ")).collect();
    let ran = stage.run_in(&["exec", "p", "--fresh", "--", "true"], &env);
    checks.ran("out of a role", &ran, "", "", 0);
    checks.same("out of a role", seen().trim(), mine.trim());
    // In a role of ours, what says who somebody is is gone, and the rest is back.
    let program = env!("CARGO_BIN_EXE_assumerole");
    let ran = stage.run_in(
        &[
            "exec", "p", "--", program, "exec", "p", "--fresh", "--", "true",
        ],
        &env,
    );
    checks.ran("in a role", &ran, "", "", 0);
    checks.same("in a role", seen().trim(), "my-AWS_VAULT eu-north-1");
}

fn check_asked(stage: &Stage, expected: &str) {
    Checks::default().same("asked", &stage.asked(), expected);
}

#[test]
fn what_a_process_prints_is_handed_over_and_kept_until_its_end() {
    let stage = Stage::of_sources("");
    let script = stage.script(
        "creds",
        "#!/bin/sh\necho run >> runs\necho '{\"Version\": 1, \"AccessKeyId\": \"ASIA1\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\", \"Expiration\": \"2999-01-01T00:00:00Z\"}'\n",
    );
    stage.config(&format!("[profile q]\ncredential_process = {script}\n"));
    let show = [
        "exec",
        "q",
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN $AWS_CREDENTIAL_EXPIRATION",
    ];
    for _ in 0..2 {
        check(&stage.run(&show), "ASIA1 s t 2999-01-01T00:00:00Z\n", "", 0);
    }
    check(&stage.run(&["exec", "q", "--fresh", "true"]), "", "", 0);
    assert_eq!(
        std::fs::read_to_string(stage.path("runs")).unwrap(),
        "run\nrun\n"
    );
    check_asked(&stage, "");
}

/// Whether a role can last longer than an hour is only seen when the process
/// has run; a flag that cannot be met is refused before AWS is asked.
#[test]
fn a_role_of_temporary_keys_is_no_longer_than_an_hour_or_is_refused() {
    let stage = Stage::of_sources("");
    let script = stage.script(
        "creds",
        "#!/bin/sh\necho '{\"Version\": 1, \"AccessKeyId\": \"ASIA1\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\"}'\n",
    );
    stage.config(&format!(
        "[profile q]\ncredential_process = {script}\n[profile p]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = q\n"
    ));
    let ran = stage.run(&["exec", "--duration", "8h", "p", "true"]);
    let stderr = "\
error: role p cannot last 28800 s, as --duration asks
  because: it is assumed with temporary keys, and STS gives an hour at most from temporary credentials
  hint: ask for an hour at most: assumerole --duration 1h p
  hint: assume it with a user's access keys: only such a role can last longer
";
    check(&ran, "", stderr, 125);
    check_asked(&stage, "");
}

#[test]
fn what_goes_wrong_is_told_and_nothing_of_the_output_is() {
    let stage = Stage::of_sources("");
    let mut checks = Checks::default();
    for (case, script, because) in [
        ("fails", "echo hush-out; exit 3", "it ended with status 3"),
        (
            "is killed",
            "echo hush-out; kill -9 $$",
            "signal 9 ended it",
        ),
    ] {
        let path = stage.script("creds", &format!("#!/bin/sh\n{script}\n"));
        stage.config(&format!(
            "[profile q]\ncredential_process = {path} --key hush-arg\n"
        ));
        let stderr = format!(
            "error: the credential_process of profile q failed\n  because: {because}\n  hint: run it yourself to see why: it is at ~/.aws/config:2:22\n"
        );
        checks.ran(case, &stage.run(&["exec", "q", "true"]), "", &stderr, 125);
    }
    for (case, output, because) in [
        ("nothing", "", "it printed nothing"),
        ("words", "hush-out", "it printed no JSON (line 1, column 1)"),
        (
            "half",
            r#"{"Version": 1, "SecretAccessKey": "hush-out"#,
            "it printed no JSON (line 1, column 43)",
        ),
        (
            "version",
            r#"{"Version": 2, "SecretAccessKey": "hush-out"}"#,
            r#""Version" is 2, and only 1 is known"#,
        ),
        (
            "no version",
            r#"{"SecretAccessKey": "hush-out"}"#,
            r#"there is no "Version""#,
        ),
        (
            "no key",
            r#"{"Version": 1, "SecretAccessKey": "hush-out"}"#,
            r#"there is no "AccessKeyId""#,
        ),
        (
            "ended",
            r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "hush-out", "Expiration": "2020-01-01T00:00:00Z"}"#,
            "they expired at 2020-01-01T00:00:00Z",
        ),
    ] {
        let path = stage.script("creds", &format!("#!/bin/sh\nprintf '%s' '{output}'\n"));
        stage.config(&format!(
            "[profile q]\ncredential_process = {path} --key hush-arg\n"
        ));
        let stderr = format!(
            "error: the credential_process of profile q printed no credentials\n  because: {because}\n  hint: run it yourself to see what it prints: it is at ~/.aws/config:2:22\n"
        );
        checks.ran(case, &stage.run(&["exec", "q", "true"]), "", &stderr, 125);
    }
    let too_much = stage.script("creds", "#!/bin/sh\nexec yes hush-out\n");
    for (case, command, stderr) in [
        (
            "much",
            too_much.as_str(),
            "error: the credential_process of profile q failed\n  because: ~/creds wrote more than 262144 bytes\n  hint: see the command at ~/.aws/config:2:22\n",
        ),
        (
            "missing",
            "no-such-program hush-arg",
            "error: the credential_process of profile q failed\n  because: no-such-program: command not found\n  hint: correct the command at ~/.aws/config:2:22\n",
        ),
        (
            "no program",
            "/etc/passwd hush-arg",
            "error: the credential_process of profile q failed\n  because: cannot run /etc/passwd: Permission denied\n  hint: correct the command at ~/.aws/config:2:22\n",
        ),
        (
            "half a quote",
            "'creds hush-arg",
            "error: the credential_process of profile q is not a command line\n  because: a quote is not closed\n  hint: correct it at ~/.aws/config:2:22\n",
        ),
        (
            "only quotes",
            "''",
            "error: the credential_process of profile q is not a command line\n  because: it names no program\n  hint: correct it at ~/.aws/config:2:22\n",
        ),
    ] {
        stage.config(&format!("[profile q]\ncredential_process = {command}\n"));
        checks.ran(case, &stage.run(&["exec", "q", "true"]), "", stderr, 125);
        // What is no command line is told before anything is done.
        if stderr.contains("is not a command line") {
            checks.ran(case, &stage.run(&["plan", "q"]), "", stderr, 3);
        }
    }
}

/// What it says to stderr is its own talk: the person sees it, we keep none.
#[test]
fn what_a_process_says_goes_to_the_person_and_nowhere_else() {
    let stage = Stage::of_sources("");
    let script = stage.script("creds", "#!/bin/sh\necho hush-err >&2\nexit 1\n");
    stage.config(&format!("[profile q]\ncredential_process = {script}\n"));
    let ran = stage.run(&["-vv", "exec", "q", "true"]);
    assert_eq!(ran.stderr.matches("hush-err").count(), 1, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("; key known when it is known who calls\nhush-err\n"),
        "{}",
        ran.stderr
    );
    for file in stage
        .list(".assumerole.d")
        .iter()
        .chain(&stage.list(".assumerole.d/cache"))
    {
        let content = std::fs::read(stage.path(".assumerole.d/cache").join(file))
            .or_else(|_| std::fs::read(stage.path(".assumerole.d").join(file)));
        let content = content.unwrap_or_default();
        assert!(!content.windows(4).any(|bytes| bytes == b"hush"), "{file}");
    }
}

#[test]
fn a_process_can_ask_at_the_terminal_though_all_is_captured() {
    let stage = Stage::of_sources("");
    let script = stage.script(
        "creds",
        &format!("#!/bin/sh\nprintf 'PIN: ' >&2\nread pin\n[ \"$pin\" = 42 ] || exit 1\ncat <<EOF\n{}\nEOF\n", keys()),
    );
    stage.config(&format!(
        "[profile q]\nSTS\ncredential_process = {script}\n"
    ));
    let script = "assumerole exec q -- sh -c 'echo ${AWS_ACCESS_KEY_ID%????????????????}' </dev/null >out 2>err; cat out err; echo done";
    let mut terminal = Terminal::running(&stage, script);
    terminal.sees("PIN:");
    terminal.types("42\n");
    terminal.sees("done");
    assert_eq!(
        std::fs::read_to_string(stage.path("out")).unwrap(),
        "ASIA\n"
    );
    assert_eq!(std::fs::read_to_string(stage.path("err")).unwrap(), "");
}

#[test]
fn ctrl_c_ends_a_process_that_hangs() {
    let stage = Stage::of_sources("");
    let script = stage.script("creds", "#!/bin/sh\necho waiting >&2\nexec sleep 600\n");
    stage.config(&format!(
        "[profile q]\ncredential_process = {script}\n[profile p]\nSTS\nsource_profile = q\n{READ}"
    ));
    let mut terminal = Terminal::running(&stage, "exec assumerole exec p -- true");
    terminal.sees("waiting");
    terminal.types(CTRL_C);
    assert_eq!(terminal.ends_by_signal(), "Interrupt");
}

/// It would wait for the one that waits for it.
#[test]
fn a_process_that_asks_for_itself_is_told() {
    let stage = Stage::of_sources("");
    let program = crate::harness::program();
    let mut checks = Checks::default();
    for (case, asks_for) in [("the role", "p"), ("itself", "q")] {
        stage.config(&format!(
            "[profile p]\n{READ}source_profile = q\nSTS\n[profile q]\nSTS\ncredential_process = '{program}' export --format credential-process {asks_for}\n"
        ));
        checks.ran(
            case,
            &stage.run(&["exec", "p", "true"]),
            "",
            "\
error: the credential_process of profile q asks for its own credentials; let it ask for others: it is at ~/.aws/config:7:22
error: the credential_process of profile q failed
  because: it ended with status 3
  hint: run it yourself to see why: it is at ~/.aws/config:7:22
",
            125,
        );
    }
    // Another role is another matter, and so is a role of a role of ours.
    stage.write(
        ".aws/credentials",
        &format!("[base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"),
    );
    let hub = "role_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\nSTS\n";
    stage.config(&format!(
        "[profile q]\ncredential_process = '{program}' export --format credential-process r\n[profile r]\ncredential_process = '{program}' export --format credential-process s\n[profile s]\n{hub}[profile base]\nSTS\n"
    ));
    checks.ran(
        "others",
        &stage.run(&["exec", "q", "--", "sh", "-c", "echo $ASSUMEROLE_PROCESSES"]),
        "\n",
        "",
        0,
    );
}

/// What cannot be sent is told before it is sent, and handed to nobody.
#[test]
fn odd_characters_are_no_credentials() {
    let stage = Stage::of_sources("");
    let mut checks = Checks::default();
    let script = stage.script("creds", "#!/bin/sh\ncat out\n");
    stage.config(&format!(
        "[profile p]\n{READ}source_profile = q\nSTS\n[profile q]\nSTS\ncredential_process = {script}\n"
    ));
    for (part, id, secret, token) in [
        ("access key ID", r"AKIA\n1", "hush", "hush"),
        ("access key ID", r"AKIA\u001b[2J", "hush", "hush"),
        ("secret access key", "AKIA1", "hush é", "hush"),
        ("session token", "AKIA1", "hush", r"hush\r\nX-Evil: 1"),
    ] {
        stage.write("out", &format!(r#"{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "{secret}", "SessionToken": "{token}"}}"#));
        let stderr = format!(
            "error: the {part} of credential_process of profile q is invalid\n  because: it has characters that no credentials of AWS have\n"
        );
        for name in ["p", "q"] {
            checks.ran(part, &stage.run(&["exec", name, "env"]), "", &stderr, 125);
        }
    }
    stage.write(
        "out",
        r#"{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": "hush"}"#,
    );
    checks.ran("unknown", &stage.run(&["exec", "p", "true"]), "", "\
error: An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid.
  hint: check the access key of credential_process of profile q: it was deleted, or belongs to another partition of AWS
", 125);
    checks.number("requests", stage.requests(), 1);
}

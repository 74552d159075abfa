//! What the `credential_process` of a profile prints.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::environment::RESTORE;
use assumerole_core::plan::origin::Sourced;
use assumerole_core::plan::{CacheKey, Caller, Printed, Whose};
use assumerole_core::shell::command_line::split;
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::deadline::uncounted;
use assumerole_host::env::{Env, names};
use assumerole_host::fs::current_dir;
use assumerole_host::process::{Helper, RunError, Stderr, Stdin, find_in_path, run_captured};
use serde_json::Value;

use super::token_file::Document;
use crate::context::Context;
use crate::made::Made;

/// A person may have to find a key or type a password.
const WAIT: Duration = Duration::from_secs(180);

/// Bytes; a session token has a few thousand.
const LARGEST: usize = 256 * 1024;

/// What the command of `profile` prints. It is run as the AWS CLI runs it,
/// without a shell, and can ask at the terminal. Neither its output nor its
/// arguments are repeated anywhere.
///
/// # Errors
/// It cannot be run, fails, takes too long, or prints something else.
pub(super) fn credentials(
    context: &Context<'_>,
    profile: &str,
    command: &Sourced<String>,
    key: &CacheKey,
) -> Result<Made> {
    let words = words(context, profile, command)?;
    let run = run_of(context, &words);
    let mut env = seen(context).clone();
    env.set(names::ASSUMEROLE_PROCESSES, marks(context, key));
    let tty = context.host.tty().ok().flatten();
    let stdin = tty.as_ref().map_or(Stdin::Null, Stdin::Terminal);
    // Without a terminal its words would go to our own stderr.
    let heard = tty.is_some() || !context.silent;
    let (stdin, stderr) = match (context.can_ask, heard) {
        (true, true) => (stdin, Stderr::Terminal),
        (true, false) => (stdin, Stderr::Captured),
        (false, _) => (Stdin::Null, Stderr::Captured),
    };
    let clock = &context.host.clock;
    let begun = clock.monotonic();
    let mut helper = Helper {
        program: OsString::from(&words[0]),
        args: words[1..].iter().map(OsString::from).collect(),
        env: env.pairs(),
        stdin,
        stderr,
        timeout: WAIT,
        limit: LARGEST,
    };
    let ran = uncounted(clock.as_ref(), || {
        helper.timeout = WAIT.min(clock.left());
        run_captured(&helper)
    });
    let ran = ran.map_err(|error| not_run(context, profile, command, &error))?;
    let took = clock.monotonic().saturating_sub(begun);
    context.report.trace(&format!(
        "credential_process of profile {profile}: ended in {} ms",
        took.as_millis()
    ));
    if !ran.status.success() {
        let place = place(context, command);
        return Err(failed(profile)
            .because(ended(ran.status))
            .hint(format!("run it yourself to see why: it is at {place}")));
    }
    let read = read(&ran.stdout).and_then(|made| match made.expires {
        Some(ends) if ends <= clock.now() => Err(format!("they expired at {ends}")),
        _ => Ok(made),
    });
    let credentials = read.map_err(|what| {
        let message = format!("the credential_process of profile {profile} printed no credentials");
        Error::new(Kind::Failed, message)
            .called(Id::ProgramFailed)
            .because(what)
            .hint(format!(
                "run it yourself to see what it prints: it is at {}",
                place(context, command)
            ))
    })?;
    let printed = Some(printed(&credentials));
    Ok(Made::of(credentials, Whose::Process { run, printed }))
}

/// What tells the keys in `credentials` from others.
pub(crate) fn printed(credentials: &Credentials) -> Printed {
    Printed {
        access_key_id: credentials.access_key_id.clone(),
        temporary: credentials.session_token.is_some(),
    }
}

/// How the command of `profile` would be run. What it prints may depend on all
/// of that; on what else it depends cannot be looked at.
///
/// # Errors
/// It is no command line.
pub(super) fn run(
    context: &Context<'_>,
    profile: &str,
    command: &Sourced<String>,
) -> Result<Caller> {
    Ok(run_of(context, &words(context, profile, command)?))
}

/// Variables that differ from terminal to terminal or from line to line, and
/// say nothing of who is there. All others count: a process may take whichever
/// it likes for the name of an account.
const OF_A_TERMINAL: [&str; 24] = [
    "_",
    "COLORTERM",
    "COLUMNS",
    "GPG_TTY",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LINES",
    "LS_COLORS",
    "OLDPWD",
    "PWD",
    "SHLVL",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "STY",
    "TERM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "TERM_SESSION_ID",
    "TMUX",
    "TMUX_PANE",
    "WINDOW",
    "WINDOWID",
    names::ASSUMEROLE_PROCESSES,
];

fn run_of(context: &Context<'_>, words: &[String]) -> Caller {
    let program = OsString::from(&words[0]);
    let path = find_in_path(&program, seen(context).get(names::PATH));
    let program = path.map_or(program, PathBuf::into_os_string);
    // What the folder is called: to have it told apart from what it was when
    // another one is mounted there is the business of who mounts.
    let folder = current_dir().unwrap_or_default().into_os_string();
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("program", program.as_bytes()),
        ("folder", folder.as_bytes()),
    ];
    let arguments = words[1..].iter();
    parts.extend(arguments.map(|word| ("argument", word.as_bytes())));
    let told = |name: &OsStr| !OF_A_TERMINAL.iter().any(|other| name == *other);
    let mut variables: Vec<_> = seen(context)
        .iter()
        .filter(|(name, _)| told(name))
        .collect();
    variables.sort_by(|a, b| a.0.cmp(b.0));
    for (name, value) in variables {
        parts.push(("variable", name.as_bytes()));
        parts.push(("value", value.as_bytes()));
    }
    Caller::of(parts)
}

/// The environment that a command sees: the person's own, their profile and keys
/// too, as with the AWS CLI. Of an outer role it sees nothing.
fn seen<'e>(context: &'e Context<'_>) -> &'e Env {
    match context.host.env.is_set(RESTORE) {
        true => context.env,
        false => &context.host.env,
    }
}

/// What [`credentials`] was called for above this process, and for `key`.
fn marks(context: &Context<'_>, key: &CacheKey) -> String {
    let above = context.env.text(names::ASSUMEROLE_PROCESSES);
    format!("{} {}", above.unwrap_or_default(), mark(key))
}

fn mark(key: &CacheKey) -> String {
    let hexadecimal = |byte: &u8| format!("{byte:02x}");
    key.bytes()[..16].iter().map(hexadecimal).collect()
}

/// See [`super::check_circle`].
pub(super) fn check_circle(
    context: &Context<'_>,
    profile: &str,
    command: &Sourced<String>,
    key: &CacheKey,
) -> Result<()> {
    let above = context.env.text(names::ASSUMEROLE_PROCESSES);
    let mut above = above.unwrap_or_default().split(' ');
    if !above.any(|one| one == mark(key)) {
        return Ok(());
    }
    let message =
        format!("the credential_process of profile {profile} asks for its own credentials");
    Err(Error::new(Kind::Config, message)
        .called(Id::ProgramFailed)
        .hint(format!(
            "let it ask for others: it is at {}",
            place(context, command)
        )))
}

/// Whether the program is there.
///
/// # Errors
/// It is not.
pub(super) fn look(
    context: &Context<'_>,
    profile: &str,
    command: &Sourced<String>,
) -> Result<String> {
    let words = words(context, profile, command)?;
    let program = OsString::from(&words[0]);
    match find_in_path(&program, seen(context).get(names::PATH)) {
        Some(path) => Ok(format!(
            "the credential_process of profile {profile} is {}",
            path.display()
        )),
        None => {
            let error = RunError::Start(assumerole_host::process::ExecError::NotFound(program));
            Err(not_run(context, profile, command, &error))
        }
    }
}

fn words(context: &Context<'_>, profile: &str, command: &Sourced<String>) -> Result<Vec<String>> {
    let fail = |why: String| {
        let message = format!("the credential_process of profile {profile} is not a command line");
        Error::new(Kind::Config, message)
            .called(Id::ProgramFailed)
            .because(why)
            .hint(format!("correct it at {}", place(context, command)))
    };
    let words = split(&command.value).map_err(|why| fail(why.to_string()))?;
    if words.first().is_none_or(String::is_empty) {
        return Err(fail("it names no program".to_owned()));
    }
    if command.value.contains('\0') {
        return Err(fail("it holds a NUL character".to_owned()));
    }
    Ok(words)
}

fn place(context: &Context<'_>, command: &Sourced<String>) -> String {
    let place = command.from.place(context.config, context.aws_files);
    place.unwrap_or_else(|| "~/.aws/config".to_owned())
}

fn failed(profile: &str) -> Error {
    let message = format!("the credential_process of profile {profile} failed");
    Error::new(Kind::Failed, message).called(Id::ProgramFailed)
}

/// Not the status of a command that a person runs: that it cannot be run is no
/// fault of theirs.
fn not_run(
    context: &Context<'_>,
    profile: &str,
    command: &Sourced<String>,
    error: &RunError,
) -> Error {
    let hint = match error {
        RunError::Start(_) => "correct the command",
        _ => "see the command",
    };
    failed(profile)
        .because(error)
        .hint(format!("{hint} at {}", place(context, command)))
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with status {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => "it did not end well".to_owned(),
    }
}

/// The credentials in `output` of a program, as `credential_process` wants them.
///
/// # Errors
/// What is wrong with it; nothing of it is shown.
pub fn read(output: &[u8]) -> Result<Credentials, String> {
    let document = Document::read(output).map_err(|why| format!("it printed {why}"))?;
    match document.get("Version") {
        Some(Value::Number(version)) if version.as_f64() == Some(1.0) => {}
        Some(Value::Number(version)) => {
            return Err(format!("\"Version\" is {version}, and only 1 is known"));
        }
        Some(_) => return Err("\"Version\" is not 1".to_owned()),
        None => return Err("there is no \"Version\"".to_owned()),
    }
    let part = |name: &str| match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("{name:?} is not a string")),
    };
    let missing = |name: &str| format!("there is no {name:?}");
    let id = part("AccessKeyId")?.ok_or_else(|| missing("AccessKeyId"))?;
    let secret = part("SecretAccessKey")?.ok_or_else(|| missing("SecretAccessKey"))?;
    let expires = match part("Expiration")? {
        None => None,
        Some(_) => match document.time("Expiration") {
            Some(time) => Some(time),
            None => {
                return Err("\"Expiration\" is not a time such as 2026-11-23T15:04:05Z".to_owned());
            }
        },
    };
    Ok(Credentials {
        access_key_id: id.to_owned(),
        secret_access_key: secret.into(),
        session_token: part("SessionToken")?.map(Into::into),
        expires,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_is_wrong_and_nothing_of_the_output() {
        let whole = r#"{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": "hush1""#;
        for (output, what) in [
            (String::new(), "it printed nothing"),
            ("hush1 x".into(), "it printed no JSON (line 1, column 1)"),
            (
                format!("{whole} hush1"),
                "it printed no JSON (line 1, column 67)",
            ),
            ("[\"hush1\"]".into(), "it printed no JSON object"),
            ("\"hush1\"".into(), "it printed no JSON object"),
            (
                r#"{"AccessKeyId": "hush1"}"#.into(),
                "there is no \"Version\"",
            ),
            (r#"{"Version": "hush1"}"#.into(), "\"Version\" is not 1"),
            (
                r#"{"Version": 2}"#.into(),
                "\"Version\" is 2, and only 1 is known",
            ),
            (
                r#"{"Version": 1, "SecretAccessKey": "hush1"}"#.into(),
                "there is no \"AccessKeyId\"",
            ),
            (
                r#"{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": ""}"#.into(),
                "there is no \"SecretAccessKey\"",
            ),
            (
                r#"{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": ["hush1"]}"#.into(),
                "\"SecretAccessKey\" is not a string",
            ),
            (
                format!("{whole}, \"Expiration\": \"hush1\"}}"),
                "\"Expiration\" is not a time such as 2026-11-23T15:04:05Z",
            ),
            (
                format!("{whole}, \"Expiration\": 5}}"),
                "\"Expiration\" is not a string",
            ),
        ] {
            let error = read(output.as_bytes()).unwrap_err();
            assert_eq!(error, what);
            assert!(!error.contains("hush"));
        }
        assert_eq!(
            read(b"{\xff}").unwrap_err(),
            "it printed no JSON (line 1, column 2)"
        );
    }

    #[test]
    fn what_is_not_there_is_none() {
        let made = read(br#"{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": "s", "SessionToken": null}"#);
        let made = made.unwrap();
        assert!(made.session_token.is_none() && made.expires.is_none());
        let made = read(br#"{"Version": 1.0, "AccessKeyId": "ASIA1", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2026-11-23T15:04:05+01:00", "More": {}}"#);
        let made = made.unwrap();
        assert_eq!(made.expires.unwrap().to_string(), "2026-11-23T14:04:05Z");
    }
}

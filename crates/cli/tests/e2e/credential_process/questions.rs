//! Who is asked for a program, how often, and who is not.

use std::process::{Child, Output, Stdio};

use super::super::harness::{CONFIG, DEVICE};
use super::super::support::check;
use super::super::terminal::{Terminal, path_with_program};
use super::*;

/// A stage whose `askpass` is a program of the file: `body` is its script, which
/// has an argument of its own, then the question, and notes that.
fn asking(body: &str) -> Stage {
    let stage = Stage::new();
    let program = stage.script(
        "ask",
        &format!("#!/bin/sh\necho \"$2\" >> $HOME/asked\n{body}\n"),
    );
    let top = format!("{{ \"askpass\": \"{program} --title\",");
    stage.write(".assumerole", &CONFIG.replacen('{', &top, 1));
    stage
}

/// The questions so far.
fn asked(stage: &Stage) -> Vec<String> {
    let text = std::fs::read_to_string(stage.path("asked")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn calls(stage: &Stage) -> Vec<String> {
    let journal = stage.sandbox.journal();
    journal.iter().map(|entry| entry.action.clone()).collect()
}

#[test]
fn a_window_asks_where_there_is_no_terminal() {
    let stage = asking("cat $HOME/code");
    stage.write("code", &stage.code());
    answer(&stage.ran(&mut process(&stage, "read")));
    assert_eq!(asked(&stage), [format!("MFA code of {DEVICE} for read:")]);
    // The desktop's, by the variable that ssh has for it.
    let stage = Stage::new();
    stage.write(
        ".assumerole",
        &CONFIG.replacen('{', "{ \"askpass\": true,", 1),
    );
    let program = stage.script(
        "ssh-ask",
        "#!/bin/sh\necho \"$@\" > $HOME/asked\ncat $HOME/code\n",
    );
    stage.write("code", &stage.code());
    answer(&stage.ran(process(&stage, "read").env("SSH_ASKPASS", program)));
    assert_eq!(asked(&stage), [format!("MFA code of {DEVICE} for read:")]);
}

#[test]
fn a_wrong_code_is_asked_for_again() {
    let stage = asking(
        "echo x >> $HOME/n; case $(wc -l < $HOME/n) in 1) echo 12345;; 2) echo 000000;; *) cat $HOME/code;; esac",
    );
    stage.write("code", &stage.code());
    answer(&stage.ran(&mut process(&stage, "read")));
    let asked = asked(&stage);
    assert_eq!(asked.len(), 3);
    assert!(
        asked[1].starts_with("An MFA code has six digits. "),
        "{asked:?}"
    );
    assert!(
        asked[2].contains("MultiFactorAuthentication failed"),
        "{asked:?}"
    );
}

/// A window that was closed stays closed for half a minute, whatever starts
/// anew; a login, or time, opens it.
#[test]
fn a_closed_window_is_not_opened_again_at_once() {
    let stage = asking("test -f $HOME/code && cat $HOME/code");
    let ran = stage.ran(&mut process(&stage, "read"));
    check(
        &ran,
        "",
        "error: role read needs an MFA code, and none was given: the window that asks for it: ~/ask ended with status 1; log in first: assumerole login read\n",
        5,
    );
    for role in ["read", "read"] {
        let ran = stage.ran(&mut process(&stage, role));
        check(
            &ran,
            "",
            "error: role read needs an MFA code, which was refused a moment ago: role read needs an MFA code, and none was given: the window that asks for it: ~/ask ended with status 1; log in first: assumerole login read\n",
            5,
        );
    }
    assert_eq!(asked(&stage).len(), 1);
    let mut half_a_minute = process(&stage, "read");
    later(&stage, &mut half_a_minute, 31);
    assert_eq!(stage.ran(&mut half_a_minute).status, 5);
    assert_eq!(asked(&stage).len(), 2);
    later(&stage, &mut process(&stage, "read"), 0);
    let code = stage.code();
    assert_eq!(stage.run(&["login", "read", &code]).status, 0);
    answer(&stage.ran(&mut process(&stage, "read")));
    assert_eq!(asked(&stage).len(), 2);
}

fn forty(stage: &Stage) -> Vec<Output> {
    let start = |_| {
        let mut command = process(stage, "read");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let children: Vec<Child> = (0..40).map(start).collect();
    let wait = |child: Child| child.wait_with_output().unwrap();
    children.into_iter().map(wait).collect()
}

/// Java starts a process for each thread that waits.
#[test]
fn forty_processes_ask_once() {
    let stage = asking("sleep 1; cat $HOME/code");
    stage.write("code", &stage.code());
    let outputs = forty(&stage);
    let first = outputs[0].stdout.clone();
    for output in &outputs {
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.stdout, first);
    }
    assert_eq!(asked(&stage).len(), 1);
    assert_eq!(calls(&stage), ["GetSessionToken", "AssumeRole"]);
}

#[test]
fn forty_processes_are_refused_at_once() {
    let stage = asking("sleep 1; exit 1");
    for output in forty(&stage) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.ends_with("assumerole login read\n"), "{said}");
        assert_eq!((output.status.code(), said.lines().count()), (Some(5), 1));
        assert!(output.stdout.is_empty());
    }
    assert_eq!(asked(&stage).len(), 1);
    assert_eq!(stage.requests(), 0);
}

/// Each of these roles takes a code of its own: whoever closes the window for
/// one of them is not asked for the others at once.
#[test]
fn a_refusal_is_one_of_the_device_whichever_role_is_next() {
    let stage = asking("sleep 1; exit 1");
    let config = std::fs::read_to_string(stage.path(".assumerole")).unwrap();
    let config = config.replacen('{', "{ \"mfa_session\": false,", 1);
    let role = |number: usize| {
        format!(
            "\"r{number}\": {{\"aws_profile\": \"base\", \"aws_mfa_arn\": \"{DEVICE}\", \"aws_account\": \"123456789012\", \"aws_role\": \"read\", \"session_name\": \"r{number}\"}},"
        )
    };
    let roles: String = (0..20).map(role).collect();
    let config = config.replacen("\"read\": {", &format!("{roles}\n\"read\": {{"), 1);
    stage.write(".assumerole", &config);
    let start = |number: usize| {
        let mut command = process(&stage, &format!("r{number}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    // One is asked, and the others of its window are told.
    for numbers in [2..3, 0..20] {
        let children: Vec<Child> = numbers.map(start).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("log in first: assumerole login r"), "{said}");
            assert_eq!((output.status.code(), said.lines().count()), (Some(5), 1));
        }
        assert_eq!(asked(&stage).len(), 1);
    }
    // A login is an answer.
    let code = stage.code();
    let ran = stage.run(&["login", "r1", &code]);
    assert_eq!(ran.status, 0, "{ran:?}");
    // Also for the role whose question it was.
    let ran = stage.ran(&mut process(&stage, "r2"));
    assert!(!ran.stderr.contains("a moment ago"), "{ran:?}");
    assert_eq!(asked(&stage).len(), 2);
}

/// An IDE starts every such profile when it opens.
#[test]
fn nobody_is_asked_who_does_not_want_to_be() {
    let stage = asking("cat $HOME/code");
    let line = |why: &str| {
        format!(
            "error: role read needs an MFA code of {DEVICE}: {why}; log in first: assumerole login read\n"
        )
    };
    let ran = stage.run(&["credential-process", "--no-prompt", "read"]);
    check(&ran, "", &line("--no-prompt is given"), 5);
    let mut command = process(&stage, "read");
    let ran = stage.ran(command.env("ASSUMEROLE_NO_PROMPT", "1"));
    check(&ran, "", &line("ASSUMEROLE_NO_PROMPT is set"), 5);
    let ran = stage.run(&["exec", "--no-prompt", "read", "true"]);
    assert_eq!((ran.status, asked(&stage).len()), (125, 0));
    let mut terminal = Terminal::new();
    let script = "assumerole credential-process --no-prompt read; assumerole --no-prompt; assumerole exec --no-prompt read -- true; echo over";
    terminal.start(&stage, script, &[]);
    terminal.sees("over");
    // Once in the line of the first.
    let words = format!("MFA code of {DEVICE}: ");
    assert_eq!(terminal.all().matches(&words).count(), 1);
    assert!(asked(&stage).is_empty());
}

/// At a terminal it asks there, though both streams are read by an SDK.
#[test]
fn a_terminal_is_asked_though_the_streams_are_not_one() {
    let stage = asking("cat $HOME/code");
    let mut terminal = Terminal::new();
    let script = "assumerole credential-process read > out 2> err; echo ended with $?";
    terminal.start(&stage, script, &[("PATH", &path_with_program())]);
    terminal.sees(&format!("MFA code of {DEVICE}:"));
    let code = stage.code();
    terminal.types(&format!("{code}\r"));
    terminal.sees("ended with 0");
    let text = |name: &str| std::fs::read_to_string(stage.path(name)).unwrap();
    assert!(text("out").contains("\"Version\": 1"));
    assert_eq!(text("err"), "");
    assert!(asked(&stage).is_empty());
}

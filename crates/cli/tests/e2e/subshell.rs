//! The shell that is started in a role, used by a person at a terminal.

use std::fs;

use super::harness::Stage;
use super::terminal::Terminal;

/// What `assumerole read` says when the shell starts.
const WELCOME: &str = "read: read of account 123456789012 in eu-central-1";

/// Prompts of every shell, so that one can tell when it waits for a command.
const PROMPT: &str = "ready> ";

/// A home where every shell greets in the same way.
fn stage() -> Stage {
    let stage = Stage::new();
    let posix = format!("PS1='{PROMPT}'\n");
    stage.write(".bashrc", &posix);
    stage.write(
        ".zshrc",
        &format!("unsetopt PROMPT_SP PROMPT_CR zle\n{posix}"),
    );
    // Else fish makes completions of all manual pages, in the background.
    fs::create_dir_all(stage.path(".local/share/fish/generated_completions")).unwrap();
    stage.write(
        ".config/fish/config.fish",
        &format!("set -g fish_greeting\nfunction fish_prompt\n    echo -n '{PROMPT}'\nend\n"),
    );
    stage
}

/// A person in the role `read`, in `shell`, without export lines on the
/// screen.
fn in_role(stage: &Stage, shell: &str) -> Terminal {
    stage.warm("read");
    let mut terminal = Terminal::new();
    let script = "assumerole --quiet read; echo status $?; exit 3";
    terminal.start(stage, script, &[("SHELL", shell), ("PS1", PROMPT)]);
    terminal.sees(PROMPT.trim_end());
    terminal
}

#[test]
fn a_code_as_argument_leads_into_a_shell_with_the_credentials() {
    let stage = stage();
    let mut terminal = Terminal::new();
    let script = format!("assumerole read {}; echo status $?", stage.code());
    terminal.start(&stage, &script, &[("SHELL", "/bin/bash")]);
    terminal.sees(WELCOME);
    terminal.sees(PROMPT.trim_end());
    terminal
        .types("clear; echo $AWS_ACCOUNT $AWS_REGION \"$MYVAR1\"; printenv AWS_PROFILE; exit 7\r");
    assert_eq!(terminal.ends(), 0);
    assert!(
        terminal
            .screen()
            .starts_with("read eu-central-1 my value\n"),
        "{}",
        terminal.screen()
    );
    assert!(
        terminal.screen().ends_with("\nstatus 7"),
        "{}",
        terminal.screen()
    );
    terminal.is_as_before();
    assert_eq!(stage.sandbox.count("AssumeRole"), 1);
}

#[test]
fn every_shell_is_interactive_and_its_status_comes_through() {
    for (shell, interactive) in [
        ("/bin/sh", "case $- in *i*) echo yes-$((40+2));; esac"),
        ("/bin/bash", "[[ $- == *i* ]] && echo yes-$((40+2))"),
        ("/usr/bin/zsh", "[[ -o interactive ]] && echo yes-$((40+2))"),
        (
            "/usr/bin/fish",
            "status is-interactive; and echo yes-(math 40+2)",
        ),
    ] {
        let name = shell.rsplit('/').next().unwrap();
        assert!(
            std::path::Path::new(shell).exists(),
            "{shell} is missing; install it: apt-get install {name}"
        );
        let stage = stage();
        let mut terminal = in_role(&stage, shell);
        terminal.types(&format!("{interactive}\r"));
        terminal.sees("yes-42");
        terminal.types("echo in-$AWS_ACCOUNT-$AWS_ACCOUNT_ID\r");
        terminal.sees("in-read-123456789012");
        terminal.types("exit 7\r");
        assert_eq!(terminal.ends(), 3, "{shell}");
        let screen = terminal.screen();
        assert!(screen.ends_with("status 7"), "{shell}:\n{screen}");
        terminal.is_as_before();
    }
}

#[test]
fn leaving_the_shell_leaves_the_role() {
    let stage = stage();
    stage.warm("read");
    let mut terminal = Terminal::new();
    terminal.start(
        &stage,
        "exec bash -i",
        &[("SHELL", "/bin/bash"), ("AWS_PROFILE", "mine")],
    );
    terminal.sees(PROMPT.trim_end());
    terminal.types("assumerole --quiet read\r");
    terminal.sees_times(PROMPT.trim_end(), 2);
    terminal.types("echo one-$AWS_ACCOUNT-$AWS_PROFILE-\r");
    terminal.sees("\none-read--");
    terminal.types("exit\r");
    terminal.types("echo two-$AWS_ACCOUNT-$AWS_PROFILE-; env | grep -c AWS_\r");
    terminal.sees("\ntwo--mine-\n1");
    terminal.types("exit\r");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_role_inside_a_role_leaves_by_one_exit_each() {
    let stage = stage();
    let mut terminal = in_role(&stage, "/bin/bash");
    terminal.types("assumerole --quiet plain\r");
    terminal.sees_times(PROMPT.trim_end(), 2);
    terminal.types("echo in-$AWS_ACCOUNT-$AWS_REGION-$MYVAR1-\r");
    terminal.sees("\nin-plain---");
    terminal.types("exit 4\r");
    terminal.types("echo $?-in-$AWS_ACCOUNT-$AWS_REGION-$MYVAR1-\r");
    terminal.sees("\n4-in-read-eu-central-1-my value-");
    terminal.types("exit 5\r");
    assert_eq!(terminal.ends(), 3);
    assert!(terminal.screen().ends_with("\nstatus 5"));
    terminal.is_as_before();
}

/// It is the shell's Ctrl-C, not ours.
#[test]
fn ctrl_c_in_the_shell_interrupts_what_runs_there() {
    let stage = stage();
    let mut terminal = in_role(&stage, "/bin/bash");
    terminal.types("sh -c 'echo begun; exec sleep 1000'\r");
    terminal.sees("\nbegun");
    terminal.types("\x03");
    terminal.types("echo status-$?-$AWS_ACCOUNT\r");
    terminal.sees("\nstatus-130-read");
    terminal.types("exit\r");
    assert_eq!(terminal.ends(), 3);
    terminal.is_as_before();
}

//! A start-up file that sets a variable of the role again wins in the shell
//! that is started: it is said, with the line.

use std::fs;

use super::harness::{CONFIG, Stage};
use super::terminal::Terminal;

const PROMPT: &str = "ready> ";

struct Case {
    shell: &'static str,
    file: &'static str,
    prompt: &'static str,
    line: &'static str,
    hint: &'static str,
}

const POSIX_HINT: &str = "[ -n \"$AWS_ACCOUNT\" ] || export AWS_PROFILE=…";

const CASES: &[Case] = &[
    Case {
        shell: "/bin/bash",
        file: ".bashrc",
        prompt: "PS1='ready> '",
        line: "export AWS_PROFILE=work",
        hint: POSIX_HINT,
    },
    Case {
        shell: "/usr/bin/zsh",
        file: ".zshrc",
        prompt: "unsetopt PROMPT_SP PROMPT_CR zle; PS1='ready> '",
        line: "typeset -gx AWS_PROFILE=work",
        hint: POSIX_HINT,
    },
    Case {
        shell: "/bin/dash",
        file: ".shinit",
        prompt: "PS1='ready> '",
        line: "export AWS_PROFILE=work",
        hint: POSIX_HINT,
    },
    Case {
        shell: "/usr/bin/fish",
        file: ".config/fish/config.fish",
        prompt: "function fish_prompt; echo -n 'ready> '; end",
        line: "set -gx AWS_PROFILE work",
        hint: "set -q AWS_ACCOUNT; or set -gx AWS_PROFILE …",
    },
    Case {
        shell: "/usr/bin/tcsh",
        file: ".tcshrc",
        prompt: "set prompt = 'ready> '",
        line: "setenv AWS_PROFILE work",
        hint: "if ( ! $?AWS_ACCOUNT ) setenv AWS_PROFILE …",
    },
];

/// What the shell shows when it has started in the role `read`, and what
/// a program sees then of AWS_PROFILE.
fn started(case: &Case, line: &str) -> (String, String) {
    let stage = Stage::new();
    let config = CONFIG.replacen('{', "{ \"print_exports\": false,", 1);
    stage.write(".assumerole", &config);
    stage.warm("read");
    fs::create_dir_all(stage.path(".local/share/fish/generated_completions")).unwrap();
    stage.write(case.file, &format!("{}\n\n{line}\n", case.prompt));
    let shinit = stage.path(".shinit");
    let mut terminal = Terminal::new();
    let env = [("SHELL", case.shell), ("ENV", shinit.to_str().unwrap())];
    terminal.start(&stage, "assumerole read", &env);
    terminal.sees(PROMPT.trim_end());
    let said = terminal.screen();
    terminal.types("printenv AWS_PROFILE > seen; exit 0\r");
    terminal.ends();
    let seen = fs::read_to_string(stage.path("seen")).unwrap_or_default();
    (squeezed(&said), seen)
}

/// Without the blanks and line breaks of a terminal.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn a_line_that_overrides_the_role_is_told_once_with_its_place() {
    for case in CASES {
        let (said, seen) = started(case, case.line);
        let warning = format!(
            "warning: start-up files set again what the role sets, and win in this shell: \
             AWS_PROFILE in ~/{}:3\n  hint: change that line: {}\n",
            case.file, case.hint
        );
        assert_eq!(
            said.matches(&squeezed(&warning)).count(),
            1,
            "{}: {said}",
            case.shell
        );
        assert_eq!(seen, "work\n", "{}", case.shell);
        // What the hint says helps, and is not told.
        let changed = case.hint.replace('…', "work");
        let (said, seen) = started(case, &changed);
        assert!(!said.contains("warning"), "{}: {said}", case.shell);
        assert_eq!(seen, "", "{}", case.shell);
    }
}

#[test]
fn what_a_file_that_is_read_sets_is_found_and_what_is_not_run_is_not() {
    let case = &CASES[0];
    for (line, told) in [
        ("export AWS_REGION=us-west-1", "AWS_REGION in ~/.bashrc:3"),
        (
            "AWS_DEFAULT_REGION=us-west-1",
            "AWS_DEFAULT_REGION in ~/.bashrc:3",
        ),
        (
            "export AWS_VAULT=x MYVAR1=y",
            "AWS_VAULT in ~/.bashrc:3, MYVAR1 in ~/.bashrc:3",
        ),
        (
            "export AWS_SECRET_ACCESS_KEY=hush",
            "AWS_SECRET_ACCESS_KEY in ~/.bashrc:3",
        ),
        (
            "cat > more <<'END'\nexport AWS_PROFILE=x\nEND\n. ~/more",
            "",
        ),
        ("work() { export AWS_PROFILE=work; }", ""),
        ("export AWS_REGION=${AWS_REGION:-us-west-1}", ""),
        ("export AWS_REGION=eu-central-1", ""),
        ("export EDITOR=vi", ""),
        ("aws_account=$AWS_ACCOUNT", ""),
    ] {
        let (said, _) = started(case, line);
        match told {
            "" => assert!(!said.contains("warning"), "{line}: {said}"),
            told => assert!(
                said.contains(&squeezed(&format!("this shell: {told} hint:"))),
                "{line}: {said}"
            ),
        }
        assert!(!said.contains("hush"), "{said}");
    }
    let stage = Stage::new();
    stage.warm("plain");
    stage.write(".bashrc", ". ~/.aws_env\n");
    stage.write(
        ".aws_env",
        "# mine\nexport AWS_DEFAULT_PROFILE=x\n. ./.aws_env\n",
    );
    let mut command = stage.command(&["plain"]);
    command.env("SHELL", "/bin/bash");
    let ran = stage.ran(&mut command);
    let told = "this shell: AWS_DEFAULT_PROFILE in ~/.aws_env:2\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

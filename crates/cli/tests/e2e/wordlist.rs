//! `complete -W "$(assumerole accountlist_text)" assumerole` stands in people's
//! start-up files: bash expands each word when it completes, and zsh evaluates
//! such a list. Whatever a role is called, nothing of it is run.

use std::process::Command;

use super::harness::{Stage, program};
use super::support::Checks;

/// Names that run something, or are something else, where a shell reads them.
/// `RUN` makes a file.
const HOSTILE: &[&str] = &[
    "$(RUN)",
    "a$(RUN)b",
    "`RUN`",
    "a`RUN`b",
    "<(RUN)",
    ">(RUN)",
    "=(RUN)",
    "${x:=$(RUN)}",
    "$((a[$(RUN)]))",
    "$HOME",
    "${HOME}",
    "~",
    "~root",
    "a~b",
    "=ls",
    "a;RUN",
    "a&RUN",
    "a|RUN",
    "a\nRUN",
    "a\rRUN",
    "(RUN)",
    "a)RUN",
    "a\"b",
    "a'b",
    "'$(RUN)'",
    "\"$(RUN)\"",
    "a\\b",
    "\\$(RUN)",
    "*",
    "a*",
    "[a-z]",
    "?",
    "{a,b}",
    "a!b",
    "!!",
    "#a",
    "^a",
    "a>RUN",
    "a<RUN",
    "a\u{a0}b",
    "a\tb",
    "\u{1b}]0;x\u{7}",
    "a\u{202e}b",
];

/// Names that a shell would split, or a program take for an option or a job: left
/// out without a word, which would stand in the way at every Tab.
const SPLIT: [&str; 12] = [
    "",
    " ",
    "a b",
    " a",
    "-rf",
    "-",
    "--",
    "--help",
    "--config=x",
    "%1",
    "%%",
    "+1",
];

const GOOD: [&str; 6] = [
    "read",
    "acme-prod",
    "a.b/c:d",
    "x,y+z@w=1%",
    "größe",
    "日本",
];

fn stage() -> Stage {
    let stage = Stage::new();
    let mut roles = String::new();
    for name in HOSTILE.iter().chain(&SPLIT).chain(&GOOD) {
        let name = name.replace("RUN", "touch $HOME/ran");
        let name = serde_json::to_string(&name).unwrap();
        let comma = if roles.is_empty() { "" } else { "," };
        roles += &format!(
            "{comma}{name}: {{\"aws_profile\": \"base\", \"aws_account\": \"123456789012\", \
             \"aws_role\": \"plain\"}}"
        );
    }
    stage.write(".assumerole", &format!("{{\"assume_roles\": {{{roles}}}}}"));
    stage
}

#[test]
fn no_shell_runs_what_stands_in_a_roles_name() {
    let stage = stage();
    let good = GOOD.join("\n") + "\n";
    let mut checks = Checks::default();
    for (shell, script) in [
        ("bash", "compgen -W \"$(\"$1\" accountlist_text)\""),
        (
            "bash",
            "complete -W \"$(\"$1\" accountlist_text)\" x; compgen -W \"$(\"$1\" accountlist)\" -- ''",
        ),
        (
            "bash",
            "set -o posix; compgen -W \"$(\"$1\" accountlist_text)\"",
        ),
        (
            "bash",
            "for name in $(\"$1\" accountlist_text); do eval \"echo $name\"; done",
        ),
        (
            "zsh",
            "eval \"all=( $(\"$1\" accountlist_text) )\"; print -l -- $all",
        ),
        (
            "zsh",
            "setopt extended_glob; eval \"all=( $(\"$1\" accountlist) )\"; print -l -- $all",
        ),
        (
            "zsh",
            "all=(${(f)\"$(\"$1\" accountlist_text)\"}); print -l -- ${(e)all}",
        ),
    ] {
        let mut command = Command::new(shell);
        stage.clear(&mut command);
        let flags = if shell == "zsh" { "-fc" } else { "-c" };
        command
            .args([flags, script, shell, program()])
            .env("LC_ALL", "C.UTF-8");
        let ran = stage.ran(&mut command);
        checks.same(&format!("{script}: {}", ran.stderr), &ran.stdout, &good);
        checks.same(script, &stage.path("ran").exists().to_string(), "false");
    }
}

#[test]
fn what_is_not_listed_is_said_in_bounds_and_without_control_characters() {
    let stage = stage();
    let mut checks = Checks::default();
    for subcommand in ["accountlist", "accountlist_text"] {
        let ran = stage.run(&[subcommand]);
        let more = HOSTILE.len() - 3;
        let stderr = format!(
            "warning: not listed, because a shell would change or run them: $(touch $HOME/ran), \
             a$(touch $HOME/ran)b, `touch $HOME/ran`, {more} more\n  hint: rename these roles, using only letters, digits and - _ . in their names; see all: assumerole list\n"
        );
        checks.ran(subcommand, &ran, &(GOOD.join("\n") + "\n"), &stderr, 0);
    }
    let long = format!("{}\u{1b}[2J$", "x".repeat(500));
    let name = serde_json::to_string(&long).unwrap();
    stage.write(
        ".assumerole",
        &format!(
            "{{\"assume_roles\": {{{name}: {{\"aws_profile\": \"base\", \"aws_account\": \
             \"123456789012\", \"aws_role\": \"plain\"}}}}}}"
        ),
    );
    let ran = stage.run(&["accountlist_text"]);
    let said = format!("change or run it: {}…\n", "x".repeat(40));
    checks.same(&ran.stderr, &ran.stderr.contains(&said).to_string(), "true");
}

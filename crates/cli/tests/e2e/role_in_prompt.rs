//! The shell that is started shows its role, where the person's prompt does not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::harness::{CONFIG, Stage};
use super::terminal::Terminal;

const BASH: &str = "/bin/bash";
const ZSH: &str = "/usr/bin/zsh";
const FISH: &str = "/usr/bin/fish";

/// The start-up file of `shell`, and what stands in all of them.
fn rc(shell: &str) -> (&'static str, &'static str) {
    match shell {
        BASH => (".bashrc", ""),
        ZSH => (".zshrc", "unsetopt PROMPT_SP PROMPT_CR zle\n"),
        _ => (".config/fish/config.fish", "set -g fish_greeting\n"),
    }
}

/// The file in which a person writes `prompt`.
fn plain(shell: &str, prompt: &str) -> String {
    match shell {
        FISH => format!("function fish_prompt\n    echo -n '{prompt}'\nend\n"),
        _ => format!("PS1='{prompt}'\n"),
    }
}

/// A home where the start-up file of `shell` has these lines.
fn stage(shell: &str, lines: &str) -> Stage {
    let stage = Stage::new();
    let (file, first) = rc(shell);
    stage.write(file, &format!("{first}{lines}"));
    // Else fish makes completions of all manual pages, in the background.
    fs::create_dir_all(stage.path(".local/share/fish/generated_completions")).unwrap();
    stage
}

/// A person who types `line` where `$SHELL` is `shell`.
fn types(stage: &Stage, shell: &str, line: &str, env: &[(&str, &str)]) -> Terminal {
    let mut terminal = Terminal::new();
    let env = [&[("SHELL", shell)], env].concat();
    terminal.start(stage, line, &env);
    terminal
}

/// A person in the role `plain`.
fn in_role(stage: &Stage, shell: &str, env: &[(&str, &str)]) -> Terminal {
    types(stage, shell, "assumerole --quiet plain", env)
}

/// Waits until `prompt` stands in the last line, where something is typed.
#[track_caller]
fn asks(terminal: &Terminal, prompt: &str) {
    terminal.eventually(prompt, || terminal.screen().lines().last() == Some(prompt));
}

/// Types a line, and waits for a prompt behind what it printed.
#[track_caller]
fn says(terminal: &mut Terminal, line: &str, answer: &str, prompt: &str) {
    terminal.types(&format!("{line}\r"));
    let end = format!("\n{answer}\n{prompt}");
    terminal.eventually(&end, || terminal.screen().ends_with(&end));
}

#[track_caller]
fn leaves(mut terminal: Terminal) {
    terminal.types("exit\r");
    terminal.end_of_shell();
    terminal.is_as_before();
}

#[test]
fn bash_shows_the_role_where_its_prompt_does_not() {
    shows_it_once(BASH);
}

#[test]
fn zsh_shows_the_role_where_its_prompt_does_not() {
    shows_it_once(ZSH);
}

#[test]
fn fish_shows_the_role_where_its_prompt_does_not() {
    shows_it_once(FISH);
}

/// A prompt without the role gets it, and one that shows it is left alone.
fn shows_it_once(of: &str) {
    let function = |text: &str| format!("function fish_prompt\n    {text}\nend\n");
    let mut cases: Vec<(&str, String, &str)> = Vec::new();
    for shell in [BASH, ZSH, FISH] {
        cases.push((shell, plain(shell, "ready> "), "(plain) ready>"));
        cases.push((shell, plain(shell, "[plain] > "), "[plain] >"));
        // Another role's name is not this one's.
        cases.push((shell, plain(shell, "plain-old> "), "(plain) plain-old>"));
        cases.push((shell, plain(shell, "explain> "), "(plain) explain>"));
    }
    for (shell, lines, prompt) in [
        (BASH, "PS1='${AWS_ACCOUNT:+($AWS_ACCOUNT) }$ '", "(plain) $"),
        (
            BASH,
            "PS1='<$(assumerole prompt --format \"{role}\")> '",
            "<plain>",
        ),
        (BASH, r"PS1='\[\e[32m\]$AWS_ACCOUNT\[\e[0m\]> '", "plain>"),
        // A prompt that is written anew each time.
        (
            BASH,
            "starship() { PS1=\"on $AWS_ACCOUNT> \"; }; PROMPT_COMMAND=starship",
            "on plain>",
        ),
        (
            BASH,
            "other() { PS1='other> '; }; PROMPT_COMMAND=other",
            "(plain) other>",
        ),
        (
            BASH,
            "other() { PS1='other> '; }; PROMPT_COMMAND=(: other)",
            "(plain) other>",
        ),
        // Neither a folder, nor the person, nor the title of a window.
        (BASH, r"cd ~/plain; PS1='\w> '", "(plain) ~/plain>"),
        (BASH, r"cd ~/plain; PS1='\W> '", "(plain) plain>"),
        (
            BASH,
            r"USER=plain; PS1='$USER@host> '",
            "(plain) plain@host>",
        ),
        (
            BASH,
            r"PS1='\[\e]0;$AWS_ACCOUNT\a\]untitled> '",
            "(plain) untitled>",
        ),
        // As Debian has it.
        (
            BASH,
            "PS1='${chroot:+($chroot)}\\w> '\ncase $TERM in\nxterm*)\n    \
             PS1=\"\\[\\e]0;\\u@\\h: \\w\\a\\]$PS1\"\n    ;;\n*)\n    ;;\nesac",
            "(plain) ~>",
        ),
        (BASH, "shopt -u promptvars; PS1='$ '", "(plain) $"),
        (BASH, "set -aeu; PS1='strict> '", "(plain) strict>"),
        (BASH, "readonly PS1='mine> '", "mine>"),
        (BASH, "readonly PROMPT_COMMAND=; PS1='mine> '", "mine>"),
        (
            ZSH,
            "setopt prompt_subst; PROMPT='${AWS_ACCOUNT:+($AWS_ACCOUNT) }> '",
            "(plain) >",
        ),
        (
            ZSH,
            "setopt prompt_subst; PROMPT='%F{green}$(assumerole prompt --format {role})%f> '",
            "plain>",
        ),
        (
            ZSH,
            "precmd() { PROMPT=\"on $AWS_ACCOUNT> \" }",
            "on plain>",
        ),
        (ZSH, "precmd() { PROMPT='other> ' }", "(plain) other>"),
        (
            ZSH,
            "autoload -Uz add-zsh-hook; other() { PROMPT='other> ' }; add-zsh-hook precmd other",
            "(plain) other>",
        ),
        (ZSH, "cd ~/plain; PROMPT='%~> '", "(plain) ~/plain>"),
        (ZSH, "cd ~/plain; PROMPT='%1~> '", "(plain) plain>"),
        (
            ZSH,
            "unsetopt prompt_percent; PROMPT='50%> '",
            "(plain) 50%>",
        ),
        (
            ZSH,
            "setopt all_export no_unset ksh_arrays sh_word_split; PROMPT='odd> '",
            "(plain) odd>",
        ),
        (ZSH, "typeset -r PROMPT='mine> '", "mine>"),
    ] {
        cases.push((shell, format!("{lines}\n"), prompt));
    }
    for (text, prompt) in [
        ("echo -n \"on $AWS_ACCOUNT> \"", "on plain>"),
        (
            "echo -n (set_color green)$AWS_ACCOUNT(set_color normal)'> '",
            "plain>",
        ),
        (
            "echo -n (assumerole prompt --format '{role}')'> '",
            "plain>",
        ),
        ("cd ~/plain; echo -n (prompt_pwd)'> '", "(plain) ~/plain>"),
    ] {
        cases.push((FISH, function(text), prompt));
    }
    cases.retain(|(shell, _, _)| *shell == of);
    for (shell, lines, prompt) in cases {
        let stage = stage(shell, &lines);
        fs::create_dir(stage.path("plain")).unwrap();
        let terminal = in_role(&stage, shell, &[]);
        terminal.eventually(&format!("{shell}, {lines}: {prompt}"), || {
            terminal.screen().trim_end() == prompt.trim_end()
        });
        leaves(terminal);
    }
}

#[test]
fn the_hooks_and_statuses_of_the_person_are_as_they_were() {
    for (shell, lines, status) in [
        (
            BASH,
            "hook() { echo hook-$?; }; PROMPT_COMMAND=hook; PS1='$?> '",
            "(exit 7)",
        ),
        (ZSH, "precmd() { echo hook-$? }; PROMPT='%?> '", "(exit 7)"),
        (
            FISH,
            "function fish_prompt\n    set -l was $status\n    echo hook-$was\n    echo -n $was'> '\nend",
            "sh -c 'exit 7'",
        ),
    ] {
        let stage = stage(shell, &format!("{lines}\n"));
        let mut terminal = in_role(&stage, shell, &[]);
        let (first, second) = match shell {
            FISH => ("(plain) hook-0\n0>", "(plain) hook-7\n7>"),
            _ => ("hook-0\n(plain) 0>", "hook-7\n(plain) 7>"),
        };
        let screen = |terminal: &Terminal, end: &str| {
            terminal.eventually(&format!("{shell}: {end}"), || {
                terminal.screen().trim_end().ends_with(end)
            });
        };
        screen(&terminal, first);
        terminal.types(&format!("{status}\r"));
        screen(&terminal, second);
        leaves(terminal);
    }
}

/// They write prompts by hooks of their own, each in its way.
#[test]
fn starship_and_powerlevel9k_show_it_once() {
    let venv = std::env::var_os("ASSUMEROLE_TEST_VENV").expect("run cargo xtask test");
    let starship = Path::new(&venv).join("bin/starship");
    let theme = "/usr/share/powerlevel9k/powerlevel9k.zsh-theme";
    let elements = |left: &str| {
        format!(
            "POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=({left})\nPOWERLEVEL9K_RIGHT_PROMPT_ELEMENTS=()\n\
             POWERLEVEL9K_CUSTOM_ROLE='echo $AWS_ACCOUNT'\nsource {theme}\n"
        )
    };
    let init = |name: &str| match name {
        "fish" => "./starship init fish --print-full-init | source\n".to_owned(),
        name => format!("eval \"$(./starship init {name} --print-full-init)\"\n"),
    };
    let quiet = "[aws]\ndisabled = true\n";
    for (shell, lines, toml, times) in [
        (BASH, init("bash"), "", 0),
        (ZSH, init("zsh"), "", 0),
        (FISH, init("fish"), "", 0),
        (BASH, init("bash"), quiet, 1),
        (ZSH, init("zsh"), quiet, 1),
        (FISH, init("fish"), quiet, 1),
        (ZSH, elements("dir custom_role"), "", 0),
        (ZSH, elements("dir"), "", 1),
    ] {
        let stage = stage(shell, &format!("cd\n{lines}"));
        // Not every pip makes it a program.
        fs::copy(&starship, stage.path("starship")).expect("run cargo xtask test");
        fs::set_permissions(stage.path("starship"), PermissionsExt::from_mode(0o755)).unwrap();
        let toml = format!("add_newline = false\nformat = '$directory$aws> '\n{toml}");
        stage.write(".config/starship.toml", &toml);
        stage.warm("read");
        let mut terminal = types(&stage, shell, "assumerole --quiet read", &[]);
        for prompt in 1..3 {
            terminal.eventually(&format!("{shell}: {lines}{toml}"), || {
                let screen = terminal.screen();
                screen.matches('~').count() == prompt
                    && screen.matches("(read)").count() == times * prompt
                    && (times == 1 || screen.matches("read").count() == prompt)
            });
            terminal.types("\r");
        }
        leaves(terminal);
    }
}

/// What zsh's own files see, and programs.
#[test]
fn zsh_reads_the_persons_files_where_they_are() {
    for own in [false, true] {
        let stage = stage(ZSH, "");
        let folder = if own { "dot/zsh/" } else { "" };
        let said = if own {
            "${ZDOTDIR#$HOME/}"
        } else {
            "${ZDOTDIR-none}"
        };
        stage.write(
            &format!("{folder}.zshenv"),
            &format!("echo env-{said}\nexport SEEN=yes\n"),
        );
        stage.write(
            &format!("{folder}.zshrc"),
            &format!("unsetopt PROMPT_SP PROMPT_CR zle\necho rc-{said}-$SEEN\nPROMPT='> '\n"),
        );
        let zdotdir = stage.path("dot/zsh");
        let env = [("ZDOTDIR", zdotdir.to_str().unwrap())];
        let mut terminal = in_role(&stage, ZSH, if own { &env } else { &[] });
        let place = if own { "dot/zsh" } else { "none" };
        let begins = format!("env-{place}\nrc-{place}-yes\n(plain) >");
        terminal.eventually(&begins, || terminal.screen() == begins);
        let of_program = if own { env[0].1 } else { "none" };
        says(
            &mut terminal,
            "clear; sh -c 'echo; echo ${ZDOTDIR-none}; env | grep -c \"ASSUMEROLE_[PZ]\"'",
            &format!("{of_program}\n0"),
            "(plain) >",
        );
        leaves(terminal);
    }
}

/// A name of a role is text, whatever a prompt would make of it.
#[test]
fn nothing_in_a_name_is_run_or_expanded() {
    let name = r"a$(touch ran)`touch ran`%d\w$HOME!${IFS}";
    let shown = "(a?(touch ran)?touch ran??d?w?HOME??{IFS}) >";
    let config = CONFIG.replace("\"plain\": {", &format!("{name:?}: {{"));
    for (shell, lines, shown) in [
        (BASH, "PS1='> '", shown),
        (BASH, "shopt -u promptvars; PS1='> '", shown),
        (ZSH, "setopt prompt_subst prompt_bang; PROMPT='> '", shown),
        (ZSH, "PROMPT='> '", shown),
        (
            FISH,
            "function fish_prompt; echo -n '> '; end",
            r"(a$(touch ran)`touch ran`%d\w$HOME!${IFS}) >",
        ),
    ] {
        let stage = stage(shell, &format!("{lines}\n"));
        stage.write(".assumerole", &config);
        let line = format!("assumerole --quiet '{name}'");
        let terminal = types(&stage, shell, &line, &[]);
        asks(&terminal, shown);
        assert!(!stage.path("ran").exists(), "{shell}");
        leaves(terminal);
    }
}

#[test]
fn a_person_can_do_without() {
    for shell in [BASH, ZSH, FISH] {
        for (config, env, prompt) in [
            ("", ("ASSUMEROLE_PROMPT", "0"), "ready>"),
            ("", ("ASSUMEROLE_PROMPT", "off"), "ready>"),
            ("", ("ASSUMEROLE_PROMPT", ""), "(plain) ready>"),
            ("", ("ASSUMEROLE_PROMPT", "1"), "(plain) ready>"),
            ("\"prompt\": false,", ("OTHER", "1"), "ready>"),
            ("\"prompt\": true,", ("OTHER", "1"), "(plain) ready>"),
        ] {
            let stage = stage(shell, &plain(shell, "ready> "));
            stage.write(
                ".assumerole",
                &CONFIG.replacen('{', &format!("{{{config}"), 1),
            );
            let terminal = in_role(&stage, shell, &[env]);
            asks(&terminal, prompt);
            leaves(terminal);
        }
    }
}

#[test]
fn the_mark_follows_the_role_of_the_shell() {
    for (shell, init) in [
        (BASH, "eval \"$(assumerole init bash)\""),
        (ZSH, "eval \"$(assumerole init zsh)\""),
        (FISH, "assumerole init fish | source"),
    ] {
        let lines = format!("{init}\n{}", plain(shell, "ready> "));
        let stage = stage(shell, &lines);
        stage.warm("read");
        let mut terminal = in_role(&stage, shell, &[("PS1", "ready> ")]);
        asks(&terminal, "(plain) ready>");
        terminal.types("assume read\r");
        asks(&terminal, "(read) ready>");
        // Another shell takes over none of it.
        terminal.types("sh -c 'echo \"<$PS1$PROMPT_COMMAND>\"' > nested; clear\r");
        terminal.eventually("a clear screen", || {
            let screen = terminal.screen();
            stage.path("nested").exists() && screen == "(read) ready>"
        });
        let nested = fs::read_to_string(stage.path("nested")).unwrap();
        assert!(!nested.contains("(read)"), "{shell}: {nested}");
        terminal.types("assume --off\r");
        asks(&terminal, "ready>");
        terminal.types("assume plain\r");
        asks(&terminal, "(plain) ready>");
        leaves(terminal);
    }
}

#[test]
fn a_role_that_is_tagged_prod_is_red_where_there_are_colours() {
    let config = CONFIG.replace(
        "\"aws_role\": \"plain\"",
        "\"aws_role\": \"plain\", \"tags\": [\"prod\"]",
    );
    for shell in [BASH, ZSH, FISH] {
        for (env, red) in [
            (("OTHER", "1"), true),
            (("NO_COLOR", "1"), false),
            (("TERM", "dumb"), false),
        ] {
            let stage = stage(shell, &plain(shell, "ready> "));
            stage.write(".assumerole", &config);
            let terminal = in_role(&stage, shell, &[env]);
            asks(&terminal, "(plain) ready>");
            assert_eq!(terminal.all().contains("31m"), red, "{shell}, {env:?}");
            leaves(terminal);
        }
    }
}

/// A file in the place of the folder for start-up files, so that root, too,
/// cannot write there.
#[test]
fn where_nothing_can_be_written_the_shell_is_as_it_was() {
    for shell in [BASH, ZSH] {
        for place in [".assumerole.d/prompt", ".assumerole.d"] {
            let stage = stage(shell, &plain(shell, "ready> "));
            stage.write(place, "");
            fs::set_permissions(
                stage.path(".assumerole.d"),
                PermissionsExt::from_mode(0o700),
            )
            .unwrap();
            let terminal = in_role(&stage, shell, &[]);
            asks(&terminal, "ready>");
            assert_eq!(terminal.screen(), "ready>", "{shell}, {place}");
            leaves(terminal);
        }
    }
}

/// Not a person at a prompt: nothing is added, and nothing is written.
#[test]
fn a_shell_that_reads_commands_from_elsewhere_is_as_it_was() {
    for shell in [BASH, ZSH, FISH] {
        let stage = stage(shell, "");
        stage.write("typed", "echo \"in-$AWS_ACCOUNT-$ZDOTDIR-\"\n");
        let mut command = stage.command(&["--quiet", "plain"]);
        let typed = fs::File::open(stage.path("typed")).unwrap();
        let ran = stage.ran(command.env("SHELL", shell).stdin(typed));
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str()),
            ("in-plain--\n", "")
        );
        assert!(!stage.path(".assumerole.d/prompt").exists(), "{shell}");
    }
}

#[test]
fn shellcheck_finds_nothing_in_what_bash_reads() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/shell/role.bash");
    let checked = Command::new("shellcheck")
        .args(["--severity=style", "--enable=all"])
        .args(["--exclude=SC2250,SC2312", script])
        .output()
        .expect("shellcheck is missing; run cargo xtask test");
    assert_eq!(String::from_utf8_lossy(&checked.stdout), "");
}

//! Prompts of people, and their hooks.

use super::super::harness::Stage;
use super::super::terminal::Terminal;
use super::shells::Sh;

/// Seen by a hook that was there before, and by the prompt, in a shell that
/// has just looked after its credentials.
#[test]
fn hooks_and_prompts_see_every_status_of_the_last_command() {
    let bash = |hook: &str| {
        format!("PROMPT_COMMAND={hook}\neval \"$(assumerole init bash)\"\nPS1='[$seen $?] > '\n")
    };
    for (name, file, rc, of_pipe, of_one) in [
        (
            "bash",
            ".bashrc",
            bash("'seen=\"$? ${PIPESTATUS[*]}\"; '"),
            "[0 1 0 0] >",
            "[1 1 1] >",
        ),
        (
            "bash",
            ".bashrc",
            bash("('seen=\"$? ${PIPESTATUS[*]}\";' 'true;')"),
            "[0 1 0 0] >",
            "[1 1 1] >",
        ),
        (
            "zsh",
            ".zshrc",
            "unsetopt PROMPT_SP PROMPT_CR zle\nsetopt prompt_subst nounset\n\
             precmd() { seen=\"$? ${pipestatus[*]}\" }\n\
             eval \"$(assumerole init zsh)\"\nPROMPT='[$seen $?] > '\n"
                .to_owned(),
            "[0 1 0 0] >",
            "[1 1 1] >",
        ),
        (
            "fish",
            ".config/fish/config.fish",
            "set -g fish_greeting\nassumerole init fish | source\nfunction fish_prompt\n\
             set -l seen $status $pipestatus\necho -n \"[$seen] > \"\nend\n"
                .to_owned(),
            "[0 1 0] >",
            "[1 1] >",
        ),
    ] {
        let stage = Stage::new();
        Sh::named(name).set_up(&stage);
        stage.write(file, &rc);
        let mut terminal = Terminal::new();
        terminal.start(
            &stage,
            &format!("exec {name} -i"),
            &[("ASSUMEROLE_CHECK_AT", "0")],
        );
        terminal.sees("] >");
        terminal.types("false | true\r");
        terminal.sees(of_pipe);
        terminal.types("false\r");
        terminal.sees(of_one);
        terminal.types("exit\r");
        terminal.ends();
    }
}

/// `! true` fails on purpose, and what follows it must not.
#[test]
fn a_bash_that_ends_at_failures_outlives_its_prompt() {
    let stage = Stage::new();
    Sh::named("bash").set_up(&stage);
    stage.write(
        ".bashrc",
        "eval \"$(assumerole init bash)\"\nPS1='[$?] > '\n",
    );
    let mut terminal = Terminal::new();
    let env = [("ASSUMEROLE_CHECK_AT", "0")];
    terminal.start(&stage, "exec bash -i", &env);
    terminal.sees("[0] >");
    terminal.types("set -e\r");
    terminal.types("! true\r");
    terminal.sees("[1] >");
    terminal.types("echo still $((40 + 2))\r");
    terminal.sees("still 42");
}

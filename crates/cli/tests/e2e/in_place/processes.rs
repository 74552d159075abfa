//! What a shell that has loaded `init` costs.

use super::super::harness::Stage;
use super::super::terminal::Terminal;
use super::shells::{Sh, nu};

/// The processes that a shell starts that loads the printed script from a file
/// and shows prompts in a role.
fn processes(stage: &Stage, start: &str) -> Vec<String> {
    let mut terminal = Terminal::new();
    let script = format!("exec strace -f -qq -e trace=process -e signal=none -o ~/trace {start}");
    let run = stage.path("run");
    std::fs::create_dir_all(&run).unwrap();
    let env = [
        // Far from its end.
        ("ASSUMEROLE_CHECK_AT", "99999999999"),
        ("XDG_RUNTIME_DIR", run.to_str().unwrap()),
    ];
    terminal.start(stage, &script, &env);
    for times in 1..=3 {
        terminal.sees_times("ready>", times);
        terminal.types("\r");
    }
    terminal.types("exit\r");
    terminal.ends();
    let trace = std::fs::read_to_string(stage.path("trace")).unwrap();
    let calls = ["execve(", "fork(", "clone(", "clone3("];
    trace
        .lines()
        .filter(|line| calls.iter().any(|call| line.contains(call)))
        .filter(|line| !line.contains("CLONE_THREAD"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn neither_loading_nor_a_prompt_starts_a_process() {
    let nu = format!("'{}' --env-config ~/env.nu --config ~/config.nu", nu());
    for (name, start, rc) in [
        ("bash", "bash -i", (".bashrc", ". ~/init\nPS1='ready> '\n")),
        (
            "zsh",
            "zsh -i",
            (
                ".zshrc",
                "unsetopt PROMPT_SP PROMPT_CR zle\n. ~/init\nPROMPT='ready> '\n",
            ),
        ),
        (
            "elvish",
            "elvish",
            (
                ".config/elvish/rc.elv",
                "eval (slurp < ~/init)\nset edit:prompt = { put 'ready> ' }\nset edit:rprompt = { }\n",
            ),
        ),
        (
            "fish",
            "fish -i",
            (
                ".config/fish/config.fish",
                "set -g fish_greeting\nsource ~/init\nfunction fish_prompt\necho -n 'ready> '\nend\n",
            ),
        ),
        (
            "nu",
            &nu,
            (
                "config.nu",
                "$env.config.show_banner = false\nsource init\n$env.PROMPT_COMMAND = {|| 'ready' }\n$env.PROMPT_COMMAND_RIGHT = ''\n$env.PROMPT_INDICATOR = '> '\n",
            ),
        ),
    ] {
        let stage = Stage::new();
        Sh::named(name).set_up(&stage);
        stage.write(rc.0, rc.1);
        stage.write("init", "");
        // fish makes folders, elvish a daemon.
        processes(&stage, start);
        let without = processes(&stage, start).len();
        stage.write("init", &stage.run(&["init", name]).stdout);
        let with = processes(&stage, start);
        assert_eq!(with.len(), without, "{name}: {with:#?}");
    }
}

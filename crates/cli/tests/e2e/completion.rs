//! Completion: by the scripts in their shells, and by the old recipes.

use super::harness::Stage;
use super::terminal::Terminal;

/// Roles whose names shells find hard.
pub(crate) const ROLES: &str = r#"
    "acme-read": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
        "description": "Sandbox: read only"},
    "acme-write": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
    "two words": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
        "description": "it's \"two\" $HOME"},
    "colon:ed": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
    "at@sign": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
    "wrong": {"aws_profile": "base"}
"#;

/// Another file, with a role that is in no other.
const OTHER: &str = r#"{"assume_roles": {"only-there": {"aws_profile": "base",
    "aws_account": "123456789012", "aws_role": "plain"}}}"#;

/// A shell: how it is started, and its start-up file.
struct Sh {
    name: &'static str,
    start: &'static str,
    rc: (&'static str, &'static str),
    /// Whether it shows what names mean.
    explains: bool,
    /// What it makes of `"two words"`.
    two_words: &'static str,
    /// Whether a `~` stays one.
    keeps_tilde: bool,
}

const SHELLS: [Sh; 5] = [
    Sh {
        name: "bash",
        start: "exec bash -i",
        rc: (
            ".bashrc",
            "eval \"$(assumerole init bash)\"\nPS1='ready> '\nbind 'set bell-style none'\n",
        ),
        explains: true,
        two_words: r"two\ words",
        keeps_tilde: true,
    },
    Sh {
        name: "zsh",
        start: "exec zsh -i",
        rc: (
            ".zshrc",
            "unsetopt PROMPT_SP beep\nautoload -Uz compinit\ncompinit -u\n\
             eval \"$(assumerole init zsh)\"\nPROMPT='ready> '\n",
        ),
        explains: true,
        two_words: r"two\ words",
        keeps_tilde: true,
    },
    Sh {
        name: "fish",
        start: "exec fish -i",
        rc: (
            ".config/fish/config.fish",
            "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n\
             assumerole init fish | source\nfunction fish_prompt\n    echo -n 'ready> '\nend\n",
        ),
        explains: true,
        two_words: r"two\ words",
        keeps_tilde: true,
    },
    Sh {
        name: "elvish",
        start: "exec elvish",
        rc: (
            ".config/elvish/rc.elv",
            "eval (assumerole init elvish | slurp)\nset edit:prompt = { put 'ready> ' }\n\
             set edit:rprompt = { }\n",
        ),
        explains: true,
        two_words: "'two words'",
        keeps_tilde: false,
    },
    Sh {
        name: "nu",
        start: "exec \"$ASSUMEROLE_TEST_NU\" --env-config ~/env.nu --config ~/config.nu",
        rc: (
            "config.nu",
            "$env.config.show_banner = false\nsource init.nu\n$env.PROMPT_COMMAND = {|| 'ready' }\n\
             $env.PROMPT_COMMAND_RIGHT = ''\n$env.PROMPT_INDICATOR = '> '\n",
        ),
        explains: true,
        two_words: "\"two words\"",
        keeps_tilde: true,
    },
];

fn at(stage: &Stage, sh: &Sh) -> Terminal {
    std::fs::create_dir_all(stage.path(".local/share/fish/generated_completions")).unwrap();
    let run = stage.path("run");
    std::fs::create_dir_all(&run).unwrap();
    stage.write(sh.rc.0, sh.rc.1);
    stage.write("env.nu", "");
    stage.write("init.nu", &stage.run(&["init", "nu"]).stdout);
    let nu = std::env::var("ASSUMEROLE_TEST_NU").expect("run cargo xtask test");
    std::fs::create_dir_all(stage.path("folder")).unwrap();
    stage.write("only-here", "");
    stage.write("other.json", OTHER);
    let mut terminal = Terminal::new();
    let env = [
        ("XDG_RUNTIME_DIR", run.to_str().unwrap()),
        ("ASSUMEROLE_TEST_NU", nu.as_str()),
    ];
    terminal.start(stage, sh.start, &env);
    terminal.sees("ready>");
    terminal
}

#[test]
fn every_shell_completes_commands_flags_roles_and_regions() {
    for sh in &SHELLS {
        let stage = Stage::of_roles(ROLES);
        let mut terminal = at(&stage, sh);
        for (typed, completed) in [
            ("assumerole exp", "assumerole export"),
            (
                "assumerole exec --session-n",
                "assumerole exec --session-name",
            ),
            (
                "assumerole exec --region eu-no",
                "assumerole exec --region eu-north-1",
            ),
            ("assumerole exec acme-w", "assumerole exec acme-write"),
            ("assumerole acme-r", "assumerole acme-read"),
            ("assume acme-r", "assume acme-read"),
            ("assume --read-only acme-w", "assume --read-only acme-write"),
            (
                "assumerole export --format po",
                "assumerole export --format powershell",
            ),
            ("assumerole plan colon:", "assumerole plan colon:ed"),
            ("assumerole plan at@", "assumerole plan at@sign"),
            ("assumerole plan \"two w", "assumerole plan \"two words\""),
            ("assumerole plan bas", "assumerole plan base"),
            ("assumerole --mfa bit", "assumerole --mfa bitwarden"),
            (
                "assumerole --config other.json plan only-th",
                "assumerole --config other.json plan only-there",
            ),
            // What the shell knows best.
            (
                "assumerole --config ~/fold",
                "assumerole --config ~/folder/",
            ),
            ("assumerole check fold", "assumerole check folder/"),
            (
                "assumerole exec colon:ed -- cat fold",
                "assumerole exec colon:ed -- cat folder/",
            ),
            (
                "assumerole exec acme-read cat only-h",
                "assumerole exec acme-read cat only-here",
            ),
        ] {
            if typed.contains('~') && !sh.keeps_tilde {
                continue;
            }
            terminal.types(typed);
            terminal.types("\t");
            terminal.eventually(&format!("{}: {completed}", sh.name), || {
                let screen = terminal.screen();
                // zsh and fish would escape it too, where it need not be.
                let line = screen
                    .rsplit("ready> ")
                    .next()
                    .unwrap_or_default()
                    .replace("\\:", ":");
                line.starts_with(completed)
            });
            // A line that is never run.
            terminal.types("\x15");
            terminal.eventually(&format!("{}: an empty prompt", sh.name), || {
                let screen = terminal.screen();
                screen.ends_with("ready>") || screen.ends_with("ready> ")
            });
        }
        terminal.types("assumerole info two");
        terminal.types("\t");
        terminal.sees(&format!("info {}", sh.two_words));
        terminal.types("\r");
        if sh.name == "elvish" {
            // The first one leaves its list.
            terminal.types("\r");
        }
        terminal.sees("account name: two words");
    }
}

#[test]
fn every_shell_shows_what_roles_are() {
    for sh in SHELLS.iter().filter(|sh| sh.explains) {
        let stage = Stage::of_roles(ROLES);
        let mut terminal = at(&stage, sh);
        terminal.types("assumerole info acme-\t");
        if sh.name == "bash" {
            terminal.types("\t");
        }
        terminal.sees("Sandbox: read only");
        terminal.sees("123456789012");
        terminal.types("\x03");
    }
}

/// As people have them in their start-up files.
#[test]
fn the_recipes_of_the_script_still_work() {
    let stage = Stage::of_roles(ROLES);
    stage.write(
        ".bashrc",
        "complete -W \"$(assumerole accountlist_text)\" assumerole\nPS1='ready> '\n",
    );
    let mut terminal = Terminal::new();
    terminal.start(&stage, "exec bash -i", &[]);
    terminal.sees("ready>");
    terminal.types("assumerole acme-w\t");
    terminal.sees("assumerole acme-write");
    // oh-my-zsh's folder for completions is one of `fpath`.
    stage.write(
        "completions/_assumerole",
        "#compdef assumerole\n\n_assumerole() {\n  local -a roles\n  \
         roles=(${(f)\"$(assumerole accountlist_text)\"})\n  compadd -a roles\n}\n\n_assumerole \"$@\"\n",
    );
    stage.write(
        ".zshrc",
        "unsetopt PROMPT_SP\nfpath=(~/completions $fpath)\nautoload -Uz compinit\ncompinit -u\nPROMPT='ready> '\n",
    );
    let mut terminal = Terminal::new();
    terminal.start(&stage, "exec zsh -i", &[]);
    terminal.sees("ready>");
    terminal.types("assumerole acme-w\t");
    terminal.sees("assumerole acme-write");
}

/// A package puts it where zsh looks for it; it is loaded when it is needed.
#[test]
fn packages_have_scripts_of_their_own() {
    let stage = Stage::of_roles(ROLES);
    let script = stage.run(&["completions", "zsh"]);
    assert_eq!((script.stderr.as_str(), script.status), ("", 0));
    stage.write("site-functions/_assumerole", &script.stdout);
    stage.write(
        ".zshrc",
        "unsetopt PROMPT_SP\nfpath=(~/site-functions $fpath)\nautoload -Uz compinit\ncompinit -u\nPROMPT='ready> '\n",
    );
    let mut terminal = Terminal::new();
    terminal.start(&stage, "exec zsh -i", &[]);
    terminal.sees("ready>");
    terminal.types("assumerole acme-w\t");
    terminal.sees("assumerole acme-write");
    for shell in ["bash", "fish", "nu", "powershell", "elvish"] {
        let ran = stage.run(&["completions", shell]);
        assert!(ran.stdout.contains("complete --shell"), "{shell}");
        assert!(
            !ran.stdout.contains("{{") && !ran.stdout.contains("--in-place"),
            "{shell}"
        );
    }
    assert_eq!(stage.run(&["completions", "sh"]).status, 2);
}

//! Completion: by the scripts in their shells, by the old recipes, and what it
//! may cost.

use std::collections::BTreeSet;
use std::process::Command;

use super::harness::Stage;
use super::support::check;
use super::terminal::{Terminal, path_with_program};

/// Roles whose names shells find hard.
const ROLES: &str = r#"
    "acme-read": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
        "description": "Sandbox: read only"},
    "acme-write": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
    "two words": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain",
        "description": "it's \"two\" $HOME"},
    "colon:ed": {"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"},
    "wrong": {"aws_profile": "base"}
"#;

/// A shell: how it is started, and its start-up file.
struct Sh {
    name: &'static str,
    start: &'static str,
    rc: (&'static str, &'static str),
    /// Whether it shows what names mean.
    explains: bool,
    /// What it makes of `"two words"`.
    two_words: &'static str,
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
fn every_shell_completes_verbs_flags_roles_and_regions() {
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
        ] {
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

fn completed(stage: &Stage, words: &[&str]) -> Vec<String> {
    let args = [&["complete", "--shell", "tab", "--", "assumerole"], words].concat();
    let ran = stage.run(&args);
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let first = |line: &str| line.split('\t').next().unwrap().to_owned();
    ran.stdout.lines().map(first).collect()
}

#[test]
fn places_where_names_stand() {
    let stage = Stage::of_roles(ROLES);
    let roles = ["acme-read", "acme-write", "two words", "colon:ed", "wrong"];
    for verb in ["exec", "export", "plan", "info", "logout", "login"] {
        assert_eq!(completed(&stage, &[verb, ""]), roles, "{verb}");
    }
    let top: BTreeSet<String> = completed(&stage, &[""]).into_iter().collect();
    for name in roles
        .iter()
        .chain(&["exec", "doctor", "init", "completions"])
    {
        assert!(top.contains(*name), "{name}");
    }
    for hidden in ["renew", "complete", "--in-place"] {
        assert!(!top.contains(hidden), "{hidden}");
    }
    assert_eq!(
        completed(&stage, &["logout", "acme-read", "acme-w"]),
        ["acme-write"]
    );
    assert_eq!(
        completed(&stage, &["--region=us-gov-"]),
        ["--region=us-gov-east-1", "--region=us-gov-west-1"]
    );
    assert_eq!(completed(&stage, &["--nothing-like-it"]), [""; 0]);
    assert_eq!(
        completed(&stage, &["exec", "acme-read", "--", "l"]),
        [""; 0]
    );
}

/// Nothing is made, nobody is asked, and what is wrong stays unsaid.
#[test]
fn completing_leaves_no_trace() {
    let stage = Stage::of_roles(ROLES);
    assert_eq!(completed(&stage, &["exec", "acme-r"]), ["acme-read"]);
    assert!(!stage.path(".assumerole.d").exists());
    assert_eq!(stage.requests(), 0);
    for broken in ["{", "{\"assume_roles\": 3}", ""] {
        stage.write(".assumerole", broken);
        assert_eq!(completed(&stage, &["exec", "acme-r"]), [""; 0], "{broken}");
    }
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    assert_eq!(completed(&stage, &["exec", "acme-r"]), [""; 0]);
    assert_eq!(completed(&stage, &["stat"]), ["status"]);
}

/// Of ten thousand roles only those that begin so are read; and no file but
/// those that hold them is opened for writing, locked, or sent anywhere.
#[test]
fn ten_thousand_roles() {
    let one = |n: usize| {
        format!(
            r#""role-{n:05}": {{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "r", "description": "number {n}"}}"#
        )
    };
    let roles: Vec<String> = (0..10_000).map(one).collect();
    let stage = Stage::of_roles(&roles.join(",\n"));
    // The index is there once the program was used.
    assert_eq!(
        stage.run(&["accountlist_text"]).stdout.lines().count(),
        10_000
    );
    assert_eq!(completed(&stage, &["exec", ""]).len(), 10_000);
    let mut command = Command::new("strace");
    command
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=network,flock,openat,read,pread64,process",
            "-o",
        ])
        .arg(stage.path("trace"))
        .arg(super::harness::program())
        .args([
            "complete",
            "--shell",
            "tab",
            "--",
            "assumerole",
            "exec",
            "role-0123",
        ]);
    stage.clear(&mut command);
    command.env("PATH", path_with_program());
    let ran = stage.ran(&mut command);
    let expected: String = (1230..1240)
        .map(|n| format!("role-{n:05}\t123456789012  number {n}\n"))
        .collect();
    check(&ran, &expected, "", 0);
    let trace = std::fs::read_to_string(stage.path("trace")).unwrap();
    assert!(trace.contains(".index"), "{trace}");
    for call in [
        "socket(", "connect(", "flock(", "O_WRONLY", "O_RDWR", "O_CREAT", "clone", "/dev/tty",
    ] {
        assert!(!trace.contains(call), "{call}");
    }
}

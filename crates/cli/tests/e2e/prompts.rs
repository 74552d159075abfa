//! `prompt`, and the recipes for prompts in docs/shell.md, word for word.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;

use super::harness::{Ran, Stage};
use super::support::Checks;
use super::terminal::{Terminal, path_with_program};

const PAGE: &str = include_str!("../../../../docs/shell.md");

/// The recipe below a heading of the page: its first block, or the one that
/// begins with `first`.
fn recipe(heading: &str, first: &str) -> String {
    let (_, part) = PAGE.split_once(&format!("\n### {heading}\n")).unwrap();
    let part = part.split("\n#").next().unwrap();
    let mut blocks = part.split("\n```").skip(1).step_by(2);
    let block = blocks.find_map(|block| {
        let text = block.split_once('\n').unwrap().1;
        text.starts_with(first).then(|| format!("{text}\n"))
    });
    block.unwrap_or_else(|| panic!("no recipe for {heading} begins with {first:?}"))
}

/// When a role ends that has so many seconds left, with most of a minute to
/// spare for a machine that is busy.
fn ends_in(seconds: i64) -> String {
    (Timestamp::now().as_second() + seconds + 55).to_string()
}

#[test]
fn what_is_shown_and_in_which_colour() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    let (calm, soon) = (ends_in(3000), ends_in(300));
    let role = [("AWS_ACCOUNT", "read"), ("TERM", "xterm")];
    let calm = ("ASSUMEROLE_EXPIRES", calm.as_str());
    let soon = ("ASSUMEROLE_EXPIRES", soon.as_str());
    let over = ("ASSUMEROLE_EXPIRES", "1000");
    let prod = ("ASSUMEROLE_PROD", "1");
    let all = "{role}/{account}/{region}/{left}";
    let (red, yellow, off) = ("\x1b[1;31m", "\x1b[33m", "\x1b[0m");
    for (case, args, more, expected) in [
        ("by default", &[][..], &[calm][..], "read 50m"),
        ("no end", &[], &[], "read"),
        (
            "all",
            &["--format", all],
            &[
                calm,
                ("AWS_ACCOUNT_ID", "123456789012"),
                ("AWS_REGION", "eu-west-1"),
            ],
            "read/123456789012/eu-west-1/50m",
        ),
        ("groups", &["--format", "{role}[ in {region}]"], &[], "read"),
        (
            "region by its other name",
            &["--format", "{region}"],
            &[("AWS_DEFAULT_REGION", "x-y-1")],
            "x-y-1",
        ),
        (
            "the end by its other name",
            &[],
            &[("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")],
            "read expired",
        ),
        ("calm", &["--shell", "fish"], &[calm], "read 50m"),
        ("prod, no shell", &[], &[calm, prod], "read 50m"),
        (
            "prod",
            &["--shell", "fish"],
            &[calm, prod],
            &format!("{red}read{off} 50m"),
        ),
        (
            "soon",
            &["--shell", "sh"],
            &[soon],
            &format!("read {yellow}5m{off}"),
        ),
        (
            "over",
            &["--shell", "nu"],
            &[over],
            &format!("read {red}expired{off}"),
        ),
        (
            "bash",
            &["--shell", "bash"],
            &[calm, prod],
            &format!("\x01{red}\x02read\x01{off}\x02 50m"),
        ),
        (
            "zsh",
            &["--shell", "zsh"],
            &[calm, prod],
            &format!("%{{{red}%}}read%{{{off}%}} 50m"),
        ),
        (
            "tmux",
            &["--shell", "tmux"],
            &[calm, prod],
            "#[fg=red,bold]read#[default] 50m",
        ),
        (
            "zsh's own",
            &["--shell", "zsh"],
            &[("AWS_ACCOUNT", "100%F{red}")],
            "100%%F{red}",
        ),
        (
            "tmux's own",
            &["--shell", "tmux"],
            &[("AWS_ACCOUNT", "#(id)")],
            "##(id)",
        ),
        (
            "no colour",
            &["--shell", "bash"],
            &[calm, prod, ("NO_COLOR", "1")],
            "read 50m",
        ),
        (
            "dumb",
            &["--shell", "bash"],
            &[calm, prod, ("TERM", "dumb")],
            "read 50m",
        ),
        (
            "hostile",
            &[],
            &[("AWS_ACCOUNT", "a\x1b[31m\nb")],
            "a�[31m b",
        ),
        // What is wrong elsewhere is none of a prompt's business.
        (
            "nonsense",
            &[],
            &[
                calm,
                ("AWS_MAX_ATTEMPTS", "x"),
                ("ASSUMEROLE_KEY_STORE", "x"),
            ],
            "read 50m",
        ),
        (
            "end that is none",
            &[],
            &[("ASSUMEROLE_EXPIRES", "soon")],
            "read",
        ),
    ] {
        let mut command = stage.command(&[&["prompt"], args].concat());
        let ran = stage.ran(command.envs(role).envs(more.iter().copied()));
        checks.ran(case, &ran, expected, "", 0);
    }
    checks.ran("no role", &stage.run(&["prompt"]), "", "", 0);
    for format in ["{who}", "[", "}", "{role", "%F{red}"] {
        let ran: Ran = stage.run(&["prompt", "--format", format]);
        checks.number(format, ran.status.unsigned_abs() as usize, 2);
        checks.same(format, &ran.stdout, "");
    }
}

/// No file: not ours, not those of AWS.
#[test]
fn it_reads_the_environment_alone() {
    let stage = Stage::new();
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-e", "trace=openat,open,connect,execve", "-o"])
        .arg(stage.path("trace"))
        .arg(super::harness::program())
        .arg("prompt");
    stage.clear(&mut command);
    command.env("AWS_ACCOUNT", "read");
    assert_eq!(stage.ran(&mut command).stdout, "read");
    let trace = std::fs::read_to_string(stage.path("trace")).unwrap();
    let opened = trace.lines().filter(|line| line.contains("open"));
    let opened: Vec<&str> = opened
        .filter(|line| line.contains(stage.home().to_str().unwrap()))
        .collect();
    assert!(opened.is_empty(), "{opened:?}");
    assert!(!stage.path(".assumerole.d").exists());
}

/// A terminal in a role that is tagged, with a start-up file and a shell.
fn in_prod(stage: &Stage, start: &str, rc: (&str, &str)) -> Terminal {
    std::fs::create_dir_all(stage.path(".local/share/fish/generated_completions")).unwrap();
    stage.write(rc.0, rc.1);
    let ends = ends_in(3000);
    let mut terminal = Terminal::new();
    let env = [
        ("AWS_ACCOUNT", "acme-prod"),
        ("AWSUME_PROFILE", "acme-prod"),
        ("ASSUMEROLE_PROD", "1"),
        ("ASSUMEROLE_EXPIRES", ends.as_str()),
    ];
    terminal.start(stage, start, &env);
    terminal
}

#[test]
fn the_recipes_of_shells() {
    let bash = format!("PS1='ready> '\n{}", recipe("bash", ""));
    let zsh = format!(
        "unsetopt PROMPT_SP\nPROMPT='ready> '\n{}",
        recipe("zsh", "")
    );
    let omz = format!(
        "unsetopt PROMPT_SP\nsetopt prompt_subst\nPROMPT='ready> '\n{}",
        recipe("oh-my-zsh", "RPROMPT")
    );
    let fish = format!(
        "set -g fish_greeting\nfunction fish_prompt\n    echo -n 'ready> '\nend\n{}",
        recipe("fish", "")
    );
    for (start, rc, shown) in [
        (
            "exec bash -i",
            (".bashrc", bash.as_str()),
            "(acme-prod 50m) ready>",
        ),
        (
            "exec zsh -i",
            (".zshrc", zsh.as_str()),
            "(acme-prod 50m) ready>",
        ),
        ("exec zsh -i", (".zshrc", omz.as_str()), "acme-prod 50m"),
        (
            "exec fish -i",
            (".config/fish/config.fish", fish.as_str()),
            "(acme-prod 50m) ready>",
        ),
    ] {
        let stage = Stage::new();
        let terminal = in_prod(&stage, start, rc);
        terminal.sees(shown);
        assert!(
            terminal.all().contains("\x1b[1;31macme-prod"),
            "{}",
            terminal.all()
        );
    }
}

/// The shell knows where its prompt ends: a line that fills the terminal wraps
/// at its edge, and goes when it is erased.
#[test]
fn a_prompt_in_colours_is_as_long_as_it_looks() {
    for (start, rc, prompt) in [
        (
            "exec bash -i",
            ".bashrc",
            format!("PS1='> '\n{}", recipe("bash", "")),
        ),
        (
            "exec zsh -i",
            ".zshrc",
            format!("unsetopt PROMPT_SP\nPROMPT='> '\n{}", recipe("zsh", "")),
        ),
    ] {
        let stage = Stage::new();
        let mut terminal = in_prod(&stage, start, (rc, &prompt));
        terminal.sees("(acme-prod 50m) >");
        let line = format!("echo {}", "0123456789".repeat(10));
        terminal.types(&line);
        let wanted = format!("(acme-prod 50m) > {line}");
        terminal.eventually("it wraps at the edge", || terminal.screen() == wanted);
        terminal.types("\x15");
        terminal.eventually("it is erased", || terminal.screen() == "(acme-prod 50m) >");
    }
}

#[test]
fn the_recipe_of_powerlevel9k() {
    let theme = "/usr/share/powerlevel9k/powerlevel9k.zsh-theme";
    assert!(
        Path::new(theme).is_file(),
        "{theme} is missing; run cargo xtask test"
    );
    let rc = format!(
        "unsetopt PROMPT_SP\nPOWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(custom_role)\n\
         POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS=()\n{}source {theme}\n",
        recipe("powerlevel10k", "POWERLEVEL9K_CUSTOM")
    );
    let stage = Stage::new();
    let terminal = in_prod(&stage, "exec zsh -i", (".zshrc", &rc));
    terminal.sees("acme-prod 50m");
}

#[test]
fn starship_shows_the_role_and_the_recipe_too() {
    let stage = Stage::new();
    let venv = std::env::var_os("ASSUMEROLE_TEST_VENV").expect("run cargo xtask test");
    // Not every pip makes it a program.
    let starship = stage.path("starship");
    std::fs::copy(Path::new(&venv).join("bin/starship"), &starship).expect("run cargo xtask test");
    std::fs::set_permissions(&starship, std::fs::Permissions::from_mode(0o755)).unwrap();
    stage.write(".config/starship.toml", &recipe("starship", ""));
    let module = |name: &str, role: &str| {
        // In a real role, as `exec` makes it.
        let mut command = stage.command(&["exec", role, "--"]);
        command.arg(&starship).args(["module", name]);
        command
            .env("PATH", path_with_program())
            .env("TERM", "xterm");
        let ran = stage.ran(&mut command);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        ran.stdout
    };
    stage.warm("read");
    let aws = module("aws", "read");
    assert!(
        aws.contains("read (eu-central-1) [59m") || aws.contains("read (eu-central-1) [1h0m0s"),
        "{aws}"
    );
    assert!(module("custom.role", "read").contains("read 59m"));
    // bash runs what a prompt holds.
    let mut command = Command::new(&starship);
    command.args(["module", "custom.role"]);
    stage.clear(&mut command);
    let env = [("STARSHIP_SHELL", "bash"), ("AWS_ACCOUNT", "$(id)`id`")];
    let ran = stage.ran(command.envs(env).env("PATH", path_with_program()));
    assert!(ran.stdout.contains("\\$(id)\\`id\\`"), "{}", ran.stdout);
    let tagged = super::harness::CONFIG.replace(
        "\"aws_role\": \"read\"",
        "\"aws_role\": \"read\", \"tags\": [\"prod\"]",
    );
    stage.write(".assumerole", &tagged);
    assert!(module("custom.role", "read").contains("\x1b[1;31mread\x1b[0m 59m"));
}

#[test]
fn the_recipe_of_tmux() {
    let stage = Stage::new();
    stage.write(
        ".tmux.conf",
        &format!(
            "set -g default-command 'bash -i'\n{}",
            recipe("tmux", "set -g")
        ),
    );
    let rc = format!("PS1='ready> '\n{}", recipe("tmux", "PROMPT_COMMAND"));
    let socket = stage.path("tmux");
    let start = format!("exec tmux -u -S {} new-session", socket.display());
    let mut terminal = in_prod(&stage, &start, (".bashrc", &rc));
    terminal.sees("ready>");
    terminal.sees("acme-prod 50m");
    terminal.types("exit\r");
    terminal.end_of_shell();
}

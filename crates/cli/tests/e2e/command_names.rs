//! Roles that have the name of a command: no command takes a role away from
//! anybody. Alone it does nothing and says so, with anything behind it it is the
//! command, and behind `--` it is always the role.

use super::harness::Stage;
use super::support::Checks;
use super::terminal::Terminal;

const ENTRY: &str =
    r#"{"aws_profile": "base", "aws_account": "123456789012", "aws_role": "plain"}"#;

/// What a command does alone, where a role has its name.
enum Alone {
    /// Nothing; it is written like this.
    Usage(&'static str),
    /// Nothing; any option makes it the command.
    Option,
    /// What it has always done: the script of the same name had it.
    Runs,
}

/// What each command does. A new command must have an answer here.
fn alone(subcommand: &str) -> Alone {
    match subcommand {
        "accountlist" | "accountlist_text" | "info" => Alone::Runs,
        "add" | "check" | "doctor" | "export" | "history" | "import" | "list" | "login"
        | "logout" | "prompt" | "schema" | "status" => Alone::Option,
        "codeartifact" => Alone::Usage("assumerole codeartifact <ROLE>"),
        "console" => Alone::Usage("assumerole console [OPTIONS] <ROLE>..."),
        "completions" => Alone::Usage("assumerole completions <SHELL>"),
        "credential-process" => Alone::Usage("assumerole credential-process [OPTIONS] <ROLE>"),
        "accounts" => Alone::Usage("assumerole accounts [OPTIONS] <COMMAND>"),
        "each" => Alone::Usage("assumerole each [OPTIONS] <PATTERN>... -- <COMMAND> [ARGS]..."),
        "ecr-login" => Alone::Usage("assumerole ecr-login [OPTIONS] <ROLE>"),
        "edit" => Alone::Usage("assumerole edit [OPTIONS] <NAME>"),
        "eks-token" => Alone::Usage("assumerole eks-token [OPTIONS] <ROLE> <CLUSTER>"),
        "exec" => Alone::Usage("assumerole exec [OPTIONS] <ROLE> [--] <COMMAND> [ARGS]..."),
        "help" => Alone::Usage("assumerole --help"),
        "init" => Alone::Usage("assumerole init <SHELL>"),
        "keys" => Alone::Usage("assumerole keys [OPTIONS] <COMMAND>"),
        "mfa" => Alone::Usage("assumerole mfa [OPTIONS] <COMMAND>"),
        "plan" => Alone::Usage("assumerole plan <ROLE>"),
        "profiles" => Alone::Usage("assumerole profiles [OPTIONS] <COMMAND>"),
        "rds-token" => Alone::Usage("assumerole rds-token [OPTIONS] <ROLE> <HOST[:PORT]> <USER>"),
        "remove" => Alone::Usage("assumerole remove [OPTIONS] <NAME>"),
        "rename" => Alone::Usage("assumerole rename [OPTIONS] <OLD> <NEW>"),
        "ssh-proxy" => Alone::Usage("assumerole ssh-proxy [OPTIONS] <ROLE> <INSTANCE> [PORT]"),
        "sso" => Alone::Usage("assumerole sso [OPTIONS] <COMMAND>"),
        "serve" => Alone::Usage("assumerole serve <ROLE>..."),
        // Hidden: what our own scripts and processes call.
        "docker-credential" => Alone::Usage("assumerole docker-credential <ACTION>"),
        "complete" => Alone::Usage("assumerole complete --shell <SHELL> [WORDS]..."),
        "renew" => Alone::Usage("assumerole renew --format <FORMAT>"),
        "server-process" => Alone::Usage("assumerole server-process --handed-over <HANDED_OVER>"),
        subcommand => {
            panic!("{subcommand} is a new command: what if somebody's role is called so?")
        }
    }
}

/// The names of all commands, as the program's help has them, and of those
/// that are not in it.
fn subcommands(stage: &Stage) -> Vec<String> {
    let help = stage.run(&["--help"]).stdout;
    let groups = help
        .split("\n\n")
        .filter(|part| part.starts_with("Commands "));
    let lines = groups.flat_map(|group| group.lines().skip(1));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    let hidden = ["complete", "docker-credential", "renew", "server-process"];
    let subcommands: Vec<String> = names.chain(hidden).map(str::to_owned).collect();
    assert!(subcommands.len() > 25, "{help}");
    subcommands
}

fn said(subcommand: &str, how: &Alone) -> String {
    let command = match how {
        Alone::Usage(usage) => format!("run the command: {usage}"),
        _ => format!("for the command, add an option: assumerole {subcommand} -v"),
    };
    let line = format!("error: {subcommand} is both a command and a role; nothing was done");
    let role = format!("assume the role: assumerole -- {subcommand}");
    match subcommand {
        "credential-process" => format!("{line}; {role}, {command}\n"),
        _ => format!("{line}\n  hint: {role}\n  hint: {command}\n"),
    }
}

fn status(subcommand: &str) -> i32 {
    // Those that run a command end as if it could not be run.
    let runs = [
        "exec",
        "complete",
        "docker-credential",
        "renew",
        "server-process",
    ];
    if runs.contains(&subcommand) { 125 } else { 2 }
}

#[test]
fn a_role_with_the_name_of_a_command_is_not_taken_away() {
    let stage = Stage::new();
    let subcommands = subcommands(&stage);
    let entries: Vec<String> = subcommands
        .iter()
        .map(|subcommand| format!("{subcommand:?}: {ENTRY}"))
        .collect();
    stage.roles(&entries.join(","));
    let file = || std::fs::read_to_string(stage.path(".assumerole")).unwrap();
    let (before, mut checks) = (file(), Checks::default());
    for subcommand in subcommands.iter().map(String::as_str) {
        let how = alone(subcommand);
        for env in [&[][..], &[("ASSUMEROLE_COMMAND", "true")]] {
            let ran = stage.run_in(&[subcommand], env);
            match how {
                Alone::Runs => assert!(!ran.stderr.contains("both"), "{ran:?}"),
                // Where a prompt calls it; see below.
                _ if subcommand == "prompt" => checks.ran(subcommand, &ran, "", "", 0),
                _ => checks.ran(
                    subcommand,
                    &ran,
                    "",
                    &said(subcommand, &how),
                    status(subcommand),
                ),
            }
        }
        let command = [("ASSUMEROLE_COMMAND", "printenv AWS_ACCOUNT")];
        let role = stage.run_in(&["--", subcommand], &command);
        checks.ran(subcommand, &role, &format!("{subcommand}\n"), "", 0);
    }
    checks.same("nothing was done", &file(), &before);
    // All of them are one role of AWS.
    checks.number("requests", stage.requests(), 1);
}

/// Whoever types it sees it; a prompt, which has no terminal, reads no file.
#[test]
fn the_prompt_is_told_at_a_terminal() {
    let stage = Stage::new();
    stage.roles(&format!("\"prompt\": {ENTRY}"));
    let mut terminal = Terminal::new();
    terminal.start(&stage, "exec assumerole prompt", &[]);
    assert_eq!(terminal.ends(), 2);
    let said = said("prompt", &Alone::Option);
    assert_eq!(terminal.screen(), said.trim_end());
}

/// What makes it the command: any argument of its own, and for those that have
/// none any option.
#[test]
fn with_anything_behind_it_it_is_the_command() {
    let mut checks = Checks::default();
    for (args, status) in [
        (
            &[
                "add",
                "new",
                "--profile",
                "base",
                "--role",
                "plain",
                "--account",
                "123456789012",
            ][..],
            0,
        ),
        (&["check", "--json"], 0),
        (&["codeartifact", "x"], 4),
        (&["completions", "bash"], 0),
        (&["credential-process", "credential-process"], 0),
        (&["doctor", "--offline"], 0),
        (&["edit", "edit", "--region", "eu-west-1"], 0),
        (&["exec", "exec", "true"], 0),
        (&["export", "export"], 0),
        (&["help", "exec"], 0),
        (&["history", "-n", "1"], 0),
        (&["import", "--dry-run"], 0),
        (&["init", "bash"], 0),
        (&["keys", "list"], 0),
        (&["accounts", "list"], 0),
        (&["list", "list"], 0),
        (&["list", "-v"], 0),
        (&["login", "login"], 2),
        (&["logout", "logout"], 0),
        (&["logout", "-v"], 0),
        (&["mfa", "list", "base"], 6),
        (&["plan", "plan"], 0),
        (&["profiles", "remove"], 0),
        (&["remove", "--yes", "remove"], 0),
        (&["rename", "rename", "x"], 0),
        (&["schema", "-v"], 0),
        (&["sso", "login"], 4),
        (&["status", "-v"], 0),
    ] {
        let (stage, subcommand) = (Stage::new(), args[0]);
        stage.roles(&format!("{subcommand:?}: {ENTRY}"));
        let ran = stage.run(args);
        let told = ran.stderr.contains("is both a command and a role");
        checks.same(&args.join(" "), &told.to_string(), "false");
        checks.same(
            &format!("{args:?}: {}", ran.stderr),
            &ran.status.to_string(),
            &status.to_string(),
        );
    }
}

/// `assumerole ROLE CODE` was a call of the role.
#[test]
fn with_a_code_behind_it_the_role_is_hinted_at() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    for subcommand in [
        "edit", "remove", "rename", "list", "status", "plan", "logout", "profiles", "help",
    ] {
        stage.roles(&format!("{subcommand:?}: {ENTRY}"));
        let ran = stage.run(&[subcommand, "123456"]);
        let hint =
            format!("  hint: assume the role {subcommand}: assumerole -- {subcommand} 123456\n");
        checks.same(
            &format!("{subcommand}: {}", ran.stderr),
            &ran.stderr.contains(&hint).to_string(),
            "true",
        );
        checks.same(subcommand, &ran.stdout, "");
    }
}

/// A profile may be called so, too; and without either, something is missing.
#[test]
fn profiles_count_and_nothing_is_said_without_either() {
    let stage = Stage::new();
    let mut checks = Checks::default();
    stage.roles("");
    let endpoint = stage.sandbox.endpoint();
    for subcommand in ["edit", "list", "exec", "help"] {
        let profile = format!(
            "[profile {subcommand}]\nrole_arn = arn:aws:iam::123456789012:role/plain\nsource_profile = base\n"
        );
        stage.write(
            ".aws/config",
            &format!("{profile}[profile base]\nendpoint_url = {endpoint}\n"),
        );
        let ran = stage.run(&[subcommand]);
        checks.ran(
            subcommand,
            &ran,
            "",
            &said(subcommand, &alone(subcommand)),
            status(subcommand),
        );
        stage.write(".aws/config", "");
        let ran = stage.run(&[subcommand]);
        let told = ran.stderr.contains("is both a command and a role");
        checks.same(subcommand, &told.to_string(), "false");
    }
    for (subcommand, usage, missing) in [
        ("edit", "assumerole edit [OPTIONS] <NAME>", "NAME"),
        ("remove", "assumerole remove [OPTIONS] <NAME>", "NAME"),
        ("rename", "assumerole rename [OPTIONS] <OLD> <NEW>", "OLD"),
    ] {
        let said = format!(
            "error: missing: <{missing}>\n  hint: write: {usage}\n  hint: see: assumerole {subcommand} --help\n"
        );
        checks.ran(subcommand, &stage.run(&[subcommand]), "", &said, 2);
    }
}

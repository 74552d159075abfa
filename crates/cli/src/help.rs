//! The help of the program as a whole: its commands in groups, and examples.
//! Made only when somebody asks for it.

use std::fmt::Write as _;

use clap::Command;
use clap::builder::StyledStr;

use crate::grammar::Grammar;

/// The commands by what one wants of them. One that is in none of these is
/// listed with the others at the end.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Commands to use a role",
        &[
            "exec",
            "each",
            "export",
            "credential-process",
            "serve",
            "console",
            "codeartifact",
            "ecr-login",
            "eks-token",
            "rds-token",
            "ssh-proxy",
            "login",
            "sso",
            "logout",
        ],
    ),
    (
        "Commands to look at things",
        &["list", "status", "info", "plan", "history"],
    ),
    (
        "Commands for setup and troubleshooting",
        &[
            "init", "add", "edit", "rename", "remove", "accounts", "import", "keys", "mfa",
            "profiles", "check", "doctor", "schema",
        ],
    ),
    (
        "Commands for scripts",
        &["prompt", "accountlist", "accountlist_text", "completions"],
    ),
    ("Commands for help", &["help"]),
];
const OTHERS: &str = "Commands of other kinds";

/// What to type, and what happens.
const EXAMPLES: [(&str, &str); 5] = [
    ("assumerole", "choose a role and start a shell in it"),
    ("assumerole acme-read 123456", "a role, with the MFA code"),
    ("assumerole -", "the previous role"),
    ("assumerole exec acme-read -- aws s3 ls", "one command"),
    (
        "eval \"$(assumerole export acme-read)\"",
        "this shell, not a new one",
    ),
];

/// The command line with that help.
pub(crate) fn command(grammar: Grammar) -> Command {
    let command = grammar();
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}\n{}{{all-args}}{{after-help}}",
        examples(&command),
        groups(&command),
    );
    command
        .mut_subcommands(|subcommand| subcommand.hide(true))
        .help_template(template)
}

/// The help of the function that `init` makes, which calls `export` with the
/// words that a person types behind it.
pub(crate) fn in_place(grammar: Grammar) -> StyledStr {
    let mut command = grammar();
    command.build();
    let export = command.find_subcommand("export").cloned();
    let assume = export
        .unwrap_or_default()
        .display_name("assume")
        .bin_name("assume");
    let mut assume = assume
        .about("Change the role of this shell")
        .override_usage("assume [OPTIONS] [ROLE [CODE]]\n       assume --off")
        .mut_arg("format", |format| format.hide(true))
        .mut_arg("off", |off| {
            off.help("Leave the role: the shell is as it was before")
        })
        .after_help(IN_PLACE);
    assume.render_help()
}

const IN_PLACE: &str = "\
Without ROLE, choose one; - is the previous one. Credentials are renewed before a
prompt if that takes no question. For the program itself: assumerole --help";

fn examples(command: &Command) -> String {
    let widest = EXAMPLES.iter().map(|(typed, _)| typed.len()).max();
    let rows = EXAMPLES.map(|(typed, what)| (typed, what.to_owned()));
    section(command, "Examples", &rows, widest.unwrap_or(0))
}

/// Each group with its commands, in the order given here.
fn groups(command: &Command) -> String {
    let subcommands: Vec<(&str, String)> = command
        .get_subcommands()
        .filter(|subcommand| !subcommand.is_hide_set())
        .map(|subcommand| {
            let about = subcommand.get_about().map(ToString::to_string);
            (subcommand.get_name(), about.unwrap_or_default())
        })
        .collect();
    let widest = subcommands
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (heading, group) in GROUPS {
        let named = |name: &&str| {
            subcommands
                .iter()
                .find(|subcommand| subcommand.0 == *name)
                .cloned()
        };
        let rows: Vec<(&str, String)> = group.iter().filter_map(named).collect();
        text.push_str(&section(command, heading, &rows, widest));
        text.push('\n');
    }
    let others: Vec<(&str, String)> = subcommands
        .iter()
        .filter(|subcommand| {
            !GROUPS
                .iter()
                .any(|(_, group)| group.contains(&subcommand.0))
        })
        .cloned()
        .collect();
    if !others.is_empty() {
        text.push_str(&section(command, OTHERS, &others, widest));
        text.push('\n');
    }
    text
}

/// A heading and two columns, in the styles of the rest of the help.
fn section(command: &Command, heading: &str, rows: &[(&str, String)], widest: usize) -> String {
    let styles = command.get_styles();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut text = format!("{header}{heading}:{header:#}\n");
    for (left, right) in rows {
        let pad = widest - left.len();
        let _ = writeln!(text, "  {literal}{left}{literal:#}{:pad$}  {right}", "");
    }
    text
}

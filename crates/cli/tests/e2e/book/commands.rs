//! Blocks of commands: pasted at a terminal, all at once.

use std::process::Command;

use rustix::process::Signal;

use super::stage::{
    On, bare, in_role, newcomer, signed_in, signing_in, warm, with_artifacts, without_roles,
};
use super::{Block, block};
use crate::harness::Stage;
use crate::support::Checks;
use crate::terminal::{CTRL_C, QUESTION, Terminal};

/// A block, and what a person does with it.
struct Pasted {
    page: &'static str,
    /// How its text begins.
    first: &'static str,
    /// What was done before.
    before: fn() -> Stage,
    /// What a person waits for, and then types.
    typed: &'static [(&'static str, &'static str)],
    /// What is to be seen besides the output that the block has, in this order.
    shows: &'static [&'static str],
    /// 130: ended by Ctrl-C.
    status: u32,
    /// `e`: the first command that fails ends it.
    flags: &'static str,
}

const CODE: (&str, &str) = (QUESTION, "CODE\r");

const GUIDE: &str = "docs/guide.md";
const START: &str = "docs/start.md";
const RECIPES: &str = "docs/recipes.md";
const README: &str = "README.md";

const fn pasted(page: &'static str, first: &'static str, before: fn() -> Stage) -> Pasted {
    Pasted {
        page,
        first,
        before,
        typed: &[],
        shows: &[],
        status: 0,
        flags: "-ec",
    }
}

impl Pasted {
    const fn typing(mut self, typed: &'static [(&'static str, &'static str)]) -> Self {
        self.typed = typed;
        self
    }

    const fn showing(mut self, shows: &'static [&'static str]) -> Self {
        self.shows = shows;
        self
    }

    /// A command of it ends with a status of its own.
    const fn going_on(mut self) -> Self {
        self.flags = "-c";
        self
    }

    const fn ending(mut self, status: u32) -> Self {
        self.status = status;
        self
    }
}

const ADMIN: &str = "arn:aws:sts::0:assumed-role/admin/jdoe";

const PASTED: [Pasted; 38] = [
    pasted(README, "$ assumerole acme-sandbox-read", bare)
        .typing(&[CODE])
        .ending(0),
    pasted(README, "aws configure", bare).typing(&[
        ("Access Key ID", "AKIAIOSFODNN7EXAMPLE\r"),
        (
            "Secret Access Key",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\r",
        ),
        ("region name", "\r"),
        ("output format", "\r"),
    ]),
    pasted(README, "assumerole doctor", bare)
        .typing(&[("Esc cancel", "\r"), CODE])
        .showing(&[
            "shell in ",
            "shell in acme-sandbox-read",
            "buckets of acme-sandbox-read",
        ]),
    pasted(GUIDE, "assumerole                     # choose", warm)
        .typing(&[("Esc cancel", "acme-read\r")])
        .showing(&[
            "shell in acme-read",
            "shell in acme-read",
            "shell in acme-read",
        ]),
    pasted(GUIDE, "$ assumerole -", || {
        in_role("acme-admin --read-only")
    }),
    pasted(GUIDE, "assumerole exec acme-read -- aws s3 ls", warm).showing(&[
        "buckets of acme-read",
        "arn:aws:sts::0:assumed-role/read/jdoe",
        "buckets of acme-read",
    ]),
    pasted(GUIDE, "for role in", warm)
        .showing(&["assumed-role/read/jdoe", "assumed-role/prod-deploy/jdoe"]),
    pasted(GUIDE, "$ assumerole exec --serve acme-admin", warm)
        .showing(&[ADMIN, "shell in acme-admin"]),
    pasted(GUIDE, "$ assumerole login acme-admin", bare).typing(&[CODE]),
    pasted(GUIDE, "$ assumerole serve acme-read acme-admin", warm)
        .typing(&[("AWS_CONTAINER_AUTHORIZATION_TOKEN", CTRL_C)])
        .ending(130),
    pasted(GUIDE, "$ eval \"$(assumerole serve --detach", warm),
    pasted(GUIDE, "$ HTTP_PROXY=", || in_role("acme-read")).ending(1),
    pasted(GUIDE, "assumerole login ROLE", bare).typing(&[CODE]),
    pasted(GUIDE, "assumerole keys import --dry-run", warm).typing(&[
        ("[y/N]", "y\r"),
        ("passphrase", "one two three four five\r"),
        ("again", "one two three four five\r"),
    ]),
    pasted(GUIDE, "assumerole keys rotate", warm).typing(&[("[y/N]", "y\r"), CODE]),
    pasted(GUIDE, "assumerole mfa add --verify", bare).typing(&[
        (
            "Secret of the device:",
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\r",
        ),
        ("passphrase", "one two three four five\r"),
        ("again", "one two three four five\r"),
    ]),
    pasted(GUIDE, "$ assumerole accounts sync", warm)
        .typing(&[("[Y/n]", "\r")])
        .showing(&["buckets of acme-prod/read", "buckets of acme-test/read"]),
    pasted(GUIDE, "$ assumerole each", warm),
    pasted(GUIDE, "$ assumerole console acme-read", warm),
    pasted(GUIDE, "mkdir -p ~/.local/bin", warm),
    pasted(GUIDE, "assumerole acme-admin --read-only", warm)
        .showing(&["shell in acme-admin", ADMIN]),
    pasted(GUIDE, "assumerole login               #", bare)
        .typing(&[CODE])
        .showing(&["buckets of acme-read", "buckets of acme-prod"]),
    pasted(GUIDE, "assumerole sso login ", signing_in).typing(&[CODE]),
    pasted(GUIDE, "assumerole sso list", signed_in)
        .showing(&["acme-prod", "buckets of acme-prod/ReadOnly"]),
    pasted(GUIDE, "assumerole codeartifact acme-read  ", with_artifacts),
    pasted(GUIDE, "assumerole add  ", without_roles)
        .typing(&[
            ("Name of the role", "acme-look\r"),
            ("its number or name:", "acme-bastion\r"),
            ("its ARN:", "read\r"),
            ("12 digits:", "123456789012\r"),
            ("? to ask IAM:", "\r"),
            ("Region;", "\r"),
            ("[Y/n]", "\r"),
        ])
        .showing(&[
            "assume it: assumerole acme-look",
            "assume it: assumerole acme-read",
        ]),
    pasted(GUIDE, "assumerole edit", bare).typing(&[("Remove ", "y\r")]),
    pasted(START, "assumerole doctor", bare),
    pasted(START, "assumerole list", bare).showing(&["acme-read"]),
    pasted(START, "assumerole add", newcomer),
    pasted(START, "assumerole sso login", newcomer),
    pasted(START, "assumerole acme-read", warm)
        .typing(&[("Esc cancel", "acme-read\r")])
        .showing(&["shell in acme-read", "buckets of acme-read"]),
    pasted(RECIPES, "assumerole profiles diff", warm)
        .going_on()
        .showing(&["assumed-role/read/"]),
    pasted(RECIPES, "assumerole profiles write --no-prompt", warm),
    pasted(RECIPES, "assumerole login acme-read\n", bare).typing(&[CODE]),
    pasted("docs/config.md", "assumerole schema", bare),
    pasted(
        "docs/editors.md",
        "assumerole profiles write --no-prompt",
        warm,
    ),
    pasted("docs/faq.md", "assumerole keys list", warm),
];

pub(super) fn has(block: &Block) -> bool {
    PASTED.iter().any(|row| block.is(row.page, row.first))
}

/// Digits, and what AWS makes up, may be others.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        if word.starts_with("ASIA") {
            steady.push_str("ASIA");
            steady.extend(word.chars().filter(|c| !c.is_ascii_alphanumeric()));
            continue;
        }
        for c in word.chars() {
            match c {
                '0'..='9' if steady.ends_with('0') => {}
                '0'..='9' => steady.push('0'),
                _ => steady.push(c),
            }
        }
    }
    steady
}

/// What of `parts` is missing in `text`, in this order.
fn missing(text: &str, parts: &[String]) -> Vec<String> {
    let mut rest = text;
    let mut missing = Vec::new();
    for part in parts {
        match rest.split_once(part.as_str()) {
            Some((_, after)) => rest = after,
            None => missing.push(part.clone()),
        }
    }
    missing
}

fn paste(row: &Pasted, checks: &mut Checks) {
    let block = block(row.page, row.first);
    let case = format!("{}:{} {}", block.page, block.line, block.first());
    let stage = (row.before)();
    let code = stage.code();
    let commands = block.commands();
    let script = commands
        .replace("123456", &code)
        .replace(" ROLE ", " acme-read ");
    let mut terminal = Terminal::of_size(160, 60);
    terminal.start_command(Command::new("sh").args([row.flags, &script]).on(&stage));
    for (seen, typed) in row.typed {
        terminal.sees(seen);
        let typed = match typed.contains("CODE") {
            true => typed.replace("CODE", &stage.code()),
            false => (*typed).to_owned(),
        };
        terminal.types(&typed);
    }
    // A shell whose command Ctrl-C ended, ends by it.
    let status = match row.status {
        130 => {
            terminal.is_ended_by(Signal::INT);
            130
        }
        _ => terminal.ends(),
    };
    let screen = terminal.screen();
    checks.same(
        &format!("{case}\n{screen}"),
        &status.to_string(),
        &row.status.to_string(),
    );
    let output = block.output();
    let of_block = match block.commands() == block.text {
        true => Vec::new(),
        false => output.split(['…', '\n']).map(steady).collect(),
    };
    let shown: Vec<String> = row.shows.iter().map(|text| steady(text)).collect();
    let seen = steady(&screen);
    for parts in [of_block, shown] {
        let missing = missing(&seen, &parts).join("\n");
        checks.same(&format!("{case}\n{screen}"), &missing, "");
    }
}

fn paste_all(pages: &[&str]) {
    let mut checks = Checks::default();
    for row in PASTED.iter().filter(|row| pages.contains(&row.page)) {
        paste(row, &mut checks);
    }
}

#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    paste_all(&[GUIDE]);
}

#[test]
fn the_commands_of_the_other_pages_do_what_they_say() {
    paste_all(&[
        README,
        START,
        RECIPES,
        "docs/config.md",
        "docs/editors.md",
        "docs/faq.md",
    ]);
}

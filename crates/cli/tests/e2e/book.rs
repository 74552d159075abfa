//! The code blocks of the book (README.md and the pages of docs/SUMMARY.md): each is
//! run here as it stands, or by another check, or its fence says why it is not run.
//! So an example that stops working fails, and so does one that nobody tries.

mod commands;
mod files;
mod links;
mod stage;

use std::fs;
use std::io::Write as _;

use super::support::checkout;

/// Why a block is not run: it needs a system or an account that tests do not have, it
/// builds what is shipped, or it is a picture.
const REASONS: [&str; 5] = ["macos", "windows", "real-aws", "minutes", "diagram"];

/// Blocks that another check runs.
struct Elsewhere {
    page: &'static str,
    fences: &'static [&'static str],
    /// How the text begins.
    first: &'static str,
    check: &'static str,
    /// What stands in the check, so that it cannot lose the block unnoticed.
    has: &'static str,
}

const fn elsewhere(
    page: &'static str,
    fences: &'static [&'static str],
    first: &'static str,
    check: &'static str,
    has: &'static str,
) -> Elsewhere {
    Elsewhere {
        page,
        fences,
        first,
        check,
        has,
    }
}

const JSON: &[&str] = &["json", "json wrong"];
const SCHEMA: &str = "tests/interop/schema/check.py";
const OTHERS: &str = "crates/cli/tests/e2e/recipes.rs";
const SHELL: &str = "docs/shell.md";

const ELSEWHERE: [Elsewhere; 21] = [
    elsewhere("docs/cli.md", &["text"], "", "xtask/src/docs.rs", "cli.md"),
    elsewhere(
        "docs/screens.md",
        &["text"],
        "",
        "crates/cli/tests/e2e/docs_screens.rs",
        "docs/screens.md",
    ),
    elsewhere(
        "docs/guide.md",
        &["text"],
        "$ assumerole\nRole: prod",
        "crates/cli/tests/e2e/docs_screens.rs",
        "docs/guide.md",
    ),
    elsewhere("docs/config.md", JSON, "", SCHEMA, "*.md"),
    elsewhere("README.md", JSON, "", SCHEMA, "README.md"),
    elsewhere("docs/guide.md", JSON, "", SCHEMA, "*.md"),
    elsewhere(
        SHELL,
        &["bash", "zsh", "fish", "toml", "tmux"],
        "",
        "crates/cli/tests/e2e/prompts.rs",
        "docs/shell.md",
    ),
    elsewhere(
        SHELL,
        &["text"],
        "(acme-read)",
        "crates/cli/tests/e2e/role_in_prompt.rs",
        "(plain) ",
    ),
    elsewhere(
        SHELL,
        &["text"],
        "acme-read: the credentials expire in 10 min; renew them: assume",
        "crates/cli/tests/e2e/in_place/alive.rs",
        "read: the credentials expire in 10 min; renew them: assume",
    ),
    elsewhere(
        SHELL,
        &["text"],
        "acme-read is a different role now (it is arn:",
        "crates/cli/tests/e2e/in_place/renewal/cases.rs",
        " is a different role now (it is arn:",
    ),
    elsewhere(
        SHELL,
        &["text"],
        "acme-read is not renewed: cannot tell whether the same caller would assume it; assume it again: assume",
        "crates/cli/tests/e2e/sources/callers.rs",
        " is not renewed: cannot tell whether the same caller would assume it; assume it again: assume",
    ),
    elsewhere(
        "docs/environment.md",
        &["text"],
        "warning: start-up files set again what the role sets, and win in this shell:",
        "crates/cli/tests/e2e/startup.rs",
        "warning: start-up files set again what the role sets, and win in this shell:",
    ),
    elsewhere(
        "docs/environment.md",
        &["fish"],
        "echo 'set -q AWS_ACCOUNT",
        "crates/cli/tests/e2e/in_place/kinds.rs",
        "fish_hides_a_universal_variable_or_takes_no_role",
    ),
    elsewhere(
        "docs/recipes.md",
        &["python"],
        "import boto3",
        OTHERS,
        "\"Notebooks\"",
    ),
    elsewhere(
        "docs/recipes.md",
        &["sh"],
        "assumerole export --format docker",
        OTHERS,
        "\"Containers\"",
    ),
    elsewhere(
        "docs/recipes.md",
        &["sh"],
        "assumerole login acme-read\nAWS_PROFILE",
        OTHERS,
        "\"Terraform\"",
    ),
    elsewhere(
        "docs/recipes.md",
        &["ini"],
        "[profile ci]",
        OTHERS,
        "\"CI jobs\"",
    ),
    elsewhere(
        "docs/recipes.md",
        &["sh"],
        "assumerole exec --no-prompt ci",
        OTHERS,
        "\"CI jobs\"",
    ),
    elsewhere(
        "README.md",
        &["sh"],
        "cargo demo",
        "xtask/src/test.rs",
        "demo::without_terminal",
    ),
    elsewhere(
        "README.md",
        &["sh"],
        "cargo xtask test",
        ".ci/run",
        "cargo xtask test",
    ),
    elsewhere(
        "README.md",
        &["sh"],
        "tar -xzf",
        "xtask/src/dist/installs.rs",
        "tar",
    ),
];

/// A code block.
#[derive(Debug, Clone)]
struct Block {
    page: String,
    line: usize,
    /// The language, and what stands behind it.
    fence: String,
    text: String,
}

impl Block {
    fn first(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// As a row of a table names it: by the page and how the text begins, or by all
    /// of the text where `first` ends a line.
    fn is(&self, page: &str, first: &str) -> bool {
        let is_first = match first.ends_with('\n') {
            true => self.text == first,
            false => self.text.starts_with(first),
        };
        self.page == page && is_first
    }

    /// The commands of a block of commands: of a `console` those behind `$ `.
    fn commands(&self) -> String {
        if self.fence != "console" && !self.first().starts_with("$ ") {
            return self.text.clone();
        }
        let commands = self.text.lines().filter_map(|line| line.strip_prefix("$ "));
        commands.map(|command| format!("{command}\n")).collect()
    }

    /// What such a block shows below its commands. What is typed in a shell that one
    /// of them starts has another prompt.
    fn output(&self) -> String {
        let is_typed = |line: &&str| line.starts_with("$ ") || line.contains(") $ ");
        let lines = self.text.lines().filter(|line| !is_typed(line));
        lines.map(|line| format!("{line}\n")).collect()
    }
}

/// README.md, and the pages of docs/SUMMARY.md.
fn pages() -> Vec<String> {
    let summary = fs::read_to_string(checkout().join("docs/SUMMARY.md")).unwrap();
    let pages = summary.lines().filter_map(|line| {
        let (_, page) = line.split_once("](")?;
        Some(format!("docs/{}", page.strip_suffix(')')?))
    });
    std::iter::once("README.md".to_owned())
        .chain(pages)
        .collect()
}

fn blocks() -> Vec<Block> {
    pages().iter().flat_map(|page| blocks_of(page)).collect()
}

fn blocks_of(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(checkout().join(page)).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    for (index, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        match (&mut open, bare.strip_prefix("```")) {
            (None, Some(fence)) => {
                let block = Block {
                    page: page.to_owned(),
                    line: index + 1,
                    fence: fence.to_owned(),
                    text: String::new(),
                };
                open = Some((line.len() - bare.len(), block));
            }
            (Some(_), Some(_)) => blocks.extend(open.take().map(|(_, block)| block)),
            (Some((indent, block)), None) => {
                block.text.push_str(line.get(*indent..).unwrap_or_default());
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{page}: a block without an end");
    blocks
}

/// The block of a row.
#[track_caller]
fn block(page: &str, first: &str) -> Block {
    let mut found = blocks_of(page)
        .into_iter()
        .filter(|block| block.is(page, first));
    let block = found.next();
    assert!(found.next().is_none(), "{page} has two blocks {first:?}");
    block.unwrap_or_else(|| panic!("{page} has no block {first:?}"))
}

#[test]
fn every_block_is_run_or_says_why_not() {
    let (mut here, mut elsewhere, mut wrong) = (0, 0, String::new());
    let mut reasons = [0; REASONS.len()];
    for block in blocks() {
        let reason = REASONS
            .iter()
            .position(|reason| block.fence.split(' ').any(|word| word == *reason));
        let runs_here = commands::has(&block) || files::has(&block);
        let runs_elsewhere = ELSEWHERE.iter().any(|other| {
            block.is(other.page, other.first) && other.fences.contains(&&*block.fence)
        });
        match (reason, runs_here, runs_elsewhere) {
            (Some(reason), false, false) => reasons[reason] += 1,
            (None, true, _) => here += 1,
            (None, false, true) => elsewhere += 1,
            found => {
                let Block { page, line, .. } = &block;
                wrong.push_str(&format!("{page}:{line}: {found:?} {}\n", block.first()));
            }
        }
    }
    let counts: Vec<String> = REASONS
        .iter()
        .zip(reasons)
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    // Not captured: it is a figure to watch.
    let _ = writeln!(
        std::io::stderr(),
        "blocks of the book: {here} run here, {elsewhere} by other checks; not run: {}",
        counts.join(", ")
    );
    assert_eq!(wrong, "", "in no table and without a reason, or both");
}

#[test]
fn the_checks_of_other_blocks_are_there() {
    let blocks = blocks();
    for other in ELSEWHERE {
        let Elsewhere {
            page,
            first,
            check,
            has,
            ..
        } = other;
        let text = fs::read_to_string(checkout().join(check)).unwrap();
        // A text of several lines in a source has no more blanks than it prints.
        let joined: Vec<&str> = text.split("\\\n").map(str::trim_start).collect();
        assert!(
            joined.concat().contains(has),
            "{check} does not check {page} {first:?}"
        );
        let is = blocks.iter().any(|block| block.is(page, first));
        assert!(is, "{page} has no block {first:?}");
    }
}

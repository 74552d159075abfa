//! What became of all of it: the summary, and the exit status.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use assumerole_core::Kind;
use assumerole_core::diagnostic::sanitize::one_line;

use super::work::{TaskDone, TaskEnd};
use crate::app::App;
use crate::outcome::Outcome;

/// Names of one kind that are shown.
const SHOWN: usize = 5;

/// Counts, and names by what went wrong.
#[derive(Default)]
pub(super) struct Tally {
    ok: usize,
    failed: usize,
    not_had: usize,
    not_begun: usize,
    /// By their places: they come as they finish, and are told in order.
    by_error: BTreeMap<String, Titles>,
    /// Those whose commands ran without the CodeArtifact token that is configured.
    without_token: Titles,
}

/// What tasks are called, by their places.
type Titles = BTreeMap<usize, String>;

impl Tally {
    pub(super) fn add(&mut self, done: &TaskDone) {
        if matches!(&done.end, TaskEnd::Ran(ran) if ran.lacked_token) {
            self.without_token.insert(done.number, done.task.title());
        }
        let why = match &done.end {
            TaskEnd::Ran(_) if done.is_ok() => {
                self.ok += 1;
                return;
            }
            TaskEnd::Ran(ran) => {
                self.failed += 1;
                ended(ran.status, ran.timed_out)
            }
            TaskEnd::Failed(error) => {
                self.not_had += 1;
                error.message().to_owned()
            }
            TaskEnd::NotBegun => {
                self.not_begun += 1;
                return;
            }
        };
        self.by_error
            .entry(why)
            .or_default()
            .insert(done.number, done.task.title());
    }

    /// Says it on stderr.
    pub(super) fn say(&self, app: &App<'_>) {
        let mut parts = vec![format!("{} ok", self.ok)];
        for (count, what) in [
            (self.failed, "failed"),
            (self.not_had, "not assumed"),
            (self.not_begun, "not begun"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        let mut text = parts.join(", ");
        for (why, names) in &self.by_error {
            text.push_str(&format!("\n  {}: {}", one_line(why), first(names)));
        }
        if !self.without_token.is_empty() {
            let names = first(&self.without_token);
            text.push_str(&format!(
                "\n  without a CodeArtifact token: {names}; see why: assumerole codeartifact ROLE"
            ));
        }
        app.printer.note(&text);
    }

    /// How the run ends.
    pub(super) fn outcome(&self, signal: Option<i32>) -> Outcome {
        match signal {
            Some(number) => Outcome::Cancelled {
                signal: Some(number),
            },
            None if self.not_had > 0 => Outcome::Failed {
                kind: Kind::Failed,
                running: true,
            },
            None if self.failed > 0 => Outcome::Problems,
            None => Outcome::Done,
        }
    }
}

/// The first of `titles`.
fn first(titles: &Titles) -> String {
    let mut shown: Vec<String> = titles
        .values()
        .take(SHOWN)
        .map(|name| one_line(name))
        .collect();
    if titles.len() > SHOWN {
        shown.push(format!("{} more", titles.len() - SHOWN));
    }
    shown.join(", ")
}

/// How a command ended, in words.
pub(super) fn ended(status: ExitStatus, timed_out: bool) -> String {
    match (timed_out, status.code(), status.signal()) {
        (true, _, _) => "its time was up".to_owned(),
        (_, Some(code), _) => format!("exit status {code}"),
        (_, None, Some(signal)) => format!("signal {signal}"),
        (_, None, None) => status.to_string(),
    }
}

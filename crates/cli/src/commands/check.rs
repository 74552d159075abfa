//! `check [FILE]`: everything that is wrong with the files, with its place.

use std::path::PathBuf;

use assumerole_core::config::Config;
use assumerole_core::{Error, Result};
use serde::Serialize;

use crate::app::App;
use crate::lint::{Finding, Keeps, Lint, Severity};
use crate::options::Global;
use crate::outcome::Outcome;
use crate::ui::json::Array;
use crate::ui::report::Report;

/// Find problems in ~/.assumerole and ~/.aws, without network access
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 if there are no errors, 1 if there are. With --strict, warnings
are errors.")]
pub(crate) struct Args {
    /// Print JSON: an object with every finding and its place
    #[arg(long)]
    json: bool,

    /// Print every finding, not only the first 100
    #[arg(long)]
    all: bool,

    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,

    /// Check FILE instead of ~/.assumerole
    file: Option<PathBuf>,
}

impl Args {
    /// Puts FILE in the place of `~/.assumerole`.
    pub(crate) fn adopt(&self, global: &mut Global) {
        if self.file.is_some() {
            global.config.clone_from(&self.file);
        }
    }
}

pub(crate) fn run(app: &App<'_>, args: &Args) -> Result<Outcome> {
    // A file that is shared can be checked where nobody has profiles.
    let profiles = args.file.is_none()
        || app
            .aws_files()
            .is_ok_and(|aws| aws.files().next().is_some());
    let mut shown = match args.json {
        true => CheckOutput::Json(Array::new(app, "{\n  \"findings\": ", "  ")),
        false => CheckOutput::Text {
            app,
            any: false,
            failed: None,
        },
    };
    let (errors, warnings, wrong, more) = {
        let mut show = |findings: Vec<Finding>| shown.add(&findings);
        let keeps = match args.all || args.json {
            true => Keeps::Parts(&mut show),
            false => Keeps::First(SHOWN),
        };
        let mut lint = Lint::new(app, keeps);
        look(&mut lint, profiles);
        let (errors, warnings) = lint.counts();
        let wrong = errors + warnings - lint.advice();
        let last = lint.take();
        let more = (errors + warnings).saturating_sub(SHOWN);
        shown.add(&last);
        (errors, warnings, wrong, more)
    };
    shown.end(errors, warnings)?;
    if !args.json {
        app.printer.note(&summary(app, errors, warnings));
        if more > 0 && !args.all {
            let note = format!("{more} more are not shown; see all: assumerole check --all");
            app.printer.note(&note);
        }
        if !profiles {
            let note = "there is no ~/.aws here, so the profiles were not checked";
            app.printer.note(note);
        }
    }
    Ok(match if args.strict { wrong } else { errors } {
        0 => Outcome::Done,
        _ => Outcome::Problems,
    })
}

/// More than anybody reads at once.
const SHOWN: usize = 100;

/// Looks at everything. Without `profiles` only at what the file says by itself.
fn look(lint: &mut Lint<'_, '_>, profiles: bool) {
    lint.config();
    lint.targets(&mut |lint, target| {
        if profiles {
            lint.plan(&target);
        }
    });
    if profiles {
        lint.profiles();
        lint.settings();
        lint.lines();
        lint.registries();
        lint.access_manager();
    }
    lint.modes();
}

/// What is printed, while it is found.
enum CheckOutput<'a, 'h> {
    Json(Array<'a, 'h>),
    Text {
        app: &'a App<'h>,
        any: bool,
        failed: Option<Error>,
    },
}

impl CheckOutput<'_, '_> {
    fn add(&mut self, findings: &[Finding]) {
        match self {
            Self::Json(array) => findings
                .iter()
                .map(JsonFinding::of)
                .for_each(|line| array.add(&line)),
            Self::Text { app, any, failed } => {
                let text = text(app, findings);
                let between = if *any && !text.is_empty() { "\n" } else { "" };
                *any |= !text.is_empty();
                if failed.is_none() {
                    *failed = app.data(&format!("{between}{text}")).err();
                }
            }
        }
    }

    /// # Errors
    /// stdout cannot be written to.
    fn end(self, errors: usize, warnings: usize) -> Result<()> {
        match self {
            Self::Json(array) => array.end(&format!(
                ",\n  \"errors\": {errors},\n  \"warnings\": {warnings}\n}}\n"
            )),
            Self::Text { failed, .. } => failed.map_or(Ok(()), Err),
        }
    }
}

fn text(app: &App<'_>, findings: &[Finding]) -> String {
    let settings = app.printer.settings();
    let report = Report {
        look: settings.out,
        home: settings.home.as_deref(),
        width: settings.out_width,
        ..Report::default()
    };
    let shown = |finding: &Finding| match finding.severity {
        Severity::Error => report.error(&finding.what),
        Severity::Warning => report.warning(&finding.what.clone().into_warning()),
    };
    let shown: Vec<String> = findings.iter().map(shown).collect();
    shown.join("\n")
}

fn summary(app: &App<'_>, errors: usize, warnings: usize) -> String {
    let number = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    match (errors, warnings) {
        (0, 0) => {
            let names = app.config_unsaid().map(Config::role_names);
            let roles = number(names.map_or(0, |names| names.len()), "role");
            format!(
                "nothing is wrong with {} ({roles})",
                app.places.show(&app.places.config)
            )
        }
        (errors, 0) => number(errors, "error"),
        (0, warnings) => number(warnings, "warning"),
        _ => format!(
            "{}, {}",
            number(errors, "error"),
            number(warnings, "warning")
        ),
    }
}

/// A finding as `--json` shows it.
#[derive(Debug, Serialize)]
struct JsonFinding<'a> {
    /// `error` or `warning`.
    severity: &'static str,
    rule: &'static str,
    file: String,
    /// From 1; null where the file as a whole is meant.
    line: Option<u32>,
    /// In characters, from 1.
    column: Option<u32>,
    message: &'a str,
    because: &'a [String],
    hints: &'a [String],
}

impl<'a> JsonFinding<'a> {
    fn of(finding: &'a Finding) -> Self {
        let at = finding.what.snippet();
        Self {
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            rule: finding.rule.as_str(),
            file: finding.file.display().to_string(),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            message: finding.what.message(),
            because: finding.what.causes(),
            hints: finding.what.hints(),
        }
    }
}

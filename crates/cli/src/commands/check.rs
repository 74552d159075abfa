//! `check [FILE]`: everything that is wrong with the files, with its place.

use std::path::PathBuf;

use assumerole_core::Result;
use assumerole_core::config::Config;
use serde::Serialize;

use crate::app::App;
use crate::lint::{Finding, Lint, Severity};
use crate::options::Global;
use crate::outcome::Outcome;
use crate::ui::report::Report;

/// Find what is wrong with ~/.assumerole and ~/.aws; contacts nobody
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 if nothing is wrong, 1 if something is. Warnings count with
--strict only.")]
pub(crate) struct Args {
    /// Print JSON: an object with every finding and its place
    #[arg(long)]
    json: bool,

    /// Print every finding, not only the first 100
    #[arg(long)]
    all: bool,

    /// Let warnings count
    #[arg(long)]
    strict: bool,

    /// Look at FILE in the place of ~/.assumerole
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
    let most = (!args.all && !args.json).then_some(SHOWN);
    let lint = found(app, profiles, most);
    let (errors, warnings) = lint.counts();
    let findings = lint.sorted();
    if args.json {
        app.json(&Shown::of(&findings))?;
    } else {
        app.data(&text(app, &findings))?;
        app.printer.note(&summary(app, errors, warnings));
        let more = errors + warnings - findings.len();
        if more > 0 {
            let note = format!("{more} more are not shown; see all: assumerole check --all");
            app.printer.note(&note);
        }
        if !profiles {
            let note = "there is no ~/.aws here: whether the profiles exist was not looked at";
            app.printer.note(note);
        }
    }
    Ok(match errors + if args.strict { warnings } else { 0 } {
        0 => Outcome::Done,
        _ => Outcome::Problems,
    })
}

/// More than anybody reads at once.
const SHOWN: usize = 100;

/// All findings, of which `most` are kept. Without `profiles` only what the file
/// says by itself.
fn found<'a, 'h>(app: &'a App<'h>, profiles: bool, most: Option<usize>) -> Lint<'a, 'h> {
    let mut lint = Lint::new(app).at_most(most);
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
    }
    lint.modes();
    lint
}

fn text(app: &App<'_>, findings: &[Finding]) -> String {
    let settings = app.printer.settings();
    let report = Report {
        look: settings.out,
        home: settings.home.as_deref(),
        width: settings.out_width,
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

#[derive(Debug, Serialize)]
struct Shown<'a> {
    errors: usize,
    warnings: usize,
    findings: Vec<Line<'a>>,
}

/// A finding as `--json` shows it.
#[derive(Debug, Serialize)]
struct Line<'a> {
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

impl<'a> Shown<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let line = |finding: &'a Finding| {
            let at = finding.what.snippet();
            Line {
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
        };
        let lines: Vec<Line<'_>> = findings.iter().map(line).collect();
        let count = |severity| lines.iter().filter(|l| l.severity == severity).count();
        Self {
            errors: count("error"),
            warnings: count("warning"),
            findings: lines,
        }
    }
}

//! The lines of `doctor`.

use assumerole_core::Result;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::diagnostic::{Error, Warning};

use crate::app::App;
use crate::outcome::Outcome;
use crate::ui::look::styles;
use crate::ui::report::Report;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Good,
    /// Worth knowing, nothing wrong.
    Note,
    /// Something will not work, or is not safe.
    Bad,
}

/// Collects what the checks say; each is printed as soon as it is known.
pub(super) struct Findings<'a, 'h> {
    app: &'a App<'h>,
    bad: usize,
    failed: Option<Error>,
}

impl<'a, 'h> Findings<'a, 'h> {
    pub(super) fn new(app: &'a App<'h>) -> Self {
        Self {
            app,
            bad: 0,
            failed: None,
        }
    }

    /// All is well with `what`.
    pub(super) fn good(&mut self, what: &str) {
        self.line(Level::Good, what, &[]);
    }

    /// Nothing is wrong, but the person may want to know.
    pub(super) fn note(&mut self, what: &str, fix: &[String]) {
        self.line(Level::Note, what, fix);
    }

    /// Left out, and why.
    pub(super) fn skipped(&mut self, what: &str, why: &str) {
        self.line(Level::Note, &format!("{what}: left out ({why})"), &[]);
    }

    /// Something is wrong; how to fix it.
    pub(super) fn bad(&mut self, what: &str, fix: &[String]) {
        self.bad += 1;
        self.line(Level::Bad, what, fix);
    }

    /// Something is found that is not told.
    pub(super) fn unshown(&mut self, is_bad: bool) {
        self.bad += usize::from(is_bad);
    }

    /// Something is wrong, as an error says it.
    pub(super) fn error(&mut self, error: &Error) {
        let place = error.snippet().map(|at| format!("{}: ", at.place()));
        self.bad(
            &format!("{}{error}", place.unwrap_or_default()),
            error.hints(),
        );
    }

    /// Something is odd, as a warning says it.
    pub(super) fn warning(&mut self, warning: &Warning) {
        let place = warning.at.as_ref().map(|at| format!("{}: ", at.place()));
        let text = format!("{}{}", place.unwrap_or_default(), warning.message);
        self.note(&text, &warning.hints);
    }

    fn line(&mut self, level: Level, what: &str, fix: &[String]) {
        let settings = self.app.printer.settings();
        let look = settings.out;
        let report = Report {
            look,
            home: settings.home.as_deref(),
            width: None,
            ..Report::default()
        };
        let shown = |text: &str| one_line(&report.clean(text));
        let (mark, ascii, style) = match level {
            Level::Good => ("✓", "ok ", styles::GOOD),
            Level::Note => ("-", "-  ", styles::FAINT),
            Level::Bad => ("✗", "BAD", styles::BAD),
        };
        let mark = if look.utf8 { mark } else { ascii };
        let mut text = format!("{} {}\n", look.paint(style, mark), shown(what));
        for fix in fix {
            let indent = " ".repeat(mark.chars().count() + 1);
            text.push_str(&format!(
                "{indent}{} {}\n",
                look.paint(styles::HINT, "fix:"),
                shown(fix)
            ));
        }
        if let Err(error) = self.app.data(&text) {
            self.failed.get_or_insert(error);
        }
    }

    /// The outcome of all checks.
    ///
    /// # Errors
    /// stdout could not be written to.
    pub(super) fn conclude(self) -> Result<Outcome> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        Ok(match self.bad {
            0 => Outcome::Done,
            _ => Outcome::Problems,
        })
    }
}

//! How far it is, in a line of the terminal that comes and goes.

use assumerole_core::diagnostic::sanitize::one_line;

use super::work::TaskDone;
use crate::app::App;
use crate::ui::width;

/// Columns of the bar itself.
const BAR: usize = 20;

/// The line, and what it counts.
pub(super) struct Bar<'a> {
    app: &'a App<'a>,
    /// Columns of the terminal; `None`: there is none, or nothing is to be said.
    width: Option<usize>,
    all: usize,
    done: usize,
    failed: usize,
    /// What stands there.
    shown: String,
}

impl<'a> Bar<'a> {
    pub(super) fn new(app: &'a App<'_>, all: usize) -> Self {
        let settings = app.printer.settings();
        Self {
            app,
            width: settings.err_width.filter(|_| !settings.quiet),
            all,
            done: 0,
            failed: 0,
            shown: String::new(),
        }
    }

    /// Counts what is over, and makes room for what it wrote.
    pub(super) fn count(&mut self, done: &TaskDone) {
        self.done += 1;
        self.failed += usize::from(!done.is_ok());
        self.hide();
    }

    /// Shows it, with the names in work.
    pub(super) fn show(&mut self, names: impl FnOnce() -> Vec<String>) {
        let Some(width) = self.width else { return };
        if self.done == self.all {
            return;
        }
        let text = text(self.done, self.failed, self.all, &names(), width);
        if text != self.shown {
            self.app.printer.progress(Some(text.clone()));
            self.shown = text;
        }
    }

    /// Takes it away.
    pub(super) fn hide(&mut self) {
        if !self.shown.is_empty() {
            self.app.printer.progress(None);
            self.shown.clear();
        }
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        self.hide();
    }
}

/// `[####      ] 4/10, 1 failed: acme-read, acme-dev`, in `width` columns.
fn text(done: usize, failed: usize, all: usize, names: &[String], width: usize) -> String {
    let full = (done * BAR).checked_div(all).unwrap_or(BAR);
    let failed = match failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let names: Vec<String> = names.iter().map(|name| one_line(name)).collect();
    let line = format!(
        "[{:BAR$}] {done}/{all}{failed}: {}",
        "#".repeat(full),
        names.join(", ")
    );
    // The last column would move the cursor on.
    width::fit(&line, width.saturating_sub(1), "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_and_cleans_names() {
        let names = ["acme-read".to_owned(), "b\x1b[2Jc".to_owned()];
        assert_eq!(
            text(1, 0, 4, &names[..1], 80),
            "[#####               ] 1/4: acme-read"
        );
        let line = text(3, 2, 4, &names, 80);
        assert!(line.starts_with("[###############     ] 3/4, 2 failed: acme-read, b"));
        assert!(!line.contains('\x1b'));
        for width in [0, 1, 2, 10, 40] {
            let line = text(3, 2, 4, &names, width);
            assert!(width::of(&line) <= width.saturating_sub(1), "{line}");
        }
    }
}

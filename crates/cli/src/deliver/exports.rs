//! The `export` lines for copy and paste into another shell.

use assumerole_core::environment::Variable;
use assumerole_core::{Result, render};

use crate::app::App;

/// Prints them, unless the person does not want them.
///
/// # Errors
/// stdout cannot be written to.
pub(super) fn print(app: &App<'_>, set: &[Variable]) -> Result<()> {
    if app.quiet || !app.config()?.print_exports() {
        return Ok(());
    }
    match app.printer.data(&render::exports(set)) {
        Err(error) if !error.reader_gone() => Err(error.into()),
        _ => Ok(()),
    }
}

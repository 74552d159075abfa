//! JSON that is written while its entries are found: there may be a hundred
//! thousand.

use assumerole_core::{Error, Kind, Result};
use serde::Serialize;

use crate::app::App;

/// An array, laid out as serde's pretty printer does it.
pub(crate) struct Array<'a, 'h> {
    app: &'a App<'h>,
    /// What stands before each line of the array.
    indent: &'static str,
    /// What is not written yet.
    part: String,
    is_empty: bool,
    failed: Option<Error>,
}

/// Bytes that are written at once.
const PART: usize = 64 * 1024;

impl<'a, 'h> Array<'a, 'h> {
    /// An array behind the text `before`, in lines that begin with `indent`.
    pub(crate) fn new(app: &'a App<'h>, before: &str, indent: &'static str) -> Self {
        Self {
            app,
            indent,
            part: format!("{before}["),
            is_empty: true,
            failed: None,
        }
    }

    /// Adds `entry`. What cannot be written is told at the end.
    pub(crate) fn add(&mut self, entry: &impl Serialize) {
        match serde_json::to_string_pretty(entry) {
            Ok(text) => {
                let comma = if self.is_empty { "" } else { "," };
                self.part.push_str(comma);
                for line in text.lines() {
                    self.part.extend(["\n", self.indent, "  ", line]);
                }
                self.is_empty = false;
            }
            Err(why) => {
                let error = Error::new(Kind::Failed, "JSON cannot be written").because(why);
                self.failed.get_or_insert(error);
            }
        }
        if self.part.len() > PART {
            self.write();
        }
    }

    /// Writes what is left, and the text `after` behind the array.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(crate) fn end(mut self, after: &str) -> Result<()> {
        if !self.is_empty {
            self.part.extend(["\n", self.indent]);
        }
        self.part.extend(["]", after]);
        self.write();
        self.failed.map_or(Ok(()), Err)
    }

    fn write(&mut self) {
        if self.failed.is_none() {
            self.failed = self.app.data(&self.part).err();
        }
        self.part.clear();
    }
}

//! Everything a person sees: what is printed, and how it looks.

pub(crate) mod chooser;
pub(crate) mod json;
pub(crate) mod look;
pub(crate) mod printer;
pub(crate) mod questions;
pub(crate) mod report;
pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod width;

pub(crate) use look::{Look, TerminalVars};
pub(crate) use printer::{Printer, WriteError};

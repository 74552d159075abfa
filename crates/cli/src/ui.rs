//! Everything a person sees: what is printed, and how it looks.

pub mod chooser;
pub(crate) mod json;
pub mod look;
pub mod printer;
pub(crate) mod questions;
pub mod report;
pub mod table;
pub mod time;
pub(crate) mod width;

pub use look::{Look, TerminalVars};
pub use printer::{Printer, Settings, WriteError};

//! What goes on between the program and a shell: what a shell is in and shows,
//! when it looks again, and the lines that people write for one.

pub mod command_line;
pub mod expiry;
pub mod note;
pub mod prompt;
pub mod startup;

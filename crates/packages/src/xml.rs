//! XML files of people, edited without touching any other byte: decoded, read
//! into a tree that knows where everything stands, changed by replacing byte
//! ranges, encoded again.
//!
//! Reading is as strict as it must be to know where an edit goes, and no
//! stricter: a prefix that nobody declared or an entity of XHTML is left to the
//! program that the file is for. Nothing here recurses or follows a reference
//! to another file.

mod edit;
mod encoding;
mod fault;
mod layout;
mod refs;
mod shown;
mod tree;

pub(crate) use edit::escaped;
pub(crate) use encoding::Source;
pub(crate) use layout::{Layout, appended};
pub(crate) use refs::trim;
pub(crate) use shown::markup_only;
pub(crate) use tree::{Element, Id, Tree};

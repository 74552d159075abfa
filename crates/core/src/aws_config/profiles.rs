//! Profiles of `~/.aws/config` that run this program: the command line in them,
//! and the marked block that `assumerole profiles` keeps.
//!
//! ```text
//! # BEGIN assumerole: written by `assumerole profiles write`; …
//! # source: ~/.assumerole 3f9c2ab1
//! [profile acme-read]
//! credential_process = /usr/bin/assumerole credential-process -- acme-read
//! region = eu-central-1
//! # END assumerole
//! ```
//!
//! A block has a part for each source of roles. A part begins with its source
//! and a digest of its lines, so that an edit by hand is seen before it would
//! be lost. A part of a source that is not asked about stays as it is, whoever
//! wrote it: a later version may know more kinds of sources.

mod block;
mod change;
mod process;

pub use block::{Block, BlockProfile, BlockSso, Part};
pub use change::{Decision, ProfileChange, Update, update};
pub use process::{OwnProcess, Unquotable};

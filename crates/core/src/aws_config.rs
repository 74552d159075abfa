//! `~/.aws/config` and `~/.aws/credentials`, read without losing a byte.
//!
//! Every value knows its file, line and column; a bad line costs its own entry
//! and is reported. Pure: text comes in, nothing is opened, and nobody writes it.
//!
//! # Reading rules
//!
//! What the AWS CLI accepts is read as the AWS CLI reads it. It reads with
//! botocore's [`configloader`], which is Python's [`configparser`] plus one
//! level of nesting:
//!
//! - Lines end with LF, CRLF or CR. `#` and `;` start a comment only as the
//!   first character of a line that is not blank; `key = a # b` has the value
//!   `a # b`. White space is Unicode's.
//! - A header is `[`, at least one character, and the **last** `]` of the
//!   line; what follows is ignored. `[ x ]` is named ` x `.
//! - The first `=` or `:` ends the key. Keys are lower-cased.
//! - A line indented deeper (in characters) than the key above continues its
//!   value, even if it looks like a header; blank lines within are kept,
//!   comments are not.
//! - A value that starts on the line below its key is a list of `sub = value`
//!   ([`Property::nested`]): only `=` separates there, the case of sub-keys is
//!   kept, the last of equal sub-keys counts.
//! - In the config file a header is split as a shell would: `profile`,
//!   `sso-session` or `services` (more exactly: any word that starts so) and
//!   one name, quoted if need be. `[default]` is a profile without the prefix.
//!   Of `[default]` and `[profile default]`, or `[profile a]` and
//!   `[profile "a"]`, the later one counts alone; its keys are not merged.
//! - In the credentials file every header is a profile's name as it stands.
//! - `[DEFAULT]`, in capitals, gives its keys to every section of its file.
//! - A key in the credentials file wins over the same key in the config file.
//!
//! # What the AWS CLI refuses
//!
//! There one bad line loses the whole file. Here:
//!
//! | in the file | what is read |
//! | --- | --- |
//! | a line without `=` and `:`, or without a key | all but that line and the deeper ones that continue it (a header continues nothing) |
//! | a header without `]`, or `[]` | its keys belong to no profile, and surely not to the one above |
//! | keys before any header | nothing of them |
//! | a line in a nested value without `=` | all but that line |
//! | the same header twice | both, as one section (as the other AWS SDKs do) |
//! | the same key twice in a section | the later one (as the other AWS SDKs do) |
//! | a line that is not UTF-8 | all but that line |
//! | a byte order mark | the text after it |
//! | UTF-16 | nothing of it |
//!
//! Each is a [`Problem`], and so is what the AWS CLI accepts but hardly means
//! what its writer meant ([`Problem::refused_by_aws_cli`] tells them apart).
//!
//! # Secrets
//!
//! No `Debug`, message or [`Snippet`](crate::diagnostic::text::Snippet) made here shows the
//! value of a key that looks secret, nor what a bad line may give away. The
//! text is wiped when the file is dropped.
//!
//! [`configloader`]: https://github.com/boto/botocore/blob/develop/botocore/configloader.py
//! [`configparser`]: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure

mod allowed;
pub(crate) mod assigned;
mod checks;
mod differences;
mod file;
pub mod import;
mod index;
mod large;
mod lines;
mod merged;
mod names;
mod parse;
mod problem;
pub mod profiles;
mod shown;
mod stored;
mod value;
mod without;

pub use assigned::{DIRECTORY, source_of_session};
pub use differences::{SdkDifference, differences};
pub use file::{AwsFile, FileKind, Property, Section};
pub(crate) use merged::Twice;
pub use merged::{AwsFiles, Profile, SectionSettings};
pub use names::{HEADER_CHARACTERS, SectionName, fits_header, quoted};
pub use problem::{Problem, ProblemKind};
pub use value::{Nested, Value};
pub use without::Copies;

#[cfg(test)]
mod tests;

//! One file a verb: its arguments, its help and its body.

pub(crate) mod accountlist;
pub(crate) mod add;
mod assume;
pub(crate) mod check;
mod choose;
pub(crate) mod codeartifact;
pub(crate) mod complete;
pub(crate) mod completions;
mod confirm;
pub(crate) mod doctor;
pub(crate) mod exec;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod plan;
mod preview;
mod previous;
pub(crate) mod prompt;
pub(crate) mod renew;
mod rows;
pub(crate) mod schema;
pub(crate) mod shell;
pub(crate) mod status;

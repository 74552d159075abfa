//! The pure part of `assumerole`: everything that can be decided without
//! touching the machine. No IO, no clock, no environment, no async; what those
//! say comes in as arguments.

pub mod alive;
pub mod artifacts;
pub mod aws_files;
pub mod command_line;
pub mod config;
pub mod credentials;
pub mod environment;
pub mod error;
pub mod expand;
pub mod ids;
pub mod import;
pub mod login;
pub mod near;
pub mod note;
pub mod origin;
pub mod pattern;
pub mod plan;
pub mod prompt;
pub mod render;
pub mod request;
pub mod sanitize;
pub mod sent;
pub mod service;
pub mod settings;
pub mod ssh;
pub mod startup;
pub mod text;
pub mod url;

pub use credentials::{Credentials, is_sendable};
pub use error::{Error, Kind, Result};

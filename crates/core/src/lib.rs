//! The pure part of `assumerole`: everything that can be decided without
//! touching the machine. No IO, no clock, no environment, no async; what those
//! say comes in as arguments.

pub mod aws;
pub mod aws_config;
pub mod config;
pub mod diagnostic;
pub mod environment;
pub mod plan;
pub mod render;
pub mod shell;
pub mod ssh;

pub use aws::{Credentials, is_sendable};
pub use diagnostic::{Error, Kind, Result};
pub use plan::consumer::Consumer;

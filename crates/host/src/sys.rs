//! What each system does in a way of its own.

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("this system has no folder of its own beside sys/linux/ and sys/macos/ yet");

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;

pub(crate) use system::{harden, held, key_store, peer, proc, terminal};

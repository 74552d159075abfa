//! Has the linker put the functions that a cached call runs side by side in the
//! static program. Otherwise the call touches four times as much of its text, and
//! pages take most of its time: 148 page faults instead of 105, and 4.7 MiB instead
//! of 2.2 (measured). `cargo xtask order` writes the list. And has it leave out what
//! only unwinding reads.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "that is how cargo and a build script talk"
)]

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // Another linker may not know such a script; that of the ordinary program has
    // a layout of its own, which costs what this would save.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let own_linker = flags.contains("linker=") || flags.contains("fuse-ld");
    if own_linker || !is("CARGO_CFG_TARGET_ENV", "musl") || is("OPT_LEVEL", "0") {
        return;
    }
    // Asked at run time and watched by its whole path: a checkout that was moved with
    // its `target` would otherwise look for the script in its old folder.
    let folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    for script in ["order.ld", "unwind.ld"] {
        let script = Path::new(&folder).join(script).display().to_string();
        println!("cargo::rerun-if-changed={script}");
        link(&["-T", &script]);
    }
    link(&["--no-eh-frame-hdr"]);
}

/// Gives the linker of the program these words.
fn link(words: &[&str]) {
    for word in words {
        println!("cargo::rustc-link-arg-bin=assumerole=-Xlinker");
        println!("cargo::rustc-link-arg-bin=assumerole={word}");
    }
}

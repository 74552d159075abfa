//! Start-up files of shells.
#![no_main]

use assumerole_core::shell::startup::Language;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for shell in ["bash", "fish", "tcsh", "nu", "elvish"] {
        let (language, _) = Language::of_shell(shell).expect("a known shell");
        let _ = language.acts(text);
    }
});

//! Command lines in files: what is quoted is split into the same words again.
#![no_main]

use assumerole_core::shell::command_line::{quoted, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(words) = split(text) else {
        return;
    };
    let again: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    assert_eq!(split(&again.join(" ")).ok(), Some(words));
});

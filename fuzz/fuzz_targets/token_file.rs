//! Files of tokens in `~/.aws`: what is set in one is found.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| assumerole_session::fuzzing::token_file(bytes));

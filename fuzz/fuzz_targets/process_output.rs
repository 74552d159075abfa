//! What a `credential_process` prints.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| assumerole_session::fuzzing::process_output(bytes));

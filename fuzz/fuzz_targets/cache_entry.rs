//! An entry of the cache, as it is once it is unsealed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| assumerole_session::fuzzing::entry(bytes));

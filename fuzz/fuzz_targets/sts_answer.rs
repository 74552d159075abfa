//! Answers of STS and of what stands before it: those that are cut off, and
//! errors in shapes that the SDK leaves unread.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| assumerole_aws::fuzzing::answer(bytes));

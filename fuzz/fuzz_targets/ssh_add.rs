//! The output of `ssh-add -L`, and the files of keys.
#![no_main]

use assumerole_core::ssh::{self, KeyFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ssh::identities(bytes);
    if let KeyFile::Public(key) | KeyFile::OpenSsh { public: key, .. } = KeyFile::read(bytes) {
        let _ = (format!("{key:?}"), key.fingerprint());
    }
});

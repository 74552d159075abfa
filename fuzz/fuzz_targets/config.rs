//! `~/.assumerole`: every text is read or refused, and no name in it makes a
//! lookup fail.
#![no_main]

use assumerole_core::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(config) = Config::parse("~/.assumerole", text.to_owned()) else {
        return;
    };
    let _ = config.warnings();
    for name in config.role_names() {
        let _ = config.role(&name);
    }
});

//! `pip.conf`, `.pypirc` and `.npmrc`: what was edited is edited no second time.
#![no_main]

use assumerole_packages::edits::Edited;
use assumerole_packages::{Repository, edit_npmrc, edit_pip_conf, edit_pypirc};
use libfuzzer_sys::fuzz_target;
use secrecy::{ExposeSecret, SecretString};

fuzz_target!(|text: &str| {
    let token = SecretString::from("token");
    let repository = Repository {
        endpoint: "https://acme-111122223333.d.codeartifact.eu-west-1.amazonaws.com/pypi/shop/",
        token: &token,
    };
    let pip = |text: &str| edit_pip_conf("pip.conf", text, &repository, false);
    let pypirc = |text: &str| edit_pypirc(".pypirc", text, "codeartifact", &repository);
    let npm = |text: &str| edit_npmrc(".npmrc", text, &["@acme".to_owned()], &repository);
    for edit in [&pip as &dyn Fn(&str) -> _, &pypirc, &npm] {
        if let Ok(Edited::Changed(edited)) = edit(text) {
            let edited = String::from_utf8(edited.expose_secret().to_vec()).expect("text");
            assert!(matches!(edit(&edited), Ok(Edited::Unchanged)));
        }
    }
});

//! `settings.xml` of Maven and `NuGet.Config`: what was edited is edited no
//! second time.
#![no_main]

use assumerole_packages::edits::Edited;
use assumerole_packages::maven::{self, Server};
use assumerole_packages::{Repository, edit_nuget_config};
use libfuzzer_sys::fuzz_target;
use secrecy::{ExposeSecret, SecretString};

fuzz_target!(|bytes: &[u8]| {
    let token = SecretString::from("token");
    let server = Server {
        id: "codeartifact",
        username: "aws",
        password: &token,
    };
    if let Ok(Edited::Changed(edited)) = maven::edit("settings.xml", bytes, &server) {
        let again = maven::edit("settings.xml", edited.expose_secret(), &server);
        assert!(matches!(again, Ok(Edited::Unchanged)));
    }
    let repository = Repository {
        endpoint: "https://acme-111122223333.d.codeartifact.eu-west-1.amazonaws.com/nuget/shop/",
        token: &token,
    };
    let _ = edit_nuget_config("NuGet.Config", Some(bytes), "acme/shop", &repository);
});

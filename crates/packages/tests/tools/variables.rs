//! Tools that read variables.

use assumerole_core::environment::Variable;
use assumerole_packages::{Repository, cargo_variables, gradle_variables};
use secrecy::{ExposeSecret, SecretString};

fn shown(variables: &[Variable]) -> Vec<String> {
    let line = |v: &Variable| format!("{}={}", v.name, v.value.expose_secret());
    variables.iter().map(line).collect()
}

#[test]
fn cargo_and_gradle_take_variables() {
    let token = SecretString::from("t");
    let repository = Repository {
        endpoint: "https://x/cargo/my-repo.a/",
        token: &token,
    };
    assert_eq!(
        shown(&cargo_variables("my-repo.a", &repository)),
        [
            "CARGO_REGISTRIES_MY_REPO_A_INDEX=sparse+https://x/cargo/my-repo.a/",
            "CARGO_REGISTRIES_MY_REPO_A_TOKEN=Bearer t",
            "CARGO_REGISTRIES_MY_REPO_A_CREDENTIAL_PROVIDER=cargo:token",
        ]
    );
    assert_eq!(
        shown(&gradle_variables("codeartifact", &token)),
        [
            "ORG_GRADLE_PROJECT_codeartifactUsername=aws",
            "ORG_GRADLE_PROJECT_codeartifactPassword=t",
        ]
    );
}

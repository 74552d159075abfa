//! Cargo: a registry and its token, by variables alone.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/configure-cargo.html>,
//! <https://doc.rust-lang.org/cargo/reference/config.html#registries>

use secrecy::{ExposeSecret, SecretString};

use crate::Repository;
use assumerole_core::environment::Variable;

/// What makes the repository called `name` the registry of that name. Neither
/// `config.toml` nor `credentials.toml` is needed or touched.
pub fn variables(name: &str, repository: &Repository<'_>) -> Vec<Variable> {
    // As Cargo makes the name of a variable of that of a key.
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let variable = |end: &str, value: SecretString| Variable {
        name: format!("CARGO_REGISTRIES_{name}_{end}"),
        value,
    };
    let token = repository.token.expose_secret();
    vec![
        variable("INDEX", format!("sparse+{}", repository.endpoint).into()),
        variable("TOKEN", format!("Bearer {token}").into()),
        variable("CREDENTIAL_PROVIDER", "cargo:token".into()),
    ]
}

//! Gradle: the credentials of a repository, by variables alone.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/maven-gradle.html>,
//! <https://docs.gradle.org/current/userguide/supported_repository_types.html#sec:handling_credentials>

use secrecy::SecretString;

use crate::USERNAME;
use assumerole_core::environment::Variable;

/// What a repository called `name` with `credentials(PasswordCredentials)`
/// takes. Builds as AWS's guide has them read `CODEARTIFACT_AUTH_TOKEN`, which
/// is there anyway.
pub fn variables(name: &str, token: &SecretString) -> Vec<Variable> {
    let variable = |end: &str, value: SecretString| Variable {
        name: format!("ORG_GRADLE_PROJECT_{name}{end}"),
        value,
    };
    vec![
        variable("Username", USERNAME.into()),
        variable("Password", token.clone()),
    ]
}

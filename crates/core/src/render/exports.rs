//! The `export` lines that the shell in a role is greeted with.

use secrecy::ExposeSecret;

use crate::environment::Variable;
use crate::environment::table::{OF_SERVER, TABLE};

/// `export` lines for copy and paste into another POSIX shell. This is one of
/// the two places where a person asks to see a secret.
pub fn exports(variables: &[Variable]) -> String {
    TABLE
        .iter()
        .chain(OF_SERVER)
        .filter(|row| row.printed)
        .filter_map(|row| variables.iter().find(|v| v.name == row.name))
        .map(|v| {
            format!(
                "export {}={}\n",
                v.name,
                shell_words::quote(v.value.expose_secret())
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_and_only_the_scripts_variables_are_there() {
        let variable = |name: &str, value: &str| Variable {
            name: name.to_owned(),
            value: value.into(),
        };
        let set = [
            variable("AWS_SECRET_ACCESS_KEY", "a/b+c"),
            variable("AWS_ACCOUNT", "read"),
            variable("AWS_ACCESS_KEY_ID", "ASIA1"),
            variable("AWS_SESSION_TOKEN", "it's $(x)"),
        ];
        assert_eq!(
            exports(&set),
            "export AWS_ACCESS_KEY_ID=ASIA1\nexport AWS_SECRET_ACCESS_KEY=a/b+c\nexport AWS_SESSION_TOKEN='it'\\''s $(x)'\n"
        );
    }
}

//! What a tool takes in place of the file that was set up for it.
//!
//! Each of these was tried: pip 26.3, npm 11.19, twine 7.0.

use secrecy::ExposeSecret;

use crate::Repository;
use assumerole_core::config::Tool;

/// The names of those of `variables` that `tool` takes before what its file
/// says of `repository`, for `scopes` of npm. One that says the same does not
/// count; their values may be secrets.
pub fn variables_that_win<'v>(
    tool: Tool,
    scopes: &[String],
    repository: &Repository<'_>,
    variables: impl Iterator<Item = (&'v str, &'v str)>,
) -> Vec<&'v str> {
    let wins = |name: &str, value: &str| match tool {
        Tool::Pip => of_pip(name, value, repository),
        Tool::Npm => of_npm(name, value, scopes, repository),
        Tool::Twine => of_twine(name, value, repository),
        Tool::Maven | Tool::Gradle | Tool::Cargo | Tool::Nuget => false,
    };
    variables
        .filter(|(name, value)| wins(name, value))
        .map(|(name, _)| name)
        .collect()
}

/// In this case alone; an empty one does not count.
fn of_pip(name: &str, value: &str, repository: &Repository<'_>) -> bool {
    match name {
        "PIP_INDEX_URL" | "PIP_PYPI_URL" => {
            !value.is_empty() && value != crate::pip::url(repository)
        }
        "PIP_NO_INDEX" => {
            let value = value.to_ascii_lowercase();
            ["1", "y", "yes", "t", "true", "on"].contains(&value.as_str())
        }
        _ => false,
    }
}

/// In any case, `-` as good as `_`; but for the name of a registry in it. A
/// scope has no capitals there.
fn of_npm(name: &str, value: &str, scopes: &[String], repository: &Repository<'_>) -> bool {
    const PREFIX: &str = "npm_config_";
    let (Some(prefix), Some(key)) = (name.get(..PREFIX.len()), name.get(PREFIX.len()..)) else {
        return false;
    };
    if !prefix.eq_ignore_ascii_case(PREFIX) || value.is_empty() {
        return false;
    }
    if key.starts_with("//") {
        return key == crate::npm::token_key(repository)
            && value != repository.token.expose_secret();
    }
    let key = key.to_lowercase();
    let is_registry = match scopes {
        [] => key == "registry",
        scopes => scopes
            .iter()
            .any(|scope| key == format!("{scope}:registry")),
    };
    let bare = |url: &str| url.trim_end_matches('/').to_owned();
    is_registry && bare(value) != bare(repository.endpoint)
}

/// An empty password is one, too; with an address the file does not count.
fn of_twine(name: &str, value: &str, repository: &Repository<'_>) -> bool {
    match name {
        "TWINE_REPOSITORY_URL" => !value.is_empty(),
        "TWINE_USERNAME" => value != crate::USERNAME,
        "TWINE_PASSWORD" => value != repository.token.expose_secret(),
        _ => false,
    }
}

/// Whether a file has a token of CodeArtifact in it. Its bytes may be of any
/// encoding that has ASCII in it.
pub fn holds_token(bytes: &[u8]) -> bool {
    // No file of today has a longer text of these characters that begins so.
    const BEGIN: &[u8] = b"eyJ";
    const LENGTH: usize = 100;
    let plain: Vec<u8> = match bytes.contains(&0) {
        true => bytes.iter().copied().filter(|byte| *byte != 0).collect(),
        false => Vec::new(),
    };
    let bytes = if plain.is_empty() { bytes } else { &plain };
    memchr::memmem::find_iter(bytes, BEGIN).any(|start| {
        let of_token = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        bytes[start..].iter().take_while(of_token).count() >= LENGTH
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    const ENDPOINT: &str = "https://acme-1.d.codeartifact.eu-central-1.amazonaws.com/npm/shop/";

    fn wins(tool: Tool, scopes: &[&str], name: &str, value: &str) -> bool {
        let token = SecretString::from("eyJ.token");
        let repository = Repository {
            endpoint: ENDPOINT,
            token: &token,
        };
        let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        let variables = [("HOME", "/home/me"), (name, value)];
        let found = variables_that_win(tool, &scopes, &repository, variables.into_iter());
        assert!(found.is_empty() || found == [name], "{found:?}");
        !found.is_empty()
    }

    #[test]
    fn pip_takes_these() {
        let own = "https://aws:eyJ.token@acme-1.d.codeartifact.eu-central-1.amazonaws.com/npm/shop/simple/";
        for (name, value, expected) in [
            ("PIP_INDEX_URL", "https://pypi.example/simple", true),
            ("PIP_PYPI_URL", "https://pypi.example/simple", true),
            ("PIP_INDEX_URL", own, false),
            ("PIP_INDEX_URL", "", false),
            ("pip_index_url", "https://pypi.example/simple", false),
            ("PIP_INDEX", "https://pypi.example/simple", false),
            ("PIP_EXTRA_INDEX_URL", "https://pypi.example/simple", false),
            ("PIP_NO_INDEX", "1", true),
            ("PIP_NO_INDEX", "True", true),
            ("PIP_NO_INDEX", "0", false),
            ("PIP_NO_INDEX", "off", false),
            ("PIP_NO_INDEX", "", false),
            ("TWINE_PASSWORD", "x", false),
        ] {
            assert_eq!(
                wins(Tool::Pip, &[], name, value),
                expected,
                "{name}={value}"
            );
        }
    }

    #[test]
    fn npm_takes_these() {
        let key =
            "npm_config_//acme-1.d.codeartifact.eu-central-1.amazonaws.com/npm/shop/:_authToken";
        let other = "https://registry.example/";
        let none: &[&str] = &[];
        for (scopes, name, value, expected) in [
            (none, "npm_config_registry", other, true),
            (none, "NPM_CONFIG_REGISTRY", other, true),
            (none, "Npm_Config_Registry", other, true),
            (none, "npm_config_registry", "", false),
            (none, "npm_config_registry", ENDPOINT, false),
            (
                none,
                "npm_config_registry",
                ENDPOINT.trim_end_matches('/'),
                false,
            ),
            (none, "npm-config-registry", other, false),
            (none, "npm_config__registry", other, false),
            (none, "npm_config_@acme:registry", other, false),
            (&["@acme"], "npm_config_registry", other, false),
            (&["@acme"], "npm_config_@acme:registry", other, true),
            (&["@acme"], "NPM_CONFIG_@ACME:REGISTRY", other, true),
            (&["@acme"], "npm_config_@other:registry", other, false),
            // npm looks for the scope as it is written, and finds none.
            (&["@Acme"], "npm_config_@Acme:registry", other, false),
            (none, key, "other", true),
            (none, key, "eyJ.token", false),
            (
                none,
                "npm_config_//registry.example/:_authToken",
                "x",
                false,
            ),
            (none, "npm_confi\u{e9}", other, false),
        ] {
            assert_eq!(
                wins(Tool::Npm, scopes, name, value),
                expected,
                "{name}={value}"
            );
        }
    }

    #[test]
    fn twine_takes_these() {
        for (name, value, expected) in [
            ("TWINE_PASSWORD", "mine", true),
            ("TWINE_PASSWORD", "", true),
            ("TWINE_PASSWORD", "eyJ.token", false),
            ("TWINE_USERNAME", "me", true),
            ("TWINE_USERNAME", "aws", false),
            ("TWINE_REPOSITORY_URL", "https://pypi.example/", true),
            ("TWINE_REPOSITORY_URL", "", false),
            ("TWINE_REPOSITORY", "pypi", false),
            ("twine_password", "mine", false),
        ] {
            assert_eq!(
                wins(Tool::Twine, &[], name, value),
                expected,
                "{name}={value}"
            );
        }
    }

    #[test]
    fn a_token_is_told_from_what_only_begins_like_one() {
        let token = format!("eyJ{}.{}", "aZ9-_".repeat(30), "x".repeat(30));
        for (text, expected) in [
            (format!("password = {token}\n"), true),
            (format!("<password>{token}</password>"), true),
            (format!("https://aws:{token}@acme/simple/"), true),
            ("password = ${CODEARTIFACT_AUTH_TOKEN}".to_owned(), false),
            ("eyJhbGciOiJIUzI1NiJ9".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(holds_token(text.as_bytes()), expected, "{text}");
            let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(holds_token(&utf16), expected, "{text}");
        }
    }
}

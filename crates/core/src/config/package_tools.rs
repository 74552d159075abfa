//! Package tools: which there are, and the keys of `codeartifact` that say what
//! each is told.

use std::fmt;

use serde_json::{Value, json};

use super::fault::{Fault, Read, quoted};
use super::node::{Node, Shape};
use super::schema::{self, Form};
use super::values;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::text::Spanned;

/// A package tool that can be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Apache Maven, by its `settings.xml`.
    Maven,
    /// npm, by `.npmrc`.
    Npm,
    /// pip, by `pip.conf`.
    Pip,
    /// Gradle, by variables.
    Gradle,
    /// Cargo, by variables.
    Cargo,
    /// NuGet and `dotnet`, by `NuGet.Config`.
    Nuget,
    /// twine, by `.pypirc`.
    Twine,
}

impl Tool {
    /// All of them. A new one is a variant, a row in each match, and a file in
    /// `tools`.
    pub const ALL: [Self; 7] = [
        Self::Maven,
        Self::Npm,
        Self::Pip,
        Self::Gradle,
        Self::Cargo,
        Self::Nuget,
        Self::Twine,
    ];

    /// Its name in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Maven => "maven",
            Self::Npm => "npm",
            Self::Pip => "pip",
            Self::Gradle => "gradle",
            Self::Cargo => "cargo",
            Self::Nuget => "nuget",
            Self::Twine => "twine",
        }
    }

    /// CodeArtifact's name for the format of its packages, of a tool that has
    /// to know where a repository is. A build says that to Maven and Gradle.
    pub fn format(self) -> Option<&'static str> {
        match self {
            Self::Maven | Self::Gradle => None,
            Self::Npm => Some("npm"),
            Self::Pip | Self::Twine => Some("pypi"),
            Self::Cargo => Some("cargo"),
            Self::Nuget => Some("nuget"),
        }
    }

    /// Whether it knows the repository by `id`, in a place that does not take
    /// any name.
    pub(super) fn takes_name(self) -> bool {
        matches!(self, Self::Gradle | Self::Twine)
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A list of tools.
pub(super) struct Tools;

impl Form for Tools {
    type Value = Vec<Tool>;

    fn read(node: &Node<'_>) -> Read<Vec<Tool>> {
        let names = Tool::ALL.map(Tool::as_str);
        let mut tools = Vec::new();
        for name in values::texts(node)? {
            let Some(tool) = Tool::ALL.into_iter().find(|t| t.as_str() == name.value) else {
                let message = format!("names {}, which is not a known tool", quoted(&name.value));
                let near = nearest(&name.value, names, 1);
                return Err(Fault::new(name.span, message).hint(match near.first() {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("the tools are {}", names.join(", ")),
                }));
            };
            if !tools.contains(&tool) {
                tools.push(tool);
            }
        }
        Ok(tools)
    }

    fn schema() -> Value {
        let names = Tool::ALL.map(Tool::as_str);
        json!({"type": "array", "items": {"enum": names}})
    }
}

/// The name of a repository.
pub(super) struct RepositoryName;

/// <https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetRepositoryEndpoint.html>
const REPOSITORY: &str = "[A-Za-z0-9][A-Za-z0-9._-]{1,99}";

impl Form for RepositoryName {
    type Value = String;

    fn read(node: &Node<'_>) -> Read<String> {
        let name = values::text(node)?;
        let inner = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let first = name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        if first && (2..=100).contains(&name.len()) && name.bytes().all(inner) {
            return Ok(name);
        }
        Err(Fault::new(node.span(), "is not the name of a repository")
            .because("it has 2 to 100 letters, digits and ._- and begins with a letter or digit"))
    }

    fn schema() -> Value {
        schema::pattern(REPOSITORY)
    }
}

/// A scope of npm, or a list of them, with or without `@`.
pub(super) struct Scopes;

/// As `aws codeartifact login` has it, and with the capitals that older
/// packages have: <https://docs.npmjs.com/cli/using-npm/scope>.
const SCOPE: &str = "@?[A-Za-z0-9~-][A-Za-z0-9._~-]*";

impl Form for Scopes {
    type Value = Vec<String>;

    fn read(node: &Node<'_>) -> Read<Vec<String>> {
        let names = match node.shape() {
            Shape::String => vec![Spanned::new(values::text(node)?, node.span())],
            _ => values::texts(node).map_err(|_| node.must_be("a string or a list of strings"))?,
        };
        let scope = |name: Spanned<String>| {
            let bare = name.value.strip_prefix('@').unwrap_or(&name.value);
            let inner = |b: u8| b.is_ascii_alphanumeric() || b"._~-".contains(&b);
            if bare.starts_with(['.', '_']) || bare.is_empty() || !bare.bytes().all(inner) {
                let message = format!("names {}, which is not an npm scope", quoted(&name.value));
                return Err(Fault::new(name.span, message)
                    .because("a scope is like @acme: letters, digits and -._~"));
            }
            Ok(format!("@{bare}"))
        };
        names.into_iter().map(scope).collect()
    }

    fn schema() -> Value {
        let one = schema::pattern(SCOPE);
        json!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}

//! NuGet: a package source and its credentials in `NuGet.Config`.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/ug/nuget-cli.html>,
//! <https://learn.microsoft.com/nuget/reference/nuget-config-file>

use secrecy::ExposeSecret;

use crate::edits::{Edited, Edits, Fault, Read};
use crate::xml::{Id, Layout, Source, Tree, appended, escaped, markup_only};
use crate::{Repository, USERNAME, is_codeartifact};
use assumerole_core::diagnostic::{Result, Warning};

/// What NuGet makes when it has no file yet: its own source, which is there
/// only as long as nobody lists any.
const NEW: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>
<configuration>
  <packageSources>
    <add key=\"nuget.org\" value=\"https://api.nuget.org/v3/index.json\" protocolVersion=\"3\" />
  </packageSources>
</configuration>
";

/// Elements of the file, whose names are no secret.
const KNOWN: &[&str] = &[
    "configuration",
    "packageSources",
    "packageSourceCredentials",
    "add",
    "clear",
    "remove",
    "config",
];

/// Makes `bytes`, the `NuGet.Config` that a person calls `path` (`None`: there
/// is none yet), have a source for `repository`. A source that has its URL
/// keeps its name; a new one is called `name`.
///
/// # Errors
/// `Kind::Config`, with the place: the file is not XML, or none of NuGet's, or
/// has a source of that name somewhere else, which is left to whom it belongs.
pub fn edit(
    path: &str,
    bytes: Option<&[u8]>,
    name: &str,
    repository: &Repository<'_>,
) -> Result<Edited> {
    let shown = |line: &str| markup_only(line, KNOWN);
    let new = bytes.is_none();
    let source = Source::decode(bytes.unwrap_or(NEW.as_bytes()))
        .map_err(|(fault, text)| fault.into_error(path, &text, shown))?;
    let edits = plan(&source, name, repository)
        .map_err(|fault| fault.into_error(path, source.text(), shown))?;
    Ok(match edits.is_empty() && !new {
        true => Edited::Unchanged,
        false => Edited::Changed(source.encode(&edits.apply(source.text()))),
    })
}

/// A word on the `NuGet.Config` that a person calls `path`, if it switches off
/// the source that [`edit`] sees to.
pub fn disabled(
    path: &str,
    bytes: &[u8],
    name: &str,
    repository: &Repository<'_>,
) -> Option<Warning> {
    let source = Source::decode(bytes).ok()?;
    let tree = Tree::of(&source).ok()?;
    let config = Config { tree: &tree };
    let of = |name| {
        let section = config.child(tree.root(), name);
        section.map(|id| config.added(id)).unwrap_or_default()
    };
    let url = index_of(repository);
    let named = of("packageSources")
        .into_iter()
        .find(|(_, _, value)| *value == url);
    let name = named.map_or_else(|| name.to_owned(), |(_, key, _)| key);
    let (id, key, _) = of("disabledPackageSources")
        .into_iter()
        .find(|(_, key, value)| {
            key.eq_ignore_ascii_case(&name) && value.eq_ignore_ascii_case("true")
        })?;
    let start = tree.get(id).start.clone();
    let fault = Fault::new(start, format!("disables the source {key}"))
        .hint("remove that line to take packages from it");
    let shown = |line: &str| markup_only(line, KNOWN);
    let error = fault.into_error(path, source.text(), shown);
    Some(error.into_warning())
}

/// What a source of `repository` has for an address.
fn index_of(repository: &Repository<'_>) -> String {
    format!("{}v3/index.json", repository.endpoint)
}

fn plan(source: &Source, name: &str, repository: &Repository<'_>) -> Read<Edits> {
    let tree = Tree::of(source)?;
    let root = tree.root();
    if tree.get(root).local != "configuration" {
        let start = tree.get(root).start.clone();
        return Err(Fault::new(start, "is not NuGet's configuration")
            .because("its root element is not <configuration>"));
    }
    let config = Config { tree: &tree };
    let mut edits = Edits::default();
    let (name, sources) = config.set_source(&mut edits, name, repository)?;
    let credentials = config.set_credentials(&mut edits, &name, repository)?;
    let new: Vec<New> = sources.into_iter().chain(credentials).collect();
    if !new.is_empty() {
        appended(&mut edits, &tree, root, |layout| {
            let new: Vec<String> = new.iter().map(|new| new.written(layout)).collect();
            new.join(&layout.before())
        });
    }
    Ok(edits)
}

/// An element that has to be added.
enum New {
    /// As it is written.
    Line(String),
    /// One with others in it.
    Section(String, Vec<New>),
}

impl New {
    fn section(name: &str, lines: &[String]) -> Self {
        Self::Section(
            name.to_owned(),
            lines.iter().cloned().map(Self::Line).collect(),
        )
    }

    fn written(&self, layout: &Layout) -> String {
        let (name, content) = match self {
            Self::Line(line) => return line.clone(),
            Self::Section(name, content) => (name, content),
        };
        let inner = layout.inner();
        let content: String = content
            .iter()
            .map(|new| inner.before() + &new.written(&inner))
            .collect();
        format!("<{name}>{content}{}</{name}>", layout.before())
    }
}

struct Config<'s, 't> {
    tree: &'s Tree<'t>,
}

impl Config<'_, '_> {
    fn child(&self, parent: Id, name: &str) -> Option<Id> {
        let mut children = self.tree.get(parent).children();
        children.find(|id| self.tree.get(*id).local == name)
    }

    /// The elements `<add key=… value=…/>` of a section: key, value.
    fn added(&self, section: Id) -> Vec<(Id, String, String)> {
        let children = self.tree.get(section).children();
        let added = children.filter(|id| self.tree.get(*id).local == "add");
        added
            .map(|id| {
                let text = |name| self.tree.attribute(id, name).unwrap_or_default();
                (id, text("key"), text("value"))
            })
            .collect()
    }

    /// Makes attribute `name` of `id` say `value`.
    fn say(&self, edits: &mut Edits, id: Id, name: &str, value: &str) -> Read<()> {
        let element = self.tree.get(id);
        let found = element.attributes.iter().find(|(have, _)| *have == name);
        match found {
            Some((_, range)) => edits.set_attribute(self.tree, range.clone(), value),
            None => {
                let value = escaped(self.tree.source(), value, element.start.clone())?;
                let at = element.head_end;
                edits.replace(at..at, format!(" {name}=\"{value}\""));
                Ok(())
            }
        }
    }

    /// `<add key="…" value="…" />`.
    fn add(&self, beside: Id, key: &str, value: &str) -> Read<String> {
        let element = self.tree.get(beside);
        let raw = |text| escaped(self.tree.source(), text, element.start.clone());
        let name = element.written("add");
        Ok(format!(
            "<{name} key=\"{}\" value=\"{}\" />",
            raw(key)?,
            raw(value)?
        ))
    }

    /// The name of the source that has the repository's URL, made so if need
    /// be, and the section that is missing for it. Sources are chosen as `aws
    /// codeartifact login` does.
    fn set_source(
        &self,
        edits: &mut Edits,
        name: &str,
        repository: &Repository<'_>,
    ) -> Read<(String, Option<New>)> {
        let url = index_of(repository);
        let root = self.tree.root();
        let section = self.child(root, "packageSources");
        let sources = section.map(|id| self.added(id)).unwrap_or_default();
        if let Some((_, key, _)) = sources.iter().find(|(_, _, value)| *value == url) {
            return Ok((key.clone(), None));
        }
        let same = |(_, key, _): &&(Id, String, String)| key.eq_ignore_ascii_case(name);
        if let Some((id, key, value)) = sources.iter().find(same) {
            if !value.is_empty() && !is_codeartifact(value, repository.endpoint) {
                let message = format!("has another source {key}, which is left as it is");
                let start = self.tree.get(*id).start.clone();
                return Err(Fault::new(start, message).hint(
                    "give that source another name, or leave nuget out of \"tools\" in ~/.assumerole",
                ));
            }
            self.say(edits, *id, "value", &url)?;
            return Ok((key.clone(), None));
        }
        let line = self.add(section.unwrap_or(root), name, &url)?;
        let Some(section) = section else {
            let section = self.tree.get(root).written("packageSources");
            return Ok((name.to_owned(), Some(New::section(&section, &[line]))));
        };
        appended(edits, self.tree, section, |_| line);
        Ok((name.to_owned(), None))
    }

    /// Gives the source called `name` its credentials; the section that is
    /// missing for them.
    fn set_credentials(
        &self,
        edits: &mut Edits,
        name: &str,
        repository: &Repository<'_>,
    ) -> Read<Option<New>> {
        let root = self.tree.root();
        let token = repository.token.expose_secret();
        let written = |local: &str| self.tree.get(root).written(local);
        let element = local_name(name);
        let section = self.child(root, "packageSourceCredentials");
        let own = section.and_then(|section| self.child(section, &element));
        let beside = own.or(section).unwrap_or(root);
        let username = self.add(beside, "Username", USERNAME)?;
        let password = self.add(beside, "ClearTextPassword", token)?;
        let lines = [username, password];
        let Some(own) = own else {
            let own = New::section(&written(&element), &lines);
            let Some(section) = section else {
                let name = written("packageSourceCredentials");
                return Ok(Some(New::Section(name, vec![own])));
            };
            appended(edits, self.tree, section, |layout| own.written(layout));
            return Ok(None);
        };
        let have = self.added(own);
        let named = |name: &str| {
            have.iter()
                .find(|(_, key, _)| key.eq_ignore_ascii_case(name))
        };
        let mut missing = Vec::new();
        match named("Username") {
            Some((_, _, value)) if value == USERNAME => {}
            Some((id, _, _)) => self.say(edits, *id, "value", USERNAME)?,
            None => missing.push(lines[0].clone()),
        }
        // One that is encrypted for this machine goes before one that is not.
        match (named("ClearTextPassword"), named("Password")) {
            (Some((_, _, value)), None) if value == token => {}
            (Some((id, _, _)), None) => self.say(edits, *id, "value", token)?,
            (None, Some((id, _, _))) => {
                self.say(edits, *id, "key", "ClearTextPassword")?;
                self.say(edits, *id, "value", token)?;
            }
            (Some((id, _, value)), Some((other, _, _))) => {
                if value != token {
                    self.say(edits, *id, "value", token)?;
                }
                edits.replace(self.tree.get(*other).span(), String::new());
            }
            (None, None) => missing.push(lines[1].clone()),
        }
        if !missing.is_empty() {
            appended(edits, self.tree, own, |layout| {
                missing.join(&layout.before())
            });
        }
        Ok(None)
    }
}

/// The name of a source as the name of an element: .NET's
/// `XmlConvert.EncodeLocalName`.
fn local_name(name: &str) -> String {
    let mut encoded = String::new();
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let first = encoded.is_empty();
        let letter = c.is_alphabetic() || c == '_';
        let fits = letter || (!first && (c.is_alphanumeric() || c == '-' || c == '.'));
        if fits && !looks_encoded(rest) {
            encoded.push(c);
        } else {
            encoded.push_str(&format!("_x{:04X}_", u32::from(c)));
        }
        rest = &rest[c.len_utf8()..];
    }
    encoded
}

/// Whether `text` begins with what stands for a character, which is then not
/// meant.
fn looks_encoded(text: &str) -> bool {
    let digits = text
        .strip_prefix("_x")
        .and_then(|rest| rest.split_once('_'));
    digits.is_some_and(|(hex, _)| hex.len() == 4 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sources_become_names_of_elements() {
        assert_eq!(
            local_name("my-domain/my_repo.x"),
            "my-domain_x002F_my_repo.x"
        );
        assert_eq!(local_name("1a b"), "_x0031_a_x0020_b");
        assert_eq!(local_name("a_x0020_"), "a_x005F_x0020_");
    }
}

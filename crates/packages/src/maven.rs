//! Maven's `settings.xml`: the password of one server in it.
//!
//! <https://maven.apache.org/settings.html#servers>

use secrecy::{ExposeSecret, SecretString};

use crate::edits::{Edits, Fault, Read};
use crate::xml::{Element, Id, Layout, Source, Tree};
use crate::xml::{appended, escaped, markup_only, trim};
use assumerole_core::diagnostic::Result;

pub use crate::edits::Edited;

/// What AWS's guide writes in the place of a token.
const REFERENCE: &str = "${env.CODEARTIFACT_AUTH_TOKEN}";

/// What `settings.xml` shall say.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// The `<id>` that repositories of a build name.
    pub id: &'a str,
    /// The `<username>`, where there is none yet.
    pub username: &'a str,
    /// The `<password>`.
    pub password: &'a SecretString,
}

/// Makes `bytes`, the content of the `settings.xml` that a person calls `path`,
/// say what `server` says.
///
/// Of several servers with that id each gets the password: some parts of Maven
/// take the first, others the last; one that is exactly
/// `${env.CODEARTIFACT_AUTH_TOKEN}` stays. A server without a password gets one, and
/// a user name if it has none; where there is no such server, one is added as
/// the last of `<servers>`, which is added if need be.
///
/// # Errors
/// `Kind::Config`, with the place: the bytes are not well-formed XML, in an
/// encoding that is not understood, or not Maven's settings; the value of
/// `server` cannot be written in XML.
pub fn edit(path: &str, bytes: &[u8], server: &Server<'_>) -> Result<Edited> {
    let shown = |line: &str| markup_only(line, KNOWN);
    let source =
        Source::decode(bytes).map_err(|(fault, text)| fault.into_error(path, &text, shown))?;
    let edits =
        plan(&source, server).map_err(|fault| fault.into_error(path, source.text(), shown))?;
    Ok(match edits.is_empty() {
        true => Edited::Unchanged,
        false => Edited::Changed(source.encode(&edits.apply(source.text()))),
    })
}

/// Elements of `settings.xml`, whose names are no secret.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "settings", "localRepository", "interactiveMode", "usePluginRegistry", "offline",
    "pluginGroups", "pluginGroup", "servers", "server", "id", "username", "password",
    "privateKey", "passphrase", "filePermissions", "directoryPermissions", "configuration",
    "mirrors", "mirror", "mirrorOf", "name", "url", "layout", "mirrorOfLayouts", "blocked",
    "proxies", "proxy", "active", "protocol", "host", "port", "nonProxyHosts",
    "profiles", "profile", "activation", "activeByDefault", "jdk", "os", "property", "file",
    "properties", "repositories", "repository", "pluginRepositories", "pluginRepository",
    "releases", "snapshots", "enabled", "updatePolicy", "checksumPolicy",
    "activeProfiles", "activeProfile", "value", "family", "arch", "version", "exists", "missing",
];

fn plan(source: &Source, server: &Server<'_>) -> Read<Edits> {
    let tree = Tree::of(source)?;
    let root = tree.root();
    let element = tree.get(root);
    if !is(element, "settings") {
        let why = match element.local {
            "settings" => "its root element is in another namespace than Maven's",
            _ => "its root element is not <settings>",
        };
        return Err(Fault::new(element.start.clone(), "is not Maven's settings").because(why));
    }
    let settings = Settings { tree: &tree };
    let mut edits = Edits::default();
    let lists = settings.children(root, "servers")?;
    let mut found = false;
    for list in &lists {
        for id in settings.children(*list, "server")? {
            if settings.is_named(id, server.id)? {
                found = true;
                settings.complete(&mut edits, id, server)?;
            }
        }
    }
    if !found {
        settings.add(&mut edits, lists.first().copied(), server)?;
    }
    Ok(edits)
}

/// Whether an element is the one of Maven's called `local`. Maven itself looks
/// at names alone, so that files without its namespace are as good; an element
/// of another namespace is somebody else's.
fn is(element: &Element<'_>, local: &str) -> bool {
    let namespace = element.namespace.as_deref();
    let ours = match namespace {
        None => element.prefix.is_empty(),
        Some(uri) => ["http://", "https://"].iter().any(|scheme| {
            let rest = uri.strip_prefix(scheme);
            rest.is_some_and(|rest| rest.starts_with("maven.apache.org/SETTINGS/"))
        }),
    };
    ours && element.local == local
}

struct Settings<'s, 't> {
    tree: &'s Tree<'t>,
}

impl Settings<'_, '_> {
    /// The elements called `local` in `parent`.
    fn children(&self, parent: Id, local: &str) -> Read<Vec<Id>> {
        if let Some(at) = self.tree.entity_in(parent) {
            return Err(Fault::new(at..at + 1, "cannot be edited")
                .because("an entity stands where elements are, and what it holds is not known")
                .hint("write what it stands for in its place"));
        }
        let children = self.tree.get(parent).children();
        Ok(children
            .filter(|id| is(self.tree.get(*id), local))
            .collect())
    }

    /// Whether the server `server` has the id `wanted`.
    fn is_named(&self, server: Id, wanted: &str) -> Read<bool> {
        let ids = self.children(server, "id")?;
        let text = |id: &Id| self.tree.text_of(*id).unwrap_or_default();
        Ok(ids.iter().any(|id| trim(&text(id)) == trim(wanted)))
    }

    /// Sees to it that the server `id` has the password.
    fn complete(&self, edits: &mut Edits, id: Id, server: &Server<'_>) -> Read<()> {
        let password = server.password.expose_secret();
        let passwords = self.children(id, "password")?;
        for password_element in &passwords {
            let element = self.tree.get(*password_element);
            let Some(text) = self.tree.text_of(*password_element) else {
                return Err(Fault::new(element.start.clone(), "is not Maven's settings")
                    .because("there is an element in this password"));
            };
            // Maven puts the variable in its place, which what runs in the role has.
            if trim(&text) != REFERENCE && trim(&text) != trim(password) {
                edits.set_text(self.tree, *password_element, password)?;
            }
        }
        if !passwords.is_empty() {
            return Ok(());
        }
        let mut fields = Vec::new();
        if self.children(id, "username")?.is_empty() {
            fields.push(self.field(id, "username", server.username)?);
        }
        fields.push(self.field(id, "password", password)?);
        appended(edits, self.tree, id, |layout| {
            fields.join(layout.before().as_str())
        });
        Ok(())
    }

    /// Adds the server, to `list` or to a new one.
    fn add(&self, edits: &mut Edits, list: Option<Id>, server: &Server<'_>) -> Read<()> {
        let parent = list.unwrap_or_else(|| self.tree.root());
        let fields = [
            self.field(parent, "id", server.id)?,
            self.field(parent, "username", server.username)?,
            self.field(parent, "password", server.password.expose_secret())?,
        ];
        let name = |local: &str| self.tree.get(parent).written(local);
        let one = |layout: &Layout, inner: &Layout| {
            let mut text = format!("<{}>", name("server"));
            for field in &fields {
                text.push_str(&inner.before());
                text.push_str(field);
            }
            if *inner != Layout::Inline {
                text.push_str(&layout.before());
            }
            text + &format!("</{}>", name("server"))
        };
        appended(edits, self.tree, parent, |layout| match list {
            Some(list) => {
                let last = self.tree.get(list).children().next_back();
                let inner = last.map(|last| layout.inside_of(self.tree, last));
                one(layout, &inner.unwrap_or_else(|| layout.inner()))
            }
            None => {
                let inner = layout.inner();
                let server = one(&inner, &inner.inner());
                let (open, close) = (name("servers"), name("servers"));
                let (first, last) = (inner.before(), layout.before());
                format!("<{open}>{first}{server}{last}</{close}>")
            }
        });
        Ok(())
    }

    /// `<local>value</local>`, with the prefix of `beside`.
    fn field(&self, beside: Id, local: &str, value: &str) -> Read<String> {
        let element = self.tree.get(beside);
        let name = element.written(local);
        let value = escaped(self.tree.source(), value, element.start.clone())?;
        Ok(format!("<{name}>{value}</{name}>"))
    }
}

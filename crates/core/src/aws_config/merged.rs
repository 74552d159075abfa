//! Both files as one: what a profile says, whichever file it says it in.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use super::file::{AwsFile, FileKind, Property, Section};
use super::index::hash;
use super::large::Crowd;
use super::names::SectionName;
use super::problem::Problem;
use super::value::{Nested, Value};
use crate::diagnostic::text::Snippet;

/// Kinds of sections that are asked for by name.
#[derive(Clone, Copy, PartialEq)]
enum Named {
    Profile,
    SsoSession,
    Services,
}

impl Named {
    fn split<'a>(name: SectionName<'a>) -> Option<(Self, Cow<'a, str>)> {
        match name {
            SectionName::Profile(name) => Some((Self::Profile, name)),
            SectionName::SsoSession(name) => Some((Self::SsoSession, name)),
            SectionName::Services(name) => Some((Self::Services, name)),
            SectionName::Defaults | SectionName::Other(_) | SectionName::Broken => None,
        }
    }

    fn named(self, name: &str) -> SectionName<'_> {
        let name = Cow::Borrowed(name);
        match self {
            Self::Profile => SectionName::Profile(name),
            Self::SsoSession => SectionName::SsoSession(name),
            Self::Services => SectionName::Services(name),
        }
    }
}

/// What one file says about a name.
#[derive(Clone)]
struct Layer<'a> {
    file: &'a AwsFile,
    /// Its sections, as indices: one, or more if a header is given twice.
    sections: Cow<'a, [usize]>,
    /// All of them, if they are many.
    crowd: Option<&'a Crowd>,
}

impl<'a> Layer<'a> {
    /// The sections of `file` that say what `kind` `name` is.
    fn find(file: &'a AwsFile, kind: Named, name: &str) -> Option<Self> {
        let wanted = kind.named(name);
        let crowd = file.crowds().get(hash(&wanted)?);
        let is = |section: &usize| file.section(*section).name() == wanted;
        if let Some(crowd) = crowd.filter(|crowd| crowd.sections.first().is_some_and(is)) {
            return Some(Self {
                file,
                sections: Cow::Borrowed(&crowd.sections),
                crowd: Some(crowd),
            });
        }
        let mut sections: Vec<usize> = file.index().get(hash(&wanted)?).filter(is).collect();
        // Of `[profile a]` and `[profile "a"]` the later one counts.
        let header = |section: usize| file.section(section).header();
        let winner = header(*sections.last()?);
        sections.retain(|section| header(*section) == winner);
        Some(Self {
            file,
            sections: Cow::Owned(sections),
            crowd: None,
        })
    }

    /// Its properties; of many sections one of each key.
    fn own(&self) -> impl Iterator<Item = Property<'a>> {
        let file = self.file;
        let few = match self.crowd {
            Some(_) => &[][..],
            None => &self.sections,
        };
        let few = few
            .iter()
            .flat_map(move |at| file.section(*at).properties());
        let many = self.crowd.into_iter().flat_map(|crowd| &crowd.distinct);
        few.chain(many.map(move |at| Property::new(file, *at)))
    }

    /// What gives its keys to every section.
    fn defaults(&self) -> impl DoubleEndedIterator<Item = Section<'a>> + use<'a> {
        let file = self.file;
        let defaults = hash(&SectionName::Defaults).map(|hash| file.index().get(hash));
        defaults
            .into_iter()
            .flatten()
            .map(|section| file.section(section))
            .filter(|section| section.name() == SectionName::Defaults)
    }

    /// What `[DEFAULT]` gives to every section.
    fn inherited(&self) -> impl DoubleEndedIterator<Item = Property<'a>> + use<'a> {
        self.defaults().flat_map(|section| section.properties())
    }

    fn twice(&self) -> Option<Twice> {
        if let [first, second, ..] = &*self.sections {
            return Some(Twice {
                key: None,
                first: self.file.section(*first).snippet(),
                second: self.file.section(*second).snippet(),
            });
        }
        let own = self.sections.first().map(|own| self.file.section(*own));
        let own = own.filter(Section::may_repeat);
        own.and_then(|own| Twice::key(own.properties()))
            .or_else(|| {
                let mut defaults = self.defaults();
                let repeat = match (defaults.next(), defaults.next()) {
                    (Some(only), None) => only.may_repeat(),
                    _ => true,
                };
                repeat.then(|| Twice::key(self.inherited())).flatten()
            })
    }

    /// The first line of it, or of the `[DEFAULT]` that it inherits, that cannot
    /// be read and whose first word, in lower case, `is` a key that is looked for.
    fn left_out(&self, is: fn(&str) -> bool) -> Option<&'a (String, Range<usize>)> {
        let file = self.file;
        // In the order of the file.
        let all = file.deciding(is);
        if all.is_empty() {
            return None;
        }
        let within = |span: Range<usize>| {
            let from = all.partition_point(|(_, bad)| bad.start < span.start);
            all.get(from).filter(|(_, bad)| bad.start < span.end)
        };
        let own = self.sections.iter().map(|own| file.section(*own));
        let found = own
            .chain(self.defaults())
            .filter_map(|one| within(one.span()));
        found.min_by_key(|(_, bad)| bad.start)
    }

    fn get(&self, key: &str) -> Option<Property<'a>> {
        let own = match self.crowd {
            Some(crowd) => {
                let found = crowd.find(key).map(|at| Property::new(self.file, at));
                found.into_iter().find(|found| found.is(key))
            }
            None => {
                let mut own = self.sections.iter().rev();
                own.find_map(|own| self.file.section(*own).get(key))
            }
        };
        own.or_else(|| self.defaults().rev().find_map(|section| section.get(key)))
    }
}

/// Something that stands twice in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Twice {
    /// The key; `None`: the header itself.
    pub(crate) key: Option<String>,
    /// The first place.
    pub(crate) first: Snippet,
    /// The second.
    pub(crate) second: Snippet,
}

impl Twice {
    /// The first two of `properties` with one key.
    fn key<'a>(properties: impl Iterator<Item = Property<'a>>) -> Option<Self> {
        // A section has a few: a table would cost more than it saves.
        const FEW: usize = 64;
        let mut before: Vec<Property<'a>> = Vec::new();
        let mut table: HashMap<Cow<'a, str>, usize> = HashMap::new();
        for property in properties {
            let first = if before.len() < FEW {
                let key = property.written_key();
                before.iter().find(|first| first.is(key))
            } else {
                if table.is_empty() {
                    table.extend(before.iter().map(Property::key).zip(0..));
                }
                table.get(&property.key()).and_then(|at| before.get(*at))
            };
            if let Some(first) = first {
                return Some(Self {
                    key: Some(property.key().into_owned()),
                    first: first.snippet(),
                    second: property.snippet(),
                });
            }
            if !table.is_empty() {
                table.insert(property.key(), before.len());
            }
            before.push(property);
        }
        None
    }
}

/// Both files of `~/.aws`; one that does not exist is `None`.
#[derive(Debug, Default)]
pub struct AwsFiles {
    /// `~/.aws/config`.
    pub config: Option<AwsFile>,
    /// `~/.aws/credentials`.
    pub credentials: Option<AwsFile>,
}

impl AwsFiles {
    /// The profile `name`, from whichever file has it.
    pub fn profile(&self, name: &str) -> Option<Profile<'_>> {
        let find = |file| Layer::find(file, Named::Profile, name);
        SectionSettings::of(
            name,
            self.config.as_ref().and_then(find),
            self.credentials.as_ref().and_then(find),
        )
    }

    /// The section `[sso-session NAME]` of the config file.
    pub fn sso_session(&self, name: &str) -> Option<SectionSettings<'_>> {
        let config = self.config.as_ref()?;
        SectionSettings::of(name, Layer::find(config, Named::SsoSession, name), None)
    }

    /// The section `[services NAME]` of the config file. The endpoint of a
    /// service is in [`nested`](SectionSettings::nested), such as `("sts",
    /// "endpoint_url")`.
    pub fn services(&self, name: &str) -> Option<SectionSettings<'_>> {
        let config = self.config.as_ref()?;
        SectionSettings::of(name, Layer::find(config, Named::Services, name), None)
    }

    /// The names of all profiles, each once: those of the config file in its
    /// order, then what only the credentials file has.
    pub fn profile_names(&self) -> Vec<Cow<'_, str>> {
        self.names(Named::Profile)
    }

    /// The names of all `[sso-session NAME]`, each once, in order.
    pub fn sso_session_names(&self) -> Vec<Cow<'_, str>> {
        self.names(Named::SsoSession)
    }

    /// The names of all `[services NAME]`, each once, in order.
    pub fn services_names(&self) -> Vec<Cow<'_, str>> {
        self.names(Named::Services)
    }

    fn names(&self, wanted: Named) -> Vec<Cow<'_, str>> {
        let mut seen = HashSet::new();
        self.files()
            .flat_map(AwsFile::sections)
            .filter_map(|section| Named::split(section.name()))
            .filter(|(kind, _)| *kind == wanted)
            .map(|(_, name)| name)
            .filter(|name| seen.insert(name.clone()))
            .collect()
    }

    /// What is wrong with both files, the config file's first.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.files().flat_map(AwsFile::problems)
    }

    /// Those of the two files that exist, the config file first.
    pub fn files(&self) -> impl Iterator<Item = &AwsFile> {
        self.config.iter().chain(&self.credentials)
    }
}

/// What both files say about a profile.
pub type Profile<'a> = SectionSettings<'a>;

/// What is set for a profile, an SSO session or a `services` section. A key of
/// the credentials file hides the same key of the config file.
#[derive(Clone)]
pub struct SectionSettings<'a> {
    name: String,
    config: Option<Layer<'a>>,
    credentials: Option<Layer<'a>>,
}

impl<'a> SectionSettings<'a> {
    fn of(name: &str, config: Option<Layer<'a>>, credentials: Option<Layer<'a>>) -> Option<Self> {
        (config.is_some() || credentials.is_some()).then(|| Self {
            name: name.to_owned(),
            config,
            credentials,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its headers: those in the config file, then those in the credentials
    /// file.
    pub fn sections(&self) -> impl Iterator<Item = Section<'a>> {
        self.config
            .iter()
            .chain(&self.credentials)
            .flat_map(|layer| {
                let file = layer.file;
                layer.sections.iter().map(move |index| file.section(*index))
            })
    }

    /// The property `key`, in whatever case: plain or nested.
    pub fn property(&self, key: &str) -> Option<Property<'a>> {
        self.layers().find_map(|layer| layer.get(key))
    }

    /// As [`property`](Self::property), of one of the two files alone.
    pub(crate) fn property_in(&self, kind: FileKind, key: &str) -> Option<Property<'a>> {
        let layer = match kind {
            FileKind::Config => self.config.as_ref(),
            FileKind::Credentials => self.credentials.as_ref(),
        };
        layer?.get(key)
    }

    /// The plain value of `key`, in whatever case. `None` also for a list of
    /// sub-keys.
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.property(key)?.value()
    }

    /// The value of `subkey` below `key`, such as `("s3", "addressing_style")`.
    /// The case of `subkey` matters.
    pub fn nested(&self, key: &str, subkey: &str) -> Option<Value<'a>> {
        let nested = self.property(key)?.nested();
        let found = nested.into_iter().rev().find(|found| found.key == subkey);
        found.map(|Nested { value, .. }| value)
    }

    /// All keys in lower case, each once, in order; the config file's first.
    pub fn keys(&self) -> Vec<Cow<'a, str>> {
        let mut seen = HashSet::new();
        self.config
            .iter()
            .chain(&self.credentials)
            .flat_map(|layer| layer.own().chain(layer.inherited()))
            .map(|property| property.key())
            .filter(|key| seen.insert(key.clone()))
            .collect()
    }

    /// What stands twice in one of the files: a header of it, or a key of it or
    /// of the `[DEFAULT]` that it inherits. The AWS CLI refuses such a file.
    pub(crate) fn twice(&self) -> Option<Twice> {
        self.config
            .iter()
            .chain(&self.credentials)
            .find_map(Layer::twice)
    }

    /// The first line of it, or of the `[DEFAULT]` that it inherits, that
    /// cannot be read and whose first word, in lower case, `is` a key that is
    /// looked for: that word, and the place.
    pub(crate) fn left_out(&self, is: fn(&str) -> bool) -> Option<(String, Snippet)> {
        let mut layers = self.config.iter().chain(&self.credentials);
        layers.find_map(|layer| {
            let (word, span) = layer.left_out(is)?;
            Some((word.clone(), layer.file.snippet(span.clone())))
        })
    }

    /// Whether it has so many headers that looking at each takes a while.
    pub(crate) fn is_crowd(&self) -> bool {
        self.layers().any(|layer| layer.crowd.is_some())
    }

    /// Whether its sections are one, written word for word the same each time.
    pub(crate) fn is_repeated(&self) -> bool {
        match (&self.config, &self.credentials) {
            (
                Some(Layer {
                    crowd: Some(crowd), ..
                }),
                None,
            ) => *crowd.is_repeated.get_or_init(|| self.has_one_text()),
            _ => self.has_one_text(),
        }
    }

    fn has_one_text(&self) -> bool {
        let keys = |section: &Section<'a>| -> Vec<(Cow<'a, str>, Option<String>)> {
            let one = |property: Property<'a>| {
                let value = property.value().map(|value| value.text().to_owned());
                (property.key(), value)
            };
            section.properties().map(one).collect()
        };
        let mut sections = self.sections();
        let Some(first) = sections.next() else {
            return false;
        };
        let (first, mut more) = (keys(&first), sections.peekable());
        let distinct = first
            .iter()
            .enumerate()
            .all(|(at, (key, _))| first[..at].iter().all(|(other, _)| other != key));
        distinct && more.peek().is_some() && more.all(|section| keys(&section) == first)
    }

    /// The files that speak of it, those that win first.
    fn layers(&self) -> impl Iterator<Item = &Layer<'a>> {
        self.credentials.iter().chain(&self.config)
    }
}

impl fmt::Debug for SectionSettings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("sections", &self.sections().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

//! What is chosen from.

use std::borrow::Cow;

use jiff::SignedDuration;

/// The roles to choose from. Only what is asked for is looked up, so that the
/// first of ten thousand are seen at once.
pub(crate) trait Roles {
    /// How many there are.
    fn count(&self) -> usize;

    /// The name of the one at `at`.
    fn name(&self, at: usize) -> &str;

    /// All that stands in its row; asked once. For those in sight at first,
    /// for the others when nobody types or when something is looked for.
    fn item(&self, at: usize) -> Item;

    /// What assuming it would do, line by line; asked when it is picked out.
    fn preview(&self, at: usize) -> Vec<Detail>;
}

/// A role to choose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    /// Its name in the file.
    pub(crate) name: String,
    /// Its account, 12 digits.
    pub(crate) account: String,
    /// Its region, if it has one.
    pub(crate) region: Option<String>,
    /// How long its cached credentials last, if there are any.
    pub(crate) left: Option<SignedDuration>,
    /// What it is for, if somebody said so.
    pub(crate) description: Option<String>,
    /// What it is tagged with, `name=value` or `name`.
    pub(crate) tags: Vec<String>,
    /// The file that it is from, if there are roles from several.
    pub(crate) origin: Option<String>,
    /// What is wrong with it, instead of what it is for.
    pub(crate) fault: Option<String>,
}

impl Item {
    /// A role of which no more is known.
    pub(crate) fn new(name: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            account: account.into(),
            ..Self::default()
        }
    }
}

/// Roles of which nothing more is known.
impl Roles for Vec<Item> {
    fn count(&self) -> usize {
        self.len()
    }

    fn name(&self, at: usize) -> &str {
        &self[at].name
    }

    fn item(&self, at: usize) -> Item {
        self[at].clone()
    }

    fn preview(&self, _: usize) -> Vec<Detail> {
        Vec::new()
    }
}

/// A line of the preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    /// What it is about; a word or two.
    pub(crate) label: Cow<'static, str>,
    /// What is to be known.
    pub(crate) value: String,
}

impl Detail {
    /// `label` and `value`.
    pub(crate) fn new(label: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
        }
    }
}

//! `browser_isolate`: what keeps the consoles of roles apart in one browser.

use std::str::FromStr;

use serde_json::{Value, json};

use super::fault::Read;
use super::node::{Node, Shape};
use super::schema::Form;
use crate::aws::ids::Invalid;

/// What keeps the consoles of roles apart in one browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Nothing.
    #[default]
    Off,
    /// What the browser has: a container of Firefox, a profile of Chromium.
    OfTheBrowser,
    /// A container of Firefox, by the add-on "Open external links in a container".
    Container,
    /// A container of Firefox, by the add-on "Granted Containers".
    Granted,
    /// A profile of Chromium.
    Profile,
}

/// The words that stand for a way.
const WORDS: [(&str, Isolation); 3] = [
    ("container", Isolation::Container),
    ("granted", Isolation::Granted),
    ("profile", Isolation::Profile),
];

impl FromStr for Isolation {
    type Err = Invalid;

    /// As `--isolate` takes it; nothing is [`Isolation::OfTheBrowser`].
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Ok(Self::OfTheBrowser);
        }
        let found = WORDS.iter().find(|(word, _)| *word == text);
        found.map(|(_, way)| *way).ok_or_else(|| {
            let words = WORDS.map(|(word, _)| word).join(", ");
            Invalid(format!("it is one of {words}"))
        })
    }
}

impl Form for Isolation {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        let wrong = || {
            node.must_be("true, false, \"container\", \"granted\" or \"profile\"")
                .hint("write true for whatever the browser has")
        };
        match node.shape() {
            Shape::Bool if bool::read(node)? => Ok(Self::OfTheBrowser),
            Shape::Bool => Ok(Self::Off),
            Shape::String => match node.string()?.as_ref() {
                "" => Err(wrong()),
                word => word.parse().map_err(|_| wrong()),
            },
            _ => Err(wrong()),
        }
    }

    fn schema() -> Value {
        json!({"anyOf": [bool::schema(), {"enum": WORDS.map(|(word, _)| word)}]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_named() {
        assert_eq!("".parse(), Ok(Isolation::OfTheBrowser));
        assert_eq!("granted".parse(), Ok(Isolation::Granted));
        assert!("firefox".parse::<Isolation>().is_err());
    }
}

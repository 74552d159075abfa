//! `askpass`: who asks a person where there is no terminal.

use serde_json::{Value, json};

use super::fault::Read;
use super::mfa::Command;
use super::node::{Node, Shape};
use super::schema::Form;

/// Who asks a person where there is no terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Askpass {
    /// Nobody.
    Off,
    /// `SSH_ASKPASS`, else the program of the desktop.
    OfTheDesktop,
    /// The program of these words, which gets the question as one more.
    Program(Vec<String>),
}

impl Form for Askpass {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        match node.shape() {
            Shape::Bool if bool::read(node)? => Ok(Self::OfTheDesktop),
            Shape::Bool => Ok(Self::Off),
            Shape::String => Command::read(node).map(Self::Program),
            _ => Err(node
                .must_be("true, false or a command line")
                .hint("write true for SSH_ASKPASS, zenity or kdialog, whichever is there")),
        }
    }

    fn schema() -> Value {
        json!({"anyOf": [bool::schema(), Command::schema()]})
    }
}

//! `sso_token_store`: where refresh tokens of IAM Identity Center are kept.

use serde_json::{Value, json};

use super::fault::Read;
use super::node::{Node, Shape};
use super::schema::Form;

/// Where refresh tokens and client secrets of IAM Identity Center are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenStore {
    /// In the files of the AWS CLI, in clear.
    #[default]
    File,
    /// Sealed, with the cached sessions.
    Sealed,
}

impl Form for TokenStore {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        let word = match node.shape() {
            Shape::String => node.string()?,
            _ => "".into(),
        };
        match &*word {
            "file" => Ok(Self::File),
            "sealed" => Ok(Self::Sealed),
            _ => Err(node.must_be("\"file\" or \"sealed\"")),
        }
    }

    fn schema() -> Value {
        json!({"enum": ["file", "sealed"]})
    }
}

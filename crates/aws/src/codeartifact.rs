//! The calls to CodeArtifact.
//!
//! <https://docs.aws.amazon.com/codeartifact/latest/APIReference/>

mod get_authorization_token;
mod get_repository_endpoint;
mod hints;

pub use get_authorization_token::{Token, get_authorization_token};
pub use get_repository_endpoint::get_repository_endpoint;
pub use hints::explain;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind};
use aws_sdk_codeartifact::Client;
use aws_types::SdkConfig;

use crate::dates::LastDate;

fn client(config: &SdkConfig, date: LastDate) -> Client {
    let config = aws_sdk_codeartifact::config::Builder::from(config);
    Client::from_conf(config.interceptor(date).build())
}

/// An answer to `operation` that nothing can be done with.
fn unusable(operation: &str, what: &str) -> Error {
    Error::new(
        Kind::Refused,
        format!("the answer to {operation} contains {what}; nothing of it was kept"),
    )
    .called(Id::AnswerUnusable)
}

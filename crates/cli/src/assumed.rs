//! What assuming a role gives: what the deliveries hand over.

use assumerole_core::Credentials;
use assumerole_core::environment::{AwsFileCopies, Server, Variable};
use assumerole_core::plan::{CacheKey, Plan, Target};
use assumerole_core::shell::note::Note;
use jiff::Timestamp;
use secrecy::SecretString;

/// A role with its credentials.
#[derive(Debug)]
pub(crate) struct Assumed {
    /// The role or the profile, as its file describes it.
    pub(crate) target: Target,
    /// How its credentials were obtained.
    pub(crate) plan: Plan,
    /// The flags that ask for the same again.
    pub(crate) flags: Vec<String>,
    /// That the session is shorter than what was asked for, where that was not
    /// said when it was.
    pub(crate) shorter: Option<String>,
    /// What is written down of the session in whatever is in it.
    pub(crate) note: Option<Note>,
    /// What is set up around it gives these variables.
    pub(crate) around: Vec<Variable>,
    /// Whether there should be a CodeArtifact token, and is none, which was said.
    pub(crate) lacks_token: bool,
    /// The credentials.
    pub(crate) credentials: Credentials,
    /// When they end, by our clock; `None`: not that anybody knows.
    pub(crate) ends: Option<Timestamp>,
    /// When they were asked for, or before that.
    pub(crate) began: Timestamp,
    /// Whether they lie in the cache, unless they were forgotten since.
    pub(crate) cached: bool,
    /// What each step of the plan is cached under, the last of them if it is kept.
    pub(crate) keys: Vec<Option<CacheKey>>,
    /// What hands them out in their place.
    pub(crate) served: Option<CredentialServer>,
}

/// A server that hands credentials out.
#[derive(Debug)]
pub(crate) struct CredentialServer {
    /// Where it answers for the role.
    pub(crate) uri: String,
    /// What is shown to it.
    pub(crate) token: SecretString,
    /// The file that holds the token.
    pub(crate) token_file: Option<String>,
    /// Copies of the files of `~/.aws`: configuration and credentials.
    pub(crate) copies: Option<(String, String)>,
}

impl CredentialServer {
    /// What leads to it.
    pub(crate) fn facts(&self) -> Server<'_> {
        Server {
            uri: &self.uri,
            token: &self.token,
            token_file: self.token_file.as_deref(),
            files: self
                .copies
                .as_ref()
                .map(|(config, credentials)| AwsFileCopies {
                    config,
                    credentials,
                }),
        }
    }
}

impl Assumed {
    /// The access key of the credentials.
    pub(crate) fn access_key_id(&self) -> &str {
        &self.credentials.access_key_id
    }
}

//! What AWS Sign-In remembers while a sandbox runs.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

/// A page on which a person signs in, and what a code of it is good for.
#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) client_id: String,
    pub(crate) redirect: String,
    pub(crate) challenge: String,
    /// What goes back with the code.
    pub(crate) state: String,
    pub(crate) expires: Timestamp,
    /// The refresh token of the world whose session was signed in to.
    pub(crate) login: Option<String>,
}

/// A session that goes on.
#[derive(Clone)]
pub(crate) struct SignInChain {
    /// Its first token, or code.
    pub(crate) first: String,
    /// The token of the world that says whose it is.
    pub(crate) login: String,
}

/// A session as its person sees it.
pub(crate) struct SignInRecord {
    pub(crate) arn: String,
    /// The ARN of whose it is.
    pub(crate) principal: String,
    pub(crate) account: String,
    /// The first token or code of its chain.
    pub(crate) first: String,
    pub(crate) issued: Timestamp,
    pub(crate) revoked: bool,
}

/// What was given.
#[derive(Default)]
pub(crate) struct SigninMemory {
    /// Pages that wait for a person, by their token.
    pub(crate) pages: HashMap<String, SignIn>,
    /// Codes that were not used yet.
    pub(crate) codes: HashMap<String, SignIn>,
    /// Refresh tokens that were given.
    pub(crate) given: HashMap<String, SignInChain>,
    /// Tokens that were used.
    pub(crate) spent: HashSet<String>,
    /// The thumbprint of the key that a chain is bound to, by its first token.
    pub(crate) keys: HashMap<String, String>,
    /// Sessions that were used, in order.
    pub(crate) sessions: Vec<SignInRecord>,
    /// The proofs that were shown.
    pub(crate) proofs: HashSet<String>,
}

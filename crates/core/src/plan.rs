//! The plan: what will be done to get credentials, as data. Pure, printable,
//! and walked from its end: work starts after the last step whose result is
//! cached and fresh.

mod carry;
mod chain;
pub mod codeartifact;
mod console;
pub mod consumer;
mod facts;
mod guards;
mod hop;
mod key;
mod keys;
mod marks;
mod metadata;
pub mod origin;
mod own_process;
mod passed_over;
mod planner;
mod portal;
pub mod request;
mod route;
mod services;
pub mod settings;
mod sign_in;
mod source;
mod sourcing;
mod steps;
mod target;
#[cfg(test)]
mod tests;
mod ways;
mod whose;
mod wrong_settings;

pub use facts::{Content, Decided, Fact, Why};
pub use guards::{Guard, Watched, Way, guards, watched};
pub use key::CacheKey;
pub use keys::StaticKeys;
pub use marks::Marks;
pub use own_process::role_of_process;
pub use passed_over::passed_over;
pub use planner::{Inputs, StoredKeyIds, plan, policy_files};
pub use portal::sso_session;
pub use route::Route;
pub use sign_in::first_login;
pub use source::{
    AccessTenant, Login, ManagedAccess, MetadataService, Source, SourceKind, Sso, SsoPortal,
    WebIdentity,
};
pub use steps::{
    AssumeRole, Call, Fresh, MfaWay, Plan, SessionToken, Step, check_granted, session_arn,
};
pub use target::{Target, has_credentials, is_role, role_names, target_names};
pub use whose::{Caller, Printed, Whose};
pub use wrong_settings::{wrong_sections, wrong_settings};

use sourcing::Sourcing;

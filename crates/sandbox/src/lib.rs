//! A private AWS on loopback, for demos and for tests, strict where AWS is
//! strict: signatures, clocks, session tokens, MFA codes that work once, trust
//! policies, durations, and the words in which AWS says no.
//!
//! ```
//! use aws_sandbox::{Fault, Options, Role, Sandbox, User, World};
//!
//! # fn main() -> std::io::Result<()> {
//! let world = World::default()
//!     .user(
//!         User::new("jdoe", "210987654321")
//!             .key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
//!             .mfa("arn:aws:iam::210987654321:mfa/jdoe", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
//!     )
//!     .role(
//!         Role::new("arn:aws:iam::123456789012:role/read")
//!             .trusting("210987654321")
//!             .with_mfa(),
//!     );
//! let sandbox = Sandbox::start(world, Options::default())?;
//! sandbox.inject(Fault::throttle().on("AssumeRole"));
//! let code = sandbox.code("arn:aws:iam::210987654321:mfa/jdoe");
//! println!("call {} with code {code}", sandbox.endpoint());
//! assert_eq!(sandbox.count("AssumeRole"), 0);
//! # Ok(())
//! # }
//! ```
//!
//! A service is one file under `src/services/`; the signature of a request
//! says which one it is for.

mod arn;
mod caller;
mod clock;
mod constraints;
mod exchange;
mod fault;
mod journal;
mod memory;
mod principal;
mod query;
mod random;
mod refusal;
mod rest;
mod sandbox;
mod server;
mod service;
mod services;
mod sigv4;
mod state;
mod tls;
mod totp;
mod web_identity;
mod world;

pub use fault::Fault;
pub use journal::Entry;
pub use sandbox::{Credentials, Options, Sandbox};
pub use totp::code_at;
pub use web_identity::identity_token_at;
pub use world::{
    AccessKey, Assignment, Container, Domain, IdentityCenter, Instance, Login, MfaDevice,
    OidcProvider, Organization, PermissionSet, Renewal, Repository, Role, SsoAccount, SsoSession,
    SsoUser, Trust, User, World,
};

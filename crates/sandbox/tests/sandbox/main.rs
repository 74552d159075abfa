//! The sandbox as its clients meet it: over the wire, signed by a client that
//! shares no code with it.

#[cfg(test)]
mod assume_role;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod client;
#[cfg(test)]
mod codeartifact;
#[cfg(test)]
mod control;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod iam;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod machines;
#[cfg(test)]
mod mfa;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod signin;
#[cfg(test)]
mod sso;
#[cfg(test)]
mod sso_oidc;
#[cfg(test)]
mod tags;
#[cfg(test)]
mod web_identity;
#[cfg(test)]
mod wire;

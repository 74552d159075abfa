//! A credentials server on loopback, as the AWS SDKs ask one for a container's
//! credentials.
//!
//! It answers from what it has been [given](Offers) and asks nobody: who
//! renews that is none of its business. Who may ask is decided by one pure
//! function, [`judge()`].

mod answer;
mod doors;
mod judge;
mod listen;
mod offers;
mod path;
mod token;
mod wire;

pub use answer::Refusal;
pub use doors::Limits;
pub use judge::{Asked, Peer, Rules, Verdict, judge};
pub use listen::{Door, Server};
pub use offers::{Given, Offers};
pub use path::{process_path, role_path};
pub use token::Token;

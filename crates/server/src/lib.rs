//! What listens on loopback: a credentials server, as the AWS SDKs ask one for a
//! container's credentials, and one-time pages for the person's browser ([`Desk`],
//! [`Opener`]).
//!
//! The credentials server answers from what it has been [given](Offers) and asks nobody: who
//! renews that is none of its business. Who may ask is decided by one pure
//! function, [`judge()`].

mod answer;
mod desk;
mod doors;
mod hand_over;
mod judge;
mod listen;
mod offers;
mod path;
mod token;
mod wire;

pub use answer::Refusal;
pub use desk::{Back, Desk, Event, Laid};
pub use doors::Limits;
pub use hand_over::{Handed, Handing, Opener};
pub use judge::{Asked, Peer, Rules, Verdict, judge};
pub use listen::{Door, Server};
pub use offers::{Given, Offers};
pub use path::{process_path, role_path};
pub use token::Token;

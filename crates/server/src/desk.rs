//! One-time pages on loopback, for the person's own browser: a page that sends
//! it on to a secret URL, and the place that a sign-in sends it back to.
//!
//! The URL is never in the arguments of a browser, which all users of the machine
//! can read: they hold the address of a page, which is answered once, to a
//! process of the same user, within a minute. Who is answered is decided by one
//! pure function, [`judge::judge`].

mod judge;
mod listen;
mod pages;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use assumerole_host::peer;
use secrecy::SecretString;

use crate::token::Token;
use judge::DeskRules;
use listen::Attendant;
pub use pages::Back;
use pages::{Page, Pages, Peers};

/// How long a page can be had.
pub(crate) const LASTS: Duration = Duration::from_mins(1);

/// A page that was laid out: its number, and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Its number at this desk.
    pub number: usize,
    /// What a browser is to open. It is worth nothing to other users.
    pub address: String,
}

/// What has happened.
#[derive(Debug)]
pub enum Event {
    /// The browser has got the page of this number, and with it the URL.
    Taken(usize),
    /// Somebody else has asked for it, by its right address: nobody gets it any
    /// more. The user, where the system tells.
    Foreign(usize, Option<u32>),
    /// It was asked for once more. Whoever was first may not have been the
    /// person's browser.
    Again(usize),
    /// A sign-in has sent the browser back.
    Back(Back),
    /// The browser that came back is shown how it ended.
    Ended,
}

/// What lies on loopback for the person's browser. Gone when dropped.
pub struct Desk {
    port: u16,
    pages: Pages,
    events: Receiver<Event>,
    peers: Peers,
    _listener: Attendant,
}

impl Desk {
    /// A desk at a port of its own, for the user of this process.
    ///
    /// # Errors
    /// The system refuses.
    pub fn open(wsl: bool) -> io::Result<Self> {
        let peers = match wsl {
            true => Peers::Relayed,
            false => known()?,
        };
        Self::open_for(peers)
    }

    fn open_for(peers: Peers) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let pages = Pages::default();
        let rules = DeskRules {
            host: format!("127.0.0.1:{port}"),
            user: peer::own_user(),
            peers,
        };
        let (listener, events) = Attendant::start(listener, rules, pages.clone())?;
        Ok(Self {
            port,
            pages,
            events,
            peers,
            _listener: listener,
        })
    }

    /// The port of 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the system tells whose a visitor is. Where it does not, the address
    /// of a page is what shows that: it may stand in no arguments then.
    pub(crate) fn knows_visitors(&self) -> bool {
        self.peers != Peers::Unknown
    }

    /// Lays out a page that sends the browser on to `url`, once, for [`LASTS`].
    ///
    /// # Errors
    /// The system has no random numbers.
    pub(crate) fn lay_out(&self, url: SecretString) -> io::Result<Laid> {
        let path = Token::short()?;
        let address = format!("http://127.0.0.1:{}/{}", self.port, path.text());
        let number = self.pages.add(Page::new(path, url));
        Ok(Laid { number, address })
    }

    /// Takes the answer of a sign-in at `path`, once, if it shows `state`; until
    /// this desk is gone.
    pub fn expect(&self, path: &str, state: SecretString) {
        self.pages.expect(path, state);
    }

    /// The next thing that happens, within `time`.
    pub fn wait(&self, time: Duration) -> Option<Event> {
        self.events.recv_timeout(time).ok()
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("port", &self.port)
            .field("peers", &self.peers)
            .finish_non_exhaustive()
    }
}

/// Whether the system tells whose a connection is.
fn known() -> io::Result<Peers> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let here = listener.local_addr()?;
    let stream = TcpStream::connect_timeout(&here, Duration::from_secs(2))?;
    let from: SocketAddr = stream.local_addr()?;
    Ok(match peer::user_at(here, from) {
        Some(user) if user == peer::own_user() => Peers::Known,
        _ => Peers::Unknown,
    })
}

#[cfg(test)]
mod tests;

//! What a server that was detached is told: by a socket beside its token, which
//! only its user reaches.

use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::error::reason;
use assumerole_server::Token;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::janitor::Ender;
use super::spec::{self, Ready, Role};

/// Bytes of what it is told.
const LARGEST: u64 = 4 * 1024 * 1024;

/// How long something is waited for that takes no time.
const SOON: Duration = Duration::from_secs(5);

/// How long roles are waited for: until something is renewed that AWS is slow
/// to answer.
const LATE: Duration = Duration::from_secs(60);

/// What a server is told, and by whom.
#[derive(Serialize, Deserialize)]
struct Message {
    #[serde(serialize_with = "spec::exposed")]
    token: SecretString,
    order: Order,
}

/// What a server is told.
#[derive(Serialize, Deserialize)]
pub(super) enum Order {
    /// Hand these out, too.
    Add(Vec<Role>),
    /// Say what is handed out.
    Report,
    /// End.
    Stop,
}

/// What it answers.
#[derive(Serialize, Deserialize)]
pub(super) enum Reply {
    /// How it is reached.
    Ready(Box<Ready>),
    /// What it hands out.
    Report(Vec<RoleReport>),
    /// It ends.
    Ending,
    /// It does not do it.
    Failed(Error),
}

/// What is told of a role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RoleReport {
    pub(super) name: String,
    pub(super) region: Option<String>,
    /// When what it has ends; `None` where nobody knows, and where it has
    /// nothing.
    pub(super) ends: Option<Timestamp>,
    /// Why it has nothing, or cannot be renewed.
    pub(super) trouble: Option<String>,
    /// Whether it has something.
    pub(super) handed_out: bool,
}

/// Tells the server behind the socket at `path` something, and waits for its
/// reply.
///
/// # Errors
/// It does not answer.
pub(super) fn tell(path: &Path, token: SecretString, order: Order) -> Result<Reply> {
    let wait = match order {
        Order::Add(_) => LATE,
        Order::Report | Order::Stop => SOON,
    };
    let message = spec::written(&Message { token, order })?;
    let exchange = || -> io::Result<Zeroizing<Vec<u8>>> {
        let mut stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(wait))?;
        stream.set_write_timeout(Some(SOON))?;
        stream.write_all(&message)?;
        stream.shutdown(Shutdown::Write)?;
        read(&mut stream)
    };
    let silent = || {
        Error::new(Kind::Failed, "the credentials server does not answer").called(Id::ServerFailed)
    };
    let said = exchange().map_err(|error| {
        silent()
            .because(reason(&error))
            .hint("end it: assumerole serve --stop")
    })?;
    spec::read(&said).map_err(|_| {
        silent()
            .because("it is another version of this program")
            .hint("end it: assumerole serve --stop")
    })
}

fn read(stream: &mut UnixStream) -> io::Result<Zeroizing<Vec<u8>>> {
    // Grown at once, so that no half of it is left in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(256 * 1024));
    stream.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Roles to hand out, and where to say what came of it.
pub(super) struct Added {
    pub(super) roles: Vec<Role>,
    pub(super) reply: Sender<Reply>,
}

/// Listens to what its server is told.
pub(super) struct Control {
    added: Receiver<Added>,
    report: Arc<Mutex<Vec<RoleReport>>>,
}

impl Control {
    /// Begins to listen. `ender` ends the server.
    ///
    /// # Errors
    /// There is no thread for it.
    pub(super) fn start(listener: UnixListener, token: Token, ender: Ender) -> io::Result<Self> {
        let (sender, added) = channel();
        let report = Arc::default();
        let ears = Ears {
            token,
            ender,
            sender,
            report: Arc::clone(&report),
        };
        let listen = move || {
            for stream in listener.incoming().flatten() {
                // One who says nothing keeps nobody waiting for long.
                let _ = ears.hear(stream);
            }
        };
        let thread = std::thread::Builder::new().name("control".to_owned());
        thread.spawn(listen)?;
        Ok(Self { added, report })
    }

    /// The next roles that shall be handed out.
    pub(super) fn added(&self) -> Option<Added> {
        self.added.try_recv().ok()
    }

    /// What is said from now on, if somebody asks.
    pub(super) fn report(&self, told: Vec<RoleReport>) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = told;
    }
}

struct Ears {
    token: Token,
    ender: Ender,
    sender: Sender<Added>,
    report: Arc<Mutex<Vec<RoleReport>>>,
}

impl Ears {
    fn hear(&self, mut stream: UnixStream) -> io::Result<()> {
        stream.set_read_timeout(Some(SOON))?;
        stream.set_write_timeout(Some(SOON))?;
        let said = read(&mut stream)?;
        let reply = self.reply(&said);
        if let Ok(bytes) = spec::written(&reply) {
            stream.write_all(&bytes)?;
        }
        if matches!(reply, Reply::Ending) {
            self.ender.end();
        }
        Ok(())
    }

    fn reply(&self, said: &[u8]) -> Reply {
        use secrecy::ExposeSecret as _;
        let failed =
            |text: &str| Reply::Failed(Error::new(Kind::Failed, text).called(Id::ServerFailed));
        let Ok(message) = spec::read::<Message>(said) else {
            return failed("the credentials server is another version of this program");
        };
        if !self.token.is(message.token.expose_secret().as_bytes()) {
            return failed("the credentials server has another token");
        }
        match message.order {
            Order::Add(roles) => {
                let (reply, replied) = channel();
                let sent = self.sender.send(Added { roles, reply });
                let replied = sent.ok().and_then(|()| replied.recv_timeout(LATE).ok());
                replied.unwrap_or_else(|| failed("the credentials server is ending"))
            }
            Order::Report => {
                let report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
                Reply::Report(report.clone())
            }
            Order::Stop => Reply::Ending,
        }
    }
}

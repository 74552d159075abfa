//! The handle on a running sandbox.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::journal::Entry;
use crate::memory::sso::Outcome;
use crate::principal::Facts;
use crate::server::{self, Shared};
use crate::state::State;
use crate::tls::Tls;
use crate::web_identity;
use crate::world::{Role, User, World};

/// How a sandbox is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The port on 127.0.0.1; 0: any that is free.
    pub port: u16,
    /// Whether to speak TLS, with a certificate of the sandbox's own authority.
    pub tls: bool,
    /// How many minutes the time of a signature may be off. AWS documents 5;
    /// STS has been seen to allow 15, the default.
    pub skew_minutes: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tls: false,
            skew_minutes: 15,
        }
    }
}

/// Temporary credentials that somebody holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
    /// The session token.
    pub session_token: String,
    /// When they end.
    pub expires: Timestamp,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A private AWS on loopback. It runs on a thread of its own, and dropping
/// this stops it.
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    ca_pem: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("endpoint", &self.endpoint())
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts one. When this returns it answers.
    ///
    /// # Errors
    /// `InvalidInput`: the world makes no sense. Else the port, the thread or
    /// the certificate could not be had.
    pub fn start(world: World, options: Options) -> io::Result<Self> {
        world
            .check()
            .map_err(|wrong| io::Error::new(io::ErrorKind::InvalidInput, wrong))?;
        let tls = options.tls.then(Tls::new).transpose()?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let mut state = State::new(world, options.skew_minutes);
        state.tls = options.tls;
        let shared = Arc::new(Shared::new(state));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let serving = Arc::clone(&shared);
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let thread = std::thread::Builder::new()
            .name("aws-sandbox".to_owned())
            .spawn(move || {
                runtime.block_on(server::serve(listener, acceptor, serving, stopped));
            })?;
        Ok(Self {
            shared,
            address,
            ca_pem,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens: `http://127.0.0.1:PORT`, or `https://…` with TLS.
    pub fn endpoint(&self) -> String {
        let scheme = if self.ca_pem.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The certificate to trust, in PEM, if TLS was asked for.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The time in the sandbox.
    pub fn now(&self) -> Timestamp {
        self.shared.state().clock.now()
    }

    /// Sets the sandbox's clock that far ahead of the machine's, or behind it.
    /// Signatures, codes, expiry and the `Date` header follow.
    pub fn set_clock_offset(&self, offset: SignedDuration) {
        self.shared.state().clock.offset = offset;
    }

    /// Sets the sandbox's clock to `time`, from where it runs on. At the start
    /// of a 30 second window, an MFA code cannot change under a test.
    pub fn set_now(&self, time: Timestamp) {
        self.set_clock_offset(time.duration_since(Timestamp::now()));
    }

    /// Moves the sandbox's clock on by so much, or back.
    pub fn advance(&self, by: SignedDuration) {
        let clock = &mut self.shared.state().clock;
        clock.offset = clock.offset.saturating_add(by);
    }

    /// Keeps every answer back for so long. The request itself is done at once.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.state().latency = latency;
    }

    /// Lets something go wrong from now on. Of the faults that fit a request,
    /// the oldest happens.
    pub fn inject(&self, fault: Fault) {
        self.shared.state().faults.push(fault);
    }

    /// Forgets the faults that have not happened yet.
    pub fn clear_faults(&self) {
        self.shared.state().faults.clear();
    }

    /// The requests so far (the last 10,000), oldest first.
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.state().journal.all()
    }

    /// Forgets the requests so far.
    pub fn clear_journal(&self) {
        self.shared.state().journal.clear();
    }

    /// How many requests of this action came, refused ones too.
    pub fn count(&self, action: &str) -> usize {
        self.shared.state().journal.count(action)
    }

    /// Tells `watcher` of every request from now on, on the sandbox's thread.
    pub fn watch(&self, watcher: impl Fn(&Entry) + Send + Sync + 'static) {
        self.shared.watch(Arc::new(watcher));
    }

    /// A code of this MFA device that will be accepted: the one it shows, else
    /// the next, else the one before.
    ///
    /// # Panics
    /// There is no such device, or all three are spent: then step the clock
    /// with [`Sandbox::advance`].
    #[track_caller]
    pub fn code(&self, device: &str) -> String {
        match self.unspent_code(device) {
            Some(code) => code,
            None if self.current_code(device).is_none() => {
                panic!("the sandbox has no MFA device {device}")
            }
            None => panic!("all codes of {device} are spent: advance the sandbox's clock"),
        }
    }

    /// As [`Sandbox::code`]; `None`: no such device, or all three are spent.
    pub fn unspent_code(&self, device: &str) -> Option<String> {
        self.shared.state().unspent_code(device)
    }

    /// The code that this MFA device shows, spent or not; `None`: no such
    /// device.
    pub fn current_code(&self, device: &str) -> Option<String> {
        self.shared.state().current_code(device)
    }

    /// Approves, as `user`, the sign-in whose device shows `user_code`. Says
    /// whether there is one that waits.
    pub fn approve_device(&self, user_code: &str, user: &str) -> bool {
        self.decide(user_code, Outcome::Approved(user.to_owned()))
    }

    /// Refuses the sign-in whose device shows `user_code`. Says whether there
    /// is one that waits.
    pub fn deny_device(&self, user_code: &str) -> bool {
        self.decide(user_code, Outcome::Denied)
    }

    fn decide(&self, user_code: &str, outcome: Outcome) -> bool {
        let mut state = self.shared.state();
        let now = state.clock.now();
        state.sso.decide(user_code, outcome, now)
    }

    /// Temporary credentials of a user, or of a session of a role
    /// (`arn:aws:sts::123456789012:assumed-role/read/jdoe`), as somebody holds
    /// who came by them elsewhere. They last so many seconds.
    ///
    /// # Panics
    /// There is no such user, nor such a role.
    #[track_caller]
    pub fn credentials(&self, arn: &str, seconds: i64) -> Credentials {
        let mut state = self.shared.state();
        let Some(principal) = state.world.principal(arn) else {
            panic!("the sandbox has nobody of the name {arn}");
        };
        let now = state.clock.now();
        let given = state.give(principal, Facts::default(), seconds, now, None);
        Credentials {
            access_key_id: given.access_key_id,
            secret_access_key: given.secret,
            session_token: given.token,
            expires: given.expires,
        }
    }

    /// An ID token of the world's OpenID Connect provider with this ARN, for
    /// `subject`, good for so many seconds; negative: it has expired already.
    ///
    /// # Panics
    /// There is no such provider.
    #[track_caller]
    pub fn identity_token(&self, provider: &str, subject: &str, seconds: i64) -> String {
        let state = self.shared.state();
        let mut providers = state.world.oidc_providers.iter();
        let Some(provider) = providers.find(|known| known.arn == provider) else {
            panic!("the sandbox has no OpenID Connect provider {provider}");
        };
        let now = state.clock.now().as_second();
        web_identity::issue(provider, subject, now, seconds)
    }

    /// The world as it is now.
    pub fn world(&self) -> World {
        self.shared.state().world.clone()
    }

    /// Changes anything in the world, between two requests. `change` must not
    /// call the sandbox: it waits for itself then.
    ///
    /// # Errors
    /// What comes out makes no sense; nothing has changed then.
    pub fn edit(&self, change: impl FnOnce(&mut World)) -> Result<(), String> {
        let mut state = self.shared.state();
        let mut world = state.world.clone();
        change(&mut world);
        world.check()?;
        state.world = world;
        Ok(())
    }

    /// Activates or deactivates a long-term key. Says whether there is one.
    pub fn set_key_active(&self, id: &str, active: bool) -> bool {
        let world = &mut self.shared.state().world;
        let mut keys = world
            .users
            .iter_mut()
            .flat_map(|user| &mut user.access_keys);
        let key = keys.find(|key| key.id == id);
        key.map(|key| key.active = active).is_some()
    }

    /// Lets AWS not know a key that IAM makes from now on: so many requests that
    /// it signs are refused, as those of its first seconds are.
    pub fn set_new_keys_unknown_for(&self, requests: u32) {
        self.shared.state().iam.unknown_for = requests;
    }

    /// Adds a role, in place of one with the same ARN.
    ///
    /// # Errors
    /// The role makes no sense.
    pub fn add_role(&self, role: Role) -> Result<(), String> {
        self.edit(|world| {
            world.roles.retain(|other| other.arn != role.arn);
            world.roles.push(role);
        })
    }

    /// Deletes a role; its sessions end with it. Says whether there was one.
    pub fn delete_role(&self, arn: &str) -> bool {
        let roles = &mut self.shared.state().world.roles;
        let before = roles.len();
        roles.retain(|role| role.arn != arn);
        roles.len() < before
    }

    /// Adds a user, in place of one with the same name and account.
    ///
    /// # Errors
    /// The user makes no sense.
    pub fn add_user(&self, user: User) -> Result<(), String> {
        self.edit(|world| {
            let same = |other: &User| other.name == user.name && other.account == user.account;
            world.users.retain(|other| !same(other));
            world.users.push(user);
        })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panics in no case known; if it did, the sandbox is gone too.
            let _ = thread.join();
        }
    }
}

//! Everything that a sandbox knows while it runs.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::caller::Caller;
use crate::clock::{self, Clock};
use crate::fault::{Faults, Kind};
use crate::journal::Journal;
use crate::memory::{artifacts, federation, iam, metadata, signin, sso};
use crate::principal::{Facts, Principal, Session};
use crate::random;
use crate::refusal::Refusal;
use crate::sigv4::{Authorization, Wire};
use crate::totp::{self, Spent};
use crate::world::World;

/// What a sandbox knows.
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    /// How far a signature's time may be off, in minutes.
    pub(crate) skew_minutes: u32,
    pub(crate) latency: Duration,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    /// The temporary credentials given so far, by access key ID.
    pub(crate) sessions: HashMap<String, Session>,
    /// The access key ID given last, until the journal has it.
    pub(crate) gave: Option<String>,
    pub(crate) sso: sso::SsoMemory,
    pub(crate) metadata: metadata::MetadataMemory,
    pub(crate) artifacts: artifacts::ArtifactsMemory,
    pub(crate) signin: signin::SigninMemory,
    pub(crate) federation: federation::FederationMemory,
    pub(crate) iam: iam::IamMemory,
    /// Whether clients come by TLS.
    pub(crate) tls: bool,
    /// The MFA codes used so far, by device.
    spent: HashMap<String, Spent>,
}

/// Temporary credentials as an answer gives them.
pub(crate) struct Given {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires: Timestamp,
}

impl State {
    pub(crate) fn new(world: World, skew_minutes: u32) -> Self {
        Self {
            world,
            clock: Clock::default(),
            skew_minutes,
            latency: Duration::ZERO,
            faults: Faults::default(),
            journal: Journal::default(),
            sessions: HashMap::new(),
            gave: None,
            sso: sso::SsoMemory::default(),
            metadata: metadata::MetadataMemory::default(),
            artifacts: artifacts::ArtifactsMemory::default(),
            signin: signin::SigninMemory::default(),
            federation: federation::FederationMemory::default(),
            iam: iam::IamMemory::default(),
            tls: false,
            spent: HashMap::new(),
        }
    }

    /// Where the sandbox is, as the client of this request found it:
    /// `http://127.0.0.1:40123`.
    pub(crate) fn url(&self, wire: Wire<'_>) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", wire.header("host").unwrap_or_default())
    }

    /// Makes credentials that last `seconds`, and remembers them.
    pub(crate) fn give(
        &mut self,
        principal: Principal,
        facts: Facts,
        seconds: i64,
        now: Timestamp,
        fault: Option<&Kind>,
    ) -> Given {
        let seconds = match fault {
            Some(Kind::ExpireIn(seconds)) => *seconds,
            _ => seconds,
        };
        let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let given = Given {
            access_key_id: random::temporary_key_id(),
            secret: random::secret(),
            token: random::session_token(),
            expires: clock::after(whole, SignedDuration::from_secs(seconds)),
        };
        let session = Session {
            secret: given.secret.clone(),
            token: given.token.clone(),
            expires: given.expires,
            principal,
            facts,
        };
        self.gave = Some(given.access_key_id.clone());
        self.sessions.insert(given.access_key_id.clone(), session);
        given
    }

    /// Remembers that a long-term key was used, if one was.
    pub(crate) fn note_use(&mut self, caller: &Caller, auth: &Authorization, at: Timestamp) {
        if caller.session.is_none() {
            let used = iam::KeyUse {
                at,
                service: auth.service.clone(),
                region: auth.region.clone(),
            };
            self.iam.used.insert(auth.access_key_id.clone(), used);
        }
    }

    /// Spends an MFA code, if one was sent. `Some(now)`: it was good.
    ///
    /// # Errors
    /// Half of it is missing, the device is not the caller's, or the code is
    /// wrong or was used already.
    pub(crate) fn spend(
        &mut self,
        caller: &Caller,
        serial: Option<&str>,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Refusal> {
        let (serial, code) = match (serial, code) {
            (None, None) => return Ok(None),
            (Some(serial), Some(code)) => (serial, code),
            _ => {
                return Err(Refusal::denied(
                    "MultiFactorAuthentication failed, must provide both MFA serial number \
                     and one time pass code.",
                ));
            }
        };
        // A role has no device, and a session has shown its code already.
        let user = match &caller.principal {
            Principal::User { arn, .. } if caller.session.is_none() => self.world.find_user(arn),
            _ => None,
        };
        let device = user
            .and_then(|user| user.mfa_devices.iter().find(|device| device.arn == serial))
            .and_then(|device| totp::device(&device.secret));
        let Some(device) = device else {
            return Err(Refusal::denied(
                "MultiFactorAuthentication failed, unable to validate MFA code.  \
                 Please verify your MFA serial number is valid and associated with this user.",
            ));
        };
        let spent = self.spent.entry(serial.to_owned()).or_default();
        if spent.take(&device, code, now) {
            return Ok(Some(now));
        }
        Err(Refusal::denied(
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        ))
    }

    /// A code of the device that is good now; `None`: there is no such device,
    /// or all three are spent.
    pub(crate) fn unspent_code(&self, serial: &str) -> Option<String> {
        let device = totp::device(&self.world.find_device(serial)?.secret)?;
        let none = Spent::default();
        let spent = self.spent.get(serial).unwrap_or(&none);
        spent.unspent(&device, self.clock.now())
    }

    /// The code that the device shows now, spent or not.
    pub(crate) fn current_code(&self, serial: &str) -> Option<String> {
        totp::code_at(&self.world.find_device(serial)?.secret, self.clock.now())
    }
}

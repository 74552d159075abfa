//! A code works once. One that was spent is not sent again: a program is
//! waited for until it has the next one, a person is told.

use std::time::Duration;

use assumerole_aws::sts::CallError;
use assumerole_aws::{Connection, Early, Reason};
use assumerole_core::aws::ids::MfaDevice;
use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::deadline::uncounted;
use secrecy::{ExposeSecret, SecretString};

use super::{Ask, Wanted, check_code};
use crate::cache::{Cache, Ledger};
use crate::report::Report;

/// Seconds for which a device shows a code: RFC 6238, and every device that
/// AWS sells or takes.
const STEP: i64 = 30;

/// How often a person is asked before it ends.
const QUESTIONS: u32 = 3;

/// How often a program is waited for before it ends.
const WAITS: u32 = 2;

/// Sends codes that were not spent yet, whoever they come from.
///
/// For each call that wants a code: `codes.send(wanted, |code| call(code))`,
/// again after a refusal while [`Codes::can_ask_again`]. Asking, checking,
/// waiting and remembering are in it.
pub(crate) struct Codes<'a> {
    ask: &'a mut dyn Ask,
    cache: Option<&'a Cache>,
    host: &'a Host,
    report: &'a dyn Report,
    questions: u32,
    waits: u32,
    /// One for each device.
    ledgers: Vec<Ledger<'a>>,
    /// The window in which AWS did not take a program's code: it was spent
    /// elsewhere, or the program is wrong.
    rejected: Option<i64>,
    /// Where the codes are sent, opened while one is looked for.
    to: Option<&'a Connection>,
}

impl<'a> Codes<'a> {
    /// Codes of `ask`; what was spent is remembered in `cache`.
    pub(crate) fn new(
        ask: &'a mut dyn Ask,
        cache: Option<&'a Cache>,
        host: &'a Host,
        report: &'a dyn Report,
    ) -> Self {
        Self {
            ask,
            cache,
            host,
            report,
            questions: QUESTIONS,
            waits: WAITS,
            ledgers: Vec::new(),
            rejected: None,
            to: None,
        }
    }

    /// The codes are sent through `connection`, which may be opened before.
    #[must_use]
    pub(crate) fn to(mut self, connection: &'a Connection) -> Self {
        self.to = Some(connection);
        self
    }

    /// Asks for the code `wanted` and makes one request, `call`, with it. Of
    /// one device only one process does so at a time. A code that AWS looked
    /// at is spent; where AWS was not heard, or stopped earlier, it stays good.
    ///
    /// # Errors
    /// No code could be had, none that was not spent, or it is not six digits:
    /// no request was made.
    pub(crate) fn send<T>(
        &mut self,
        wanted: Wanted<'_>,
        call: impl FnOnce(&SecretString) -> Result<T, CallError>,
    ) -> Result<Result<T, CallError>> {
        let at = self.ledger(wanted.device);
        let mut refused = wanted.refused.map(str::to_owned);
        loop {
            let now = Wanted {
                refused: refused.as_deref(),
                ..wanted
            };
            self.wait_if_spent(at, &now)?;
            let program = self.ask.is_automatic(&now);
            let to = self.to.filter(|_| self.ask.takes_time(&now));
            let early = to.and_then(Early::open);
            let code = self.ask.code(now)?;
            check_code(&code)?;
            if !program {
                self.questions = self.questions.saturating_sub(1);
            }
            let window = self.window();
            let lock = self.ledgers[at].lock(self.host.clock.as_ref());
            if !self.ledgers[at].has(code.expose_secret(), window) {
                if let Some(early) = early {
                    early.ready();
                }
                let answer = call(&code);
                match answer.as_ref().map_err(CallError::reason) {
                    Err(Some(Reason::WrongCode)) if program => self.rejected = Some(window),
                    Err(reason) if !reason.is_some_and(Reason::spends_code) => {}
                    _ => self.ledgers[at].enter(code.expose_secret(), window),
                }
                return Ok(answer);
            }
            drop(lock);
            if !self.can_ask_again(&now) {
                return Err(used(&wanted));
            }
            if self.ask.is_automatic(&now) {
                self.wait(&now)?;
            }
            refused = Some("This code has already been used.".to_owned());
        }
    }

    /// Whether another code can be had after one was refused.
    pub(crate) fn can_ask_again(&self, wanted: &Wanted<'_>) -> bool {
        if self.ask.is_automatic(wanted) {
            return self.waits > 0;
        }
        self.questions > 0 && self.ask.can_ask_again()
    }

    /// Whether somebody is asked next, or a program of theirs.
    pub(crate) fn takes_time(&self, wanted: &Wanted<'_>) -> bool {
        self.ask.takes_time(wanted)
    }

    /// Where the ledger of `device` is.
    fn ledger(&mut self, device: &MfaDevice) -> usize {
        let found = self.ledgers.iter().position(|one| one.is_of(device));
        found.unwrap_or_else(|| {
            self.ledgers.push(Ledger::new(self.cache, device));
            self.ledgers.len() - 1
        })
    }

    /// The number of the window that it is now.
    fn window(&self) -> i64 {
        self.host.clock.now().as_second().div_euclid(STEP)
    }

    /// Waits where a program would only give a code that is spent: to ask it
    /// may cost a touch.
    fn wait_if_spent(&mut self, at: usize, wanted: &Wanted<'_>) -> Result<()> {
        let window = self.window();
        if !self.ask.is_automatic(wanted) {
            return Ok(());
        }
        let rejected = self.rejected == Some(window);
        if !rejected && !self.ledgers[at].has_window(window) {
            return Ok(());
        }
        if let Some(refused) = wanted.refused.filter(|_| rejected) {
            // A person reads it where they are asked.
            self.report.note(refused);
        }
        if self.waits == 0 {
            return Err(used(wanted));
        }
        self.wait(wanted)
    }

    /// Waits for the next window.
    ///
    /// # Errors
    /// Whoever waits for the answer to this run does not wait that long.
    fn wait(&mut self, wanted: &Wanted<'_>) -> Result<()> {
        self.waits = self.waits.saturating_sub(1);
        let clock = self.host.clock.as_ref();
        let now = clock.now().as_millisecond();
        let next = (now.div_euclid(STEP * 1000) + 1) * STEP * 1000;
        let time = u64::try_from(next - now).unwrap_or_default();
        // A little more, so that a clock that is being slowed down is past it.
        let wait = Duration::from_millis(time + 50);
        if uncounted(clock, || clock.left()) < wait {
            let what = format!("try again in {} s", time.div_ceil(1000));
            return Err(used_up(wanted).hint(what));
        }
        self.report.note(&format!(
            "the current MFA code for {} has already been used; waiting {} s for the next one",
            one_line(wanted.device.as_str()),
            time.div_ceil(1000)
        ));
        uncounted(clock, || clock.sleep(wait));
        Ok(())
    }
}

fn used(wanted: &Wanted<'_>) -> Error {
    let what = format!("wait for the next one (at most {STEP} s)");
    used_up(wanted).hint(wanted.hint(&what))
}

fn used_up(wanted: &Wanted<'_>) -> Error {
    Error::new(
        Kind::Mfa,
        format!("the MFA code for {} has already been used", wanted.device),
    )
    .called(Id::MfaCodeUsed)
    .because("each code works once")
}

#[cfg(test)]
mod tests;

//! Whose the first credentials of a plan are: what is there of them is theirs
//! alone, and of a user's long-term keys nothing leaves.

use assumerole_core::plan::{CacheKey, Fresh, Plan, Printed, SourceKind, Whose};
use assumerole_core::{Credentials, Error, Kind, Result};

use super::{Walk, leave_word};
use crate::cache::{Claim, LastPrinted, Lineage, Patience, Terms};
use crate::context::Context;
use crate::made::Made;
use crate::mfa::{Ask, Never};
use crate::sources::{self, Asked};

impl Walk<'_> {
    fn belongs_to(&mut self, whose: Whose) {
        self.keys = self.plan.keys(&whose);
        self.whose = whose;
    }

    fn printed(&mut self, printed: Option<Printed>) {
        if let Whose::Process { run, .. } = self.whose {
            self.belongs_to(Whose::Process { run, printed });
        }
    }
}

impl Context<'_> {
    /// What each result of `plan` is cached under, see [`Plan::keys`], as far as
    /// that can be told without asking anybody: `None` where it cannot, and where
    /// nobody is logged in.
    pub fn keys(&self, plan: &Plan) -> Vec<Option<CacheKey>> {
        let whose = self.whose(plan).map(|(whose, _)| whose);
        plan.keys(&whose.unwrap_or(Whose::Unknown))
    }

    /// As [`Self::keys`], and asks whose the first credentials are where that is
    /// needed; nobody is asked for a code. With whose they are.
    ///
    /// # Errors
    /// Nobody is logged in, or nobody answers.
    pub fn learnt_keys(&self, plan: &Plan) -> Result<(Vec<Option<CacheKey>>, Whose)> {
        let mut nobody = Never::new("nobody is asked");
        let mut walk = self.walk(plan, &mut nobody, Fresh::default())?;
        self.learn(&mut walk)?;
        Ok((walk.keys, walk.whose))
    }

    pub(super) fn walk<'w>(
        &self,
        plan: &'w Plan,
        ask: &'w mut dyn Ask,
        fresh: Fresh,
    ) -> Result<Walk<'w>> {
        let (whose, asked) = self.whose(plan)?;
        Ok(Walk {
            keys: plan.keys(&whose),
            plan,
            whose,
            asked,
            first: None,
            kept: true,
            made_by: None,
            ask,
            fresh,
            skew_said: false,
            shorter_said: false,
            no_session: None,
            dead: None,
            silent: false,
            asked_somebody: false,
        })
    }

    /// Whose the first credentials of `plan` are, by what is written down.
    fn whose(&self, plan: &Plan) -> Result<(Whose, Asked)> {
        let (mut whose, asked) = sources::whose(self, plan)?;
        // Hashing all keys is work that a call from the cache would notice.
        if !matches!(whose, Whose::Process { .. }) {
            return Ok((whose, asked));
        }
        let first = plan.keys(&whose)[0];
        if let (Whose::Process { printed, .. }, Some(cache), Some(key)) =
            (&mut whose, self.cache, first)
        {
            let last = cache.lookup_value::<LastPrinted>(&key, self.host.clock.now());
            *printed = last.map(|last| last.printed);
        }
        Ok((whose, asked))
    }

    /// Asks whose the first credentials are, unless something that was made of
    /// them is there, for whom it is known.
    pub(super) fn learn(&self, walk: &mut Walk<'_>) -> Result<()> {
        if walk.whose == Whose::Said || self.is_some_there(walk) {
            return Ok(());
        }
        let held = std::mem::replace(&mut walk.asked, Asked::Nothing);
        walk.asked = sources::ask(self, &walk.plan.source, held)?;
        if let Some(whose) = walk.asked.whose() {
            walk.belongs_to(whose);
        }
        match (&walk.whose, walk.keys[0]) {
            (Whose::Process { printed, .. }, Some(key))
                if printed.is_none() || walk.wants_new(0) =>
            {
                self.learn_printed(walk, &key)
            }
            _ => Ok(()),
        }
    }

    fn is_some_there(&self, walk: &Walk<'_>) -> bool {
        let now = self.host.clock.now();
        let is_there = |number: usize| {
            let cache = self.cache.filter(|_| walk.plan.is_kept(number));
            let key = walk.keys[number].filter(|_| !walk.wants_new(number));
            let entry = cache.zip(key).and_then(|(cache, key)| cache.find(&key));
            entry.is_some_and(|entry| walk.usable(number, &entry, now).is_some())
        };
        (0..walk.keys.len()).rev().any(is_there)
    }

    /// Runs a process to see whose keys it prints, unless another one does just
    /// that: then its word is taken.
    fn learn_printed(&self, walk: &mut Walk<'_>, key: &CacheKey) -> Result<()> {
        walk.printed(None);
        let claim = self.cache.map(|cache| {
            sources::check_circle(self, &walk.plan.source, &walk.plan.source_key())?;
            cache.claim_value::<LastPrinted>(
                key,
                self.host,
                self.report,
                Terms::new(Patience::People).fresh(walk.wants_new(0)),
            )
        });
        let slot = match claim.transpose()? {
            None => None,
            Some(Claim::Filled(last)) => {
                walk.printed(Some(last.printed));
                return Ok(());
            }
            Some(Claim::Refused(error)) => return Err(error),
            Some(Claim::Mine(slot)) => Some(slot),
        };
        let first = match self.result(walk, 0) {
            Ok(first) => first,
            Err(error) => {
                if let Some(slot) = slot {
                    leave_word(slot, &error, self.host, walk.asked_somebody);
                }
                return Err(error);
            }
        };
        let printed = sources::printed(&first.credentials);
        if let Some(slot) = slot {
            let now = self.host.clock.now();
            let last = LastPrinted::new(printed.clone(), first.ends, now);
            if let Err(error) = slot.fill(&last, &Lineage::default(), self.host) {
                self.report.not_cached(&error);
            }
        }
        walk.printed(Some(printed));
        walk.first = Some(first);
        Ok(())
    }

    /// Keeps nothing of the walk where the first credentials are not those of
    /// whom its keys are for: somebody else logged in meanwhile.
    pub(super) fn heed_caller(&self, walk: &mut Walk<'_>, made: &Made) {
        walk.made_by.clone_from(&made.whose);
        let Some(whose) = made.whose.as_ref().filter(|whose| **whose != walk.whose) else {
            return;
        };
        if let (Whose::Process { run, printed: None }, Whose::Process { run: same, .. }) =
            (&walk.whose, whose)
            && run == same
        {
            walk.belongs_to(whose.clone());
            return;
        }
        walk.kept = false;
        if let (Some(cache), Some(key), Whose::Process { .. }) =
            (self.cache, &walk.keys[0], &walk.whose)
        {
            cache.remove_printed(key);
        }
    }
}

/// What every way out of here has in common: a user's long-term keys do not take
/// it, whoever gave them. A token beside such a key makes it no temporary one;
/// of keys that stand in a file the person says themself what they are, and what
/// STS gives for a role is for AWS to name.
///
/// # Errors
/// They are such.
pub(super) fn check_no_long_term(plan: &Plan, credentials: &Credentials) -> Result<()> {
    let source = &plan.source.kind;
    let written = matches!(source, SourceKind::Keys { .. } | SourceKind::Stored { .. });
    let named = plan.role().is_some() || written;
    let long_term = match named {
        true => credentials.session_token.is_none(),
        false => credentials.are_long_term(),
    };
    if !long_term {
        return Ok(());
    }
    let message = format!("{} gives long-term keys", plan.source.describe());
    Err(Error::new(Kind::Refused, message)
        .because("they would be handed over as they are, and never expire")
        .hint("print them without a session token, so that temporary ones can be made from them"))
}

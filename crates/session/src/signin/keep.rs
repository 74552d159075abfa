//! Writing a login where the AWS CLI would write it.

use assumerole_aws::sso::Tokens;
use assumerole_core::Result;
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

use super::registration::Registration;
use super::{NewLogin, Person, SsoLogin, nothing_written};
use crate::sources::token_file::{Document, written};

impl SsoLogin<'_> {
    /// Asks `person` where the file has the login of another directory.
    ///
    /// # Errors
    /// It stays, or the file cannot be read.
    pub(super) fn may_replace(&self, person: &mut dyn Person) -> Result<()> {
        match self.file.read()? {
            Some(Ok(document)) => match self.other_portal(&document) {
                Some(other) => person.replace(&other),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Writes the login of `person` that `tokens` are, of the client `registration`. What else
    /// the file of the same portal holds is kept.
    ///
    /// # Errors
    /// It is not theirs, or cannot be written; the file is as it was.
    pub(super) fn keep(
        &self,
        tokens: &Tokens,
        registration: &Registration,
        person: &mut dyn Person,
    ) -> Result<NewLogin> {
        let accounts = self.accounts(tokens, person).map_err(nothing_written)?;
        let context = self.context;
        let cache = context.cache;
        let _guard = cache.map(|cache| cache.guard(&self.file.shown(), true, context.host));
        let mut document = match self.file.read()? {
            Some(Ok(document)) if self.other_portal(&document).is_none() => document,
            _ => Document::default(),
        };
        let now = context.host.clock.now();
        let life = SignedDuration::from_secs(tokens.seconds);
        let ends = now.checked_add(life).unwrap_or(now);
        // In the words of the session: the AWS CLI looks for nothing else.
        document.set("startUrl", &self.portal.start_url.value);
        document.set("region", self.region());
        document.set("accessToken", tokens.access.expose_secret());
        document.set("expiresAt", &written(ends));
        document.set("clientId", &registration.client.id);
        document.set("clientSecret", registration.client.secret.expose_secret());
        document.set("registrationExpiresAt", &written(registration.ends));
        match &tokens.refresh {
            Some(refresh) => document.set("refreshToken", refresh.expose_secret()),
            // That of the login before would renew that one.
            None => document.remove("refreshToken"),
        }
        self.store(&mut document)?;
        registration.keep(context.report);
        Ok(NewLogin {
            ends,
            renewable: tokens.refresh.is_some(),
            place: self.file.shown(),
            accounts,
        })
    }
}

//! What IAM Identity Center remembers while a sandbox runs: tokens, client
//! registrations and sign-ins that wait for a person.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::clock;
use crate::random;
use crate::world::{IdentityCenter, Renewal, SsoUser, World};

/// Who holds a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) start_url: String,
    pub(crate) user: String,
    /// What the token is for; none: what it was before there were scopes.
    pub(crate) scopes: Vec<String>,
    /// The sign-in that it goes back to, through all renewals.
    pub(crate) sign_in: String,
}

/// What a token of the portal is for.
pub(crate) const ACCOUNTS: &str = "sso:account:access";

/// A page that a person was shown.
pub(crate) struct SignInPage {
    pub(crate) expires: Timestamp,
    pub(crate) of: PageFor,
}

/// What a person is asked on a page.
pub(crate) enum PageFor {
    /// Whether the device that shows this code may sign in.
    Device(String),
    /// Whether the client that sent the browser may.
    Browser {
        /// Its sign-in.
        pending: Box<Pending>,
        /// Its `state`, which goes back.
        state: String,
    },
}

/// A registered client.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) secret: String,
    /// When the registration ends.
    pub(crate) expires: Timestamp,
    /// What it asked for; of these, `sso:account:access` gives refresh tokens.
    pub(crate) scopes: Vec<String>,
    /// Where browsers may be sent back to.
    pub(crate) redirects: Vec<String>,
    /// The start URL it signs in to, if it said so.
    pub(crate) issuer: Option<String>,
}

impl Client {
    /// Whether it is given refresh tokens.
    pub(crate) fn renews(&self) -> bool {
        self.scopes.iter().any(|scope| scope == ACCOUNTS)
    }
}

/// A sign-in on another device, or in a browser.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) client_id: String,
    pub(crate) start_url: String,
    pub(crate) expires: Timestamp,
    /// What a person types; empty in a browser that is sent back.
    pub(crate) user_code: String,
    /// `redirect_uri` and `code_challenge`, in a browser.
    pub(crate) browser: Option<(String, String)>,
    /// What its token is for.
    pub(crate) scopes: Vec<String>,
    pub(crate) outcome: Outcome,
}

/// What the person said.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Waiting,
    Approved(String),
    Denied,
}

/// New tokens.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) seconds: i64,
}

/// What is remembered.
#[derive(Default)]
pub(crate) struct SsoMemory {
    /// Access tokens that were given, and when they end.
    access: HashMap<String, (Holder, Timestamp)>,
    /// Refresh tokens that were given, and to which client.
    refresh: HashMap<String, (Holder, String)>,
    pub(crate) clients: HashMap<String, Client>,
    /// By device code, or by the code that a browser brings back.
    pub(crate) pending: HashMap<String, Pending>,
    /// Pages that were shown and not sent back, by their token.
    pub(crate) pages: HashMap<String, SignInPage>,
    /// The latest requests to portals with a limit.
    asked: HashMap<String, VecDeque<Timestamp>>,
    /// Tokens of the world that are good no more.
    dead: HashSet<String>,
    /// Sign-ins that somebody ended.
    ended: HashSet<String>,
}

impl SsoMemory {
    /// Who holds this access token, if it is good at `now`.
    pub(crate) fn holder<'w>(
        &self,
        world: &'w World,
        token: &str,
        now: Timestamp,
    ) -> Option<(&'w IdentityCenter, &'w SsoUser)> {
        if self.dead.contains(token) {
            return None;
        }
        if let Some((holder, expires)) = self.access.get(token) {
            if self.ended.contains(&holder.sign_in) {
                return None;
            }
            let center = world.identity_center(&holder.start_url)?;
            let user = center.users.iter().find(|user| user.name == holder.user)?;
            return (*expires > now).then_some((center, user));
        }
        for center in &world.identity_centers {
            for user in &center.users {
                let mut sessions = user.sessions.iter();
                if let Some(session) = sessions.find(|session| session.access_token == token) {
                    let good = session.expires.is_none_or(|expires| expires > now);
                    return good.then_some((center, user));
                }
            }
        }
        None
    }

    /// Whether the portal of `center` takes one more request at `now`.
    pub(crate) fn admits(&mut self, start_url: &str, most: u32, now: Timestamp) -> bool {
        let asked = self.asked.entry(start_url.to_owned()).or_default();
        let second = SignedDuration::from_secs(1);
        while asked
            .front()
            .is_some_and(|at| now.duration_since(*at) >= second)
        {
            asked.pop_front();
        }
        let admitted = asked.len() < usize::try_from(most).unwrap_or(usize::MAX);
        if admitted {
            asked.push_back(now);
        }
        admitted
    }

    /// Whether this access token is for `scope`: one of the world, and one of a
    /// client without scopes, is for the portal.
    pub(crate) fn is_for(&self, token: &str, scope: &str) -> bool {
        match self.access.get(token) {
            Some((holder, _)) if !holder.scopes.is_empty() => {
                holder.scopes.iter().any(|own| own == scope)
            }
            _ => scope == ACCOUNTS,
        }
    }

    /// Ends the sign-in of an access token: all tokens that came of it.
    pub(crate) fn end(&mut self, world: &World, token: &str) {
        self.dead.insert(token.to_owned());
        if let Some((holder, _)) = self.access.get(token) {
            self.ended.insert(holder.sign_in.clone());
        }
        let sessions = world
            .identity_centers
            .iter()
            .flat_map(|center| &center.users);
        let mut sessions = sessions.flat_map(|user| &user.sessions);
        let session = sessions.find(|session| session.access_token == token);
        if let Some(renewal) = session.and_then(|session| session.renewal.as_ref()) {
            self.ended.insert(renewal.refresh_token.clone());
        }
    }

    /// The client with this ID and secret, if its registration is good.
    pub(crate) fn client(
        &self,
        world: &World,
        id: &str,
        secret: &str,
        now: Timestamp,
    ) -> Option<Client> {
        if let Some(client) = self.clients.get(id) {
            return (client.secret == secret && client.expires > now).then(|| client.clone());
        }
        let mut known = renewals(world);
        let fits = |one: &Renewal| one.client_id == id && one.client_secret == secret;
        known.any(|(_, one)| fits(one)).then(|| Client {
            secret: secret.to_owned(),
            expires: Timestamp::MAX,
            scopes: vec![ACCOUNTS.to_owned()],
            redirects: Vec::new(),
            issuer: None,
        })
    }

    /// Spends a refresh token of this client.
    pub(crate) fn spend_refresh(
        &mut self,
        world: &World,
        token: &str,
        client_id: &str,
    ) -> Option<Holder> {
        if let Some((holder, owner)) = self.refresh.get(token) {
            let good = owner == client_id && !self.ended.contains(&holder.sign_in);
            return good
                .then(|| self.refresh.remove(token))?
                .map(|(holder, _)| holder);
        }
        let fits = |one: &Renewal| one.refresh_token == token && one.client_id == client_id;
        let (holder, _) = renewals(world).find(|(_, one)| fits(one))?;
        if self.ended.contains(&holder.sign_in) {
            return None;
        }
        self.dead.insert(token.to_owned()).then_some(holder)
    }

    /// Gives tokens that end after `seconds`, if that is said.
    pub(crate) fn give(
        &mut self,
        holder: &Holder,
        client_id: &str,
        renews: bool,
        seconds: Option<i64>,
        now: Timestamp,
    ) -> Tokens {
        // What the service gives to clients that can renew, and to old ones.
        let usual = if renews { 3600 } else { 28_800 };
        let seconds = seconds.unwrap_or(usual);
        let tokens = Tokens {
            access: random::opaque(),
            refresh: renews.then(random::opaque),
            seconds,
        };
        let expires = clock::after(now, SignedDuration::from_secs(seconds));
        self.access
            .insert(tokens.access.clone(), (holder.clone(), expires));
        if let Some(refresh) = &tokens.refresh {
            let owned = (holder.clone(), client_id.to_owned());
            self.refresh.insert(refresh.clone(), owned);
        }
        tokens
    }

    /// Answers for the person whose device shows `user_code`. Says whether
    /// there was such a sign-in and it waited.
    pub(crate) fn decide(&mut self, user_code: &str, outcome: Outcome, now: Timestamp) -> bool {
        let waits = |one: &&mut Pending| {
            one.user_code == user_code && one.outcome == Outcome::Waiting && one.expires > now
        };
        let pending = self.pending.values_mut().find(waits);
        pending.map(|one| one.outcome = outcome).is_some()
    }
}

/// What can be renewed in the world, and by whom.
fn renewals(world: &World) -> impl Iterator<Item = (Holder, &Renewal)> {
    world.identity_centers.iter().flat_map(|center| {
        center.users.iter().flat_map(move |user| {
            user.sessions.iter().filter_map(move |session| {
                let renewal = session.renewal.as_ref()?;
                let holder = Holder {
                    start_url: center.start_url.clone(),
                    user: user.name.clone(),
                    scopes: vec![ACCOUNTS.to_owned()],
                    sign_in: renewal.refresh_token.clone(),
                };
                Some((holder, renewal))
            })
        })
    })
}

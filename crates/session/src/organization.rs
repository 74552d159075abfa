//! The accounts of AWS Organizations: their names, and the units that they are in.
//! They are kept sealed, so that they are known without a request.

use std::collections::HashMap;

use assumerole_aws::organizations::{OrganizationDoor, explain};
use assumerole_aws::sso::ListPage;
use assumerole_aws::{CallError, Connection, Reason};
use assumerole_core::aws::assigned::cleaned;
use assumerole_core::plan::{CacheKey, Route};
use assumerole_core::{Credentials, Error, Kind, Result};
use assumerole_host::Host;
use assumerole_host::deadline::uncounted;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::cache::{Cache, Claim, Lineage, Pace, Patience, Terms, Value};
use crate::connect::connect;
use crate::context::{Context, aws_clock};

/// How long what was asked for is believed.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How often a request is made that AWS had no time for, and one that failed in
/// another way that passes.
const MOST_THROTTLED: u32 = 50;
const MOST_FAILED: u32 = 3;

/// Units below each other; AWS has five.
const DEEPEST: usize = 20;

/// What stands for the unit of accounts that are in none.
const ROOT_UNIT: &str = "Root";

/// What is known of all organizations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organizations {
    all: Vec<Organization>,
    /// When the last one was asked for, by our clock.
    obtained: Timestamp,
    ends: Timestamp,
}

/// What is known of one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Organization {
    /// Its ID.
    pub id: String,
    /// When it was asked for, by our clock.
    pub obtained: Timestamp,
    /// In the order of the tree.
    pub accounts: Vec<OrganizationAccount>,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrganizationAccount {
    /// Its ID, 12 digits.
    pub id: String,
    /// Its name; any text.
    pub name: String,
    /// The address of its root user; any text.
    pub email: String,
    /// The names of the units that it is in, cleaned, from the top, with slashes;
    /// `Root` if it is in none.
    pub unit: String,
    /// Whether it is neither closed nor suspended.
    pub is_active: bool,
}

impl Organizations {
    /// Each of them.
    pub fn all(&self) -> &[Organization] {
        &self.all
    }

    /// The accounts of all, by their IDs.
    pub fn by_id(self) -> HashMap<String, OrganizationAccount> {
        let accounts = self.all.into_iter().flat_map(|one| one.accounts);
        accounts
            .map(|account| (account.id.clone(), account))
            .collect()
    }
}

impl Value for Organizations {
    const ENDING: &'static str = ".accounts";
    const LARGEST: usize = 16 * 1024 * 1024;

    fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        serde_json::to_vec(self).ok().map(Zeroizing::new)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    fn obtained(&self) -> Timestamp {
        self.obtained
    }

    fn ends(&self) -> Timestamp {
        self.ends
    }
}

/// What is known of all organizations. Nobody is asked.
pub fn known_organizations(cache: &Cache, host: &Host) -> Option<Organizations> {
    cache.lookup_value(&CacheKey::of_organizations(), host.clock.now())
}

/// Asks the organization that `keys` may look at, by `route`, and keeps what it
/// says; `role` is what the person calls the keys. `see` is told of how many units
/// of how many that are known by then the accounts are known.
///
/// # Errors
/// AWS's refusal or silence, or the error of `see`.
pub fn ask_organization(
    context: &Context<'_>,
    route: &Route,
    keys: &Credentials,
    role: &str,
    see: &mut dyn FnMut(usize, usize) -> Result<()>,
) -> Result<Organization> {
    let mut connection = connect(route, context.settings, context.host)?;
    // How often is for us to say: all processes share what AWS allows.
    connection.route.attempts.value = 1;
    let now = aws_clock(context.host);
    let walk = OrganizationWalk {
        context,
        door: OrganizationDoor {
            connection: &connection,
            keys,
            now: &now,
        },
        role,
    };
    let clock = context.host.clock.as_ref();
    let organization = uncounted(clock, || walk.all(see))?;
    keep(context, &organization);
    Ok(organization)
}

/// Keeps it beside the others for the next ones.
fn keep(context: &Context<'_>, organization: &Organization) {
    let Some(cache) = context.cache else { return };
    let terms = Terms::new(Patience::Services).fresh(true);
    let key = CacheKey::of_organizations();
    let claim = cache.claim_value::<Organizations>(&key, context.host, context.report, terms);
    let slot = match claim {
        Ok(Claim::Mine(slot)) => slot,
        Ok(_) => return,
        Err(error) => return context.report.not_cached(&error),
    };
    let now = organization.obtained;
    let known = known_organizations(cache, context.host);
    let others = known.into_iter().flat_map(|known| known.all);
    let is_other =
        |one: &Organization| one.id != organization.id && now.duration_since(one.obtained) < LIFE;
    let mut all: Vec<Organization> = others.filter(is_other).collect();
    all.push(organization.clone());
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let known = Organizations {
        all,
        obtained: now,
        ends: now.checked_add(LIFE).unwrap_or(now),
    };
    if let Err(error) = slot.fill(&known, &Lineage::default(), context.host) {
        context.report.not_cached(&error);
    }
}

/// What comes of asking for a part of a list.
type AskedPage<T> = Result<ListPage<T>, CallError>;

/// The way through the tree, at the pace that AWS allows.
struct OrganizationWalk<'w> {
    context: &'w Context<'w>,
    door: OrganizationDoor<'w>,
    role: &'w str,
}

impl OrganizationWalk<'_> {
    fn all(&self, see: &mut dyn FnMut(usize, usize) -> Result<()>) -> Result<Organization> {
        let obtained = self.context.host.clock.now();
        let roots = self.pages("ListRoots", &|next| self.door.roots(next))?;
        let root = roots.into_iter().next().ok_or_else(|| {
            Error::new(Kind::Failed, "the organization has no root")
                .because("AWS lists none")
                .hint("see what it is: aws organizations list-roots")
        })?;
        let mut accounts = Vec::new();
        // A unit and the names above it, the next one last.
        let mut left = vec![(root.id, Vec::<String>::new())];
        let (mut done, mut found) = (0, 1);
        while let Some((id, names)) = left.pop() {
            see(done, found)?;
            let units = self.pages("ListOrganizationalUnitsForParent", &|next| {
                self.door.units(&id, next)
            })?;
            let here = self.pages("ListAccountsForParent", &|next| {
                self.door.accounts(&id, next)
            })?;
            let unit = match names.is_empty() {
                true => ROOT_UNIT.to_owned(),
                false => names.join("/"),
            };
            accounts.extend(here.into_iter().map(|account| OrganizationAccount {
                id: account.id.to_string(),
                name: account.name,
                email: account.email,
                unit: unit.clone(),
                is_active: account.is_active,
            }));
            done += 1;
            if names.len() >= DEEPEST {
                continue;
            }
            found += units.len();
            left.extend(units.into_iter().rev().map(|unit| {
                let name = match cleaned(&unit.name) {
                    name if name.is_empty() => unit.id.clone(),
                    name => name,
                };
                (unit.id, [names.as_slice(), &[name]].concat())
            }));
        }
        see(done, found)?;
        Ok(Organization {
            id: root.organization,
            obtained,
            accounts,
        })
    }

    /// All parts of a list.
    fn pages<T>(&self, what: &str, ask: &dyn Fn(Option<&str>) -> AskedPage<T>) -> Result<Vec<T>> {
        let (mut all, mut next): (Vec<T>, Option<String>) = (Vec::new(), None);
        loop {
            let page = self.asked(what, &|| ask(next.as_deref()))?;
            all.extend(page.items);
            // One that leads to itself has no end.
            if page.next.is_none() || page.next == next {
                return Ok(all);
            }
            next = page.next;
        }
    }

    /// Asks until there is an answer: too many requests are waited for.
    fn asked<T>(&self, what: &str, call: &dyn Fn() -> Result<T, CallError>) -> Result<T> {
        let context = self.context;
        let connection: &Connection = self.door.connection;
        let (mut throttled, mut failed, mut slow_down) = (0, 0, false);
        loop {
            let wait = match context.cache {
                Some(cache) => cache.pace(Pace::ORGANIZATIONS, "", context.host, slow_down),
                None => Pace::ORGANIZATIONS.alone(slow_down),
            };
            context.host.clock.sleep(wait);
            let error = match context.traced(what, connection, call) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            slow_down = false;
            match error.reason() {
                Some(Reason::Throttled) if throttled < MOST_THROTTLED => {
                    throttled += 1;
                    slow_down = true;
                }
                Some(reason)
                    if failed < MOST_FAILED
                        && (reason == Reason::Server || reason.is_silence()) =>
                {
                    failed += 1;
                }
                _ => return Err(explain(&error, connection, self.role)),
            }
        }
    }
}

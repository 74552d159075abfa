//! The directory: the accounts of a portal, and the roles that the person was
//! assigned there. It is kept sealed, so that names are found without a request.

use assumerole_aws::{CallError, Connection, Reason, sso};
use assumerole_core::Result;
use assumerole_core::aws::assigned::{AssignedRole, ManagedRole};
use assumerole_core::aws::ids::{AccountId, RoleArn};
use assumerole_core::plan::{CacheKey, SsoPortal};
use assumerole_host::Host;
use assumerole_host::deadline::uncounted;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::SsoLogin;
use crate::cache::{Cache, Claim, Lineage, Pace, Patience, Terms, Value};
use crate::connect::connect;
use crate::context::{Context, aws_clock};

/// As long as its file is left there.
const LIFE: SignedDuration = SignedDuration::from_hours(72);

/// How often a request is made that AWS had no time for, and one that failed in
/// another way that passes.
const MOST_THROTTLED: u32 = 50;
const MOST_FAILED: u32 = 3;

/// The accounts of a person at a portal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Directory {
    /// In the order of the portal.
    pub accounts: Vec<DirectoryAccount>,
    /// The roles of account access manager.
    #[serde(default)]
    pub managed: Vec<DirectoryRole>,
    /// The tenant that was asked for them.
    #[serde(default)]
    pub tenant: Option<String>,
    /// When it was asked for, by our clock.
    pub obtained: Timestamp,
    ends: Timestamp,
}

/// A role of account access manager.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DirectoryRole {
    /// The account's name; any text.
    pub account_name: String,
    /// Its ARN.
    pub arn: String,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DirectoryAccount {
    /// Its ID, 12 digits.
    pub id: String,
    /// Its name; any text.
    pub name: String,
    /// The address of its root user; any text.
    pub email: String,
    /// The person's roles; `None`: not asked for yet.
    pub roles: Option<Vec<String>>,
}

impl Directory {
    /// Whether the roles of all accounts are known.
    pub fn is_whole(&self) -> bool {
        self.accounts.iter().all(|account| account.roles.is_some())
    }

    /// All roles, in order.
    pub fn roles(&self) -> Vec<AssignedRole> {
        let mut all = Vec::new();
        for account in &self.accounts {
            let Ok(id) = account.id.parse::<AccountId>() else {
                continue;
            };
            for role in account.roles.iter().flatten() {
                all.push(AssignedRole {
                    account: id.clone(),
                    account_name: account.name.clone(),
                    role: role.clone(),
                    managed: None,
                });
            }
        }
        let tenant = self.tenant.iter();
        for (tenant, one) in
            tenant.flat_map(|tenant| self.managed.iter().map(move |one| (tenant, one)))
        {
            let Ok(arn) = one.arn.parse::<RoleArn>() else {
                continue;
            };
            all.push(AssignedRole {
                account: arn.account.clone(),
                account_name: one.account_name.clone(),
                role: arn.base_name().to_owned(),
                managed: Some(ManagedRole {
                    tenant: tenant.clone(),
                    arn,
                }),
            });
        }
        all
    }
}

impl Value for Directory {
    const ENDING: &'static str = ".directory";
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

/// What is known of the directory of `portal`. Nobody is asked.
pub fn known_directory(cache: &Cache, portal: &SsoPortal, host: &Host) -> Option<Directory> {
    cache.lookup_value(&CacheKey::of_directory(portal), host.clock.now())
}

/// Forgets the directory of `portal`.
///
/// # Errors
/// It cannot be removed.
pub fn forget_directory(cache: &Cache, portal: &SsoPortal) -> Result<()> {
    cache.remove_value::<Directory>(&CacheKey::of_directory(portal))
}

/// Asks the portal for the directory, and keeps it. `see` is told of how many
/// accounts of all the roles are known; where it fails, what there is then is kept.
///
/// # Errors
/// There is no login, AWS's refusal or silence, or the error of `see`.
pub fn ask_directory(
    context: &Context<'_>,
    portal: &SsoPortal,
    see: &mut dyn FnMut(usize, usize) -> Result<()>,
) -> Result<Directory> {
    let login = SsoLogin::of(context, portal, None)?;
    let token = login.good(login.read()?)?;
    let mut connection = connect(&portal.portal, context.settings, context.host)?;
    // How often is for us to say: all processes share what AWS allows.
    connection.route.attempts.value = 1;
    let portal_door = Door {
        context,
        login: &login,
        connection,
        token: token.secret(),
    };
    let clock = context.host.clock.as_ref();
    let now = clock.now();
    // One call, and what it lacks is best known early.
    let managed = match &portal.access {
        Some(tenant) => login.entitled_roles(tenant)?,
        None => Vec::new(),
    };
    let managed = managed.into_iter().map(|one| DirectoryRole {
        account_name: one.account_name,
        arn: one.arn.to_string(),
    });
    let mut directory = Directory {
        accounts: Vec::new(),
        managed: managed.collect(),
        tenant: portal.access.as_ref().map(|tenant| tenant.id.clone()),
        obtained: now,
        ends: now.checked_add(LIFE).unwrap_or(now),
    };
    let asked = uncounted(clock, || portal_door.fill(&mut directory, see));
    if asked.is_ok() || !directory.accounts.is_empty() {
        keep(context, portal, &directory);
    }
    asked.map(|()| directory)
}

/// Keeps it for the next ones. Without a cache, they ask themselves.
fn keep(context: &Context<'_>, portal: &SsoPortal, directory: &Directory) {
    let Some(cache) = context.cache else { return };
    let terms = Terms::new(Patience::Services).fresh(true);
    let key = CacheKey::of_directory(portal);
    let claim = cache.claim_value::<Directory>(&key, context.host, context.report, terms);
    if let Ok(Claim::Mine(slot)) = claim
        && let Err(error) = slot.fill(directory, &Lineage::default(), context.host)
    {
        context.report.not_cached(&error);
    }
}

/// The portal, asked at the pace that it allows.
struct Door<'d> {
    context: &'d Context<'d>,
    login: &'d SsoLogin<'d>,
    connection: Connection,
    token: &'d SecretString,
}

impl Door<'_> {
    fn fill(
        &self,
        directory: &mut Directory,
        see: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<()> {
        let now = aws_clock(self.context.host);
        let mut next: Option<String> = None;
        loop {
            let page = self.asked("ListAccounts", &|| {
                sso::list_accounts(&self.connection, &now, self.token, next.as_deref())
            })?;
            let accounts = page.items.into_iter().map(|account| DirectoryAccount {
                id: account.id.to_string(),
                name: account.name,
                email: account.email,
                roles: None,
            });
            directory.accounts.extend(accounts);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let all = directory.accounts.len();
        for (number, account) in directory.accounts.iter_mut().enumerate() {
            see(number, all)?;
            account.roles = Some(self.roles(&account.id)?);
        }
        see(all, all)
    }

    fn roles(&self, account: &str) -> Result<Vec<String>> {
        let now = aws_clock(self.context.host);
        let Ok(account) = account.parse::<AccountId>() else {
            return Ok(Vec::new());
        };
        let (mut names, mut next): (Vec<String>, Option<String>) = (Vec::new(), None);
        loop {
            let page = self.asked("ListAccountRoles", &|| {
                let next = next.as_deref();
                sso::list_account_roles(&self.connection, &now, self.token, &account, next)
            })?;
            // Others are none that AWS has, and may be made to be read as more.
            names.extend(page.items.into_iter().filter(|name| is_role_name(name)));
            next = page.next;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    /// Asks until there is an answer: too many requests are waited for.
    fn asked<T>(&self, what: &str, call: &dyn Fn() -> Result<T, CallError>) -> Result<T> {
        let context = self.context;
        let portal = self.login.portal;
        let (mut throttled, mut failed, mut slow_down) = (0, 0, false);
        loop {
            let wait = match context.cache {
                Some(cache) => cache.pace(
                    Pace::PORTAL,
                    &portal.start_url.value,
                    context.host,
                    slow_down,
                ),
                None => Pace::PORTAL.alone(slow_down),
            };
            context.host.clock.sleep(wait);
            let error = match context.traced(what, &self.connection, call) {
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
                _ => return Err(error.explain(&self.login.asked(&portal.portal, None))),
            }
        }
    }
}

/// <https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PermissionSet.html>
fn is_role_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    (1..=64).contains(&name.len()) && name.chars().all(fits)
}

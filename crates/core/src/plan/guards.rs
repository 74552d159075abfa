//! Which roles on the way of a plan a file protects: whatever the entry or
//! the profile is called that leads to their ARN.

use crate::aws::ids::{RoleArn, permission_set};
use crate::config::{Config, Covers, Protected};
use crate::diagnostic::text::Snippet;
use crate::diagnostic::{Error, Kind, Result};

use super::{Call, Plan, SourceKind};

/// A role that is confirmed by name before anybody is asked for its
/// credentials, or gets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The name in `~/.assumerole` that is typed.
    pub name: String,
    /// What it protects.
    pub arn: RoleArn,
    /// Where the file says so.
    pub at: Option<Snippet>,
    /// How the plan comes by the role.
    pub way: Way,
}

/// How a plan comes by a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is the one that is named.
    Named,
    /// It comes out at the end, under another name.
    Alias,
    /// Another role is assumed from it.
    Through,
}

/// What of `plan` is protected by one of the files `configs`, in the order of
/// the plan, each name once.
///
/// # Errors
/// A file has to be read as a whole for it, and cannot be. An entry may protect
/// something of it, but does not say which role it is for.
pub fn guards(configs: &[&Config], plan: &Plan) -> Result<Vec<Guard>> {
    let mut found: Vec<Guard> = Vec::new();
    let last = plan.steps.len();
    for config in configs {
        let protected = config.protected();
        if protected.is_empty() {
            continue;
        }
        for (number, who) in whos(plan) {
            if let Some(one) = protected.iter().find(|one| who.may_be(&one.covers)) {
                return Err(unclear(config, plan, one));
            }
            let all = protected.iter().filter_map(|one| match &one.covers {
                Covers::Role(arn) if who.is(arn) => Some((one, arn)),
                _ => None,
            });
            let own = all.clone().find(|(one, _)| one.name == plan.name);
            let Some((one, arn)) = own.or_else(|| all.clone().next()) else {
                continue;
            };
            if found.iter().any(|guard| guard.name == one.name) {
                continue;
            }
            found.push(Guard {
                name: one.name.clone(),
                arn: arn.clone(),
                at: Some(config.snippet(one.at.clone())),
                way: match number == last {
                    true if one.name == plan.name => Way::Named,
                    true => Way::Alias,
                    false => Way::Through,
                },
            });
        }
    }
    Ok(found)
}

/// What a file protects, for a plan whose first credentials are those of a
/// machine: which role that is, is only known when the machine has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The name in `~/.assumerole`.
    pub name: String,
    /// Where the file says so.
    pub at: Option<Snippet>,
    covers: Covers,
}

impl Watched {
    /// Whether it is `role`, of `account` where the machine names one.
    pub fn is(&self, account: Option<&str>, role: &str) -> bool {
        let is_named = |own: &str| own.eq_ignore_ascii_case(role);
        match &self.covers {
            Covers::Role(arn) => {
                is_named(arn.base_name()) && account.is_none_or(|one| one == arn.account.as_str())
            }
            Covers::Named(own) => is_named(own),
            Covers::Any => true,
        }
    }
}

/// All that one of the files `configs` protects, where `plan` begins with the
/// role of a container or an instance.
///
/// # Errors
/// A file has to be read as a whole for it, and cannot be.
pub fn watched(configs: &[&Config], plan: &Plan) -> Result<Vec<Watched>> {
    let mut all = Vec::new();
    if !matches!(
        plan.source.kind,
        SourceKind::Container { .. } | SourceKind::Instance { .. }
    ) {
        return Ok(all);
    }
    for config in configs {
        all.extend(config.protected().iter().map(|one| Watched {
            name: one.name.clone(),
            at: Some(config.snippet(one.at.clone())),
            covers: one.covers.clone(),
        }));
    }
    Ok(all)
}

/// The entry `one` of `config` may protect what comes out of `plan`.
fn unclear(config: &Config, plan: &Plan, one: &Protected) -> Error {
    let (name, file) = (&one.name, config.path());
    let message = format!(
        "role {} is not assumed: role {name:?} of {file} may protect it",
        plan.name
    );
    let error = Error::new(Kind::Config, message);
    let because = "it has confirm, and does not say which role it is for";
    match config.role(name) {
        Err(why) => {
            let error = error
                .maybe_at(why.snippet().cloned())
                .because(because)
                .because(&why);
            match why.hints() {
                [] => error.hint(format!("correct role {name:?}, or remove its confirm")),
                hints => hints.iter().fold(error, Error::hint),
            }
        }
        Ok(_) => error
            .at(config.snippet(one.at.clone()))
            .because(because)
            .hint("write the account into aws_account and the name into aws_role, or the ARN of the role into aws_role"),
    }
}

/// Whose credentials a result of a plan is.
enum Who<'a> {
    Role(&'a RoleArn),
    /// A permission set, in an account.
    Set(&'a str, &'a str),
    /// The session of a role, by its ARN's account and role.
    Session(&'a str, &'a str),
}

/// Whose credentials the results of `plan` are, with their numbers as
/// [`Plan::keys`] has them; of those where that is known.
fn whos(plan: &Plan) -> Vec<(usize, Who<'_>)> {
    let source = match &plan.source.kind {
        SourceKind::WebIdentity(web) => Some(Who::Role(&web.arn.value)),
        SourceKind::Sso(sso) => Some(match &sso.access {
            Some(access) => Who::Role(&access.arn.value),
            None => Who::Set(sso.account.value.as_str(), &sso.role.value),
        }),
        SourceKind::Login(login) => session(&login.session.value),
        SourceKind::Keys { .. }
        | SourceKind::Stored { .. }
        | SourceKind::Process { .. }
        | SourceKind::Environment { .. }
        | SourceKind::Container { .. }
        | SourceKind::Instance { .. } => None,
    };
    let steps = plan.steps.iter().enumerate();
    let roles = steps.filter_map(|(before, step)| match &step.call {
        Call::Assume(assume) => Some((before + 1, Who::Role(&assume.arn.value))),
        Call::Session(_) => None,
    });
    source
        .map(|who| (0, who))
        .into_iter()
        .chain(roles)
        .collect()
}

/// `arn:aws:sts::123456789012:assumed-role/ROLE/NAME`.
fn session(arn: &str) -> Option<Who<'_>> {
    let mut parts = arn.splitn(6, ':');
    let account = parts.nth(4)?;
    let mut resource = parts.next()?.split('/');
    match (resource.next(), resource.next()) {
        (Some("assumed-role"), Some(role)) => Some(Who::Session(account, role)),
        _ => None,
    }
}

impl Who<'_> {
    /// Whether it is `protected`. IAM does not tell names of roles apart by
    /// their case or path, and an account is of one partition.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    fn is(&self, protected: &RoleArn) -> bool {
        self.account() == protected.account.as_str() && self.is_named(protected.base_name())
    }

    /// Whether an entry protects it that does not say which role it is for.
    fn may_be(&self, covers: &Covers) -> bool {
        match covers {
            Covers::Role(_) => false,
            Covers::Named(name) => self.is_named(name),
            Covers::Any => true,
        }
    }

    fn account(&self) -> &str {
        match self {
            Self::Role(arn) => arn.account.as_str(),
            Self::Set(account, _) | Self::Session(account, _) => account,
        }
    }

    /// Whether its role is called `own`, which is without a path.
    fn is_named(&self, own: &str) -> bool {
        let name = match self {
            Self::Role(arn) => arn.base_name(),
            Self::Set(_, name) | Self::Session(_, name) => name,
        };
        let set = || {
            matches!(self, Self::Set(..))
                .then(|| permission_set(own))
                .flatten()
        };
        name.eq_ignore_ascii_case(own) || set().is_some_and(|set| name.eq_ignore_ascii_case(set))
    }
}

//! Why a plan is as it is: each of its values with who decided it, for
//! people. The order of who is heard first is the planner's.

use std::ops::Range;

use crate::aws_files::{Profile, Value};
use crate::config::{Config, Role};
use crate::error::Result;
use crate::ids::Region;
use crate::request::Policies;
use crate::text::Snippet;

use super::connection::{filled, service_url};
use super::{Inputs, Origin, Plan, Source, StaticKeys};

/// Who decided a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// A file, at this place.
    File(Snippet),
    /// An option of the command line.
    Flag(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// It follows from something else: a phrase for a person.
    Rule(&'static str),
    /// Nobody said anything.
    Default,
}

/// What a fact says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// This.
    Text(String),
    /// This number.
    Number(u32),
    /// On or off.
    Switch(bool),
    /// Something that is shown to nobody.
    Secret,
    /// Nothing: there is none.
    Nothing,
}

/// A value of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is, as JSON names it.
    pub name: &'static str,
    /// What it says.
    pub content: Content,
    /// Who decided it.
    pub decided: Decided,
}

/// All values of a plan, by its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The first credentials.
    pub source: Vec<Fact>,
    /// The `AssumeRole`, and how STS is reached.
    pub assume: Vec<Fact>,
    /// The region to export.
    pub region: Fact,
}

impl Why {
    /// The reasons of `plan`, which was made from `inputs` for `role`.
    /// `is_set` tells which variables of the environment have a value.
    ///
    /// # Errors
    /// A file cannot be read any more.
    pub fn of(
        inputs: Inputs<'_>,
        role: &Role,
        plan: &Plan,
        is_set: &dyn Fn(&str) -> bool,
    ) -> Result<Self> {
        let reader = Reader {
            inputs,
            role,
            plan,
            profile: inputs.aws.profile(&role.aws_profile.value),
            is_set,
        };
        let asked = inputs.request.region.clone();
        let (region, decided) = match asked {
            Some(region) => (Content::Text(region.to_string()), Decided::Flag("--region")),
            None => match reader.exported()? {
                Some((region, decided)) => (Content::Text(region.to_string()), decided),
                None => (Content::Nothing, Decided::Default),
            },
        };
        Ok(Self {
            source: reader.source()?,
            assume: [reader.assume()?, reader.session()?, reader.sts()?].concat(),
            region: Fact {
                name: "region",
                content: region,
                decided,
            },
        })
    }
}

impl From<u32> for Content {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Content {
    fn from(on: bool) -> Self {
        Self::Switch(on)
    }
}

fn setting(name: &'static str, content: impl Into<Content>, decided: Decided) -> Fact {
    Fact {
        name,
        content: content.into(),
        decided,
    }
}

fn fact(name: &'static str, value: &dyn ToString, decided: Decided) -> Fact {
    Fact {
        name,
        content: Content::Text(value.to_string()),
        decided,
    }
}

struct Reader<'a> {
    inputs: Inputs<'a>,
    role: &'a Role,
    plan: &'a Plan,
    profile: Option<Profile<'a>>,
    is_set: &'a dyn Fn(&str) -> bool,
}

impl<'a> Reader<'a> {
    fn config(&self) -> &'a Config {
        self.inputs.config
    }

    /// A place of `~/.assumerole`.
    fn at(&self, span: &Range<usize>) -> Result<Decided> {
        self.config().snippet(span.clone()).map(Decided::File)
    }

    /// What the profile says for `key`, if anything.
    fn said(&self, key: &str) -> Option<Value<'a>> {
        filled(self.profile.as_ref()?.get(key))
    }

    /// The variable `name` if it decided, else the profile's `key`, else
    /// nobody.
    fn variable_or_key(&self, set: bool, name: &'static str, key: &str) -> Decided {
        if set {
            return Decided::Variable(name);
        }
        self.said(key).map_or(Decided::Default, |v| file(&v))
    }

    fn source(&self) -> Result<Vec<Fact>> {
        let Source::Profile {
            name,
            access_key_id,
            ..
        } = &self.plan.source;
        let mut facts = vec![fact(
            "profile",
            &name,
            self.at(&self.role.aws_profile.span)?,
        )];
        let keys = match &self.profile {
            Some(profile) => StaticKeys::of(profile)?,
            None => None,
        };
        let Some(keys) = keys else { return Ok(facts) };
        facts.push(fact("access_key_id", &access_key_id, file(&keys.id)));
        let secret = |name, value: &Value<'_>| Fact {
            name,
            content: Content::Secret,
            decided: file(value),
        };
        facts.push(secret("secret_access_key", &keys.secret));
        facts.extend(keys.token.map(|token| secret("session_token", &token)));
        Ok(facts)
    }

    fn assume(&self) -> Result<Vec<Fact>> {
        let (role, assume) = (self.role, &self.plan.assume);
        let duration = match &assume.duration_from {
            Origin::Config(span) => self.at(span)?,
            Origin::Flag(name) => Decided::Flag(name),
            Origin::Variable(name) => Decided::Variable(name),
            Origin::Default => Decided::Default,
        };
        let duration = match self.plan.capped {
            Some(_) => Decided::Rule("all that STS gives from temporary keys"),
            None => duration,
        };
        let mfa = match (&role.aws_mfa_arn, &assume.mfa) {
            (Some(from), Some(device)) => fact("mfa", &device, self.at(&from.span)?),
            _ => Fact {
                name: "mfa",
                content: Content::Nothing,
                decided: Decided::Default,
            },
        };
        Ok(vec![
            fact("arn", &assume.arn, self.at(&role.aws_role.span)?),
            fact(
                "account",
                &assume.arn.account,
                self.at(&role.aws_account.span)?,
            ),
            fact("partition", &assume.arn.partition, self.partition()?),
            fact("session_name", &assume.session_name, self.named_by()?),
            setting("duration_seconds", assume.duration, duration),
            mfa,
        ])
    }

    fn named_by(&self) -> Result<Decided> {
        if self.inputs.request.session_name.is_some() {
            return Ok(Decided::Flag("--session-name"));
        }
        if let Some(name) = &self.role.session.name {
            return self.at(&name.span);
        }
        let device = self.plan.assume.mfa.as_ref();
        Ok(Decided::Rule(
            match device.and_then(|device| device.user()) {
                Some(_) => "the user of the MFA device",
                None => "the user of this machine",
            },
        ))
    }

    /// What goes with the request, where there is any.
    fn session(&self) -> Result<Vec<Fact>> {
        let (said, assume, request) = (&self.role.session, &self.plan.assume, self.inputs.request);
        let mut facts = Vec::new();
        if let Some(id) = &said.external_id {
            facts.push(fact("external_id", &id.value.as_str(), self.at(&id.span)?));
        }
        if let Some(identity) = &said.source_identity {
            facts.push(fact(
                "source_identity",
                &identity.value.as_str(),
                self.at(&identity.span)?,
            ));
        }
        if !assume.tags.is_empty() {
            let keys: Vec<&str> = assume.tags.iter().map(|tag| tag.key.as_str()).collect();
            let decided = match request.tags.is_empty() {
                true => Decided::Rule("session_tags of the role"),
                false => Decided::Flag("--tag"),
            };
            facts.push(fact("session_tags", &keys.join(", "), decided));
        }
        if !assume.policy_arns.is_empty() {
            let arns: Vec<String> = assume.policy_arns.iter().map(ToString::to_string).collect();
            let decided = match &request.policies {
                Policies::OfTheFile => Decided::Rule("policy_arns of the role"),
                Policies::Managed(_) => Decided::Flag("--policy-arn"),
                Policies::ReadOnly => Decided::Flag("--read-only"),
            };
            facts.push(fact("policy_arns", &arns.join(", "), decided));
        }
        if let (Some(policy), Some(from)) = (&assume.policy, &said.policy) {
            let length = policy.as_str().chars().count();
            let text = format!("{length} characters");
            facts.push(fact("policy", &text, self.at(&from.span)?));
        }
        Ok(facts)
    }

    fn partition(&self) -> Result<Decided> {
        let role = self.role;
        if role.partition.is_some() {
            return self.at(&role.aws_role.span);
        }
        let device = role.aws_mfa_arn.as_ref();
        if let Some(device) = device.filter(|device| device.value.partition().is_some()) {
            return self.at(&device.span);
        }
        let region = self.exported()?;
        Ok(region.map_or(Decided::Default, |(_, decided)| decided))
    }

    fn sts(&self) -> Result<Vec<Fact>> {
        let (sts, settings) = (&self.plan.sts, self.inputs.settings);
        let or_nothing = |name, value: Option<String>, decided| Fact {
            name,
            content: value.map_or(Content::Nothing, Content::Text),
            decided,
        };
        let endpoint = sts.endpoint_url.as_deref().map(without_user);
        let tried = settings.max_attempts.is_some();
        let number = |value: &Value<'_>| value.text().trim().parse::<u32>().is_ok();
        let attempts = match self.said("max_attempts").filter(number) {
            Some(value) if !tried => file(&value),
            _ if tried => Decided::Variable("AWS_MAX_ATTEMPTS"),
            _ => Decided::Default,
        };
        Ok(vec![
            fact("sts_region", &sts.region, self.sts_region()?),
            or_nothing("endpoint_url", endpoint, self.endpoint()),
            setting(
                "fips",
                sts.fips,
                self.variable_or_key(
                    settings.fips.is_some(),
                    "AWS_USE_FIPS_ENDPOINT",
                    "use_fips_endpoint",
                ),
            ),
            setting(
                "dual_stack",
                sts.dual_stack,
                self.variable_or_key(
                    settings.dual_stack.is_some(),
                    "AWS_USE_DUALSTACK_ENDPOINT",
                    "use_dualstack_endpoint",
                ),
            ),
            or_nothing(
                "ca_bundle",
                sts.ca_bundle.clone(),
                self.variable_or_key(settings.ca_bundle.is_some(), "AWS_CA_BUNDLE", "ca_bundle"),
            ),
            setting("attempts", sts.attempts, attempts),
        ])
    }

    /// The region of the role or the file, else the profile's.
    fn exported(&self) -> Result<Option<(Region, Decided)>> {
        let role = self.role.aws_region.as_ref();
        if let Some(region) = role.or_else(|| self.config().aws_region()) {
            return Ok(Some((region.value.clone(), self.at(&region.span)?)));
        }
        Ok(self.of_profile())
    }

    fn of_profile(&self) -> Option<(Region, Decided)> {
        let value = self.said("region")?;
        Some((value.text().trim().parse().ok()?, file(&value)))
    }

    /// The profile's, else the exported one, else the environment's, unless
    /// it is of another partition.
    fn sts_region(&self) -> Result<Decided> {
        let exported = self.exported()?;
        let variable = ["AWS_REGION", "AWS_DEFAULT_REGION"]
            .into_iter()
            .find(|name| (self.is_set)(name));
        let environment = self.inputs.settings.region.clone().zip(variable);
        let first = self
            .of_profile()
            .or(exported)
            .or_else(|| environment.map(|(region, name)| (region, Decided::Variable(name))));
        Ok(match first {
            Some((region, decided)) if region == self.plan.sts.region => decided,
            _ => Decided::Rule("the one that serves the partition"),
        })
    }

    fn endpoint(&self) -> Decided {
        let settings = self.inputs.settings;
        if self.plan.sts.endpoint_url.is_none() {
            let key = "ignore_configured_endpoint_urls";
            let set = settings.ignore_endpoint_urls.is_some();
            return self.variable_or_key(set, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", key);
        }
        if settings.endpoint_url_sts.is_some() {
            return Decided::Variable("AWS_ENDPOINT_URL_STS");
        }
        let service = || service_url(self.inputs.aws, self.profile.as_ref()?);
        let value = service().or_else(|| self.said("endpoint_url"));
        match value {
            Some(value) if settings.endpoint_url.is_none() => file(&value),
            _ => Decided::Variable("AWS_ENDPOINT_URL"),
        }
    }
}

fn file(value: &Value<'_>) -> Decided {
    Decided::File(value.snippet())
}

/// `url` without `user:password@`.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..host_ends].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
#[path = "why_tests.rs"]
mod tests;

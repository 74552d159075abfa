//! Why a plan is as it is: each of its values with who decided it, for
//! people.

use crate::aws::credentials::is_no_key_id;
use crate::aws::ids::PolicyArn;
use crate::aws_config::AwsFiles;
use crate::config::Config;
use crate::diagnostic::text::Snippet;
use crate::plan::origin::{Origin, Sourced};
use crate::shell::command_line::split;

use super::{AssumeRole, Call, MfaWay, Plan, Route, SessionToken, Source, SourceKind};

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
    /// What is called, and how it is reached; one list for each step.
    pub steps: Vec<Vec<Fact>>,
    /// The region to export.
    pub region: Fact,
}

impl Why {
    /// The reasons of `plan`, which was made from these files.
    pub fn of(plan: &Plan, config: &Config, aws: &AwsFiles) -> Self {
        let reader = FactReader { config, aws };
        let step = |step: &super::Step| {
            let mut facts = match &step.call {
                Call::Session(session) => reader.session(session),
                Call::Assume(assume) => reader.assume(assume),
            };
            facts.extend(reader.route(&step.route));
            facts
        };
        Self {
            source: reader.source(&plan.source),
            steps: plan.steps.iter().map(step).collect(),
            region: reader.maybe("region", &plan.region, ToString::to_string),
        }
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

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

struct FactReader<'a> {
    config: &'a Config,
    aws: &'a AwsFiles,
}

impl FactReader<'_> {
    fn decided(&self, from: &Origin) -> Decided {
        match from {
            Origin::Config(_) | Origin::Aws(..) => from
                .snippet(self.config, self.aws)
                .map_or(Decided::Default, Decided::File),
            Origin::Flag(name) => Decided::Flag(name),
            Origin::Variable(name) => Decided::Variable(name),
            Origin::Rule(rule) => Decided::Rule(rule),
            Origin::Default => Decided::Default,
        }
    }

    fn fact(&self, name: &'static str, content: impl Into<Content>, from: &Origin) -> Fact {
        Fact {
            name,
            content: content.into(),
            decided: self.decided(from),
        }
    }

    fn text<T: ToString>(&self, name: &'static str, value: &Sourced<T>) -> Fact {
        self.fact(name, value.value.to_string(), &value.from)
    }

    fn maybe<T>(
        &self,
        name: &'static str,
        value: &Sourced<Option<T>>,
        show: impl Fn(&T) -> String,
    ) -> Fact {
        let content = value
            .value
            .as_ref()
            .map_or(Content::Nothing, |value| Content::Text(show(value)));
        self.fact(name, content, &value.from)
    }

    fn source(&self, source: &Source) -> Vec<Fact> {
        let mut facts = vec![self.text("profile", &source.profile)];
        match &source.kind {
            SourceKind::Keys {
                access_key_id,
                secret_from,
                token_from,
            } => {
                facts.push(self.fact(
                    "access_key_id",
                    key_id(&access_key_id.value),
                    &access_key_id.from,
                ));
                facts.push(self.fact("secret_access_key", Content::Secret, secret_from));
                if let Some(from) = token_from {
                    facts.push(self.fact("session_token", Content::Secret, from));
                }
            }
            SourceKind::Stored {
                name,
                access_key_id,
            } => {
                let from = &access_key_id.from;
                facts.push(self.fact("stored_key", name.clone(), from));
                facts.push(self.fact("access_key_id", key_id(&access_key_id.value), from));
            }
            // Some put a secret into it.
            SourceKind::Process { command } => {
                let words = split(&command.value).unwrap_or_default();
                let program = words.first().map_or("", String::as_str);
                // Of a whole command in quotes, too.
                let program = program
                    .split([' ', '\t', '\r', '\n'])
                    .next()
                    .unwrap_or_default();
                facts.push(self.fact("credential_process", program.to_owned(), &command.from));
            }
            SourceKind::Sso(sso) => {
                let session = sso.at.session.as_ref();
                facts.extend(session.map(|session| self.text("sso_session", session)));
                facts.push(self.text("sso_start_url", &sso.at.start_url));
                facts.push(self.text("sso_region", &sso.at.portal.region));
                let Some(access) = &sso.access else {
                    facts.push(self.text("sso_account_id", &sso.account));
                    facts.push(self.text("sso_role_name", &sso.role));
                    facts.extend(self.endpoint(&sso.at.portal));
                    return facts;
                };
                facts.push(self.text("tenant", &access.tenant));
                facts.push(self.text("arn", &access.arn));
                let name = access.session_name.as_ref();
                facts.extend(name.map(|name| self.text("session_name", name)));
                let seconds = access.duration.as_ref();
                facts.extend(seconds.map(|it| self.fact("duration_seconds", it.value, &it.from)));
                facts.extend(self.endpoint(&access.route));
            }
            SourceKind::WebIdentity(web) => {
                facts.push(self.text("web_identity_token_file", &web.token_file));
                facts.push(self.text("arn", &web.arn));
                facts.push(self.text("session_name", &web.session_name));
                facts.push(self.fact("duration_seconds", web.duration.value, &web.duration.from));
                facts.extend(self.policy_arns(&web.policy_arns));
                facts.extend(self.route(&web.route));
            }
            SourceKind::Login(login) => {
                facts.push(self.text("login_session", &login.session));
                facts.push(self.text("signin_region", &login.region));
                facts.extend(self.endpoint(&login.route));
            }
            SourceKind::Environment {
                access_key_id,
                from,
                ..
            } => {
                facts.push(self.fact("credential_source", "Environment".to_owned(), from));
                let variable = Origin::Variable("AWS_ACCESS_KEY_ID");
                facts.push(self.fact("access_key_id", key_id(access_key_id), &variable));
            }
            SourceKind::Container { uri, from } => {
                facts.push(self.fact("credential_source", "EcsContainer".to_owned(), from));
                facts.push(self.text("metadata_url", uri));
            }
            SourceKind::Instance { service, from } => {
                let name = "Ec2InstanceMetadata".to_owned();
                facts.push(self.fact("credential_source", name, from));
                facts.push(self.text("metadata_url", &service.endpoint));
                for (name, number) in [
                    ("metadata_attempts", &service.attempts),
                    ("metadata_timeout", &service.timeout),
                ] {
                    facts.push(self.fact(name, number.value, &number.from));
                }
            }
        }
        facts
    }

    fn session(&self, session: &SessionToken) -> Vec<Fact> {
        let device = match &session.device {
            Some(device) => self.text("mfa", device),
            None => self.fact("mfa", Content::Nothing, &Origin::Default),
        };
        let duration = &session.duration;
        vec![
            device,
            self.fact("duration_seconds", duration.value, &duration.from),
        ]
    }

    fn assume(&self, assume: &AssumeRole) -> Vec<Fact> {
        let arn = &assume.arn.value;
        let mut facts = vec![
            self.text("arn", &assume.arn),
            self.fact("account", arn.account.to_string(), &assume.account_from),
            self.fact(
                "partition",
                arn.partition.to_string(),
                &assume.partition_from,
            ),
            self.text("session_name", &assume.session_name),
            self.fact(
                "duration_seconds",
                assume.duration.value,
                &assume.duration.from,
            ),
        ];
        if let Some(asked) = &assume.capped {
            facts.push(self.fact("duration_asked", asked.value, &asked.from));
        }
        facts.push(match (&assume.mfa, assume.way) {
            (Some(device), _) => self.text("mfa", device),
            (None, MfaWay::Session) => {
                let rule = Origin::Rule("one code for all roles of the user");
                self.fact("mfa", "from the MFA session".to_owned(), &rule)
            }
            (None, _) => self.fact("mfa", Content::Nothing, &assume.no_device_from),
        });
        if let Some(why) = assume.way.why() {
            facts.push(self.fact("mfa_way", why.to_owned(), &Origin::Rule("a rule of AWS")));
        }
        if let Some(id) = &assume.external_id {
            facts.push(self.fact("external_id", id.value.as_str().to_owned(), &id.from));
        }
        if let Some(identity) = &assume.source_identity {
            let text = identity.value.as_str().to_owned();
            facts.push(self.fact("source_identity", text, &identity.from));
        }
        if !assume.tags.value.is_empty() {
            let tags = assume.tags.value.iter();
            let keys: Vec<&str> = tags.map(|tag| tag.key.as_str()).collect();
            facts.push(self.fact("session_tags", keys.join(", "), &assume.tags.from));
        }
        facts.extend(self.policy_arns(&assume.policy_arns));
        if let Some(policy) = &assume.policy {
            let length = policy.value.as_str().chars().count();
            facts.push(self.fact("policy", format!("{length} characters"), &policy.from));
        }
        facts
    }

    fn policy_arns(&self, arns: &Sourced<Vec<PolicyArn>>) -> Option<Fact> {
        let texts: Vec<String> = arns.value.iter().map(ToString::to_string).collect();
        (!texts.is_empty()).then(|| self.fact("policy_arns", texts.join(", "), &arns.from))
    }

    /// The endpoint, where somebody names one.
    fn endpoint(&self, route: &Route) -> Option<Fact> {
        let url = &route.endpoint_url;
        let named = || self.maybe("endpoint_url", url, ToString::to_string);
        url.value.is_some().then(named)
    }

    fn route(&self, route: &Route) -> Vec<Fact> {
        let as_is = |text: &String| text.clone();
        vec![
            self.text("sts_region", &route.region),
            self.maybe("endpoint_url", &route.endpoint_url, ToString::to_string),
            self.fact("fips", route.fips.value, &route.fips.from),
            self.fact("dual_stack", route.dual_stack.value, &route.dual_stack.from),
            self.maybe("ca_bundle", &route.ca_bundle, as_is),
            self.fact("attempts", route.attempts.value, &route.attempts.from),
        ]
    }
}

#[cfg(test)]
mod tests;

/// An access key ID; nothing of what may be a secret in its place.
fn key_id(id: &str) -> Content {
    match is_no_key_id(id) {
        true => Content::Secret,
        false => Content::Text(id.to_owned()),
    }
}

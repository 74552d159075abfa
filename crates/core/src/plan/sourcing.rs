//! What a profile's own credentials are. Of several ways in one profile the
//! first of this order counts, as in the AWS CLI: web identity, IAM Identity
//! Center, keys of the credentials file, `aws login`, `credential_process`,
//! keys of the config file.

use crate::aws_files::{FileKind, Profile, Value};
use crate::error::{Error, Kind, Result};
use crate::ids::{RoleArn, SessionName};
use crate::origin::{Origin, Sourced, at};
use crate::service::Service;

use super::chain::{Asking, looked_in};
use super::hop::{duration, optional, parsed};
use super::planner::DURATION;
use super::route::{filled, parsed_region, region_of};
use super::source::{Login, Source, SourceKind, Sso, WebIdentity};
use super::{Inputs, Route, StaticKeys};

/// Reads the credentials of one profile.
#[derive(Debug)]
pub(super) struct Sourcing<'a> {
    pub(super) inputs: Inputs<'a>,
    pub(super) profile: &'a Profile<'a>,
    /// Who names the profile.
    pub(super) named_by: Origin,
}

impl<'a> Sourcing<'a> {
    fn source(&self, kind: SourceKind) -> Source {
        let name = self.profile.name().to_owned();
        Source {
            profile: Sourced::new(name, self.named_by.clone()),
            kind,
        }
    }

    fn get(&self, key: &str) -> Option<Value<'a>> {
        filled(self.profile.get(key))
    }

    /// The credentials of the profile itself.
    ///
    /// # Errors
    /// There are none, or what there is makes no sense.
    pub(super) fn own(&self, asking: &Asking<'_>) -> Result<Source> {
        if let Some(file) = self.get("web_identity_token_file")
            && let Some(arn) = self.get("role_arn")
        {
            return self.web_identity(&file, &arn);
        }
        let account = self.get("sso_account_id");
        let role = self.get("sso_role_name");
        if self.get("sso_session").is_some() || self.get("sso_start_url").is_some() {
            // A session without a role gives tokens, not credentials.
            if account.is_some() || role.is_some() {
                return self.sso(account, role);
            }
        }
        let keys = StaticKeys::of(self.profile)?;
        let in_credentials = |keys: &StaticKeys<'_>| keys.id.file().kind() == FileKind::Credentials;
        if let Some(keys) = keys.as_ref().filter(|keys| in_credentials(keys)) {
            return Ok(self.keys(keys));
        }
        if let Some(session) = self.get("login_session") {
            return self.login(&session);
        }
        if let Some(command) = self.get("credential_process") {
            let text = command.text().trim().to_owned();
            return Ok(self.source(SourceKind::Process {
                command: Sourced::new(text, at(&command)),
            }));
        }
        match keys {
            Some(keys) => Ok(self.keys(&keys)),
            None => Err(self.none(asking)),
        }
    }

    fn keys(&self, keys: &StaticKeys<'_>) -> Source {
        self.source(SourceKind::Keys {
            access_key_id: Sourced::new(keys.id.text().to_owned(), at(&keys.id)),
            secret_from: at(&keys.secret),
            token_from: keys.token.as_ref().map(at),
        })
    }

    fn web_identity(&self, file: &Value<'_>, arn: &Value<'_>) -> Result<Source> {
        let arn = parsed::<RoleArn>(self.profile, arn)?;
        let name = optional::<SessionName>(self.profile, "role_session_name")?;
        let name = name.unwrap_or_else(|| {
            let user = SessionName::lossy(&self.inputs.settings.user);
            Sourced::new(user, Origin::Rule("the user of this machine"))
        });
        let duration = duration(self.profile)?.unwrap_or(Sourced::default(DURATION));
        let region = region_of(self.profile)?;
        let route = Route::to_sts(
            self.inputs.aws,
            self.profile,
            self.inputs.settings,
            region.as_ref(),
            &arn.value.partition,
        )?;
        Ok(self.source(SourceKind::WebIdentity(Box::new(WebIdentity {
            token_file: Sourced::new(file.text().trim().to_owned(), at(file)),
            arn,
            session_name: name,
            duration,
            policy_arns: Sourced::default(Vec::new()),
            route,
        }))))
    }

    fn sso(&self, account: Option<Value<'_>>, role: Option<Value<'_>>) -> Result<Source> {
        let (Some(account), Some(role)) = (account, role) else {
            let missing = match self.get("sso_account_id") {
                None => "sso_account_id",
                Some(_) => "sso_role_name",
            };
            return Err(self.lacks(missing));
        };
        let named = self.get("sso_session");
        let session = named.as_ref().map(|named| {
            let found = self.inputs.aws.sso_session(named.text().trim());
            found.ok_or_else(|| {
                let message = format!(
                    "profile {} uses the sso-session {}, which does not exist",
                    self.profile.name(),
                    named.text().trim()
                );
                Error::new(Kind::UnknownName, message)
                    .at(named.snippet())
                    .hint("make it: aws configure sso-session")
            })
        });
        let session = session.transpose()?;
        // The section's own profile holds what both have.
        let settings = session.as_ref().unwrap_or(self.profile);
        let start = filled(settings.get("sso_start_url"));
        let region = filled(settings.get("sso_region"));
        let (Some(start), Some(region)) = (start, region) else {
            let missing = match filled(settings.get("sso_start_url")) {
                None => "sso_start_url",
                Some(_) => "sso_region",
            };
            return Err(self.lacks(missing));
        };
        let region = parsed_region(settings, &region)?;
        let route = |service| {
            Route::resolve(
                self.inputs.aws,
                self.profile,
                self.inputs.settings,
                service,
                region.clone(),
            )
        };
        let text = |value: &Value<'_>| Sourced::new(value.text().trim().to_owned(), at(value));
        Ok(self.source(SourceKind::Sso(Box::new(Sso {
            session: named.as_ref().map(text),
            start_url: text(&start),
            account: parsed(self.profile, &account)?,
            role: text(&role),
            portal: route(Service::Sso)?,
            oidc: route(Service::SsoOidc)?,
        }))))
    }

    fn login(&self, session: &Value<'_>) -> Result<Source> {
        let settings = self.inputs.settings;
        let region = region_of(self.profile)?.or_else(|| settings.region.clone());
        let Some(region) = region else {
            return Err(self.lacks("region"));
        };
        let route = Route::resolve(
            self.inputs.aws,
            self.profile,
            settings,
            Service::Signin,
            region.clone(),
        )?;
        Ok(self.source(SourceKind::Login(Box::new(Login {
            session: Sourced::new(session.text().trim().to_owned(), at(session)),
            region,
            route,
        }))))
    }

    /// What `credential_source` names.
    ///
    /// # Errors
    /// It is not one of its three values, or this machine has no such thing.
    pub(super) fn of_machine(&self, machine: &Value<'_>) -> Result<Source> {
        let settings = self.inputs.settings;
        let fail = |why: &str, hint: &str| {
            let message = format!(
                "profile {} takes its credentials from {}",
                self.profile.name(),
                machine.text().trim()
            );
            Error::new(Kind::Config, message)
                .at(machine.snippet())
                .because(why)
                .hint(hint)
        };
        let from = at(machine);
        let kind = match machine.text().trim() {
            "Environment" => match &settings.environment_keys {
                Some(keys) => SourceKind::Environment {
                    access_key_id: keys.access_key_id.clone(),
                    temporary: keys.temporary,
                    from,
                },
                None => {
                    return Err(fail(
                        "the environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of its own",
                        "set them, or leave the role whose shell this is: exit",
                    ));
                }
            },
            "EcsContainer" => match &settings.container_uri {
                Some(uri) => SourceKind::Container {
                    uri: uri.clone(),
                    from,
                },
                None => {
                    return Err(fail(
                        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set: this is no container of AWS",
                        "run it in a container that has a role",
                    ));
                }
            },
            "Ec2InstanceMetadata" if settings.metadata_disabled => {
                return Err(fail(
                    "AWS_EC2_METADATA_DISABLED is true",
                    "unset AWS_EC2_METADATA_DISABLED",
                ));
            }
            "Ec2InstanceMetadata" => SourceKind::Instance {
                endpoint: match &settings.metadata_endpoint {
                    Some(url) => Sourced::new(
                        url.clone(),
                        Origin::Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
                    ),
                    None => Sourced::default("http://169.254.169.254".to_owned()),
                },
                from,
            },
            other => {
                let message = format!(
                    "credential_source of profile {} is not valid: {other:?}",
                    self.profile.name()
                );
                return Err(Error::new(Kind::Config, message)
                    .at(machine.snippet())
                    .hint("it is Environment, Ec2InstanceMetadata or EcsContainer"));
            }
        };
        Ok(self.source(kind))
    }

    fn lacks(&self, key: &str) -> Error {
        let name = self.profile.name();
        let message = format!("profile {name} has no {key}");
        let place = self
            .profile
            .sections()
            .next()
            .map(|section| section.snippet());
        Error::new(Kind::Config, message)
            .maybe_at(place)
            .hint(format!("add {key} to it"))
    }

    fn none(&self, asking: &Asking<'_>) -> Error {
        let name = self.profile.name();
        let missing: Vec<&str> = ["aws_access_key_id", "aws_secret_access_key"]
            .into_iter()
            .filter(|key| self.get(key).is_none())
            .collect();
        let missing = missing.join(" and no ");
        let message = match &asking.who {
            Some(who) => format!("profile {name} of {who} has no {missing}"),
            None => format!("profile {name} has no credentials: no {missing}"),
        };
        let error = Error::new(Kind::Config, message)
            .maybe_at(asking.at.snippet(self.inputs.config, self.inputs.aws));
        if let Some(session) = self.get("sso_session") {
            let place = session.snippet().place();
            return error
                .because(format!(
                    "it has sso_session ({place}), but no sso_account_id and no sso_role_name"
                ))
                .hint(format!("choose them: aws configure sso --profile {name}"));
        }
        error
            .because(looked_in(self.inputs.aws))
            .hint(format!("give it keys: aws configure --profile {name}"))
    }
}

//! What a profile's own credentials are. Of several ways in one profile the
//! first of this order counts, as in the AWS CLI: web identity, IAM Identity
//! Center, keys of the credentials file, `aws login`, `credential_process`,
//! keys of the config file.

use crate::aws::ids::{RoleArn, SessionName};
use crate::aws_config::profiles::OwnProcess;
use crate::aws_config::{FileKind, Profile, Value};
use crate::diagnostic::{Error, Kind, Result};
use crate::plan::origin::{Origin, Sourced, at};
use crate::shell::command_line::{argument, split};

use super::chain::{Asking, looked_in};
use super::hop::{duration, optional, parsed};
use super::keys::{ID, SECRET};
use super::metadata::{container_url, metadata_service};
use super::planner::DURATION;
use super::route::{filled, region_of};
use super::sign_in::SignInTarget;
use super::source::{Source, SourceKind, WebIdentity};
use super::ways::{self, half};
use super::{Inputs, Route, StaticKeys};

/// Reads the credentials of one profile.
#[derive(Debug)]
pub(super) struct Sourcing<'a> {
    pub(super) inputs: Inputs<'a>,
    pub(super) profile: &'a Profile<'a>,
    /// Whose settings say how AWS is reached.
    pub(super) reached_by: &'a Profile<'a>,
    /// Who names the profile.
    pub(super) named_by: Origin,
}

impl<'a> Sourcing<'a> {
    pub(super) fn source(&self, kind: SourceKind) -> Source {
        let name = self.profile.name().to_owned();
        Source {
            profile: Sourced::new(name, self.named_by.clone()),
            kind,
        }
    }

    fn get(&self, key: &str) -> Option<Value<'a>> {
        filled(self.profile.get(key))
    }

    /// What the profile says of `key`.
    ///
    /// # Errors
    /// The key is there and empty.
    pub(super) fn said(&self, key: &str) -> Result<Option<Value<'a>>> {
        ways::said(self.profile, self.profile.property(key))
    }

    /// The credentials of the profile itself.
    ///
    /// # Errors
    /// There are none, or what there is makes no sense, or half a way stands
    /// before a whole one in the order of the AWS CLI.
    pub(super) fn own(&self, asking: &Asking<'_>) -> Result<Source> {
        // An empty one is none, but it hides a role that stands beside it; one with
        // lines below it is not empty.
        let file = self.profile.property("web_identity_token_file");
        let counts = self.profile.property("role_arn").is_some()
            || file.is_some_and(|file| file.is_nested());
        let file = match counts {
            true => self.said("web_identity_token_file")?,
            false => self.get("web_identity_token_file"),
        };
        if let Some(file) = file {
            let Some(arn) = self.said("role_arn")? else {
                let name = self.profile.name();
                return Err(half(self.profile, &file, &["role_arn"]).hint(format!(
                    "add role_arn = ARN to profile {name}, or remove web_identity_token_file"
                )));
            };
            return self.web_identity(&file, &arn);
        }
        let account = self.said("sso_account_id")?;
        let role = self.said("sso_role_name")?;
        // A session without a role gives tokens, not credentials.
        if account.is_some() || role.is_some() {
            return self.sso(account, role);
        }
        if let Some(keys) = StaticKeys::in_file(self.profile, FileKind::Credentials)? {
            return Ok(self.keys(&keys));
        }
        if let Some(session) = self.said("login_session")? {
            return self.login(&session);
        }
        if let Some(command) = self.said("credential_process")? {
            let text = command.text().trim().to_owned();
            if let Some(name) = OwnProcess::stored_key(&text) {
                return self.stored(&command, name);
            }
            self.check_command_line(&text)?;
            return Ok(self.source(SourceKind::Process {
                command: Sourced::new(text, at(&command)),
            }));
        }
        match StaticKeys::in_file(self.profile, FileKind::Config)? {
            Some(keys) => Ok(self.keys(&keys)),
            None => Err(self.none(asking)),
        }
    }

    /// The AWS CLI refuses the profile, too, whatever it is wanted for.
    fn check_command_line(&self, text: &str) -> Result<()> {
        let why = match split(text) {
            Err(why) => why.to_string(),
            Ok(words) if words.first().is_none_or(String::is_empty) => {
                "it names no program".to_owned()
            }
            Ok(_) => return Ok(()),
        };
        let name = self.profile.name();
        let message = format!("the credential_process of profile {name} is not a command line");
        let error = Error::new(Kind::Config, message).because(why);
        // No line is shown: what stands there may be secret.
        let value = self.profile.get("credential_process");
        let place = value.map(|value| value.file().snippet(value.span()).place());
        Err(match place {
            Some(place) => error.hint(format!("correct it at {place}")),
            None => error,
        })
    }

    /// The key that is stored under `name`, as `command` says.
    fn stored(&self, command: &Value<'_>, name: String) -> Result<Source> {
        let Some(id) = self.inputs.stored.access_key_id(&name)? else {
            let message = format!(
                "profile {} takes its key from the key store, which has no key {name:?}",
                self.profile.name()
            );
            return Err(Error::new(Kind::Config, message)
                .at(command.snippet())
                .hint(format!("store it: assumerole keys add {}", argument(&name)))
                .hint("see which keys are stored: assumerole keys list"));
        };
        Ok(self.source(SourceKind::Stored {
            name,
            access_key_id: Sourced::new(id, at(command)),
        }))
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
        let region = region_of(self.reached_by)?;
        let route = Route::to_sts(
            self.inputs.aws,
            self.reached_by,
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

    fn login(&self, session: &Value<'_>) -> Result<Source> {
        // The one of the profile that was logged in with, before the variable's.
        let region = match region_of(self.reached_by)? {
            Some(region) => Some(region),
            None => region_of(self.profile)?,
        };
        let target = SignInTarget {
            files: self.inputs.aws,
            settings: self.inputs.settings,
            profile: self.profile,
            reached_by: self.reached_by,
        };
        let session = Sourced::new(session.text().trim().to_owned(), at(session));
        let login = target.login(session, region)?;
        Ok(self.source(SourceKind::Login(Box::new(login))))
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
                    uri: container_url(uri)?,
                    from,
                },
                None => {
                    return Err(fail(
                        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set: this is not an AWS container",
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
                service: Box::new(metadata_service(self.reached_by, &settings.metadata)?),
                from,
            },
            other => {
                let message = format!(
                    "credential_source of profile {} is not valid: {other:?}",
                    self.profile.name()
                );
                return Err(Error::new(Kind::Config, message)
                    .at(machine.snippet())
                    .hint("write Environment, Ec2InstanceMetadata or EcsContainer"));
            }
        };
        Ok(self.source(kind))
    }

    fn none(&self, asking: &Asking<'_>) -> Error {
        let name = self.profile.name();
        // Without an access key ID no other key is looked for.
        let missing = match self.get(SECRET) {
            Some(_) => ID.to_owned(),
            None => format!("{ID} and no {SECRET}"),
        };
        let message = match &asking.who {
            Some(who) => format!("profile {name} of {who} has no {missing}"),
            None => format!("profile {name} has no credentials: no {missing}"),
        };
        let halves = HALVES.iter().filter_map(|(has, lacks)| {
            let value = self.get(has)?;
            let lacks_all = lacks.iter().all(|key| self.get(key).is_none());
            lacks_all.then(|| (value, lacks.join(" and no ")))
        });
        let halves: Vec<_> = halves.collect();
        let mut keys = self.profile.keys().into_iter();
        // Those of other tools too, such as `granted_sso_start_url`.
        let sso = keys.any(|key| key.to_ascii_lowercase().contains("sso_"));
        let named = asking.at.snippet(self.inputs.config, self.inputs.aws);
        let place = named
            .or_else(|| halves.first().map(|(has, _)| has.snippet()))
            .or_else(|| self.profile.sections().next().map(|own| own.snippet()));
        let error = Error::new(Kind::Config, message).lacking().maybe_at(place);
        let error = match halves.is_empty() {
            true => error.because(looked_in(self.inputs.aws)),
            false => halves.iter().fold(error, |error, (has, lacks)| {
                error.because(format!(
                    "it has {} ({}), but no {lacks}",
                    has.key().to_lowercase(),
                    has.snippet().place()
                ))
            }),
        };
        error.hint(match sso {
            true => format!("choose them: aws configure sso --profile {name}"),
            false => format!("add access keys: aws configure --profile {name}"),
        })
    }
}

/// Keys that are of no use alone, and what they lack.
const HALVES: [(&str, &[&str]); 8] = [
    (SECRET, &[ID]),
    ("aws_session_token", &[ID, SECRET]),
    ("aws_security_token", &[ID, SECRET]),
    ("sso_session", &["sso_account_id", "sso_role_name"]),
    ("sso_start_url", &["sso_account_id", "sso_role_name"]),
    ("role_arn", &["source_profile", "credential_source"]),
    ("source_profile", &["role_arn"]),
    ("credential_source", &["role_arn"]),
];

pub(super) fn lacks(profile: &Profile<'_>, key: &str) -> Error {
    let message = format!("profile {} has no {key}", profile.name());
    let place = profile.sections().next().map(|section| section.snippet());
    Error::new(Kind::Config, message)
        .lacking()
        .maybe_at(place)
        .hint(format!("add {key} to it"))
}

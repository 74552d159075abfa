//! The members of the file beside the roles.

use std::ops::Range;

use serde_json::{Value, json};

use super::access_manager::AccessManager;
use super::agents::AgentSettings;
use super::askpass::Askpass;
use super::browser::Isolation;
use super::codeartifact;
use super::environment::Environment;
use super::fault::{Fault, Finding, MOST_FINDINGS, Read, quoted};
use super::fields::unknown_keys;
use super::guard;
use super::keys::KeySettings;
use super::mfa::{self, Command, Mfa};
use super::node::{Node, Shape};
use super::protected;
use super::registries::Registries;
use super::role::{self, SessionDuration};
use super::schema::{Described, Form};
use super::token_store::TokenStore;
use super::values::{IndexSeconds, MfaSessionSeconds};
use crate::aws::assigned::NameTemplate;
use crate::aws::ids::{MfaDevice, Region};
use crate::diagnostic::text::Spanned;

/// The key of the roles.
pub(super) const ROLES: &str = "assume_roles";

/// A key beside [`ROLES`].
pub(super) struct TopKey {
    pub(super) name: &'static str,
    /// What it is for, in a sentence, for the schema.
    about: &'static str,
    /// What a schema says of its value.
    schema: fn() -> Value,
    /// Reads its value, which is not null, into the settings. `None` of a key
    /// whose value is read when it is asked for.
    take: Option<fn(&mut FileSettings, &Node<'_>) -> Read<()>>,
}

/// The keys beside [`ROLES`]. A new key is one entry here and, if it is read
/// at once, one field below. An index that knows other keys is not taken.
pub(super) const KEYS: [TopKey; 24] = [
    TopKey {
        name: "aws_profile",
        about: "The profile in ~/.aws for roles that have neither their own nor via.",
        schema: String::schema,
        take: Some(|settings, value| {
            settings.aws_profile = Some(read::<String>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "aws_mfa_arn",
        about: "The MFA device of the user behind aws_profile here, for the roles that use this \
                profile.",
        schema: MfaDevice::schema,
        take: Some(|settings, value| {
            settings.aws_mfa_arn = Some(read::<MfaDevice>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "max_session_duration",
        about: "Seconds that a session lasts, unless a role says otherwise, 900 to 43200; the \
                default is 3600.",
        schema: SessionDuration::schema,
        take: Some(|settings, value| {
            settings.max_session_duration = Some(read::<SessionDuration>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "aws_region",
        about: "The region of roles that have none of their own.",
        schema: Region::schema,
        take: Some(|settings, value| {
            settings.aws_region = Some(read::<Region>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "codeartifact",
        about: "Where Maven's token comes from: an object for all roles, or one for each \
                aws_profile, in a list or a map.",
        schema: codeartifact::schema,
        take: None,
    },
    TopKey {
        name: "print_exports",
        about: "Whether export lines for copy and paste are printed; the default is true.",
        schema: bool::schema,
        take: Some(|settings, value| {
            settings.print_exports = Some(read::<bool>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "prompt",
        about: "Whether a role's shell adds the role to a prompt that does not show it; the \
                default is true.",
        schema: bool::schema,
        take: Some(|settings, value| {
            settings.prompt = Some(read::<bool>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "environment",
        about: "Variables for all roles; a role's own take precedence.",
        schema: Environment::schema,
        take: Some(|settings, value| {
            settings.environment = Environment::read(value)?;
            Ok(())
        }),
    },
    TopKey {
        name: "mfa",
        about: "The program that provides MFA codes; by default, you are prompted.",
        schema: Mfa::schema,
        take: None,
    },
    TopKey {
        name: "mfa_devices",
        about: "The same for single devices; the keys are values of aws_mfa_arn.",
        schema: mfa::devices_schema,
        take: None,
    },
    TopKey {
        name: "mfa_session",
        about: "Whether one MFA code serves all roles of a user, unless a role says otherwise; \
                the default is true.",
        schema: bool::schema,
        take: Some(|settings, value| {
            settings.mfa_session = Some(read::<bool>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "mfa_session_seconds",
        about: "Seconds that an MFA session lasts, unless a role says otherwise, 900 to 129600; \
                the default is 43200.",
        schema: MfaSessionSeconds::schema,
        take: Some(|settings, value| {
            settings.mfa_session_seconds = Some(read::<MfaSessionSeconds>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "askpass",
        about: "What prompts for an MFA code without a terminal: true for SSH_ASKPASS, zenity or \
                kdialog, or a command that gets the question as its last argument; the \
                default is nothing.",
        schema: Askpass::schema,
        take: Some(|settings, value| {
            settings.askpass = Some(read::<Askpass>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "browser",
        about: "What opens pages: a name such as firefox, or a command line, in which %s is the \
                page; the default is BROWSER, else the desktop's own.",
        schema: Command::schema,
        take: Some(|settings, value| {
            settings.browser = Some(read::<Command>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "agents",
        about: "What programs get that are AI agents; by default no questions, and no roles to \
                confirm.",
        schema: AgentSettings::schema,
        take: None,
    },
    TopKey {
        name: "keys",
        about: "Where the key comes from that seals stored access keys, and how long it is held.",
        schema: KeySettings::schema,
        take: None,
    },
    TopKey {
        name: "browser_isolate",
        about: "What keeps the consoles of roles apart in one browser: true, container, granted \
                or profile; the default is nothing.",
        schema: Isolation::schema,
        take: Some(|settings, value| {
            settings.browser_isolate = Some(read::<Isolation>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "registries",
        about: "Which role lets Docker into which registry of ECR, by its host.",
        schema: Registries::schema,
        take: None,
    },
    TopKey {
        name: "sso_auto_login",
        about: "Whether a command that needs a login of IAM Identity Center opens the browser \
                without asking first; the default is false.",
        schema: bool::schema,
        take: Some(|settings, value| {
            settings.sso_auto_login = Some(read::<bool>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "sso_token_store",
        about: "Where refresh tokens of IAM Identity Center are kept: file, which the AWS CLI \
                shares, or sealed; the default is file.",
        schema: TokenStore::schema,
        take: Some(|settings, value| {
            settings.sso_token_store = Some(read::<TokenStore>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "sso_name",
        about: "What the roles of IAM Identity Center are called: text with {account_name}, \
                {account_id} and {role_name}, each with :lower or :upper if wanted; the default \
                is {account_name}/{role_name}.",
        schema: NameTemplate::schema,
        take: Some(|settings, value| {
            settings.sso_name = Some(read::<NameTemplate>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "sso_index_seconds",
        about: "Seconds after which sso list asks IAM Identity Center again, 60 to 259200; the \
                default is 86400.",
        schema: IndexSeconds::schema,
        take: Some(|settings, value| {
            settings.sso_index_seconds = Some(read::<IndexSeconds>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "access_manager",
        about: "The tenant of IAM account access manager whose roles you can use, and the \
                sso-session that you log in to for it.",
        schema: AccessManager::schema,
        take: Some(|settings, value| {
            settings.access_manager = Some(read::<AccessManager>(value)?);
            Ok(())
        }),
    },
    TopKey {
        name: "$schema",
        about: "Where an editor finds a schema of this file; assumerole ignores it.",
        schema: || json!({}),
        take: None,
    },
];

impl TopKey {
    /// The key for the schema.
    pub(super) fn described(&self) -> Described {
        Described {
            name: self.name,
            about: self.about,
            schema: (self.schema)(),
        }
    }

    /// The place of the key `name` in [`KEYS`].
    pub(super) fn number(name: &str) -> Option<usize> {
        KEYS.iter().position(|known| known.name == name)
    }

    /// Whether its value is read when it is asked for: it may be long.
    pub(super) fn is_lazy(&self) -> bool {
        self.take.is_none()
    }
}

/// A value of the form `F`, and where it stands.
fn read<F: Form>(value: &Node<'_>) -> Read<Spanned<F::Value>> {
    Ok(Spanned::new(F::read(value)?, value.span()))
}

/// What the top level says beside the roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileSettings {
    pub(super) aws_profile: Option<Spanned<String>>,
    pub(super) aws_mfa_arn: Option<Spanned<MfaDevice>>,
    pub(super) max_session_duration: Option<Spanned<u32>>,
    pub(super) aws_region: Option<Spanned<Region>>,
    pub(super) print_exports: Option<Spanned<bool>>,
    pub(super) prompt: Option<Spanned<bool>>,
    pub(super) environment: Environment,
    pub(super) mfa_session: Option<Spanned<bool>>,
    pub(super) mfa_session_seconds: Option<Spanned<u32>>,
    pub(super) askpass: Option<Spanned<Askpass>>,
    pub(super) browser: Option<Spanned<Vec<String>>>,
    pub(super) browser_isolate: Option<Spanned<Isolation>>,
    pub(super) sso_auto_login: Option<Spanned<bool>>,
    pub(super) sso_token_store: Option<Spanned<TokenStore>>,
    pub(super) sso_name: Option<Spanned<NameTemplate>>,
    pub(super) sso_index_seconds: Option<Spanned<u32>>,
    pub(super) access_manager: Option<Spanned<AccessManager>>,
    /// The bytes of the members [`KEYS`], key and value.
    pub(super) extents: [Option<Range<usize>>; KEYS.len()],
    /// What is odd: a warning each.
    pub(super) findings: Vec<Finding>,
}

impl FileSettings {
    /// Reads the members of the top level. The roles are only looked at for
    /// being an object.
    pub(super) fn read(members: &[(Node<'_>, Node<'_>)]) -> Read<Self> {
        let mut settings = Self::default();
        let mut roles: Option<Range<usize>> = None;
        let mut unknown = Vec::new();
        let mut more = 0;
        for (key, value) in members {
            let name = key.string().map_err(|fault| fault.about("this key"))?;
            if name == ROLES {
                once(ROLES, key, roles.replace(key.span()))?;
                if !matches!(value.shape(), Shape::Object | Shape::Null) {
                    return Err(not_roles(value));
                }
            } else if let Some(known) = TopKey::number(&name) {
                let extent = key.span().start..value.span().end;
                let before = settings.extents[known].replace(extent);
                let before = before.map(|at| at.start..at.start + key.raw().len());
                once(KEYS[known].name, key, before)?;
                settings.take(&KEYS[known], value)?;
            } else if matches!(value.shape(), Shape::Object | Shape::List)
                && protected::possible(value.raw().as_bytes())
            {
                return Err(protects_nothing(&name, key));
            } else if unknown.len() < MOST_FINDINGS {
                unknown.push((name.into_owned(), key.span()));
            } else {
                more += 1;
            }
        }
        let mut known = vec![ROLES];
        known.extend(KEYS.iter().map(|key| key.name));
        let of_roles = match unknown.is_empty() {
            true => Vec::new(),
            false => role::key_names(),
        };
        for (key, span) in &unknown {
            if let Some(fault) = guard::at_the_top(key, span.clone(), &known, &of_roles) {
                return Err(fault);
            }
        }
        settings.device_has_user()?;
        settings.findings = unknown_keys("the file".to_owned(), unknown, more, known)
            .chain(settings.environment.findings_of("environment"))
            .collect();
        Ok(settings)
    }

    /// A device for roles of whichever user would be sent with keys that it
    /// does not belong to, and one for nobody would guard nothing.
    fn device_has_user(&self) -> Read<()> {
        match (&self.aws_mfa_arn, &self.aws_profile) {
            (Some(device), None) => Err(Fault::new(
                device.span.clone(),
                "the file has aws_mfa_arn beside its roles without an aws_profile, where it has no effect",
            )
            .because("a device belongs to the user of one profile")
            .hint("add \"aws_profile\": \"PROFILE\" beside it, or write aws_mfa_arn into each role that it is for")),
            _ => Ok(()),
        }
    }

    /// Takes the value of `key`. Null is as good as nothing.
    pub(super) fn take(&mut self, key: &TopKey, value: &Node<'_>) -> Read<()> {
        match key.take {
            Some(take) if value.shape() != Shape::Null => {
                take(self, value).map_err(|fault| fault.about(key.name))
            }
            _ => Ok(()),
        }
    }
}

/// A fault if the key was there `before`.
fn once(name: &str, key: &Node<'_>, before: Option<Range<usize>>) -> Read<()> {
    match before {
        None => Ok(()),
        Some(first) => Err(Fault::new(key.span(), format!("the file has {name} twice"))
            .see("the first is", first)
            .hint("join the two into one")),
    }
}

/// What stands under no key of ours, and may have roles that are confirmed.
fn protects_nothing(name: &str, key: &Node<'_>) -> Box<Fault> {
    let message = format!("the file has an unknown key {}", quoted(name));
    Fault::new(key.span(), message)
        .because(format!(
            "something in it has confirm, which protects roles in {ROLES} alone"
        ))
        .hint(format!(
            "write {ROLES} instead of {}, or remove it",
            quoted(name)
        ))
}

fn not_roles(value: &Node<'_>) -> Box<Fault> {
    value
        .must_be("an object")
        .about(ROLES)
        .hint(r#"write "assume_roles": { "NAME": { … } }, a name and an object for each role"#)
}

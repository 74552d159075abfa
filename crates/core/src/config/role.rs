//! One role of `assume_roles`.

use std::ops::Range;

use serde_json::{Value, json};

use super::environment::{EnvVar, Environment};
use super::fault::{Fault, Finding, Read, quoted};
use super::fields::Fields;
use super::label::{Label, Labels};
use super::mfa::{Mfa, MfaProcess};
use super::node::Node;
use super::schema::{self, Form, ObjectKeys as _, keys};
use super::session::{self, Session};
use super::settings::FileSettings;
use super::values;
use crate::aws::ids::{AccountId, MfaDevice, Partition, Region, RoleArn};
use crate::diagnostic::text::Spanned;
use crate::plan::request::SESSION_SECONDS;

/// A role as the file describes it, checked. Every value knows its bytes in
/// the file; [`Config::snippet`](super::Config::snippet) makes a place of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The name in the file, which is also what `info` calls the account.
    pub name: Spanned<String>,
    /// The profile whose credentials call STS, its own or that of the top level;
    /// of a role with `via` it is that of the role it comes by, and `None` unless
    /// the role repeats it.
    pub aws_profile: Option<Spanned<String>>,
    /// The role of this file whose session assumes this one: a chain.
    pub via: Option<Spanned<String>>,
    /// The account that owns the role, from `aws_account` or else from the ARN
    /// in `aws_role`.
    pub aws_account: Spanned<AccountId>,
    /// The name of the role with its path, without a leading slash.
    pub aws_role: Spanned<String>,
    /// The partition, known when `aws_role` is an ARN.
    pub partition: Option<Partition>,
    /// The MFA device of the base user: its own, or with the profile of the top
    /// level the one that stands beside that.
    pub aws_mfa_arn: Option<Spanned<MfaDevice>>,
    /// Where it says that there is none: `"aws_mfa_arn": false`.
    pub no_device: Option<Range<usize>>,
    /// Which program has the code: `mfa`, or `mfa_process`.
    pub mfa: Option<Spanned<Mfa>>,
    /// The region for the role's own commands.
    pub aws_region: Option<Spanned<Region>>,
    /// How long the role session shall last, in seconds, 900 to 43200.
    pub max_session_duration: Option<Spanned<u32>>,
    /// Whether the role is assumed from an MFA session that all roles of the
    /// user share; `false`: each session of the role takes a code of its own.
    pub mfa_session: Option<Spanned<bool>>,
    /// How long that MFA session shall last, in seconds, 900 to 129600.
    pub mfa_session_seconds: Option<Spanned<u32>>,
    /// Whether the person types the role's name before it is assumed.
    pub confirm: bool,
    /// What goes with the request for a session.
    pub session: Session,
    /// The private key for the ssh agent, as it is written: [`crate::environment::expand`]
    /// has not been applied.
    pub sshkey: Option<Spanned<String>>,
    /// Whether the agent forgets that key when the role's session ends.
    pub ssh_lifetime: bool,
    /// Variables for this role only, as they are written, each name once.
    pub environment: Vec<EnvVar>,
    /// What the role is for, in a person's words.
    pub description: Option<Spanned<String>>,
    /// What people sort roles by.
    pub tags: Vec<Label>,
    /// Worth a warning. [`Config::warnings_of`](super::Config::warnings_of).
    pub(super) findings: Vec<Finding>,
}

impl Role {
    /// The role's ARN. `otherwise` is the partition when the file names none.
    pub fn arn(&self, otherwise: &Partition) -> RoleArn {
        RoleArn {
            partition: self.partition.as_ref().unwrap_or(otherwise).clone(),
            account: self.aws_account.value.clone(),
            name: self.aws_role.value.clone(),
        }
    }

    /// Worth a warning: a role that repeats the profile of the `top`, and so
    /// does not get the device beside it.
    pub(super) fn device_is_left_out(&self, top: &FileSettings) -> Option<Finding> {
        let (own, all) = (self.aws_profile.as_ref()?, top.aws_profile.as_ref()?);
        top.aws_mfa_arn.as_ref()?;
        let repeats = own.value == all.value && own.span != all.span && self.via.is_none();
        let silent = self.aws_mfa_arn.is_none() && self.no_device.is_none();
        (repeats && silent).then(|| Finding {
            message: format!(
                "role {} repeats the top-level aws_profile, so the aws_mfa_arn beside that one does not apply to it",
                quoted(&self.name.value)
            ),
            span: own.span.clone(),
            hint: Some("remove it there, or add \"aws_mfa_arn\": false".to_owned()),
        })
    }
}

keys! {
    /// What a role may say. A new key is one line here and one field above.
    struct RoleKeys {
        /// The profile in ~/.aws whose credentials call AWS; the default is the one at
        /// the top of the file.
        aws_profile: String,
        /// Another role of this file, whose session assumes this one, instead of
        /// aws_profile.
        via: String,
        /// The account that owns the role, 12 digits; not needed if aws_role is an ARN.
        aws_account: AccountId,
        /// The name of the role, with its path if it has one, or its ARN.
        aws_role: RoleReference,
        /// The MFA device of the user behind aws_profile: its ARN, or the serial
        /// number of a hardware device; false for none. The default is the device at
        /// the top of the file, if aws_profile comes from there, too.
        aws_mfa_arn: DeviceOrNone,
        /// The program that provides MFA codes; the default is the one at the top of the file.
        mfa: Mfa,
        /// A command that prints the MFA code: short for mfa with the provider process.
        mfa_process: MfaProcess,
        /// Exported as AWS_REGION and AWS_DEFAULT_REGION.
        aws_region: Region,
        /// Seconds that a session lasts, 900 to 43200; the default is the value at the
        /// top of the file, or 3600.
        max_session_duration: SessionDuration,
        /// Whether one MFA code serves all roles of the user; the default is true. If
        /// false, each session of this role needs a code of its own.
        mfa_session: bool,
        /// Seconds that the MFA session lasts, 900 to 129600; the default is 43200.
        mfa_session_seconds: values::MfaSessionSeconds,
        /// Whether you have to type the role's name before it is assumed.
        confirm: bool,
        /// The path of a private key for the ssh agent.
        sshkey: KeyPath,
        /// Whether the agent forgets that key when the role's session ends.
        ssh_lifetime: bool,
        /// Variables for this role only; they take precedence over those for all roles.
        environment: Environment,
        /// What the role is for.
        description: String,
        /// Labels to select roles by; never sent to AWS.
        tags: Labels,
        ..session: session::SessionKeys,
    }
}

// What to add where a key is missing.
const PROFILE: &str =
    "\"aws_profile\": \"PROFILE\", the profile of ~/.aws whose credentials call STS";
const ROLE: &str = "\"aws_role\": \"NAME\", the name of the role in its account";
const ACCOUNT: &str = "\"aws_account\": \"123456789012\", the account that owns the role";

/// Reads the role under `key`. What it does not say and `top` does, that counts.
pub(super) fn read(key: &Node<'_>, value: &Node<'_>, top: &FileSettings) -> Read<Role> {
    let name = name(key)?;
    let what = format!("role {}", quoted(&name.value));
    let (keys, rest) = Fields::read(&what, key.span(), value)?;
    let RoleKeys {
        aws_profile,
        via,
        aws_account,
        aws_role,
        aws_mfa_arn,
        mfa,
        mfa_process,
        aws_region,
        max_session_duration,
        mfa_session,
        mfa_session_seconds,
        confirm,
        sshkey,
        ssh_lifetime,
        environment,
        description,
        tags,
        session,
    } = keys;
    let session = session::read(session, &what)?;
    let environment = environment.map(|found| found.value).unwrap_or_default();
    let mut findings = environment.findings_of(&format!("{what}: environment"));
    let mfa = either_mfa(&what, mfa, mfa_process)?;
    if let Some(mfa) = &mfa {
        findings.extend(mfa.value.findings_of(&format!("{what}: mfa")));
    }

    let of_top = match (&via, &aws_profile) {
        (None, None) => top.aws_profile.as_ref(),
        _ => None,
    };
    if let Some(profile) = of_top {
        rest.no_other(&["aws_profile", "via"], "aws_profile", &profile.span)?;
    }
    // The device is that of the profile's user.
    let (aws_mfa_arn, no_device) = match aws_mfa_arn {
        Some(said) => match said.value {
            Some(device) => (Some(Spanned::new(device, said.span)), None),
            None => (None, Some(said.span)),
        },
        None => (of_top.and(top.aws_mfa_arn.clone()), None),
    };
    let aws_profile = match &via {
        Some(_) => aws_profile,
        None => {
            let profile = aws_profile.or_else(|| of_top.cloned());
            Some(rest.required("aws_profile", profile, PROFILE)?)
        }
    };
    let max_session_duration = max_session_duration.or_else(|| top.max_session_duration.clone());
    let aws_role = rest.required("aws_role", aws_role, ROLE)?;
    let (aws_account, aws_role, partition) = match aws_role.value {
        RoleReference::Arn(arn) => by_arn(&what, arn, aws_role.span, aws_account)?,
        RoleReference::Name(name) => {
            let account = rest.required("aws_account", aws_account, ACCOUNT)?;
            by_name(&what, &name, aws_role.span, account)?
        }
    };
    findings.extend(rest.findings());
    findings.sort_by_key(|finding| finding.span.start);
    Ok(Role {
        name,
        aws_profile,
        via,
        aws_account,
        aws_role,
        partition,
        aws_mfa_arn,
        no_device,
        mfa,
        aws_region,
        max_session_duration,
        mfa_session,
        mfa_session_seconds,
        confirm: confirm.is_some_and(|flag| flag.value),
        session,
        sshkey,
        ssh_lifetime: ssh_lifetime.is_some_and(|flag| flag.value),
        environment: environment.variables,
        description,
        tags: tags.map(|tags| tags.value).unwrap_or_default(),
        findings,
    })
}

/// Every fault of the role under `key`; reading it gave the `first`.
pub(super) fn faults(key: &Node<'_>, value: &Node<'_>, first: Fault) -> Vec<Fault> {
    let what = key.string().map(|name| format!("role {}", quoted(&name)));
    let faults = what.map(|what| Fields::faults::<RoleKeys>(what, value));
    let mut faults = faults.unwrap_or_default();
    if !faults.contains(&first) {
        faults.push(first);
    }
    faults
}

/// The names of its keys.
pub(super) fn key_names() -> Vec<&'static str> {
    let mut names = Vec::new();
    RoleKeys::names(&mut names);
    names
}

/// What a schema says of a role.
pub(super) fn schema() -> Value {
    let mut role = schema::object::<RoleKeys>(&["aws_role"]);
    // The account is in an ARN, and needed beside a name.
    role["if"] = json!({"properties": {"aws_role": {"pattern": "^arn:"}}});
    role["else"] = schema::with(&["aws_account"]);
    role
}

/// The name of a role: it is printed one a line, and exported.
fn name(key: &Node<'_>) -> Read<Spanned<String>> {
    let name = key
        .string()
        .map_err(|fault| fault.about("the name of a role"))?;
    if name.is_empty() {
        return Err(Fault::new(key.span(), "a role has an empty name").hint("give it a name"));
    }
    if name.chars().any(char::is_control) {
        let message = format!("the name of role {} has a control character", quoted(&name));
        return Err(Fault::new(key.span(), message).hint("give it a name of one line of text"));
    }
    Ok(Spanned::new(name.into_owned(), key.span()))
}

/// What `aws_role` may be. A name is checked when its account is known.
enum RoleReference {
    Name(String),
    Arn(RoleArn),
}

impl Form for RoleReference {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        let text = values::text(node)?;
        if text.starts_with("arn:") {
            return values::valid(node.span(), text.parse()).map(Self::Arn);
        }
        Ok(Self::Name(text))
    }

    fn schema() -> Value {
        let name = "/?(?:[!-.0-~]+/)*[A-Za-z0-9+=,.@_-]{1,64}";
        let arn = format!("arn:aws(?:-[a-z-]+)?:iam::[0-9]{{12}}:role/{name}");
        json!({"anyOf": [schema::pattern(&arn), schema::without("^arn:", schema::pattern(name))]})
    }
}

type RoleParts = (Spanned<AccountId>, Spanned<String>, Option<Partition>);

/// A role by its name in `account`.
fn by_name(
    what: &str,
    name: &str,
    span: Range<usize>,
    account: Spanned<AccountId>,
) -> Read<RoleParts> {
    let arn = RoleArn::new(Partition::aws(), account.value.clone(), name);
    let arn = values::valid(span.clone(), arn)
        .map_err(|fault| fault.about(format!("{what}: aws_role")))?;
    Ok((account, Spanned::new(arn.name, span), None))
}

/// A role by its ARN, which `account` must not contradict.
fn by_arn(
    what: &str,
    arn: RoleArn,
    span: Range<usize>,
    account: Option<Spanned<AccountId>>,
) -> Read<RoleParts> {
    let account = account.unwrap_or_else(|| Spanned::new(arn.account.clone(), span.clone()));
    if account.value == arn.account {
        return Ok((account, Spanned::new(arn.name, span), Some(arn.partition)));
    }
    let message = format!(
        "{what}: aws_role is in account {}, aws_account says {}",
        arn.account, account.value
    );
    Err(Fault::new(span, message)
        .see("aws_account is", account.span)
        .hint("correct the wrong one, or remove aws_account: the ARN has the account"))
}

/// `mfa`, or `mfa_process`, but not both.
fn either_mfa(
    what: &str,
    mfa: Option<Spanned<Mfa>>,
    process: Option<Spanned<Mfa>>,
) -> Read<Option<Spanned<Mfa>>> {
    match (mfa, process) {
        (Some(mfa), Some(process)) => Err(Fault::new(
            process.span,
            format!("{what} has both mfa and mfa_process"),
        )
        .see("mfa is", mfa.span)
        .hint("remove one of the two")),
        (mfa, process) => Ok(mfa.or(process)),
    }
}

/// The device of a role, or that it has none.
struct DeviceOrNone;

impl Form for DeviceOrNone {
    type Value = Option<MfaDevice>;

    fn read(node: &Node<'_>) -> Read<Self::Value> {
        match node.raw() {
            "false" => Ok(None),
            // Without the key, that of the top may count.
            "\"\"" => Err(Fault::new(node.span(), "is empty")
                .hint("write false if the base user has no MFA device: no code is asked for then")),
            "true" => Err(
                Fault::new(node.span(), "is true, which is not a device").hint(
                    "write the ARN that IAM shows for the device: arn:aws:iam::ACCOUNT:mfa/NAME",
                ),
            ),
            _ => MfaDevice::read(node).map(Some),
        }
    }

    fn schema() -> Value {
        let mut schema = MfaDevice::schema();
        if let Some(forms) = schema["anyOf"].as_array_mut() {
            forms.push(json!({"enum": [false]}));
        }
        schema
    }
}

impl Form for MfaDevice {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        if node.raw() == "\"\"" {
            return Err(Fault::new(node.span(), "is empty").hint(
                "remove the key if the base user has no MFA device: no code is asked for then",
            ));
        }
        values::parsed(node)
    }

    fn schema() -> Value {
        let serial = schema::pattern("[A-Za-z0-9_+=/:,.@-]{9,256}");
        let arn =
            "arn:aws(?:-[a-z-]+)?:iam::[0-9]{12}:mfa/[A-Za-z0-9_+=/:,.@-]*[A-Za-z0-9_+=:,.@-]";
        json!({"anyOf": [schema::pattern(arn), schema::without("^arn:", serial)]})
    }
}

/// How long a session shall last.
pub(super) struct SessionDuration;

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>:
/// `DurationSeconds`, 15 minutes to 12 hours.
impl Form for SessionDuration {
    type Value = u32;

    fn read(node: &Node<'_>) -> Read<u32> {
        values::seconds(
            node,
            SESSION_SECONDS,
            "AWS grants a role session of 15 minutes to 12 hours",
        )
    }

    fn schema() -> Value {
        values::seconds_schema(&SESSION_SECONDS)
    }
}

/// The path of a private key. The key itself in this place is refused: it
/// would be a secret in plain sight, and no file of that name exists.
struct KeyPath;

impl Form for KeyPath {
    type Value = String;

    fn read(node: &Node<'_>) -> Read<String> {
        let path = values::text(node)?;
        if path.contains("-----BEGIN") || path.contains('\n') {
            return Err(Fault::new(
                node.span(),
                "must be the path of a private key, this is its content",
            )
            .hint("save the key to a file of mode 0600 and write its path, such as ~/.ssh/acme"));
        }
        Ok(path)
    }

    fn schema() -> Value {
        schema::without("-----BEGIN", schema::pattern(r"[^\u0000\n]+"))
    }
}

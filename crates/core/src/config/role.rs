//! One role of `assume_roles`.

use std::ops::Range;

use super::environment::{self, EnvVar};
use super::fault::{Fault, Finding, Read, quoted};
use super::fields::Fields;
use super::label::{self, Label};
use super::node::Node;
use super::session::{self, Session};
use super::values;
use crate::ids::{AccountId, MfaDevice, Partition, Region, RoleArn};
use crate::request::SESSION_SECONDS;
use crate::text::Spanned;

/// A role as the file describes it, checked. Every value knows its bytes in
/// the file; [`Config::snippet`](super::Config::snippet) makes a place of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The name in the file, which is also what `info` calls the account.
    pub name: Spanned<String>,
    /// The profile whose credentials call STS.
    pub aws_profile: Spanned<String>,
    /// The account that owns the role, from `aws_account` or else from the ARN
    /// in `aws_role`.
    pub aws_account: Spanned<AccountId>,
    /// The name of the role with its path, without a leading slash.
    pub aws_role: Spanned<String>,
    /// The partition, known when `aws_role` is an ARN.
    pub partition: Option<Partition>,
    /// The MFA device of the base user.
    pub aws_mfa_arn: Option<Spanned<MfaDevice>>,
    /// The region for the role's own commands.
    pub aws_region: Option<Spanned<Region>>,
    /// How long the role session shall last, in seconds, 900 to 43200.
    pub max_session_duration: Option<Spanned<u32>>,
    /// What goes with the request for a session.
    pub session: Session,
    /// The private key for the ssh agent, as it is written: [`crate::expand`]
    /// has not been applied.
    pub sshkey: Option<Spanned<String>>,
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
}

// What to add where a key is missing.
const PROFILE: &str =
    "\"aws_profile\": \"PROFILE\", the profile of ~/.aws whose credentials call STS";
const ROLE: &str = "\"aws_role\": \"NAME\", the name of the role in its account";
const ACCOUNT: &str = "\"aws_account\": \"123456789012\", the account that owns the role";

/// Reads the role under `key`. A new key is one line here and one field above.
pub(super) fn read(key: &Node<'_>, value: &Node<'_>) -> Read<Role> {
    let name = name(key)?;
    let what = format!("role {}", quoted(&name.value));
    let mut findings = Vec::new();
    let mut fields = Fields::of(&what, key.span(), value)?;

    let aws_profile = fields.take("aws_profile", values::text)?;
    let aws_account = fields.take("aws_account", values::account)?;
    let aws_role = fields.take("aws_role", target)?;
    let aws_mfa_arn = fields.take("aws_mfa_arn", mfa_device)?;
    let aws_region = fields.take("aws_region", values::parsed::<Region>)?;
    let max_session_duration = fields.take("max_session_duration", duration)?;
    let session = session::read(&mut fields, &what)?;
    let sshkey = fields.take("sshkey", key_file)?;
    let environment = fields.take("environment", |node| {
        environment::read(node, &what, &mut findings)
    })?;
    let description = fields.take("description", values::text)?;
    let tags = fields.take("tags", label::read)?;

    let rest = fields.done();
    let aws_profile = rest.required("aws_profile", aws_profile, PROFILE)?;
    let aws_role = rest.required("aws_role", aws_role, ROLE)?;
    let (aws_account, aws_role, partition) = match aws_role.value {
        Target::Arn(arn) => by_arn(&what, arn, aws_role.span, aws_account)?,
        Target::Name(name) => {
            let account = rest.required("aws_account", aws_account, ACCOUNT)?;
            by_name(&what, &name, aws_role.span, account)?
        }
    };
    findings.extend(rest.findings());
    findings.sort_by_key(|finding| finding.span.start);
    Ok(Role {
        name,
        aws_profile,
        aws_account,
        aws_role,
        partition,
        aws_mfa_arn,
        aws_region,
        max_session_duration,
        session,
        sshkey,
        environment: environment.map(|list| list.value).unwrap_or_default(),
        description,
        tags: tags.map(|tags| tags.value).unwrap_or_default(),
        findings,
    })
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
enum Target {
    Name(String),
    Arn(RoleArn),
}

fn target(node: &Node<'_>) -> Read<Target> {
    let text = values::text(node)?;
    if text.starts_with("arn:") {
        return values::valid(node.span(), text.parse()).map(Target::Arn);
    }
    Ok(Target::Name(text))
}

type Whose = (Spanned<AccountId>, Spanned<String>, Option<Partition>);

/// A role by its name in `account`.
fn by_name(what: &str, name: &str, span: Range<usize>, account: Spanned<AccountId>) -> Read<Whose> {
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
) -> Read<Whose> {
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

fn mfa_device(node: &Node<'_>) -> Read<MfaDevice> {
    if node.raw() == "\"\"" {
        return Err(Fault::new(node.span(), "is empty")
            .hint("remove the key if the base user has no MFA device: no code is asked for then"));
    }
    values::parsed(node)
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>:
/// `DurationSeconds`, 15 minutes to 12 hours.
fn duration(node: &Node<'_>) -> Read<u32> {
    values::seconds(
        node,
        SESSION_SECONDS,
        "AWS grants a role session of 15 minutes to 12 hours",
    )
}

/// The path of a private key. The key itself in this place is refused: it
/// would be a secret in plain sight, and no file of that name exists.
fn key_file(node: &Node<'_>) -> Read<String> {
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

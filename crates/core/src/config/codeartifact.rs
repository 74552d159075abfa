//! `codeartifact`: where the token of Maven and of other package tools comes
//! from, in three shapes.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::fault::{Fault, Finding, Read, quoted};
use super::fields::Fields;
use super::node::{Node, Shape};
use super::package_tools::{RepositoryName, Scopes, Tool, Tools};
use super::schema::{self, Form, keys};
use super::values;
use super::zone::zone;
use crate::aws::ids::{AccountId, Region};
use crate::diagnostic::text::Spanned;

/// The domain of AWS CodeArtifact that a token is asked of, and the
/// `<server>` of Maven's settings that gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeArtifact {
    /// `<id>` of the server in `settings.xml`; `codeartifact` unless given.
    pub id: String,
    /// `<username>` of the server; `aws` unless given.
    pub username: String,
    /// The domain.
    pub domain: Spanned<String>,
    /// The account that owns the domain.
    pub domain_owner: Spanned<AccountId>,
    /// The region of the domain, if it is not the role's.
    pub region: Option<Spanned<Region>>,
    /// How long the token shall be valid, in seconds: 0 (as long as the role's
    /// credentials) or 900 to 43200.
    pub duration_seconds: Option<Spanned<u32>>,
    /// The tools that are set up, each once; Maven alone unless given.
    pub tools: Vec<Tool>,
    /// The repository that packages are taken from. There is one where
    /// [`Tool::format`] says that a tool has to know it.
    pub repository: Option<Spanned<String>>,
    /// The scopes of npm (`@name`) that are taken from it; none: everything.
    pub scopes: Vec<String>,
    /// Worth a warning.
    pub(super) findings: Vec<Finding>,
}

/// Reads what `node`, the value of `codeartifact`, holds for `profile`.
/// `None` where it has nothing for it, or names neither domain nor owner.
pub(super) fn read(node: &Node<'_>, profile: &str) -> Read<Option<CodeArtifact>> {
    let about = |fault: Box<Fault>| fault.about("codeartifact");
    let entries = match node.shape() {
        Shape::Null => return Ok(None),
        Shape::List => node.items().map_err(about)?,
        Shape::Object => match map(node).map_err(about)? {
            Some(values) => values,
            None => return settings("codeartifact", node, Some(profile)),
        },
        _ => {
            return Err(about(node.must_be("an object or a list of objects")));
        }
    };
    let mut found: Option<&Node<'_>> = None;
    for (number, entry) in entries.iter().enumerate() {
        let what = format!("codeartifact entry {}", number + 1);
        if profile_of(&what, entry)?.value != profile {
            continue;
        }
        if let Some(first) = found {
            let message = format!(
                "codeartifact has two entries for profile {}",
                quoted(profile)
            );
            return Err(Fault::new(entry.span(), message)
                .see("the first is", first.span())
                .hint("remove one of the two"));
        }
        found = Some(entry);
    }
    let what = format!("codeartifact of profile {}", quoted(profile));
    found.map_or(Ok(None), |entry| settings(&what, entry, None))
}

/// What is wrong and what is odd in `node`, whatever profile it is for. `used`
/// says whether a role uses a profile.
pub(super) fn lint(node: &Node<'_>, used: impl Fn(&str) -> bool) -> (Vec<Fault>, Vec<Finding>) {
    let entries = match node.shape() {
        Shape::List => node.items().unwrap_or_default(),
        Shape::Object => match map(node) {
            Ok(Some(values)) => values,
            Ok(None) => vec![*node],
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    };
    let (mut faults, mut findings, mut profiles) = (Vec::new(), Vec::new(), vec![String::new()]);
    for (number, entry) in entries.iter().enumerate() {
        let what = match entry.span() == node.span() {
            true => "codeartifact".to_owned(),
            false => format!("codeartifact entry {}", number + 1),
        };
        faults.extend(Fields::faults::<CodeArtifactKeys>(&what, entry));
        if let Ok((keys, rest)) = Fields::read::<CodeArtifactKeys>(&what, entry.span(), entry) {
            faults.extend(zone(|| format!("{what}: region"), keys.region.as_ref()));
            findings.extend(rest.findings());
            let unused = keys
                .profile
                .as_ref()
                .filter(|profile| !used(&profile.value));
            findings.extend(unused.map(|profile| Finding {
                message: format!(
                    "codeartifact is for profile {}, which no role uses",
                    quoted(&profile.value)
                ),
                span: profile.span.clone(),
                hint: Some("name the aws_profile of a role, or remove it".to_owned()),
            }));
            profiles.extend(keys.profile.map(|profile| profile.value));
        }
    }
    // What only shows when a profile is asked for: the shape, one without a
    // profile, two of one profile, half of a domain.
    let readable = faults.is_empty();
    for profile in profiles.iter().filter(|_| readable) {
        if let Err(fault) = read(node, profile)
            && !faults.contains(&fault)
        {
            faults.push(*fault);
        }
    }
    (faults, findings)
}

/// The values of an object whose values are objects, which makes it the map
/// shape; `None` for one of plain settings.
fn map<'a>(node: &Node<'a>) -> Read<Option<Vec<Node<'a>>>> {
    let members = node.members()?;
    let values = members.into_iter().map(|(_, value)| value);
    let values: Vec<_> = values.filter(|v| v.shape() != Shape::Null).collect();
    let objects = values.iter().filter(|v| v.shape() == Shape::Object).count();
    if objects == 0 {
        return Ok(None);
    }
    match values.iter().find(|v| v.shape() != Shape::Object) {
        None => Ok(Some(values)),
        Some(other) => Err(Fault::new(other.span(), "mixes settings and objects")
            .hint("write one object of settings, or a list of such objects with a profile each")),
    }
}

/// The profile that an entry of a list or a map is for.
fn profile_of(what: &str, entry: &Node<'_>) -> Read<Spanned<String>> {
    let fields = Fields::of::<CodeArtifactKeys>(what, entry.span(), entry)?;
    // No other key is looked at: a fault in it is for its own profile.
    let profile = fields.take::<String>("profile")?;
    fields.done().required(
        "profile",
        profile,
        "\"profile\": \"PROFILE\", the aws_profile of the roles it is for",
    )
}

keys! {
    /// An object of settings. A new key is one line here and one field above.
    struct CodeArtifactKeys {
        /// The aws_profile of the roles that this is for.
        profile: String,
        /// The ID of the server in Maven's settings.xml; the default is codeartifact.
        id: String,
        /// The username of that server; the default is aws.
        username: String,
        /// The domain of AWS CodeArtifact.
        domain: String,
        /// The account that owns the domain, 12 digits.
        domain_owner: AccountId,
        /// The region of the domain, if it is not the role's.
        region: Region,
        /// How long a token is valid: 0 (as long as the role's credentials) or 900 to 43200.
        duration_seconds: TokenDuration,
        /// The package tools to set up; the default is Maven alone.
        tools: Tools,
        /// The repository that npm, pip, cargo, nuget and twine use.
        repository: RepositoryName,
        /// One or more scopes of npm packages that come from it; the default is all.
        namespace: Scopes,
    }
}

/// What a schema says of an object of settings.
pub(super) fn entry_schema() -> Value {
    let mut entry = schema::object::<CodeArtifactKeys>(&[]);
    // Both or none; null is none.
    let none = json!({"type": "null"});
    entry["anyOf"] = json!([
        schema::with(&["domain", "domain_owner"]),
        {"properties": {"domain": none, "domain_owner": none}},
    ]);
    entry
}

/// The value of `codeartifact`, of which [`read`] takes what is for a profile.
pub(super) fn schema() -> Value {
    let entry = json!({"$ref": "#/definitions/codeartifact"});
    let with_profile = json!({"allOf": [entry, schema::with(&["profile"])]});
    json!({"anyOf": [
        entry,
        {"type": "array", "items": with_profile},
        {
            "type": "object",
            "additionalProperties": {"anyOf": [with_profile, {"type": "null"}]},
        },
    ]})
}

/// Reads one object of settings. A single object may name the one profile that
/// it is for.
fn settings(what: &str, node: &Node<'_>, asked: Option<&str>) -> Read<Option<CodeArtifact>> {
    let (keys, rest) = Fields::read(what, node.span(), node)?;
    let CodeArtifactKeys {
        profile,
        id,
        username,
        domain,
        domain_owner,
        region,
        duration_seconds,
        tools,
        repository,
        namespace,
    } = keys;

    let other = |asked: &str| profile.as_ref().is_some_and(|p| p.value != asked);
    if asked.is_some_and(other) || (domain.is_none() && domain_owner.is_none()) {
        return Ok(None);
    }
    let value = |given: Option<Spanned<String>>, default: &str| {
        given.map_or_else(|| default.to_owned(), |given| given.value)
    };
    let tools = tools.map_or_else(|| vec![Tool::Maven], |tools| tools.value);
    let named = id.as_ref().map(|id| (id.value.clone(), id.span.clone()));
    if let (Some((id, span)), Some(tool)) = (named, tools.iter().find(|tool| tool.takes_name()))
        && !is_plain(&id)
    {
        let message = format!("{what}: {tool} cannot use this id");
        return Err(Fault::new(span, message)
            .because("it becomes the name of a variable or a section of a file")
            .hint("use letters, digits and _ only"));
    }
    let repository = match tools.iter().find(|tool| tool.format().is_some()) {
        None => repository,
        Some(tool) => Some(rest.required(
            "repository",
            repository,
            &format!("\"repository\": \"NAME\", the one that {tool} shall use"),
        )?),
    };
    Ok(Some(CodeArtifact {
        id: value(id, "codeartifact"),
        username: value(username, "aws"),
        domain: rest.required(
            "domain",
            domain,
            "\"domain\": \"NAME\", or remove domain_owner",
        )?,
        domain_owner: rest.required(
            "domain_owner",
            domain_owner,
            "\"domain_owner\": \"123456789012\", the account that owns the domain",
        )?,
        region,
        duration_seconds,
        tools,
        repository,
        scopes: namespace.map_or_else(Vec::new, |scopes| scopes.value),
        findings: rest.findings().collect(),
    }))
}

/// How long a token shall be valid.
struct TokenDuration;

/// <https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetAuthorizationToken.html>:
/// 0, or 15 minutes to 12 hours.
const TOKEN_SECONDS: RangeInclusive<u32> = 900..=43_200;

impl Form for TokenDuration {
    type Value = u32;

    fn read(node: &Node<'_>) -> Read<u32> {
        if matches!(node.raw(), "0" | "\"0\"") {
            return Ok(0);
        }
        values::seconds(
            node,
            TOKEN_SECONDS,
            "CodeArtifact grants a token of 15 minutes to 12 hours (0: as long as the role)",
        )
    }

    fn schema() -> Value {
        json!({"anyOf": [{"enum": [0]}, values::seconds_schema(&TOKEN_SECONDS)]})
    }
}

fn is_plain(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

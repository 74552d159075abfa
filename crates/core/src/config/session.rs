//! What a role says of its sessions: names, tags and policies that go with
//! the request.

use std::ops::Range;

use serde_json::{Value, json};

use super::fault::{Fault, Read, quoted};
use super::node::{Node, Shape};
use super::schema::{Form, keys, pattern, without};
use super::values::{self, Texts};
use crate::aws::ids::{
    ExternalId, MOST_POLICIES, MOST_TAGS, PolicyArn, SessionName, SessionPolicy, SessionTag,
    SourceIdentity, TagKey,
};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::text::Spanned;

/// What goes with every request for a session of the role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// What the role's owner wants to hear.
    pub external_id: Option<Spanned<ExternalId>>,
    /// The session's name in CloudTrail.
    pub name: Option<Spanned<SessionName>>,
    /// Who is behind the session.
    pub source_identity: Option<Spanned<SourceIdentity>>,
    /// `session_tags`, those of `transitive_tags` marked.
    pub tags: Option<Spanned<Vec<SessionTag>>>,
    /// Managed policies that narrow the session.
    pub policy_arns: Option<Spanned<Vec<PolicyArn>>>,
    /// A policy that narrows the session.
    pub policy: Option<Spanned<Policy>>,
}

/// Where a session policy is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// In the file itself.
    Inline(SessionPolicy),
    /// In the file of this path, absolute or with `~/` in front.
    File(String),
}

keys! {
    /// What a role may say of its sessions. A new key is one line here and one
    /// field above.
    pub(super) struct SessionKeys {
        /// What the owner of the role told you to send.
        external_id: ExternalId,
        /// The name of the session in CloudTrail.
        session_name: SessionName,
        /// Who is behind the session, for CloudTrail, through every role assumed from it.
        source_identity: SourceIdentity,
        /// Tags of the session, for conditions in policies.
        session_tags: SessionTags,
        /// Keys of session_tags that stay through every role assumed from the session.
        transitive_tags: Texts,
        /// ARNs of managed policies that narrow the session.
        policy_arns: PolicyArns,
        /// A policy that narrows the session: an object, its text, or the path of its file.
        policy: Policy,
    }
}

/// Checks all of it; `what` is the role to a person.
pub(super) fn read(keys: SessionKeys, what: &str) -> Read<Session> {
    let SessionKeys {
        external_id,
        session_name,
        source_identity,
        session_tags,
        transitive_tags,
        policy_arns,
        policy,
    } = keys;
    let mut tags = session_tags;
    for key in transitive_tags.map(|list| list.value).unwrap_or_default() {
        let tags = tags.as_mut().map(|tags| tags.value.as_mut_slice());
        mark(tags.unwrap_or_default(), &key)
            .map_err(|fault| fault.about(format!("{what}: transitive_tags")))?;
    }
    Ok(Session {
        external_id,
        name: session_name,
        source_identity,
        tags,
        policy_arns,
        policy,
    })
}

/// An object of strings.
struct SessionTags;

impl Form for SessionTags {
    type Value = Vec<SessionTag>;

    fn read(node: &Node<'_>) -> Read<Vec<SessionTag>> {
        tags(node)
    }

    /// Which letters AWS takes is left to the reader: schemas have no words
    /// for letters of any script.
    fn schema() -> Value {
        json!({
            "type": "object",
            "maxProperties": MOST_TAGS,
            "propertyNames": without("^[aA][wW][sS]:", json!({"minLength": 1, "maxLength": 128})),
            "additionalProperties": {"type": "string", "maxLength": 256},
        })
    }
}

fn tags(node: &Node<'_>) -> Read<Vec<SessionTag>> {
    if node.shape() != Shape::Object {
        return Err(node
            .must_be("an object")
            .hint(r#"write {"team": "payments"}"#));
    }
    let members = node.members()?;
    if let Some((key, _)) = members.get(MOST_TAGS) {
        return Err(too_many(key.span(), "tags", members.len(), MOST_TAGS));
    }
    let mut tags: Vec<SessionTag> = Vec::with_capacity(members.len());
    let mut places: Vec<Range<usize>> = Vec::with_capacity(members.len());
    for (key, value) in members {
        let name = key.string().map_err(|fault| fault.about("this key"))?;
        let name: TagKey = values::valid(key.span(), name.parse())
            .map_err(|fault| fault.about(format!("key {}", quoted(&name))))?;
        let same = tags.iter().position(|tag| tag.key.same(name.as_str()));
        if let Some(first) = same.and_then(|at| places.get(at)) {
            let message = format!("has the key {} twice", quoted(name.as_str()));
            return Err(Fault::new(key.span(), message)
                .because("AWS ignores the case of keys")
                .see("the first is", first.clone())
                .hint("remove one of the two"));
        }
        let about = |fault: Box<Fault>| fault.about(quoted(name.as_str()));
        let text = value.string().map_err(about)?;
        tags.push(SessionTag {
            value: values::valid(value.span(), text.parse()).map_err(about)?,
            key: name,
            transitive: false,
        });
        places.push(key.span());
    }
    Ok(tags)
}

/// Makes the tag `key` a transitive one.
fn mark(tags: &mut [SessionTag], key: &Spanned<String>) -> Read<()> {
    if let Some(tag) = tags.iter_mut().find(|tag| tag.key.same(&key.value)) {
        tag.transitive = true;
        return Ok(());
    }
    let message = format!(
        "names {}, which is not a key of session_tags",
        quoted(&key.value)
    );
    let near = nearest(&key.value, tags.iter().map(|tag| tag.key.as_str()), 1);
    Err(
        Fault::new(key.span.clone(), message).hint(match near.first() {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => "add it to session_tags, or remove it here".to_owned(),
        }),
    )
}

/// A list of ARNs.
struct PolicyArns;

impl Form for PolicyArns {
    type Value = Vec<PolicyArn>;

    fn read(node: &Node<'_>) -> Read<Vec<PolicyArn>> {
        policy_arns(node)
    }

    fn schema() -> Value {
        let arn = "arn:aws(?:-[a-z-]+)?:iam::(?:aws|[0-9]{12}):policy/[!-~]*[!-.0-~]";
        json!({"type": "array", "maxItems": MOST_POLICIES, "items": pattern(arn)})
    }
}

fn policy_arns(node: &Node<'_>) -> Read<Vec<PolicyArn>> {
    let texts = values::texts(node)?;
    if let Some(over) = texts.get(MOST_POLICIES) {
        let count = texts.len();
        return Err(too_many(
            over.span.clone(),
            "policies",
            count,
            MOST_POLICIES,
        ));
    }
    texts
        .into_iter()
        .map(|text| {
            values::valid(text.span, text.value.parse())
                .map_err(|fault| fault.about(quoted(&text.value)))
        })
        .collect()
}

fn too_many(span: Range<usize>, what: &str, count: usize, most: usize) -> Box<Fault> {
    Fault::new(span, format!("has too many {what}")).because(format!(
        "AWS accepts at most {most} per session, this has {count}"
    ))
}

/// An object, the text of one, or a path.
impl Form for Policy {
    type Value = Self;

    fn read(node: &Node<'_>) -> Read<Self> {
        policy(node)
    }

    fn schema() -> Value {
        json!({"type": ["object", "string"], "pattern": r"^(?:\s*\{|/|~/)"})
    }
}

fn policy(node: &Node<'_>) -> Read<Policy> {
    if node.shape() == Shape::Object {
        return inline(node, node.raw());
    }
    if node.shape() != Shape::String {
        return Err(node.must_be("an object, its text, or the path of a file"));
    }
    let text = values::text(node)?;
    if text.trim_start().starts_with(['{', '[']) {
        return inline(node, &text);
    }
    if text.starts_with("arn:") {
        return Err(Fault::new(node.span(), "is the ARN of a managed policy")
            .hint(format!("write \"policy_arns\": [{}]", quoted(&text))));
    }
    if text.starts_with('/') || text.starts_with("~/") {
        return Ok(Policy::File(text));
    }
    // Another path would begin in whichever folder the person is in.
    Err(
        Fault::new(node.span(), "is neither a policy nor the path of one")
            .hint("begin a policy with {, the path of its file with / or ~/"),
    )
}

fn inline(node: &Node<'_>, text: &str) -> Read<Policy> {
    values::valid(node.span(), text.parse()).map(Policy::Inline)
}

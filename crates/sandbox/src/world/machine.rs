//! What runs inside AWS and is given credentials there: containers, a pod, an
//! instance.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::World;

/// A container that is given a role: an ECS task, or a pod of EKS.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// An ID of letters, digits and dashes, which is in the name of the
    /// sessions. An ECS task asks at `/v2/credentials/ID`.
    pub id: String,
    /// The ARN of its role. Its trust policy is not asked.
    pub role: String,
    /// The token of a pod of EKS, which asks at `/v1/credentials` and sends
    /// this as `Authorization`; none: an ECS task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_token: Option<String>,
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Container")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// The EC2 instance that the machine is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// `i-0123456789abcdef0`, which is the name of its sessions.
    pub id: String,
    /// The ARN of the role of its profile, if it has one. Its trust policy is
    /// not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Where it is.
    pub region: String,
}

impl Container {
    /// An ECS task with this role.
    pub fn task(id: impl Into<String>, role: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            role: role.into(),
            pod_token: None,
        }
    }

    /// A pod of EKS with this role, known by its token.
    pub fn pod(id: impl Into<String>, role: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            pod_token: Some(token.into()),
            ..Self::task(id, role)
        }
    }
}

impl Instance {
    /// An instance in that region, without a role.
    pub fn new(id: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            role: None,
            region: region.into(),
        }
    }

    /// Gives it a role.
    #[must_use]
    pub fn role(mut self, arn: impl Into<String>) -> Self {
        self.role = Some(arn.into());
        self
    }
}

pub(super) fn check(world: &World) -> Result<(), String> {
    let named = |id: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (2..=64).contains(&id.len()) && id.bytes().all(fits)
    };
    let mut seen = HashSet::new();
    for container in &world.containers {
        let wrong = |what: &str| Err(format!("container {:?}: {what}", container.id));
        if !named(&container.id) {
            return wrong("an ID has 2 to 64 letters, digits and dashes");
        }
        if world.find_role(&container.role).is_none() {
            return wrong("there is no such role");
        }
        let token = container.pod_token.as_ref();
        let header = |token: &String| token.bytes().all(|b| (0x21..=0x7e).contains(&b));
        if token.is_some_and(|token| token.is_empty() || !header(token)) {
            return wrong("the token cannot be sent in a header");
        }
        if !seen.insert(&container.id) || !token.is_none_or(|token| seen.insert(token)) {
            return wrong("it, or its token, is there twice");
        }
    }
    if let Some(instance) = &world.instance {
        let wrong = |what: &str| Err(format!("instance {:?}: {what}", instance.id));
        if !named(&instance.id) {
            return wrong("an ID has 2 to 64 letters, digits and dashes");
        }
        if !world.has_region(&instance.region) {
            return wrong("there is no such region");
        }
        let role = instance.role.as_ref();
        if role.is_some_and(|role| world.find_role(role).is_none()) {
            return wrong("there is no such role");
        }
    }
    Ok(())
}

//! What asks for a session again that was had before: what `-` stands for.

use serde::{Deserialize, Serialize};

use super::{UserFiles, for_shells};

/// A role, and what it was asked for with. A name alone is what an earlier
/// version noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// The role's name in the files.
    pub role: String,
    /// The ARN that it had, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The flags, as words; `None`: nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
    /// `AWS_STS_DURATION_SECONDS`, where it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// The files; `None`: those in force today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<UserFiles>,
}

impl Again {
    /// A role of which no more than the name is known.
    pub fn of_name(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            arn: None,
            flags: None,
            duration: None,
            files: None,
        }
    }

    /// Whether both are the same role of the same file, with whatever flags.
    pub fn is_same_role(&self, other: &Self) -> bool {
        let config = |again: &Self| again.files.as_ref().map(|files| files.config.clone());
        let (own, others) = (config(self), config(other));
        self.role == other.role && (own == others || own.is_none() || others.is_none())
    }

    /// As a line of text, which a shell keeps for itself.
    pub fn write(&self) -> String {
        for_shells(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads [`Again::write`]'s text. Any other is a role's name, as an earlier
    /// version kept it.
    pub fn read(text: &str) -> Self {
        let read: Option<Self> = serde_json::from_str(text).ok();
        let holds = |again: &Self| {
            let files = again.files.as_ref();
            !again.role.is_empty() && files.is_none_or(UserFiles::are_absolute)
        };
        read.filter(holds).unwrap_or_else(|| Self::of_name(text))
    }
}

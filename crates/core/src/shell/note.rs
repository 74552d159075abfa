//! What a shell is in, written down in it: one note in its environment, made
//! when a role is taken and read by whatever goes on from there (renewal, `-`,
//! `info`, CodeArtifact, the prompt). None of them plans anew from a name
//! alone: the files may say something else of it by then.
//!
//! It holds no secret, and it is trusted with nothing: whoever edits it is
//! told that it does not fit, and gets no session by it that the files do not
//! give.

mod again;
mod here;
mod identity;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::aws::ids::{AccountId, RoleArn};

/// The variable that holds the note.
pub use crate::environment::SESSION as VARIABLE;
pub use again::Again;
pub use here::{Here, ReplacedKeys, Unreadable};
pub use identity::{SessionDifference, SessionIdentity};

/// Raised when a member changes its meaning: an older program must not guess.
const VERSION: u32 = 1;

/// Characters of a note; what is longer was not written by us.
const LARGEST: usize = 96 * 1024;

/// The files that are in force for a role, by absolute paths, whether they
/// exist or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFiles {
    /// `~/.assumerole`, or what was said instead.
    #[serde(with = "path")]
    pub config: PathBuf,
    /// `~/.aws/config`, or what was said instead.
    #[serde(with = "path")]
    pub aws_config: PathBuf,
    /// `~/.aws/credentials`, or what was said instead.
    #[serde(with = "path")]
    pub aws_credentials: PathBuf,
}

impl UserFiles {
    fn are_absolute(&self) -> bool {
        let Self {
            config,
            aws_config,
            aws_credentials,
        } = self;
        let all = [config, aws_config, aws_credentials];
        let is_path = |path: &&PathBuf| path.is_absolute() && !has_nul(path);
        all.iter().all(is_path)
    }
}

fn has_nul(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().contains(&0)
}

/// What a shell is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The role's name in the person's files.
    pub role: String,
    /// What the session is.
    pub identity: SessionIdentity,
    /// The flags that the role was assumed with, as words; `--config` is in
    /// `files`.
    pub flags: Vec<String>,
    /// `AWS_STS_DURATION_SECONDS`, where it was set.
    pub duration: Option<u32>,
    /// The files in force.
    pub files: UserFiles,
    /// Whose first credentials it comes from ([`Whose::mark`](crate::plan::Whose::mark)).
    pub whose: Option<String>,
    /// The access key id of the session's credentials. None where the shell
    /// was given none, but a way to them.
    pub key: Option<String>,
    /// The region that was exported.
    pub region: Option<String>,
    /// When the credentials end by this machine's clock, seconds since 1970.
    pub ends: Option<i64>,
}

/// The note's JSON, to write.
#[derive(Serialize)]
struct Writing<'a> {
    version: u32,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    source: &'a str,
    way: &'a str,
    session: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    narrowed: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    flags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u32>,
    files: &'a UserFiles,
    #[serde(skip_serializing_if = "Option::is_none")]
    whose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<i64>,
}

/// The same, to read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadNote {
    version: u32,
    role: String,
    arn: Option<String>,
    role_name: Option<String>,
    account: Option<String>,
    source: String,
    way: String,
    session: String,
    seconds: Option<u32>,
    #[serde(default)]
    narrowed: Vec<String>,
    #[serde(default)]
    flags: Vec<String>,
    duration: Option<u32>,
    files: UserFiles,
    whose: Option<String>,
    key: Option<String>,
    region: Option<String>,
    ends: Option<i64>,
}

/// What every version of the note has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Note {
    /// The note as the value of [`VARIABLE`]: a line of text without what any
    /// shell has no quotes for.
    pub fn write(&self) -> String {
        let Self {
            role,
            identity,
            flags,
            duration,
            files,
            whose,
            key,
            region,
            ends,
        } = self;
        let SessionIdentity {
            arn,
            role: role_name,
            account,
            source,
            way,
            session,
            seconds,
            narrowed,
        } = identity;
        let writing = Writing {
            version: VERSION,
            role,
            arn: arn.as_deref(),
            role_name: role_name.as_deref(),
            account: account.as_deref(),
            source,
            way,
            session,
            seconds: *seconds,
            narrowed,
            flags,
            duration: *duration,
            files,
            whose: whose.as_deref(),
            key: key.as_deref(),
            region: region.as_deref(),
            ends: *ends,
        };
        for_shells(serde_json::to_string(&writing).unwrap_or_default())
    }

    /// Reads [`Note::write`]'s text.
    ///
    /// # Errors
    /// It was not written by this version, or it was changed since.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        if text.len() > LARGEST {
            return Err(Unreadable::Garbled);
        }
        let versioned: Versioned = serde_json::from_str(text).map_err(|_| Unreadable::Garbled)?;
        if versioned.version > VERSION {
            return Err(Unreadable::Later);
        }
        let written: ReadNote = serde_json::from_str(text).map_err(|_| Unreadable::Garbled)?;
        Self::checked(written).ok_or(Unreadable::Garbled)
    }

    fn checked(written: ReadNote) -> Option<Self> {
        let ReadNote {
            version,
            role,
            arn,
            role_name,
            account,
            source,
            way,
            session,
            seconds,
            narrowed,
            flags,
            duration,
            files,
            whose,
            key,
            region,
            ends,
        } = written;
        let is_arn = |arn: &String| arn.parse::<RoleArn>().is_ok();
        let is_account = |account: &String| account.parse::<AccountId>().is_ok();
        let holds = version == VERSION
            && !role.is_empty()
            && arn.as_ref().is_none_or(is_arn)
            && account.as_ref().is_none_or(is_account)
            && [&source, &way, &session].into_iter().all(|d| is_digest(d))
            && whose.as_ref().is_none_or(|w| w.is_empty() || is_digest(w))
            && files.are_absolute()
            && flags.iter().all(|word| !word.contains('\0'));
        holds.then_some(Self {
            role,
            identity: SessionIdentity {
                arn,
                role: role_name,
                account,
                source,
                way,
                session,
                seconds,
                narrowed,
            },
            flags,
            duration,
            files,
            whose,
            key,
            region,
            ends,
        })
    }

    /// What asks for the same session again.
    pub fn again(&self) -> Again {
        Again {
            role: self.role.clone(),
            arn: self.identity.arn.clone(),
            flags: Some(self.flags.clone()),
            duration: self.duration,
            files: Some(self.files.clone()),
        }
    }
}

fn is_digest(text: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == identity::DIGEST && text.bytes().all(is_hex)
}

/// JSON in which no character stands that cmd.exe has no quotes for: all of
/// them stand in texts alone, where they can be escaped.
pub(crate) fn for_shells(mut json: String) -> String {
    for special in ['&', '|', '<', '>', '^', '%', '!'] {
        if json.contains(special) {
            json = json.replace(special, &format!("\\u{:04x}", u32::from(special)));
        }
    }
    json
}

/// A path: text, or bytes that are none.
mod path {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum PathForm {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        let written = match path.to_str() {
            Some(text) => PathForm::Text(text.to_owned()),
            None => PathForm::Bytes(path.as_os_str().as_encoded_bytes().to_vec()),
        };
        written.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        let text: OsString = match PathForm::deserialize(from)? {
            PathForm::Text(text) => text.into(),
            #[cfg(unix)]
            PathForm::Bytes(bytes) => std::os::unix::ffi::OsStringExt::from_vec(bytes),
            #[cfg(not(unix))]
            PathForm::Bytes(_) => return Err(D::Error::custom("a path of another system")),
        };
        match text.is_empty() {
            true => Err(D::Error::custom("an empty path")),
            false => Ok(text.into()),
        }
    }
}

#[cfg(test)]
mod tests;

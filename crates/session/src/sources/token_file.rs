//! Files in which the AWS CLI keeps what logins gave it: JSON, shared with the
//! AWS CLI and the SDKs, which read and renew them too.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assumerole_core::diagnostic::Warning;
use assumerole_core::{Error, Kind, Result, is_sendable};
use assumerole_host::fs;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};
use zeroize::{Zeroize as _, Zeroizing};

use crate::report::Report;

/// Bytes; the AWS CLI's have a few thousand.
const LARGEST: usize = 256 * 1024;

/// A JSON object with secrets in it, wiped when dropped.
#[derive(Default)]
pub(crate) struct Document(Map<String, Value>);

impl Drop for Document {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Shows the names only.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Document {
    /// The object in `bytes`.
    ///
    /// # Errors
    /// There is none; what there is instead, in a few words that show nothing
    /// of it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii().is_empty() {
            return Err("nothing".to_owned());
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(mut other) => {
                wipe(&mut other);
                Err("no JSON object".to_owned())
            }
            Err(error) => Err(format!(
                "no JSON (line {}, column {})",
                error.line(),
                error.column()
            )),
        }
    }

    /// The member `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The member `name`, or that of the member before the dot in it, if it is
    /// a string that says something.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let value = match name.split_once('.') {
            Some((outer, inner)) => self.get(outer)?.get(inner)?,
            None => self.get(name)?,
        };
        value.as_str().filter(|text| !text.is_empty())
    }

    /// As [`Self::text`], one that can be sent.
    pub(crate) fn token(&self, name: &str) -> Option<SecretString> {
        let text = self.text(name).filter(|text| is_sendable(text));
        text.map(Into::into)
    }

    /// As [`Self::text`].
    pub(crate) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(Into::into)
    }

    /// As [`Self::text`], a time. Old versions of the AWS CLI wrote `UTC` where
    /// newer ones write `Z`.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?.trim();
        match text.strip_suffix("UTC") {
            Some(before) => format!("{before}Z").parse().ok(),
            None => text.parse().ok(),
        }
    }

    /// Takes the member `name` out.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(mut old) = self.0.remove(name) {
            wipe(&mut old);
        }
    }

    /// Sets the member `name`, or that of the member before the dot in it.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let (members, name) = match name.split_once('.') {
            None => (&mut self.0, name),
            Some((outer, inner)) => {
                let outer = self.0.entry(outer).or_insert_with(|| Map::new().into());
                if !outer.is_object() {
                    *outer = Map::new().into();
                }
                match outer {
                    Value::Object(members) => (members, inner),
                    _ => return,
                }
            }
        };
        if let Some(mut old) = members.insert(name.to_owned(), value.into()) {
            wipe(&mut old);
        }
    }
}

/// A time as the AWS CLI writes it.
pub(crate) fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A file of a login.
#[derive(Debug)]
pub(crate) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// The file in `folder` whose name is `digest` in hexadecimal.
    pub(crate) fn new(folder: &Path, digest: &[u8]) -> Self {
        let mut name = String::with_capacity(digest.len() * 2 + 5);
        for byte in digest {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name.push_str(".json");
        Self {
            path: folder.join(name),
        }
    }

    /// What it holds; `None` if it is not there. `Err` inside: it is there and
    /// no JSON object. What killed processes left beside it is removed.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn read(&self) -> Result<Option<Result<Document, String>>> {
        fs::sweep(&self.path);
        let bytes = fs::read(&self.path, LARGEST)?.map(Zeroizing::new);
        Ok(bytes.map(|bytes| Document::read(&bytes)))
    }

    /// Gives it the content `document`, in one step, mode 0600; makes its folder.
    ///
    /// # Errors
    /// That cannot be; it is as it was.
    pub(crate) fn write(&self, document: &Document) -> Result<()> {
        let bytes = serde_json::to_vec(&document.0).map(Zeroizing::new);
        let bytes = bytes.map_err(|error| {
            Error::new(Kind::Failed, "a login cannot be written as JSON").because(error)
        })?;
        fs::create_folder_of(&self.path)?;
        let _ = fs::replace(&self.path, &bytes, fs::Holds::Login)?;
        Ok(())
    }

    /// As [`Self::write`]. Where that cannot be, it is said and nothing else: what
    /// was obtained is good.
    pub(crate) fn keep(&self, document: &Document, report: &dyn Report) {
        if let Err(why) = self.write(document) {
            report.warn(&Warning::new(format!(
                "the renewed login could not be kept: {why}"
            )));
        }
    }

    /// Removes it, if it is there.
    ///
    /// # Errors
    /// That cannot be.
    pub(crate) fn remove(&self) -> Result<()> {
        fs::remove(&self.path)?;
        Ok(())
    }

    /// Its path, for people.
    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_set_and_not_shown() {
        let text = br#"{"a": "1", "b": {"c": "2", "d": ""}, "e": 5}"#;
        let mut document = Document::read(text).unwrap();
        assert_eq!(
            (document.text("a"), document.text("b.c")),
            (Some("1"), Some("2"))
        );
        for none in ["b", "b.d", "b.x", "e", "x", "a.b", ""] {
            assert_eq!(document.text(none), None, "{none}");
        }
        document.set("a", "3");
        document.set("b.c", "4");
        document.set("e.f", "5");
        document.set("n", "6");
        let text = serde_json::to_string(&document.0).unwrap();
        assert_eq!(
            text,
            r#"{"a":"3","b":{"c":"4","d":""},"e":{"f":"5"},"n":"6"}"#
        );
        assert_eq!(format!("{document:?}"), r#"{"a", "b", "e", "n"}"#);
    }

    #[test]
    fn times_are_those_of_all_versions_of_the_aws_cli() {
        let time = |text: &str| {
            let json = format!("{{\"t\": {text:?}}}");
            let document = Document::read(json.as_bytes()).unwrap();
            document.time("t").map(written)
        };
        let expected = Some("2020-06-17T10:02:08Z".to_owned());
        for same in [
            "2020-06-17T10:02:08Z",
            "2020-06-17T10:02:08UTC",
            "2020-06-17T10:02:08+00:00",
            "2020-06-17T12:02:08.999+02:00",
        ] {
            assert_eq!(time(same), expected, "{same}");
        }
        for none in ["", "UTC", "tomorrow", "2020-06-17", "1592388128"] {
            assert_eq!(time(none), None, "{none}");
        }
    }

    #[test]
    fn names_are_digests() {
        let file = TokenFile::new(Path::new("/x"), &[0x0a, 0xff]);
        assert_eq!(file.shown(), "/x/0aff.json");
        assert!(file.read().unwrap().is_none());
    }
}

//! nushell: `assumerole export ROLE --format nu | from json | load-env`.

use secrecy::ExposeSecret;
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::format::Format;
use super::handover::{SecretBytes, text};
use super::lines::{KEPT, PREVIOUS, Script, Shell, check};
use crate::diagnostic::Result;
use crate::environment::{Names, VariableChange};

/// From 0.115 on, names that differ by case are one variable.
pub(super) const FORMAT: Format = Format {
    names: Names::AnyCase,
    ..Format::shell("nu", "nushell: from json | load-env", &["nu"], &Nu)
};

/// A JSON object. What is null is gone for other programs, and so is what is
/// no text: nushell exports text alone.
struct Nu;

impl Shell for Nu {
    fn render(&self, script: &Script<'_>) -> Result<SecretBytes> {
        let kept = script.keep.unwrap_or_default();
        for VariableChange { name, value } in script.changes.iter().chain(kept) {
            check(name)?;
            if let Some(value) = value {
                text("nu", name, value.expose_secret())?;
            }
        }
        Ok(super::json::write(&ScriptObject(script)))
    }
}

/// Serialised as it is, so that no secret is copied.
struct ScriptObject<'a>(&'a Script<'a>);

impl Serialize for ScriptObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Script {
            changes,
            keep,
            bring_back,
            previous,
            ..
        } = self.0;
        let mut object = serializer.serialize_map(None)?;
        for change in *changes {
            entry(&mut object, change)?;
        }
        if let Some(kept) = keep {
            object.serialize_entry(KEPT, &Record(kept))?;
        }
        if *bring_back {
            object.serialize_entry(KEPT, &())?;
        }
        if let Some(previous) = previous {
            object.serialize_entry(PREVIOUS, &[previous])?;
        }
        object.end()
    }
}

struct Record<'a>(&'a [VariableChange]);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for change in self.0 {
            entry(&mut object, change)?;
        }
        object.end()
    }
}

fn entry<M: SerializeMap>(object: &mut M, change: &VariableChange) -> Result<(), M::Error> {
    let value = change
        .value
        .as_ref()
        .map(|value| str::from_utf8(value.expose_secret()));
    let value = value.transpose().map_err(M::Error::custom)?;
    object.serialize_entry(&change.name, &value)
}

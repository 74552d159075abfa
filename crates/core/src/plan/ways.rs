//! Half of a way to get credentials. Where a profile has one, another way that
//! stands beside it is probably not what was meant: the AWS CLI refuses, and so
//! do we. And values that say nothing of what their keys are about.

use crate::aws_config::{Profile, Property, SectionSettings, Value};
use crate::diagnostic::{Error, Kind, Result};

/// The value of `property` of `profile`; `None` if there is no such key.
///
/// # Errors
/// The key is there and says nothing. The AWS CLI takes it as set, whatever
/// else the profile has.
pub(super) fn said<'a>(
    profile: &Profile<'_>,
    property: Option<Property<'a>>,
) -> Result<Option<Value<'a>>> {
    let Some(property) = property else {
        return Ok(None);
    };
    match property.value() {
        Some(value) if !value.text().trim().is_empty() => Ok(Some(value)),
        _ => {
            let key = property.key();
            let message = format!("{key} of profile {} is empty", profile.name());
            Err(Error::new(Kind::Config, message)
                .at(property.snippet())
                .because("the AWS CLI takes an empty value as set: the profile has no other credentials for it")
                .hint(format!("remove the line, or give {key} a value")))
        }
    }
}

/// The value of `key`; `None` if there is no such key, or nothing behind it.
///
/// # Errors
/// A block of sub-keys stands where the value should be.
pub(super) fn plain<'a>(settings: &SectionSettings<'a>, key: &str) -> Result<Option<Value<'a>>> {
    let Some(property) = settings.property(key) else {
        return Ok(None);
    };
    match property.value() {
        Some(value) => Ok(Some(value).filter(|value| !value.text().trim().is_empty())),
        None => {
            let message = format!("{key} of profile {} is not a single value", settings.name());
            Err(Error::new(Kind::Config, message)
                .at(property.snippet())
                .because("the indented lines below it make it a block of sub-keys")
                .hint(format!("write {key} = VALUE in one line")))
        }
    }
}

/// The error for `has`, which counts only with the keys `lacks`.
pub(super) fn half(profile: &Profile<'_>, has: &Value<'_>, lacks: &[&str]) -> Error {
    let name = profile.name();
    let message = format!(
        "profile {name} has {}, but no {}",
        has.key().to_lowercase(),
        lacks.join(" and no ")
    );
    let error = Error::new(Kind::Config, message)
        .lacking()
        .at(has.snippet());
    // Where the missing one belongs: in the section of the one that is there.
    let section = profile
        .sections()
        .filter(|section| std::ptr::eq(section.file(), has.file()))
        .last();
    match section {
        Some(section) => error.because(format!(
            "{} belongs beside it, into the section at {}",
            lacks.join(" and "),
            section.snippet().place()
        )),
        None => error,
    }
}

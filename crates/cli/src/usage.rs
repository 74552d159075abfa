//! What clap did not understand, told as every other error is.

use std::error::Error as _;

use crate::commands::own;
use crate::mistyped::Words;
use crate::synonym;
use assumerole_core::{Error, Kind};
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The error for a command line of `words` that makes no sense; `command` is the
/// command that was meant, if one can be told, one of `commands`. What `is_role`
/// is no command with a slip in it.
pub(crate) fn explain(
    error: &clap::Error,
    command: Option<&str>,
    words: &Words,
    commands: &[String],
    is_role: impl Fn(&str) -> bool,
) -> Error {
    let first = words.first().filter(|first| Some(*first) != command);
    let first = first.filter(|first| !is_role(first));
    if let Some((first, meant)) =
        first.and_then(|first| Some((first, synonym::command(first, commands)?)))
    {
        return Error::new(Kind::Usage, format!("there is no command {first:?}"))
            .hint(format!("did you mean: {}?", words.with(&meant)))
            .hint("see: assumerole --help");
    }
    let usage = one(error, ContextKind::Usage)
        .filter(|_| error.kind() == ErrorKind::MissingRequiredArgument);
    let usage = usage.as_deref().map(first_usage);
    if let Some((usage, name)) = usage.zip(words.alone().filter(|name| is_role(name))) {
        return own::both(name, &format!("run the command: {usage}"));
    }
    let option = one(error, ContextKind::InvalidArg)
        .filter(|arg| arg.starts_with('-') && command.is_some())
        .map(|arg| arg.split('=').next().unwrap_or_default().to_owned());
    let line = option
        .as_ref()
        .and_then(|option| words.with_dashes_last(option));
    if let Some((option, line)) = option.zip(line)
        && error.kind() == ErrorKind::UnknownArgument
    {
        let message = format!("unexpected argument {option:?} after --");
        return Error::new(Kind::Usage, message).hint(format!("put options before --: {line}"));
    }
    let mut told = Error::new(Kind::Usage, message(error, command));
    if let Some(line) = words.with_exec().filter(|_| command.is_none()) {
        told = told.hint(format!("run a command in a role: {line}"));
    }
    if let Some(source) = error.source() {
        told = told.because(source);
    } else if let Some(values) = all(error, ContextKind::ValidValue) {
        told = told.because(format!("it can be {}", values.join(", ")));
    }
    let word = command.map(|_| ContextKind::SuggestedSubcommand);
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    for kind in kinds.into_iter().chain(word) {
        if let Some(near) = all(error, kind) {
            told = told.suggest(&near);
        }
    }
    for tip in all(error, ContextKind::Suggested).unwrap_or_default() {
        told = told.hint(tip);
    }
    if let Some(usage) = usage {
        told = told.hint(format!("write: {usage}"));
    }
    if let Some(hint) = command.and_then(|command| words.role_hint(command, &is_role)) {
        told = told.hint(hint);
    }
    told.hint(match command {
        Some(command) => format!("see: assumerole {command} --help"),
        None => "see: assumerole --help".to_owned(),
    })
}

/// The first line that `usage` gives.
fn first_usage(usage: &str) -> &str {
    let usage = usage.trim_start_matches("Usage:").trim();
    usage.lines().next().unwrap_or(usage)
}

fn message(error: &clap::Error, command: Option<&str>) -> String {
    let arg = one(error, ContextKind::InvalidArg);
    let value = one(error, ContextKind::InvalidValue);
    match (error.kind(), arg, value) {
        (ErrorKind::InvalidValue, Some(arg), Some(value)) if value.is_empty() => {
            format!("{arg} needs a value")
        }
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(arg), Some(value)) => {
            format!("{arg} cannot be {value:?}")
        }
        (ErrorKind::UnknownArgument, Some(arg), _) if arg.starts_with('-') => {
            format!("there is no option {arg}")
        }
        (ErrorKind::UnknownArgument, Some(arg), _) => format!("unexpected argument: {arg:?}"),
        (ErrorKind::InvalidSubcommand, ..) if command.is_some() => {
            let word = one(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("{} has no command {word:?}", command.unwrap_or_default())
        }
        // A word behind role and code, which clap takes for a command.
        (ErrorKind::InvalidSubcommand, ..) => {
            let arg = one(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            match arg.starts_with('-') {
                // It is like a part of a command's name.
                true => format!("there is no option {arg}"),
                false => format!("unexpected argument: {arg:?}"),
            }
        }
        (ErrorKind::MissingRequiredArgument, Some(arg), _) => format!("missing: {arg}"),
        (ErrorKind::ArgumentConflict, Some(arg), _) => match one(error, ContextKind::PriorArg) {
            Some(prior) if prior != arg => format!("{arg} cannot be used with {prior}"),
            _ => format!("{arg} cannot be given twice"),
        },
        _ => first_line(error),
    }
}

/// What clap itself says of it.
fn first_line(error: &clap::Error) -> String {
    let said = error.render().to_string();
    let line = said.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

/// The values of `kind` in one text.
fn one(error: &clap::Error, kind: ContextKind) -> Option<String> {
    all(error, kind).map(|values| values.join(" "))
}

/// The values of `kind`; `None` if there are none.
fn all(error: &clap::Error, kind: ContextKind) -> Option<Vec<String>> {
    let values = match error.get(kind)? {
        ContextValue::String(value) => vec![value.clone()],
        ContextValue::Strings(values) => values.clone(),
        ContextValue::StyledStr(text) => vec![text.to_string()],
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect(),
        _ => return None,
    };
    (!values.is_empty()).then_some(values)
}

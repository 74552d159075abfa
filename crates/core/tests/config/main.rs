//! `~/.assumerole` as its readers see it: text in, roles, errors with their
//! places and warnings out.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what is missing fails the test"
)]

mod behind;
mod change;
mod codeartifact;
mod contract;
mod defaults;
mod docs;
mod edit;
mod hostile;
mod json;
mod lint;
mod mfa;
mod roles;
mod session;
mod top;

use assumerole_core::Error;
use assumerole_core::config::Config;
use assumerole_core::diagnostic::Warning;
use assumerole_core::diagnostic::text::Snippet;

/// The file's name in all tests.
const PATH: &str = "~/.assumerole";

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(PATH, text.to_owned())
}

fn config(text: &str) -> Config {
    parse(text).unwrap_or_else(|error| panic!("{text}\n{}", told(&error)))
}

/// `line:column «what is marked there»`.
fn place(snippet: &Snippet) -> String {
    let skipped = snippet.text.chars().skip(snippet.indent());
    let marked: String = skipped.take(snippet.width as usize).collect();
    let place = snippet.place();
    let place = place.strip_prefix(PATH).unwrap_or(&place);
    format!("{} «{marked}»", place.trim_start_matches(':'))
}

/// An error on one line: place, message with causes, hints.
fn told(error: &Error) -> String {
    let place = error.snippet().map(place).unwrap_or_default();
    format!("{place} {error} | {}", error.hints().join(" | "))
}

/// A warning on one line, likewise.
fn warned(warning: &Warning) -> String {
    let place = warning.at.as_ref().map(place).unwrap_or_default();
    let hint = warning.hints.join("; ");
    format!("{place} {} | {hint}", warning.message)
}

/// A warning without all but the first of the keys that it lists: every new
/// key is one more.
fn short(warning: String) -> String {
    match warning.split_once("the keys here are ") {
        Some((before, keys)) if keys.len() > 40 => {
            let first = keys.split(',').next().unwrap_or_default();
            format!("{before}the keys here are {first}…")
        }
        _ => warning,
    }
}

/// The error of a text that has to have one.
fn refused(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("was accepted: {text}"),
        Err(error) => told(&error),
    }
}

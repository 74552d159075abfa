//! The user guide's page says what is so.

use assumerole_core::config::Config;
use assumerole_core::diagnostic::text::Snippet;
use assumerole_core::environment::table;

use crate::{PATH, config, parse};

const PAGE: &str = include_str!("../../../../docs/config.md");

/// The fenced blocks of the page: what stands behind the fence, and the text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let parts = PAGE.split("```").skip(1).step_by(2);
    parts.filter_map(|part| part.split_once('\n')).collect()
}

#[test]
fn every_good_file_is_read_without_a_word() {
    let good: Vec<_> = blocks()
        .into_iter()
        .filter(|(kind, _)| *kind == "json")
        .collect();
    assert!(good.len() >= 5, "{}", good.len());
    for (_, text) in good {
        let config = config(text);
        assert!(config.warnings().is_empty(), "{text}");
        for name in config.role_names() {
            let role = config.role(&name).unwrap().unwrap();
            assert!(config.warnings_of(&role).is_empty(), "{text}");
        }
        let found = config.codeartifact_for("acme-bastion").unwrap();
        assert_eq!(found.is_some(), text.contains("codeartifact"), "{text}");
    }
}

/// As the program shows it.
fn shown(label: &str, message: &str, at: &Snippet, because: &[String], hints: &[String]) -> String {
    let pad = " ".repeat(at.indent());
    let mark = "^".repeat(at.width as usize);
    let mut text = format!(
        "{label}: {message}\n --> {}\n  |\n{} | {}\n  | {pad}{mark}\n",
        at.place(),
        at.line,
        at.text
    );
    text.extend(
        because
            .iter()
            .map(|cause| format!("  = because: {cause}\n")),
    );
    text.extend(hints.iter().map(|hint| format!("  hint: {hint}\n")));
    text
}

/// What is said of the role `acme` of a file that is wrong.
fn said(text: &str) -> String {
    let role = |config: Config| match config.role("acme") {
        Ok(role) => Ok(config.warnings_of(&role.unwrap())),
        Err(error) => Err(error),
    };
    match parse(text).and_then(role) {
        Err(error) => shown(
            "error",
            error.message(),
            error.snippet().unwrap(),
            error.causes(),
            error.hints(),
        ),
        Ok(warnings) => {
            let [warning] = warnings.as_slice() else {
                panic!("{warnings:?}");
            };
            let hints: Vec<String> = warning.hints.clone();
            let at = warning.at.as_ref().unwrap();
            shown("warning", &warning.message, at, &[], &hints)
        }
    }
}

#[test]
fn every_wrong_file_is_answered_as_printed() {
    let blocks = blocks();
    let mut count = 0;
    for pair in blocks.windows(2) {
        if let [("json wrong", text), ("text", expected)] = *pair {
            assert_eq!(said(text), expected);
            count += 1;
        }
    }
    assert_eq!(
        count,
        blocks.iter().filter(|(kind, _)| *kind == "text").count()
    );
    assert!(count >= 5, "{count}");
    assert!(PAGE.contains(PATH));
}

#[test]
fn every_key_is_described() {
    let schema = assumerole_core::config::schema();
    let objects = [
        &schema,
        &schema["definitions"]["role"],
        &schema["definitions"]["codeartifact"],
    ];
    let keys: Vec<&String> = objects
        .iter()
        .flat_map(|object| object["properties"].as_object().unwrap().keys())
        .collect();
    assert!(keys.len() >= 25, "{keys:?}");
    for key in keys {
        let row = |line: &str| {
            let names = line
                .strip_prefix("| ")
                .and_then(|row| row.split(" |").next());
            names.is_some_and(|names| names.split(", ").any(|name| name == format!("`{key}`")))
        };
        assert!(PAGE.lines().any(row), "{key} is in no table of the page");
    }
}

#[test]
fn every_reserved_variable_is_listed() {
    let words: Vec<&str> = PAGE
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    for name in table::reserved() {
        assert!(words.contains(&name), "{name}");
    }
}

//! Files that mean harm, and files that mean nothing.

use assumerole_core::config::Config;
use proptest::prelude::*;

use crate::{PATH, config, parse, told};

#[test]
fn depth_is_no_matter() {
    let deep = 200_000;
    let open = "[".repeat(deep);
    let close = "]".repeat(deep);
    let objects = "{\"a\":".repeat(deep);
    for text in [
        open.clone(),
        objects.clone(),
        format!("{{\"a\": {open}{close}}}"),
        format!("{{\"codeartifact\": {open}{close}}}"),
        format!("{{\"assume_roles\": {open}{close}}}"),
        format!("{{\"assume_roles\": {{\"r\": {open}{close}}}}}"),
        format!("{{\"assume_roles\": {{\"r\": {{\"aws_profile\": {open}{close}}}}}}}"),
        format!("{{\"assume_roles\": {{\"r\": {{\"environment\": {open}{close}}}}}}}"),
        format!(
            "{{\"assume_roles\": {{\"r\": {objects}1{}}}}}",
            "}".repeat(deep)
        ),
    ] {
        if let Ok(config) = parse(&text) {
            config.warnings();
            assert!(config.role("r").is_err() || config.role_names().is_empty());
            assert!(config.codeartifact_for("p").is_err() || !text.contains("codeartifact"));
        }
    }
}

/// Each of these takes milliseconds; a step that is quadratic in it, hours.
#[test]
fn size_is_no_matter() {
    let list = |count: usize, item: &dyn Fn(usize) -> String| -> String {
        (0..count).map(item).collect::<Vec<_>>().join(",")
    };
    let role = |body: &str| format!("{{\"assume_roles\": {{\"r\": {{{body}}}}}}}");
    let unknown = list(60_000, &|n| format!("\"k{n}\": 0"));
    let long = "x".repeat(1_000_000);

    assert_eq!(config(&format!("{{{unknown}}}")).warnings().len(), 10);
    let error = config(&role(&unknown)).role("r").unwrap_err();
    assert!(told(&error).len() < 400);

    let good = "\"aws_profile\": \"p\", \"aws_account\": \"123456789012\", \"aws_role\": \"x\"";
    let variables = |count| {
        list(count, &|n| {
            format!("{{\"name\": \"A{n}\", \"value\": 1, \"x\": 1}}")
        })
    };
    let environment = |count| format!("{good}, \"environment\": [{}]", variables(count));
    let many = config(&role(&environment(10_000)));
    let found = many.role("r").unwrap().unwrap();
    assert_eq!(found.environment.len(), 10_000);
    assert_eq!(many.warnings_of(&found).len(), 10);

    // More than anybody means is refused before it takes up memory.
    let most = "role \"r\": environment has 10001 variables; the limit is 10000";
    let error = config(&role(&environment(10_001))).role("r").unwrap_err();
    assert!(told(&error).contains(most), "{}", told(&error));
    for (body, most) in [
        (
            format!("{good}, \"description\": \"{long}{long}\""),
            "role \"r\": description is longer than 1 MiB",
        ),
        (
            format!("{good}, \"tags\": [{}]", list(131_073, &|n| n.to_string())),
            "role \"r\": tags has 131073 entries; the limit is 131072",
        ),
        (
            format!(
                "{good}, \"environment\": {{{}}}",
                list(3, &|n| format!("\"A{n}\": \"{}\"", "x".repeat(900_000)))
            ),
            "role \"r\": environment has 2700000 bytes of values; the limit is 2097152",
        ),
    ] {
        let error = config(&role(&body)).role("r").unwrap_err();
        assert_eq!(error.message(), most);
    }
    let roles = list(131_073, &|n| format!("\"{n}\":0"));
    let error = Config::parse("f", format!("{{\"assume_roles\": {{{roles}}}}}")).unwrap_err();
    let most = "assume_roles has 131073 entries; the limit is 131072";
    assert_eq!(error.message(), most);
    let error = Config::parse("f", "[".repeat(1_000_000))
        .map(drop)
        .unwrap_err();
    assert!(told(&error).contains("nested deeper than 10000 levels"));
    let error = Config::parse("f", format!("{{\"a\": {}", "[".repeat(1_000_000)));
    let error = error.map(drop).unwrap_err();
    assert!(told(&error).contains("nested deeper than 10000 levels"));

    // Long names, in messages and in warnings.
    let error = config(&role(&format!("\"{long}\": 1")))
        .role("r")
        .unwrap_err();
    assert!(told(&error).len() < 400);
    let named = config(&format!(
        "{{\"{long}\": 0, \"assume_roles\": {{\"{long}\": []}}}}"
    ));
    assert!(named.warnings()[0].message.len() < 200);
    let error = named.role(&long).unwrap_err();
    assert!(told(&error).chars().count() < 600, "{}", told(&error).len());

    // All roles of a file on one line are wrong, or odd.
    let odd = list(1000, &|n| {
        format!("\"r{n}\": {{{good}, \"colour\": \"{n:0900}\"}}")
    });
    let odd = config(&format!("{{\"assume_roles\": {{{odd}}}}}"));
    for name in odd.role_names() {
        let role = odd.role(&name).unwrap().unwrap();
        assert_eq!(odd.warnings_of(&role).len(), 1);
    }
    let wrong = list(60_000, &|n| format!("\"r{n}\": 0"));
    let wrong = config(&format!("{{\"assume_roles\": {{{wrong}}}}}"));
    for name in wrong.role_names().iter().step_by(30) {
        assert!(wrong.role(name).is_err());
    }
}

#[test]
fn codeartifact_for_very_many_profiles() {
    let entry = |n: usize| {
        format!(
            "{{\"profile\": \"p{n}\", \"domain\": \"d{n}\", \"domain_owner\": \"123456789012\"}}"
        )
    };
    let entries: Vec<String> = (0..20_000).map(entry).collect();
    let config = config(&format!("{{\"codeartifact\": [{}]}}", entries.join(",\n")));
    let found = config.codeartifact_for("p19999").unwrap().unwrap();
    assert_eq!(found.domain.value, "d19999");
}

/// Ask a file everything.
fn exercise(config: &Config) {
    config.warnings();
    config.print_exports();
    config.aws_region();
    for name in config.role_names() {
        match config.role(&name) {
            Ok(found) => {
                let role = found.unwrap_or_else(|| panic!("{name:?} is listed and not found"));
                config.warnings_of(&role);
            }
            Err(error) => assert!(error.snippet().is_some()),
        }
    }
    for profile in ["p", ""] {
        if let Ok(Some(found)) = config.codeartifact_for(profile) {
            config.warnings_of_codeartifact(&found);
        }
    }
}

/// Pieces of which files are made, whole and broken.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\r\n",
        "\"",
        "\\",
        "'",
        "é",
        "\u{feff}",
        "\u{a0}",
        "\"a\"",
        "\"\"",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "\"\\x\"",
        "true",
        "null",
        "True",
        "0",
        "01",
        "1.5",
        "-",
        "1e9",
        "123456789012",
        "//",
        "/*",
        "#",
        "\t",
        "\"assume_roles\":",
        "\"r\":",
        "\"aws_profile\":",
        "\"codeartifact\":",
        "\"environment\":",
        "\"print_exports\":",
        "\"p\",",
        "{\"assume_roles\": {\"r\": {",
        "\"aws_role\": \"x\",",
        "}}}",
        "{}",
        "{},",
    ])
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "(?s).{0,200}") {
        match parse(&text) {
            Ok(config) => exercise(&config),
            Err(error) => prop_assert!(error.snippet().is_some()),
        }
    }

    #[test]
    fn pieces_of_a_file_are_read_or_refused_with_a_place(
        pieces in prop::collection::vec(piece(), 0..40),
    ) {
        let text = pieces.concat();
        let json = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let value: Result<serde_json::Value, _> = serde_json::from_str(json);
        match parse(&text) {
            Ok(config) => exercise(&config),
            Err(error) => {
                prop_assert!(error.snippet().is_some());
                // What is JSON is only refused for what it says, and words of
                // our own are found for all that is not.
                let ours = !error.message().contains("not JSON") || error.causes().is_empty();
                prop_assert!(ours, "{} {error}", text);
                let by_content = ["twice", "must", "not valid", "empty", "not text"];
                prop_assert!(
                    value.is_err() || by_content.iter().any(|part| error.message().contains(part)),
                    "{text:?} {error}"
                );
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_with_a_place(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        match Config::from_bytes(PATH, bytes) {
            Ok(config) => exercise(&config),
            Err(error) => prop_assert!(error.snippet().is_some()),
        }
    }

    /// One change to a good file.
    #[test]
    fn a_good_file_with_one_change(at in 0..700_usize, with in piece(), cut in 0..3_usize) {
        let text = crate::contract::many(2);
        let boundary = |mut at: usize| {
            while !text.is_char_boundary(at) { at -= 1; }
            at
        };
        let start = boundary(at.min(text.len()));
        let end = boundary((at + cut).min(text.len()));
        let changed = format!("{}{with}{}", &text[..start], &text[end..]);
        match parse(&changed) {
            Ok(config) => exercise(&config),
            Err(error) => prop_assert!(error.snippet().is_some() && !error.hints().is_empty(), "{error}"),
        }
    }
}

//! The top level of the file.

use assumerole_core::config::EnvVar;

use crate::{config, parse, refused, short, warned};

#[test]
fn settings() {
    let none = config("{}");
    assert!(none.print_exports() && none.aws_region().is_none());
    assert!(none.role_names().is_empty());
    assert_eq!(none.role("r").unwrap(), None);
    let nulls = config(
        r#"{"assume_roles": null, "print_exports": null, "aws_region": null, "codeartifact": null}"#,
    );
    assert!(nulls.print_exports() && nulls.aws_region().is_none());
    assert!(nulls.role_names().is_empty());
    assert_eq!(nulls.codeartifact_for("p").unwrap(), None);

    let all = config(r#"{"print_exports": false, "aws_region": "eu-west-1"}"#);
    assert!(!all.print_exports());
    let region = all.aws_region().unwrap();
    assert_eq!(region.value.as_str(), "eu-west-1");
    let snippet = all.snippet(region.span.clone());
    assert_eq!(snippet.place(), "~/.assumerole:1:40");
    assert!(config(r#"{"print_exports": true}"#).print_exports());
    assert!(none.prompt() && nulls.prompt() && all.prompt());
    assert!(!config(r#"{"prompt": false}"#).prompt());
    assert!(config(r#"{"prompt": true}"#).prompt());
}

#[test]
fn wrong_settings() {
    for (text, expected) in [
        (
            r#"{"assume_roles": []}"#,
            r#"1:18 «[]» assume_roles must be an object, this is a list | write "assume_roles": { "NAME": { … } }, a name and an object for each role"#,
        ),
        (
            r#"{"assume_roles": "x"}"#,
            r#"1:18 «"x"» assume_roles must be an object, this is a string | write "assume_roles": { "NAME": { … } }, a name and an object for each role"#,
        ),
        (
            r#"{"assume_roles" : 1e999}"#,
            r#"1:19 «1e999» assume_roles must be an object, this is a number | write "assume_roles": { "NAME": { … } }, a name and an object for each role"#,
        ),
        (
            r#"{"print_exports": "false"}"#,
            r#"1:19 «"false"» print_exports must be true or false, this is a string | "#,
        ),
        (
            r#"{"prompt": "no"}"#,
            r#"1:12 «"no"» prompt must be true or false, this is a string | "#,
        ),
        (
            r#"{"print_exports": 0}"#,
            r#"1:19 «0» print_exports must be true or false, this is a number | "#,
        ),
        (
            r#"{"aws_region": "Frankfurt"}"#,
            r#"1:16 «"Frankfurt"» aws_region is not valid: a region is lower-case letters, digits and hyphens, such as eu-central-1 | "#,
        ),
        (
            r#"{"aws_region": ""}"#,
            r#"1:16 «""» aws_region is empty | give it a value, or remove the key"#,
        ),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn variables_for_all_roles() {
    let role = |own: &str| {
        let file = config(&format!(
            r#"{{"environment": {{"A": "all", "B": "$A", "C": null}},
                "assume_roles": {{"r": {{"environment": {own}, "aws_profile": "p", "aws_role": "arn:aws:iam::123456789012:role/x"}}}}}}"#
        ));
        let own = file.role("r").unwrap().unwrap().environment;
        let all = file.environment_with(&own);
        let pair = |var: &EnvVar| format!("{}={}", var.name.value, var.value.value);
        all.iter().map(pair).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(role("null"), "A=all B=$A");
    assert_eq!(role(r#"{"D": "own"}"#), "A=all B=$A D=own");
    assert_eq!(role(r#"[{"name": "A", "value": "own"}]"#), "B=$A A=own");
    // As good as not there.
    assert_eq!(role(r#"{"A": null}"#), "A=all B=$A");

    let odd = config(
        r#"{"environment": [{"name": "A", "value": "1"}, {"name": "A", "value": "2", "x": 0}]}"#,
    );
    let warnings: Vec<String> = odd.warnings().iter().map(warned).collect();
    assert_eq!(
        warnings,
        [
            r#"1:75 «"x"» environment entry 2 has an unknown key "x" | the keys here are name, value"#,
            r#"1:56 «"A"» environment sets A again | the last value counts; remove the others"#,
        ]
    );
    assert_eq!(odd.environment_with(&[])[0].value.value, "2");
    assert_eq!(
        refused("{\"environment\": {\n  \"DB\": \"hunter2\",\n  \"X\": [\"hunter2\"]\n}}"),
        r#"3:8 «["*******"]» environment X must be a string, this is a list | "#
    );
    assert_eq!(
        refused(r#"{"environment": "A=b"}"#),
        r#"1:17 «"***"» environment must be an object or a list, this is a string | write {"MYVAR": "my value"}"#
    );
}

#[test]
fn what_stands_there_twice() {
    for (text, expected) in [
        (
            "{\"assume_roles\": {\n \"a\": {},\n \"b\": {},\n \"a\": {}}}",
            r#"4:2 «"a"» role "a" is defined twice: the first is at ~/.assumerole:2:2 | rename or remove one of the two"#,
        ),
        // However it is written; and the first of several.
        (
            r#"{"assume_roles": {"a": {}, "\u0061": {}, "b": {}, "b": {}}}"#,
            r#"1:28 «"\u0061"» role "a" is defined twice: the first is at ~/.assumerole:1:19 | rename or remove one of the two"#,
        ),
        (
            r#"{"assume_roles": {"a": {}}, "assume_roles": {}}"#,
            r#"1:29 «"assume_roles"» the file has assume_roles twice: the first is at ~/.assumerole:1:2 | join the two into one"#,
        ),
        (
            r#"{"aws_region": null, "aws_region": "eu-west-1"}"#,
            r#"1:22 «"aws_region"» the file has aws_region twice: the first is at ~/.assumerole:1:2 | join the two into one"#,
        ),
        (
            r#"{"assume_roles": {"\ud800": {}}}"#,
            r#"1:19 «"\ud800"» the name of this role is not text: an escape \uD800 to \uDFFF is half a character, and the other half is missing | "#,
        ),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn unknown_keys_are_warned_of() {
    let warnings = |text: &str| -> Vec<String> {
        let warnings = config(text).warnings();
        warnings.iter().map(warned).map(short).collect()
    };
    assert_eq!(
        warnings("{\n  \"assume_role\": {},\n  \"Print_Exports\": true,\n  \"colour\": [{}]\n}"),
        [
            r#"2:3 «"assume_role"» the file has an unknown key "assume_role" | did you mean assume_roles?"#,
            r#"3:3 «"Print_Exports"» the file has an unknown key "Print_Exports" | did you mean print_exports?"#,
            r#"4:3 «"colour"» the file has an unknown key "colour" | the keys here are assume_roles…"#,
        ]
    );
    let keys: Vec<String> = (0..500).map(|n| format!("\"key{n}\": {n}")).collect();
    let many = warnings(&format!("{{{}}}", keys.join(",")));
    assert_eq!(many.len(), 10);
    assert!(many[8].contains("unknown key \"key8\" |"), "{}", many[8]);
    assert!(
        many[9].contains("unknown key \"key9\", and 490 more |"),
        "{}",
        many[9]
    );
}

#[test]
fn bytes_that_are_no_text() {
    use assumerole_core::config::Config;

    let read = |bytes: &[u8]| Config::from_bytes(crate::PATH, bytes.to_vec());
    assert!(read(b"{}").is_ok());
    let latin = read(b"{\n  \"caf\xe9\": 1}").unwrap_err();
    assert_eq!(
        crate::told(&latin),
        "2:7 «\u{fffd}» the file is not UTF-8 text | save it as UTF-8"
    );
    let utf16 = read(b"\xff\xfe{\0}\0").unwrap_err();
    assert_eq!(
        crate::told(&utf16),
        "1:1 «\u{fffd}» the file is not UTF-8 text: it is UTF-16 | convert it: iconv -f UTF-16 -t UTF-8 ~/.assumerole"
    );
}

#[test]
fn a_byte_order_mark_is_accepted_and_takes_no_column() {
    let text = "\u{feff}{\"assume_roles\": {\"r\": {}}}";
    assert_eq!(config(text).role_names(), ["r"]);
    let error = config(text).role("r").unwrap_err();
    assert_eq!(error.snippet().unwrap().place(), "~/.assumerole:1:19");
    assert!(parse("\u{feff}").is_err());
}

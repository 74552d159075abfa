//! The three shapes of `codeartifact`.

use crate::{config, told, warned};

/// `id username domain owner region duration` of what `profile` gets.
fn found(value: &str, profile: &str) -> Option<String> {
    let config = config(&format!(r#"{{"codeartifact": {value}}}"#));
    let found = match config.codeartifact_for(profile) {
        Ok(found) => found?,
        Err(error) => panic!("{value}\n{}", told(&error)),
    };
    let region = found.region.map(|region| region.value.to_string());
    let duration = found.duration_seconds.map(|seconds| seconds.value);
    Some(format!(
        "{} {} {} {} {} {duration:?}",
        found.id,
        found.username,
        found.domain.value,
        found.domain_owner.value,
        region.unwrap_or_default(),
    ))
}

fn refused(value: &str) -> String {
    let config = config(&format!(r#"{{"codeartifact": {value}}}"#));
    match config.codeartifact_for("p") {
        Ok(_) => panic!("was accepted: {value}"),
        Err(error) => told(&error),
    }
}

const P: &str = r#"{"profile": "p", "domain": "d", "domain_owner": "123456789012"}"#;
const Q: &str = r#"{"profile": "q", "domain": "e", "domain_owner": 210987654321, "id": "i",
    "username": "u", "region": "eu-west-1", "duration_seconds": 900}"#;

#[test]
fn one_object_is_for_every_profile() {
    let one = r#"{"domain": "d", "domain_owner": "123456789012"}"#;
    for profile in ["p", "q", ""] {
        let expected = "codeartifact aws d 123456789012  None";
        assert_eq!(found(one, profile).as_deref(), Some(expected));
    }
    // Unless it names the one it is for.
    assert!(found(P, "p").is_some());
    assert_eq!(found(P, "q"), None);
}

#[test]
fn a_list_and_a_map_are_looked_through_for_the_profile() {
    let list = format!("[{P}, {Q}]");
    let map = format!(r#"{{"one": {P}, "none": null, "two": {Q}}}"#);
    for value in [list, map] {
        for (profile, expected) in [
            ("p", Some("codeartifact aws d 123456789012  None")),
            ("q", Some("i u e 210987654321 eu-west-1 Some(900)")),
            ("r", None),
            ("one", None),
        ] {
            assert_eq!(found(&value, profile).as_deref(), expected, "{profile}");
        }
    }
}

#[test]
fn nothing_is_nothing() {
    for value in [
        "null",
        "{}",
        "[]",
        r#"{"id": "i"}"#,
        r#"[{"profile": "p", "id": "i"}]"#,
        r#"{"domain": null}"#,
    ] {
        assert_eq!(found(value, "p"), None, "{value}");
    }
}

#[test]
fn a_wrong_entry_of_another_profile_is_no_fault() {
    let value = format!(r#"[{{"profile": "q", "domain": 1}}, {P}]"#);
    assert!(found(&value, "p").is_some());
}

#[test]
fn faults() {
    for (value, expected) in [
        (
            "\"x\"",
            "1:18 «\"x\"» codeartifact must be an object or a list of objects, this is a string | ",
        ),
        (
            "[1]",
            "1:19 «1» codeartifact entry 1 must be an object, this is a number | ",
        ),
        (
            r#"{"domain": "d", "x": {}}"#,
            "1:29 «\"d\"» codeartifact mixes settings and objects | write one object of settings, or a list of such objects with a profile each",
        ),
        (
            r#"[{"domain": "d"}]"#,
            r#"1:19 «{"domain": "d"}» codeartifact entry 1 has no profile | add "profile": "PROFILE", the aws_profile of the roles it is for"#,
        ),
        (
            r#"[{"profil": "p"}]"#,
            r#"1:20 «"profil"» codeartifact entry 1 has no profile | write profile instead of "profil""#,
        ),
        (
            r#"{"domain": "d"}"#,
            r#"1:18 «{"domain": "d"}» codeartifact has no domain_owner | add "domain_owner": "123456789012", the account that owns the domain"#,
        ),
        (
            r#"{"domain_owner": "123456789012"}"#,
            r#"1:18 «{"domain_owner": "123456789012"}» codeartifact has no domain | add "domain": "NAME", or remove domain_owner"#,
        ),
        (
            r#"{"domain": "d", "domain_owner": "1"}"#,
            r#"1:50 «"1"» codeartifact: domain_owner is not valid: an AWS account has 12 digits, this has 1 | "#,
        ),
        (
            r#"[{"profile": "p", "domain": ""}]"#,
            r#"1:46 «""» codeartifact of profile "p": domain is empty | give it a value, or remove the key"#,
        ),
        (
            r#"{"duration_seconds": 60}"#,
            "1:39 «60» codeartifact: duration_seconds is out of range: CodeArtifact grants a token of 15 minutes to 12 hours (0: as long as the role), in seconds: 900 to 43200 | ",
        ),
        (
            r#"[{"profile": "p"}, {"profile": "p"}]"#,
            r#"1:37 «{"profile": "p"}» codeartifact has two entries for profile "p": the first is at ~/.assumerole:1:19 | remove one of the two"#,
        ),
    ] {
        assert_eq!(refused(value), expected, "{value}");
    }
}

#[test]
fn zero_seconds_are_as_long_as_the_role() {
    let value = P.replace('}', r#", "duration_seconds": 0}"#);
    assert!(found(&value, "p").unwrap().ends_with("Some(0)"));
}

#[test]
fn unknown_keys_are_warned_of() {
    let config = config(&format!(
        r#"{{"codeartifact": {}}}"#,
        P.replace('}', r#", "user_name": "x"}"#)
    ));
    let found = config.codeartifact_for("p").unwrap().unwrap();
    let warnings: Vec<_> = config
        .warnings_of_codeartifact(&found)
        .iter()
        .map(warned)
        .collect();
    assert_eq!(
        warnings,
        [
            r#"1:82 «"user_name"» codeartifact has an unknown key "user_name" | did you mean username?"#
        ]
    );
}

#[test]
fn tools_are_maven_alone_unless_given() {
    let tools = |more: &str| {
        let one = format!(r#"{{"domain": "d", "domain_owner": "123456789012"{more}}}"#);
        let config = config(&format!(r#"{{"codeartifact": {one}}}"#));
        let found = match config.codeartifact_for("p") {
            Ok(found) => found.unwrap(),
            Err(error) => panic!("{more}\n{}", told(&error)),
        };
        assert!(config.warnings_of_codeartifact(&found).is_empty());
        let tools: Vec<&str> = found.tools.iter().map(|tool| tool.as_str()).collect();
        let repository = found.repository.map_or_else(String::new, |name| name.value);
        format!(
            "{} {repository} {}",
            tools.join(","),
            found.scopes.join(",")
        )
    };
    for (more, expected) in [
        ("", "maven  "),
        (r#", "tools": null"#, "maven  "),
        (r#", "tools": []"#, "  "),
        (
            r#", "tools": ["gradle", "gradle", "maven"]"#,
            "gradle,maven  ",
        ),
        (
            r#", "tools": ["npm", "pip", "cargo", "nuget", "twine"], "repository": "my_repo.x""#,
            "npm,pip,cargo,nuget,twine my_repo.x ",
        ),
        (
            r#", "tools": ["npm"], "repository": "r1", "namespace": "acme""#,
            "npm r1 @acme",
        ),
        (
            r#", "tools": ["npm"], "repository": "r1", "namespace": ["@acme", "x-1", "@Old.Acme"]"#,
            "npm r1 @acme,@x-1,@Old.Acme",
        ),
        (r#", "repository": "r1""#, "maven r1 "),
    ] {
        assert_eq!(tools(more), expected, "{more}");
    }
}

#[test]
fn tools_that_cannot_be_set_up_are_refused() {
    for (more, words) in [
        (
            r#""tools": "npm""#,
            "tools must be a list of strings, this is a string",
        ),
        (
            r#""tools": ["npm", "mavn"]"#,
            "tools names \"mavn\", which is not a known tool",
        ),
        (
            r#""tools": ["swift-package"]"#,
            "the tools are maven, npm, pip",
        ),
        (r#""tools": ["pip"]"#, "codeartifact has no repository"),
        (r#""tools": ["pip"]"#, "the one that pip shall use"),
        (
            r#""repository": "-x""#,
            "repository is not the name of a repository",
        ),
        (r#""repository": "r""#, "2 to 100 letters"),
        (r#""namespace": "@ac me""#, "which is not an npm scope"),
        (r#""namespace": ["@"]"#, "which is not an npm scope"),
        (
            r#""namespace": 1"#,
            "namespace must be a string or a list of strings",
        ),
        (
            r#""id": "a-b", "tools": ["gradle"]"#,
            "gradle cannot use this id",
        ),
    ] {
        let value = format!(r#"{{"domain": "d", "domain_owner": "123456789012", {more}}}"#);
        let told = refused(&value);
        assert!(told.contains(words), "{more}\n{told}");
    }
}

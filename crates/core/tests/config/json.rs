//! What is said of a text that is not JSON.

use crate::refused;

#[test]
fn each_fault_in_words() {
    for (text, expected) in [
        (
            "",
            r#"1:1 «» the file is empty | write {"assume_roles": {}} where there is no role yet"#,
        ),
        (
            " \n\t\r\n",
            r#"3:1 «» the file is empty | write {"assume_roles": {}} where there is no role yet"#,
        ),
        // Commas.
        (
            "{\"a\": 1,\n}",
            "1:8 «,» trailing comma before }: JSON allows none after the last entry | remove the comma",
        ),
        (
            "{\"a\": [1, 2,]}",
            "1:12 «,» trailing comma before ]: JSON allows none after the last entry | remove the comma",
        ),
        (
            "{\"a\": 1,, \"b\": 2}",
            "1:9 «,» there is a comma too many | remove it",
        ),
        (
            "{\"a\": [1,,2]}",
            "1:10 «,» there is a comma too many | remove it",
        ),
        (
            "{,}",
            "1:2 «,» unexpected comma before the first key | remove it",
        ),
        (
            "{\"a\": [,]}",
            "1:8 «,» unexpected comma before the first item | remove it",
        ),
        (
            "{\n  \"a\": \"x\"\n  \"b\": 2}",
            "2:11 «» a comma is missing after this value | add one",
        ),
        (
            "{\"a\": {} \"b\": 2}",
            "1:9 « » a comma is missing after this value | add one",
        ),
        (
            "{\"a\": [1 2]}",
            "1:9 « » a comma is missing after this value | add one",
        ),
        (
            "{\"a\": 1; \"b\": 2}",
            "1:8 «;» ; stands where a comma is expected | write a comma",
        ),
        // Colons.
        (
            "{\"a\" 1}",
            "1:5 « » a colon is missing after this key | write \"key\": value",
        ),
        (
            "{\"a\" = 1}",
            "1:6 «=» = stands where a colon is expected | write \"key\": value",
        ),
        (
            "{\"a\", 1}",
            "1:2 «\"a\"» this key has no value | write \"key\": value",
        ),
        (
            "{\"a\"}",
            "1:2 «\"a\"» this key has no value | write \"key\": value",
        ),
        (
            "{\"a\": : 1}",
            "1:7 «:» expected a value, found a colon | remove it",
        ),
        (
            "{\"a\": \"b\": 1}",
            "1:10 «:» unexpected colon | remove the colon: it stands between a key and its value only",
        ),
        // Values.
        (
            "{\"a\": }",
            "1:7 «}» a value is missing before this } | write a value, such as \"\" or null",
        ),
        (
            "{\"a\": , \"b\": 1}",
            "1:7 «,» a value is missing before this , | write a value, such as \"\" or null",
        ),
        ("{\"a\": True}", "1:7 «True» True is not JSON | write true"),
        ("{\"a\": None}", "1:7 «None» None is not JSON | write null"),
        ("{\"a\": no}", "1:7 «no» no is not JSON | write false"),
        (
            "{\"a\": acme}",
            "1:7 «acme» text must be in double quotes | put \" around it",
        ),
        (
            "{\"a\": ~/.ssh/x}",
            "1:7 «~/.ssh/x» text must be in double quotes | put \" around it",
        ),
        ("{\"a\": <x>}", "1:7 «<» a value is expected, this is < | "),
        (
            "{\"a\": 012345678901}",
            "1:7 «012345678901» a number cannot begin with 0 | write it as a string, \"012345678901\"",
        ),
        (
            "{\"a\": 0x1F}",
            "1:7 «0x1F» this is not a number of JSON | write text in double quotes",
        ),
        (
            "{\"a\": +1}",
            "1:7 «+1» this is not a number of JSON | write text in double quotes",
        ),
        (
            "{\"a\": .5}",
            "1:7 «.5» this is not a number of JSON | write text in double quotes",
        ),
        (
            "{\"a\": 1.}",
            "1:7 «1.» this is not a number of JSON | write text in double quotes",
        ),
        (
            "{\"a\": 1e}",
            "1:7 «1e» this is not a number of JSON | write text in double quotes",
        ),
        (
            "{\"a\": -}",
            "1:7 «-» this is not a number of JSON | write text in double quotes",
        ),
        (
            "{\"a\": 1-2}",
            "1:7 «1-2» this is not a number of JSON | write text in double quotes",
        ),
        // Keys.
        (
            "{a: 1}",
            "1:2 «a» a key must be in double quotes | write \"a\"",
        ),
        (
            "{12: 1}",
            "1:2 «12» a key must be in double quotes | write \"12\"",
        ),
        (
            "{\"a\": 1, b: 2}",
            "1:10 «b» a key must be in double quotes | write \"b\"",
        ),
        (
            "{{}}",
            "1:2 «{» a key is expected, this is { | write an object as a list of \"key\": value",
        ),
        // Strings.
        (
            "{\"a\": \"b,\n\"c\": 1}",
            "1:7 «\"» a string begins here and does not end on its line | add the missing \"; a line break inside a string is written \\n",
        ),
        (
            "{\"a\": \"b",
            "1:7 «\"» a string begins here and does not end on its line | add the missing \"; a line break inside a string is written \\n",
        ),
        (
            "{\"a\": \"b\\",
            "1:7 «\"» a string begins here and does not end on its line | add the missing \"; a line break inside a string is written \\n",
        ),
        (
            "{\"a: \"b\"}",
            "1:7 «b» text follows the end of a string | look for a missing quote; inside a string a quote is written \\\"",
        ),
        (
            "{\"a\": \"b\"c\"}",
            "1:10 «c» text follows the end of a string | look for a missing quote; inside a string a quote is written \\\"",
        ),
        (
            "{'a': 1}",
            "1:2 «'» a string is in single quotes | write double quotes: \"",
        ),
        (
            "{“a”: 1}",
            "1:2 «“» “ is a typographic quote | write straight double quotes: \"",
        ),
        (
            "{\"a\": \"C:\\dir\"}",
            "1:10 «\\d» \\d is not a JSON escape | write a backslash itself as \\\\",
        ),
        (
            "{\"a\": \"\\u12\"}",
            "1:8 «\\u» \\u wants four hexadecimal digits | write a backslash itself as \\\\",
        ),
        (
            "{\"a\": \"b\tc\"}",
            "1:9 «\t» a string holds a control character, U+0009 | write a tab as \\t",
        ),
        (
            "{\"a\": \"b\u{1b}c\"}",
            "1:9 «\u{1b}» a string holds a control character, U+001B | delete it, or write \\u001b",
        ),
        // Comments and what cannot be seen.
        (
            "// x\n{}",
            "1:1 «//» JSON does not allow comments | remove it",
        ),
        (
            "{\n  # x\n}",
            "2:3 «#» JSON does not allow comments | remove it",
        ),
        (
            "{\"a\": 1 /* x */}",
            "1:9 «/*» JSON does not allow comments | remove it",
        ),
        (
            "{\u{a0}\"a\": 1}",
            "1:2 «\u{a0}» invisible character U+00A0 | delete it: between values JSON allows only plain spaces and line breaks",
        ),
        (
            "{\"a\": 1}\u{200b}",
            "1:9 «\u{200b}» invisible character U+200B | delete it: between values JSON allows only plain spaces and line breaks",
        ),
        // Brackets.
        (
            "{\"a\": {\n",
            "1:7 «{» this { is never closed: the file ends at ~/.assumerole:1:8 | add the missing }",
        ),
        (
            "{\"a\": [1",
            "1:7 «[» this [ is never closed: the file ends at ~/.assumerole:1:9 | add the missing ]",
        ),
        (
            "{\"a\": [1}",
            "1:9 «}» } stands where ] is expected: [ was opened at ~/.assumerole:1:7 | write ], or look for a bracket missing in between",
        ),
        (
            "{\"a\": {\"b\": 1]",
            "1:14 «]» ] stands where } is expected: { was opened at ~/.assumerole:1:7 | write }, or look for a bracket missing in between",
        ),
        (
            "{\"a\": [}",
            "1:8 «}» } stands in a list: [ was opened at ~/.assumerole:1:7 | close the list with ] before it",
        ),
        (
            "{]",
            "1:2 «]» ] stands in an object: { was opened at ~/.assumerole:1:1 | close the object with } before it",
        ),
        (
            "{}}",
            "1:3 «}» something follows the end of the object | remove a }: there is one too many, here or before",
        ),
        (
            "{},\n\"a\": 1",
            "1:3 «,» something follows the end of the object | remove the comma, or the } before it if more should follow",
        ),
        (
            "{} {}",
            "1:4 «{» something follows the end of the object | remove it, or look for a } too many before it",
        ),
        // Something else altogether.
        (
            "[default]\nregion = x",
            "1:2 «default» text must be in double quotes | put \" around it",
        ),
        (
            "roles: x",
            "1:1 «roles» the file must begin with { | write one JSON object: everything stands between { and }",
        ),
        (
            "}",
            "1:1 «}» the file must begin with { | write one JSON object: everything stands between { and }",
        ),
        (
            "[]",
            "1:1 «[» the file must hold an object, this is a list | put everything between { and }, see the example in the user guide",
        ),
        (
            " null",
            "1:2 «n» the file must hold an object, this is null | put everything between { and }, see the example in the user guide",
        ),
        (
            "\0",
            "1:1 «\0» invisible character U+0000 | delete it: between values JSON allows only plain spaces and line breaks",
        ),
    ] {
        assert_eq!(refused(text), expected, "{text:?}");
    }
}

#[test]
fn a_secret_without_quotes_is_not_repeated() {
    let key = "wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY";
    for text in [
        format!("{{\"aws_secret_access_key\": {key}}}"),
        format!("{{\"a\": {key}}}"),
        format!("{{'a': '{key}'}}"),
        format!("{{\"a\": \"{key}"),
    ] {
        let error = crate::parse(&text).unwrap_err();
        let shown = format!("{} {}", crate::told(&error), error.snippet().unwrap().text);
        assert!(!shown.contains(key), "{shown}");
    }
}

#[test]
fn the_line_of_a_file_on_one_line_is_cut() {
    let text = crate::contract::many(2000).replace('\n', "");
    let broken = text.replacen("\"team-1000-read\": {", "\"team-1000-read\" {", 1);
    let error = crate::parse(&broken).unwrap_err();
    let snippet = error.snippet().unwrap();
    assert_eq!(error.message(), "a colon is missing after this key");
    assert_eq!(snippet.line, 1);
    assert!(snippet.column > 100_000);
    assert!(snippet.text.chars().count() < 200);
    let before: String = snippet.text.chars().take(snippet.indent()).collect();
    assert!(before.ends_with("\"team-1000-read\""), "{before}");
}

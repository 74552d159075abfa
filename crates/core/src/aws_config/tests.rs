//! What the corpus of whole files does not show: places, masks and messages.

use super::*;
use crate::diagnostic::Warning;

fn config(text: &str) -> AwsFile {
    AwsFile::parse(FileKind::Config, "config", text.to_owned())
}

fn credentials(text: &str) -> AwsFile {
    AwsFile::parse(FileKind::Credentials, "credentials", text.to_owned())
}

fn only(file: &AwsFile) -> &Problem {
    let [problem] = file.problems() else {
        panic!("not one problem: {:?}", file.problems());
    };
    problem
}

/// The masked line at the place of `needle`.
fn shown(file: &AwsFile, needle: &str) -> String {
    let at = file.as_str().find(needle).unwrap();
    file.snippet(at..at + needle.len()).text
}

#[test]
fn a_value_that_may_be_secret_is_masked_where_it_stands() {
    let file = credentials(
        "[a]\naws_access_key_id = AKIA\n  aws_secret_access_key   = s3cr3t\nregion = eu\n\
         mfa_sercet = abc\naws_session_token=one\n  two=three\nS3cr3tScrap==\n",
    );
    for (needle, expected) in [
        ("[a]", "[a]"),
        ("AKIA", "aws_access_key_id = AKIA"),
        ("s3cr3t", "  aws_secret_access_key   = ********"),
        ("eu", "region = eu"),
        // No key that is known: it may be a misspelt one.
        ("abc", "mfa_sercet = ********"),
        ("one", "aws_session_token=********"),
        ("three", "  ********"),
        ("S3cr3tScrap", "********"),
    ] {
        assert_eq!(shown(&file, needle), expected, "{needle}");
    }
}

/// Passwords stand among the arguments of programs.
#[test]
fn of_a_command_line_the_program_is_shown() {
    for (line, expected) in [
        ("credential_process = tool", "credential_process = tool"),
        (
            "credential_process=tool --password abc",
            "credential_process=tool ********",
        ),
        (
            "Credential_Process =  tool\tabc",
            "Credential_Process =  tool\t********",
        ),
        (
            "credential_process = \"/opt/my tool\" --key abc",
            "credential_process = \"/opt/my tool\" ********",
        ),
        (
            "credential_process = \"/opt/my tool abc",
            "credential_process = ********",
        ),
        (
            "credential_process = TOKEN=abc tool",
            "credential_process = ********",
        ),
        (
            "credential_process = tool@abc x",
            "credential_process = ********",
        ),
        ("mfa_process = pass otp abc", "mfa_process = pass ********"),
        ("cli_pager = less -R", "cli_pager = less -R"),
        (
            "credential_process = /opt/assumerole credential-process a",
            "credential_process = /opt/assumerole credential-process a",
        ),
        (
            "credential_process = assumerole-x abc",
            "credential_process = assumerole-x ********",
        ),
    ] {
        let file = config(&format!("[profile a]\n{line}\nregion = eu\n"));
        assert_eq!(shown(&file, line), expected, "{line}");
        // What is shown of a line that continues it is nothing.
        let file = config(&format!("[profile a]\n{line}\n  abc def\n"));
        let continued = shown(&file, "abc def");
        let public = line.starts_with("cli_pager");
        assert!(public || continued == "  ********", "{line}: {continued}");
    }
}

#[test]
fn in_the_config_file_only_what_sounds_secret_is_masked() {
    let file = config(
        "[profile a]\nregion = eu\ncredential_process = /opt/x y\nmy_password = abc\n\
         aws_session_token = t0k3n\ns3 =\n  addressing_style = path\n  secret = qqq\n\
         Zm9vYmFyQmF6cXV1eA==\n",
    );
    for (needle, expected) in [
        ("/opt", "credential_process = /opt/x ********"),
        ("abc", "my_password = ********"),
        ("t0k3n", "aws_session_token = ********"),
        ("path", "  addressing_style = path"),
        ("qqq", "  secret = ********"),
        ("Zm9v", "********"),
    ] {
        assert_eq!(shown(&file, needle), expected, "{needle}");
    }
}

#[test]
fn a_line_that_nobody_understands_shows_at_most_its_key() {
    for (line, expected) in [
        ("wJalrXUtnFEMI/K7MDENG", "********"),
        ("AKIAIOSFODNN7EXAMPLE wJalr", "********"),
        ("  = wJalr", "  ********"),
        ("region eu-central-1", "region ********"),
        (
            "aws_secret_access_key wJalr",
            "aws_secret_access_key ********",
        ),
        ("aws_secret_access_key", "aws_secret_access_key"),
        ("[profile x", "[profile x"),
        ("[wJalr: x", "********"),
    ] {
        for file in [credentials(line), config(line)] {
            assert_eq!(file.snippet(2..3).text, expected, "{line}");
            let problem = only(&file);
            assert_eq!(problem.snippet().text, expected, "{line}");
        }
    }
    let file = credentials("[a]\n# aws_secret_access_key = wJalr\n;wJalr\n");
    assert_eq!(shown(&file, "# aws"), "# aws_secret_access_key = ********");
    assert_eq!(shown(&file, ";w"), ";********");
}

#[test]
fn a_place_inside_a_mask_tells_no_length() {
    let file = credentials("[a]\naws_secret_access_key = abcdefghijklmnop\n");
    let secret = first(&file, "aws_secret_access_key").unwrap();
    let snippet = secret.snippet();
    assert_eq!(
        (snippet.place(), snippet.width),
        ("credentials:2:25".to_owned(), 8)
    );
    let end = secret.span().end;
    assert_eq!(file.snippet(end - 1..end).place(), "credentials:2:25");
}

/// The value of `key` in the first section.
fn first<'a>(file: &'a AwsFile, key: &str) -> Option<Value<'a>> {
    file.sections().next()?.get(key)?.value()
}

#[test]
fn debug_shows_no_value_that_may_be_secret() {
    let file = credentials("[a]\naws_access_key_id = AKIA\naws_secret_access_key = s3cr3t\n");
    let secret = first(&file, "aws_secret_access_key");
    let public = first(&file, "aws_access_key_id");
    let all = format!("{secret:?} {file:?} {:?}", file.sections().next());
    assert!(!all.contains("s3cr3t"), "{all}");
    assert!(format!("{public:?}").contains("AKIA"));
}

#[test]
fn a_problem_says_what_where_and_what_to_do() {
    let file = config("[default]\nregion = r\n[ Profile  ops ]\nregion = r\n");
    let problem = only(&file);
    assert_eq!(problem.kind(), ProblemKind::PrefixMissing);
    assert!(!problem.refused_by_aws_cli());
    let warning = Warning::from(problem);
    assert_eq!(
        warning.message,
        "not a profile: the config file needs [profile NAME]"
    );
    assert_eq!(warning.hints, ["write [profile ops]"]);
    assert_eq!(
        warning.at.map(|at| at.place()).as_deref(),
        Some("config:3:1")
    );
}

#[test]
fn a_key_given_twice_is_found_in_a_long_section_too() {
    let keys = |most: u32| -> String { (0..most).map(|n| format!("Key{n} = x\n")).collect() };
    for most in [3, 300] {
        let file = config(&format!("[default]\n{}key1 = y\n", keys(most)));
        let problem = only(&file);
        assert_eq!(problem.kind(), ProblemKind::DuplicateKey { first: 3 });
        assert_eq!(problem.line(), most + 2);
        assert_eq!(first(&file, "KEY1").unwrap().text(), "y");
    }
}

#[test]
fn hints_are_given_only_where_the_meaning_is_clear() {
    for (text, hint) in [
        ("[acme]\nregion = r", Some("write [profile acme]")),
        ("[my acme]\nregion = r", Some("write [profile \"my acme\"]")),
        ("[DEFAULTS]\nregion = r", Some("write [profile DEFAULTS]")),
        ("[Default]\nregion = r", Some("write [default]")),
        ("[profile a b]\n", Some("write [profile \"a b\"]")),
        ("[sso-session a b]\n", Some("write [sso-session \"a b\"]")),
        ("[profile]\n", None),
        ("[profile \"a]\n", None),
        ("[profile a] # see [1]\n", None),
    ] {
        assert_eq!(only(&config(text)).hint(), hint, "{text}");
    }
    let file = credentials("[profile a b]\n");
    assert_eq!(only(&file).hint(), Some("write [a b]"));
}

#[test]
fn a_file_in_utf16_is_one_problem() {
    let utf16 = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}[default]\nregion = r\n"
            .encode_utf16()
            .flat_map(to)
            .collect()
    };
    for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
        let file = AwsFile::from_bytes(FileKind::Config, "config", bytes.clone());
        assert_eq!(only(&file).kind(), ProblemKind::Utf16);
        assert_eq!(file.as_bytes(), bytes);
        assert_eq!(file.sections().len(), 0);
    }
}

#[test]
fn lines_end_as_python_says() {
    let file = config("[a]\rx = 1\r\ny = 2\n\nz = 3");
    let lines: Vec<u32> = file
        .sections()
        .next()
        .unwrap()
        .properties()
        .map(|p| p.line())
        .collect();
    assert_eq!(lines, [2, 3, 5]);
    let z = file.as_str().find('z').unwrap();
    let place = file.snippet(z..z + 1);
    assert_eq!(
        (place.line, place.column, place.text.as_str()),
        (5, 1, "z = 3")
    );
    for (at, line) in [
        (0, 1),
        (3, 1),
        (4, 2),
        (9, 2),
        (10, 2),
        (11, 3),
        (17, 4),
        (99, 5),
    ] {
        assert_eq!(file.line(at), line, "{at}");
    }
    assert_eq!(config("a\n").line(2), 2);
    assert_eq!(config("").line(0), 1);
}

#[test]
fn defaults_hold_for_sections_of_their_own_file_only() {
    let files = AwsFiles {
        config: Some(config(
            "[DEFAULT]\nregion = c\noutput = c\n[profile a]\noutput = a\n[profile b]\n",
        )),
        credentials: Some(credentials("[DEFAULT]\nregion = d\n[b]\n")),
    };
    let get = |name: &str, key: &str| {
        let value = files.profile(name)?.get(key)?;
        Some(format!("{} {}", value.file().path(), value.text()))
    };
    assert_eq!(get("a", "region").as_deref(), Some("config c"));
    assert_eq!(get("a", "output").as_deref(), Some("config a"));
    assert_eq!(get("b", "region").as_deref(), Some("credentials d"));
    assert_eq!(get("b", "output").as_deref(), Some("config c"));
    assert!(files.profile("DEFAULT").is_none());
    assert_eq!(files.profile_names(), ["a", "b"]);
}

#[test]
fn where_a_profile_stands_is_told_apart_by_file() {
    let files = AwsFiles {
        config: Some(config("[profile a]\n")),
        credentials: Some(credentials("[a]\n[b]\n")),
    };
    let files_of = |profile: &SectionSettings<'_>| -> Vec<FileKind> {
        profile.sections().map(|s| s.file().kind()).collect()
    };
    let a = files.profile("a").unwrap();
    assert_eq!(files_of(&a), [FileKind::Config, FileKind::Credentials]);
    let b = files.profile("b").unwrap();
    assert_eq!(files_of(&b), [FileKind::Credentials]);
    assert_eq!(b.sections().next().map(|s| s.line()), Some(2));
    assert!(files.profile("c").is_none());
    assert!(AwsFiles::default().profile("a").is_none());
}

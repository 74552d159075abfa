use assumerole_core::diagnostic::Kind;

use super::*;

const FILE: &str =
    "{\n  \"assume_roles\": {\n    \"acme-read\": {\n      \"aws_regoin\": \"eu-central-1\",\n";

fn at(line_feeds: usize) -> Snippet {
    let text = format!("{}{FILE}", "\n".repeat(line_feeds));
    let start = text.find("\"aws_regoin\"").unwrap();
    Snippet::of(
        "/home/jdoe/.assumerole",
        &text,
        start..start + "\"aws_regoin\"".len(),
    )
}

fn plain() -> Report<'static> {
    Report {
        look: Look::PLAIN,
        home: Some("/home/jdoe"),
        width: None,
        ..Report::default()
    }
}

#[test]
fn an_error_shows_its_line_and_what_to_do() {
    let error = Error::new(Kind::Config, "unknown key \"aws_regoin\" in role acme-read")
        .at(at(8))
        .because("only known keys are read")
        .hint("did you mean \"aws_region\"?")
        .hint("edit it: $EDITOR /home/jdoe/.assumerole");
    let text = plain().error(&error);
    assert_eq!(
        text,
        "\
error: unknown key \"aws_regoin\" in role acme-read
  --> ~/.assumerole:12:7
   |
12 |       \"aws_regoin\": \"eu-central-1\",
   |       ^^^^^^^^^^^^
   = because: only known keys are read
  hint: did you mean \"aws_region\"?
  hint: edit it: $EDITOR ~/.assumerole
"
    );
}

#[test]
fn an_error_without_a_file_is_short() {
    let error = Error::new(Kind::Unreachable, "AWS did not answer")
        .because("connect to sts.eu-central-1.amazonaws.com")
        .because("timed out\nafter 5 s")
        .hint("assumerole doctor");
    assert_eq!(
        plain().error(&error),
        "\
error: AWS did not answer
  because: connect to sts.eu-central-1.amazonaws.com
  because: timed out
           after 5 s
  hint: assumerole doctor
"
    );
}

#[test]
fn a_refusal_keeps_the_words_people_search_for_on_one_line() {
    let words = "An error occurred (AccessDenied) when calling the AssumeRole operation: \
                 User: arn:aws:iam::210987654321:user/jdoe is not authorized to perform: \
                 sts:AssumeRole on resource: arn:aws:iam::123456789012:role/read";
    let error = Error::new(Kind::Refused, words);
    assert_eq!(plain().error(&error), format!("error: {words}\n"));
    let mut report = plain();
    report.look.color = true;
    assert!(report.error(&error).contains(words));
}

#[test]
fn a_warning_looks_alike() {
    let warning = Warning::new("the key is not known").at(at(0)).hint("x");
    assert_eq!(
        plain().warning(&warning),
        "\
warning: the key is not known
 --> ~/.assumerole:4:7
  |
4 |       \"aws_regoin\": \"eu-central-1\",
  |       ^^^^^^^^^^^^
  hint: x
"
    );
}

#[test]
fn colour_changes_no_word() {
    let error = Error::new(Kind::Config, "two\nlines")
        .at(at(0))
        .because("one\ntwo")
        .hint("three\nfour");
    let mut report = plain();
    let without = report.error(&error);
    report.look.color = true;
    let with = report.error(&error);
    assert!(with.starts_with("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m \u{1b}[1mtwo"));
    assert_eq!(anstream::adapter::strip_str(&with).to_string(), without);
}

#[test]
fn the_mark_stands_under_what_is_meant_whatever_is_before_it() {
    let text = "\t\"日本é\": \t12,";
    let start = text.find("12").unwrap();
    let warning = Warning::new("w").at(Snippet::of("f", text, start..start + 2));
    assert_eq!(
        plain().warning(&warning),
        "\
warning: w
 --> f:1:10
  |
1 |     \"日本é\":     12,
  |                  ^^
"
    );
}

#[test]
fn an_empty_line_and_the_end_of_a_file_can_be_meant() {
    let warning = Warning::new("w").at(Snippet::of("f", "", 0..0));
    assert_eq!(
        plain().warning(&warning),
        "warning: w\n --> f:1:1\n  |\n1 |\n  | ^\n"
    );
}

#[test]
fn the_place_in_a_very_long_line_is_still_under_its_mark() {
    let text = format!("{}HERE{}", "a".repeat(5000), "b".repeat(5000));
    let warning = Warning::new("w").at(Snippet::of("f", &text, 5000..5004));
    let shown = plain().warning(&warning);
    let mut lines = shown.lines().skip(3);
    let (line, mark) = (lines.next().unwrap(), lines.next().unwrap());
    let chars: Vec<char> = line.chars().collect();
    let column = mark.find('^').unwrap();
    assert_eq!(chars[column..column + 4], ['H', 'E', 'R', 'E']);
    assert!(mark.ends_with("^^^^") && !mark.ends_with("^^^^^"));
    assert!(chars.len() < 200);
}

#[test]
fn foreign_text_cannot_reach_the_terminal() {
    let text = "a\u{1b}]0;x\u{7}\"b\u{1b}[2J\"";
    let error = Error::new(Kind::Config, "m\u{1b}[31m\r")
        .at(Snippet::of("f\u{1b}c", text, 0..1))
        .because("c\u{9b}2J")
        .hint("h\u{8}");
    let shown = plain().error(&error);
    assert!(
        !shown.chars().any(|c| c.is_control() && c != '\n'),
        "{shown:?}"
    );
}

#[test]
fn home_is_a_tilde_only_where_it_is_home() {
    for (text, short) in [
        ("/home/jo", "~"),
        ("read /home/jo/.aws and /home/jo/x", "read ~/.aws and ~/x"),
        ("(/home/jo/.aws:1)", "(~/.aws:1)"),
        ("/home/joe/x", "/home/joe/x"),
        ("/mnt/home/jo/x", "/mnt/home/jo/x"),
        // A quoted tilde is not what a shell would expand.
        ("rm '/home/jo/a b'", "rm '/home/jo/a b'"),
        ("/home/jo/home/jo", "~/home/jo"),
    ] {
        assert_eq!(shorten_home(text, "/home/jo"), short);
        assert_eq!(shorten_home(text, "/home/jo/"), short);
    }
    assert_eq!(shorten_home("/etc/x", "/"), "/etc/x");
    assert_eq!(shorten_home("/etc/x", ""), "/etc/x");
}

/// What a report shows of a line: the line, and the mark under it.
fn excerpt(line: &str, meant: &str, columns: usize) -> String {
    let start = line.find(meant).unwrap();
    let warning = Warning::new("w").at(Snippet::of("f", line, start..start + meant.len()));
    let mut report = plain();
    (report.look.utf8, report.width) = (true, Some(columns));
    let text = report.warning(&warning);
    let shown: Vec<&str> = text.lines().skip(3).collect();
    for line in &shown {
        assert!(width::of(line) <= columns, "{line:?}");
    }
    shown.join("\n")
}

#[test]
fn a_line_is_cut_to_the_terminal_so_that_the_mark_stands_under_what_is_meant() {
    let line = "{ \"a\": { \"aws_profile\": \"base\", \"aws_regoin\": \"eu-central-1\" } }";
    assert_eq!(
        excerpt(line, "\"aws_regoin\"", 80),
        format!("1 | {line}\n  |{}^^^^^^^^^^^^", " ".repeat(33))
    );
    assert_eq!(
        excerpt(line, "\"a\"", 40),
        "1 | { \"a\": { \"aws_profile\": \"base\", \"aw…\n  |   ^^^"
    );
    assert_eq!(
        excerpt(line, "\"aws_regoin\"", 40),
        "1 | …aws_profile\": \"base\", \"aws_regoin\"…\n  |                        ^^^^^^^^^^^^"
    );
    // What is meant does not fit either.
    assert_eq!(
        excerpt(line, "\"aws_regoin\"", 18),
        "1 | …\", \"aws_rego…\n  |     ^^^^^^^^^^"
    );
    for columns in 8..90 {
        excerpt(line, "eu-central-1", columns);
    }
}

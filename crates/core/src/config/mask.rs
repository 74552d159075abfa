//! Lines of the file as an error shows them: no secret is shown whole.

use std::ops::Range;

use crate::diagnostic::text::Snippet;

/// The place of `span` in `text`, as `place` makes it, with stars for whatever
/// looks like a secret in its line.
pub(super) fn snippet(
    text: &str,
    span: Range<usize>,
    place: impl FnOnce(Range<usize>) -> Snippet,
) -> Snippet {
    Maps::of(text).snippet(span, place)
}

/// Where a text is inside `"environment": {`, where every value may be a
/// password: looked for once, however many places are shown.
#[derive(Debug)]
pub(super) struct Maps {
    /// Of those of several lines: the end of the first line, and of the line in
    /// which it is closed.
    lines: Vec<(usize, usize)>,
}

impl Maps {
    /// Only looked for when something is wrong.
    pub(super) fn of(text: &str) -> Self {
        const KEY: &str = "\"environment\"";
        let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at);
        let mut lines = Vec::new();
        let mut keys = text.match_indices(KEY).peekable();
        while let Some((key, _)) = keys.next() {
            // What follows the next one belongs to that one.
            let next = keys.peek().map_or(text.len(), |(next, _)| next + KEY.len());
            let within = &text[key + KEY.len()..next];
            let value = within.trim_start_matches([' ', '\t', '\r', '\n', ':']);
            if value.starts_with('{') {
                let open = next - value.len();
                let end = open + closed(value);
                if let Some(first) = text[open..end].find('\n') {
                    lines.push((open + first, line_end(end)));
                }
            }
        }
        Self { lines }
    }

    /// As [`snippet`], in the text that these are of.
    pub(super) fn snippet(
        &self,
        span: Range<usize>,
        place: impl FnOnce(Range<usize>) -> Snippet,
    ) -> Snippet {
        let variables = self.has_line_of(span.start);
        let mut snippet = place(span);
        snippet.text = masked(&snippet.text, snippet.skipped > 0, variables);
        snippet
    }

    /// Whether the line of the byte `at` begins inside one.
    fn has_line_of(&self, at: usize) -> bool {
        let before = self.lines.partition_point(|(first, _)| *first < at);
        let last = before.checked_sub(1).map(|last| self.lines[last]);
        last.is_some_and(|(_, until)| at <= until)
    }
}

/// Where the object at the beginning of `value` is closed; its length where it
/// is not. This goes by brackets and quotes alone.
fn closed(value: &str) -> usize {
    let mut at = 0;
    let mut open = 0_usize;
    while let Some(next) = value[at..].find(['{', '}', '"']) {
        let from = &value[at + next..];
        let length = match from.as_bytes().first() {
            Some(b'"') => string_length(from),
            Some(b'{') => {
                open += 1;
                1
            }
            _ if open <= 1 => return at + next,
            _ => {
                open -= 1;
                1
            }
        };
        at += next + length;
    }
    value.len()
}

/// `line` with stars for the strings that look like secrets, character for
/// character, so that columns still count. `variables` says that it begins
/// inside a map of variables.
///
/// A line that was `cut` may begin inside a string or outside; what is a
/// secret under either reading is hidden.
fn masked(line: &str, cut: bool, variables: bool) -> String {
    let outside = read(line, false, variables);
    if !cut {
        return outside;
    }
    let inside = read(line, true, variables);
    let both = outside.chars().zip(inside.chars());
    both.map(|(a, b)| if a == '*' { a } else { b }).collect()
}

/// One reading of a line, which may be no JSON at all: this goes by quotes
/// alone. `inside` says that it begins inside a string, whose key is not seen,
/// `variables` that it begins inside a map of variables.
fn read(line: &str, inside: bool, mut variables: bool) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut key = "";
    let mut rest = line;
    if inside {
        let (string, after) = rest.split_at(rest.find('"').map_or(rest.len(), |at| at + 1));
        shown.push_str(&starred(string, !after.trim_start().starts_with(':')));
        rest = after;
    }
    while let Some(open) = rest.find(['"', '\'']) {
        let (before, from) = rest.split_at(open);
        let (string, after) = from.split_at(string_length(from));
        shown.push_str(&bare(before, key, variables));
        if before.contains(['}', ']']) {
            (key, variables) = ("", false);
        }
        let inner = string.trim_matches(['"', '\'']);
        let colon = after.trim_start().strip_prefix([':', '=']);
        if colon.is_some() || inner.trim_end().ends_with(':') {
            key = inner.trim_end().trim_end_matches(':');
            variables |=
                key == "environment" && colon.is_some_and(|v| v.trim_start().starts_with('{'));
            shown.push_str(string);
        } else {
            let secret = variables || names_secret(key) || looks_secret(inner);
            shown.push_str(&starred(string, secret));
        }
        rest = after;
    }
    shown.push_str(&bare(rest, key, variables));
    shown
}

/// What stands between strings: punctuation, or a value without quotes.
fn bare(text: &str, key: &str, variables: bool) -> String {
    let secret = variables && !text.contains('}') || names_secret(key) || looks_secret(text);
    if !secret {
        return text.to_owned();
    }
    let star = |c: char| if c.is_alphanumeric() { '*' } else { c };
    text.chars().map(star).collect()
}

/// How many bytes the string at the beginning of `text` takes, quotes
/// included; all of them where it is not closed.
fn string_length(text: &str) -> usize {
    let quote = text.chars().next();
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if Some(c) == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `text`, if it is `secret`, in stars, all but the quotes around it and the
/// mark of a cut.
fn starred(text: &str, secret: bool) -> String {
    if !secret {
        return text.to_owned();
    }
    let quotes = ['"', '\''];
    let open = usize::from(text.starts_with(quotes));
    let close = text.len() - usize::from(text.len() > open && text.ends_with(quotes));
    let star = |c| if c == '…' { c } else { '*' };
    let stars: String = text[open..close].chars().map(star).collect();
    [&text[..open], &stars, &text[close..]].concat()
}

/// Whether the value of `key` is likely a secret. (`value` is that of a
/// variable, and many a variable is a password; many a command has one.)
fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    matches!(
        key.as_str(),
        "value" | "environment" | "command" | "mfa_process"
    ) || ["secret", "token", "passw", "credential", "private"]
        .iter()
        .any(|part| key.contains(part))
}

/// Whether `text` is a private key, or has the shape of a secret key or a
/// token of AWS: a long run of base64 in mixed case with digits.
fn looks_secret(text: &str) -> bool {
    const SHORTEST: usize = 32;
    if text.contains("-----BEGIN") || text.contains("PRIVATE KEY") {
        return true;
    }
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '=');
    text.split(|c| !base64(c)).any(|run| {
        let has = |kind: fn(&u8) -> bool| run.as_bytes().iter().any(kind);
        run.len() >= SHORTEST
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line, and the same with its secrets in stars.
    fn check(line: &str, shown: &str, cut: bool) {
        assert_eq!(masked(line, cut, false), shown);
        assert_eq!(shown.chars().count(), line.chars().count(), "{line}");
    }

    #[test]
    fn secrets_become_stars_and_columns_stay() {
        for (line, shown) in [
            (
                r#"{ "name": "DB", "value": "hunter2\"x" } ]"#,
                r#"{ "name": "DB", "value": "**********" } ]"#,
            ),
            (
                r#""db_password" : "é€", "x": 1"#,
                r#""db_password" : "**", "x": 1"#,
            ),
            (r#""token": "unclosed"#, r#""token": "********"#),
            (
                r#""value": ["a", "b"], "x": "y""#,
                r#""value": ["*", "*"], "x": "y""#,
            ),
            (r#""value": hunter2, "x": 1"#, r#""value": *******, "x": 1"#),
            (
                r#""value: "hunter2", "x": 1"#,
                r#""value: "*******"**"*"***"#,
            ),
            (
                "'value': 'hunter2', 'x': 'y'",
                "'value': '*******', 'x': 'y'",
            ),
            (
                r#""environment": {"A": "b", "C": "d"}, "E": "f""#,
                r#""environment": {"A": "*", "C": "*"}, "E": "f""#,
            ),
            (
                r#""k": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","#,
                r#""k": "****************************************","#,
            ),
            (
                r#""sshkey": "-----BEGIN PRIVATE KEY-----\nabc""#,
                r#""sshkey": "********************************""#,
            ),
        ] {
            check(line, shown, false);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for line in [
            "",
            r#"  "aws_profil": "acme","#,
            r#"  "aws_mfa_arn": "arn:aws:iam::210987654321:mfa/jdoe","#,
            r#"  "sshkey": "~/.ssh/acme_production_2024_rsa","#,
            r#"  "environment": [ { "name": "MYVAR1" }"#,
            "} ] , : no JSON at all",
        ] {
            check(line, line, false);
        }
    }

    #[test]
    fn every_value_of_a_map_of_variables_is_a_secret() {
        let text = "{\"environment\": {\n  \"A\": \"x\", \"B\": 12,\n  \"C\": \"}\",\n  \"D\": \"y\"},\n \"E\": \"z\"\n}";
        let shown: Vec<String> = text
            .lines()
            .map(|line| {
                let at = line.as_ptr() as usize - text.as_ptr() as usize;
                masked(line, false, Maps::of(text).has_line_of(at))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "{\"environment\": {",
                "  \"A\": \"*\", \"B\": **,",
                "  \"C\": \"*\",",
                "  \"D\": \"*\"},",
                " \"E\": \"z\"",
                "}",
            ]
        );
        for text in [
            "",
            "{\n}",
            "{\"environment\": [\n{}\n]",
            "\"environment\"\n",
        ] {
            assert!(!Maps::of(text).has_line_of(text.len()), "{text}");
        }
    }

    #[test]
    fn a_cut_line_is_read_both_ways() {
        for (line, shown) in [
            // Cut inside a key, a value, between the two.
            (
                r#"…ame": "A", "value": "x", "b": 1"#,
                r#"…ame": "A", "value": "*", "b": 1"#,
            ),
            (r#"…unter2", "b": "x""#, r#"…******", "b": "x""#),
            (r#"…"value": "x", "b": "y""#, r#"…"value": "*", "b": "y""#),
        ] {
            check(line, shown, true);
        }
    }

    /// As one that is asked for one place would look for it.
    fn by_one_look(text: &str, at: usize) -> bool {
        const KEY: &str = "\"environment\"";
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = &text[..line];
        let Some(key) = before.rfind(KEY) else {
            return false;
        };
        let value = before[key + KEY.len()..].trim_start_matches([' ', '\t', '\r', '\n', ':']);
        value.starts_with('{') && closed(value) == value.len()
    }

    #[test]
    fn one_look_for_all_places_finds_what_each_would() {
        let parts = [
            "\"environment\"",
            ": {",
            "{",
            "}",
            "\n",
            "\"a\": \"b\"",
            "\"",
            ", ",
        ];
        let mut number = 1_u64;
        for _ in 0..4_000 {
            let mut text = String::new();
            for _ in 0..14 {
                // Any order will do.
                number = number
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                text.push_str(parts[(number >> 33) as usize % parts.len()]);
            }
            let maps = Maps::of(&text);
            for at in 0..=text.len() {
                let both = (maps.has_line_of(at), by_one_look(&text, at));
                assert_eq!(both.0, both.1, "{text:?} {at}");
            }
        }
    }
}

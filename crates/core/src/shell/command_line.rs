//! Command lines of files: into words, and words into what can be pasted.

use std::borrow::Cow;
use std::fmt;

/// Why a text is no command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// A quote is opened and not closed.
    Quote,
    /// It ends with a backslash.
    Escape,
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quote => "a quote is not closed",
            Self::Escape => "it ends with a backslash",
        })
    }
}

impl std::error::Error for Unfinished {}

/// The words of `credential_process`, by the rules of the AWS CLI: Python's
/// `shlex.split`. They are not quite a shell's, which is why no library for
/// those is used: within double quotes a backslash is one unless `"` or
/// another follows, a backslash before a line's end keeps it, `#` begins no
/// comment.
///
/// <https://docs.python.org/3/library/shlex.html#parsing-rules>
///
/// # Errors
/// A quote is not closed, or a backslash is the last character.
pub fn split(text: &str) -> Result<Vec<String>, Unfinished> {
    let mut words = Vec::new();
    // `Some("")` is an empty word, which only quotes make.
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => {
                let next = chars.next().ok_or(Unfinished::Escape)?;
                word.get_or_insert_default().push(next);
            }
            quote @ ('\'' | '"') => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(Unfinished::Quote)? {
                        c if c == quote => break,
                        '\\' if quote == '"' => {
                            let next = chars.next().ok_or(Unfinished::Escape)?;
                            if !matches!(next, '"' | '\\') {
                                word.push('\\');
                            }
                            word.push(next);
                        }
                        c => word.push(c),
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// `word` as it can be pasted into a shell, and as [`split`] reads it, which
/// ends a word at a carriage return where a shell does not.
pub fn quoted(word: &str) -> Cow<'_, str> {
    match shell_words::quote(word) {
        Cow::Borrowed(bare) if bare.contains('\r') => format!("'{bare}'").into(),
        quoted => quoted,
    }
}

/// `name` as the last argument of a command line, or before a code, for hints
/// that are to be typed: behind `--` what begins with a hyphen is no flag.
pub fn argument(name: &str) -> Cow<'_, str> {
    let quoted = quoted(name);
    match name.starts_with('-') {
        true => format!("-- {quoted}").into(),
        false => quoted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_argument_whatever_it_is() {
        for (name, argument) in [
            ("acme-read", "acme-read"),
            ("with space", "'with space'"),
            ("-", "-- -"),
            ("-x", "-- -x"),
            ("-x y", "-- '-x y'"),
            ("$(x)", "'$(x)'"),
            ("", "''"),
        ] {
            assert_eq!(super::argument(name), argument, "{name}");
        }
    }

    #[test]
    fn what_is_quoted_is_one_word() {
        for word in [
            "", "a", "a b", "a\rb", "\r", "'", "a\r'b", "\\", "\"", "a\tb\nc", "\u{a0}", "\u{85}",
            "#", "$x", "\0", "é",
        ] {
            assert_eq!(split(&quoted(word)), Ok(vec![word.to_owned()]), "{word:?}");
        }
    }

    /// What Python's `shlex.split` makes of each; `tests/interop/boto3` asks
    /// it again, about many more.
    #[test]
    fn words_are_those_of_the_aws_cli() {
        for (text, words) in [
            ("", &[][..]),
            ("  \t\n ", &[]),
            ("a b\tc\nd\re", &["a", "b", "c", "d", "e"]),
            ("'' \"\" a''", &["", "", "a"]),
            (r"/opt/my\ tool --x", &["/opt/my tool", "--x"]),
            (r#""/opt/my tool" 'a b'"#, &["/opt/my tool", "a b"]),
            (r#"a"b c"'d e'f"#, &["ab cd ef"]),
            (r#""\$x \" \\ \a""#, &[r#"\$x " \ \a"#]),
            (r"'\'", &[r"\"]),
            ("a # b", &["a", "#", "b"]),
            ("a\\\nb", &["a\nb"]),
            ("$HOME/x ~/y `id` a;b", &["$HOME/x", "~/y", "`id`", "a;b"]),
            ("é\u{a0}x", &["é\u{a0}x"]),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(split(text), Ok(words), "{text:?}");
        }
        for (text, why) in [
            ("'a", Unfinished::Quote),
            ("a \"b", Unfinished::Quote),
            ("a\\", Unfinished::Escape),
            ("\"a\\", Unfinished::Escape),
            ("\"a\\\"", Unfinished::Quote),
        ] {
            assert_eq!(split(text), Err(why), "{text:?}");
        }
    }
}

//! A line as a shell splits it, as far as it is typed, and words as a shell
//! takes them.

/// What is typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypedLine {
    /// The words; the last is the one that is being typed, empty if none is.
    pub(crate) words: Vec<String>,
    /// Where each but the last ends, in characters from the text's beginning.
    pub(crate) ends: Vec<usize>,
    /// Whether the last word begins with a quote.
    pub(crate) in_quotes: bool,
}

impl TypedLine {
    /// Splits `text` at blanks; quotes and backslashes as in a POSIX shell, the
    /// last quote need not be closed. The command is the last one of the line:
    /// what `;`, `|`, `&` or `(` ends is left out.
    pub(crate) fn read(text: &str) -> Self {
        let (mut words, mut ends, mut word) = (Vec::new(), Vec::new(), None::<String>);
        let (mut quote, mut in_quotes) = (None, false);
        let mut rest = text.chars().enumerate();
        while let Some((at, c)) = rest.next() {
            match (quote, c) {
                (None, ' ' | '\t' | '\n') => {
                    if let Some(word) = word.take() {
                        words.push(word);
                        ends.push(at);
                    }
                }
                (None, ';' | '|' | '&' | '(') => {
                    words.clear();
                    ends.clear();
                    word = None;
                }
                (None, '\'' | '"') => {
                    quote = Some(c);
                    in_quotes = word.is_none();
                    word.get_or_insert_default();
                }
                (Some(open), _) if c == open => quote = None,
                (None | Some('"'), '\\') => word
                    .get_or_insert_default()
                    .extend(rest.next().map(|(_, c)| c)),
                _ => word.get_or_insert_default().push(c),
            }
        }
        let in_quotes = in_quotes && quote.is_some();
        words.push(word.unwrap_or_default());
        Self {
            words,
            ends,
            in_quotes,
        }
    }
}

/// `word` so that a POSIX shell reads it as one word.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-+=./:@%,^".contains(c);
    let mut quoted = String::with_capacity(word.len());
    for c in word.chars() {
        if !plain(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_far_as_they_are_typed() {
        for (text, words, in_quotes) in [
            ("assumerole ", &["assumerole", ""][..], false),
            ("assumerole re", &["assumerole", "re"], false),
            ("  a  b\tc ", &["a", "b", "c", ""], false),
            ("a 'my ro", &["a", "my ro"], true),
            ("a \"my ro", &["a", "my ro"], true),
            ("a 'my' ro", &["a", "my", "ro"], false),
            ("a my\\ ro", &["a", "my ro"], false),
            ("a x'y z", &["a", "xy z"], false),
            ("a \"b\\\"c", &["a", "b\"c"], true),
            ("a 'b\\", &["a", "b\\"], true),
            ("a b\\", &["a", "b"], false),
            ("cd /x && a b", &["a", "b"], false),
            ("x | a --f=v", &["a", "--f=v"], false),
            ("(a b", &["a", "b"], false),
            ("", &[""], false),
        ] {
            let line = TypedLine::read(text);
            assert_eq!(line.words, words, "{text}");
            assert_eq!(line.in_quotes, in_quotes, "{text}");
        }
    }

    #[test]
    fn it_is_known_where_words_end() {
        let line = TypedLine::read("x; a  'ü b' c");
        assert_eq!(line.words, ["a", "ü b", "c"]);
        assert_eq!(line.ends, [4, 11]);
    }

    #[test]
    fn a_shell_reads_a_quoted_word_as_it_was() {
        for word in [
            "plain-name_1",
            "it's",
            "a b",
            "$(x)`y`",
            "a\"b\\c",
            "é",
            "!x*?",
        ] {
            let line = TypedLine::read(&format!("a {}", quoted(word)));
            assert_eq!(line.words[1], word);
        }
        assert_eq!(quoted("a b"), "a\\ b");
    }
}

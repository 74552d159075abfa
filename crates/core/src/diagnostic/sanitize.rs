//! Foreign text on its way to a terminal.

use std::borrow::Cow;

/// `text` without anything that a terminal would act on: control characters
/// (ESC, BEL, carriage return, C1…) become `�`, a line feed and a tab stay.
/// Characters that reorder text (Unicode Bidi_Control) go too.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                if harmless(c) {
                    c
                } else {
                    char::REPLACEMENT_CHARACTER
                }
            })
            .collect(),
    )
}

/// As [`clean`], on one line: line feeds and tabs become spaces.
pub fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

/// Whether shells and programs take `name` as it stands for one word: between the
/// quotes of `complete -W`, where bash splits and expands the words when it
/// completes, in `for name in $(…)`, in a list that zsh evaluates, and on the line
/// that a completion is put on.
pub fn is_plain(name: &str) -> bool {
    // `-rf` is an option, `%1` a job, and zsh takes `=ls` for the path of ls, `+1`
    // for an entry of its list of folders.
    !name.is_empty() && !name.starts_with(['-', '+', '%', '=']) && name.chars().all(is_of_words)
}

/// Whether a shell that completes `name`, or evaluates a list with it, would change
/// or run something of it. What it would only split, or take for an option, is
/// harmless.
pub fn is_expanded(name: &str) -> bool {
    let harmless = |c: char| c == ' ' || is_of_words(c);
    name.starts_with('=') || !name.chars().all(harmless)
}

/// Whether `c` stands for itself in a word, wherever a shell reads that.
fn is_of_words(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || "_-.,:+@/%=".contains(c),
        false => harmless(c) && !c.is_whitespace(),
    }
}

fn harmless(c: char) -> bool {
    if c == '\n' || c == '\t' {
        return true;
    }
    !c.is_control()
        && !matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_change_or_run_is_not_plain() {
        for name in [
            "a",
            "acme-read",
            "prod/eu:1",
            "a-b",
            "a=b",
            "a+b",
            "1.2,3+4@5_6%",
            "größe",
            "日本",
        ] {
            assert!(is_plain(name), "{name}");
        }
        for special in "$`\\'\"()<>;&|*?[]{}!#~^\n\r\t\0\u{7f}\u{a0}\u{85}\u{202e}".chars() {
            for name in [
                format!("{special}a"),
                format!("a{special}b"),
                format!("a{special}"),
            ] {
                assert!(!is_plain(&name), "{name:?}");
            }
        }
        for start in ["-", "--", "+", "%", "="] {
            for rest in ["", "1", "rf", "help", "help=a", "-", "ls"] {
                let name = format!("{start}{rest}");
                assert!(!is_plain(&name), "{name:?}");
            }
        }
        for name in [
            "",
            " ",
            " a",
            "a ",
            "a b",
            "a  b",
            "a\u{2003}b",
            "a\u{3000}b",
        ] {
            assert!(!is_plain(name), "{name:?}");
        }
    }

    #[test]
    fn escapes_cannot_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}]0;x\u{7}b\r\u{9b}c\u{202e}"), "a�]0;x�b��c�");
        assert!(matches!(clean("plain é\n\t"), Cow::Borrowed(_)));
        assert_eq!(one_line("a\nb\tc"), "a b c");
    }
}

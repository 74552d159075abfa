//! A line of a start-up file.

use super::{Act, Language};

/// The blocks that `line` ends and begins.
pub(super) fn depth(language: Language, line: &str) -> (usize, usize) {
    let code = line.split(" #").next().unwrap_or(line).trim_end();
    let first = code.split([' ', '\t', ';', '(']).next().unwrap_or_default();
    let words: Vec<&str> = code
        .split(|c: char| c.is_whitespace() || c == ';')
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    match language {
        Language::Posix => {
            let ends = ["fi", "done", "esac", "}", ")"];
            let begins = ["if", "for", "while", "until", "case", "select", "{", "("];
            let is_function = first == "function" || code.ends_with('{') || code.contains("() {");
            let closed = words.iter().skip(1).any(|word| ends.contains(word));
            match () {
                () if ends.contains(&first) => (1, usize::from(code.ends_with('{'))),
                // Not what stands there by itself, and of the block around it.
                () if ["else", "elif", "then", "do"].contains(&first) => (0, 0),
                () if begins.contains(&first) || is_function => (0, usize::from(!closed)),
                () => (0, 0),
            }
        }
        Language::Fish => match first {
            "end" => (1, 0),
            "if" | "for" | "while" | "switch" | "function" | "begin" => {
                (0, usize::from(!(has("end"))))
            }
            _ => (0, 0),
        },
        Language::Csh => match first {
            "endif" | "end" | "endsw" => (1, 0),
            "if" => (0, usize::from(code.ends_with("then"))),
            "foreach" | "while" | "switch" => (0, 1),
            _ => (0, 0),
        },
        Language::Nu | Language::Elvish => {
            let opened = code.matches(['{', '[', '(']).count();
            let closed = code.matches(['}', ']', ')']).count();
            match opened.cmp(&closed) {
                std::cmp::Ordering::Less => (closed - opened, 0),
                std::cmp::Ordering::Equal => (0, 0),
                std::cmp::Ordering::Greater => (0, opened - closed),
            }
        }
    }
}

/// The line that ends the text that begins behind `line`.
pub(super) fn here_document(language: Language, line: &str) -> Option<String> {
    if !matches!(language, Language::Posix | Language::Csh) || line.contains("<<<") {
        return None;
    }
    let (_, end) = line.split_once("<<")?;
    let end = end.trim_start_matches('-').trim_start();
    let end = end.split([' ', ';', ')', '|', '>']).next()?;
    let end = end.trim_matches(['"', '\'', '\\']);
    (!end.is_empty()).then(|| end.to_owned())
}

/// What `line`, which is in no block, does.
pub(super) fn acts(language: Language, line: &str) -> Vec<Act> {
    let Ok(words) = shell_words::split(line) else {
        return Vec::new();
    };
    // What stands behind a condition is run, or is not.
    if ["&&", "||", "|", "and", "or"]
        .iter()
        .any(|operator| words.iter().any(|word| word == operator))
    {
        return Vec::new();
    }
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .take_while(|word| !word.starts_with('#'))
        .collect();
    match language {
        Language::Posix => posix(&words),
        Language::Fish => fish(&words),
        Language::Csh => match words[..] {
            ["setenv", name, value] => vec![set(name, value, true)],
            ["source", file] => vec![Act::Source(file.to_owned())],
            _ => Vec::new(),
        },
        Language::Nu => match words[..] {
            [name, "=", ref value @ ..] => {
                let name = name.strip_prefix("$env.");
                name.map(|name| set(name, &value.join(" "), true))
                    .into_iter()
                    .collect()
            }
            ["source" | "source-env", file] => vec![Act::Source(file.to_owned())],
            _ => Vec::new(),
        },
        Language::Elvish => match words[..] {
            ["set-env", name, value] => vec![set(name, value, true)],
            ["set", name, "=", value] => {
                let name = name.strip_prefix("E:");
                name.map(|name| set(name, value, true))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        },
    }
}

fn set(name: &str, value: &str, exported: bool) -> Act {
    Act::Set {
        name: name.to_owned(),
        value: value.trim_end_matches(';').to_owned(),
        exported,
    }
}

fn posix(words: &[&str]) -> Vec<Act> {
    let assigned = |word: &&str, exported| {
        let (name, value) = word.split_once('=')?;
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_name.then(|| set(name, value, exported))
    };
    match words {
        ["export", rest @ ..] => rest
            .iter()
            .filter_map(|word| assigned(word, true))
            .collect(),
        ["declare" | "typeset", rest @ ..] => {
            let exports = rest
                .iter()
                .any(|word| word.starts_with('-') && word.contains('x'));
            rest.iter()
                .filter_map(|word| assigned(word, exports))
                .collect()
        }
        ["source" | ".", file] => vec![Act::Source((*file).to_owned())],
        // `A=1 B=2`, and not what a command is given.
        words => {
            let all: Option<Vec<Act>> = words.iter().map(|word| assigned(word, false)).collect();
            all.unwrap_or_default()
        }
    }
}

fn fish(words: &[&str]) -> Vec<Act> {
    match words {
        ["set", rest @ ..] => {
            let flags = rest.iter().take_while(|word| word.starts_with('-'));
            let (mut exported, mut other) = (false, false);
            for flag in flags.clone() {
                exported |= *flag == "--export" || !flag.starts_with("--") && flag.contains('x');
                // A query, an erasure or a variable of a block.
                other |= ["--query", "--erase", "--local", "--show", "--names"].contains(flag)
                    || !flag.starts_with("--") && flag.contains(['q', 'e', 'l', 'S', 'n', 'f']);
            }
            match &rest[flags.count()..] {
                [name, value @ ..] if !other && !value.is_empty() => {
                    vec![set(name, &value.join(" "), exported)]
                }
                _ => Vec::new(),
            }
        }
        ["source" | ".", file] => vec![Act::Source((*file).to_owned())],
        _ => Vec::new(),
    }
}

//! The program code of a Rust file: no comments, no texts, no tests.

/// `text` without what is in comments, strings and characters. Comments are
/// blanks of the same length, so that lines stay where they are; the rest are
/// quotes, so that a line of a long text is no blank one.
pub(super) fn bare(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = match rest {
            [b'/', b'/', ..] => find(rest, 2, b"\n"),
            [b'/', b'*', ..] => block_comment(rest),
            [b'"', ..] => string(rest),
            [b'r', b'"' | b'#', ..] if !is_word_before(bytes, at) => raw_string(rest),
            [b'b', b'"', ..] if !is_word_before(bytes, at) => 1 + string(&rest[1..]),
            [b'\'', ..] => character(rest),
            _ => 0,
        };
        if length == 0 {
            at += 1;
            continue;
        }
        let with = if rest[0] == b'/' { b' ' } else { b'"' };
        for byte in &mut out[at..at + length] {
            if !byte.is_ascii_whitespace() {
                *byte = with;
            }
        }
        at += length;
    }
    // Whole texts were blanked, so no character was cut.
    String::from_utf8_lossy(&out).into_owned()
}

fn is_word_before(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .is_some_and(|before| bytes[before].is_ascii_alphanumeric() || bytes[before] == b'_')
}

/// Where `end` begins, from `from`; else the end of `bytes`.
fn find(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let found = bytes[from..].windows(end.len()).position(|w| w == end);
    found.map_or(bytes.len(), |at| from + at)
}

fn block_comment(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn raw_string(bytes: &[u8]) -> usize {
    let hashes = bytes[1..].iter().take_while(|byte| **byte == b'#').count();
    if bytes.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end: Vec<u8> = std::iter::once(b'"')
        .chain(std::iter::repeat_n(b'#', hashes))
        .collect();
    (find(bytes, 2 + hashes, &end) + end.len()).min(bytes.len())
}

/// A character, not a lifetime.
fn character(bytes: &[u8]) -> usize {
    match bytes {
        [_, b'\\', _, ..] => find(bytes, 3, b"'") + 1,
        _ => {
            let text = String::from_utf8_lossy(&bytes[1..bytes.len().min(6)]);
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), Some('\'')) => 2 + c.len_utf8(),
                _ => 0,
            }
        }
    }
}

/// `code` (see [`bare`]) without what is marked `#[cfg(test)]` or is there for
/// fuzzing, and the names of the modules in files of their own that were
/// marked so.
pub(super) fn without_tests(code: &str) -> (String, Vec<String>) {
    const MARKS: [&str; 2] = ["#[cfg(test)]", "#[cfg(fuzzing)]"];
    let (mut out, mut modules) = (code.to_owned(), Vec::new());
    let marked = |out: &str| {
        let mut marks = MARKS.iter();
        marks.find_map(|mark| Some((out.find(mark)?, mark.len())))
    };
    while let Some((start, length)) = marked(&out) {
        let end = item_end(&out, start + length);
        let item = &out[start + length..end];
        let mut words = item.split_whitespace();
        if let (Some("mod"), Some(name)) = (words.next(), words.next())
            && let Some(name) = name.strip_suffix(';')
        {
            modules.push(name.to_owned());
        }
        let blank: String = out[start..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        out.replace_range(start..end, &blank);
    }
    (out, modules)
}

/// Where the item that begins at `from` ends.
fn item_end(code: &str, from: usize) -> usize {
    let (mut depth, mut other) = (0_usize, 0_usize);
    for (at, c) in code[from..].char_indices() {
        match c {
            '(' | '[' => other += 1,
            ')' | ']' => other = other.saturating_sub(1),
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && other == 0 {
                    return from + at + 1;
                }
            }
            ';' if depth == 0 && other == 0 => return from + at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_blank() {
        for (text, is) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"a "b \" c" d"#, r#"a "" "" "" d"#),
            ("a r#\"b \" c\"# d", r#"a """" " """ d"#),
            ("for x in 'a: 'b'", r#"for x in 'a: """"#),
            (r"'\'' '\u{1}'", r#""""" """"""""#),
            ("b\"x\" bar\"y\"", r#""""" bar""""#),
            ("a \"b\nc\" d", "a \"\"\n\"\" d"),
        ] {
            assert_eq!(bare(text).trim_end(), is.trim_end(), "{text}");
        }
    }

    #[test]
    fn tests_are_left_out() {
        let code = "use a;\n#[cfg(test)]\nmod tests;\n#[cfg(fuzzing)]\nmod x { fn y() {} }\nfn f() {}\n#[cfg(test)]\nmod more { fn g() { h() } }\nfn i() {}\n";
        let (rest, modules) = without_tests(code);
        let words: Vec<&str> = rest.split_whitespace().collect();
        assert_eq!(words, ["use", "a;", "fn", "f()", "{}", "fn", "i()", "{}"]);
        assert_eq!(modules, ["tests"]);
    }
}

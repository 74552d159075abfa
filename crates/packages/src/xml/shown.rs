//! What of a line of XML may be shown: such files hold passwords.

/// `line` with a star for every character that is neither markup nor part of a
/// tag with one of the names `elements`.
pub(crate) fn markup_only(line: &str, elements: &[&str]) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    // The declaration holds no secret, and is what is wrong at times.
    if rest.starts_with("<?xml ") {
        let end = rest.find("?>").map_or(0, |at| at + 2);
        shown.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    while let Some(c) = rest.chars().next() {
        let opened = ["</", "<"].iter().find(|open| rest.starts_with(**open));
        let kept = opened.and_then(|open| {
            let name = name_at(&rest[open.len()..]);
            elements.contains(&name).then_some(open.len() + name.len())
        });
        let length = match kept {
            Some(length) => {
                shown.push_str(&rest[..length]);
                length
            }
            None => {
                let plain = c.is_whitespace() || "<>/=\"'!?-[]…".contains(c);
                shown.push(if plain { c } else { '*' });
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    shown
}

/// The letters and digits that `text` begins with.
fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_only_markup_is_shown() {
        let shown = |line| markup_only(line, &["id", "password"]);
        assert_eq!(
            shown("  <id>x</id> <password a=\"b\">hun<ter2</password>"),
            "  <id>*</id> <password *=\"*\">***<****</password>"
        );
        assert_eq!(shown("<idx>é&amp;</idx>"), "<***>******</***>");
        assert_eq!(shown("<"), "<");
        assert_eq!(shown("<?xml a='1'?>b"), "<?xml a='1'?>*");
        assert_eq!(shown("<?xml a"), "<?*** *");
    }
}

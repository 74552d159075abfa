//! Names that stand for two types of one crate.

use std::collections::BTreeMap;

/// Names that may stand for several types: name, reason.
pub(super) const EXCEPTIONS: &[(&str, &str)] = &[(
    "Args",
    "the arguments of a command, which clap derives and one file uses",
)];

/// The types of `files`, the program code by file, whose name another type
/// has: each with its files. A type of a trait (`type Item = …;`) has the name
/// that the trait gives it.
pub(super) fn shared<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<String, Vec<&'a str>> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (file, code) in files {
        for name in code.lines().filter_map(type_of) {
            found.entry(name.to_owned()).or_default().push(file);
        }
    }
    found.retain(|_, files| files.len() > 1);
    found
}

/// The name of the type that begins in `line`.
fn type_of(line: &str) -> Option<&str> {
    let is_within = line.starts_with(' ');
    let line = line.trim_start();
    let line = match line.strip_prefix("pub(") {
        Some(visible) => visible.split_once(") ")?.1,
        None => line.strip_prefix("pub ").unwrap_or(line),
    };
    let (kind, rest) = line.split_once(' ')?;
    let is_type = match kind {
        "struct" | "enum" | "trait" | "union" => true,
        "type" => !is_within,
        _ => false,
    };
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    is_type.then(|| &rest[..end.unwrap_or(rest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_that_stands_for_two_types() {
        let one = "pub struct A;\nenum B {}\nimpl I for A {\n    type Item = A;\n}\nstruct C<'a>(&'a str);\n";
        let two = "pub(in crate::x) type A = u8;\nimpl I for B {\n    type Item = B;\n}\nfn f() {\n    struct C;\n}\ntrait D: B {}\n";
        let found = shared([("one.rs", one), ("two.rs", two)]);
        let both = vec!["one.rs", "two.rs"];
        assert_eq!(
            found,
            [("A".to_owned(), both.clone()), ("C".to_owned(), both)].into()
        );
    }
}

//! Which file of a crate names which other.

use std::collections::{BTreeMap, BTreeSet};

/// The path of a module in its crate: empty for the crate itself.
pub(super) type Module = Vec<String>;

/// The modules that `code`, the program code of `module`, names, of `all`.
///
/// `use` and paths count, and `mod child;` does not. Nor does a `pub use` of a
/// child, which says where a thing is found and needs nothing of it, or the
/// path in `pub(in path)`, which says who may see it.
pub(super) fn named(code: &str, module: &Module, all: &BTreeSet<Module>) -> BTreeSet<Module> {
    let mut found = BTreeSet::new();
    let mut rest = without_visibility(code);
    // What a short name at the beginning of a path stands for.
    let mut imported: BTreeMap<String, Module> = BTreeMap::new();
    for child in all.iter().filter(|other| other.len() == module.len() + 1) {
        if child.starts_with(module) {
            imported.insert(child[module.len()].clone(), child.clone());
        }
    }
    let children = imported.clone();
    while let Some((start, end)) = next_use(&rest) {
        let before = rest[..start].trim_end();
        let is_public = ["pub", "pub(crate)", "pub(super)", "pub(in)"]
            .iter()
            .any(|word| before.ends_with(word));
        for (path, name) in leaves(&rest[start + 3..end]) {
            let first = path.iter().find(|segment| *segment != "self");
            let of_child = first.is_some_and(|first| children.contains_key(first));
            let Some(absolute) = absolute(&path, module, &children) else {
                continue;
            };
            if let Some(target) = longest(&absolute, all) {
                if target.len() == absolute.len() {
                    imported.insert(name, target.clone());
                }
                if !(is_public && of_child) {
                    found.insert(target);
                }
            }
        }
        rest.replace_range(
            start..=end.min(rest.len() - 1),
            &" ".repeat(end + 1 - start),
        );
    }
    for path in paths(&rest) {
        let absolute = absolute(&path, module, &imported);
        found.extend(absolute.and_then(|path| longest(&path, all)));
    }
    found.remove(module);
    found
}

/// `code` with no path in its `pub(in path)`.
fn without_visibility(code: &str) -> String {
    let mut parts = code.split("pub(in ");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str("pub(in");
        rest.push_str(part.find(')').map_or("", |end| &part[end..]));
    }
    rest
}

/// The next `use` of `code`, up to its semicolon.
fn next_use(code: &str) -> Option<(usize, usize)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let start = code.match_indices("use").map(|(at, _)| at).find(|at| {
        let before = code[..*at].chars().next_back();
        let behind = code[at + 3..].chars().next();
        !before.is_some_and(is_word) && behind.is_some_and(char::is_whitespace)
    })?;
    let end = start + code[start..].find(';')?;
    Some((start, end))
}

/// Each path of a `use`, and the name that it has here.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    walk(tree.trim(), &[], &mut found);
    found
}

fn walk(tree: &str, before: &[String], found: &mut Vec<(Vec<String>, String)>) {
    // Behind a comma at the end of a group.
    if tree.is_empty() {
        return;
    }
    let mut path = before.to_vec();
    if let Some(open) = tree.find('{') {
        path.extend(segments(&tree[..open]));
        let inner = tree[open + 1..].trim_end();
        let inner = inner.strip_suffix('}').unwrap_or(inner);
        let (mut depth, mut start) = (0, 0);
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    walk(inner[start..at].trim(), &path, found);
                    start = at + 1;
                }
                _ => {}
            }
        }
        walk(inner[start..].trim(), &path, found);
        return;
    }
    let (tree, alias) = match tree.split_once(" as ") {
        Some((tree, alias)) => (tree, Some(alias.trim().to_owned())),
        None => (tree, None),
    };
    path.extend(segments(tree));
    path.retain(|segment| segment != "*");
    if before.len() < path.len() && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(last) = path.last().cloned() {
        found.push((path, alias.unwrap_or(last)));
    }
}

fn segments(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("::")
        .map(|segment| segment.trim().to_owned())
        .filter(|segment| !segment.is_empty())
}

/// Every path of `code` with two segments or more.
fn paths(code: &str) -> Vec<Vec<String>> {
    let (mut found, mut path, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            path.push(std::mem::take(&mut word));
        }
        if c == ':' && chars.peek() == Some(&':') && !path.is_empty() {
            chars.next();
            continue;
        }
        let ended = std::mem::take(&mut path);
        if ended.len() > 1 {
            found.push(ended);
        }
    }
    found
}

/// `path`, seen from `module`, from the top of its crate; `None` for what is
/// of another crate.
fn absolute(path: &[String], module: &Module, short: &BTreeMap<String, Module>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    let mut absolute = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.clone(),
        "super" => module.split_last()?.1.to_vec(),
        name => short.get(name)?.clone(),
    };
    for segment in rest {
        match segment.as_str() {
            "super" => {
                absolute.pop();
            }
            "self" => {}
            name => absolute.push(name.to_owned()),
        }
    }
    Some(absolute)
}

/// The module that `path` leads into.
fn longest(path: &Module, all: &BTreeSet<Module>) -> Option<Module> {
    (0..=path.len())
        .rev()
        .map(|length| path[..length].to_vec())
        .find(|module| all.contains(module))
}

/// The groups of two and more that all reach each other, the largest first.
pub(super) fn circles(edges: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = edges
        .keys()
        .map(|from| (from, reach(from, edges)))
        .collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (from, to) in &reached {
        if seen.contains(from) {
            continue;
        }
        let circle: Vec<Module> = to
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(from)))
            .map(|module| (*module).clone())
            .collect();
        seen.extend(
            reached
                .keys()
                .filter(|module| circle.contains(module))
                .copied(),
        );
        if circle.len() > 1 {
            found.push(circle);
        }
    }
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

/// What `from` reaches in a step or more.
fn reach<'a>(from: &Module, edges: &'a BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&Module> = edges.get(from).into_iter().flatten().collect();
    while let Some(module) = next.pop() {
        if found.insert(module) {
            next.extend(edges.get(module).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str) -> Module {
        segments(path).collect()
    }

    #[test]
    fn uses_and_paths_are_followed_into_the_file_they_name() {
        let all: BTreeSet<Module> = ["", "a", "a::b", "a::c", "d"]
            .into_iter()
            .map(module)
            .collect();
        for (code, names) in [
            ("use crate::d::D;", "d"),
            ("use crate::D;", ""),
            ("use super::c::{self, C};", "a::c"),
            ("use super::{c::C, X};", "a a::c"),
            ("use crate::a::{\n    c::C,\n};", "a::c"),
            ("use crate::{\n    a::{c::C,},\n    d::D,\n};", "a::c d"),
            ("use crate::{a::{b, c::C}, d};", "a::c d"),
            ("use crate::{d, a::{b, c::{self, C}}};", "a::c d"),
            ("use std::d;", "-"),
            ("fn f() { crate::d::g(); super::h() }", "a d"),
            ("use crate::d; fn f() { d::g() }", "d"),
            ("mod x; pub use x::Y;", "-"),
            ("pub(in crate::a) fn f(); pub(in crate::d) fn g(x: D)", "-"),
            ("pub(in crate::a) use crate::d::D;", "d"),
        ] {
            let names: BTreeSet<Module> = match names {
                "-" => BTreeSet::new(),
                "" => [Module::new()].into(),
                names => names.split(' ').map(module).collect(),
            };
            assert_eq!(named(code, &module("a::b"), &all), names, "{code}");
        }
        let of_parent = |code| named(code, &module("a"), &all);
        for visible in ["pub", "pub(crate)", "pub(super)", "pub(in crate::d)"] {
            let code = format!("mod b; {visible} use b::X;");
            assert_eq!(named(&code, &module("a"), &all), BTreeSet::new(), "{code}");
        }
        assert_eq!(of_parent("mod b; use b::X;"), [module("a::b")].into());
        assert_eq!(
            of_parent("mod b; fn f() { b::g() }"),
            [module("a::b")].into()
        );
    }

    #[test]
    fn circles_are_what_reaches_itself() {
        let edge = |from: &str, to: &str| {
            let to = to.split_whitespace().map(module).collect();
            (module(from), to)
        };
        let edges = [
            edge("a", "b"),
            edge("b", "c d"),
            edge("c", "a"),
            edge("d", "e"),
            edge("e", "d"),
            edge("f", "a"),
        ];
        let names: Vec<Vec<String>> = circles(&edges.into())
            .iter()
            .map(|circle| circle.iter().map(|module| module.join("::")).collect())
            .collect();
        assert_eq!(names, [vec!["a", "b", "c"], vec!["d", "e"]]);
    }
}

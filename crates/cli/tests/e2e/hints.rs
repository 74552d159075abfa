//! A hint says what to do, and says it first.

use std::fs;
use std::path::Path;

/// What hints begin with. A verb that is not here is added; a noun is not.
const VERBS: &str = "add allow ask assume attach begin bring call carry change check chmod choose chown close complete \
    confirm convert copy correct create delete double edit end export find forget free get give go have \
    install join keep leave let list load log look lower make move name open paste pass point print put \
    raise read remove rename replace request restore rm run save see set shorten sign start store switch \
    take trust try type unlock unset update use validate wait write";

/// The string literals that stand right behind `hint(` in `source`.
fn hints(source: &str) -> Vec<String> {
    let calls = source.split("hint(").skip(1);
    let literal = |call: &str| {
        let start = call.trim_start().trim_start_matches('&');
        let start = start.strip_prefix("format!(").unwrap_or(start).trim_start();
        let text = start.strip_prefix('"')?;
        // To the first quote that is not escaped.
        let mut escaped = false;
        let end = text.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        Some(text[..end].to_owned())
    };
    calls.filter_map(literal).collect()
}

fn is_imperative(hint: &str) -> bool {
    let hint = hint.strip_prefix("or ").unwrap_or(hint);
    let word = hint.split([' ', ':', ',']).next().unwrap_or_default();
    // `{}` is a command line or a hint of another place.
    hint.starts_with("did you mean")
        || word.starts_with('{')
        || VERBS.split(' ').any(|verb| verb == word)
}

fn walk(folder: &Path, see: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            walk(&path, see);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            // What stands below is no product.
            see(&path, text.split("#[cfg(test)]").next().unwrap());
        }
    }
}

#[test]
fn every_hint_begins_with_what_to_do() {
    let mut found = 0;
    let mut others = String::new();
    // Tests run in the folder of their crate.
    for entry in fs::read_dir("..").unwrap() {
        let folder = entry.unwrap().path().join("src");
        if folder.is_dir() && !folder.starts_with("../sandbox") {
            walk(&folder, &mut |path, text| {
                for hint in hints(text) {
                    found += 1;
                    if !is_imperative(&hint) {
                        others.push_str(&format!("{}: {hint}\n", path.display()));
                    }
                }
            });
        }
    }
    assert!(found > 300, "{found}");
    assert_eq!(others, "");
}

//! `cargo xtask rooms`: how the house is laid out, and what must hold of it.
//!
//! A reader follows a change from file to file. Files that all import each
//! other have to be read at once; a `pub` that no other crate uses hides dead
//! code from the compiler.

mod code;
mod graph;
mod names;
mod public;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Context as _, Failure, Result};
use crate::{ui, workspace};
use graph::Module;

/// So many files may import each other.
const CIRCLE: usize = 4;

/// A file with its program code.
struct Source {
    path: PathBuf,
    code: String,
}

/// Prints lines and circles of each crate.
///
/// # Errors
/// A file cannot be read, or a circle is too large.
pub(crate) fn rooms() -> Result {
    let mut wrong = misplaced()?;
    let mut lines = 0;
    let mut houses = BTreeMap::new();
    for name in crates()? {
        let root = workspace::root().join("crates").join(&name).join("src");
        let modules = modules(&root)?;
        let of_code: usize = modules.values().map(|source| count(&source.code)).sum();
        lines += of_code;
        let all: BTreeSet<Module> = modules.keys().cloned().collect();
        let edges: BTreeMap<Module, BTreeSet<Module>> = modules
            .iter()
            .map(|(module, source)| (module.clone(), graph::named(&source.code, module, &all)))
            .collect();
        let circles = graph::circles(&edges);
        let sizes: Vec<String> = circles
            .iter()
            .map(|circle| circle.len().to_string())
            .collect();
        ui::data(format!(
            "{name}: {} files, {of_code} lines of code, circles: {}",
            modules.len(),
            if sizes.is_empty() {
                "none".to_owned()
            } else {
                sizes.join(", ")
            }
        ));
        for circle in circles.iter().filter(|circle| circle.len() > CIRCLE) {
            wrong.push(format!(
                "{name}: {} files import each other:\n{}",
                circle.len(),
                shown(circle, &modules, &edges)
            ));
        }
        houses.insert(name, modules);
    }
    ui::data(format!("all: {lines} lines of code"));
    wrong.extend(unused(&houses)?);
    wrong.extend(ambiguous(&houses));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(wrong.join("\n"))),
    }
}

/// Files of another style than the rest: `name.rs` stands beside `name/`, and
/// tests that are long stand in `name/tests.rs`.
fn misplaced() -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for path in rust_files(&workspace::root().join("crates"))? {
        let shown = within(&path);
        if !shown.contains("/src/") {
            continue;
        }
        if path.file_name().is_some_and(|name| name == "mod.rs") {
            wrong.push(format!("{shown}: lay it beside its folder, as the others"));
        }
        let text = fs::read_to_string(&path).context(path.display())?;
        if text.contains("#[path =") {
            wrong.push(format!("{shown}: no module has a path of its own"));
        }
    }
    Ok(wrong)
}

/// What is `pub` in a library and used by no other crate, and exceptions that
/// are none.
fn unused(houses: &BTreeMap<String, BTreeMap<Module, Source>>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut excused: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (name, modules) in houses {
        let own: BTreeMap<String, String> = modules
            .iter()
            .filter(|(module, _)| !is_program(module))
            .map(|(_, source)| (within(&source.path), source.code.clone()))
            .collect();
        let mut taken: BTreeSet<String> = houses
            .iter()
            .flat_map(|(other, modules)| {
                modules
                    .iter()
                    .filter(move |(module, _)| other != name || is_program(module))
            })
            .flat_map(|(_, source)| public::words(&source.code))
            .collect();
        for path in used_by_tests(name)? {
            let text = fs::read_to_string(&path).context(path.display())?;
            taken.extend(public::words(&code::bare(&text)));
        }
        for item in public::unused(&own, &taken) {
            let exception = public::EXCEPTIONS
                .iter()
                .find(|(of, excused, _)| of == name && *excused == item.name);
            match exception {
                Some((of, name, _)) => {
                    excused.insert((of, name));
                }
                None => wrong.push(format!(
                    "{}: `pub {} {}` is used by no other crate",
                    item.file, item.kind, item.name
                )),
            }
        }
    }
    for (of, name, _) in public::EXCEPTIONS {
        if !excused.contains(&(of, name)) {
            wrong.push(format!("{of}: `{name}` needs no exception from `pub`"));
        }
    }
    Ok(wrong)
}

/// Names that stand for two types of a crate, and exceptions that are none.
fn ambiguous(houses: &BTreeMap<String, BTreeMap<Module, Source>>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut excused = BTreeSet::new();
    for modules in houses.values() {
        let files: Vec<(String, &str)> = modules
            .values()
            .map(|source| (within(&source.path), source.code.as_str()))
            .collect();
        for (name, files) in names::shared(files.iter().map(|(file, code)| (file.as_str(), *code)))
        {
            match names::EXCEPTIONS
                .iter()
                .find(|(excused, _)| *excused == name)
            {
                Some((name, _)) => {
                    excused.insert(*name);
                }
                None => wrong.push(format!(
                    "`{name}` names several types: {}",
                    files.join(", ")
                )),
            }
        }
    }
    let needless = names::EXCEPTIONS
        .iter()
        .filter(|(name, _)| !excused.contains(name));
    wrong.extend(needless.map(|(name, _)| format!("`{name}` needs no exception for its name")));
    wrong
}

/// Whether a module is of a program, which takes from its library as any other
/// crate does.
fn is_program(module: &Module) -> bool {
    module.first().is_some_and(|first| first == "main")
}

/// Rust files outside `src` that a library is for: another process of its
/// tests, and all tests for what is made for tests alone.
fn used_by_tests(name: &str) -> Result<Vec<PathBuf>> {
    let crates = workspace::root().join("crates");
    let mut found = Vec::new();
    for other in self::crates()? {
        let parts: &[&str] = match name {
            "sandbox" | "testkit" if other == name => &["tests"],
            "sandbox" | "testkit" => &["src", "tests", "probe"],
            _ if other == name => &["probe"],
            _ => &[],
        };
        for part in parts {
            let folder = crates.join(&other).join(part);
            if folder.is_dir() {
                found.extend(rust_files(&folder)?);
            }
        }
    }
    Ok(found)
}

fn within(path: &Path) -> String {
    let path = path.strip_prefix(workspace::root()).unwrap_or(path);
    path.display().to_string()
}

/// Each file of `circle`, and which of the others it names.
fn shown(
    circle: &[Module],
    modules: &BTreeMap<Module, Source>,
    edges: &BTreeMap<Module, BTreeSet<Module>>,
) -> String {
    let file = |module: &Module| {
        modules
            .get(module)
            .map_or_else(String::new, |source| within(&source.path))
    };
    let line = |module: &Module| {
        let to = edges.get(module).into_iter().flatten();
        let to: Vec<String> = to
            .filter(|other| circle.contains(other))
            .map(|other| other.join("::"))
            .collect();
        format!("  {} → {}", file(module), to.join(", "))
    };
    circle.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The crates by name.
fn crates() -> Result<Vec<String>> {
    let folder = workspace::root().join("crates");
    let entries = fs::read_dir(&folder).context(folder.display())?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// The modules below `root`, without tests.
fn modules(root: &Path) -> Result<BTreeMap<Module, Source>> {
    let mut modules = BTreeMap::new();
    let mut tests: Vec<Module> = Vec::new();
    for path in rust_files(root)? {
        let module = module_of(root, &path);
        let text = fs::read_to_string(&path).context(path.display())?;
        let (code, of_tests) = code::without_tests(&code::bare(&text));
        for name in of_tests {
            tests.push(module.iter().cloned().chain([name]).collect());
        }
        modules.insert(module, Source { path, code });
    }
    modules.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    Ok(modules)
}

/// The Rust files below `root`.
fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context(folder.display())?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn module_of(root: &Path, path: &Path) -> Module {
    let inner = path.strip_prefix(root).unwrap_or(path).with_extension("");
    let mut module: Module = inner
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module == ["lib"] {
        module.pop();
    }
    module
}

fn count(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

//! `cargo xtask rooms`: how the house is laid out, and what must hold of it.
//!
//! A reader follows a change from file to file. Files that all import each
//! other have to be read at once; a `pub` that no other crate uses hides dead
//! code from the compiler.

mod code;
mod graph;

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
    let mut wrong = Vec::new();
    let mut lines = 0;
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
    }
    ui::data(format!("all: {lines} lines of code"));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(wrong.join("\n"))),
    }
}

/// Each file of `circle`, and which of the others it names.
fn shown(
    circle: &[Module],
    modules: &BTreeMap<Module, Source>,
    edges: &BTreeMap<Module, BTreeSet<Module>>,
) -> String {
    let file = |module: &Module| {
        modules.get(module).map_or_else(String::new, |source| {
            let path = source
                .path
                .strip_prefix(workspace::root())
                .unwrap_or(&source.path);
            path.display().to_string()
        })
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
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context(folder.display())?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let module = module_of(root, &path);
                let text = fs::read_to_string(&path).context(path.display())?;
                let (code, of_tests) = code::without_tests(&code::bare(&text));
                for name in of_tests {
                    tests.push(module.iter().cloned().chain([name]).collect());
                }
                modules.insert(module, Source { path, code });
            }
        }
    }
    modules.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    Ok(modules)
}

fn module_of(root: &Path, path: &Path) -> Module {
    let inner = path.strip_prefix(root).unwrap_or(path).with_extension("");
    let mut module: Module = inner
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

fn count(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

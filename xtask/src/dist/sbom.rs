//! What the program is made of, as CycloneDX 1.5 has it:
//! <https://cyclonedx.org/docs/1.5/json/>. No time and no serial number is in it, so
//! the same lock file gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::program::target;
use crate::process::{Context as _, Failure, Result, capture, cargo};
use crate::workspace::{self, VERSION};

/// Writes the list for `arch` into `into`.
///
/// # Errors
/// cargo fails, or says what nobody expects.
pub(super) fn write(arch: &str, into: &Path) -> Result<PathBuf> {
    let args = ["metadata", "--format-version=1", "--locked"];
    let mut command = cargo();
    command
        .args(args)
        .args(["--filter-platform", &target(arch)]);
    let metadata = serde_json::from_str(&capture(&mut command)?).context("cargo metadata")?;
    let lock = workspace::root().join("Cargo.lock");
    let lock = fs::read_to_string(&lock).context(lock.display())?;
    let list = list(&metadata, &checksums(&lock))
        .ok_or_else(|| Failure::new("cargo metadata does not name assumerole"))?;
    let path = into.join(format!("assumerole-{VERSION}-{}.cdx.json", target(arch)));
    fs::write(&path, format!("{list:#}\n")).context(path.display())?;
    Ok(path)
}

fn list(metadata: &Value, checksums: &BTreeMap<(String, String), String>) -> Option<Value> {
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()?
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()?
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let (root, _) = packages
        .iter()
        .find(|(_, package)| package["name"] == "assumerole")?;
    let mut seen = BTreeSet::from([*root]);
    let mut next = vec![*root];
    while let Some(id) = next.pop() {
        let below = nodes.get(id).and_then(|node| node["deps"].as_array());
        for dependency in below.into_iter().flatten() {
            // What only builds or tests it is not in it.
            let kinds = dependency["dep_kinds"].as_array();
            let linked = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()));
            if let Some(id) = dependency["pkg"].as_str()
                && linked
                && seen.insert(id)
            {
                next.push(id);
            }
        }
    }
    seen.remove(root);
    let mut components: Vec<Value> = seen
        .iter()
        .filter_map(|id| component(packages.get(id)?, checksums))
        .collect();
    components.sort_by_key(|component| component["bom-ref"].to_string());
    Some(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "bom-ref": "assumerole",
            "name": "assumerole",
            "version": VERSION,
            "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        } },
        "components": components,
    }))
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Option<Value> {
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
    });
    if let Some(license) = package["license"].as_str() {
        // The slash is how crates said OR before.
        let expression = license.replace(" / ", " OR ").replace('/', " OR ");
        component["licenses"] = json!([{ "expression": expression }]);
    }
    if let Some(digest) = checksums.get(&(name.to_owned(), version.to_owned())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": digest }]);
    }
    Some(component)
}

/// The SHA-256 of each crate, by name and version, as the lock file has them.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |package: &str, key: &str| {
        let mut lines = package.lines();
        lines.find_map(|line| {
            let value = line.strip_prefix(key)?.strip_prefix(" = \"")?;
            value.strip_suffix('"').map(str::to_owned)
        })
    };
    let packages = lock.split("[[package]]\n").skip(1);
    let found = packages.filter_map(|package| {
        let name = (value(package, "name")?, value(package, "version")?);
        Some((name, value(package, "checksum")?))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linked_is_listed_and_what_only_builds_or_tests_is_not() {
        let metadata = json!({
            "packages": [
                { "id": "a", "name": "assumerole", "version": "1.0.0" },
                { "id": "b", "name": "linked", "version": "2.0.0", "license": "MIT/Apache-2.0" },
                { "id": "c", "name": "below", "version": "3.0.0" },
                { "id": "d", "name": "tests", "version": "4.0.0" },
            ],
            "resolve": { "nodes": [
                { "id": "a", "deps": [
                    { "pkg": "b", "dep_kinds": [{ "kind": "build" }, { "kind": null }] },
                    { "pkg": "d", "dep_kinds": [{ "kind": "dev" }] },
                ] },
                { "id": "b", "deps": [{ "pkg": "c", "dep_kinds": [{ "kind": null }] }] },
            ] },
        });
        let lock = "version = 4\n\n[[package]]\nname = \"linked\"\nversion = \"2.0.0\"\n\
                    checksum = \"abc\"\n\n[[package]]\nname = \"below\"\nversion = \"3.0.0\"\n";
        let list = list(&metadata, &checksums(lock)).unwrap();
        assert_eq!(
            list["components"],
            json!([
                {
                    "type": "library", "bom-ref": "pkg:cargo/below@3.0.0", "name": "below",
                    "version": "3.0.0", "purl": "pkg:cargo/below@3.0.0",
                },
                {
                    "type": "library", "bom-ref": "pkg:cargo/linked@2.0.0", "name": "linked",
                    "version": "2.0.0", "purl": "pkg:cargo/linked@2.0.0",
                    "licenses": [{ "expression": "MIT OR Apache-2.0" }],
                    "hashes": [{ "alg": "SHA-256", "content": "abc" }],
                },
            ])
        );
    }
}

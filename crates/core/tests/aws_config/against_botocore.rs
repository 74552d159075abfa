//! Every case of the corpus: what botocore read (`expected.json`, made by
//! `tests/interop/aws_files/expected.py`) against what we read. Where botocore
//! refuses a file, and for what we report, the case's `ours.json`, checked by
//! hand, says what is right; a case without one has nothing to report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assumerole_core::aws_config::{
    AwsFile, AwsFiles, FileKind, Problem, ProblemKind, SectionName, SectionSettings,
};
use serde_json::{Map, Value, json};

/// The secrets in the corpus: none may be shown.
const SECRETS: [&str; 5] = [
    "wJalrXUtnFEMI",
    "IQoJb3JpZ2luX2Vj",
    "wEaCXVzLWVhc3Qt",
    "MSJHMEUCIQD",
    "fromconfig",
];

/// The corpus, or the folder that `$AWS_FILES_CORPUS` names (`fuzz.py`).
fn cases() -> Vec<PathBuf> {
    let corpus = std::env::var_os("AWS_FILES_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws_config/corpus"),
        PathBuf::from,
    );
    let mut cases: Vec<PathBuf> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

fn read(case: &Path, kind: FileKind, name: &str) -> Option<AwsFile> {
    let bytes = std::fs::read(case.join(name)).ok()?;
    let file = AwsFile::from_bytes(kind, name, bytes.clone());
    assert_eq!(
        file.as_bytes(),
        bytes,
        "{}: bytes were lost",
        case.display()
    );
    Some(file)
}

fn read_json(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// What we read, in the shape of `expected.json`.
fn view(files: &AwsFiles) -> Value {
    fn list<'a>(
        names: impl IntoIterator<Item = impl AsRef<str>>,
        find: impl Fn(&str) -> Option<SectionSettings<'a>>,
    ) -> Value {
        let pair = |name: &str| json!([name, pairs(&find(name).expect("a listed name is found"))]);
        names.into_iter().map(|name| pair(name.as_ref())).collect()
    }
    json!({
        "profiles": list(files.profile_names(), |name| files.profile(name)),
        "sso_sessions": list(files.sso_session_names(), |name| files.sso_session(name)),
        "services": list(files.services_names(), |name| files.services(name)),
    })
}

fn pairs(settings: &SectionSettings<'_>) -> Value {
    let pair = |key: &str| {
        let property = settings.property(key).expect("a listed key is found");
        let Some(value) = settings.get(&key.to_uppercase()).or(settings.get(key)) else {
            assert!(property.is_nested());
            let mut seen = BTreeSet::new();
            let nested = property.nested();
            let subkeys = nested.iter().map(|n| n.key).filter(|key| seen.insert(*key));
            let pair = |subkey| json!([subkey, settings.nested(key, subkey).unwrap().text()]);
            let pairs: Vec<Value> = subkeys.map(pair).collect();
            return json!([key, pairs]);
        };
        assert!(property.nested().is_empty());
        json!([key, value.text()])
    };
    settings.keys().iter().map(|key| pair(key)).collect()
}

fn view_of(case: &Path, name: &str) -> Value {
    view(&AwsFiles {
        config: (name != "credentials")
            .then(|| read(case, FileKind::Config, "config"))
            .flatten(),
        credentials: (name != "config")
            .then(|| read(case, FileKind::Credentials, "credentials"))
            .flatten(),
    })
}

/// Compares a case; says what differs.
fn differences(case: &Path) -> Vec<String> {
    let mut differences = Vec::new();
    let expected = read_json(&case.join("expected.json")).expect("expected.json");
    let mut ours = Map::new();
    for (name, theirs) in expected.as_object().unwrap() {
        let read = view_of(case, name);
        if theirs.get("error").is_some() {
            ours.insert(name.clone(), read);
        } else if *theirs != read {
            differences.push(format!(
                "{name}: botocore reads {theirs}\n  and we read {read}"
            ));
        }
    }
    let mut reported = Vec::new();
    for (kind, name) in [
        (FileKind::Config, "config"),
        (FileKind::Credentials, "credentials"),
    ] {
        let Some(file) = read(case, kind, name) else {
            continue;
        };
        reported.extend(file.problems().iter().map(|p| as_text(name, p)));
        differences.extend(refusal(&expected[name], &file));
    }
    if !reported.is_empty() {
        ours.insert("problems".to_owned(), json!(reported));
    }
    // A folder from `fuzz.py` has no hand-checked answers.
    if std::env::var_os("AWS_FILES_CORPUS").is_none() {
        let written = read_json(&case.join("ours.json")).unwrap_or_else(|| json!({}));
        let ours = Value::Object(ours);
        if written != ours {
            differences.push(format!("ours.json says {written}\n  and it is {ours}"));
        }
    }
    differences
}

fn as_text(file: &str, problem: &Problem) -> String {
    format!("{file}:{} {:?}", problem.line(), problem.kind())
}

/// A file is refused by botocore exactly if we report a line that does that,
/// and every line that botocore blames is among those.
fn refusal(theirs: &Value, file: &AwsFile) -> Option<String> {
    let blamed: BTreeSet<u64> = theirs["lines"]
        .as_array()
        .map(|lines| lines.iter().filter_map(Value::as_u64).collect())
        .unwrap_or_default();
    let refused = file.problems().iter().filter(|p| p.refused_by_aws_cli());
    let ours: BTreeSet<u64> = refused.map(|p| u64::from(p.line())).collect();
    // Below the first bad line botocore goes on in its own way, until it meets
    // what looks like a duplicate to it.
    let kind = theirs["error"].as_str().unwrap_or_default();
    let astray = kind.starts_with("Duplicate") && ours.first() < blamed.first();
    // A nested value in `[DEFAULT]` that no section inherits is never read.
    let unread = theirs.get("error").is_none()
        && (file.problems().iter()).any(|p| p.kind() == ProblemKind::NestedWithoutEquals)
        && file.sections().any(|s| s.name() == SectionName::Defaults);
    let agree = (theirs.get("error").is_some() != ours.is_empty() || unread)
        && (blamed.is_subset(&ours) || astray);
    (!agree).then(|| format!("{}: botocore refuses {theirs}, we {ours:?}", file.path()))
}

#[test]
fn every_case_is_read_as_botocore_reads_it() {
    let cases = cases();
    assert!(cases.len() >= 100, "the corpus is missing: {}", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let name = case.file_name().unwrap().to_string_lossy();
        failures.extend(
            differences(case)
                .into_iter()
                .map(|d| format!("{name}: {d}")),
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_secret_of_the_corpus_is_shown() {
    for case in cases() {
        let files = AwsFiles {
            config: read(&case, FileKind::Config, "config"),
            credentials: read(&case, FileKind::Credentials, "credentials"),
        };
        let mut shown = format!("{files:?}");
        for name in files.profile_names() {
            let profile = files.profile(&name).unwrap();
            shown += &format!("{profile:?}");
            for key in profile.keys() {
                let property = profile.property(&key).unwrap();
                shown += &format!(
                    "{property:?} {:?} {:?}",
                    property.value(),
                    property.nested()
                );
                shown += &property.snippet().text;
                shown += &property.value().map_or(String::new(), |v| v.snippet().text);
            }
        }
        for problem in files.problems() {
            shown += &format!("{problem:?} {:?}", problem.to_warning());
        }
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{}: {secret}", case.display());
        }
    }
}

#[test]
fn every_value_knows_its_place() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws_config/corpus/realistic");
    let files = AwsFiles {
        config: read(&case, FileKind::Config, "config"),
        credentials: read(&case, FileKind::Credentials, "credentials"),
    };
    let profile = files.profile("acme-bastion").unwrap();
    let place = |key: &str| profile.get(key).unwrap().snippet().place();
    assert_eq!(place("region"), "config:8:21");
    assert_eq!(place("AWS_ACCESS_KEY_ID"), "credentials:7:21");
    assert_eq!(place("aws_secret_access_key"), "credentials:8:25");
    let nested = profile.nested("s3", "addressing_style").unwrap();
    assert_eq!(nested.snippet().place(), "config:12:24");
    assert_eq!(nested.snippet().text, "    addressing_style = path");
    let headers: Vec<String> = profile.sections().map(|s| s.snippet().place()).collect();
    assert_eq!(headers, ["config:7:1", "credentials:6:1"]);
    let secret = profile.get("aws_secret_access_key").unwrap();
    assert_eq!(secret.snippet().text, "aws_secret_access_key = ********");
}

//! Where else the same key stands: in other profiles, in files beside these, and
//! in what other programs keep.

use std::path::{Path, PathBuf};

use assumerole_core::aws_config::{AwsFile, AwsFiles, Property, SectionName};
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_host::fs;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::taken::Taken;
use crate::app::App;

/// Files of other programs that have keys, below the home folder.
const OTHERS: [&str; 7] = [
    ".boto",
    ".s3cfg",
    ".passwd-s3fs",
    ".mc/config.json",
    ".config/rclone/rclone.conf",
    ".netrc",
    ".env",
];

/// Files beside those of `~/.aws` that are looked at.
const MOST: usize = 500;

/// Bytes of a file that is looked at.
const LARGEST: usize = 4 * 1024 * 1024;

/// The places of `one`, for a person; those of `taken` are known.
pub(super) fn of(app: &App<'_>, files: &AwsFiles, one: &Taken, taken: &[Taken]) -> Vec<String> {
    let mut places = in_profiles(files, one, taken);
    let own = [&app.places.aws_credentials, &app.places.aws_config];
    let mut folders: Vec<&Path> = own.iter().filter_map(|path| path.parent()).collect();
    folders.dedup();
    let home = app.places.home.iter();
    let others = home.flat_map(|home| OTHERS.map(|name| home.join(name)));
    let beside = folders.iter().flat_map(|folder| fs::files_in(folder, MOST));
    for path in beside.chain(others) {
        if !own.contains(&&path) && has(&path, one) {
            places.push(app.places.show(&path));
        }
    }
    for path in own {
        if let Some(tree) = git_tree(path) {
            places.push(format!(
                "the history of the git work tree {}, if {} was ever committed",
                app.places.show(&tree),
                app.places.show(path)
            ));
        }
    }
    places
}

fn in_profiles(files: &AwsFiles, one: &Taken, taken: &[Taken]) -> Vec<String> {
    let secret = one.secret.expose_secret();
    let is_it = |property: &Property<'_>| {
        let value = property.value();
        value.is_some_and(|value| value.text() == secret || value.text() == one.id)
    };
    let mut places = Vec::new();
    for section in files.files().flat_map(AwsFile::sections) {
        let SectionName::Profile(name) = section.name() else {
            continue;
        };
        let known = taken
            .iter()
            .any(|other| other.profile == *name && other.kind == section.file().kind());
        if let Some(property) = section.properties().find(is_it)
            && !known
        {
            let place = property.snippet().place();
            places.push(format!("profile {} ({place})", one_line(&name)));
        }
    }
    places
}

fn has(path: &Path, one: &Taken) -> bool {
    let Ok(Some(bytes)) = fs::read_regular(path, LARGEST) else {
        return false;
    };
    let bytes = Zeroizing::new(bytes);
    let text = one.secret.expose_secret().as_bytes();
    bytes.windows(text.len()).any(|window| window == text)
}

/// The git work tree that the file at `path` really stands in.
fn git_tree(path: &Path) -> Option<PathBuf> {
    let real = fs::real_path(path)?;
    let tree = real
        .ancestors()
        .skip(1)
        .find(|folder| fs::exists(&folder.join(".git")));
    tree.map(Path::to_owned)
}

//! Where npm's settings of a user are: what `npm_config_userconfig` means.
//!
//! npm's own rule, read from its source and compared with what npm 11 answers
//! to `npm config get userconfig`:
//! <https://github.com/npm/cli/blob/latest/workspaces/config/lib/index.js>
//! (`loadEnv`), `parse-field.js`, `env-replace.js`.

use std::path::{Component, Path, PathBuf};

const NAME: &str = "npm_config_userconfig";

/// The file that npm takes, by the environment `variables` in their order;
/// `None` where they name none. `home` is for `~/`, `current` for what is
/// relative.
///
/// The name counts in any case, and of several spellings the last one; an
/// empty value does not count. `${NAME}` stands for a variable, `${NAME?}` too,
/// which may be unset; a backslash before it takes that meaning away.
///
/// # Errors
/// The name of a variable that is used and not set: npm takes `${NAME}` for
/// the name of a folder then, which nobody means.
pub fn userconfig(
    variables: &[(&str, &str)],
    home: &Path,
    current: &Path,
) -> Result<Option<PathBuf>, String> {
    let lookup = |name: &str| {
        let found = variables.iter().find(|(n, _)| *n == name);
        found.map(|(_, value)| *value)
    };
    let named = variables
        .iter()
        .rev()
        .find(|(name, value)| name.eq_ignore_ascii_case(NAME) && !value.is_empty());
    let Some((_, value)) = named else {
        return Ok(None);
    };
    let value = expanded(value.trim(), &lookup)?;
    let path = match value.strip_prefix("~/") {
        Some(below) => home.join(below),
        None => current.join(value),
    };
    Ok(Some(normal(&path)))
}

/// `text` with the values of the variables in it.
fn expanded<'v>(text: &str, lookup: &dyn Fn(&str) -> Option<&'v str>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, found) = rest.split_at(start);
        let Some((name, optional, len)) = reference(found) else {
            out.push_str(before);
            out.push_str("${");
            rest = &found[2..];
            continue;
        };
        let plain = before.trim_end_matches('\\');
        let escapes = before.len() - plain.len();
        out.push_str(plain);
        // Two backslashes are one; one that is left takes the meaning away.
        out.extend(std::iter::repeat_n('\\', escapes / 2));
        if escapes % 2 == 1 {
            out.push_str(&found[..len]);
        } else {
            match lookup(name) {
                Some(value) => out.push_str(value),
                None if optional => {}
                None => return Err(name.to_owned()),
            }
        }
        rest = &found[len..];
    }
    out.push_str(rest);
    Ok(out)
}

/// What `${NAME}` or `${NAME?}` at the start of `text` says: the name, whether
/// it may be unset, and how long it is.
fn reference(text: &str) -> Option<(&str, bool, usize)> {
    let inner = text.strip_prefix("${")?;
    let end = inner.find(['$', '{', '}', '?'])?;
    let (name, rest) = inner.split_at(end);
    let optional = rest.starts_with('?');
    let closed = rest.strip_prefix('?').unwrap_or(rest).starts_with('}');
    let len = 2 + end + usize::from(optional) + 1;
    (!name.is_empty() && closed).then_some((name, optional, len))
}

/// `path` without `.` and `..`, as Node's `path.resolve` has it: by its text,
/// whatever is a link.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(variables: &[(&str, &str)]) -> Result<Option<PathBuf>, String> {
        userconfig(variables, Path::new("/home/me"), Path::new("/here"))
    }

    /// Each of these was compared with what npm 11.19.1 says.
    #[test]
    fn a_value_means_what_npm_takes_it_for() {
        let rows = [
            ("~/my.npmrc", "/home/me/my.npmrc"),
            ("${HOME}/x", "/home/me/x"),
            ("$HOME/x", "/here/$HOME/x"),
            (" ~/x ", "/home/me/x"),
            ("${T}", "/home/me/q"),
            ("${NOPE?}/x", "/x"),
            (r"\${HOME}/x", "/here/${HOME}/x"),
            (r"\\${T}", r"/here/\~/q"),
            ("${}/x", "/here/${}/x"),
            ("${HOME/x", "/here/${HOME/x"),
            ("${${T}", "/here/${~/q"),
            ("~root/x", "/here/~root/x"),
            ("~", "/here/~"),
            ("rel/x", "/here/rel/x"),
            ("/a/../b", "/b"),
            ("~/../x", "/home/x"),
            ("~//b", "/b"),
            ("null", "/here/null"),
        ];
        for (value, path) in rows {
            let variables = [
                ("HOME", "/home/me"),
                ("T", "~/q"),
                ("NPM_CONFIG_USERCONFIG", value),
            ];
            let found = file(&variables).unwrap().unwrap();
            assert_eq!(found.to_str(), Some(path), "{value}");
        }
    }

    #[test]
    fn the_last_spelling_of_the_name_counts() {
        let (upper, lower) = ("NPM_CONFIG_USERCONFIG", "npm_config_userconfig");
        let rows = [
            (vec![], None),
            (vec![(lower, "/a"), (upper, "/b")], Some("/b")),
            (vec![(upper, "/b"), (lower, "/a")], Some("/a")),
            (vec![("Npm_Config_UserConfig", "/c")], Some("/c")),
            (vec![(upper, "/b"), (lower, "")], Some("/b")),
            (vec![("npm_config_user_config", "/a")], None),
            (vec![("NPM-CONFIG-USERCONFIG", "/a")], None),
        ];
        for (variables, path) in rows {
            let found = file(&variables).unwrap();
            assert_eq!(found.as_deref(), path.map(Path::new), "{variables:?}");
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        assert_eq!(file(&[(NAME, "${NOPE}/x")]), Err("NOPE".to_owned()));
    }
}

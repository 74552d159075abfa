//! fish: `assumerole export ROLE | source`.

use super::Format;
use super::lines::{KEPT, Lines, Script, keeper, quote};
use crate::environment::table::{self, TABLE};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    start: Some(start),
    ..Format::shell("fish", "fish, to source", &["fish"], &Fish)
};

struct Fish;

impl Lines for Fish {
    fn set(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(format!("set -el {name}; or true; set -gx ").as_bytes());
        assign(out, name, value);
        Ok(())
    }

    /// A universal variable belongs to all of the person's shells, and is not
    /// erased. If it is exported, nothing but an exported one of this shell
    /// hides it from programs, which is empty then: fish exports it though an
    /// unexported one covers it. What must not be empty, [`around`] refuses.
    ///
    /// [`around`]: Lines::around
    fn unset(&self, out: &mut Vec<u8>, name: &str) {
        let line = format!(
            "{}; set -qx {name}; and set -gx {name} ''; or true\n",
            erase(name)
        );
        out.extend_from_slice(line.as_bytes());
    }

    /// A universal variable that is the same need not be covered any more.
    fn restore(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(
            format!("{}; set -qx {name}; and test \"${name}\" = ", erase(name)).as_bytes(),
        );
        quote_fish(out, value);
        out.extend_from_slice(format!("; or set -gx {name} ").as_bytes());
        quote_fish(out, value);
        out.push(b'\n');
        Ok(())
    }

    fn leave(&self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(format!("{}; or true\n", erase(name)).as_bytes());
    }

    fn around(&self, script: &Script<'_>) -> Option<(String, &'static str)> {
        if script.leaving {
            return None;
        }
        let unset = script
            .changes
            .iter()
            .filter(|change| change.value.is_none());
        let mut tests = universal(unset.map(|change| change.name.as_str()));
        if script.at_once {
            let names = script.changes.iter().map(|change| change.name.as_str());
            tests.extend(names.map(local));
        }
        if tests.is_empty() {
            return None;
        }
        let before = format!(
            "begin\nset -l {REFUSED}\n{}if set -q {REFUSED}[1]\nfalse\nelse\n",
            tests.concat()
        );
        Some((before, "end\nend\n"))
    }

    fn keep(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<()> {
        out.extend_from_slice(b"set -gu ");
        assign(out, name, value);
        Ok(())
    }

    fn bring_back(&self, out: &mut Vec<u8>) {
        let line = format!("string join \\n -- ${KEPT} | source; set -eg {KEPT}\n");
        out.extend_from_slice(line.as_bytes());
    }

    fn cover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let line = format!(
            "set -qg {name}; and not set -qg {kept}; and set -gu {kept} ${name}; or true\n"
        );
        out.extend_from_slice(line.as_bytes());
    }

    fn uncover(&self, out: &mut Vec<u8>, name: &str) {
        let kept = keeper(name);
        let line =
            format!("set -qg {kept}; and set -gu {name} ${kept}; and set -eg {kept}; or true\n");
        out.extend_from_slice(line.as_bytes());
    }
}

/// The variables that may not be changed, while a script looks.
const REFUSED: &str = "__assumerole_refused";

/// Refuses those of `names` that must not be empty and are universal variables
/// that fish exports.
fn universal<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let never_empty = names.filter(|name| table::is(name, |row| !row.may_be_empty));
    never_empty
        .map(|name| {
            let or = match table::is(name, |row| row.set) {
                true => ", or name a region: --region REGION",
                false => "",
            };
            format!(
                "if set -qUx {name}; set -a {REFUSED} {name}\n\
                 echo 'error: the role is not taken: {name} is a universal variable, which fish exports \
                 to every program' >&2\n\
                 echo '  hint: set it in config.fish instead, where it can be hidden: set -Ue {name}; \
                 echo set -gx {name}' (string escape -- ${name}) '>> '$__fish_config_dir/config.fish'{or}' >&2\n\
                 end\n"
            )
        })
        .collect()
}

/// Refuses `name` if it is an exported variable of the block or function that
/// calls: no function can change it.
fn local(name: &str) -> String {
    format!(
        "if set -qlx {name}; set -a {REFUSED} {name}\n\
         echo 'error: the role is not taken: {name} is a local variable of the block or function \
         that calls' >&2\n\
         echo '  hint: leave that block, or erase it there: set -el {name}' >&2\nend\n"
    )
}

/// What a shell that starts in a role that sets `set` does before its first
/// prompt: it hides what is universal, as [`Lines::unset`] does. If it cannot,
/// it ends with status 125.
fn start(set: &[&str]) -> Vec<String> {
    let unset = || {
        let names = TABLE.iter().map(|row| row.name);
        names.filter(|name| !set.contains(name))
    };
    let hide = unset().filter(|name| table::is(name, |row| row.may_be_empty));
    let hide: String = hide
        .map(|name| format!("set -qUx {name}; and not set -qg {name}; and set -gx {name} ''\n"))
        .collect();
    let script = format!(
        "begin\nset -l {REFUSED}\n{}if set -q {REFUSED}[1]\nexit 125\nend\n{hide}end\n",
        universal(unset()).concat()
    );
    vec!["--init-command".to_owned(), script]
}

/// Erases a variable of this shell, and of the block or function that evaluates
/// this.
fn erase(name: &str) -> String {
    format!("set -el {name}; set -eg {name}")
}

fn assign(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
    quote_fish(out, value);
    out.push(b'\n');
}

fn quote_fish(out: &mut Vec<u8>, value: &[u8]) {
    quote(out, value, b"'", |byte| match byte {
        b'\'' => Some(b"\\'"),
        b'\\' => Some(b"\\\\"),
        _ => None,
    });
}

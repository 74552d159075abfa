//! fish: `assumerole export ROLE | source`.

use super::format::Format;
use super::lines::{KEPT, LineSyntax, Script, keeper, quote};
use crate::diagnostic::{Error, Kind, Result};
use crate::environment::table::{self, ROLE, TABLE};

pub(super) const FORMAT: Format = Format {
    start: Some(start),
    ..Format::shell("fish", "fish, to source", &["fish"], &Fish)
};

struct Fish;

impl LineSyntax for Fish {
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
    /// [`around`]: LineSyntax::around
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
    let never_empty = names.filter(|name| never_empty(name));
    let refuse = |name| refuse("-qUx", name, &is_universal(&[name]), &universal_hints(name));
    never_empty.map(refuse).collect()
}

/// Refuses `name` if it is an exported variable of the block or function that
/// calls: no function can change it.
fn local(name: &str) -> String {
    refuse("-qlx", name, &is_local(&[name]), &local_hints(name))
}

fn refuse(query: &str, name: &str, message: &str, hints: &[String]) -> String {
    let mut out = format!("if set {query} {name}; set -a {REFUSED} {name}\n").into_bytes();
    let hints = hints.iter().map(|hint| format!("  hint: {hint}"));
    for line in std::iter::once(format!("error: {message}")).chain(hints) {
        out.extend_from_slice(b"echo ");
        quote_fish(&mut out, line.as_bytes());
        out.extend_from_slice(b" >&2\n");
    }
    out.extend_from_slice(b"end\n");
    String::from_utf8_lossy(&out).into_owned()
}

fn never_empty(name: &str) -> bool {
    table::is(name, |row| !row.may_be_empty)
}

fn is_universal(names: &[&str]) -> String {
    let are = match names {
        [_] => "is a universal variable",
        _ => "are universal variables",
    };
    let names = names.join(" and ");
    format!("the role is not taken: {names} {are}, which fish exports to every program")
}

/// It is set there only where no role is: `config.fish` is read in a shell that
/// starts in one, too.
fn universal_hints(name: &str) -> Vec<String> {
    let mut hints = vec![format!(
        "set it in config.fish, outside of roles alone: echo 'set -q {ROLE}; or set -gx {name}' \
         (string escape -- ${name}) >> $__fish_config_dir/config.fish; set -Ue {name}"
    )];
    if table::is(name, |row| row.set) {
        hints.push("name a region: --region REGION".to_owned());
    }
    hints
}

fn is_local(names: &[&str]) -> String {
    let are = match names {
        [_] => "is a local variable",
        _ => "are local variables",
    };
    let names = names.join(" and ");
    format!("the role is not taken: {names} {are} of the block or function that calls")
}

fn local_hints(name: &str) -> Vec<String> {
    vec![format!(
        "leave that block, or erase it there: set -el {name}"
    )]
}

/// What the script that changes a shell would refuse, before anybody is asked
/// for anything: of the variables that the shell exports though its own cover
/// them. `universal` and `local` are their names with blanks between; `sets` says
/// what the role sets.
///
/// # Errors
/// One of them is in the way.
pub fn check_exported(universal: &str, local: &str, sets: &dyn Fn(&str) -> bool) -> Result<()> {
    type Words = (fn(&[&str]) -> String, fn(&str) -> Vec<String>);
    let refuse = |names: Vec<&str>, (message, hints): Words| {
        if names.is_empty() {
            return Ok(());
        }
        let error = Error::new(Kind::Failed, message(&names));
        let mut said: Vec<String> = Vec::new();
        for hint in names.iter().flat_map(|name| hints(name)) {
            if !said.contains(&hint) {
                said.push(hint);
            }
        }
        Err(said.into_iter().fold(error, Error::hint))
    };
    let universal = universal.split(' ').filter(|name| never_empty(name));
    let universal = universal.filter(|name| !sets(name)).collect();
    refuse(universal, (is_universal, universal_hints))?;
    let owns = |name: &&str| sets(name) || table::is(name, |_| true);
    let local = local.split(' ').filter(owns).collect();
    refuse(local, (is_local, local_hints))
}

/// What a shell that starts in a role that sets `set` does before its first
/// prompt: it hides what is universal, as [`LineSyntax::unset`] does. If it cannot,
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

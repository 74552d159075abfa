//! `~/`, `$NAME` and `${NAME}` in values of the file. Everything else is
//! literal, and nothing is ever executed.
//!
//! The work is done by the `shellexpand` crate. It knows more of the shell's
//! syntax than is wanted here (`$$`, `${NAME:-default}`, `$1`, names with
//! letters of other scripts), so whatever is not one of the three forms
//! reaches it in its own escape, a doubled `$`.

use std::cell::Cell;
use std::error::Error;
use std::fmt;

/// Why a value cannot be expanded: it uses something that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unset {
    /// The environment variable of this name.
    Variable(String),
    /// The home folder, for a leading `~`.
    Home,
    /// Nothing is missing: the value would have more than [`LONGEST`] bytes.
    TooLong,
}

/// The most bytes that a value may have: Linux starts no program with a longer
/// one, nor one with more than 2 MiB of them.
pub const LONGEST: usize = 128 * 1024;

impl fmt::Display for Unset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "the environment variable {name} is not set"),
            Self::Home => f.write_str("the home folder for ~ is not known"),
            Self::TooLong => {
                f.write_str("it would have more than 128 KiB, or all of them more than 2 MiB")
            }
        }
    }
}

impl Error for Unset {}

/// `value` with a leading `~/` (or a `~` alone), `$NAME` and `${NAME}`
/// replaced. `lookup` gives the value of a variable, `home` is the home
/// folder. What is put in is not expanded again.
///
/// A name is `[A-Za-z_][A-Za-z0-9_]*`, as in a shell. A variable that is set
/// and empty is set.
///
/// # Errors
/// [`Unset`] names the first thing that is missing.
pub fn expand(
    value: &str,
    lookup: impl Fn(&str) -> Option<String>,
    home: Option<&str>,
) -> Result<String, Unset> {
    if value.len() > LONGEST {
        return Err(Unset::TooLong);
    }
    if is_literal(value) {
        return Ok(value.to_owned());
    }
    // A value that uses others may use them thousands of times.
    let left = Cell::new(Some(LONGEST));
    let context = |name: &str| {
        let text = lookup(name).ok_or(())?;
        left.set(left.get().and_then(|left| left.checked_sub(text.len())));
        left.get().map(|_| Some(text)).ok_or(())
    };
    let shielded = shielded(value);
    // Tilde first tested here: the crate would also take one that is followed
    // by a variable which begins with a slash.
    let expanded = if value == "~" || value.starts_with("~/") {
        let home = home.ok_or(Unset::Home)?;
        shellexpand::full_with_context(&shielded, || Some(home), context)
    } else {
        shellexpand::env_with_context(&shielded, context)
    };
    match expanded {
        Ok(text) if text.len() <= LONGEST => Ok(text.into_owned()),
        Ok(_) => Err(Unset::TooLong),
        Err(_) if left.get().is_none() => Err(Unset::TooLong),
        Err(missing) => Err(Unset::Variable(missing.var_name)),
    }
}

/// Whether [`expand`] leaves `value` as it is.
pub fn is_literal(value: &str) -> bool {
    !value.starts_with('~') && !value.contains('$')
}

/// `value` in the crate's syntax: `${NAME}` for both forms of a variable, `$$`
/// for every other `$`.
fn shielded(value: &str) -> String {
    let mut shielded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, from)) = rest.split_once('$') {
        shielded.push_str(before);
        match variable(from) {
            Some((name, after)) => {
                shielded.extend(["${", name, "}"]);
                rest = after;
            }
            None => {
                shielded.push_str("$$");
                rest = from;
            }
        }
    }
    shielded.push_str(rest);
    shielded
}

/// The name of the variable in `text`, what follows a `$`, and the text after
/// it.
fn variable(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('{') {
        None => name(text),
        Some(inner) => {
            let (name, after) = name(inner)?;
            Some((name, after.strip_prefix('}')?))
        }
    }
}

fn name(text: &str) -> Option<(&str, &str)> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !part(c)).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let begins = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    begins.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        let value = match name {
            "A" => "a value",
            "EMPTY" => "",
            "SLASHED" => "/etc",
            "TILDE" => "~/x",
            "DOLLAR" => "$A ${A} $$",
            "_under_1" => "ok",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn three_forms_are_expanded_and_the_rest_is_literal() {
        for (value, expanded) in [
            ("", ""),
            ("plain text", "plain text"),
            ("~", "/home/me"),
            ("~/", "/home/me/"),
            ("~/$A/~/x", "/home/me/a value/~/x"),
            ("$A", "a value"),
            ("${A}", "a value"),
            ("x${A}y$A-$A.", "xa valueya value-a value."),
            ("$A$A${A}", "a valuea valuea value"),
            ("$_under_1", "ok"),
            ("[$EMPTY]", "[]"),
            ("[${EMPTY}]", "[]"),
            // What was put in stays as it is.
            ("$TILDE", "~/x"),
            ("$DOLLAR", "$A ${A} $$"),
            ("~/$DOLLAR", "/home/me/$A ${A} $$"),
            ("~$SLASHED", "~/etc"),
            ("~${EMPTY}/x", "~/x"),
            // Not ours.
            ("$$", "$$"),
            ("$$A", "$a value"),
            ("$", "$"),
            ("a$", "a$"),
            ("$ A", "$ A"),
            ("cost: 5$!", "cost: 5$!"),
            ("$1 $@ $* $# $? $- $!", "$1 $@ $* $# $? $- $!"),
            ("$1A", "$1A"),
            ("${1}", "${1}"),
            ("$(touch /tmp/x)", "$(touch /tmp/x)"),
            ("`touch /tmp/x`", "`touch /tmp/x`"),
            ("$((1+1))", "$((1+1))"),
            ("${A:-y}", "${A:-y}"),
            ("${X:-y}", "${X:-y}"),
            (
                "${X-y} ${A:=z} ${#A} ${!A} ${A%x} ${ A}",
                "${X-y} ${A:=z} ${#A} ${!A} ${A%x} ${ A}",
            ),
            ("${", "${"),
            ("${}", "${}"),
            ("${A", "${A"),
            ("${A ${A}", "${A a value"),
            ("$é", "$é"),
            ("$Aé", "a valueé"),
            ("\\$A", "\\a value"),
            ("\\n\\\\", "\\n\\\\"),
            ("'$A' \"$A\"", "'a value' \"a value\""),
            ("~user/x", "~user/x"),
            ("~+", "~+"),
            ("~~/", "~~/"),
            (" ~/x", " ~/x"),
            ("a:~/x", "a:~/x"),
            ("%A% *.txt {a,b} ; & | > <", "%A% *.txt {a,b} ; & | > <"),
            ("line\nbreak\t$A", "line\nbreak\ta value"),
        ] {
            assert_eq!(
                expand(value, lookup, Some("/home/me")).as_deref(),
                Ok(expanded),
                "{value}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (value, name) in [
            ("$NOPE", "NOPE"),
            ("a ${NOPE} b", "NOPE"),
            ("$A $NOPE $NEITHER", "NOPE"),
            ("~/$NOPE", "NOPE"),
            ("$A1", "A1"),
        ] {
            let error = expand(value, lookup, Some("/home/me"));
            assert_eq!(error, Err(Unset::Variable(name.to_owned())), "{value}");
        }
        assert_eq!(
            Unset::Variable("NOPE".to_owned()).to_string(),
            "the environment variable NOPE is not set"
        );
        assert_eq!(expand("~/x", lookup, None), Err(Unset::Home));
        assert_eq!(expand("a~/x", lookup, None).as_deref(), Ok("a~/x"));
    }

    #[test]
    fn a_value_grows_to_its_bound_and_no_further() {
        let long = "x".repeat(LONGEST);
        let half = "y".repeat(LONGEST / 2);
        let lookup = |name: &str| match name {
            "LONG" => Some(long.clone()),
            "HALF" => Some(half.clone()),
            _ => None,
        };
        let expand = |value: &str| expand(value, lookup, Some(&half));
        for value in ["$LONG", "$HALF$HALF", &long] {
            assert_eq!(expand(value).unwrap().len(), LONGEST, "{value:.9}");
        }
        for more in [
            "$LONG.",
            "$HALF$HALF.",
            "~/$HALF",
            &"$LONG".repeat(20_000),
            &format!("{long}x"),
        ] {
            assert_eq!(expand(more), Err(Unset::TooLong), "{more:.9}");
        }
    }

    #[test]
    fn a_home_is_put_in_as_it_is() {
        let home = Some("/home/$A ~");
        assert_eq!(expand("~/x", lookup, home).as_deref(), Ok("/home/$A ~/x"));
    }
}

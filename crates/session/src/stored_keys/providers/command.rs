//! A program that prints the key: `pass show …`, `age -d -i … …`.

use std::ffi::OsString;
use std::time::Duration;

use assumerole_core::diagnostic::Id;
use assumerole_core::diagnostic::sanitize::one_line;
use assumerole_core::{Error, Kind, Result};
use assumerole_host::process::{Captured, Helper, Stderr, Stdin, run_captured};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::super::format::{decoded, encoded};
use super::{Enrolment, Provider, WrapKey, key_of, locked, random_key, read};
use crate::stored_keys::desk::Desk;

/// A program that prints the key.
pub(super) struct Command;

/// What stands before the key, so that nothing else is taken for it: `pass show
/// FOLDER` prints a list of files, and ends well.
const PREFIX: &str = "assumerole-key-1";

/// Bytes; the line has about a hundred.
const LIMIT: usize = 4096;

/// A person may be asked for a passphrase.
const TIME: Duration = Duration::from_secs(120);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolledCommand {
    get: Vec<String>,
}

impl Provider for Command {
    fn asks(&self) -> bool {
        false
    }

    fn enrol(&self, desk: &Desk<'_>, id: &str, options: &Enrolment) -> Result<(Value, WrapKey)> {
        let usage = |what: &str| {
            Error::new(Kind::Usage, format!("missing: {what}")).hint(
                "write: assumerole keys store command --get 'pass show assumerole' --put 'pass insert -m assumerole'",
            )
        };
        let get = options
            .get
            .as_deref()
            .ok_or_else(|| usage("--get COMMAND"))?;
        let put = options
            .put
            .as_deref()
            .ok_or_else(|| usage("--put COMMAND"))?;
        let (get, put) = (words(get, "--get")?, words(put, "--put")?);
        let key = random_key()?;
        let line = Zeroizing::new(format!(
            "{PREFIX}:{id}:{}\n",
            *Zeroizing::new(encoded(key.expose_secret()))
        ));
        run(desk, &put, Stdin::Given(line.as_bytes()))
            .map_err(|why| cannot("store", &put, &why))?;
        let back = printed(desk, &get, id).map_err(|why| cannot("read back", &get, &why))?;
        if back.expose_secret() != key.expose_secret() {
            return Err(cannot("read back", &get, "it printed another key"));
        }
        Ok((json!(EnrolledCommand { get }), key))
    }

    fn unlock(&self, desk: &Desk<'_>, id: &str, params: &Value) -> Result<WrapKey> {
        let enrolled: EnrolledCommand = read(params)?;
        printed(desk, &enrolled.get, id).map_err(|why| {
            let program = enrolled.get.first().map_or("", String::as_str);
            locked(format!("{}: {why}", one_line(program)))
        })
    }

    fn describe(&self, params: &Value) -> String {
        let program = read::<EnrolledCommand>(params).ok();
        let program = program.and_then(|enrolled| enrolled.get.into_iter().next());
        format!("what {} prints", program.as_deref().unwrap_or("a command"))
    }
}

fn cannot(what: &str, words: &[String], why: &str) -> Error {
    let program = words.first().map_or("", String::as_str);
    Error::new(
        Kind::Failed,
        format!("cannot {what} the key with {}", one_line(program)),
    )
    .called(Id::KeyStoreFailed)
    .because(why)
}

fn words(line: &str, flag: &str) -> Result<Vec<String>> {
    use assumerole_core::shell::command_line::split;
    let words = split(line).map_err(|why| {
        Error::new(Kind::Usage, format!("{flag} is not a command line")).because(why)
    })?;
    match words.first().is_none_or(String::is_empty) {
        true => Err(Error::new(Kind::Usage, format!("{flag} names no program"))),
        false => Ok(words),
    }
}

fn run(desk: &Desk<'_>, words: &[String], stdin: Stdin<'_>) -> Result<Captured, String> {
    let (program, args) = words.split_first().ok_or("it names no program")?;
    let clock = desk.host.clock.as_ref();
    let captured = desk.waiting(|| {
        run_captured(&Helper {
            program: program.into(),
            args: args.iter().map(OsString::from).collect(),
            env: desk.env.pairs(),
            stdin,
            stderr: Stderr::Captured,
            timeout: TIME.min(clock.left()),
            limit: LIMIT,
        })
    });
    let captured = captured.map_err(|error| error.to_string())?;
    // What is printed by one that fails is never taken.
    if !captured.status.success() {
        let said = String::from_utf8_lossy(&captured.stderr);
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        return Err(match last {
            Some(line) => one_line(line),
            None => format!("it failed ({})", captured.status),
        });
    }
    Ok(captured)
}

/// The key of the store `id` that the program prints.
fn printed(desk: &Desk<'_>, words: &[String], id: &str) -> Result<WrapKey, String> {
    let terminal = desk.terminal();
    let stdin = terminal.as_ref().map_or(Stdin::Null, Stdin::Terminal);
    let captured = run(desk, words, stdin)?;
    let key = key_in(&captured.stdout, id);
    key.ok_or_else(|| "it did not print the key of this store".to_owned())
}

fn key_in(output: &[u8], id: &str) -> Option<WrapKey> {
    let line = output.strip_suffix(b"\n").unwrap_or(output);
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix(PREFIX)?.strip_prefix(':')?;
    let text = rest.strip_prefix(id)?.strip_prefix(':')?;
    key_of(Zeroizing::new(decoded(text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_line_of_this_store_is_taken() {
        let key = encoded(&[7; 32]);
        let read = |text: &str| key_in(text.as_bytes(), "id").map(|key| *key.expose_secret());
        assert_eq!(read(&format!("{PREFIX}:id:{key}\n")), Some([7; 32]));
        assert_eq!(read(&format!("{PREFIX}:id:{key}")), Some([7; 32]));
        for text in [
            String::new(),
            format!("{PREFIX}:other:{key}\n"),
            format!("{PREFIX}:id:{key}\n\n"),
            format!("{PREFIX}:id:{key}\nmore\n"),
            format!("Password Store\n└── {PREFIX}:id:{key}\n"),
            format!("{PREFIX}:id:{}\n", encoded(&[7; 31])),
            format!("{PREFIX}:id:{}\n", &key[1..]),
            format!("x{PREFIX}:id:{key}\n"),
        ] {
            assert_eq!(read(&text), None, "{text:?}");
        }
    }
}

//! 1Password, by its program `op`, version 2.
//!
//! <https://developer.1password.com/docs/cli/reference/management-commands/item>:
//! `op item get ITEM --otp` prints the code. Who has the app's integration is
//! asked by the app at that moment. Who signs in by hand
//! (<https://developer.1password.com/docs/cli/sign-in-manually>) has a session
//! token in `OP_SESSION_…` for half an hour; without one, `op signin` asks for
//! the password and prints `export OP_SESSION_…="TOKEN"`. `op` ends with 1
//! whatever the matter is, so only its words tell a missing sign-in.

use assumerole_core::{Error, Result};
use assumerole_host::env::names;
use secrecy::{ExposeSecret, SecretString};

use super::program::{Call, NOT_INSTALLED, Surroundings, find_code, no_code};

const WHO: &str = "1Password";

/// The code of `item`, else of `ONEPASS_ENTRY`, in `account`, else
/// `ONEPASS_ACCOUNT`, else the one that `op` takes by itself.
pub(super) fn code(
    around: Surroundings<'_>,
    item: Option<&str>,
    account: Option<&str>,
) -> Result<SecretString> {
    let item = item.or_else(|| around.env.text(names::ONEPASS_ENTRY));
    let account = account.or_else(|| around.env.text(names::ONEPASS_ACCOUNT));
    let Some(item) = item else {
        return Err(no_code(WHO, "no item is named").hint(
            r#"name it: "mfa": {"provider": "1password", "item": "ITEM"}, or ONEPASS_ENTRY"#,
        ));
    };
    for (text, name) in [(Some(item), "item"), (account, "account")] {
        if text.is_some_and(|text| text.starts_with('-')) {
            return Err(no_code(WHO, format!("the {name} begins with a hyphen"))
                .because("op would read it as an option"));
        }
    }
    let op = Op { around, account };
    match op.item(item, None) {
        Err(why) if is_signed_out(&why) => op.signed_in(item),
        result => result.map_err(|why| explain(&why)),
    }
}

struct Op<'a> {
    around: Surroundings<'a>,
    account: Option<&'a str>,
}

/// The name of a variable, and the session token to put into it.
type Session = (String, SecretString);

impl Op<'_> {
    /// `op` with `args`, for the account.
    fn call<'a>(&'a self, args: &[&'a str], session: Option<&'a Session>) -> Call<'a> {
        let mut args = args.to_vec();
        if let Some(account) = self.account {
            args.extend(["--account", account]);
        }
        let mut call = Call::new("op", args);
        call.with = session.map(|(name, token)| (name.as_str(), token.expose_secret()));
        call
    }

    /// Asks nobody at the terminal: the app asks in a window of its own.
    fn item(&self, item: &str, session: Option<&Session>) -> Result<SecretString, String> {
        let mut call = self.call(&["item", "get", item, "--otp"], session);
        call.speaks = false;
        let captured = call.run(self.around)?;
        find_code(&captured.stdout)
            .map_err(|_| format!("the item {item:?} has no one-time password"))
    }

    /// As [`Self::item`], signed in for it alone.
    fn signed_in(&self, item: &str) -> Result<SecretString> {
        let captured = self
            .call(&["signin"], None)
            .run(self.around)
            .map_err(|why| explain(&why))?;
        let session = session_of(&captured.stdout);
        let result = self.item(item, session.as_ref());
        let mut out = self.call(&["signout"], session.as_ref());
        out.speaks = false;
        // The token is forgotten in any case, and ends by itself.
        let _ = out.run(self.around);
        result.map_err(|why| explain(&why))
    }
}

/// The session that `op signin` printed; none with the app's integration.
fn session_of(stdout: &[u8]) -> Option<Session> {
    let text = std::str::from_utf8(stdout).ok()?;
    let from = &text[text.find("OP_SESSION_")?..];
    let (name, rest) = from.split_at(from.find(|c| !is_word(c))?);
    // `=` and quotes of sh, a space and quotes of fish.
    let rest = rest.trim_start_matches(['=', ' ', '"', '\'']);
    let token = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
    (!token.is_empty()).then(|| (name.to_owned(), token.into()))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// Whether these words of `op` mean that a sign-in would help.
fn is_signed_out(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    ["signed in", "session token", "session expired", "op signin"]
        .iter()
        .any(|words| why.contains(words))
}

fn explain(why: &str) -> Error {
    let lower = why.to_ascii_lowercase();
    let error = no_code(WHO, why);
    if why.contains(NOT_INSTALLED) {
        return error.hint("install it: https://developer.1password.com/docs/cli/get-started");
    }
    if lower.contains("no accounts configured") {
        return error
            .hint("switch on the app's integration (Settings, Developer), or: op account add");
    }
    if lower.contains("isn't an item") || lower.contains("more than one item") {
        return error.hint("see the items: op item list");
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_read_off_what_signin_prints() {
        let read = |text: &str| {
            session_of(text.as_bytes())
                .map(|(name, token)| format!("{name} {}", token.expose_secret()))
        };
        for text in [
            "export OP_SESSION_my=\"to-k_En\"\n# This command is meant to be used with your shell's eval function.\n",
            "set -gx OP_SESSION_my 'to-k_En';\n",
            "OP_SESSION_my=to-k_En",
        ] {
            assert_eq!(
                read(text).as_deref(),
                Some("OP_SESSION_my to-k_En"),
                "{text}"
            );
        }
        for text in [
            "",
            "\n",
            "export OP_SESSION_my=\"\"",
            "OP_SESSION_",
            "token",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_missing_sign_in_is_told_by_its_words() {
        for why in [
            "You are not currently signed in. Please run `op signin --help` for instructions",
            "account is not signed in",
            "could not find session token for account my",
            "session expired, sign in to create a new session",
            "Invalid session token",
        ] {
            assert!(is_signed_out(why), "{why}");
        }
        for why in [
            "authorization prompt dismissed, please try again",
            "\"AWS\" isn't an item. Specify the item with its UUID, name, or domain",
            "No accounts configured for use with 1Password CLI",
            "op is not installed, or not in PATH",
        ] {
            assert!(!is_signed_out(why), "{why}");
        }
    }
}

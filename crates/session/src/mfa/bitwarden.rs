//! Bitwarden, by its program `bw`.
//!
//! <https://bitwarden.com/help/cli/>: `bw get totp ITEM` prints the code. A
//! vault that is locked is opened by the key in `BW_SESSION`; without it `bw`
//! asks for the master password, or, told by `--nointeraction`, does not.

use assumerole_core::Result;
use assumerole_core::aws::ids::MfaDevice;
use secrecy::SecretString;

use super::program::{Call, NOT_INSTALLED, Surroundings, find_code, no_code};

const WHO: &str = "Bitwarden";

/// The code of `item`, else of the one that is found by the device's name.
pub(super) fn code(
    around: Surroundings<'_>,
    item: Option<&str>,
    device: &MfaDevice,
) -> Result<SecretString> {
    let mut args = vec!["get", "totp", item.unwrap_or(device.as_str())];
    if around.tty.is_none() {
        args.push("--nointeraction");
    }
    let call = Call::new("bw", args);
    let captured = call.run(around).map_err(|why| {
        let hint = hint(&why);
        no_code(WHO, why).hint(hint)
    })?;
    find_code(&captured.stdout).map_err(|why| no_code(WHO, why))
}

/// What to do about these words of `bw`.
fn hint(why: &str) -> &'static str {
    if why.contains(NOT_INSTALLED) {
        "install it: https://bitwarden.com/help/cli"
    } else if why.contains("not logged in") {
        "log in first: bw login"
    } else if why.contains("Not found") || why.contains("More than one result") {
        "see the items: bw list items --search TEXT"
    } else if why.contains("is locked") {
        "unlock it for this shell: export BW_SESSION=\"$(bw unlock --raw)\""
    } else {
        "check its state: bw status"
    }
}

//! A YubiKey's OATH account, by `ykman`, Yubico's program.
//!
//! <https://docs.yubico.com/software/yubikey/tools/ykman/OATH_Commands.html>:
//! `-s` takes only a single match and prints only the code. The touch that an
//! account may want, and the password that a key may have, are asked for on
//! stderr and the terminal.

use assumerole_core::Result;
use assumerole_core::aws::ids::MfaDevice;
use secrecy::SecretString;

use super::program::{Call, NOT_INSTALLED, Surroundings, find_code, no_code};

const WHO: &str = "the YubiKey";

/// The code of the account `name`, else of the one that is called as the
/// device is; on the key `serial`, else on the only one.
pub(super) fn code(
    around: Surroundings<'_>,
    name: Option<&str>,
    serial: Option<&str>,
    device: &MfaDevice,
) -> Result<SecretString> {
    let mut args = Vec::new();
    if let Some(serial) = serial {
        args.extend(["--device", serial]);
    }
    args.extend(["oath", "accounts", "code", "-s"]);
    args.push(name.unwrap_or(device.as_str()));
    let call = Call::new("ykman", args);
    let captured = call.run(around).map_err(|why| {
        let hint = match why.contains(NOT_INSTALLED) {
            true => "install it: https://www.yubico.com/support/download/yubikey-manager",
            false => "see its accounts: ykman oath accounts list",
        };
        no_code(WHO, why).hint(hint)
    })?;
    find_code(&captured.stdout).map_err(|why| no_code(WHO, why))
}
